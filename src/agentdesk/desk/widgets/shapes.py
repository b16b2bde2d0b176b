"""Small drawn parts: icon, ring, dots, progress, check mark, avatar, the product's mark."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QPolygonF, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from agentdesk.desk import icons
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.side import placed

_PULSE_LOW = 0.35
_MARK_DOTS = ((7, 7), (12, 7), (17, 7), (7, 12), (12, 12), (17, 12), (12, 17))


class Shape(QWidget):
    """A drawn part of one fixed size that scales with the text."""

    def __init__(self, width: str | float, height: str | float | None = None) -> None:
        super().__init__()
        self._size = (width, width if height is None else height)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._rescale()
        theme.changed.connect(self._rescale)

    def sizeHint(self) -> QSize:
        """Return the fixed size."""
        return QSize(theme.px(self._size[0]), theme.px(self._size[1]))

    def pen(self) -> QPainter:
        """Return a smooth painter scaled to 100 % sizes."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(theme.text_scale, theme.text_scale)
        return painter

    def _rescale(self) -> None:
        self.setFixedSize(self.sizeHint())
        self.update()


class Icon(Shape):
    """A Phosphor icon in a colour role; a picture beside words, so it has no name of its own."""

    def __init__(self, name: str, size: str | float = "icon", role: str = "text_2") -> None:
        self._name, self._icon_size, self._role = name, size, role
        super().__init__(size)

    def set_icon(self, name: str, role: str | None = None) -> None:
        """Draw another icon."""
        self._name, self._role = name, role or self._role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the icon."""
        icons.paint(QPainter(self), self.rect(), 0, self._name, self._icon_size, self._role)


class Ring(Shape):
    """A ring that is full at 1 and empty at 0, for a time-out that runs down."""

    def __init__(self, fraction: float = 0.62, size: str | float = 24, role: str = "accent_text") -> None:
        self._fraction, self._role = fraction, role
        super().__init__(size)

    def set_fraction(self, fraction: float) -> None:
        """Show how much is left, 0 to 1."""
        self._fraction = min(1.0, max(0.0, fraction))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring."""
        paint_ring(QPainter(self), QRectF(self.rect()), self._fraction, self._role)


def paint_ring(painter: QPainter, area: QRectF, fraction: float, role: str, start: float = 0.0) -> None:
    """Draw a ring inside the area; `start` turns it, in parts of a circle."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inner = area.adjusted(2, 2, -2, -2)
    stroke = 2.5 if area.width() >= 20 else 2
    if not theme.high_contrast:
        painter.setPen(QPen(theme.color("line_strong"), stroke))
        painter.drawEllipse(inner)
    pen = QPen(theme.color(role), stroke)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawArc(inner, round((0.25 - start) * 5760), -round(fraction * 5760))


class Dots(Shape):
    """Places to key in groups, some filled; the next one has a thicker ring.

    Digits run to the right in every language.
    """

    def __init__(self, groups: tuple[int, ...], filled: int = 0) -> None:
        self._groups, self._filled = groups, filled
        self._dot, self._gap = (8, 3) if sum(groups) > 6 else (14, 8)
        places = sum(groups)
        width = places * self._dot + (places - 1) * self._gap + (len(groups) - 1) * 12 + 2
        super().__init__(width, max(20, self._dot + 4))
        self._pulse = QVariantAnimation(self)
        self._pulse.setStartValue(1.0)
        self._pulse.setKeyValueAt(0.5, _PULSE_LOW)
        self._pulse.setEndValue(1.0)
        self._pulse.setLoopCount(-1)
        self._pulse.valueChanged.connect(self._repaint)

    def showEvent(self, event: QShowEvent) -> None:
        """Let the next place pulse, unless motion is reduced."""
        if duration := theme.ms("lamp_pulse"):
            self._pulse.setDuration(duration)
            self._pulse.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop the pulse."""
        self._pulse.stop()

    def set_filled(self, filled: int) -> None:
        """Fill this many places."""
        self._filled = filled
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the places."""
        painter, x, i, middle = self.pen(), 1.0, 0, self._size[1] / 2
        for group, places in enumerate(self._groups):
            for _ in range(places):
                self._place(painter, QRectF(x, middle - self._dot / 2, self._dot, self._dot), i)
                x, i = x + self._dot + self._gap, i + 1
            if self._groups == (2, 2) and group == 0:
                centre = x - self._gap / 2 + 6
                painter.setPen(QPen(theme.color("text_3"), 1.5))
                painter.drawLine(QPointF(centre + 3, middle - 8), QPointF(centre - 3, middle + 8))
            x += 12

    def _place(self, painter: QPainter, area: QRectF, index: int) -> None:
        if index < self._filled:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_text"))
            painter.drawEllipse(area)
            return
        following = index == self._filled
        role, stroke = ("accent_text", 2) if following else ("control_line", 1.25)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color(role), stroke))
        pulses = following and self._pulse.state() == QVariantAnimation.State.Running
        painter.setOpacity(self._pulse.currentValue() if pulses else 1.0)
        painter.drawEllipse(area.adjusted(1, 1, -1, -1))
        painter.setOpacity(1.0)

    def _repaint(self) -> None:
        self.update()


class Progress(QWidget):
    """A thin bar, filled from 0 to 1; the track is an outline only in high contrast."""

    def __init__(self, fraction: float = 0.0, role: str = "accent_text", height: int = 4) -> None:
        super().__init__()
        self._fraction, self._role, self._thickness = fraction, role, height
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(theme.px("x5"))
        self._rescale()
        theme.changed.connect(self._rescale)

    def set_progress(self, fraction: float, role: str | None = None) -> None:
        """Fill to a part of the whole."""
        self._fraction, self._role = fraction, role or self._role
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw track and fill."""
        painter, area, r = QPainter(self), QRectF(self.rect()), self.height() / 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if theme.high_contrast:
            painter.setPen(QPen(theme.color("line_strong"), 1))
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), r, r)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("line_strong"))
            painter.drawRoundedRect(area, r, r)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color(self._role))
        filled = QRectF(0, 0, area.width() * self._fraction, area.height())
        painter.drawRoundedRect(placed(filled, area), r, r)

    def _rescale(self) -> None:
        self.setFixedHeight(theme.px(self._thickness))


def paint_check(painter: QPainter, area: QRectF, on: bool, enabled: bool = True) -> None:
    """Draw a check box of 16 at 100 %."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ring = "control_line" if enabled else "line_strong"
    fill = "surface" if enabled else "sunken"
    painter.setPen(QPen(theme.color("accent" if on and enabled else ring), 1.5))
    painter.setBrush(theme.color(("accent" if enabled else "line_strong") if on else fill))
    radius = theme.radius("badge")
    painter.drawRoundedRect(area.adjusted(0.75, 0.75, -0.75, -0.75), radius, radius)
    if on:
        unit = area.width() / 16
        tick = [(4.3, 8.3), (7, 11), (11.8, 5.4)]
        points = QPolygonF([area.topLeft() + QPointF(x * unit, y * unit) for x, y in tick])
        pen = QPen(theme.color("on_solid"), 2 * unit)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPolyline(points)


def paint_radio(painter: QPainter, area: QRectF, on: bool) -> None:
    """Draw a radio mark."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ring = area.adjusted(0.75, 0.75, -0.75, -0.75)
    painter.setPen(QPen(theme.color("accent" if on else "control_line"), 1.5))
    painter.setBrush(theme.color("surface"))
    painter.drawEllipse(ring)
    if on:
        inset = area.width() * 0.22
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent"))
        painter.drawEllipse(ring.adjusted(inset, inset, -inset, -inset))


def initials(name: str) -> str:
    """Return `PN` for `Priya Nair`."""
    words = name.split()
    return "".join(word[0] for word in (words[0], words[-1])[: len(words)]).upper() if words else "?"


class Avatar(Shape):
    """Initials in a circle; role `accent` for the person concerned, `neutral` in lists."""

    def __init__(self, initials: str, size: int = 40, role: str = "accent", name: str = "") -> None:
        self._initials, self._role = initials, role
        super().__init__(size)
        self.setAccessibleName(name or initials)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw circle and initials."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color(f"{self._role}_line"), 1))
        painter.setBrush(theme.color(f"{self._role}_tint"))
        painter.drawEllipse(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.setPen(theme.color("accent_text" if self._role == "accent" else self._role))
        painter.setFont(theme.font("label" if self._size[0] < 36 else "strong"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._initials)


class Mark(Shape):
    """The product's mark: a keypad."""

    def __init__(self, size: int = 24) -> None:
        super().__init__(size)
        self.setAccessibleName("Agent Desk")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the keypad."""
        painter, size = self.pen(), self._size[0]
        unit = size / 24
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent"))
        painter.drawRoundedRect(QRectF(0, 0, size, size), size / 4, size / 4)
        painter.setBrush(theme.color("on_solid"))
        for x, y in _MARK_DOTS:
            painter.drawEllipse(QPointF(x * unit, y * unit), 1.7 * unit, 1.7 * unit)
