"""F1: what can be done here, and every key that works now."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from agentdesk.desk.keys import Key
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.box import Column, Divider, Look, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.drawer import Scrim, cast_shadow
from agentdesk.desk.widgets.key_cap import KeyCap
from agentdesk.desk.widgets.text import Paragraph, Text

_TOP = 120


class HelpOverlay(Column):
    """Floats over the window until Esc. Signal `left()`."""

    left = Signal()

    def __init__(self, title: str, help_text: str, keys: list[Key]) -> None:
        close = Button("Close", key="Esc", fires=False)
        close.clicked.connect(self.leave)
        self._close = close
        super().__init__(
            Row(Text(title, "title"), ..., close),
            8,
            Paragraph(help_text),
            12,
            Divider(),
            8,
            *(_line(key) for key in keys),
            margins=20,
            width="command_box",
            look=Look("raised", "line_strong", radius="overlay"),
        )
        self._scrim: Scrim | None = None
        self._before: QWidget | None = None
        self.setAccessibleName(f"What can I do here: {title}")

    def show_over(self, window: QWidget) -> None:
        """Float over the window and take the focus."""
        self._before = window.focusWidget()
        self._scrim = Scrim(window)
        self._scrim.pressed.connect(self.leave)
        self._scrim.escaped.connect(self.leave)
        self._scrim.show()
        self.setParent(self._scrim)
        self._scrim.resized.connect(self._place)
        cast_shadow(self, "overlay")
        self._place()
        self.show()
        self.raise_()
        self._close.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> None:
        """Go away and give the focus back."""
        if self._scrim is None:
            return
        scrim, self._scrim = self._scrim, None
        self._close.clearFocus()  # hiding what has the focus would look for the next part, under the scrim
        if self._before is not None and isValid(self._before):
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        for widget in (scrim, self):
            widget.hide()
            widget.deleteLater()
        self.left.emit()

    def _place(self) -> None:
        window = self.parentWidget()
        self.resize(self.width(), self.heightForWidth(self.width()) or self.sizeHint().height())
        self.adjustSize()
        top = min(theme.px(_TOP), max(0, window.height() - self.height()))
        self.raise_()
        self.move((window.width() - self.width()) // 2, top)


def _line(key: Key) -> Row:
    why = Text(key.why_off, "body", "text_3") if key.why_off else None
    name = Text(key.name, "medium", "text" if key.on else "text_disabled")
    return Row(name, why, ..., KeyCap(key.key, off=not key.on), gap=8, height=32)
