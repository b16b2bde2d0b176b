"""The command box by keyboard."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.command_box.view import CommandBox, LineRow
from agentdesk.desk.theme import theme
from agentdesk.desk.window import Window
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.walk import focused, press

Enter = Callable[[], None]


def rows(window: Window) -> list[str]:
    return [row.line.title for row in window.findChildren(LineRow) if row.isVisible()]


def test_ctrl_k_finds_an_action_by_its_name_and_enter_does_it(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    press(window, "Ctrl+K")
    qtbot.keyClicks(focused(), "looks dark")
    assert rows(window) == ["Looks: Dark"]
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.settings.theme == "dark")
    assert window.findChild(CommandBox) is None or not window.findChild(CommandBox).isVisible()
    theme.choose("light")


def test_down_goes_to_the_next_and_what_is_off_says_why(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.calls["call_1"] = samples.call()
    enter()
    press(window, "Ctrl+K")
    box = window.findChild(CommandBox)
    first = next(row for row in window.findChildren(LineRow) if row._chosen)
    qtbot.keyClick(focused(), Qt.Key.Key_Down)
    second = next(row for row in window.findChildren(LineRow) if row._chosen)
    assert first is not second
    assert box.isAncestorOf(QApplication.focusWidget())


def test_esc_gives_the_keyboard_back(window: Window, enter: Enter, qtbot: QtBot) -> None:
    enter()
    window.shell.top_bar.person.setFocus()
    press(window, "Ctrl+K")
    assert focused() is not window.shell.top_bar.person
    qtbot.keyClick(focused(), Qt.Key.Key_Escape)
    assert focused() is window.shell.top_bar.person


def test_a_card_number_typed_is_taken_out_and_not_sent(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    press(window, "Ctrl+K")
    box = window.findChild(CommandBox)
    qtbot.keyClicks(focused(), "4242" * 4)
    assert "42424242" not in box.field.text()
    assert "card number" in box.field.error.accessibleName()
    assert hub.count("search_customers") == 0


def test_a_key_pressed_under_the_box_takes_the_box_away(window: Window, enter: Enter, qtbot: QtBot) -> None:
    enter()
    press(window, "Ctrl+K")
    press(window, "Ctrl+F")
    qtbot.waitUntil(lambda: window.findChild(CommandBox) is None)
