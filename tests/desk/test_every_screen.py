"""Every screen in the smallest window: read in larger texts, heard, walked with Tab, found by its words."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agentdesk.desk.command import Tasks
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.focus import FocusFollower, follow_focus
from agentdesk.desk.window import Window
from tests.desk.cut import cut, wait_for_none
from tests.desk.fake_hub import FakeHub
from tests.desk.reachable import not_found
from tests.desk.shots import STAGES, Stage
from tests.desk.spoken import faults, out_of_order
from tests.desk.staging import settle
from tests.desk.walk import shortcuts

#: Two regions side by side, then three: built in the first size, and brought to the other while it shows.
SIZES = (1.5, 1.15)


@pytest.fixture
def follower(dressed: QApplication) -> Iterator[FocusFollower]:
    """Return what shows the focus."""
    follower = follow_focus(dressed)
    yield follower
    dressed.focusChanged.disconnect(follower.follow)


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_everything_can_be_read_heard_and_reached(
    stage: Stage, window: Window, hub: FakeHub, tasks: Tasks, follower: FocusFollower, qtbot: QtBot
) -> None:
    """One test, for making the screen is what takes the time."""
    theme.set_text_scale(SIZES[0])
    window.resize(1280, 720)
    window.activateWindow()
    staged = tasks.start(stage(hub, window))
    qtbot.waitUntil(staged.done, timeout=60_000)
    staged.result()
    for size in SIZES:
        if size != theme.text_scale:
            theme.set_text_scale(size)
        qtbot.waitUntil(tasks.start(settle()).done, timeout=60_000)
        wait_for_none(lambda: cut(window), qtbot)
    wait_for_none(lambda: faults(window), qtbot)
    window.activateWindow()  # again: what opened may have taken it, and left it to nobody
    qtbot.waitUntil(window.isActiveWindow)
    assert out_of_order(window, follower) == []
    assert not_found(window) == []
    keys = [key for key in shortcuts(window) if key != "Esc"]  # what floats takes it before any shortcut
    assert sorted(set(keys)) == keys
