"""No key means two things on one screen: Qt would fire neither."""

from collections import Counter
from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QPushButton, QWidget

from agentdesk.desk.window import Window
from tests.desk.conftest import desk_loop, dressed, dressed_once, enter, hub, session, settings, tasks, window
from tests.desk.fake_hub import FakeHub
from tests.desk.walk import SCREENS, shortcuts

__all__ = ["desk_loop", "dressed", "dressed_once", "enter", "hub", "session", "settings", "tasks", "window"]


@pytest.mark.parametrize("screen", SCREENS)
def test_every_key_is_unique(screen: str, window: Window, hub: FakeHub, enter: Callable[[], None]) -> None:
    SCREENS[screen](hub)
    enter()
    used = shortcuts(window)
    assert {"F1", "F6", "Shift+F6", "Ctrl+F"} <= set(used)
    assert [key for key, count in Counter(used).items() if count > 1] == []


def test_the_rule_sees_two_buttons_with_one_key(window: Window, enter: Callable[[], None]) -> None:
    enter()
    rival = QPushButton(window)
    rival.setShortcut("F6")
    rival.show()
    assert Counter(shortcuts(window))["F6"] == 2
    assert isinstance(rival, QWidget)
