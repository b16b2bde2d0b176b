"""Every screen in a larger text and the smallest window: nothing is cut at the side, no words end in dots."""

import pytest
from PySide6.QtWidgets import QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.command import Tasks
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.text import Text
from agentdesk.desk.window import Window
from tests.desk.fake_hub import FakeHub
from tests.desk.shots import STAGES, Stage


@pytest.mark.parametrize("scale", [1.15, 1.3])
@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_every_word_can_be_read(
    stage: Stage, scale: float, window: Window, hub: FakeHub, tasks: Tasks, qtbot: QtBot
) -> None:
    theme.set_text_scale(scale)
    window.resize(1280, 720)
    staged = tasks.start(stage(hub, window))
    qtbot.waitUntil(staged.done, timeout=60_000)
    staged.result()

    def is_readable() -> None:
        assert cut(window) == []

    qtbot.waitUntil(is_readable, timeout=20_000)


def cut(window: QWidget) -> list[str]:
    """What cannot be read: words with dots at their end, and what a scroll area hides at its right."""
    fresh = window.shell.status_bar._fresh if window.shell else None  # says less where there is no room
    words = [one for one in window.findChildren(Text) if one.isVisible() and one is not fresh]
    areas = [one for one in window.findChildren(QScrollArea) if one.isVisible() and one.widget()]
    wide = [one.accessibleName() for one in areas if one.widget().width() > one.viewport().width()]
    return [one.text() for one in words if one.is_elided()] + wide
