"""Which side things begin at: what is painted stands mirrored in a language that runs leftwards."""

import re
from typing import TypeVar
from unicodedata import bidirectional

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QPainter

#: A part that has its own direction, and the kinds of signs that give words theirs.
_ISOLATED = re.compile("[\u2066-\u2068][^\u2069]*\u2069")
_STRONG = ("L", "R", "AL")
_Area = TypeVar("_Area", QRect, QRectF)


def is_leftwards() -> bool:
    """Say whether the language runs to the left."""
    return QGuiApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft


def placed(area: _Area, frame: QRect | QRectF) -> _Area:
    """Return where an area of a frame stands, given where it stands in a language that runs to the right."""
    if not is_leftwards():
        return area
    before, after = area.x() - frame.x(), frame.x() + frame.width() - area.x() - area.width()
    return area.translated(after - before, 0)


def begin() -> Qt.AlignmentFlag:
    """Return the side where lines begin. Qt would take that of the words: an amount has none."""
    return _left_or_right(left=not is_leftwards())


def end() -> Qt.AlignmentFlag:
    """Return the side where lines end."""
    return _left_or_right(left=is_leftwards())


def _left_or_right(*, left: bool) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignAbsolute


def write(painter: QPainter, area: QRect | QRectF, words: str, *, at_end: bool = False) -> None:
    """Draw one line in the middle of an area's height, in the direction that its own words have."""
    flags = (end() if at_end else begin()) | Qt.AlignmentFlag.AlignVCenter | direction(words)
    painter.drawText(area, flags, words)


def direction(words: str) -> Qt.TextFlag:
    """Return in which direction words are drawn: Qt would turn round numbers, and what the hub says."""
    if not is_leftwards():
        return Qt.TextFlag(0)
    first = next((kind for sign in _ISOLATED.sub("", words) if (kind := bidirectional(sign)) in _STRONG), "L")
    return Qt.TextFlag.TextForceLeftToRight if first == "L" else Qt.TextFlag.TextForceRightToLeft


def isolated(text: str) -> str:
    """Return a number or a reference that keeps its own order among words that run leftwards."""
    return f"\u2066\u200e{text}\u200e\u2069" if is_leftwards() else text
