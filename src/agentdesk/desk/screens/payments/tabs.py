"""Names side by side, of which one is chosen."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.box import Look, Row
from agentdesk.desk.widgets.flow import Flow
from agentdesk.desk.widgets.focus import stop_at
from agentdesk.desk.widgets.side import placed, write
from agentdesk.desk.widgets.text import text_width


class Tabs(Row):
    """Names side by side, one underlined. Signal `chosen(name)`."""

    chosen = Signal(str)

    def __init__(self, names: tuple[str, ...]) -> None:
        self._tabs = {name: _Tab(name) for name in names}
        super().__init__(
            (Flow(*self._tabs.values(), gap=20, between=0), 1), margins=(0, 20), look=Look(sides="b")
        )
        self.current = names[0]
        self._tabs[self.current].setChecked(True)
        stop_at(self._tabs[self.current], self._tabs.values())
        for name, tab in self._tabs.items():
            tab.clicked.connect(lambda _=False, name=name: self._choose(name))

    def set_note(self, name: str, note: str) -> None:
        """Add words that need an eye to a name."""
        self._tabs[name].set_note(note)

    def choose(self, name: str) -> None:
        """Choose a name."""
        self._tabs[name].setChecked(True)
        self._choose(name)

    def _choose(self, name: str) -> None:
        self.current = name
        stop_at(self._tabs[name], self._tabs.values())
        self.chosen.emit(name)


class _Tab(QPushButton):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._name, self._note = name, ""
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.updateGeometry)

    def set_note(self, note: str) -> None:
        """Show words after the name."""
        self._note = note
        self.setAccessibleName(" ".join(part for part in (self._name, note) if part))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of name and note."""
        note = theme.px("x2") + text_width(self._note, "label") if self._note else 0
        return QSize(text_width(self._name, "medium") + note, theme.px(36))

    def minimumSizeHint(self) -> QSize:
        """Return the size hint: a tab never cuts its words."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw name, note and the line under the chosen one."""
        painter, on = QPainter(self), self.isChecked()
        painter.setFont(theme.font("medium"))
        painter.setPen(theme.color("text" if on or self.underMouse() else "text_2"))
        write(painter, self.rect(), self._name)
        if self._note:
            x = text_width(self._name, "medium") + theme.px("x2")
            painter.setFont(theme.font("label"))
            painter.setPen(theme.color("danger"))
            area = placed(self.rect().adjusted(x, 0, 0, 0), self.rect())
            write(painter, area, self._note)
        if on:
            painter.fillRect(QRectF(0, self.height() - 2, self.width(), 2), theme.color("accent"))
