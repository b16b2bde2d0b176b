"""The columns of a table: what each shows of a row, says to a screen reader, and how it is drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter


@dataclass(frozen=True)
class Column:
    """One column. Texts are of one row, a wire model; widths are px at 100 %, the least."""

    title: str
    text: Callable[[Any], str]
    width: int
    style: str = "body"
    role: Callable[[Any], str] = lambda _row: "text"
    """The colour role of the text."""
    right: bool = False
    """Whether head and text stand at the right."""
    stretch: int = 0
    """Its share of the room that is left."""
    spoken: Callable[[Any], str] | None = None
    """What a screen reader says instead of the text."""
    tip: Callable[[Any], str] | None = None
    paint: Callable[[QPainter, QRect, Any], None] | None = None
    """Draws the cell instead of the text."""
    head_icons: tuple[str, ...] = ()
    """Icons in the head instead of the title."""
    needs: Callable[[], int] = lambda: 0
    """The px that the words need which we choose: they are always whole, unlike those of the hub."""
    is_sorted: bool = False
    """Whether the hub sorts by it, newest or largest first."""
