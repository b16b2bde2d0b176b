"""Speed of hand: how many keys the agent presses from the screen pop until the card is charged."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payment.place import Place
from agentdesk.desk.screens.payment.view import PaymentView
from agentdesk.desk.window import Window
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.captures import FieldState
from tests.desk import samples
from tests.desk.screens.payment.acting import ActingHub, capture

MOST = 8
DONE, READY, WAITING = FieldState.DONE, FieldState.READY, FieldState.WAITING
AFTER_EACH = ((DONE, READY, WAITING), (DONE, DONE, READY), (DONE, DONE, DONE))


class _Hand:
    """Presses keys where the keyboard is, and keeps what each was for."""

    def __init__(self, window: Window) -> None:
        self._window, self.pressed = window, list[str]()

    def press(self, name: str, key: Qt.Key, what: str) -> None:
        QTest.keyClick(QApplication.focusWidget() or self._window, key)
        self.pressed.append(f"{len(self.pressed) + 1}. {name:<6} {what}")


@pytest.fixture
def hub() -> ActingHub:
    """Return a hub at which somebody who owes one invoice rings."""
    hub = ActingHub()
    hub.calls["call_1"] = samples.ringing()
    hub.customers["cus_1"] = samples.customer(open_items=samples.customer().open_items[:1])
    return hub


def test_one_invoice_is_charged_within_eight_keys(
    window: Window, hub: ActingHub, enter: Callable[[], None], qtbot: QtBot
) -> None:
    hand, model = _pop(window, enter, qtbot)
    hand.press("Enter", Qt.Key.Key_Return, "answer: customer, debt and amount show by themselves")
    qtbot.waitUntil(lambda: model().place is Place.CHOOSE)
    hand.press("F4", Qt.Key.Key_F4, "take what is owed: the line is secured")
    qtbot.waitUntil(lambda: model().place is Place.CAPTURE and not model().start_payment.is_running)
    for name, states in zip(("card number", "expiry date", "security code"), AFTER_EACH, strict=True):
        asked = hub.count("request_field")
        hand.press("F8", Qt.Key.Key_F8, f"ask for the {name}")
        qtbot.waitUntil(
            lambda asked=asked: hub.count("request_field") > asked and not model().field_command.is_running
        )
        hub.tell_attempt(samples.attempt(capture=capture(*states)))
        qtbot.waitUntil(lambda states=states: _states(model()) == states)
    hand.press("F10", Qt.Key.Key_F10, "submit: the card is charged")
    qtbot.waitUntil(lambda: hub.count("submit") == 1)
    hub.tell_attempt(samples.approved())
    qtbot.waitUntil(lambda: model().place is Place.APPROVED)
    print("\n" + "\n".join(hand.pressed))
    assert model().payment.state is AttemptState.APPROVED
    assert len(hand.pressed) <= MOST, hand.pressed


def _pop(window: Window, enter: Callable[[], None], qtbot: QtBot) -> tuple[_Hand, Callable[[], Any]]:
    """Sign in; return the agent's hand and a way to the model when the call is on screen."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    enter()
    qtbot.waitUntil(lambda: bool(window.session.ringing))
    shell = window.shell
    assert shell is not None
    view = shell.centre["payment"]
    assert isinstance(view, PaymentView)
    qtbot.waitUntil(lambda: "Answer" in (getattr(QApplication.focusWidget(), "text", str)() or ""))
    return _Hand(window), lambda: view._model


def _states(model: Any) -> tuple[FieldState, ...]:
    return tuple(field.state for field in model.capture.fields)
