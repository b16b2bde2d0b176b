"""Colours fade and the next dot pulses; with reduced motion nothing moves."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QVariantAnimation
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.box import Look, Row
from agentdesk.desk.widgets.shapes import Dots

pytestmark = pytest.mark.usefixtures("dressed")


@pytest.fixture
def motion() -> Iterator[None]:
    """Let things move in this test."""
    theme.set_reduced_motion(False)
    yield
    theme.set_reduced_motion(True)


def _shown(qtbot: QtBot) -> Row:
    row = Row(height=40, width=40, look=Look("surface"))
    qtbot.addWidget(row)
    with qtbot.waitExposed(row):
        row.show()
    assert _color(row) == theme.color("surface")
    return row


def _color(row: Row) -> QColor:
    return row.grab().toImage().pixelColor(20, 20)


def test_a_state_fades_through_colours_between(qtbot: QtBot, motion: None) -> None:
    row = _shown(qtbot)
    row.set_look(Look("danger_solid"))
    assert _color(row) != theme.color("danger_solid")
    move = row.findChild(QVariantAnimation)
    move.setCurrentTime(move.duration() // 2)
    assert _color(row) not in (theme.color("surface"), theme.color("danger_solid"))
    qtbot.waitUntil(lambda: _color(row) == theme.color("danger_solid"))


def test_reduced_motion_jumps(qtbot: QtBot) -> None:
    row = _shown(qtbot)
    row.set_look(Look("danger_solid"))
    assert _color(row) == theme.color("danger_solid")


def test_only_the_next_dot_pulses(qtbot: QtBot, motion: None) -> None:
    dots = Dots((2, 2), 1)
    qtbot.addWidget(dots)
    dots.show()
    first = dots.grab().toImage()
    images = [first]
    qtbot.waitUntil(lambda: images.append(dots.grab().toImage()) or images[-1] != first)
    later = images[-1]
    pitch, middle = 22, dots.height() // 2
    assert later.pixel(8, middle) == first.pixel(8, middle)
    rings = [1 + pitch + 1, 1 + 2 * pitch + 12 + 1]  # left edges of the second and third place
    changed = [later.pixel(x, middle) != first.pixel(x, middle) for x in rings]
    assert changed == [True, False]


def test_no_dot_pulses_under_reduced_motion(qtbot: QtBot) -> None:
    dots = Dots((2, 2), 1)
    qtbot.addWidget(dots)
    dots.show()
    assert theme.ms("lamp_pulse") == theme.ms("state") == theme.ms("reveal") == 0
    assert dots.grab().toImage() == dots.grab().toImage()
