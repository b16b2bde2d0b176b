"""A payment of the past, by keyboard: opened from the history, its facts read, its receipt sent again."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from agentdesk.desk.following import EACH
from agentdesk.desk.screens.customer.past import PastViewModel
from agentdesk.desk.screens.customer.past_view import PastDrawer
from agentdesk.desk.session import ConnectionState
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Conflict, Unavailable
from agentdesk.domain.link import LinkState
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.write_back import WriteBackState
from agentdesk.wire.payments import Attempt
from tests.desk import samples, stop_samples
from tests.desk.ends_stages import past
from tests.desk.fake_hub import FakeHub
from tests.desk.screens.payments.test_view import words
from tests.desk.test_following import later
from tests.desk.walk import focused, press

Enter = Callable[[], None]


@pytest.fixture
def on_call(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> Window:
    """Return the window on a call with Amara, whose history has come."""
    past(hub)
    hub.take(hub.details["pay_old"].payment)
    hub.calls["call_1"] = samples.call()
    enter()
    qtbot.waitUntil(lambda: window.shell._customers.newest_payment == "pay_old")
    qtbot.waitUntil(lambda: window.session.connection.state is ConnectionState.LIVE)
    return window


def opened(window: Window, qtbot: QtBot) -> PastDrawer:
    press(window, "Ctrl+O")
    qtbot.waitUntil(lambda: bool(window.findChildren(PastDrawer)))
    (drawer,) = window.findChildren(PastDrawer)
    qtbot.waitUntil(lambda: drawer._model.payment is not None)
    return drawer


def test_a_key_opens_the_newest_and_its_facts_show(on_call: Window, qtbot: QtBot) -> None:
    shown = words(opened(on_call, qtbot))
    for fact in ("Payment 01JA-3M2K", "£58.40", "Tom Ellis", "NW-20931 and NW-21407", "Visa ending 4242"):
        assert fact in shown
    assert "It is posted to the accounts." in shown


def test_each_payment_of_ours_has_its_own_button_in_the_time_line(on_call: Window, qtbot: QtBot) -> None:
    on_call.shell.customer.take_focus()
    for _ in range(40):
        if focused().accessibleName() == "Open Card by keypad, Visa 4242, 8 Oct, taken by Tom Ellis":
            break
        qtbot.keyClick(focused(), Qt.Key.Key_Tab)
    qtbot.keyClick(focused(), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bool(on_call.findChildren(PastDrawer)))


def test_ctrl_enter_sends_the_receipt_again_once(on_call: Window, hub: FakeHub, qtbot: QtBot) -> None:
    drawer = opened(on_call, qtbot)
    qtbot.waitUntil(lambda: on_call.focusWidget() is drawer.email.edit)
    assert drawer.email.text() == "amara.okafor@example.com"
    held = hub.hold("send_receipt")
    for _ in range(2):
        qtbot.keyClick(drawer.email.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    held.set()
    qtbot.waitUntil(lambda: hub.count("send_receipt") == 1 and not drawer._model.send.is_running)
    [(intent_id, wish)] = [args for name, args in hub.asked if name == "send_receipt"]
    assert (intent_id, wish.email) == ("pay_old", "amara.okafor@example.com")
    assert wish.key


def test_a_press_that_failed_is_the_same_wish_and_says_why(
    on_call: Window, hub: FakeHub, qtbot: QtBot
) -> None:
    drawer = opened(on_call, qtbot)
    hub.fail("send_receipt", Conflict("receipt_only_to_file", email="x@example.com"))
    for count in (1, 2):
        drawer._model.send_receipt("x@example.com")
        qtbot.waitUntil(
            lambda count=count: hub.count("send_receipt") == count and not drawer._model.send.is_running
        )
        if count == 1:
            assert "The caller is not proven" in words(drawer)
    first, second = [args[1].key for name, args in hub.asked if name == "send_receipt"]
    assert first == second


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "Type the address to write to"),
        ("amara@example", "That is not an email address"),
        ("a@b.c@d", "That is not an email address"),
    ],
)
def test_what_the_hub_would_refuse_is_not_sent(
    typed: str, why: str, on_call: Window, hub: FakeHub, qtbot: QtBot
) -> None:
    drawer = opened(on_call, qtbot)
    drawer.email.set_text(typed)
    assert why in words(drawer)
    qtbot.keyClick(drawer.email.edit, Qt.Key.Key_Return)
    drawer._model.send_receipt(typed)
    assert hub.count("send_receipt") == 0


def test_another_payment_has_a_drawer_of_its_own(on_call: Window, hub: FakeHub, qtbot: QtBot) -> None:
    first = opened(on_call, qtbot)
    first.email.set_text("typed@example.com")
    old = hub.details["pay_old"]
    other = old.payment.model_copy(
        update={"intent_id": "pay_b", "customer_id": "cus_2", "receipt_email": "b@example.com"}
    )
    hub.details["pay_b"] = old.model_copy(update={"payment": other})
    first._model.open("pay_b")
    qtbot.waitUntil(lambda: on_call.findChildren(PastDrawer) not in ([], [first]))
    qtbot.waitUntil(
        lambda: [one.email.text() for one in on_call.findChildren(PastDrawer)] == ["b@example.com"]
    )


def test_esc_closes_it_and_the_call_goes_on(on_call: Window, qtbot: QtBot) -> None:
    drawer = opened(on_call, qtbot)
    qtbot.keyClick(drawer.email.edit, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not on_call.findChildren(PastDrawer))
    assert on_call.session.call is not None


def test_it_closes_with_another_customer(on_call: Window, hub: FakeHub, qtbot: QtBot) -> None:
    opened(on_call, qtbot)
    on_call.session.take_call(samples.call(customer_id=None))
    qtbot.waitUntil(lambda: not on_call.findChildren(PastDrawer))


def test_without_a_call_nothing_can_be_opened(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    past(hub)
    enter()
    window.session._show_customer("cus_1")
    qtbot.waitUntil(lambda: window.shell._customers.history is not None)
    assert window.shell._customers.newest_payment is None
    assert "Open the last payment" not in {key.name for key in window.shell.keys.now()}


def test_a_receipt_on_its_way_is_looked_at_again(on_call: Window, hub: FakeHub, qtbot: QtBot) -> None:
    waits = past(hub, sent=False)
    hub.take(waits)
    drawer = opened(on_call, qtbot)
    past(hub)
    later(on_call.session, EACH)
    model: PastViewModel = drawer._model
    qtbot.waitUntil(lambda: [one.state for one in model.receipts] == [WriteBackState.DONE])


def test_looking_again_leaves_a_refusal_in_sight(on_call: Window, hub: FakeHub, qtbot: QtBot) -> None:
    hub.take(past(hub, sent=False))
    drawer = opened(on_call, qtbot)
    hub.fail("send_receipt", Conflict("receipt_only_to_file", email="x@example.com"))
    drawer._model.send_receipt("x@example.com")
    qtbot.waitUntil(lambda: drawer._model.error is not None)
    past(hub)
    later(on_call.session, EACH)
    qtbot.waitUntil(lambda: [one.state for one in drawer._model.receipts] == [WriteBackState.DONE])
    assert "The caller is not proven" in words(drawer)


def test_looking_again_in_vain_says_nothing(on_call: Window, hub: FakeHub, qtbot: QtBot) -> None:
    hub.take(past(hub, sent=False))
    drawer = opened(on_call, qtbot)
    asked = hub.count("payment")
    hub.fail("payment", Unavailable("hub_unreachable"), always=True)
    for times in (1, 2):
        later(on_call.session, EACH * times)
        qtbot.waitUntil(lambda times=times: hub.count("payment") == asked + times)
        qtbot.waitUntil(lambda: not drawer._model._following._load.is_running)
    assert drawer._model.error is None


def test_only_what_was_taken_has_a_receipt(on_call: Window, hub: FakeHub, qtbot: QtBot) -> None:
    old = hub.details["pay_old"].payment
    refused = old.model_copy(update={"state": AttemptState.DECLINED})
    hub.details["pay_old"] = hub.details["pay_old"].model_copy(update={"payment": refused})
    drawer = opened(on_call, qtbot)
    assert not drawer.email.isVisible()
    assert "Only a payment that was taken has a receipt" in words(drawer)


def linked(hub: FakeHub, attempt: Attempt, **changes: object) -> None:
    """Let the payment before be a colleague's, by link."""
    old = hub.details["pay_old"]
    told = {"attempts": [attempt], "state": attempt.state, "version": old.payment.version + 1} | changes
    hub.details["pay_old"] = old.model_copy(update={"payment": old.payment.model_copy(update=told)})
    hub.payments["pay_old"] = hub.details["pay_old"].payment


def buttons(drawer: PastDrawer) -> dict[str, Button]:
    return {one.text(): one for one in drawer.findChildren(Button) if one.isVisible()}


def test_a_colleagues_open_link_is_ended_after_one_question_and_frees_what_it_held(
    on_call: Window, hub: FakeHub, qtbot: QtBot
) -> None:
    linked(hub, samples.linked())
    drawer = opened(on_call, qtbot)
    assert "Send the receipt" not in buttons(drawer)
    buttons(drawer)["Expire the link"].click()
    assert on_call.focusWidget().text() == "Keep it open"
    linked(hub, samples.linked(link=samples.link(state=LinkState.CLOSING)))
    buttons(drawer)["Expire link"].click()
    qtbot.waitUntil(lambda: hub.count("cancel") == 1 and not drawer._model.expire.is_running)
    assert buttons(drawer)["Expire the link"].accessibleDescription() == "It is being expired"
    assert [args[0] for name, args in hub.asked if name == "cancel"] == [samples.linked().attempt_id]
    assert "it may still be paid until the provider confirms it" in words(drawer)
    read = hub.count("customer")
    linked(hub, samples.linked(AttemptState.NOT_SENT, not_sent_reason="Priya Nair expired the link."))
    later(on_call.session, EACH)
    qtbot.waitUntil(lambda: "Priya Nair expired the link. Nothing was charged." in words(drawer))
    qtbot.waitUntil(lambda: hub.count("customer") == read + 1)
    assert "Only a payment that was taken has a receipt" in words(drawer)


def test_why_a_link_could_not_be_ended_is_said(on_call: Window, hub: FakeHub, qtbot: QtBot) -> None:
    linked(hub, samples.linked())
    drawer = opened(on_call, qtbot)
    hub.fail("cancel", Conflict("step_not_possible", state="approved"))
    buttons(drawer)["Expire the link"].click()
    buttons(drawer)["Expire link"].click()
    qtbot.waitUntil(lambda: drawer._model.error is not None and not drawer._model.expire.is_running)
    assert drawer._model.error.text.partition(".")[0] in words(drawer)


def test_another_customers_link_is_not_ended_from_here(on_call: Window, hub: FakeHub, qtbot: QtBot) -> None:
    linked(hub, samples.linked(), customer_id="cus_2")
    drawer = opened(on_call, qtbot)
    assert "Expire the link" not in buttons(drawer)


def test_the_link_in_the_way_opens_over_the_stopped_payment_and_esc_goes_back(
    on_call: Window, hub: FakeHub, qtbot: QtBot
) -> None:
    linked(hub, samples.linked())
    before = stop_samples.earlier(
        intent_id="pay_old", state=AttemptState.OPEN, route="link", ended_at=None, card=None
    )
    stopped = samples.payment(stop=stop_samples.stop(earlier=before, can_ask=False))
    on_call.session.take_payment(stopped)
    on_call.shell.centre["payment"].take_focus()
    press(on_call, "F2")
    qtbot.waitUntil(lambda: bool(on_call.findChildren(PastDrawer)))
    (drawer,) = on_call.findChildren(PastDrawer)
    qtbot.waitUntil(lambda: "Expire the link" in buttons(drawer))
    qtbot.keyClick(on_call.focusWidget(), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not on_call.findChildren(PastDrawer))
    assert on_call.session.shown_payment == stopped
