"""Lamps: the state of something we depend on, as a shape, a name and a word."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPaintEvent, QPen, QPolygonF

from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.box import Row
from agentdesk.desk.widgets.shapes import Shape
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _, pgettext

#: state -> (colour of the shape, colour of the word)
STATES = {
    "ready": ("success", "text_2"),
    "slow": ("warning", "warning"),
    "down": ("danger", "danger"),
    "idle": ("text_3", "text_2"),
    "not_asked": ("text_3", "text_2"),
    "secured": ("secure", "secure"),
    "recording": ("danger", "text_2"),
    "securing": ("info", "text_2"),
}

#: What a lamp says where nothing more is known.
LAMP_WORDS = {
    "ready": _("ready"),
    "slow": _("slow"),
    "not_asked": pgettext("a lamp", "not asked yet"),
    "down": _("down"),
}


class LampShape(Shape):
    """The shape alone: circle, triangle when slow, square when down, ring when not known."""

    def __init__(self, state: str) -> None:
        self._state = state
        super().__init__("lamp")

    def set_state(self, state: str) -> None:
        """Show another state."""
        self._state = state
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the shape."""
        painter, size = self.pen(), 10.0
        color, area = theme.color(STATES[self._state][0]), QRectF(1, 1, size - 2, size - 2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        if self._state == "slow":
            corners = [(size / 2, 0.5), (size - 0.2, size - 1), (0.2, size - 1)]
            painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
        elif self._state == "down":
            painter.drawRect(area)
        elif self._state in ("idle", "not_asked"):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(color, 1.5))
            painter.drawEllipse(QRectF(1.5, 1.5, size - 3, size - 3))
        else:
            painter.drawEllipse(area)


class Lamp(Row):
    """`Name word` beside its shape; the word takes the colour when it is not simply ready."""

    def __init__(self, name: str, state: str, word: str) -> None:
        self._name = name
        self._shown: object = None
        self._shape = LampShape(state)
        self._word = Text(word, "caption")
        super().__init__(self._shape, 6, Text(name, "caption"), 3, self._word)
        self.set_state(state, word)

    def set_state(self, state: str, word: str, detail: str = "") -> None:
        """Show another state and word; `detail` is what is known of it, in words."""
        if (state, word, detail) == self._shown:
            return
        self._shown = (state, word, detail)
        self._shape.set_state(state)
        self._word.setText(word)
        self._word.set_role(STATES[state][1])
        self.setToolTip(detail)
        self.setAccessibleDescription(detail)
        self.setAccessibleName(f"{self._name}: {word}")


class LampRow(Row):
    """A lamp over the full width of a region: name in medium, its word at the right."""

    def __init__(self, name: str, state: str, word: str) -> None:
        self._shape = LampShape(state)
        self._name, self._word = Paragraph(name, "medium", "text"), Text(word, role="text_2")
        super().__init__(self._shape, 10, (self._name, 1), 8, self._word, least=26)
        self.set_state(name, state, word)

    def set_state(self, name: str, state: str, word: str) -> None:
        """Show another name (`Recording paused`), state and word."""
        self._shape.set_state(state)
        self._name.setText(name)
        self._word.setText(word)
        self._word.set_role(STATES[state][1] if state in ("slow", "down") else "text_2")
        self.setAccessibleName(f"{name}: {word}")
