"""The payment region by keyboard alone, in the real window."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.command import Tasks
from agentdesk.desk.screens.payment.capturing import CaptureBody
from agentdesk.desk.screens.payment.view import PaymentView
from agentdesk.desk.screens.payment.view_model import Place
from agentdesk.desk.screens.wrap_up.view import WrapUpForm
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.badge import Badge
from agentdesk.desk.widgets.box import Box
from agentdesk.desk.widgets.button import Button, Chip
from agentdesk.desk.widgets.invoice_table import InvoiceTable
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.desk.window import Window
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.captures import FieldState
from agentdesk.wire.payments import PaymentDetail
from tests.desk import samples, stop_samples
from tests.desk.link_stages import LINK_STAGES, link_hung_up
from tests.desk.log_stages import payment_open, payment_parked, payments
from tests.desk.payment_stages import PAYMENT_STAGES, checking_hung_up
from tests.desk.screens.payment.acting import ActingHub, capture, ready
from tests.desk.shots import Stage
from tests.desk.stop_stages import STOP_STAGES

#: The region in the smallest window.
SMALLEST_REGION = 632
DONE, LIVE, READY, WAITING = FieldState.DONE, FieldState.LIVE, FieldState.READY, FieldState.WAITING
FAILED = FieldState.FAILED


def press(
    view: PaymentView, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    QTest.keyClick(QApplication.focusWidget() or view.window(), key, modifier)


def test_stopped_payment_by_keyboard(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    hub.stop = stop_samples.stop()
    before = hub.take(samples.payment(intent_id=hub.stop.earlier.intent_id, call_id="call_0"))
    hub.details[before.intent_id] = PaymentDetail(payment=before, timeline=[])
    press(view, Qt.Key.Key_F4)
    qtbot.waitUntil(lambda: view._model.place is Place.STOPPED and not view._model.start_payment.is_running)
    press(view, Qt.Key.Key_F4)
    press(view, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: view._model.stopping.story is not None)
    press(view, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: hub.count("ask_supervisor") == 1)
    assert hub.count("start_attempt") == 1
    press(view, Qt.Key.Key_F3)
    assert view._model.place is Place.CHOOSE


def test_payment_by_keyboard_from_form_to_finish(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    press(view, Qt.Key.Key_F4)
    qtbot.waitUntil(lambda: hub.count("start_attempt") == 1)
    (new,) = next(args for name, args in hub.asked if name == "create_payment")
    assert (new.amount.minor, [part.invoice_id for part in new.allocations]) == (
        12336,
        ["inv_20931", "inv_21407"],
    )
    for i, (before, after) in enumerate(
        [
            ((LIVE, WAITING, WAITING), (DONE, READY, WAITING)),
            ((DONE, LIVE, WAITING), (DONE, DONE, READY)),
            ((DONE, DONE, LIVE), (DONE, DONE, DONE)),
        ]
    ):
        qtbot.waitUntil(lambda: view._model.next_field is not None)
        press(view, Qt.Key.Key_F8)
        qtbot.waitUntil(lambda i=i: hub.count("request_field") == i + 1)
        hub.tell_attempt(samples.attempt(capture=capture(*before)))
        qtbot.waitUntil(lambda: view._model.live_field is not None)
        hub.tell_attempt(samples.attempt(capture=capture(*after)))
        qtbot.waitUntil(lambda: view._model.live_field is None)
    assert [args[1] for name, args in hub.asked if name == "request_field"] == [
        "number",
        "expiry",
        "security_code",
    ]
    qtbot.waitUntil(lambda: view._model.can_submit)
    press(view, Qt.Key.Key_F10)
    qtbot.waitUntil(lambda: hub.count("submit") == 1)
    hub.tell_attempt(samples.approved())
    qtbot.waitUntil(lambda: view._model.attempt.state is AttemptState.APPROVED)
    press(view, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: hub.count("wrap_up") == 1)


def secured(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    """Take the payment up to the secured line."""
    press(view, Qt.Key.Key_F4)
    qtbot.waitUntil(lambda: view._model.place is Place.CAPTURE)


def main_button(view: PaymentView) -> Button:
    return next(button for button in view._buttons.values() if button._large)


def test_two_presses_of_f4_start_one_attempt(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    held = hub.hold("start_attempt")
    press(view, Qt.Key.Key_F4)
    qtbot.waitUntil(lambda: hub.count("start_attempt") == 1)
    press(view, Qt.Key.Key_F4)
    main_button(view).click()
    assert (main_button(view).words(), main_button(view).is_busy()) == ("Securing", True)
    held.set()
    qtbot.waitUntil(lambda: view._model.place is Place.CAPTURE)
    assert (hub.count("create_payment"), hub.count("start_attempt")) == (1, 1)


def test_two_presses_of_f10_submit_once(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    secured(view, hub, qtbot)
    hub.tell_attempt(samples.attempt(capture=ready()))
    qtbot.waitUntil(lambda: view._model.can_submit)
    held = hub.hold("submit")
    press(view, Qt.Key.Key_F10)
    press(view, Qt.Key.Key_F10)
    held.set()
    qtbot.waitUntil(lambda: not view._model.submit_command.is_running)
    assert hub.count("submit") == 1


def test_nothing_is_ticked_that_nobody_ticked(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    secured(view, hub, qtbot)
    hub.tell_attempt(samples.attempt(capture=capture(DONE, LIVE, WAITING)))
    qtbot.waitUntil(lambda: view._model.live_field is not None)
    (body,) = view.findChildren(CaptureBody)
    icons = {icon._name for icon in body._before.reminder.findChildren(Icon)}
    assert icons == {"circle-dashed"}
    shown = [text.text() for text in body._before.reminder.findChildren(Text)]
    assert "Amount £123.36 read back" in shown


def test_f9_asks_for_the_live_field_again(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    secured(view, hub, qtbot)
    hub.tell_attempt(samples.attempt(capture=capture(DONE, LIVE, WAITING)))
    qtbot.waitUntil(lambda: view._model.live_field is not None)
    press(view, Qt.Key.Key_F8)
    press(view, Qt.Key.Key_F9)
    qtbot.waitUntil(lambda: hub.count("request_field") == 1)
    assert hub.asked[-1] == ("request_field", ("att_1", "expiry"))


def test_digits_typed_while_secured_go_nowhere(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    secured(view, hub, qtbot)
    search = Sink()
    qtbot.addWidget(search)
    search.show()
    QTest.keyClicks(search, "4242a")
    typed = QInputMethodEvent()
    typed.setCommitString("42")
    QApplication.sendEvent(search, typed)
    assert search.heard == ["a"]
    qtbot.waitUntil(lambda: hub.count("refuse_digits") == 1)  # once, not for each
    assert "thrown away and not kept" in view._body._strip.accessibleName()
    hub.tell_attempt(samples.approved())
    qtbot.waitUntil(lambda: view._model.place is Place.APPROVED)
    QTest.keyClicks(search, "4")
    assert search.heard == ["a", "4"]


def test_esc_keeps_the_payment_and_confirming_cancels_it(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    secured(view, hub, qtbot)
    press(view, Qt.Key.Key_Escape)
    assert not view.action_bar.is_asking()
    view._buttons["cancel"].click()
    assert view.action_bar.is_asking()
    assert [key.name for key in view.window().shell.keys.now() if key.owner is view] == []
    hub.tell_attempt(samples.attempt(capture=capture(LIVE, WAITING, WAITING)))
    qtbot.waitUntil(lambda: view._model.live_field is not None)
    assert view.action_bar.is_asking()  # what happens meanwhile does not take the question away
    press(view, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not view.action_bar.is_asking())
    assert hub.count("cancel") == 0
    view._buttons["cancel"].click()
    press_go(view, "Cancel payment")
    qtbot.waitUntil(lambda: hub.count("cancel") == 1)


def test_invoices_are_chosen_and_the_amount_typed_by_keyboard(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    table = view._body.findChild(InvoiceTable)
    last = table._rows[2]
    last.setFocus()
    press(view, Qt.Key.Key_Space)
    assert main_button(view).words() == "Take £184.62"
    amount = view._body.what.amount
    assert amount.edit.text() == "184.62"
    amount.edit.setFocus()
    amount.edit.selectAll()
    QTest.keyClicks(amount.edit, "70")
    assert main_button(view).words() == "Take £70.00"
    assert table.chosen() == ["inv_20931", "inv_21407"]
    assert view._body.what.what.text() == "NW-20931 in full, NW-21407 £7.90 of £61.26"
    assert view._body.what._left.text() == "£114.62 stays open after this"
    QTest.keyClicks(amount.edit, "0")
    assert not main_button(view).isEnabled()
    assert "more than the £184.62 owed" in amount.edit.accessibleDescription()


def test_an_unknown_outcome_has_no_accent_button_and_ticks(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    secured(view, hub, qtbot)
    hub.tell_attempt(samples.unknown())
    qtbot.waitUntil(lambda: view._model.place is Place.CHECKING)
    assert [button._kind for button in view.findChildren(Button) if button.isVisible()] == ["secondary"]
    figures = view._body._ladder._figures._cells
    before = figures[0][1].text()
    view._tick(samples.at(10, 45, 0))
    assert (before, figures[0][1].text()) != (before, before)
    assert figures[0][1].text() == "01:31"
    press(view, Qt.Key.Key_F4)
    assert hub.count("start_attempt") == 1


@pytest.mark.parametrize(
    "stage", (*PAYMENT_STAGES, *LINK_STAGES, *STOP_STAGES), ids=lambda stage: stage.__name__
)
def test_every_control_has_a_name_and_nothing_is_squeezed(
    stage: Stage, window: Window, hub: ActingHub, tasks: Tasks, qtbot: QtBot
) -> None:
    staged = tasks.start(stage(hub, window))
    qtbot.waitUntil(staged.done)
    staged.result()
    view = window.shell.centre["payment"]
    parts = [part for part in view.findChildren(QWidget) if part.isVisible()]
    unnamed = [
        part for part in parts if part.focusPolicy() & Qt.FocusPolicy.TabFocus and not part.accessibleName()
    ]
    assert unnamed == []
    assert view._scroll.widget().minimumSizeHint().width() <= SMALLEST_REGION
    window.resize(1280, 720)
    for scale in (1.15, 1.3):
        theme.set_text_scale(scale)
        qtbot.waitUntil(nothing_squeezed(view))


def nothing_squeezed(region: QWidget) -> Callable[[], None]:
    """Return a check that says what is squeezed."""

    def check() -> None:
        assert squeezed(region) == []

    return check


def squeezed(region: QWidget) -> list[str]:
    """What has less room than it needs: too narrow, or too low for its wrapped words."""
    parts = [region, *(part for part in region.findChildren(QWidget) if part.isVisible())]
    rows = (Box, Button, Badge, PaymentView)
    narrow = [
        part for part in parts if isinstance(part, rows) and part.width() < part.minimumSizeHint().width()
    ]
    wrapped = [part for part in parts if isinstance(part, Paragraph)]
    low = [part for part in wrapped if part.height() + 1 < part.heightForWidth(part.width())]
    return [f"{type(part).__name__} {part.accessibleName()}" for part in (*narrow, *low)]


@pytest.mark.parametrize("stage", [payments, payment_open, payment_parked], ids=lambda stage: stage.__name__)
def test_the_payment_log_is_not_squeezed_by_a_larger_text(
    stage: Stage, window: Window, hub: ActingHub, tasks: Tasks, qtbot: QtBot
) -> None:
    staged = tasks.start(stage(hub, window))
    qtbot.waitUntil(staged.done)
    staged.result()
    window.resize(1280, 720)
    for scale in (1.0, 1.15, 1.3):
        theme.set_text_scale(scale)
        qtbot.waitUntil(nothing_squeezed(window.shell.pages["Payments"]))


@pytest.mark.parametrize("stage", [link_hung_up, checking_hung_up], ids=lambda stage: stage.__name__)
def test_once_the_line_is_down_what_ends_the_call_is_in_sight(
    stage: Stage, window: Window, hub: ActingHub, tasks: Tasks, qtbot: QtBot
) -> None:
    window.resize(1280, 720)
    staged = tasks.start(stage(hub, window))
    qtbot.waitUntil(staged.done)
    staged.result()
    form = window.shell.centre["payment"].findChild(WrapUpForm)
    parts = [*form.findChildren(Chip), form.note.edit]
    qtbot.waitUntil(
        lambda: [part for part in parts if part.visibleRegion().boundingRect() != part.rect()] == []
    )


class Sink(QWidget):
    """Writes down the text of keys and input methods that reach it."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def event(self, event: QEvent) -> bool:
        """Hear."""
        if event.type() == QEvent.Type.KeyPress:
            self.heard.append(event.text())
        elif event.type() == QEvent.Type.InputMethod:
            self.heard.append(event.commitString())
        return super().event(event)


def test_closing_the_window_asks_and_another_question_does_not_close_it(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    secured(view, hub, qtbot)
    window = view.window()
    window.close()
    assert window.isVisible()
    assert view.action_bar.is_asking()
    press(view, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not view.action_bar.is_asking())
    view._buttons["cancel"].click()
    press_go(view, "Cancel payment")
    qtbot.waitUntil(lambda: hub.count("cancel") == 1 and not view._model.cancel_command.is_running)
    assert window.isVisible()
    window.close()
    press_go(view, "Cancel and close")
    qtbot.waitUntil(lambda: hub.count("cancel") == 2)
    hub.tell_attempt(samples.attempt(AttemptState.NOT_SENT))
    qtbot.waitUntil(lambda: not window.isVisible())


def press_go(view: PaymentView, words: str) -> None:
    """Press the button of the question that does it."""
    buttons = view.action_bar.findChildren(Button)
    next(button for button in buttons if button.words() == words and button.isVisible()).click()
