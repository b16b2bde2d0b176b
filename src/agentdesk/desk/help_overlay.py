"""F1: what can be done here, what to do if, and every key that works now."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from agentdesk.desk.journey import JOURNEY, JOURNEY_KEY
from agentdesk.desk.keys import Key
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.box import Column, Divider, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.key_cap import KeyCap
from agentdesk.desk.widgets.overlay import Overlay, Room, scroll
from agentdesk.desk.widgets.script import IfThisHappens
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _

_LEFT_OF_WINDOW = 216


class HelpOverlay(Overlay):
    """Floats over the window until Esc. Signal `asked_for_journey()`: the whole day is wanted."""

    asked_for_journey = Signal()

    def __init__(
        self, title: str, help_text: str, keys: list[Key], hints: Sequence[tuple[str, str]] = ()
    ) -> None:
        self._close = Button(_("Close"), key="Esc", fires=False)
        self._close.clicked.connect(self.leave)
        journey = Button(JOURNEY, icon="info", key=JOURNEY_KEY, fires=False)
        lines = [_line(key) for key in keys if key.key != JOURNEY_KEY]
        words = Column(Paragraph(help_text), 12, Row(journey, ...))
        if_this = [12, IfThisHappens(hints)] if hints else []
        self._room = Room(Column(words, *if_this, 12, Divider(), 8, *lines, margins=(0, 20)))
        super().__init__(Row(Text(title, "title"), ..., self._close, margins=(20, 20, 8, 20)), self._room, 12)
        journey.clicked.connect(self.asked_for_journey)
        self.setAccessibleName(_("What can I do here: {title}").format(title=title))

    def open_over(self, window: QWidget) -> None:
        """Float over the window and take the keyboard."""
        self.show_over(window, self._close)

    def place(self) -> None:
        """Let the keys scroll where the window is low."""
        self._room.fit(self.parentWidget().height() - theme.px(_LEFT_OF_WINDOW))
        super().place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll."""
        if not scroll(self._room.verticalScrollBar(), event):
            super().keyPressEvent(event)


def _line(key: Key) -> Row:
    why = Text(key.why_off, "body", "text_3") if key.why_off else None
    name = Text(key.name, "medium", "text" if key.on else "text_disabled")
    return Row(name, why, ..., KeyCap(key.key, off=not key.on), gap=8, height=32)
