"""How a paged table looks: head, rows, selection, all painted from the theme."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from agentdesk.desk import icons
from agentdesk.desk.tables.columns import Column
from agentdesk.desk.tables.keyset_table import ROW, KeysetTable
from agentdesk.desk.theme import theme, wear_sheet
from agentdesk.desk.widgets.side import placed, write
from agentdesk.desk.widgets.text import shorten, text_width
from agentdesk.i18n import _

_MARGIN = 20
_EDGE = 3
_ICON_STEP = 18


class TableView(QTableView):
    """A table of whole rows. Signals: `chosen(row)` on Enter or a click, `moved(row)` on Up and Down.

    `set_hidden` leaves columns out where there is little room.
    """

    chosen = Signal(object)
    moved = Signal(object)
    shown_changed = Signal()
    """Other rows show: scrolled, or another height."""

    def __init__(self, model: KeysetTable, name: str) -> None:
        super().__init__()
        self._columns = list(model.columns)
        self._widths = [column.width for column in self._columns]
        self.setModel(model)
        self.setAccessibleName(name)
        self._dress()
        self._rescale()
        theme.changed.connect(self._rescale)
        self.verticalScrollBar().valueChanged.connect(lambda _: self.shown_changed.emit())
        self.clicked.connect(lambda index: self.chosen.emit(index.data(ROW)))

    def select(self, place: int | None) -> None:
        """Make a row the current one; None takes the selection away."""
        if place is None:
            self.selectionModel().clear()
        else:
            self.setCurrentIndex(self.model().index(place, 0))

    def set_width(self, title: str, width: int) -> None:
        """Give a column another width, px at 100 %."""
        self._widths[[column.title for column in self._columns].index(title)] = width
        self._rescale()

    def set_hidden(self, *titles: str) -> None:
        """Leave these columns out, and show all others."""
        for i, column in enumerate(self._columns):
            self.setColumnHidden(i, column.title in titles)
        self._stretch()

    def is_at_top(self) -> bool:
        """Say whether the first row shows."""
        return self.verticalScrollBar().value() == 0

    def rows_shown(self) -> tuple[int, int]:
        """Return the first and last row that shows, counted from 1; (0, 0) when there is none."""
        count = self.model().rowCount()
        if not count:
            return 0, 0
        first = self.rowAt(0)
        last = self.rowAt(self.viewport().height() - self.rowHeight(0) // 2)
        return first + 1, (last if last >= 0 else count - 1) + 1

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, before: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Tell which row the keyboard moved to."""
        super().currentChanged(current, before)
        if current.isValid() and current.row() != before.row():
            self.moved.emit(current.data(ROW))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the row on Enter; Left and Right do not walk through cells."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.chosen.emit(self.currentIndex().data(ROW))
        elif event.key() not in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            super().keyPressEvent(event)

    def updateGeometries(self) -> None:
        """Let the head reach over the scroll bar to the edge."""
        super().updateGeometries()
        head = self.horizontalHeader()
        head.setGeometry(0, head.y(), self.width(), head.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the free width to the columns that stretch."""
        super().resizeEvent(event)
        self._stretch()
        self.shown_changed.emit()

    def _dress(self) -> None:
        wear_sheet(self)
        self.setHorizontalHeader(_Head(self._columns, self))
        self.setItemDelegate(_Cells(self._columns, self))
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)

    def _rescale(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme.px("row"))
        self.verticalHeader().setMinimumSectionSize(theme.px("row"))
        self.horizontalHeader().setFixedHeight(theme.px("row_table_head"))
        self._stretch()
        self.viewport().update()

    def _stretch(self) -> None:
        shown = [i for i in range(len(self._columns)) if not self.isColumnHidden(i)]
        needed = {i: _needed(self._columns[i], i == 0) for i in shown}
        needed[shown[-1]] += self.verticalScrollBar().sizeHint().width()
        least = {i: max(theme.px(self._widths[i]), needed[i]) for i in shown}
        free = self.width() - sum(least.values())
        shares = sum(self._columns[i].stretch for i in shown) or 1
        for i in shown:
            share = least[i] + free * self._columns[i].stretch // shares
            self.setColumnWidth(i, max(least[i] // 3, needed[i], share))
        # the scroll bar stands over the empty end of the last column, so that no other one moves
        bar = self.width() - self.viewport().width()
        self.setColumnWidth(shown[-1], self.columnWidth(shown[-1]) - bar)


class _Head(QHeaderView):
    def __init__(self, columns: list[Column], parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._columns = columns
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setAccessibleName(_("Columns"))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        """Draw a title, or the icons that stand for it."""
        column = self._columns[section]
        painter.save()
        painter.fillRect(rect, theme.color("sunken"))
        for y in (rect.top(), rect.bottom()):
            painter.fillRect(QRect(rect.left(), y, rect.width(), 1), theme.color("line"))
        area = placed(_inside(rect, column, section == 0), rect)
        if column.head_icons:
            for i, name in enumerate(column.head_icons):
                icons.paint(painter, area, area.left() + theme.px(i * _ICON_STEP), name, role="text_3")
        else:
            painter.setFont(theme.font("label"))
            painter.setPen(theme.color("text" if column.is_sorted else "text_3"))
            write(painter, area, shorten(painter, column.title, area.width()), at_end=column.right)
        if column.is_sorted:
            x = area.left() + painter.fontMetrics().horizontalAdvance(column.title) + theme.px("x1")
            icons.paint(painter, area, x, "caret-down", "x3", "text_3")
        painter.restore()


class _Cells(QStyledItemDelegate):
    def __init__(self, columns: list[Column], parent: QWidget) -> None:
        super().__init__(parent)
        self._columns = columns

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the row's height."""
        return QSize(theme.px("x12"), theme.px("row"))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw ground, line and contents of a cell."""
        column, row, rect = self._columns[index.column()], index.data(ROW), option.rect
        painter.save()
        self._paint_ground(painter, option, index.column() == 0)
        area = placed(_inside(rect, column, index.column() == 0), rect)
        if column.paint:
            column.paint(painter, area, row)
        else:
            painter.setFont(theme.font(column.style))
            painter.setPen(theme.color(column.role(row)))
            words = shorten(painter, column.text(row), area.width())
            write(painter, area, words, at_end=column.right)
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, first: bool) -> None:
        rect, view = option.rect, self.parent()
        assert isinstance(view, TableView), "the cells are those of a TableView"
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = view.rowAt(view.viewport().mapFromGlobal(view.cursor().pos()).y()) == view.rowAt(
            rect.center().y()
        )
        role = "selected" if selected else "hover" if hovered and view.viewport().underMouse() else "surface"
        painter.fillRect(rect, theme.color(role))
        painter.fillRect(
            QRect(QPoint(rect.left(), rect.bottom()), QSize(rect.width(), 1)), theme.color("line")
        )
        if selected and first:
            edge = QRect(rect.left(), rect.top(), _EDGE, rect.height() - 1)
            painter.fillRect(placed(edge, rect), theme.color("accent"))


def _needed(column: Column, first: bool) -> int:
    title = 0 if column.head_icons else text_width(column.title, "label")
    title += theme.px("x1") + theme.px("x3") if column.is_sorted else 0
    return max(title, column.needs()) - _inside(QRect(0, 0, 0, 0), column, first).width()


def _inside(rect: QRect, column: Column, first: bool) -> QRect:
    left = theme.px(_MARGIN) if first else 0
    right = theme.px(_MARGIN) if column.right else theme.px("x3")
    return rect.adjusted(left, 0, -right, 0)
