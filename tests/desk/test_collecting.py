"""Garbage goes in portions; the screens of who has left go too."""

import gc
import weakref
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.collecting import leave_screens_out
from agentdesk.desk.window import Window


@pytest.fixture
def thawed() -> Iterator[None]:
    """Let later tests look through everything again."""
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("thawed")
def test_the_screens_of_who_left_are_collected(
    window: Window, enter: Callable[[], None], qtbot: QtBot
) -> None:
    leave_screens_out(window.session)
    enter()
    assert gc.get_freeze_count() > 0
    shell = weakref.ref(window.shell)
    window.sign_out()
    qtbot.waitUntil(lambda: window.shell is None)
    qtbot.waitUntil(lambda: shell() is None)
