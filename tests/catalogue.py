"""Bring the catalogues of texts up to date: python -m tests.catalogue.

Extracts every text of the program, merges the texts into resources/locale/<language>/agentdesk.po (a new text
comes in without a translation, one that is gone leaves) and compiles what the program reads.
"""

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from agentdesk.i18n import LANGUAGES

ROOT = Path(__file__).resolve().parents[1]
LOCALES = ROOT / "resources" / "locale"
TRANSLATED = [language for language in LANGUAGES if language != "en"]
#: Of the file's head; the time of each run would be a conflict of any two changes.
_SINCE = datetime(2026, 11, 22, tzinfo=UTC)
_KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}


def texts() -> Catalog:
    """Return every text of the program, with the comments that translators need."""
    found = Catalog(project="Agent Desk", charset="utf-8", creation_date=_SINCE)
    source = ROOT / "src" / "agentdesk"
    for _file, _line, message, comments, context in extract_from_dir(
        source, [("**.py", "python")], keywords=_KEYWORDS, comment_tags=["i18n:"], strip_comment_tags=True
    ):
        found.add(message, auto_comments=comments, context=context)
    return found


def read(language: str) -> Catalog:
    """Return a language's catalogue as it is on disk; empty where there is none yet."""
    path = LOCALES / language / "agentdesk.po"
    if not path.exists():
        return Catalog(locale=language, project="Agent Desk", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalogue: Catalog) -> bytes:
    """Return the catalogue as the program reads it."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def main() -> None:
    """Merge and compile every language, and say how many texts wait for a translation."""
    all_texts = texts()
    for language in TRANSLATED:
        catalogue = read(language)
        catalogue.update(all_texts, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        folder = LOCALES / language
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "agentdesk.po").open("wb") as file:
            write_po(file, catalogue, width=110, omit_header=False, sort_output=True, ignore_obsolete=True)
        (folder / "agentdesk.mo").write_bytes(compiled(catalogue))
        waiting = sum(not _translated(message.string) for message in catalogue if message.id)
        print(f"{language}: {len(catalogue)} texts, {waiting} without a translation")


def _translated(string: object) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


if __name__ == "__main__":
    main()
