"""What a person can read in a window now."""

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QWidget

_ROWS = 50


def words(window: QWidget) -> str:
    """Return every text that shows: labels, buttons, fields, names of drawn parts, rows of tables."""
    found: list[str] = []
    for part in window.findChildren(QWidget):
        if not part.isVisible():
            continue
        found.append(part.accessibleName())
        text = getattr(part, "text", None)
        if callable(text):
            found.append(str(text()))
        if isinstance(part, QAbstractItemView):
            found += _rows(part)
    return "\n".join(one for one in found if one)


def _rows(table: QAbstractItemView) -> list[str]:
    model, top = table.model(), QModelIndex()
    if model is None:
        return []
    roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
    return [
        str(model.index(row, column).data(role) or "")
        for row in range(min(model.rowCount(top), _ROWS))
        for column in range(model.columnCount(top))
        for role in roles
    ]
