"""Leaving a desk where a call or a charge is not over: asked first, with what it means for the money."""

from collections.abc import Callable

import pytest
from PySide6.QtGui import QCloseEvent
from pytestqt.qtbot import QtBot

from agentdesk.desk.window import Window
from agentdesk.domain.call import CallState
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.people import Role
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.screens.payments.test_view import words
from tests.desk.test_shell import wait_for_button
from tests.desk.walk import focused, press

Enter = Callable[[], None]
NOTE = "This call is not wrapped up; it stays yours, and a note you typed is not sent."
MONEY = "The payment is on its way to the bank and goes on without you."


def close(window: Window) -> bool:
    """Ask the window to close; return whether it did."""
    event = QCloseEvent()
    window.closeEvent(event)
    return event.isAccepted()


def test_an_unfinished_wrap_up_asks_before_signing_out(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.calls["call_1"] = samples.call(state=CallState.WRAP_UP, line_ended_at=samples.at(10, 41))
    enter()
    window.sign_out()
    bar = window.shell.current_centre.action_bar
    assert bar.is_asking()
    assert "Sign out before this is finished?" in words(bar)
    assert NOTE in words(bar)
    assert hub.count("sign_out") == 0
    wait_for_button(window, qtbot, "Sign out").click()
    qtbot.waitUntil(lambda: hub.count("sign_out") == 1)


def test_keep_going_keeps_the_call_and_the_note(window: Window, hub: FakeHub, enter: Enter) -> None:
    hub.calls["call_1"] = samples.call(state=CallState.WRAP_UP, line_ended_at=samples.at(10, 41))
    enter()
    window.shell.current_centre.form.note.set_text("Wants a plan")
    assert not close(window)
    bar = window.shell.current_centre.action_bar
    bar._keep()
    assert window.shell.current_centre.form.note.text() == "Wants a plan"
    assert not close(window)


def test_a_charge_on_its_way_asks_and_says_that_it_goes_on(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    sent = samples.attempt(AttemptState.SENDING, sent_at=samples.NOW)
    payment = hub.take(samples.payment(sent))
    hub.calls["call_1"] = samples.call(payment_intent_ids=[payment.intent_id])
    enter()
    assert not close(window)
    assert MONEY in words(window.shell.current_centre.action_bar)
    with qtbot.waitSignal(window.closed):
        wait_for_button(window, qtbot, "Close").click()


def test_after_the_wrap_up_a_charge_on_its_way_is_shown_and_asked_about(
    window: Window, hub: FakeHub, enter: Enter
) -> None:
    enter()
    sent = samples.attempt(AttemptState.SENDING, sent_at=samples.NOW)
    window.session.take_payment(samples.payment(sent, call_id="call_0"))
    assert not close(window)
    bar = window.shell.current_centre.action_bar
    assert bar is not None and bar.is_asking()
    assert MONEY in words(bar)


@pytest.mark.parametrize("leave", ["close", "sign_out"])
def test_with_nothing_open_nobody_is_asked(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, leave: str
) -> None:
    enter()
    if leave == "close":
        assert close(window)
    else:
        window.sign_out()
        qtbot.waitUntil(lambda: hub.count("sign_out") == 1)


@pytest.mark.parametrize("leave", ["close", "sign_out"])
@pytest.mark.parametrize("state", [AttemptState.OPEN, AttemptState.SENDING])
def test_what_a_colleague_takes_keeps_nobody_else(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, state: AttemptState, leave: str
) -> None:
    hub.person = samples.person(Role.SUPERVISOR)
    enter()
    theirs = {"call_id": "call_77", "agent": "usr_9", "agent_name": "Tom Ellis"}
    window.session.open_payment(samples.payment(samples.attempt(state), **theirs))
    press(window, "Ctrl+F")
    qtbot.keyClicks(focused(), "204 118")
    assert focused().text() == "204 118"
    if leave == "close":
        assert close(window)
    else:
        window.sign_out()
        qtbot.waitUntil(lambda: hub.count("sign_out") == 1)
    assert hub.count("cancel") == 0
