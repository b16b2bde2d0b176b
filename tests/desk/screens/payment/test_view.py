"""The payment region by keyboard alone, in the real window."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payment.view import PaymentView
from agentdesk.desk.window import Window
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.payments import FieldState
from tests.desk import samples
from tests.desk.screens.payment.acting import ActingHub, capture, ready

DONE, LIVE, READY, WAITING = FieldState.DONE, FieldState.LIVE, FieldState.READY, FieldState.WAITING


@pytest.fixture
def view(window: Window, hub: ActingHub, enter: Callable[[], None], qtbot: QtBot) -> PaymentView:
    """Return the region in the shown window, with the form of Amara's payment."""
    enter()
    qtbot.waitUntil(lambda: window.session.customer is not None)
    assert window.shell is not None
    view = window.shell.centre["payment"]
    assert isinstance(view, PaymentView)
    qtbot.waitUntil(view.isVisible)
    return view


def press(
    view: PaymentView, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    QTest.keyClick(QApplication.focusWidget() or view.window(), key, modifier)


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
        qtbot.wait(300)
        print(i, view._model.next_field, view._model.field_command.is_running, QApplication.focusWidget())
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
    assert ready().can_submit
