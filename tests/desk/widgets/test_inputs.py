"""Fields take amounts and words, and never keep anything like a card number."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.inputs import CARD_REFUSED, CARD_REFUSED_SHORT, LineEdit, MoneyEdit, NoteEdit
from agentdesk.domain.money import Money

pytestmark = pytest.mark.usefixtures("dressed")

#: A known test number, never written in one piece.
CARD = " ".join(["4242"] * 4)


@pytest.mark.parametrize(
    ("typed", "minor"), [("123.36", 12336), ("1,234.5", 123450), ("£5", 500), ("5", 500), ("0.01", 1)]
)
def test_an_amount_is_read(qtbot: QtBot, typed: str, minor: int) -> None:
    edit = MoneyEdit("GBP")
    qtbot.addWidget(edit)
    with qtbot.waitSignal(edit.changed):
        qtbot.keyClicks(edit.edit, typed)
    assert edit.value() == Money(minor, "GBP")
    assert not edit.error.isVisibleTo(edit)


_NONE, _ZERO = "not an amount", "The amount is zero"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        *((typed, _NONE) for typed in ("abc", "12,34", "-5", "1e3", "1.2.3")),
        *((typed, _ZERO) for typed in ("0", "0.00")),
        ("1.234", "GBP has 2 decimal digits"),
        ("5 eur", "in GBP, not EUR"),
    ],
)
def test_text_that_is_no_amount_is_refused_in_words(qtbot: QtBot, typed: str, says: str) -> None:
    edit = MoneyEdit("GBP")
    qtbot.addWidget(edit)
    qtbot.keyClicks(edit.edit, typed)
    assert edit.value() is None
    assert edit.error.isVisibleTo(edit)
    assert says in edit.error.accessibleName()
    assert edit.edit.accessibleDescription() == edit.error.accessibleName()


@pytest.mark.parametrize(
    ("typed", "money"),
    [
        ("123.36", Money(12336, "GBP")),
        ("EUR 100", Money(10000, "EUR")),
        ("USD 5", Money(500, "USD")),
        ("JPY 7", Money(7, "JPY")),
    ],
)
def test_an_amount_may_name_its_currency_where_any_is_taken(qtbot: QtBot, typed: str, money: Money) -> None:
    edit = MoneyEdit("GBP", any_currency=True)
    qtbot.addWidget(edit)
    qtbot.keyClicks(edit.edit, typed)
    assert edit.value() == money
    edit.edit.editingFinished.emit()
    assert edit.edit.text() == str(money)
    assert edit.value() == money


def test_an_empty_amount_is_none_without_blame(qtbot: QtBot) -> None:
    edit = MoneyEdit("GBP")
    qtbot.addWidget(edit)
    qtbot.keyClicks(edit.edit, "5")
    qtbot.keyClick(edit.edit, Qt.Key.Key_Backspace)
    assert edit.value() is None
    assert not edit.error.isVisibleTo(edit)


def test_a_currency_without_minor_units_takes_no_decimals(qtbot: QtBot) -> None:
    edit = MoneyEdit("JPY")
    qtbot.addWidget(edit)
    qtbot.keyClicks(edit.edit, "12,400")
    assert edit.value() == Money(12400, "JPY")
    edit.set_value(None)
    qtbot.keyClicks(edit.edit, "12.5")
    assert edit.value() is None


def test_a_limit_answers_with_its_message_and_keeps_the_value(qtbot: QtBot) -> None:
    edit = MoneyEdit("GBP", limit=lambda money: "Over your limit." if money.minor > 200000 else "")
    qtbot.addWidget(edit)
    edit.set_value(Money(999900, "GBP"))
    assert edit.error.accessibleName() == "Over your limit."
    assert edit.edit.text() == "9,999.00"
    edit.set_value(Money(100, "GBP"))
    assert not edit.error.isVisibleTo(edit)


def _undo_all(qtbot: QtBot, edit: QWidget) -> None:
    for _ in range(30):
        qtbot.keyClick(edit, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)


def test_a_card_number_is_taken_out_of_an_amount(qtbot: QtBot) -> None:
    edit = MoneyEdit("GBP")
    qtbot.addWidget(edit)
    with qtbot.waitSignal(edit.card_refused):
        qtbot.keyClicks(edit.edit, CARD)
    assert edit.edit.text() == ""
    assert edit.error.accessibleName() == CARD_REFUSED_SHORT
    _undo_all(qtbot, edit.edit)
    assert edit.edit.text() == ""


def test_a_card_number_is_taken_out_of_a_line(qtbot: QtBot) -> None:
    edit = LineEdit("Search")
    qtbot.addWidget(edit)
    with qtbot.waitSignal(edit.card_refused):
        qtbot.keyClicks(edit.edit, f"pay with {CARD}")
    assert edit.text() == ""
    assert edit.error.accessibleName() == CARD_REFUSED_SHORT
    _undo_all(qtbot, edit.edit)
    assert edit.text() == ""


def test_a_note_throws_a_card_number_away_and_cannot_bring_it_back(qtbot: QtBot) -> None:
    note = NoteEdit(hint="Card-like numbers are refused here.")
    qtbot.addWidget(note)
    qtbot.keyClicks(note.edit, "Caller said ")
    with qtbot.waitSignal(note.card_refused):
        qtbot.keyClicks(note.edit, CARD)
    assert note.text() == ""
    assert note.error.accessibleName() == CARD_REFUSED
    _undo_all(qtbot, note.edit)
    assert note.text() == ""


def test_a_card_number_pasted_into_a_note_is_not_kept(qtbot: QtBot) -> None:
    note = NoteEdit()
    qtbot.addWidget(note)
    QApplication.clipboard().setText(CARD.replace(" ", "-"))
    note.edit.paste()
    QApplication.clipboard().clear()
    assert note.text() == ""
    assert note.error.isVisibleTo(note)


def test_a_note_keeps_words_references_and_phone_numbers(qtbot: QtBot) -> None:
    note = NoteEdit()
    qtbot.addWidget(note)
    words = "Took £123.36, reference 01JD-7Q4M, Visa ending 4242. Call +44 20 7946 0958."
    with qtbot.waitSignal(note.changed):
        note.set_text(words)
    assert note.text() == words
    assert not note.error.isVisibleTo(note)


def test_who_types_goes_on_where_they_were_when_the_words_before_change(qtbot: QtBot) -> None:
    note = NoteEdit()
    qtbot.addWidget(note)
    note.set_text("The bank has not answered.")
    qtbot.keyClicks(note.edit, " He rings")
    note.set_text("Took £123.36. He rings")
    qtbot.keyClicks(note.edit, " back.")
    assert note.text() == "Took £123.36. He rings back."


def test_tab_leaves_a_note(qtbot: QtBot) -> None:
    note = NoteEdit()
    qtbot.addWidget(note)
    qtbot.keyClick(note.edit, Qt.Key.Key_Tab)
    assert note.text() == ""


def test_a_placeholder_is_as_readable_as_other_quiet_text(qtbot: QtBot) -> None:
    edit = LineEdit(placeholder="Reference or customer")
    qtbot.addWidget(edit)
    edit.show()
    assert edit.edit.palette().placeholderText().color() == theme.color("text_3")


def test_a_long_refusal_wraps_and_is_whole(qtbot: QtBot) -> None:
    note = NoteEdit()
    qtbot.addWidget(note)
    note.resize(360, 200)
    note.show()
    note.set_text(CARD)
    qtbot.waitUntil(lambda: note.error.height() >= note.error.heightForWidth(360))
    assert note.error.height() >= 2 * theme.line_height("caption")
