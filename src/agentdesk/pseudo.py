"""A language nobody speaks, longer, accented or leftwards: tests see what a translation would break."""

import re
from gettext import NullTranslations

_ACCENTED = str.maketrans(
    "aAcCeEgGiIlLnNoOrRsStTuUyYzZ",
    "áÁçÇéÉğĞíÍļĻñÑóÓŕŔšŠţŢúÚýÝžŽ",
)
_ARABIC = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ابسدعفغهيجكلمنوپقرشتثڤصخىز")
#: Placeholders and marks of Markdown, keys and keyboard marks stay as they are.
_KEPT = re.compile(r"(\{[^}]*\}|\*\*|&|\b(?:F\d+|Ctrl|Alt|Shift|Esc|Enter)\b)")
_SENTENCES = re.compile(r"(?<=[.])(\s+)")
#: German and French texts are about a third longer than English ones, short ones more.
_LONGER = 0.35


class Pseudo(NullTranslations):
    """Every text between brackets, accented and a third longer, or in letters that run leftwards."""

    def __init__(self, *, leftwards: bool) -> None:
        super().__init__()
        self._letters = _ARABIC if leftwards else _ACCENTED

    def gettext(self, message: str) -> str:
        """Return the text in disguise, its placeholders kept."""
        return "".join(
            part if part.isspace() else self._disguised(part) for part in _SENTENCES.split(message) if part
        )

    def _disguised(self, sentence: str) -> str:
        bare = sentence.rstrip(".")  # outside the brackets, where screens take sentences apart
        parts = _KEPT.split(bare.lower() if self._letters is _ARABIC else bare)
        shown = "".join(map(self._shown, parts))
        return f"⟦{shown}{'·' * round(len(bare) * _LONGER)}⟧{sentence[len(bare) :]}"

    def _shown(self, part: str) -> str:
        if not _KEPT.fullmatch(part):
            return part.translate(self._letters)
        # what is put in keeps its own order among letters that run leftwards: a translator says so, too
        return f"\u2068{part}\u2069" if self._letters is _ARABIC and part.startswith("{") else part

    def pgettext(self, context: str, message: str) -> str:
        """Return the text in disguise, whatever it means there."""
        return self.gettext(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the English form of the count in disguise."""
        return self.gettext(msgid1 if n == 1 else msgid2)
