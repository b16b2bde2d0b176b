"""Widgets side by side that go on in the next line where there is no more room."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget

from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.side import placed


class Flow(QWidget):
    """A row that wraps, None for nothing.

    `gap` is px at 100 % between widgets, and between lines too without `between`.
    """

    def __init__(self, *widgets: QWidget | None, gap: int, between: int | None = None) -> None:
        super().__init__()
        self._lines = _Lines(self, gap, gap if between is None else between)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_widgets([widget for widget in widgets if widget is not None])
        theme.changed.connect(self._lines.invalidate)

    def set_widgets(self, widgets: Sequence[QWidget]) -> None:
        """Replace the contents; the old ones are deleted."""
        while (item := self._lines.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for widget in widgets:
            self._lines.addWidget(widget)


class _Lines(QLayout):
    def __init__(self, owner: QWidget, gap: int, between: int) -> None:
        super().__init__(owner)
        self._items: list[QLayoutItem] = []
        self._heights: dict[int, int] = {}
        """Heights by width: the layouts around this one ask for them again and again."""
        self._gap, self._between = gap, between
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if width not in self._heights:
            self._heights[width] = self._arrange(QRect(0, 0, width, 0), moving=False)
        return self._heights[width]

    def invalidate(self) -> None:
        self._heights.clear()
        super().invalidate()

    def sizeHint(self) -> QSize:
        hints = [item.sizeHint() for item in self._shown()]
        across = sum(hint.width() for hint in hints) + theme.px(self._gap) * max(0, len(hints) - 1)
        return QSize(across, max((hint.height() for hint in hints), default=0))

    def minimumSize(self) -> QSize:
        sizes = [item.minimumSize() for item in self._shown()]
        return QSize(max((s.width() for s in sizes), default=0), max((s.height() for s in sizes), default=0))

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, moving=True)

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]

    def _arrange(self, rect: QRect, *, moving: bool) -> int:
        """Place the lines from the top, each widget in the middle of its line; return their height."""
        y, gap, between = rect.y(), theme.px(self._gap), theme.px(self._between)
        for line in self._broken(rect.width()):
            x, height = rect.x(), max(item.sizeHint().height() for item in line)
            for item in line:
                size = item.sizeHint()
                if moving:
                    area = QRect(QPoint(x, y + (height - size.height()) // 2), size)
                    item.setGeometry(placed(area, rect))
                x += size.width() + gap
            y += height + between
        return max(0, y - between - rect.y())

    def _broken(self, width: int) -> list[list[QLayoutItem]]:
        """Return what stands in each line."""
        lines: list[list[QLayoutItem]] = []
        left, gap = 0, theme.px(self._gap)
        for item in self._shown():
            needed = item.sizeHint().width()
            if not lines or needed > left:
                lines.append([])
                left = width
            lines[-1].append(item)
            left -= needed + gap
        return lines
