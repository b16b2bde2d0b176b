"""The person's menu: its name for a screen reader, and what is chosen in it is used and kept."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from agentdesk.desk.theme import theme
from agentdesk.desk.window import Window

Enter = Callable[[], None]


@pytest.fixture
def moving() -> Iterator[None]:
    """Let things move until somebody says otherwise."""
    theme.set_reduced_motion(False)
    yield
    theme.set_reduced_motion(True)


def _open(window: Window) -> QMenu:
    window.show_account_menu(window)
    (menu,) = window.findChildren(QMenu)
    return menu


def _action(menu: QMenu, words: str) -> QAction:
    return next(one for one in menu.actions() if one.text() == words)


def test_the_menu_says_what_it_is(window: Window, enter: Enter) -> None:
    enter()
    menu = _open(window)
    assert menu.accessibleName() == "Looks, text size, sign out"
    menu.close()


@pytest.mark.usefixtures("moving")
def test_less_motion_is_chosen_used_and_kept(window: Window, enter: Enter, qtbot: QtBot) -> None:
    enter()
    assert theme.ms("lamp_pulse") > 0
    menu = _open(window)
    assert not _action(menu, "Less motion").isChecked()
    _action(menu, "Less motion").trigger()
    menu.close()
    assert (theme.ms("lamp_pulse"), window.settings.less_motion) == (0, True)
    qtbot.waitUntil(lambda: not window.findChildren(QMenu))
    again = _open(window)
    assert _action(again, "Less motion").isChecked()
    _action(again, "Less motion").trigger()
    again.close()
    assert theme.ms("lamp_pulse") > 0
    assert not window.settings.less_motion
