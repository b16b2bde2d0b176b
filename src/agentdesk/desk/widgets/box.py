"""Rows, columns and cards on the grid: margins and gaps that grow with the text, grounds painted by role."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import EllipsisType
from typing import Any

from PySide6.QtCore import QEvent, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QSpacerItem, QWidget

from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.fade import Fade
from agentdesk.desk.widgets.side import is_leftwards, placed

#: A widget, a gap in px, `...` for all free space, (widget, stretch), or None for nothing.
Item = QWidget | int | EllipsisType | tuple[QWidget, int] | None
Margins = int | tuple[int, int] | tuple[int, int, int, int]


@dataclass(frozen=True)
class Look:
    """How a box is painted, by colour roles; `sides` draws hairlines at any of `t r b l`.

    Left is where lines begin: the right in a language that runs leftwards.
    """

    fill: str | None = None
    line: str | None = None
    line_width: int = 1
    radius: str | None = None
    sides: str = ""
    edge: str | None = None
    """A 3 px edge at the left."""
    top: str | None = None
    """A 2 px line at the top."""


class Box(QWidget):
    """A row or a column. Margins are (top, right, bottom, left) or (vertical, horizontal), at 100 %.

    `height` and `width` are fixed; `least` is a height that words which wrap may exceed. `fill` gives a row's
    items its whole height instead of centring them.
    """

    def __init__(
        self,
        items: Sequence[Item] = (),
        *,
        across: bool,
        margins: Margins = 0,
        gap: int | str = 0,
        height: int | str | None = None,
        least: int | str | None = None,
        width: int | str | Callable[[], int] | None = None,
        look: Look | None = None,
        fill: bool = False,
    ) -> None:
        super().__init__()
        self._box_fill = fill
        self._box_fade = Fade(self)
        self._box_across, self._box_margins, self._box_gap = across, _four(margins), gap
        self._box_height, self._box_least, self._box_width = height, least, width
        self.look = look or Look()
        self._box_is_plain = look is None
        direction = QBoxLayout.Direction.LeftToRight if across else QBoxLayout.Direction.TopToBottom
        self._box_layout = QBoxLayout(direction, self)
        self._box_spacers: list[tuple[QSpacerItem, int]] = []
        for item in items:
            self.add(item)
        self._rescale()
        theme.changed.connect(self._rescale)

    def add(self, item: Item) -> None:
        """Put one more item at the end."""
        if item is None:
            return
        if item is ...:
            self._box_layout.addStretch(1)
        elif isinstance(item, int):
            self._add_spacer(item)
        else:
            widget, stretch = item if isinstance(item, tuple) else (item, 0)
            self._box_layout.addWidget(widget, stretch, self._alignment(widget))
            self._show_now(widget)

    def clear(self) -> None:
        """Take everything out and delete it."""
        self._box_spacers.clear()
        while self._box_layout.count():
            self._take_out(0)

    def set_items(self, items: Sequence[Item]) -> None:
        """Replace the contents."""
        self.clear()
        with self._one_layout():
            for item in items:
                self.add(item)

    def set_least(self, least: int | str) -> None:
        """Be at least so high, a token or px at 100 %."""
        self._box_least = least
        self._rescale()

    def set_across(self, across: bool) -> None:
        """Put the items of a row below each other, or side by side again."""
        way = QBoxLayout.Direction.LeftToRight if across else QBoxLayout.Direction.TopToBottom
        if way != self._box_layout.direction():
            self._box_layout.setDirection(way)
            self.updateGeometry()

    def is_across(self) -> bool:
        """Say whether the items stand side by side."""
        return self._box_layout.direction() == QBoxLayout.Direction.LeftToRight

    def least_across(self) -> int:
        """Return the width that the items need side by side."""
        layout = self._box_layout
        items = [item for i in range(layout.count()) if not (item := layout.itemAt(i)).isEmpty()]
        margins = layout.contentsMargins()
        between = max(0, len(items) - 1) * layout.spacing()
        return sum(item.minimumSize().width() for item in items) + between + margins.left() + margins.right()

    def set_look(self, look: Look) -> None:
        """Paint the box differently."""
        if look != self.look:
            self.look, self._box_is_plain = look, False
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint fill, line, hairlines and edges."""
        if self._box_is_plain:
            return  # most boxes only hold others
        fill = theme.color(self.look.fill) if self.look.fill else None
        paint_look(self, QPainter(self), self.look, self._box_fade.towards(fill))

    def _alignment(self, widget: QWidget) -> Qt.AlignmentFlag:
        vertical = widget.sizePolicy().verticalPolicy()
        if not self._box_across or self._box_fill or vertical == QSizePolicy.Policy.Expanding:
            return Qt.AlignmentFlag(0)
        return Qt.AlignmentFlag.AlignVCenter

    @contextmanager
    def _one_layout(self) -> Iterator[None]:
        # else each item that shows lays out the whole window anew
        self._box_layout.setEnabled(False)
        try:
            yield
        finally:
            self._box_layout.setEnabled(True)
            self._box_layout.invalidate()

    def _take_out(self, place: int) -> None:
        item = self._box_layout.takeAt(place)
        if item is not None and (widget := item.widget()):
            widget.hide()
            widget.setParent(None)
            # held until the next turn: where Python lets go at once, Qt may be walking over all widgets
            QTimer.singleShot(0, lambda widget=widget: widget.deleteLater())

    def _show_now(self, widget: QWidget) -> None:
        # a layout shows what is added to a visible box only at the next turn of the event loop,
        # which loses a focus set before
        if self.isVisible() and not widget.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
            widget.show()

    def _add_spacer(self, size: int) -> None:
        spacer = QSpacerItem(0, 0)
        self._box_spacers.append((spacer, size))
        self._box_layout.addItem(spacer)
        self._size_spacer(spacer, size)

    def _size_spacer(self, spacer: QSpacerItem, size: int) -> None:
        px, fixed, free = theme.px(size), QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Minimum
        if self._box_across:
            spacer.changeSize(px, 0, fixed, free)
        else:
            spacer.changeSize(0, px, free, fixed)

    def _rescale(self) -> None:
        top, right, bottom, left = (theme.px(m) for m in self._box_margins)
        sides = self.look.sides  # a region's edge line is not painted over by what is in it
        left, right = left + ("l" in sides), right + ("r" in sides)
        first, last = (right, left) if is_leftwards() else (left, right)
        self._box_layout.setContentsMargins(first, top, last, bottom)
        self._box_layout.setSpacing(theme.px(self._box_gap))
        for spacer, size in self._box_spacers:
            self._size_spacer(spacer, size)
        if self._box_least is not None:
            self.setMinimumHeight(theme.px(self._box_least))
        if self._box_height is not None:
            self.setFixedHeight(theme.px(self._box_height))
        if callable(self._box_width):
            self.setFixedWidth(self._box_width())
        elif self._box_width is not None:
            self.setFixedWidth(theme.px(self._box_width))
        self._box_layout.invalidate()
        self.update()


class Row(Box):
    """Items side by side, centred on one line."""

    def __init__(self, *items: Item, **options: object) -> None:
        super().__init__(items, across=True, **options)  # type: ignore[arg-type]


class Column(Box):
    """Items below each other."""

    def __init__(self, *items: Item, **options: object) -> None:
        super().__init__(items, across=False, **options)  # type: ignore[arg-type]


class Stacking(Row):
    """A row whose items stand below each other where they do not fit side by side; then it has no `least`."""

    def __init__(self, *items: Item, least: int | str = 0, **options: object) -> None:
        super().__init__(*items, least=least, **options)
        self._box_least_across = least

    def event(self, event: QEvent) -> bool:
        """Look again whether all fits when there is other room, or something needs more or less."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            fits = self.least_across() <= self.width()
            if fits != self.is_across():
                self.set_across(fits)
                self.set_least(self._box_least_across if fits else 0)
        return super().event(event)


class Rows(Column):
    """Parts made of values; a part whose value stays is kept in its place, with its focus.

    `change(part, value)` lets a part show another value; without it another part is made.
    """

    def __init__(
        self,
        make: Callable[[Any], QWidget],
        change: Callable[[Any, Any], object] | None = None,
        **options: object,
    ) -> None:
        super().__init__(**options)
        self._make, self._change, self._values = make, change, list[object]()

    def show_values(self, values: Iterable[object]) -> None:
        """Show other values."""
        wanted = list(values)
        if wanted == self._values:
            return
        with self._one_layout():
            for place, (before, value) in enumerate(zip(self._values, wanted, strict=False)):
                if before != value:
                    self._replace(place, value)
            for _surplus in self._values[len(wanted) :]:
                self._take_out(len(wanted))
            for place in range(len(self._values), len(wanted)):
                self._put_in(place, wanted[place])
        self._values = wanted

    def parts(self) -> list[QWidget]:
        """Return the parts in their order."""
        return [self._box_layout.itemAt(i).widget() for i in range(len(self._values))]

    def _replace(self, place: int, value: object) -> None:
        if self._change is not None:
            self._change(self._box_layout.itemAt(place).widget(), value)
        else:
            self._take_out(place)
            self._put_in(place, value)

    def _put_in(self, place: int, value: object) -> None:
        widget = self._make(value)
        self._box_layout.insertWidget(place, widget, 0, self._alignment(widget))
        self._show_now(widget)


class Card(Column):
    """A flat box with one line and round corners; the fills of its rows keep inside its corners."""

    def __init__(
        self, *items: Item, margins: Margins = 1, gap: int = 0, width: int | str | None = None
    ) -> None:
        look = Look(fill="surface", line="line_strong", radius="card")
        super().__init__(*items, margins=margins, gap=gap, width=width, look=look)


class Divider(QWidget):
    """A hairline: across by default, or standing with `height`."""

    def __init__(self, *, height: int | None = None) -> None:
        super().__init__()
        if height is None:
            self.setFixedHeight(1)
        else:
            self.setFixedSize(1, theme.px(height))
        self._role = "line" if height is None else "line_strong"
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line."""
        QPainter(self).fillRect(self.rect(), theme.color(self._role))


def widest(parts: Sequence[QWidget], least: int) -> Callable[[], int]:
    """Return the `width` of a column of parts: that of the widest, and at least so many px at 100 %."""
    return lambda: max(theme.px(least), *(part.sizeHint().width() for part in parts))


def fills(widget: QWidget) -> QWidget:
    """Let the widget take the free space of both directions; returns it."""
    widget.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
    return widget


def widens(widget: QWidget) -> QWidget:
    """Let the widget take the free width; returns it."""
    widget.setSizePolicy(QSizePolicy.Policy.Expanding, widget.sizePolicy().verticalPolicy())
    return widget


def paint_look(widget: QWidget, painter: QPainter, look: Look, fill: QColor | None = None) -> None:
    """Paint a look over the whole widget; `fill` overrides the role, for fades."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    area = QRectF(widget.rect())
    color = fill or (theme.color(look.fill) if look.fill else None)
    if color is not None:
        painter.fillPath(_shape(widget, area, look), color)
    if look.line:
        half = look.line_width / 2
        radius = theme.radius(look.radius) if look.radius else 0
        painter.setPen(QPen(theme.color(look.line), look.line_width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = max(0, radius - half)
        painter.drawRoundedRect(area.adjusted(half, half, -half, -half), radius, radius)
    _paint_sides(widget, painter, look)


def _paint_sides(widget: QWidget, painter: QPainter, look: Look) -> None:
    w, h = widget.width(), widget.height()
    strips = {"t": (0, 0, w, 1), "b": (0, h - 1, w, 1), "l": (0, 0, 1, h), "r": (w - 1, 0, 1, h)}
    for side in look.sides:
        painter.fillRect(placed(QRect(*strips[side]), widget.rect()), theme.color("line"))
    if look.edge:
        edge = QPainterPath()
        edge.addRoundedRect(placed(QRectF(0, 0, 3, h), widget.rect()), 1.5, 1.5)
        painter.fillPath(edge.intersected(_shape(widget, QRectF(0, 0, w, h), look)), theme.color(look.edge))
    if look.top:
        painter.fillRect(0, 0, w, 2, theme.color(look.top))


def _shape(widget: QWidget, area: QRectF, look: Look) -> QPainterPath:
    path = QPainterPath()
    if look.radius:
        radius = theme.radius(look.radius)
        path.addRoundedRect(area, radius, radius)
        return path
    path.addRect(area)
    card = _card_of(widget)
    if card is None:
        return path
    inner, radius = QPainterPath(), theme.radius("card") - 1
    offset = widget.mapTo(card, widget.rect().topLeft())
    frame = QRectF(card.rect()).adjusted(1, 1, -1, -1).translated(-offset.x(), -offset.y())
    inner.addRoundedRect(frame, radius, radius)
    return path if inner.contains(area) else path.intersected(inner)


def _card_of(widget: QWidget) -> Card | None:
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, Card):
        parent = parent.parentWidget()
    return parent


def _four(margins: Margins) -> tuple[int, int, int, int]:
    if isinstance(margins, int):
        return (margins,) * 4
    if len(margins) == 2:
        vertical, horizontal = margins
        return (vertical, horizontal, vertical, horizontal)
    return margins
