"""The form of a payment plan in the desk's window: by keyboard alone, and what it says."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.plan.making_view import PlanForm
from agentdesk.desk.screens.plan.offer import PlanOffer
from agentdesk.desk.screens.plan.place import PlanPlace
from agentdesk.desk.screens.promise.view import PromiseDrawer
from agentdesk.desk.widgets.drawer import scrims
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Conflict
from agentdesk.domain.plan import Rhythm
from agentdesk.wire.plans import NewPlan
from tests.desk import card_samples, plan_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.plan_stages import allow
from tests.desk.screens.payments.test_view import words
from tests.desk.walk import focused, press

Enter = Callable[[], None]


@pytest.fixture
def desk(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> Window:
    """Give the window on a call with Amara, whose Visa is saved."""
    allow(hub)
    hub.calls["call_1"] = samples.call()
    enter()
    qtbot.waitUntil(lambda: window.findChild(PlanOffer) is not None)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def plans(desk: Window) -> PlanPlace:
    assert desk.shell is not None
    return desk.shell.agreed.plans


def form(desk: Window, qtbot: QtBot) -> PlanForm:
    """Open the form by its key and return it."""
    press(desk, "Alt+P")
    qtbot.waitUntil(lambda: desk.findChild(PlanForm) is not None)
    found = desk.findChild(PlanForm)
    assert isinstance(found, PlanForm)
    return found


def made(hub: FakeHub) -> list[NewPlan]:
    return [args[1] for name, args in hub.asked if name == "make_plan"]


def test_by_keys_alone(desk: Window, hub: FakeHub, qtbot: QtBot) -> None:
    shown = form(desk, qtbot)
    assert QApplication.focusWidget() is shown.ticks["inv_20931"]
    qtbot.keyClick(focused(), Qt.Key.Key_Space)  # not this one
    while focused() is not shown.count.edit:
        qtbot.keyClick(focused(), Qt.Key.Key_Tab)
    qtbot.keyClick(focused(), Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(focused(), "2")
    while focused() is not shown.agreed:
        qtbot.keyClick(focused(), Qt.Key.Key_Tab)
    qtbot.keyClick(focused(), Qt.Key.Key_Space)
    qtbot.keyClick(focused(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(made(hub)) == 1)
    assert (made(hub)[0].invoices, made(hub)[0].count) == (["inv_21407"], 2)
    qtbot.waitUntil(lambda: not scrims(desk))


def test_every_day_and_amount_and_what_is_read_out(desk: Window, qtbot: QtBot) -> None:
    shown = form(desk, qtbot)
    names = [row.accessibleName() for row in shown._preview._rows.parts()]
    assert names == [
        "Payment 1: £41.12 on Monday 21 December",
        "Payment 2: £41.12 on Thursday 21 January 2027",
        "Payment 3: £41.12 on Sunday 21 February 2027",
    ]
    assert shown._ask.accessibleName() == (
        "Say to the caller: “We take £123.36 from your Visa ending 4242 in 3 payments: £41.12 on "
        "Monday 21 December, then £41.12 every month, the last on Sunday 21 February 2027. "
        + plan_samples.RULES.words
        + "”"
    )
    shown.count.set_text("2")
    assert "in two payments: £61.68 on Monday 21 December and £61.68 on" in shown._ask.accessibleName()


def test_esc_agrees_on_nothing(desk: Window, hub: FakeHub, qtbot: QtBot) -> None:
    shown = form(desk, qtbot)
    shown.agreed.click()
    qtbot.keyClick(shown.day.edit, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not scrims(desk))
    assert hub.count("make_plan") == 0


def test_what_changes_takes_the_tick_away(desk: Window, qtbot: QtBot) -> None:
    shown = form(desk, qtbot)
    shown.agreed.click()
    assert shown._go.isEnabled()
    shown.rhythms[Rhythm.WEEKLY].click()
    assert not shown.agreed.isChecked()
    assert shown.day.text() == "28/11/2026"
    assert not shown._go.isEnabled()
    shown.rhythms[Rhythm.WEEKLY].click()  # one that is in stays in
    assert shown.rhythms[Rhythm.WEEKLY].isChecked()


def test_what_is_wrong_is_said_at_its_field_and_aloud(
    desk: Window, qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    shown = form(desk, qtbot)
    shown.count.set_text("13")
    told = "A payment plan has 2 to 12 payments, not 13. Nothing was agreed. Choose another number."
    assert shown.count.edit.accessibleDescription() == told
    assert shown.day.edit.accessibleDescription() == ""
    assert (told, False) in said
    assert not shown._yes.isVisible()
    shown.count.set_text("3")
    shown.day.set_text("today")
    assert shown.day.edit.accessibleDescription() == "That is not a day. Type it like 4/12, 2026-12-04 or +7."
    shown.day.set_text("+0")
    assert shown.day.edit.accessibleDescription().startswith("21 November 2026 is not after today.")
    shown.day.set_text("+1")
    assert shown.day.edit.accessibleDescription() == ""
    assert ("3 payments, £41.12 each, the last on Friday 22 January 2027", False) in said


def test_one_of_several_cards_is_chosen(desk: Window, hub: FakeHub, qtbot: QtBot) -> None:
    assert not form(desk, qtbot).options, "one card is no choice"
    plans(desk).leave()
    several = card_samples.several("card_1", "card_2", "card_3")
    desk.session._take_customer(samples.customer(saved_cards=several))
    shown = form(desk, qtbot)
    assert not shown.options["card_2"].isEnabled()
    shown.options["card_3"].click()
    shown.agreed.click()
    shown._go.click()
    qtbot.waitUntil(lambda: len(made(hub)) == 1)
    assert made(hub)[0].saved_card == "card_3"


def test_a_press_is_busy_and_two_presses_are_one(desk: Window, hub: FakeHub, qtbot: QtBot) -> None:
    held = hub.hold("make_plan")
    shown = form(desk, qtbot)
    shown.agreed.click()
    shown._go.click()
    assert shown._go.is_busy
    shown._go.click()
    held.set()
    qtbot.waitUntil(lambda: not scrims(desk))
    assert len(made(hub)) == 1


def test_a_refusal_of_the_hub_stays_in_the_form(desk: Window, hub: FakeHub, qtbot: QtBot) -> None:
    hub.fail("make_plan", Conflict("plan_stands", reference="PLN-1"))
    shown = form(desk, qtbot)
    shown.agreed.click()
    shown._go.click()
    qtbot.waitUntil(lambda: "There is a payment plan already, PLN-1" in words(shown))
    assert shown.isVisible()


def test_the_promise_and_the_plan_are_never_open_both(desk: Window, qtbot: QtBot) -> None:
    form(desk, qtbot)
    press(desk, "Ctrl+P")
    assert plans(desk).making.terms is None
    qtbot.waitUntil(lambda: len(scrims(desk)) == 1)
    assert desk.findChild(PromiseDrawer) is not None


def test_a_card_number_is_refused_everywhere(desk: Window, qtbot: QtBot) -> None:
    shown = form(desk, qtbot)
    for field in (shown.day, shown.email):
        field.set_text(" ".join(["4242"] * 4))
        assert field.text() == ""
    assert "looked like a card number" in shown.email.edit.accessibleDescription()


# ---------------------------------------------------------------- where it is offered


def offer(desk: Window) -> PlanOffer:
    found = desk.findChild(PlanOffer)
    assert isinstance(found, PlanOffer)
    return found


def test_under_the_ways_to_pay_it_is_offered(desk: Window, qtbot: QtBot) -> None:
    assert offer(desk)._line.isVisible()
    offer(desk)._press.click()
    qtbot.waitUntil(lambda: desk.findChild(PlanForm) is not None)


def test_why_none_can_be_made_is_said_there_and_in_the_command_box(desk: Window, qtbot: QtBot) -> None:
    desk.session._take_customer(samples.customer())
    assert offer(desk)._words.text() == "Save a card with a payment first."
    assert not offer(desk)._press.isEnabled()
    assert desk.shell is not None
    [action] = [one for one in desk.shell._actions() if one.title == "Payment plan"]
    assert (action.why_off, action.key) == ("Save a card with a payment first", "Alt P")


def test_where_no_plans_are_made_it_is_not_spoken_of(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.calls["call_1"] = samples.call()
    enter()
    qtbot.waitUntil(lambda: window.findChild(PlanOffer) is not None)
    assert not offer(window)._line.isVisible()
    assert window.shell is not None
    [action] = [one for one in window.shell._actions() if one.title == "Payment plan"]
    assert action.why_off == "Payment plans are switched off here"


def test_after_a_payment_it_is_offered_beside_the_promise(desk: Window, hub: FakeHub, qtbot: QtBot) -> None:
    desk.session.take_payment(samples.payment(samples.approved()))
    region = desk.shell.current_centre  # type: ignore[union-attr]
    qtbot.waitUntil(region._planned.isVisible)
    assert region._planned.isEnabled()
    region._planned.click()
    qtbot.waitUntil(lambda: desk.findChild(PlanForm) is not None)
