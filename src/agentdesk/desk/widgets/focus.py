"""The focus ring: one overlay that follows the keyboard, so that no part draws its own."""

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from agentdesk.desk.theme import theme

_FOLLOW = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Hide, QEvent.Type.Show)
#: These show focus by their own border (app.qss).
_OWN_BORDER = (QLineEdit, QPlainTextEdit)


class FocusRing(QWidget):
    """A ring around the focused part, above its window, clear of the pointer."""

    def __init__(self) -> None:
        super().__init__()
        self._target: QWidget | None = None
        self._watched: list[QWidget] = []
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def follow(self, _old: QWidget | None, new: QWidget | None) -> None:
        """Move to the part that has the focus now."""
        self._release()
        if new is None or isinstance(new, _OWN_BORDER) or new.focusPolicy() == Qt.FocusPolicy.NoFocus:
            self.hide()
            return
        self._target = new
        self._watch(new)
        self.setParent(new.window())
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay around the part while it or what holds it moves."""
        if event.type() in _FOLLOW:
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring."""
        width = theme.px("focus_ring")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("focus"), width))
        area = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        radius = theme.radius("control") + width
        painter.drawRoundedRect(area, radius, radius)

    def _place(self) -> None:
        if self._target is None or not self._target.isVisible():
            self.hide()
            return
        out = theme.px("focus_ring") + theme.px("focus_gap")
        corner = self._target.mapTo(self._target.window(), QPoint(0, 0))
        self.setGeometry(QRect(corner, self._target.size()).adjusted(-out, -out, out, out))
        self.show()
        self.raise_()

    def _watch(self, widget: QWidget) -> None:
        parent: QWidget | None = widget
        while parent is not None:
            parent.installEventFilter(self)
            self._watched.append(parent)
            parent = None if parent.isWindow() else parent.parentWidget()
        widget.destroyed.connect(self._forget)

    def _release(self) -> None:
        if self._target is not None:
            self._target.destroyed.disconnect(self._forget)
        for widget in self._watched:
            widget.removeEventFilter(self)
        self._watched.clear()
        self._target = None

    def _forget(self) -> None:
        self._target = None
        self._watched.clear()
        self.hide()


def follow_focus(app: QApplication) -> FocusRing:
    """Show the focus ring in every window of the application; keep the returned ring alive."""
    ring = FocusRing()
    app.focusChanged.connect(ring.follow)
    return ring
