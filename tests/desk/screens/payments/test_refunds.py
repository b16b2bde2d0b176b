"""Giving money back from the drawer: by keys, once, and what each refund says."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payments.refund_model import badge, story
from agentdesk.desk.screens.payments.refund_panel import RefundForm
from agentdesk.desk.screens.payments.tabs import Tabs
from agentdesk.desk.screens.payments.view import PaymentsView
from agentdesk.desk.widgets.badge import Badge
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Invalid, Unavailable
from agentdesk.domain.people import Permission, Role
from agentdesk.domain.refund import RefundState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.payments import Refund
from agentdesk.wire.refunds import NewRefund
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.log_samples import refund, refunded_story
from tests.desk.screens.payments.test_view import enter, open_second, press, supervisor, words

__all__ = ["supervisor"]  # a fixture
from tests.desk.walk import press as press_key

_S = RefundState


@pytest.fixture
def view(window: Window, supervisor: FakeHub, qtbot: QtBot) -> PaymentsView:
    """Return the page with Amara's payment open: nothing refunded yet."""
    shows(supervisor)
    view = enter(window, qtbot)
    open_second(view, qtbot)
    return view


def shows(hub: FakeHub, *refunds: Refund) -> None:
    """Let the hub have these refunds of Amara's payment."""
    detail = refunded_story(*refunds)
    hub.details[detail.payment.intent_id] = detail
    hub.take(detail.payment)


def form_of(view: PaymentsView) -> RefundForm:
    """Open the form."""
    press(view.drawer, "Refund")
    form = view.drawer.findChild(RefundForm)
    assert isinstance(form, RefundForm)
    return form


def asked(hub: FakeHub) -> list[NewRefund]:
    """Return the refunds the hub was asked for."""
    return [args[1] for name, args in hub.asked if name == "refund"]


def main_button(view: PaymentsView) -> Button:
    """Return the form's button that sends."""
    return next(
        one for one in view.drawer.findChildren(Button) if one.isVisible() and one.key() == "Ctrl Enter"
    )


def test_all_of_it_goes_back_by_keys_once(view: PaymentsView, supervisor: FakeHub, qtbot: QtBot) -> None:
    form = form_of(view)
    assert form.amount.value() == samples.gbp(12336).money
    assert main_button(view).toolTip() == "Say why."
    assert form.reason.edit.hasFocus()
    qtbot.keyClicks(form.reason.edit, "Billed twice")
    held = supervisor.hold("refund")
    for _ in range(3):
        qtbot.keyClick(form.reason.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(asked(supervisor)) == 1)
    assert main_button(view).words() == "Refunding"
    assert not form.isEnabled()
    shows(supervisor, refund(_S.DONE, 12336))
    held.set()
    qtbot.waitUntil(lambda: view.drawer.findChild(RefundForm) is None)
    qtbot.waitUntil(lambda: "£123.36 refunded" in words(view.drawer))
    (new,) = asked(supervisor)
    assert (new.amount, new.reason) == (samples.gbp(12336), "Billed twice")
    assert len(new.key) == 26
    assert "Refunded" in {one.text() for one in view.drawer.findChildren(Badge) if one.isVisible()}
    assert not any(one.accessibleName() == "Refund" and one.isVisible() for one in view.findChildren(Button))


def test_of_a_payment_that_a_plan_took_the_form_says_that_the_plan_pauses(
    window: Window, supervisor: FakeHub, qtbot: QtBot
) -> None:
    detail = refunded_story()
    of_plan = detail.payment.model_copy(update={"plan": "8GVFQB"})
    supervisor.details[of_plan.intent_id] = detail.model_copy(update={"payment": of_plan})
    view = enter(window, qtbot)
    open_second(view, qtbot)
    form_of(view)
    assert "Payment plan 8GVFQB took it. Where that goes on, it is paused" in words(view.drawer)


def test_a_key_opens_the_form_while_it_can_be_opened(
    window: Window, view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: "Alt F" in {key.key for key in window.shell.keys.now()})
    press_key(window, "Alt+F")
    form = view.drawer.findChild(RefundForm)
    assert form is not None and form.reason.edit.hasFocus()
    assert "Alt F" not in {key.key for key in window.shell.keys.now()}


def test_a_part_is_typed_and_too_much_is_refused_before_it_is_sent(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    form = form_of(view)
    form.reason.set_text("Goodwill")
    form.amount.set_value(samples.gbp(12337).money)
    assert "£123.36 can still be refunded." in form.amount.error.accessibleName()
    assert not main_button(view).isEnabled()
    form.amount.set_value(samples.gbp(5000).money)
    assert main_button(view).words() == "Refund £50.00"
    main_button(view).click()
    qtbot.waitUntil(lambda: len(asked(supervisor)) == 1)
    assert asked(supervisor)[0].amount == samples.gbp(5000)


def test_what_the_hub_refuses_is_said_and_the_same_press_has_the_same_key(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    form = form_of(view)
    form.reason.set_text("Goodwill")
    for error in (Unavailable("hub_unreachable"), Invalid("refund_over_limit", amount="£9", limit="£5")):
        supervisor.fail("refund", error)
        main_button(view).click()
        qtbot.waitUntil(lambda error=error: error.text in words(view.drawer))
        assert form.reason.text() == "Goodwill"
        lost = error.code == "hub_unreachable"
        assert ("It was not refunded." in words(view.drawer)) is not lost
        assert ("It is not known whether it was refunded." in words(view.drawer)) is lost
    assert len({one.key for one in asked(supervisor)}) == 1
    press(view.drawer, "Keep")
    assert view.drawer.findChild(RefundForm) is None
    form_of(view).reason.set_text("Goodwill")
    main_button(view).click()
    qtbot.waitUntil(lambda: len(asked(supervisor)) == 3)
    assert asked(supervisor)[2].key != asked(supervisor)[0].key


def test_another_payment_closes_the_form_and_is_never_refunded_by_it(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    form_of(view).reason.set_text("Goodwill")
    held = supervisor.hold("refund")
    supervisor.fail("refund", Unavailable("hub_unreachable"))
    main_button(view).click()
    qtbot.waitUntil(lambda: len(asked(supervisor)) == 1)
    qtbot.keyClick(view.drawer, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: "Payment 01JD-7Q47" in words(view.drawer))
    assert view.drawer.findChild(RefundForm) is None
    held.set()
    qtbot.waitUntil(lambda: not view.drawer._refunds.send.is_running)
    assert view.drawer.findChild(RefundForm) is None
    assert len(asked(supervisor)) == 1


def test_an_unknown_refund_is_shown_known_when_the_hub_tells(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    shows(supervisor, refund(_S.UNKNOWN))
    view._model.refresh()
    qtbot.waitUntil(lambda: "1 not known" in " ".join(t.accessibleName() for t in tabs(view)))
    view.drawer._tabs.choose("Refunds")
    assert "The money may have gone back" in words(view.drawer)
    shows(supervisor, refund(_S.DONE))
    view._model.session.work_changed.emit()
    qtbot.waitUntil(lambda: "The money went back" in words(view.drawer))


def test_what_becomes_of_a_refund_is_spoken_once_each_time_it_changes(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    for state, start in ((_S.SENDING, "It is being sent."), (_S.DONE, "Done at")):
        shows(supervisor, refund(state))
        for _again in range(2):
            asked_before = supervisor.count("payment")
            view._model.session.work_changed.emit()
            qtbot.waitUntil(lambda before=asked_before: supervisor.count("payment") > before)
            qtbot.waitUntil(lambda: not view._model.load_detail.is_running)
        heard = [one for one in said if one[0].startswith(f"Refund of £50.00. {start}")]
        assert len(heard) == 1
        assert heard[0][1]


def test_what_is_still_being_written_down_is_asked_for_until_it_is(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    _writes_down(supervisor, WriteBackState.QUEUED)
    view._model.refresh()
    qtbot.waitUntil(lambda: "£50.00 refunded" in words(view.drawer))
    view.drawer._tabs.choose("Written back")
    assert "Queued" in badges(view)
    _writes_down(supervisor, WriteBackState.DONE)
    clock, asked_before = view._model.session.clock, supervisor.count("payment")
    for _second in range(2):
        clock.set_by(clock.now() + timedelta(seconds=3))
        clock.ticked.emit(clock.now())
    qtbot.waitUntil(lambda: "Queued" not in badges(view))
    assert supervisor.count("payment") == asked_before + 1
    clock.set_by(clock.now() + timedelta(seconds=30))
    clock.ticked.emit(clock.now())
    assert supervisor.count("payment") == asked_before + 1, "nothing more is asked for"


def _writes_down(hub: FakeHub, state: WriteBackState) -> None:
    """Let a refund's posting be in this state, and nothing else be owed."""
    posting = samples.write_back(WriteBackKind.ACCOUNTS, state)
    detail = refunded_story(refund(_S.DONE, write_backs=[posting]))
    payment = hub.take(detail.payment.model_copy(update={"write_backs": []}))
    hub.details[payment.intent_id] = detail.model_copy(update={"payment": payment})


def badges(view: PaymentsView) -> set[str]:
    """Return the words of the badges that show in the drawer."""
    return {one.text() for one in view.drawer.findChildren(Badge) if one.isVisible()}


def tabs(view: PaymentsView) -> list[Button]:
    """Return the names over the body."""
    return list(view.drawer._tabs._tabs.values())  # type: ignore[arg-type]


def test_a_parked_posting_of_a_refund_is_replayed(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    parked = samples.write_back(WriteBackKind.ACCOUNTS, WriteBackState.PARKED, "The period is closed.")
    shows(supervisor, refund(_S.DONE, write_backs=[parked]))
    view._model.refresh()
    qtbot.waitUntil(lambda: "1 parked" in " ".join(t.accessibleName() for t in tabs(view)))
    view.drawer._tabs.choose("Written back")
    assert "Accounts, refund of £50.00" in words(view.drawer)
    press(view.drawer, "Replay accounts, refund of £50.00")
    qtbot.waitUntil(lambda: supervisor.count("replay_write_back") == 1)
    assert view._model.row
    assert view._model.row.write_backs[0] is WriteBackState.PARKED


def test_without_the_permission_refunds_are_only_read(
    window: Window, supervisor: FakeHub, qtbot: QtBot
) -> None:
    person = samples.person(Role.SUPERVISOR)
    may = [one for one in person.permissions if one is not Permission.REFUND]
    supervisor.person = person.model_copy(update={"permissions": may})
    shows(supervisor, refund(_S.DONE, 2000))
    view = enter(window, qtbot)
    open_second(view, qtbot)
    view.drawer._tabs.choose("Refunds")
    assert "Ruth Adeyemi: Billed twice" in words(view.drawer)
    assert not any(one.accessibleName() == "Refund" for one in view.findChildren(Button) if one.isVisible())


@pytest.mark.parametrize(
    ("made", "said", "word"),
    [
        (lambda: refund(_S.SENDING), "The money may be moving.", "Sending"),
        (lambda: refund(_S.PENDING), "The money goes back, which can take days.", "On its way"),
        (lambda: refund(_S.DONE), "The money went back;", None),
        (lambda: refund(_S.DONE, done_at=None), "Done. The money went back;", None),
        (lambda: refund(_S.FAILED, why="closed"), "It failed: closed. No money went back.", "Failed"),
        (
            lambda: refund(_S.FAILED, reversed=True, why="closed"),
            "The customer is still owed it",
            "Came back",
        ),
        (lambda: refund(_S.UNKNOWN), "Do not refund it another way: we ask the provider again at", None),
        (lambda: refund(_S.NOT_SENT, why="no"), "It was not sent: no. No money went back.", None),
    ],
)
def test_every_state_says_what_it_means_for_the_money(
    made: Callable[[], Refund], said: str, word: str | None
) -> None:
    one = made()
    assert said in story(one, samples.NOW.date())
    assert badge(one)[1] == word


def test_times_of_another_day_say_which(window: Window, supervisor: FakeHub, qtbot: QtBot) -> None:
    before = {"sent_at": samples.NOW - timedelta(weeks=3), "done_at": samples.NOW - timedelta(weeks=3)}
    detail = refunded_story(refund(_S.DONE, **before))
    told = [one.model_copy(update={"at": one.at - timedelta(weeks=3)}) for one in detail.timeline]
    supervisor.details[detail.payment.intent_id] = detail.model_copy(update={"timeline": told})
    supervisor.take(detail.payment)
    view = enter(window, qtbot)
    open_second(view, qtbot)
    at = f"{samples.at(10, 43, 29).astimezone():%H:%M:%S}"
    assert f"{at} on 31 Oct" in words(view.drawer)
    assert re.search(r"\.\d{3} on 31 Oct", words(view.drawer))
    view.drawer.findChild(Tabs).choose("Refunds")
    done = f"{before['done_at'].astimezone():%H:%M:%S}"
    assert f"Done at {done} on 31 Oct." in words(view.drawer)
    assert f"{done} on 31 Oct, Ruth Adeyemi" in words(view.drawer)
