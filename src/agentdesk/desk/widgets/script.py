"""What to say to the caller, and what to do if."""

from collections.abc import Sequence

from agentdesk.desk.widgets.box import Column, Look, Row
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _


class ScriptQuote(Column):
    """Words to read aloud under their title; `**words**` are bold; quote marks are added."""

    def __init__(self, words: str = "", title: str = _("Say to the caller")) -> None:
        self._words = Paragraph("", "script", "text")
        head = Row(Icon("chat-text"), Text(title, "strong"), ..., gap=8)
        look = Look("accent_tint", radius="control", edge="accent_text")
        super().__init__(head, 8, Column(self._words, margins=(12, 14, 12, 16), look=look))
        self.set_words(words)

    def set_words(self, words: str) -> None:
        """Show other words."""
        self._words.setText(f"“{words}”" if words else "")
        self.setAccessibleName(_("Say to the caller: {text}").format(text=self._words.text()))


class IfThisHappens(Column):
    """Short help under the script: pairs of what may happen and what to do."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__()
        self._shown: list[tuple[str, str]] = []
        self.set_pairs(pairs)

    def set_pairs(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Show other pairs."""
        if list(pairs) == self._shown:
            return
        self._shown = list(pairs)
        rows = [
            Column(
                Paragraph(case, "medium", "text"),
                Paragraph(what),
                margins=(8, 0),
                look=Look(sides="b" if i < len(pairs) - 1 else ""),
            )
            for i, (case, what) in enumerate(pairs)
        ]
        self.set_items([Text(_("If this happens"), "strong"), 4, *rows] if rows else [])
