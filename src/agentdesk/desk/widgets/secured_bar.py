"""The bar over a payment that says whether the line is safe for card digits."""

from typing import NamedTuple

from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Look, Row
from agentdesk.desk.widgets.shapes import Icon, Ring
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _


class _Face(NamedTuple):
    icon: str
    ink: str
    strong: str
    look: Look


_FACES = {
    "off": _Face("shield", "text_2", "text", Look("neutral_tint", "neutral_line")),
    "securing": _Face("shield", "info", "text", Look("info_tint", "info_line")),
    "secured": _Face("shield-check-fill", "on_solid", "on_solid", Look("secure_solid")),
    "failed": _Face("shield-warning-fill", "on_solid", "on_solid", Look("danger_solid")),
}


class SecuredBar(Row):
    """States off, securing, secured, failed; `elapsed` stands at the right.

    The caller of `set_state` must have both acknowledgements (tones, recorder) before `secured`.
    """

    def __init__(self, *, rounded: bool = False) -> None:
        self._radius = "control" if rounded else None
        self._icon, self._ring = Icon("shield", "icon_large"), Ring(0.4, "icon_large", "info")
        self._title, self._detail = Paragraph("", "strong"), Paragraph()
        self._elapsed = Text("", "strong", align="right")
        super().__init__(
            self._icon,
            self._ring,
            self._title,
            (self._detail, 1),
            self._elapsed,
            margins=(10, 16) if rounded else (10, 20),
            gap=10,
        )
        self._state = ""
        self.set_state("off", _("Not secured"), _("Keypad entry is closed"))

    def state(self) -> str:
        """Return the state shown."""
        return self._state

    def set_state(self, state: str, title: str, detail: str = "", elapsed: str = "") -> None:
        """Show a state; a change to secured or failed is spoken at once."""
        face, news = _FACES[state], state != self._state
        self._state = state
        self._paint(state, face)
        self._title.setText(title)
        self._detail.setText(detail)
        self.set_elapsed(elapsed)
        self.setAccessibleName(title)
        self.setAccessibleDescription(detail)
        if news and state in ("secured", "failed"):
            announce(self, f"{title}. {detail}".strip(), assertive=True)

    def set_elapsed(self, elapsed: str) -> None:
        """Show the time that ticks at the right."""
        self._elapsed.setText(elapsed)

    def _paint(self, state: str, face: _Face) -> None:
        self._icon.set_icon(face.icon, face.ink)
        self._icon.setVisible(state != "securing")
        self._ring.setVisible(state == "securing")
        self._title.set_role(face.strong)
        self._detail.set_role("on_solid" if face.strong == "on_solid" else "text_2")
        self._elapsed.set_role("on_solid" if face.strong == "on_solid" else face.ink)
        line = face.look.line if self._radius else None
        sides = "b" if face.look.line and not self._radius else ""
        self.set_look(Look(face.look.fill, line, radius=self._radius, sides=sides))
