"""Badges: a word with a shape and a colour, for outcomes and for work."""

from collections.abc import Iterable
from typing import NamedTuple

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy

from agentdesk.desk import icons
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.side import placed, write
from agentdesk.desk.widgets.text import text_width
from agentdesk.i18n import _


class BadgeKind(NamedTuple):
    """Colour role, icon and word of a badge."""

    role: str
    icon: str
    word: str


#: Outcomes by their wire value, and states of work.
KINDS = {
    "approved": BadgeKind("success", "check-circle-fill", _("Approved")),
    "declined": BadgeKind("danger", "x-circle-fill", _("Declined")),
    "pending": BadgeKind("info", "clock-fill", _("Pending")),
    "unknown": BadgeKind("warning", "question-fill", _("Unknown")),
    "not_sent": BadgeKind("neutral", "minus-circle-fill", _("Not sent")),
    "refunded": BadgeKind("neutral", "arrow-u-up-left", _("Refunded")),
    "part_refund": BadgeKind("neutral", "arrow-u-up-left", _("Part refund")),
    "done": BadgeKind("success", "check-circle-fill", _("Done")),
    "queued": BadgeKind("info", "clock-fill", _("Queued")),
    "parked": BadgeKind("danger", "warning-fill", _("Parked")),
    "held": BadgeKind("warning", "lock-fill", _("Held")),
    "posting": BadgeKind("info", "clock-fill", _("Paid, posting")),
    "currency": BadgeKind("neutral", "prohibit", _("Other currency")),
    "plan": BadgeKind("info", "calendar-check", _("In a plan")),
    "capturing": BadgeKind("secure", "lock-key-fill", _("Capturing card")),
    "sending": BadgeKind("info", "clock-fill", _("Sending")),
    "link": BadgeKind("info", "link-simple", _("Link open")),
    "asked": BadgeKind("info", "hand-palm-fill", _("Asked")),
    "allowed": BadgeKind("info", "check-circle", _("Allowed")),
    "refused": BadgeKind("danger", "prohibit", _("Not allowed")),
    "draft": BadgeKind("neutral", "pencil-simple", _("Draft")),
}


class Badge(QLabel):
    """A badge with its own role, word and icon; `badge_of` makes one of a known kind."""

    def __init__(self, role: str, word: str, icon: str | None = None) -> None:
        super().__init__(word)
        self._role, self._icon = role, icon
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(word)
        theme.changed.connect(self._rescale)

    def set_badge(self, role: str, word: str, icon: str | None = None) -> None:
        """Show another state in the same place."""
        self._role, self._icon = role, icon
        self.setText(word)
        self.setAccessibleName(word)
        self._rescale()

    def sizeHint(self) -> QSize:
        """Return the size of icon and word."""
        return badge_size(self.text(), self._icon)

    def minimumSizeHint(self) -> QSize:
        """Return the size hint: a badge never cuts its word."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the badge."""
        _paint(QPainter(self), QRectF(self.rect()), self._role, self.text(), self._icon)

    def _rescale(self) -> None:
        self.updateGeometry()
        self.update()


def badge_of(kind: str, word: str | None = None) -> Badge:
    """Make a badge of an outcome or a state of work; `word` replaces its usual word."""
    known = KINDS[kind]
    return Badge(known.role, word or known.word, known.icon)


def badge_size(word: str, icon: str | None) -> QSize:
    """Return the size of a badge."""
    width = text_width(word, "label") + theme.px("x2")
    width += theme.px(6) + theme.px("icon_small") + theme.px("x1") if icon else theme.px("x2")
    return QSize(width, theme.px("badge"))


def widest_badge(kinds: Iterable[BadgeKind]) -> int:
    """Return the width of the widest of some badges."""
    return max(badge_size(kind.word, kind.icon).width() for kind in kinds)


def paint_badge_in(painter: QPainter, area: QRect, kind: BadgeKind) -> None:
    """Draw a badge where the lines of an area begin, in the middle of its height; for what has no widgets."""
    size = badge_size(kind.word, kind.icon)
    top = area.top() + (area.height() - size.height()) // 2
    place = placed(QRect(area.left(), top, size.width(), size.height()), area)
    _paint(painter, QRectF(place), kind.role, kind.word, kind.icon)


def _paint(painter: QPainter, area: QRectF, role: str, word: str, icon: str | None) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.color(f"{role}_line"), 1))
    painter.setBrush(theme.color(f"{role}_tint"))
    radius = theme.radius("badge")
    painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    x = area.x() + theme.px("x2")
    color_role = "accent_text" if role == "accent" else role
    if icon:
        icons.paint(painter, area, area.x() + theme.px(6), icon, "icon_small", color_role)
        x = area.x() + theme.px(6) + theme.px("icon_small") + theme.px("x1")
    painter.setFont(theme.font("label"))
    painter.setPen(theme.color(color_role))
    rest = placed(QRectF(x, area.y(), area.right() - x, area.height()), area)
    write(painter, rest, word)
