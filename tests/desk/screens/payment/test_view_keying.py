"""A card being keyed, by keyboard in the real window: digits that go nowhere, the doctor's keys."""

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payment.view import PaymentView
from agentdesk.desk.screens.payment.view_model import Place
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.notices import Banner, Toast
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.desk.window import Window
from agentdesk.domain.capture import CloseCause
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.tones import Remedy, Trouble
from agentdesk.wire.captures import CaptureOut, FieldState, FindingOut
from tests.desk import samples
from tests.desk.payment_stages import declined_attempt
from tests.desk.screens.payment.acting import ActingHub, capture, closed, keyed, ready
from tests.desk.screens.payment.test_view import press, press_go, secured

DONE, LIVE = FieldState.DONE, FieldState.LIVE
FAILED, WAITING = FieldState.FAILED, FieldState.WAITING


def test_pasted_and_dropped_digits_go_nowhere_and_other_keys_work(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    secured(view, hub, qtbot)
    QApplication.clipboard().setText("call 4")
    edit = QLineEdit()
    qtbot.addWidget(edit)
    edit.show()
    QTest.keyClick(edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    dropped = QMimeData()
    dropped.setText("42")
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(edit, QDropEvent(QPointF(), copy, dropped, left, none))
    assert edit.text() == ""
    QApplication.clipboard().setText("no number")
    QTest.keyClick(edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(edit, Qt.Key.Key_Backspace)
    assert edit.text() == "no numbe"
    QApplication.sendEvent(edit, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(), QPoint()))
    assert QApplication.activePopupWidget() is None  # its menu pastes without a key
    press(view, Qt.Key.Key_F8)
    qtbot.waitUntil(lambda: hub.count("request_field") == 1)


def test_digits_that_go_nowhere_are_told_where_the_card_entry_does_not_show(
    window: Window, view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    def told() -> list[str]:
        return [one.accessibleName() for one in window.findChildren(Toast) if one.isVisible()]

    secured(view, hub, qtbot)
    QTest.keyClicks(window, "42")
    assert told() == []  # the card entry itself says so
    press(view, Qt.Key.Key_F11)
    QTest.keyClicks(window, "42")
    assert told() == ["A digit typed here was thrown away"]
    window.findChild(Toast).leave()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    window.shell.show_page("Rehearse")
    qtbot.waitUntil(lambda: not view.isVisible() and window.findChild(Toast) is None)
    QTest.keyClicks(window, "4")
    assert told() == ["A digit typed here was thrown away"]


def failed(remedy: Remedy, tries: int = 1, *, slow: bool = False) -> CaptureOut:
    """A card session whose number was refused."""
    finding = FindingOut(trouble=Trouble.TOO_FEW, remedy=remedy, keys=15, expected=16)
    return keyed(FAILED, WAITING, WAITING, finding=finding, tries=tries, slow=slow)


def hard(view: PaymentView) -> list[Banner]:
    """The doctor's notices that show."""
    return [one for one in view._body._hard.findChildren(Banner) if one.isVisible()]


def test_f9_asks_slowly_where_the_doctor_says_so(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    secured(view, hub, qtbot)
    hub.tell_attempt(samples.attempt(capture=failed(Remedy.AGAIN)))
    qtbot.waitUntil(lambda: view._model.keying.finding is not None)
    press(view, Qt.Key.Key_F9)
    assert hub.count("request_field") == 0
    assert hard(view) == []
    hub.tell_attempt(samples.attempt(capture=failed(Remedy.SLOWLY)))
    qtbot.waitUntil(lambda: len(hard(view)) == 1)
    assert "15 arrived" in hard(view)[0].accessibleName()
    press(view, Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: hub.count("request_field") == 1)
    assert hub.asked[-1] == ("request_field", ("att_1", "number", "slow"))


def test_f7_closes_the_card_entry_and_asks_where_the_link_goes(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    secured(view, hub, qtbot)
    hub.tell_attempt(samples.attempt(capture=failed(Remedy.OTHER_ROUTE, 3)))
    qtbot.waitUntil(lambda: view._model.keying.can_link)
    press(view, Qt.Key.Key_F7)
    qtbot.waitUntil(lambda: hub.count("cancel") == 1)
    assert hub.asked[-1] == ("cancel", ("att_1", CloseCause.LINK))
    assert view._model.place is Place.CAPTURE  # until the hub has confirmed it
    hub.tell_attempt(samples.attempt(AttemptState.NOT_SENT, capture=closed(close_cause=CloseCause.LINK)))
    qtbot.waitUntil(lambda: view._model.place is Place.LINK_FORM)


def test_a_card_the_bank_has_just_refused_is_asked_about_before_it_is_sent(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    secured(view, hub, qtbot)
    before = declined_attempt(attempt_id="att_0", number=1)
    payment = next(iter(hub.payments.values()))
    now = samples.attempt(attempt_id="att_1", number=2, capture=ready())
    hub.tell(payment, attempts=[before, now])
    qtbot.waitUntil(lambda: view._model.can_submit)
    (banner,) = view._body._again.findChildren(Banner)
    assert "has just said no to a card like this" in banner.accessibleName()
    assert view._body._again.isVisible()
    press(view, Qt.Key.Key_F10)
    assert view.action_bar.is_asking()
    press(view, Qt.Key.Key_Escape)
    assert hub.count("submit") == 0
    qtbot.waitUntil(lambda: not view.action_bar.is_asking())
    press(view, Qt.Key.Key_F10)
    press_go(view, "Submit again")
    qtbot.waitUntil(lambda: hub.count("submit") == 1)


def test_closing_while_asked_about_the_same_card_does_not_submit_it(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    secured(view, hub, qtbot)
    payment = next(iter(hub.payments.values()))
    now = samples.attempt(attempt_id="att_1", number=2, capture=ready())
    hub.tell(payment, attempts=[declined_attempt(attempt_id="att_0", number=1), now])
    qtbot.waitUntil(lambda: view._model.can_submit)
    press(view, Qt.Key.Key_F10)
    assert view.action_bar.is_asking()
    view.window().close()
    press_go(view, "Cancel and close")
    qtbot.waitUntil(lambda: hub.count("cancel") == 1)
    assert hub.count("submit") == 0


def test_in_a_large_text_the_field_that_is_keyed_is_in_sight(
    view: PaymentView, hub: ActingHub, window: Window, qtbot: QtBot
) -> None:
    secured(view, hub, qtbot)
    hub.tell_attempt(samples.attempt(capture=capture(DONE, LIVE, WAITING)))
    qtbot.waitUntil(lambda: view._model.live_field is not None)
    window.resize(1280, 720)
    theme.set_text_scale(1.5)
    qtbot.waitUntil(lambda: _in_sight(view, "Expiry date: the caller is keying"))
    hub.tell_attempt(samples.attempt(capture=capture(DONE, DONE, LIVE)))
    qtbot.waitUntil(lambda: _in_sight(view, "Security code: the caller is keying"))
    hub.tell_attempt(samples.attempt(capture=capture(LIVE, DONE, DONE)))
    qtbot.waitUntil(lambda: _in_sight(view, "Card number: the caller is keying"))


def _in_sight(view: PaymentView, words: str) -> bool:
    """Say whether the whole row with these words shows where the region scrolls."""
    head = next(
        (one for one in view.findChildren(Paragraph) if one.isVisible() and one.text() == words), None
    )
    if head is None:
        return False
    row = head.parentWidget()
    while not row.accessibleName().startswith(words.partition(":")[0]):
        row = row.parentWidget()
    return row.visibleRegion().boundingRect().height() == row.height()
