"""Rows that come page by page from the hub, which filters and sorts them."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from agentdesk.desk.tables.columns import Column

ROW = Qt.ItemDataRole.UserRole
"""The role that answers the row itself, a wire model."""

_Index = QModelIndex | QPersistentModelIndex


class PageOf(Protocol):
    """A page: its rows, and the cursor of the next page, None on the last."""

    rows: Sequence[Any]
    cursor: str | None


class KeysetTable(QAbstractTableModel):
    """A table of pages. It asks by `wanted(generation, cursor)` and is answered by `take` or `fail`.

    Each reload is a new generation; an answer to an older one is dropped. `state_changed` follows every
    start and end of waiting.
    """

    wanted = Signal(int, object)
    state_changed = Signal()

    def __init__(
        self, columns: Sequence[Column], key: Callable[[Any], str], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.columns, self._key = columns, key
        self._rows: list[Any] = []
        self._cursor: str | None = None
        self._generation = 0
        self._asked: str | None = None
        """The cursor that was asked for last; None for the first page."""
        self.is_waiting = False
        self.has_failed = False

    # --- asking

    def reload(self, *, keep: bool = False) -> None:
        """Ask for the first page. `keep` shows what is known until it has come: the filters are the same."""
        if not keep:
            self._replace([], None)
        self._generation += 1
        self._ask(None)

    def again(self) -> None:
        """Ask again for the page that failed."""
        self._ask(self._asked)

    def take(self, generation: int, page: PageOf) -> bool:
        """Show a page that came; False where it is too late."""
        if generation != self._generation:
            return False
        if self._asked is not None:
            self._append(page.rows)
            self._cursor = page.cursor
        elif not self._merge(page):
            self._replace(list(page.rows), page.cursor)
        self.is_waiting = False  # only now: a view may ask for more while rows are put in
        self.state_changed.emit()
        return True

    def fail(self, generation: int) -> bool:
        """Note that a page did not come; False where nobody waits for it any more."""
        if generation != self._generation:
            return False
        self.is_waiting, self.has_failed = False, True
        self.state_changed.emit()
        return True

    # --- rows

    def row(self, place: int) -> Any:
        """Return the row at a place. Raises IndexError."""
        return self._rows[place]

    def place(self, key: str) -> int | None:
        """Return where a row is; None where it is not loaded."""
        return next((i for i, row in enumerate(self._rows) if self._key(row) == key), None)

    def update_row(self, row: Any) -> None:
        """Show a newer form of a row that is loaded."""
        place = self.place(self._key(row))
        if place is not None and self._rows[place] != row:
            self._rows[place] = row
            self.dataChanged.emit(self.index(place, 0), self.index(place, len(self.columns) - 1))

    # --- Qt's model

    def rowCount(self, parent: _Index = QModelIndex()) -> int:
        """Return how many rows are loaded."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def canFetchMore(self, parent: _Index) -> bool:
        """Say whether the next page may be asked for now."""
        idle = not self.is_waiting and not self.has_failed
        return not parent.isValid() and idle and self._cursor is not None

    def fetchMore(self, parent: _Index) -> None:
        """Ask for the next page."""
        if self.canFetchMore(parent):
            self._ask(self._cursor)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows or says, or its row."""
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], self.columns[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.text(row)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{column.title}: {(column.spoken or column.text)(row)}"
            case Qt.ItemDataRole.ToolTipRole:
                return column.tip(row) if column.tip else None
            case Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
        return row if role == ROW else None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a column's title."""
        names = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
        if orientation == Qt.Orientation.Horizontal and role in names:
            return self.columns[section].title
        return None

    # --- inside

    def _ask(self, cursor: str | None) -> None:
        self._asked, self.is_waiting, self.has_failed = cursor, True, False
        self.state_changed.emit()
        self.wanted.emit(self._generation, cursor)

    def _replace(self, rows: list[Any], cursor: str | None) -> None:
        self.beginResetModel()
        self._rows, self._cursor = rows, cursor
        self.endResetModel()

    def _append(self, rows: Sequence[Any]) -> None:
        if rows:
            self._insert(len(self._rows), rows)

    def _insert(self, place: int, rows: Sequence[Any]) -> None:
        self.beginInsertRows(QModelIndex(), place, place + len(rows) - 1)
        self._rows[place:place] = rows
        self.endInsertRows()

    def _merge(self, page: PageOf) -> bool:
        """Put a newer first page over the known rows, so that place and selection stay; False: it differs."""
        known, new = ([self._key(row) for row in rows] for rows in (self._rows, page.rows))
        if not known or known[0] not in new:
            return False
        added = new.index(known[0])
        common = new[added:]
        ends_early = page.cursor is None and len(common) < len(known)
        if common != known[: len(common)] or ends_early:
            return False
        if added:
            self._insert(0, page.rows[:added])
        for row in page.rows[added:]:
            self.update_row(row)
        if len(new) == len(self._rows):
            self._cursor = page.cursor
        return True
