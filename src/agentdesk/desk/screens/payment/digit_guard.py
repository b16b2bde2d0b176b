"""Digits that are typed, pasted or dropped anywhere in this program while a card is being keyed."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QClipboard, QDropEvent, QInputMethodEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.widgets.drawer import Scrim
from agentdesk.desk.widgets.notices import Toast
from agentdesk.i18n import _

_NAME = "thrown away"

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


def say_thrown(over: QWidget) -> None:
    """Say over the window that what was typed went nowhere; once as long as that stands there."""
    if over.findChild(Toast, _NAME) is None:
        detail = _("It was not kept. The caller keys the card on their own phone.")
        toast = Toast(_("A digit typed here was thrown away"), detail, "prohibit", "neutral")
        toast.setObjectName(_NAME)
        toast.show_over(over)


def is_covered(part: QWidget) -> bool:
    """Say whether a part does not show, or something that must be decided stands over it."""
    return not part.isVisible() or any(one.isVisible() for one in part.window().findChildren(Scrim))


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
