"""The words of the program in the language of its reader.

A process speaks one language, chosen before anything with words is imported: by `use`, or by the
environment's AGENTDESK_LANGUAGE, else English. So a text may be a constant. What goes to a customer speaks
their language: see `speaking`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations

from agentdesk.assets import asset
from agentdesk.pseudo import Pseudo

#: What people choose from, each by its own name.
LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français"}
#: Not languages: they show in a test what is not translated, and what is cut when texts grow.
PSEUDO = ("qps", "qpr")
#: Written from right to left.
LEFTWARDS = ("qpr",)

_chosen: list[str] = []
_speaking: ContextVar[str | None] = ContextVar("speaking", default=None)


def use(language: str) -> None:
    """Choose the language of this process.

    Raises ValueError for one that does not ship, and RuntimeError where a text was read in another before.
    """
    if language not in (*LANGUAGES, *PSEUDO):
        raise ValueError(f"one of {', '.join(LANGUAGES)}")
    if _chosen and _chosen[0] != language:
        raise RuntimeError(f"texts were read in {_chosen[0]} already")
    _chosen[:] = [language]


def language() -> str:
    """Return the language that is spoken here and now, such as `de`."""
    if spoken := _speaking.get():
        return spoken
    if not _chosen:
        use(os.environ.get("AGENTDESK_LANGUAGE") or "en")
    return _chosen[0]


@contextmanager
def speaking(to: str | None) -> Iterator[None]:
    """Speak a reader's own language inside; one that does not ship, or None, changes nothing."""
    code = (to or "").replace("_", "-").split("-")[0].lower()
    token = _speaking.set(code if code in LANGUAGES else _speaking.get())
    try:
        yield
    finally:
        _speaking.reset(token)


def _(text: str) -> str:
    """Return a text in the language spoken; its `{placeholders}` are the same in each."""
    return _catalogue(language()).gettext(text) if text else ""  # an empty one is the catalogue's own head


def ngettext(one: str, many: str, count: int) -> str:
    """Return the form of a text that fits the count, as the language has it."""
    return _catalogue(language()).ngettext(one, many, count)


def pgettext(context: str, text: str) -> str:
    """Return a text that means something else elsewhere; the context is for the translator."""
    return _catalogue(language()).pgettext(context, text)


def N_(text: str) -> str:
    """Mark a text that is translated where it is read."""
    return text


def after_colon(text: str) -> str:
    """Return a sentence as it goes on after a colon: small, but in German, where a noun may lead it."""
    return text if language() == "de" else text[:1].lower() + text[1:]


def listed(names: list[str]) -> str:
    """Return `A`, `A and B` or `A, B and C`; of no names an empty text."""
    if len(names) < 2:
        return "".join(names)
    return _("{several} and {last}").format(several=", ".join(names[:-1]), last=names[-1])


@cache
def _catalogue(code: str) -> NullTranslations:
    if code == "en":
        return NullTranslations()
    if code in PSEUDO:
        return Pseudo(leftwards=code in LEFTWARDS)
    with asset(f"locale/{code}/agentdesk.mo").open("rb") as file:
        return GNUTranslations(file)
