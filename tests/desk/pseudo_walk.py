"""Every screen in the language nobody speaks: run by test_other_words.py in a process of its own."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.command import Tasks
from agentdesk.desk.widgets.text import Text
from agentdesk.desk.window import Window
from agentdesk.domain.errors import TEXT
from agentdesk.i18n import _
from tests.desk.cut import cut, shortened, wait_for_none
from tests.desk.fake_hub import FakeHub
from tests.desk.shots import STAGES, Stage, connected

_OURS = re.compile(r"⟦[^⟦⟧]*⟧")
#: Not words: keys, currencies, days and months (the language nobody speaks has none of its own), our name.
_DAY = (
    r"(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
    r"|\d+ (January|February|March|April|May|June|July|August|September|October|November|December)"
    r"|\d+ (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept|Oct|Nov|Dec)"
)
_FREE = re.compile(
    r"\b(F\d+|Ctrl|Alt|Shift|Esc|Enter|PgUp|PgDown|Up|Down|GBP|PDF|[A-Z]{2}|Agent Desk|Visa|Mastercard|Amex"
    rf"|(Stripe|Twilio|Tryton) \w+|[\w.@]+\.example(\.com)?|name@example\.com|{_DAY})\b"
)


def _said_by_the_hub() -> list[str]:
    """What the sample hub says, longest first: the hub has a language of its own."""
    found = set()
    for path in Path(__file__).parent.glob("*.py"):
        for one in ast.walk(ast.parse(path.read_text())):
            if isinstance(one, ast.Constant) and isinstance(one.value, str) and len(one.value) > 2:
                lines = one.value.replace("**", "").split("\n")
                names = [word.replace("-", " ") for word in one.value.split() if "-" in word]
                found |= {part.strip(" .,") for part in (*lines, *names)}
    return sorted(found - set(TEXT.values()), key=len, reverse=True)


DATA = re.compile("|".join(re.escape(text) for text in _said_by_the_hub() if re.search("[A-Za-z]{2}", text)))


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.__name__)
def test_every_word_of_ours_is_translated_and_whole(
    stage: Stage, window: Window, hub: FakeHub, tasks: Tasks, qtbot: QtBot
) -> None:
    """One test, for making the screen is what takes the time."""
    window.resize(1280, 720)
    staged = tasks.start(stage(hub, window))
    qtbot.waitUntil(staged.done, timeout=60_000)
    staged.result()
    assert sorted({text for text in _shown(window) if _english(text)}) == []
    wait_for_none(lambda: cut(window), qtbot)
    assert [text for text in shortened(window) if _OURS.search(text)] == []


def test_the_command_box_does_not_offer_itself(
    window: Window, hub: FakeHub, tasks: Tasks, qtbot: QtBot
) -> None:
    staged = tasks.start(connected(hub, window))
    qtbot.waitUntil(staged.done, timeout=60_000)
    staged.result()
    offered = [one.title for one in window.shell._actions()]
    assert len(offered) > 1
    assert _("Find or do anything") not in offered


def _shown(window: QWidget) -> Iterator[str]:
    """Everything that is read, seen or heard."""
    for part in window.findChildren(QWidget):
        if not part.isVisible():
            continue
        if isinstance(part, Text | QAbstractButton):
            yield part.text()
        if isinstance(part, QLineEdit):
            yield part.placeholderText()
        yield from (part.accessibleName(), part.accessibleDescription(), part.toolTip())


def _english(text: str) -> bool:
    """Say whether a word of ours is left; what the hub says and what is no word may overlap."""
    return all(_left(text, *order) for order in ((DATA, _FREE), (_FREE, DATA)))


def _left(text: str, *others: re.Pattern[str]) -> bool:
    for one in others:
        text = one.sub("", text)
    while _OURS.search(text):
        text = _OURS.sub("", text)
    return bool(re.search(r"[A-Za-z]{2,}", text))
