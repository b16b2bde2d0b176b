"""The payments page in the desk's window: by keyboard, by chips, and what it says when things fail."""

from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payments.view import PaymentsView
from agentdesk.desk.widgets.badge import Badge
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.inputs import FieldError
from agentdesk.desk.widgets.notices import PartError, Toast
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Unavailable
from agentdesk.domain.link import LinkState
from agentdesk.domain.people import Role
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.payment_log import PaymentLogPage
from agentdesk.wire.people import Colleague, SignIn
from tests.desk import log_samples, samples
from tests.desk.fake_hub import FakeHub


def enter(window: Window, qtbot: QtBot) -> PaymentsView:
    """Sign in and return the page, once the log has answered."""
    session = window.session
    session.tasks.start(session.sign_in(SignIn(username="ruth", password="a sample")))
    qtbot.waitUntil(lambda: session.day is not None and window.shell is not None)
    view = window.shell.pages["Payments"]
    assert isinstance(view, PaymentsView)
    qtbot.waitUntil(lambda: view.isVisible() and not view._model.table.is_waiting)
    return view


@pytest.fixture
def supervisor(hub: FakeHub) -> FakeHub:
    """Return a hub with a supervisor, a log and one story."""
    hub.person = samples.person(Role.SUPERVISOR)
    hub.colleagues = [Colleague(user_id="usr_1", name="Priya Nair"), Colleague(user_id="usr_2", name="Sam")]
    hub.log = log_samples.log_page()
    hub.details = {log_samples.story().payment.intent_id: log_samples.story()}
    for row in hub.log.rows:
        hub.take(samples.payment(intent_id=row.intent_id, customer_name=row.customer_name))
    return hub


@pytest.fixture
def view(window: Window, supervisor: FakeHub, qtbot: QtBot) -> PaymentsView:
    """Return the page with its first payments."""
    return enter(window, qtbot)


def words(widget: QWidget) -> str:
    """Return all lines of text that show."""
    shown = [*widget.findChildren(Text), *widget.findChildren(Paragraph)]
    return " ".join(text.text() for text in shown if text.isVisible() and text.text())


def press(widget: QWidget, name: str) -> None:
    """Press the visible button of this name."""
    button = next(
        one for one in widget.findChildren(QPushButton) if one.isVisible() and one.accessibleName() == name
    )
    button.click()


def choose(chip: QPushButton, wanted: str) -> None:
    """Open a chip's list and take an entry."""
    chip.click()
    menu = next(one for one in chip.window().findChildren(QMenu) if one.isVisible())
    next(action for action in menu.actions() if action.text() == wanted).trigger()
    menu.close()


def wrong(view: PaymentsView) -> list[str]:
    """Return the errors under the fields of the filters."""
    return [one.accessibleName() for one in view.filter_bar.findChildren(FieldError) if one.isVisible()]


def searched(hub: FakeHub) -> object:
    """Return what the last page was searched for."""
    return [args[0]["q"] for name, args in hub.asked if name == "payment_log"][-1]


def open_second(view: PaymentsView, qtbot: QtBot) -> None:
    """Open Amara's payment by keyboard."""
    view.table.setFocus()
    view.table.select(1)
    qtbot.keyClick(view.table, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: view._model.detail is not None)


def test_supervisors_land_on_it_and_agents_do_not_have_it(window: Window, hub: FakeHub, qtbot: QtBot) -> None:
    session = window.session
    session.tasks.start(session.sign_in(SignIn(username="priya", password="a sample")))
    qtbot.waitUntil(lambda: window.shell is not None and session.day is not None)
    assert list(window.shell.pages) == ["Rehearse"]
    assert hub.count("payment_log") == 0


def test_where_the_log_does_not_come_the_keyboard_is_on_trying_again(
    window: Window, supervisor: FakeHub, qtbot: QtBot
) -> None:
    supervisor.fail("payment_log", Unavailable("hub_unreachable"), always=True)
    view = enter(window, qtbot)
    window.activateWindow()
    for _ in range(2):  # also when it fails once more
        qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), Button))
        assert QApplication.focusWidget().text() == "Try again"
        asked = supervisor.count("payment_log")
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
        qtbot.waitUntil(lambda asked=asked: supervisor.count("payment_log") > asked)
        qtbot.waitUntil(lambda: not view._model.table.is_waiting)
    supervisor.fail("payment_log", None)
    qtbot.waitUntil(lambda: isinstance(QApplication.focusWidget(), Button))
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is view.table)


def test_an_agents_link_is_expired_after_one_question(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    story = log_samples.story()
    linked = samples.linked(link=samples.link(state=LinkState.OPEN))
    payment = supervisor.take(story.payment.model_copy(update={"attempts": [linked], "state": linked.state}))
    supervisor.details[payment.intent_id] = story.model_copy(update={"payment": payment})
    open_second(view, qtbot)
    press(view.drawer, "Expire the link")
    assert supervisor.count("cancel") == 0
    assert QApplication.focusWidget().text() == "Keep it open"
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Space)
    assert view.table.hasFocus()
    press(view.drawer, "Expire the link")
    closing = samples.linked(link=samples.link(state=LinkState.CLOSING))
    newer = payment.model_copy(update={"attempts": [closing], "version": payment.version + 1})
    supervisor.details[payment.intent_id] = story.model_copy(update={"payment": newer})
    press(view.drawer, "Expire link")
    qtbot.waitUntil(lambda: supervisor.count("cancel") == 1)
    qtbot.waitUntil(lambda: view._model.detail.payment.version == newer.version)
    assert "It is being expired" in [
        one.accessibleDescription() for one in view.drawer.findChildren(Button) if one.isVisible()
    ]
    assert view.table.hasFocus()


def test_totals_are_said_in_words_with_their_time(view: PaymentsView) -> None:
    said = words(view._totals)
    assert said.startswith("148 payments £14,902.16 approved 2 not known yet, £289.54 at risk")
    local = samples.at(10, 44, 16).astimezone()
    assert said.endswith(f"As of {local:%H:%M:%S}")


def test_a_payment_is_opened_stepped_through_and_closed_by_keyboard(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    open_second(view, qtbot)
    assert view.drawer.isVisible()
    assert "Payment 01JD-7Q4M" in words(view.drawer)
    assert {badge.text() for badge in view.drawer.findChildren(Badge)} >= {"Approved", "6 of 6 proven"}
    qtbot.keyClick(view.table, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: "Payment 01JD-7Q47" in words(view.drawer))
    qtbot.keyClick(view.drawer, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: "Payment 01JD-7Q4M" in words(view.drawer))
    assert view.table.currentIndex().row() == 1
    qtbot.keyClick(view.table, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not view.drawer.isVisible())
    assert view.table.hasFocus()
    asked = supervisor.count("payment")
    qtbot.keyClick(view.table, Qt.Key.Key_Down)
    assert supervisor.count("payment") == asked


def test_each_chip_filters(view: PaymentsView, supervisor: FakeHub, qtbot: QtBot) -> None:
    bar = view.filter_bar
    for chip, wanted in (
        (bar.days, "Last 7 days"),
        (bar.agent, "Priya Nair"),
        (bar.route, "Card by keypad"),
        (bar.state, "Declined"),
    ):
        choose(chip, wanted)
        qtbot.waitUntil(lambda: not view._model.table.is_waiting)
        assert (chip.text(), chip.isChecked()) == (wanted, True)
    asked = supervisor.asked[-1][1][0]
    assert (asked["agent"], asked["route"], asked["state"]) == ("usr_1", "keypad", "declined")
    press(view, "Clear")
    qtbot.waitUntil(lambda: not view._model.table.is_waiting)
    assert (bar.agent.text(), bar.agent.isChecked()) == ("All agents", False)
    assert not bar.clear.isVisible()


def test_a_press_on_a_chip_alone_chooses_nothing(view: PaymentsView, supervisor: FakeHub) -> None:
    asked = supervisor.count("payment_log")
    view.filter_bar.state.click()
    assert not view.filter_bar.state.isChecked()
    assert supervisor.count("payment_log") == asked
    for menu in view.findChildren(QMenu):
        menu.close()


def test_amounts_are_typed(view: PaymentsView, supervisor: FakeHub, qtbot: QtBot) -> None:
    view.filter_bar.amount.click()
    low = QApplication.focusWidget()
    qtbot.keyClicks(low, "200")
    qtbot.keyClick(low, Qt.Key.Key_Tab)
    qtbot.keyClicks(QApplication.focusWidget(), "100")
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert wrong(view) == ["The smallest amount is over the largest."]
    low.clear()
    qtbot.keyClick(low, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not view._model.table.is_waiting)
    assert view.filter_bar.amount.text() == "Up to £100.00"
    assert supervisor.asked[-1][1][0]["max"] == 10000


def test_days_are_typed_and_nonsense_is_refused(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    choose(view.filter_bar.days, "From day to day")
    first = QApplication.focusWidget()
    first.setText("21.11.")
    qtbot.keyClick(first, Qt.Key.Key_Return)
    assert wrong(view) == ["That is not a day. Type it like 2026-11-21."]
    first.setText("2026-11-01")
    qtbot.keyClick(first, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not view._model.table.is_waiting)
    assert view.filter_bar.days.text().startswith("1 Nov to ")


def test_a_search_is_asked_when_typing_pauses_and_never_holds_a_card(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    qtbot.keyClick(view, Qt.Key.Key_F3)
    assert view.search.edit.hasFocus()
    qtbot.keyClicks(view.search.edit, "okafor")
    qtbot.waitUntil(lambda: searched(supervisor) == "okafor")
    view.search.set_text(" ".join(["4242"] * 4))
    assert view.search.text() == ""
    qtbot.waitUntil(lambda: searched(supervisor) is None)


def test_nothing_that_matches_says_what_to_do(view: PaymentsView, supervisor: FakeHub, qtbot: QtBot) -> None:
    full = supervisor.log
    supervisor.log = PaymentLogPage(rows=[], cursor=None, totals=full.totals)
    choose(view.filter_bar.state, "Declined")
    qtbot.waitUntil(lambda: "No payment matches" in words(view))
    supervisor.log = full
    press(view, "Clear filters")
    qtbot.waitUntil(view.table.isVisible)
    assert view._model.table.rowCount() == len(full.rows)


def test_a_log_that_does_not_come_is_tried_again(window: Window, supervisor: FakeHub, qtbot: QtBot) -> None:
    supervisor.fail("payment_log", Unavailable("hub_unreachable"), always=True)
    view = enter(window, qtbot)
    qtbot.waitUntil(lambda: view.findChild(PartError) is not None)
    supervisor.fail("payment_log", None)
    press(view, "Try again")
    qtbot.waitUntil(view.table.isVisible)


def test_a_page_that_does_not_come_is_a_row_under_the_table(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    supervisor.fail("payment_log", Unavailable("hub_unreachable"))
    view.table.scrollToBottom()
    qtbot.waitUntil(lambda: view._model.table.has_failed)
    before = view._model.table.rowCount()
    last = log_samples.log_row("08:00:00 0LST Last-One Priya-Nair keypad visa 4242 100 approved ddd")
    supervisor.pages["more"] = PaymentLogPage(rows=[last], cursor=None, totals=None)
    press(view, "Try again")
    qtbot.waitUntil(lambda: view._model.table.rowCount() == before + 1)


def test_f5_gets_the_newest_and_keeps_the_open_payment(
    view: PaymentsView, supervisor: FakeHub, qtbot: QtBot
) -> None:
    open_second(view, qtbot)
    newest = log_samples.log_row("10:45:00 NEW1 New-One Priya-Nair keypad visa 4242 100 approved ddd")
    supervisor.log = log_samples.log_page().model_copy(
        update={"rows": [newest, *log_samples.log_page().rows[:-1]]}
    )
    qtbot.keyClick(view.table, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: view._model.table.row(0) == newest)
    assert view.table.currentIndex().row() == 2
    assert view.drawer.isVisible()


def test_a_parked_write_back_is_replayed(view: PaymentsView, supervisor: FakeHub, qtbot: QtBot) -> None:
    stuck = log_samples.story(
        samples.write_back(WriteBackKind.ACCOUNTS, WriteBackState.PARKED, "Period closed")
    )
    supervisor.details[stuck.payment.intent_id] = stuck
    open_second(view, qtbot)
    press(view.drawer, "Written back 1 parked")
    press(view.drawer, "Replay accounts")
    qtbot.waitUntil(lambda: supervisor.count("replay_write_back") == 1)
    assert ("replay_write_back", ("wb_accounts",)) in supervisor.asked


def test_a_receipt_is_sent_to_an_address(view: PaymentsView, supervisor: FakeHub, qtbot: QtBot) -> None:
    open_second(view, qtbot)
    press(view.drawer, "Resend receipt")
    field = QApplication.focusWidget()
    for typed in ("amara", "@example"):
        qtbot.keyClicks(field, typed)
        qtbot.keyClick(field, Qt.Key.Key_Return)
        assert supervisor.count("send_receipt") == 0
    qtbot.keyClicks(field, ".com")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: supervisor.count("send_receipt") == 1)
    qtbot.waitUntil(
        lambda: any(b.isVisible() and b.words() == "Resend receipt" for b in view.findChildren(Button))
    )


class Opener(QObject):
    """Takes files in place of the computer's own programs."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[Path] = []

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        """Keep the file's path."""
        self.opened.append(Path(url.toLocalFile()))


def test_a_receipt_is_opened_from_a_file_that_goes_with_the_page(view: PaymentsView, qtbot: QtBot) -> None:
    open_second(view, qtbot)
    opener = Opener()
    QDesktopServices.setUrlHandler("file", opener, "open")
    press(view.drawer, "Open receipt")
    qtbot.waitUntil(lambda: bool(opener.opened))
    QDesktopServices.unsetUrlHandler("file")
    [path] = opener.opened
    assert (path.name, path.read_bytes()) == ("receipt-01JD-7Q4M.pdf", b"%PDF-1.4")


def test_that_no_program_opens_a_receipt_is_shown_and_said(
    view: PaymentsView, qtbot: QtBot, said: list[tuple[str, bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    open_second(view, qtbot)
    monkeypatch.setattr(QDesktopServices, "openUrl", staticmethod(lambda _url: False))
    press(view.drawer, "Open receipt")
    qtbot.waitUntil(lambda: ("No program opens PDF files here.", False) in said)
    (toast,) = view.window().findChildren(Toast)
    assert toast.isVisible() and toast.accessibleName() == "No program opens PDF files here"


def test_where_there_is_little_room_agent_and_write_backs_are_left_out(
    window: Window, view: PaymentsView, qtbot: QtBot
) -> None:
    window.resize(1280, 720)
    open_second(view, qtbot)
    hidden = [view.table.isColumnHidden(i) for i in range(8)]
    assert hidden == [False, False, False, True, False, False, False, True]
    qtbot.keyClick(view.table, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not view.table.isColumnHidden(3))


def test_help_is_about_the_page(window: Window, view: PaymentsView) -> None:
    keys = {key.key: key.name for key in window.shell.keys.now()}
    assert keys["F5"] == "Newest payments"
    assert keys["F3"] == "Search payments"
