"""High contrast as painted: every word stands 7:1 against its ground, what has the keyboard is ringed."""

from collections import Counter
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.command import Tasks
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.badge import Badge
from agentdesk.desk.widgets.focus import FocusFollower, in_reading_order
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.desk.window import Window
from tests.desk.fake_hub import FakeHub
from tests.desk.shots import STAGES, Stage
from tests.desk.spoken import _told, _top
from tests.desk.staging import settle
from tests.desk.test_every_screen import follower
from tests.rules.test_contrast import TEXT_HIGH, contrast

__all__ = ["follower"]  # a fixture

#: One of each kind of screen; all of them would take minutes more and show the same parts again.
SHOWN = {
    *("sign_in_wrong", "connected", "check_failed", "capturing", "submitting", "approved", "checking"),
    *("declined", "link_open", "saved_removing", "cancel_confirm", "payment_parked", "refund_form"),
    *("promise_wrong", "command_box", "rehearsing", "session_ends", "by_hand", "entry_closes"),
}
CHOSEN = [stage for stage in STAGES if stage.__name__ in SHOWN]
WORDS = (Text, Paragraph, Badge, QAbstractButton, QLineEdit)


def test_every_kind_of_screen_is_there() -> None:
    assert {stage.__name__ for stage in CHOSEN} == SHOWN


@pytest.mark.parametrize("stage", CHOSEN, ids=lambda stage: stage.__name__)
def test_words_and_focus_are_seen(
    stage: Stage, window: Window, hub: FakeHub, tasks: Tasks, follower: FocusFollower, qtbot: QtBot
) -> None:
    theme.choose("high_contrast")
    window.resize(1280, 720)
    window.activateWindow()
    staged = tasks.start(stage(hub, window))
    qtbot.waitUntil(staged.done, timeout=60_000)
    staged.result()
    qtbot.waitUntil(tasks.start(settle()).done, timeout=60_000)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    assert faint(window) == []
    assert unringed(window) == []


def faint(window: Window) -> list[str]:
    """Return the words whose brightest or darkest ink stands out too little from what is behind them."""
    image = window.grab().toImage()
    measured = [(name, reach(image, place)) for name, place in said(window)]
    return [f"{name}: {value:.1f}" for name, value in measured if 0 < value < TEXT_HIGH]


def said(window: Window) -> Iterator[tuple[str, QRect]]:
    """Yield every part that says something, in sight, with its place in the window."""
    for part in _top(window).findChildren(QWidget):
        if isinstance(part, WORDS) and part.text() and _in_sight(part).isValid():
            yield f"{type(part).__name__} {part.text()!r}", _in_sight(part)
        if isinstance(part, QAbstractItemView) and part.isVisible():
            yield from _cells(part)


def _cells(table: QAbstractItemView) -> Iterator[tuple[str, QRect]]:
    model, sight = table.model(), _in_sight(table.viewport())
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            index = model.index(row, column)
            place = table.visualRect(index)
            place.moveTopLeft(table.viewport().mapTo(table.window(), place.topLeft()))
            if index.data() and sight.contains(place):
                yield f"cell {index.data()!r}", place


def _in_sight(part: QWidget) -> QRect:
    """Return where all of a part can be seen, in the window; nowhere while a part of it is scrolled away."""
    if not part.isVisible() or part.visibleRegion().boundingRect() != part.rect():
        return QRect()
    return QRect(part.mapTo(part.window(), part.rect().topLeft()), part.size())


def reach(image: QImage, place: QRect) -> float:
    """Return the greatest contrast of any colour in a place to the one that fills most of it."""
    there = place.intersected(image.rect())
    colors = Counter(
        image.pixelColor(x, y).name()
        for x in range(there.left(), there.right() + 1)
        for y in range(there.top(), there.bottom() + 1)
    )
    if len(colors) < 2:
        return 0.0  # nothing is drawn there
    ground = colors.most_common(1)[0][0]
    return max(contrast(ground, other) for other in colors)


def unringed(window: Window) -> list[str]:
    """Return the parts that Tab reaches whose focus is not drawn at least along half of their edge."""
    return [told for part in list(in_reading_order(_top(window))) if (told := _without_ring(part))]


def _without_ring(part: QWidget) -> str:
    if getattr(part, "bare", False):
        return ""  # the only thing in its box that takes the keyboard: its caret shows it
    part.setFocus(Qt.FocusReason.TabFocusReason)
    QApplication.processEvents()  # what was not in sight is scrolled there, and its ring with it
    out = theme.px("focus_ring") + theme.px("focus_gap")
    around = QRect(part.mapTo(part.window(), part.rect().topLeft()), part.size())
    around = around.adjusted(-out, -out, out, out)
    image, ring = part.window().grab(around).toImage(), theme.color("focus")
    inked = sum(image.pixelColor(x, y) == ring for x in range(image.width()) for y in range(image.height()))
    return "" if inked >= image.width() + image.height() - 4 * out else f"{_told(part)}: {inked} pixels"
