"""What to say to the caller, and what to do if."""

from collections.abc import Sequence

from PySide6.QtCore import Qt

from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.box import Column, Look, Row, Rows
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _


class ScriptQuote(Column):
    """Words to read aloud under their title; `**words**` are bold; quote marks are added.

    It can have the keyboard, so that a screen reader reads it.
    """

    def __init__(self, words: str = "", title: str = _("Say to the caller")) -> None:
        self._words = Paragraph("", "script", "text")
        head = Row(Icon("chat-text"), Text(title, "strong"), ..., gap=8)
        look = Look("accent_tint", radius="control", edge="accent_text")
        super().__init__(head, 8, Column(self._words, margins=(12, 14, 12, 16), look=look))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # F6 comes here; Tab has enough stops
        self.set_words(words)

    def set_words(self, words: str) -> None:
        """Show other words."""
        self._words.setText(_("“{words}”").format(words=words) if words else "")
        self.setAccessibleName(_("Say to the caller: {text}").format(text=self._words.text()))


class IfThisHappens(Column):
    """Short help under the script: pairs of what may happen and what to do."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        self._head = Text(_("If this happens"), "strong")
        self._pairs = Rows(Pair, Pair.set_pair)
        super().__init__(self._head, 4, self._pairs)
        self.set_pairs(pairs)

    def set_pairs(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Show other pairs."""
        self._pairs.show_values((pair, i == 0) for i, pair in enumerate(pairs))
        self._head.setVisible(bool(pairs))

    def fit(self, width: int, room: int) -> None:
        """Show as many pairs, from the first on, as there is room for; F1 has them all."""
        left = room - self._head.sizeHint().height() - theme.px(4)
        for pair in self._pairs.parts():
            left -= pair.heightForWidth(width)
            pair.setVisible(left >= 0)
        first = next(iter(self._pairs.parts()), None)
        self.setVisible(first is not None and first.isVisibleTo(self._pairs))


class Pair(Column):
    """What may happen, and what to do then."""

    def __init__(self, shown: tuple[tuple[str, str], bool]) -> None:
        self._case, self._what = Paragraph("", "medium", "text"), Paragraph("")
        super().__init__(self._case, self._what, margins=(8, 0))
        self.set_pair(shown)

    def texts(self) -> tuple[Paragraph, Paragraph]:
        """Return both parts as they show."""
        return self._case, self._what

    def set_pair(self, shown: tuple[tuple[str, str], bool]) -> None:
        """Show another pair; a line parts it from the one before."""
        (case, what), first = shown
        self._case.setText(case)
        self._what.setText(what)
        self.set_look(Look(sides="" if first else "t"))
