"""Boxes for the one-time code of the agent's own phone."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy

from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.box import Row


class CodeEdit(Row):
    """Boxes for a one-time code from the agent's own phone. Signals: `changed(code)`, `completed(code)`."""

    changed = Signal(str)
    completed = Signal(str)

    def __init__(self, name: str = "Code from your phone app", digits: int = 6) -> None:
        self.edit = _Code(digits, name)
        super().__init__(self.edit)
        self._digits = digits
        self.setFocusProxy(self.edit)
        self.edit.textChanged.connect(self._check)

    def text(self) -> str:
        """Return the digits typed."""
        return self.edit.text()

    def clear_code(self) -> None:
        """Empty the boxes."""
        self.edit.clear()

    def _check(self, text: str) -> None:
        kept = "".join(c for c in text if c in "0123456789")
        if kept != text:
            self.edit.setText(kept)
            return
        self.changed.emit(text)
        if len(text) == self._digits:
            self.completed.emit(text)


class _Code(QLineEdit):
    """One field drawn as separate boxes."""

    def __init__(self, digits: int, name: str) -> None:
        super().__init__()
        self._digits = digits
        self.setMaxLength(digits)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._restyle()
        theme.changed.connect(self._restyle)

    def sizeHint(self) -> QSize:
        """Return boxes of the large control's height."""
        side = theme.px("control_large")
        return QSize(self._digits * (side + theme.px("x2")), side)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Type at the end only: the boxes have no caret."""
        self.setCursorPosition(len(self.text()))
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Repaint the boxes."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the boxes; the next one has the focus line."""
        painter, gap = QPainter(self), theme.px("x2")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("title"))
        width, radius = (self.width() - gap * (self._digits - 1)) / self._digits, theme.radius("control")
        current = min(len(self.text()), self._digits - 1) if self.hasFocus() else -1
        for i in range(self._digits):
            area = QRectF(round(i * (width + gap)), 0, round(width), self.height()).adjusted(1, 1, -1, -1)
            role, stroke = ("focus", 2) if i == current else ("control_line", 1)
            painter.setPen(QPen(theme.color(role), stroke))
            painter.setBrush(theme.color("surface"))
            painter.drawRoundedRect(area, radius, radius)
            painter.setPen(theme.color("text"))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.text()[i : i + 1])

    def _restyle(self) -> None:
        self.setFixedHeight(theme.px("control_large"))
