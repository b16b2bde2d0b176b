"""A saved card: how it reads, and when its month is over."""

from datetime import date

import pytest

from agentdesk.domain.card import CardSummary
from agentdesk.domain.ids import card_reference
from agentdesk.domain.saved_card import SavedCardEvent, SavedCardState, is_expired, label, next_state


@pytest.mark.parametrize(
    ("month", "year", "today", "expired"),
    [
        (8, 2028, date(2028, 8, 31), False),
        (8, 2028, date(2028, 9, 1), True),
        (12, 2027, date(2028, 1, 1), True),
        (1, 2029, date(2028, 12, 31), False),
        (None, 2020, date(2028, 1, 1), False),
        (1, None, date(2028, 1, 1), False),
    ],
)
def test_a_card_is_good_until_its_month_is_over(
    month: int | None, year: int | None, today: date, expired: bool
) -> None:
    assert is_expired(CardSummary("visa", "4242", month, year), today) is expired


def test_it_reads_as_people_say_it() -> None:
    assert label(CardSummary("visa", "4242", 8, 2028)) == "Visa ending 4242, 08/28"
    assert label(CardSummary("visa", "4242")) == "Visa ending 4242"
    assert label(CardSummary("visa", "4242", 8)) == "Visa ending 4242"


def test_what_arrives_after_it_was_let_go_has_to_go_again() -> None:
    assert next_state(SavedCardState.GONE, SavedCardEvent.KEPT) is SavedCardState.LETTING_GO


def test_the_notes_about_a_card_fit_every_ledger() -> None:
    card_id = "card_" + "0" * 26
    references = {card_reference(card_id), card_reference(card_id, withdrawn=True)}
    assert {len(one) for one in references} == {30}
    assert len(references) == 2
