"""What needs a person: the list by keyboard, deciding, closing alarms, and marking as done by hand."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payments.decide import DecideDrawer
from agentdesk.desk.screens.payments.view import PaymentsView
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.choices import OptionRow
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Conflict
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.events import WorkChanged
from agentdesk.wire.model import Amount
from agentdesk.wire.work import WorkKind, WorkList
from tests.desk import log_samples, samples, stop_samples
from tests.desk.fake_hub import FakeHub
from tests.desk.screens.payments.test_view import enter, press, supervisor, words

__all__ = ["supervisor"]


@pytest.fixture
def view(window: Window, supervisor: FakeHub, qtbot: QtBot) -> PaymentsView:
    """Return the page with what needs a person, by key."""
    supervisor.waiting = log_samples.work_list()
    detail = log_samples.undecided_story()
    supervisor.details[detail.payment.intent_id] = detail
    supervisor.take(detail.payment)
    page = enter(window, qtbot)
    qtbot.waitUntil(lambda: page._work.count == 5)
    window.session.clock.set_by(log_samples.LATER)
    qtbot.keyClick(page.table, Qt.Key.Key_F2)
    qtbot.waitUntil(page.work_table.isVisible)
    return page


def open_item(view: PaymentsView, kind: WorkKind, qtbot: QtBot, *, of_call: bool = False) -> None:
    """Walk down to an item and open it."""
    view.work_table.select(None)
    for _ in range(view._work.table.rowCount()):
        qtbot.keyClick(view.work_table, Qt.Key.Key_Down)
        item = view._work.table.row(view.work_table.currentIndex().row())
        if item.kind is kind and (item.payment is None) is of_call:
            break
    qtbot.keyClick(view.work_table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view._model.detail is not None or view._model.note is not None)


def type_into(qtbot: QtBot, *texts: str) -> None:
    """Type into one line after the other, moving by Tab."""
    for i, text in enumerate(texts):
        field = QApplication.focusWidget()
        if i:
            qtbot.keyClick(field, Qt.Key.Key_Tab)
        qtbot.keyClicks(QApplication.focusWidget(), text)


def panel(view: PaymentsView, qtbot: QtBot) -> DecideDrawer:
    """Open the panel by its key, and return it."""
    open_item(view, WorkKind.UNKNOWN, qtbot)
    qtbot.waitUntil(lambda: view._model.undecided is not None)
    qtbot.keyClick(view.work_table, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: view.drawer._panel is not None)
    drawer = view.drawer._panel
    assert drawer is not None
    return drawer


def fill(drawer: DecideDrawer, title: str, **texts: str) -> None:
    """Choose an outcome and type."""
    next(row for row in drawer.findChildren(OptionRow) if row.accessibleName() == title).setChecked(True)
    for name, text in texts.items():
        getattr(drawer, f"_{name}").set_text(text)


def record(drawer: DecideDrawer, qtbot: QtBot) -> None:
    """Press the main button by its key."""
    qtbot.keyClick(drawer.window(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_count_stands_beside_the_page_and_follows_the_hub(
    view: PaymentsView, window: Window, supervisor: FakeHub, qtbot: QtBot
) -> None:
    assert window.shell is not None
    tab = window.shell.top_bar._tabs["Payments"]
    assert tab.accessibleDescription() == "5 waiting"
    supervisor.waiting = WorkList(rows=[], count=0, as_of=log_samples.LATER)
    supervisor.push(WorkChanged())
    qtbot.waitUntil(lambda: tab.accessibleDescription() == "")
    assert "Nothing needs a person" in words(view)


def test_list_is_oldest_first_and_the_key_goes_back_to_the_log(view: PaymentsView, qtbot: QtBot) -> None:
    rows = [view._work.table.row(i) for i in range(5)]
    assert [row.since for row in rows] == sorted(row.since for row in rows)
    assert not view.drawer.isVisible()
    qtbot.keyClick(view.work_table, Qt.Key.Key_F2)
    assert view.table.isVisible()
    assert view.table.hasFocus()


def test_agent_has_no_list(window: Window, hub: FakeHub, qtbot: QtBot, enter: Callable[[], None]) -> None:
    enter()
    assert hub.count("work") == 0


def test_an_answer_that_comes_after_the_panel_was_left_is_harmless(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    drawer = panel(view, qtbot)
    held, look_up = supervisor.hold("look_up"), drawer._model.look_up
    drawer._ask.click()
    qtbot.waitUntil(lambda: supervisor.count("look_up") == 1)
    with qtbot.waitSignal(drawer.destroyed):
        qtbot.keyClick(drawer, Qt.Key.Key_Escape)
    held.set()
    qtbot.waitUntil(lambda: not look_up.is_running)


def test_charged_needs_a_reference_and_is_recorded_with_what_was_seen(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    drawer = panel(view, qtbot)
    assert drawer.first is not None
    assert drawer.first.hasFocus()
    fill(drawer, "It was charged: post it", seen="£210.00 at 10:30", reason="Caller waits")
    record(drawer, qtbot)
    assert supervisor.count("decide") == 0
    assert "Needs the provider’s reference" in words(drawer)
    told = log_samples.undecided_story().payment
    ended = samples.approved(decision=stop_samples.decision(by=["Ruth"]))
    supervisor.take(told.model_copy(update={"attempts": [ended], "version": told.version + 1}))
    fill(drawer, "It was charged: post it", reference="pi_8K2")
    record(drawer, qtbot)
    qtbot.waitUntil(lambda: view.drawer._panel is None)
    (said,) = [arguments[1] for name, arguments in supervisor.asked if name == "decide"]
    assert (said.outcome, said.reference) == (AttemptState.APPROVED, "pi_8K2")
    assert said.seen == "Provider’s own page: £210.00 at 10:30"
    assert "Recorded: approved" in view._model.notice
    qtbot.waitUntil(view.work_table.hasFocus)


def test_form_is_filled_by_keyboard_alone(view: PaymentsView, supervisor: FakeHub, qtbot: QtBot) -> None:
    drawer = panel(view, qtbot)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Down)  # the next radio
    assert drawer._model.outcome is AttemptState.APPROVED
    for _ in range(12):
        if QApplication.focusWidget() is drawer._seen.edit:
            break
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    type_into(qtbot, "£210.00, succeeded", "pi_8K2", "Caller waits")
    assert not QApplication.focusWidget().visibleRegion().isEmpty()
    record(drawer, qtbot)
    qtbot.waitUntil(lambda: supervisor.count("decide") == 1)


def test_esc_leaves_and_decides_nothing(view: PaymentsView, supervisor: FakeHub, qtbot: QtBot) -> None:
    drawer = panel(view, qtbot)
    fill(drawer, "It was never sent: free the debt", seen="No such payment", reason="Caller waits")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: view.drawer._panel is None)
    assert supervisor.count("decide") == 0
    assert view.drawer.isVisible()


def test_refusal_says_why_and_keeps_what_was_typed(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    drawer = panel(view, qtbot)
    fill(drawer, "It was charged: post it", seen="£210.00", reason="Caller waits", reference="pi_8K2")
    supervisor.fail("decide", Conflict("decision_differs", reference="pi_8K2"))
    record(drawer, qtbot)
    qtbot.waitUntil(lambda: drawer._model.error is not None)
    assert "does not show this payment under pi_8K2" in words(drawer)
    assert drawer._seen.text() == "£210.00"


def test_first_word_of_two_says_that_a_second_is_needed(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    drawer = panel(view, qtbot)
    fill(drawer, "It was never sent: free the debt", seen="No such payment", reason="Caller waits")
    name = supervisor.person.name
    said = stop_samples.decision(AttemptState.NOT_SENT, by=[name], final=False)
    story = log_samples.undecided_story(decision=said)
    payment = story.payment.model_copy(update={"version": story.payment.version + 1})
    supervisor.take(payment)
    supervisor.details[payment.intent_id] = story.model_copy(update={"payment": payment})
    record(drawer, qtbot)
    qtbot.waitUntil(lambda: view.drawer._panel is None)
    assert "second supervisor" in view._model.notice
    qtbot.waitUntil(lambda: view._model.detail.payment.version == payment.version)  # type: ignore[union-attr]
    again = panel(view, qtbot)
    fill(again, "It was never sent: free the debt", seen="No such payment", reason="Caller waits")
    assert "Another supervisor has to confirm it" in words(again)


def test_nobody_decides_a_payment_they_took(view: PaymentsView, supervisor: FakeHub, qtbot: QtBot) -> None:
    story = log_samples.undecided_story()
    mine = story.payment.model_copy(update={"agent": supervisor.person.user_id})
    supervisor.details[mine.intent_id] = story.model_copy(update={"payment": mine})
    drawer = panel(view, qtbot)
    fill(drawer, "It was charged: post it", seen="£210.00", reference="pi_8K2", reason="Caller waits")
    record(drawer, qtbot)
    assert "Another supervisor has to decide: you took it" in words(drawer)
    assert supervisor.count("decide") == 0


def test_answer_of_the_provider_ends_the_panel(view: PaymentsView, supervisor: FakeHub, qtbot: QtBot) -> None:
    panel(view, qtbot)
    story = log_samples.undecided_story()
    newer = {"attempts": [samples.approved()], "version": story.payment.version + 1}
    payment = supervisor.take(story.payment.model_copy(update=newer))
    supervisor.details[payment.intent_id] = story.model_copy(update={"payment": payment})
    supervisor.push(WorkChanged())
    qtbot.waitUntil(lambda: view.drawer._panel is None)
    assert "The provider has answered: approved" in view._model.notice


def test_provider_is_asked_again(view: PaymentsView, supervisor: FakeHub, qtbot: QtBot) -> None:
    drawer = panel(view, qtbot)
    drawer._ask.click()
    qtbot.waitUntil(lambda: supervisor.count("look_up") == 1)
    assert view.drawer._panel is drawer


def test_another_amount_is_typed_where_the_provider_shows_one(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    drawer = panel(view, qtbot)
    agreed = drawer._model.payment.amount
    fill(drawer, "It was charged: post it", seen="£100.00", reason="Caller waits", reference="pi_8K2")
    assert not drawer._charged.isVisible()
    supervisor.fail("decide", Conflict("decision_other_amount", charged="£100.00", agreed=str(agreed)))
    record(drawer, qtbot)
    qtbot.waitUntil(drawer._charged.isVisible)
    drawer._charged.edit.clear()
    qtbot.keyClicks(drawer._charged.edit, "100")
    less = agreed.money - samples.gbp(10000).money
    assert f"{less} stays owed" in words(drawer)
    assert drawer._record.words() == "Record: charged £100.00"
    told = log_samples.undecided_story().payment
    ended = samples.approved(charged=samples.gbp(10000), decision=stop_samples.decision(by=["Ruth"]))
    supervisor.take(told.model_copy(update={"attempts": [ended], "version": told.version + 1}))
    record(drawer, qtbot)
    qtbot.waitUntil(lambda: view.drawer._panel is None)
    said = [arguments[1] for name, arguments in supervisor.asked if name == "decide"][-1]
    assert (said.charged, said.outcome) == (samples.gbp(10000), AttemptState.APPROVED)
    assert "£100.00 was charged. Tell the caller" in view._model.notice


def test_another_currency_can_be_typed_and_says_what_follows(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    drawer = panel(view, qtbot)
    agreed = drawer._model.payment.amount
    fill(drawer, "It was charged: post it", seen="€100.00", reason="Caller waits", reference="pi_8K2")
    supervisor.fail("decide", Conflict("decision_other_amount", charged="€100.00", agreed=str(agreed)))
    record(drawer, qtbot)
    qtbot.waitUntil(drawer._charged.isVisible)
    drawer._charged.edit.clear()
    qtbot.keyClicks(drawer._charged.edit, "EUR 100")
    assert "A person posts €100.00 or gives it back; until then nobody pays it again." in words(drawer)
    assert drawer._record.words() == "Record: charged €100.00"
    record(drawer, qtbot)
    qtbot.waitUntil(lambda: supervisor.count("decide") == 2)
    said = [arguments[1] for name, arguments in supervisor.asked if name == "decide"][-1]
    assert said.charged == Amount(minor=10000, currency="EUR")


def test_charge_of_another_amount_after_a_no_can_be_recorded_and_nothing_else(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    says = "The provider says £100.00, this payment is £210.00."
    late = {"check": None, "alarm": says, "alarm_open": True}
    story = log_samples.undecided_story(state=AttemptState.NOT_SENT, **late)
    supervisor.details[story.payment.intent_id] = story
    drawer = panel(view, qtbot)
    assert says in words(view.drawer)
    titles = [row.accessibleName() for row in drawer.findChildren(OptionRow)]
    assert titles == ["Keep checking", "It was charged: post it"]
    fill(drawer, "It was charged: post it")
    assert drawer._charged.isVisible()
    supervisor.push(WorkChanged())
    qtbot.waitUntil(lambda: not view._model.load_detail.is_running)
    assert view.drawer._panel is drawer


def test_pending_is_not_said_to_be_unsent(view: PaymentsView, supervisor: FakeHub, qtbot: QtBot) -> None:
    story = log_samples.undecided_story(state=AttemptState.PENDING)
    supervisor.details[story.payment.intent_id] = story
    drawer = panel(view, qtbot)
    titles = [row.accessibleName() for row in drawer.findChildren(OptionRow)]
    assert "It was never sent: free the debt" not in titles


def test_alarm_is_closed_with_a_reason(view: PaymentsView, supervisor: FakeHub, qtbot: QtBot) -> None:
    row = next(item.payment for item in supervisor.waiting.rows if item.kind is WorkKind.ALARM)
    assert row is not None
    alarmed = samples.approved(alarm="Charged twice.", alarm_open=True)
    supervisor.take(samples.payment(alarmed, intent_id=row.intent_id))
    open_item(view, WorkKind.ALARM, qtbot)
    press(view.drawer, "Settle")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert supervisor.count("close_alarm") == 0
    qtbot.keyClicks(QApplication.focusWidget(), "Refunded there")
    asked = supervisor.count("payment")
    supervisor.push(WorkChanged())  # what is being typed stays
    qtbot.waitUntil(lambda: supervisor.count("payment") > asked)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: supervisor.count("close_alarm") == 1)
    (why,) = [arguments[1] for name, arguments in supervisor.asked if name == "close_alarm"]
    assert (why.reason, why.seen) == ("Refunded there", "Charged twice.")
    qtbot.waitUntil(lambda: view.drawer._form is None)


def test_parked_call_note_is_marked_as_done_by_hand(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    open_item(view, WorkKind.PARKED, qtbot, of_call=True)
    assert view.drawer.title.text() == "Call note"
    press(view.drawer, "Customer record: mark as done by hand")
    type_into(qtbot, "NOTE-7", "Typed it there")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: supervisor.count("mark_done") == 1)
    (done,) = [arguments[1] for name, arguments in supervisor.asked if name == "mark_done"]
    assert (done.reference, done.reason) == ("NOTE-7", "Typed it there")
    qtbot.waitUntil(lambda: view._model.note.write_back.state is WriteBackState.DONE)  # type: ignore[union-attr]


def test_parked_write_back_opens_on_what_was_written(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    parked = next(i for i in supervisor.waiting.rows if i.kind is WorkKind.PARKED and i.payment)
    assert parked.payment is not None
    owed = [samples.write_back(WriteBackKind.ACCOUNTS, WriteBackState.PARKED, "October is closed")]
    supervisor.take(samples.payment(samples.approved(), intent_id=parked.payment.intent_id, write_backs=owed))
    open_item(view, WorkKind.PARKED, qtbot)
    qtbot.waitUntil(lambda: _has(view.drawer, "Replay accounts"))
    press(view.drawer, "Replay accounts")
    qtbot.waitUntil(lambda: supervisor.count("replay_write_back") == 1)


def _has(widget: QWidget, name: str) -> bool:
    return any(b.accessibleName() == name for b in widget.findChildren(Button) if b.isVisible())


@pytest.mark.parametrize(("press_on", "allow"), [("Allow it once", True), ("Refuse", False)])
def test_a_second_payment_is_allowed_or_refused_with_a_reason(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot, press_on: str, allow: bool
) -> None:
    detail = log_samples.undecided_story()
    asked = samples.payment(
        intent_id=detail.payment.intent_id, agent="usr_9", stop=stop_samples.stop(asked_at=samples.NOW)
    )
    supervisor.take(asked)
    supervisor.details[asked.intent_id] = detail.model_copy(update={"payment": asked})
    open_item(view, WorkKind.UNKNOWN, qtbot)
    assert "Tom Ellis took £62.10 on Visa ending 4242" in words(view.drawer)
    button = next(
        one for one in view.drawer.findChildren(Button) if one.isVisible() and one.words() == press_on
    )
    button.click()
    qtbot.waitUntil(lambda: view.drawer._form is not None)
    type_into(qtbot, "She pays the gas too")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: supervisor.count("decide_stop") == 1)
    (_, word) = next(args for name, args in supervisor.asked if name == "decide_stop")
    assert (word.allow, word.reason) == (allow, "She pays the gas too")


def test_nobody_allows_their_own_second_payment(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    detail = log_samples.undecided_story()
    mine = samples.payment(
        intent_id=detail.payment.intent_id,
        agent=supervisor.person.user_id,
        stop=stop_samples.stop(asked_at=samples.NOW),
    )
    supervisor.details[mine.intent_id] = detail.model_copy(update={"payment": mine})
    open_item(view, WorkKind.UNKNOWN, qtbot)
    assert "another supervisor decides" in words(view.drawer)
    assert not [
        one for one in view.drawer.findChildren(Button) if one.isVisible() and one.words() == "Allow it once"
    ]
