"""F1: what can be done here, and every key that works now."""

from PySide6.QtWidgets import QWidget

from agentdesk.desk.keys import Key
from agentdesk.desk.widgets.box import Divider, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.key_cap import KeyCap
from agentdesk.desk.widgets.overlay import Overlay
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _


class HelpOverlay(Overlay):
    """Floats over the window until Esc."""

    def __init__(self, title: str, help_text: str, keys: list[Key]) -> None:
        self._close = Button(_("Close"), key="Esc", fires=False)
        self._close.clicked.connect(self.leave)
        super().__init__(
            Row(Text(title, "title"), ..., self._close),
            8,
            Paragraph(help_text),
            12,
            Divider(),
            8,
            *(_line(key) for key in keys),
            margins=20,
        )
        self.setAccessibleName(_("What can I do here: {title}").format(title=title))

    def open_over(self, window: QWidget) -> None:
        """Float over the window and take the keyboard."""
        self.show_over(window, self._close)


def _line(key: Key) -> Row:
    why = Text(key.why_off, "body", "text_3") if key.why_off else None
    name = Text(key.name, "medium", "text" if key.on else "text_disabled")
    return Row(name, why, ..., KeyCap(key.key, off=not key.on), gap=8, height=32)
