"""Digits that are typed, pasted or dropped anywhere in this program while a card is being keyed."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QClipboard, QDropEvent, QInputMethodEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QApplication

from agentdesk.desk.screens.payment.view_model import PaymentViewModel

#: All others pass at once: every event of the program comes by.
_WATCHED = frozenset(
    {
        QEvent.Type.ContextMenu,
        QEvent.Type.KeyPress,
        QEvent.Type.InputMethod,
        QEvent.Type.Drop,
        QEvent.Type.MouseButtonRelease,
    }
)


class DigitGuard(QObject):
    """Throws them away, and tells that it did: neither which nor how many."""

    def __init__(self, model: PaymentViewModel, told: Callable[[], None], owner: QObject) -> None:
        super().__init__(owner)
        self._model, self._told, self._watching = model, told, False
        self.refresh()

    def refresh(self) -> None:
        """Watch while a card entry is open, and only then."""
        wanted, app = self._model.swallows_digits, QApplication.instance()
        if app is None or wanted == self._watching:
            return
        self._watching = wanted
        app.installEventFilter(self) if wanted else app.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Swallow what would bring a digit into any field, and the menus that paste."""
        if event.type() not in _WATCHED:
            return False
        if event.type() == QEvent.Type.ContextMenu:
            return True
        if not any(sign.isdigit() for sign in _brings(event)):
            return False
        self._model.keying.note_digits()
        self._told()
        return True


def _brings(event: QEvent) -> str:
    """Return the text an event is about to put somewhere; empty for every other event."""
    kind = event.type()
    if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
        return _typed(event)
    if kind == QEvent.Type.InputMethod and isinstance(event, QInputMethodEvent):
        return event.commitString()
    if kind == QEvent.Type.Drop and isinstance(event, QDropEvent):
        return event.mimeData().text()
    if kind == QEvent.Type.MouseButtonRelease and isinstance(event, QMouseEvent):
        middle = event.button() == Qt.MouseButton.MiddleButton  # pastes what is marked, on X11
        return _clipboard(QClipboard.Mode.Selection) if middle else ""
    return ""


def _typed(event: QKeyEvent) -> str:
    if event.matches(QKeySequence.StandardKey.Paste):
        return _clipboard(QClipboard.Mode.Clipboard)
    command = event.modifiers() & Qt.KeyboardModifier.ControlModifier
    graph = event.modifiers() & Qt.KeyboardModifier.AltModifier
    return "" if command and not graph else event.text()


def _clipboard(mode: QClipboard.Mode) -> str:
    clipboard = QApplication.clipboard()
    if mode == QClipboard.Mode.Selection and not clipboard.supportsSelection():
        return ""
    return clipboard.text(mode)
