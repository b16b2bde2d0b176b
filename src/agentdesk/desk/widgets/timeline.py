"""A timeline: what happened, one node below the other."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from agentdesk.desk import icons
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.badge import Badge
from agentdesk.desk.widgets.box import Column, Margins, Row, Rows
from agentdesk.desk.widgets.button import IconButton
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _


@dataclass(frozen=True)
class Entry:
    """One thing that happened; `role` colours its node, `right` is a time or an amount."""

    icon: str
    role: str
    title: str
    detail: str = ""
    right: str = ""
    moved: bool = True
    """False greys the amount: the money did not move."""
    badge: tuple[str, str] | None = None
    """(role, word) in place of `right`."""
    is_time: bool = False
    """Whether `right` is a time, which is quieter than money."""
    opens: str = ""
    """What it opens when it is pressed; empty where there is no more to see."""


class Timeline(Rows):
    """Entries in the order given: newest first for a customer, oldest first inside one payment.

    Signal `opened(str)`: what an entry opens is wanted.
    """

    opened = Signal(str)

    def __init__(self, entries: Sequence[Entry] = (), *, gap: int = 10, margins: Margins = 0) -> None:
        super().__init__(self._make_entry, margins=margins)
        self._entry_gap = gap
        self.setAccessibleName(_("Timeline"))
        self.set_entries(entries)

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show other entries."""
        last = len(entries) - 1
        self.show_values((entry, self._entry_gap, i == last) for i, entry in enumerate(entries))

    def _make_entry(self, shown: tuple[Entry, int, bool]) -> Row:
        entry, gap, last = shown
        head = Row((Paragraph(entry.title, "medium", "text"), 1), _right(entry), gap=8)
        look = self._open_button(entry) if entry.opens else None
        detail = Paragraph(entry.detail, "caption", "text_3")
        below = Row((detail, 1), look, gap=8) if entry.detail or look else None
        words = Column(head, below, gap, margins=(2, 0, 0, 0))
        row = Row(_Node(entry.icon, entry.role, last), (words, 1), gap=10)
        row.setAccessibleName(entry.title)
        row.setAccessibleDescription(" ".join(part for part in (entry.detail, entry.right) if part))
        return row

    def _open_button(self, entry: Entry) -> IconButton:
        name = _("Open {title}, {detail}").format(title=entry.title, detail=entry.detail)
        button = IconButton("caret-right", name)
        button.clicked.connect(lambda: self.opened.emit(entry.opens))
        return button


def _right(entry: Entry) -> QWidget | None:
    if entry.badge:
        return Badge(*entry.badge)
    if not entry.right:
        return None
    if entry.is_time:
        return Text(entry.right, "body", "text_3")
    return Text(entry.right, "medium", "text" if entry.moved else "text_3")


class _Node(QWidget):
    def __init__(self, icon: str, role: str, last: bool) -> None:
        super().__init__()
        self._icon, self._role, self._last = icon, role, last
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Return the node's width."""
        return QSize(theme.px(24), theme.px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the node and the line to the next."""
        painter, side = QPainter(self), theme.px(24)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._last:
            painter.fillRect(
                QRectF(side / 2 - 0.5, side + 2, 1, self.height() - side - 2), theme.color("line_strong")
            )
        painter.setPen(QPen(theme.color(f"{self._role}_line"), 1))
        painter.setBrush(theme.color(f"{self._role}_tint"))
        painter.drawEllipse(QRectF(0.5, 0.5, side - 1, side - 1))
        painter.setPen(Qt.PenStyle.NoPen)
        role = "accent_text" if self._role == "accent" else self._role
        x = (side - theme.px("icon_small")) // 2
        icons.paint(painter, QRect(0, 0, side, side), x, self._icon, "icon_small", role)
