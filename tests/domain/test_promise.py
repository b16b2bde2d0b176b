"""Promises: what may be promised, and what becomes of a promise."""

from datetime import date, timedelta

import pytest

from agentdesk.domain.errors import Invalid
from agentdesk.domain.money import Money
from agentdesk.domain.promise import WITHDRAWABLE, PromiseState, check, state

TODAY = date(2026, 11, 22)
OWED = Money(10000, "GBP")


def _check(minor: int = 5000, days: int = 3, currency: str = "GBP") -> None:
    on = TODAY + timedelta(days=days)
    check(Money(minor, currency), on, owed=OWED, today=TODAY, longest_days=30)


@pytest.mark.parametrize(("minor", "days"), [(1, 0), (10000, 0), (5000, 30)])
def test_up_to_all_that_is_owed_until_the_last_day_allowed(minor: int, days: int) -> None:
    _check(minor, days)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"minor": 0}, "amount_zero"),
        ({"minor": -5}, "amount_zero"),
        ({"minor": 10001}, "amount_over_balance"),
        ({"days": -1}, "promise_in_past"),
        ({"days": 31}, "promise_too_far"),
        ({"currency": "EUR"}, "currency_mismatch"),
    ],
)
def test_what_cannot_be_promised(wrong: dict[str, int], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        _check(**wrong)  # type: ignore[arg-type]
    assert refused.value.code == code


def test_words_name_the_days() -> None:
    with pytest.raises(Invalid, match=r"23 December 2026 is more than 30 days away.*Choose 22 December 2026"):
        _check(days=31)


@pytest.mark.parametrize(
    ("paid", "replaced", "today", "became"),
    [
        (0, None, 0, PromiseState.OPEN),
        (4999, None, 3, PromiseState.OPEN),
        (4999, None, 4, PromiseState.BROKEN),
        (5000, None, 0, PromiseState.KEPT),
        (6000, None, 9, PromiseState.KEPT),
        (0, 2, 9, PromiseState.REPLACED),
        (5000, 2, 9, PromiseState.KEPT),
        (0, 4, 9, PromiseState.BROKEN),
    ],
)
def test_what_became_of_it(paid: int, replaced: int | None, today: int, became: PromiseState) -> None:
    told = state(
        Money(5000, "GBP"),
        TODAY + timedelta(days=3),
        paid=Money(paid, "GBP"),
        replaced_on=None if replaced is None else TODAY + timedelta(days=replaced),
        today=TODAY + timedelta(days=today),
    )
    assert told is became


@pytest.mark.parametrize("paid", [0, 5000])
def test_what_was_withdrawn_was_never_promised_whatever_was_paid(paid: int) -> None:
    amounts = {"amount": Money(5000, "GBP"), "paid": Money(paid, "GBP")}
    told = state(**amounts, due_on=TODAY, replaced_on=TODAY, today=TODAY, withdrawn=True)
    assert told is PromiseState.WITHDRAWN
    assert told not in WITHDRAWABLE
