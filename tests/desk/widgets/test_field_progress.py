"""Field rows show where the caller is, and never a digit of the card but the last four."""

import re

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.field_progress import FieldProgress, FieldRow
from agentdesk.desk.widgets.text import Paragraph

pytestmark = pytest.mark.usefixtures("dressed")

NUMBER = FieldRow("card_number", "Card number", "done", "Visa ending 4242", time="10:42:31")
EXPIRY = FieldRow("expiry", "Expiry date", "live", places=(2, 2), keyed=1, time="Collecting 8 s", left=0.6)
EXPIRY_FAILED = FieldRow(
    "expiry", "Expiry date is not valid", "failed", "Ask them to check it, then press F8."
)
CODE = FieldRow("security_code", "Security code", "waiting", "Ask when the expiry date is in")


def _words(progress: FieldProgress) -> list[str]:
    parts = [*progress.findChildren(QLabel), *progress.findChildren(Paragraph)]
    return [part.text() for part in parts if part.isVisibleTo(progress)]


def _button(progress: FieldProgress, words: str) -> Button:
    return next(one for one in progress.findChildren(Button) if one.words() == words)


@pytest.fixture
def progress(qtbot: QtBot) -> FieldProgress:
    """Return rows in the middle of an entry."""
    made = FieldProgress([NUMBER, EXPIRY, CODE])
    qtbot.addWidget(made)
    made.resize(640, 300)
    made.show()
    return made


@pytest.mark.parametrize("digits", ["42424", "4242 42", "4242-4242", "12 3456"])
@pytest.mark.parametrize("part", ["title", "detail"])
def test_more_than_four_digits_are_refused(digits: str, part: str) -> None:
    with pytest.raises(ValueError, match="last four"):
        FieldRow("x", **{"title": "Card number", "state": "done", part: f"Visa {digits}"})


def test_only_the_last_four_digits_show(progress: FieldProgress) -> None:
    shown = " ".join(_words(progress)).replace("10:42:31", "").replace("Collecting 8 s", "")
    assert sorted(re.findall(r"\d+", shown)) == ["1", "4", "4242"]  # the last four, and `1 of 4 keyed`


def test_the_security_code_shows_no_count(progress: FieldProgress) -> None:
    progress.set_rows([NUMBER, EXPIRY, FieldRow("security_code", "Security code", "live", keyed=2)])
    assert {"Security code: the caller is keying", "Not counted, not shown"} <= set(_words(progress))
    assert not any(re.search(r"2 of|of 3", words) for words in _words(progress))


def test_a_count_moves_in_place_and_is_spoken(
    progress: FieldProgress, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(
        QAccessible, "updateAccessibility", lambda event: said.append(getattr(event, "message", str)())
    )
    reset = _button(progress, "Reset")
    progress.set_rows([NUMBER, FieldRow(**{**EXPIRY.__dict__, "keyed": 3}), CODE])
    assert "3 of 4 keyed" in _words(progress)
    assert _button(progress, "Reset") is reset
    assert said == ["Expiry date: 3 of 4"]


def test_buttons_name_their_field(progress: FieldProgress, qtbot: QtBot) -> None:
    with qtbot.waitSignal(progress.reset) as reset:
        _button(progress, "Reset").click()
    assert reset.args == ["expiry"]
    with qtbot.waitSignal(progress.redo) as redo:
        _button(progress, "Redo").click()
    assert redo.args == ["card_number"]
    progress.set_rows([NUMBER, EXPIRY_FAILED, CODE])
    with qtbot.waitSignal(progress.ask) as ask:
        _button(progress, "Ask again").click()
    assert ask.args == ["expiry"]


def test_a_field_that_waits_says_why_and_cannot_be_asked_for(progress: FieldProgress) -> None:
    ask = _button(progress, "Ask")
    assert not ask.isEnabled()
    assert ask.toolTip() == "Ask when the expiry date is in"


def test_focus_stays_with_the_field_when_its_state_changes(progress: FieldProgress, qtbot: QtBot) -> None:
    progress.activateWindow()
    _button(progress, "Reset").setFocus()
    progress.set_rows([NUMBER, EXPIRY_FAILED, CODE])
    assert progress.focusWidget() is _button(progress, "Ask again")


def test_rows_wrap_where_there_is_little_room(progress: FieldProgress, qtbot: QtBot) -> None:
    theme.set_text_scale(1.3)
    progress.resize(500, 600)
    qtbot.waitUntil(lambda: progress.minimumSizeHint().width() <= 500)
    assert "Expiry date: the caller is keying" in _words(progress)
    assert _button(progress, "Reset").isVisible()
    assert not _stands_in_the_row(progress, "Reset")
    progress.resize(900, 600)
    qtbot.waitUntil(lambda: _stands_in_the_row(progress, "Reset"))


def _stands_in_the_row(progress: FieldProgress, words: str) -> bool:
    """Say whether a button stands beside all words of its field, not beside the title over them."""
    return _button(progress, words).parentWidget().accessibleName().startswith("Expiry date")


def test_a_field_that_is_in_says_why_it_cannot_be_keyed_again_now(progress: FieldProgress) -> None:
    why = "Only one field can be keyed at a time"
    progress.set_rows([FieldRow(**{**NUMBER.__dict__, "wait": why}), EXPIRY, CODE])
    redo = _button(progress, "Redo")
    assert redo.isVisibleTo(progress) and not redo.isEnabled()
    assert redo.accessibleDescription() == why
    progress.set_rows([NUMBER, EXPIRY, CODE])
    assert _button(progress, "Redo").isEnabled()
    progress.set_rows([FieldRow(**{**NUMBER.__dict__, "can_redo": False}), EXPIRY, CODE])
    assert not _button(progress, "Redo").isVisibleTo(progress)
