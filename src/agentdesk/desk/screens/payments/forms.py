"""A few lines to type inside the drawer before something is done that needs a reason."""

from PySide6.QtCore import Qt, Signal

from agentdesk.desk.widgets.box import Column, Item, Look, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.inputs import LineEdit
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _

_SHORTEST, _LONGEST = 3, 400


class ReasonForm(Column):
    """Named lines, none of which may stay empty, under `above`. Signals: `sent(texts)`, `left()`."""

    sent = Signal(list)
    left = Signal()

    def __init__(self, title: str, names: list[str], go: str, above: Item = None) -> None:
        self._fields = [LineEdit(name) for name in names]
        for field in self._fields:
            field.edit.setMaxLength(_LONGEST)
        self._error = Paragraph("", role="danger")
        self._go, leave = Button(go, "primary"), Button(_("Keep"), "ghost")
        super().__init__(
            Text(title, "strong"),
            above,
            *self._fields,
            self._error,
            Row(leave, ..., self._go),
            margins=(12, 20),
            gap=8,
            look=Look("sunken", sides="b"),
        )
        self._error.hide()
        self.setAccessibleName(title)
        self._go.clicked.connect(self._send)
        leave.clicked.connect(self.left)
        for field in self._fields:
            field.accepted.connect(self._send)

    def start(self) -> None:
        """Put the keyboard on the first line."""
        self._fields[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def set_busy(self, busy: bool) -> None:
        """Show that it is being sent."""
        self._go.set_busy(_("Sending") if busy else None)

    def show_error(self, text: str) -> None:
        """Say why it was not taken."""
        self._error.setText(text)
        self._error.setVisible(bool(text))

    def _send(self) -> None:
        short = [field for field in self._fields if len(field.text().strip()) < _SHORTEST]
        for field in short:
            field.set_error(_("Say it in a few words."))
        if not short:
            self.sent.emit([field.text().strip() for field in self._fields])
