"""A call that comes while something else shows: seen on every page, answered by one key, never typed into."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.rehearse.view import RehearseView
from agentdesk.desk.window import Window
from agentdesk.domain.call import CallState
from agentdesk.domain.people import Role
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.walk import SCREENS, focused, press

Enter = Callable[[], None]
CHIDI = [samples.match(2, "Chidi Okafor")]
TITLE = "A call is ringing: Chidi Okafor"
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def alerts(monkeypatch: pytest.MonkeyPatch) -> list[QWidget]:
    """Return the windows that called for the agent in the task bar."""
    found: list[QWidget] = []
    monkeypatch.setattr(QApplication, "alert", lambda window, *_: found.append(window))
    return found


def _rings(window: Window, hub: FakeHub) -> None:
    rings = samples.ringing(call_id="call_2", matches=CHIDI)
    hub.calls["call_2"] = rings
    window.session.take_call(rings)


def _answered(window: Window, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.session.call is not None and window.session.call.call_id == "call_2")


def test_on_the_waiting_screen_the_card_rings_and_no_banner(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    _rings(window, hub)
    shell = window.shell
    qtbot.waitUntil(lambda: focused().accessibleName() == "Answer")
    assert not shell._incoming.isVisible()
    shell.show_page(RehearseView.title)
    qtbot.waitUntil(shell._incoming.isVisible)


@pytest.mark.parametrize("page", ["Payments", "Rehearse"])
def test_a_call_rings_on_every_page_and_one_key_answers(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: list[tuple[str, bool]], page: str
) -> None:
    hub.person = samples.person(Role.SUPERVISOR)
    enter()
    shell = window.shell
    shell.show_page(page)
    _rings(window, hub)
    qtbot.waitUntil(shell._incoming.isVisible)
    assert shell._incoming.accessibleName() == TITLE
    assert [loud for line, loud in said if line.startswith(TITLE)] == [True]
    press(window, "Alt+Return")
    _answered(window, qtbot)
    qtbot.waitUntil(lambda: shell._pages.currentWidget() is shell._desk)
    assert shell.current_centre is shell.centre["payment"]
    assert ("Call connected: Chidi Okafor", True) in said


def test_with_an_opened_payment_the_banner_shows_and_enter_answers(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    window.session.open_payment(hub.take(samples.payment(samples.unknown())))
    shell = window.shell
    qtbot.waitUntil(lambda: shell.current_centre is shell.centre["payment"])
    _rings(window, hub)
    qtbot.waitUntil(shell._incoming.isVisible)
    assert focused().accessibleName() == "Answer"
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    _answered(window, qtbot)


def test_who_types_keeps_the_keyboard_and_answers_by_a_key_that_is_not_typed(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    window.shell.find_customer()
    field = focused()
    qtbot.keyClicks(field, "oka")
    _rings(window, hub)
    qtbot.keyClicks(focused(), "for")
    assert (focused(), field.text()) == (field, "okafor")
    qtbot.keyClick(field, Qt.Key.Key_Return, ALT)
    _answered(window, qtbot)


def test_what_is_typed_as_a_call_connects_lands_nowhere(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    SCREENS["wrap_up"](hub)
    enter()
    shell = window.shell
    note = shell.current_centre.form.note.edit
    note.setFocus()
    qtbot.keyClicks(note, "Wants")
    window.session.take_call(samples.call(call_id="call_2", started_at=samples.NOW, matches=CHIDI))
    assert (note.toPlainText(), shell._incoming.accessibleName()) == ("Wants", "On the line: Chidi Okafor")
    qtbot.keyClick(note, Qt.Key.Key_Return, ALT)
    _answered(window, qtbot)
    assert shell.call.isAncestorOf(focused())
    press(window, "Alt+Return")
    qtbot.waitUntil(lambda: window.session.call.call_id == "call_1")
    qtbot.waitUntil(lambda: note.toPlainText() == "Wants")


def test_a_call_connected_by_the_phone_system_brings_its_page(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    enter()
    shell = window.shell
    shell.show_page(RehearseView.title)
    window.session.take_call(samples.call())
    qtbot.waitUntil(lambda: shell._pages.currentWidget() is shell._desk)
    assert ("Call connected: Amara Okafor", True) in said
    shell.show_page(RehearseView.title)
    window.session.take_call(samples.call(state=CallState.HELD))
    assert shell._pages.currentWidget() is not shell._desk  # the agent went there on purpose


def test_the_next_call_in_the_wrap_up_is_told_loudly(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    SCREENS["wrap_up"](hub)
    enter()
    window.session.take_call(samples.call(call_id="call_2", started_at=samples.NOW, matches=CHIDI))
    qtbot.waitUntil(window.shell._incoming.isVisible)
    assert [loud for line, loud in said if line.startswith("On the line: Chidi Okafor")] == [True]


def test_the_next_call_is_taken_after_the_wrap_up_with_two_keys(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    SCREENS["wrap_up"](hub)
    enter()
    view = window.shell.current_centre
    _rings(window, hub)
    _rings(window, hub)
    assert len([line for line, _ in said if line.startswith(TITLE)]) == 1
    view._model.choose("query")
    press(window, "Ctrl+Return")
    qtbot.waitUntil(lambda: window.session.call is None)
    qtbot.waitUntil(lambda: focused().accessibleName() == "Answer")
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    _answered(window, qtbot)
    assert view._model.note == ""


def test_a_call_that_is_taken_elsewhere_is_told_no_more(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    SCREENS["wrap_up"](hub)
    enter()
    banner = window.shell._incoming
    _rings(window, hub)
    qtbot.waitUntil(banner.isVisible)
    window.session.take_call(samples.call(call_id="call_2", agent="usr_2"))
    qtbot.waitUntil(lambda: not banner.isVisible())


def test_a_window_behind_others_calls_for_the_agent(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, alerts: list[QWidget]
) -> None:
    enter()
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(lambda: not window.isActiveWindow())
    _rings(window, hub)
    qtbot.waitUntil(lambda: alerts == [window])
    window.showMinimized()
    window.session.take_call(samples.call(call_id="call_3"))
    qtbot.waitUntil(lambda: len(alerts) == 2)
    assert not window.isMinimized()
