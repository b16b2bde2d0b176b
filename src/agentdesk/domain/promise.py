"""The promise to pay: how much, by when, and what became of it."""

from datetime import date, timedelta
from enum import StrEnum

from agentdesk import dates
from agentdesk.domain.errors import Invalid
from agentdesk.domain.money import Money


class PromiseState(StrEnum):
    """What became of a promise; told from what was paid and what day it is, never stored."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"  # its day is over
    REPLACED = "replaced"  # another one was made before its day was over
    WITHDRAWN = "withdrawn"  # it was never meant, as one written down for the wrong customer


#: What can still be withdrawn: what was kept or replaced does nobody harm.
WITHDRAWABLE = frozenset({PromiseState.OPEN, PromiseState.BROKEN})


def check(amount: Money, due_on: date, *, owed: Money, today: date, longest_days: int) -> None:
    """Raise Invalid unless this may be promised. Today is the first day that can be, and can be kept."""
    if amount.currency != owed.currency:
        raise Invalid("currency_mismatch", expected=owed.currency, got=amount.currency)
    if amount.minor <= 0:
        raise Invalid("amount_zero")
    if amount.minor > owed.minor:
        raise Invalid("amount_over_balance", amount=amount, owed=owed)
    if due_on < today:
        raise Invalid("promise_in_past", on=dates.in_full(due_on))
    latest = today + timedelta(days=longest_days)
    if due_on > latest:
        raise Invalid(
            "promise_too_far", on=dates.in_full(due_on), days=longest_days, latest=dates.in_full(latest)
        )


def state(
    amount: Money,
    due_on: date,
    *,
    paid: Money,
    replaced_on: date | None,
    today: date,
    withdrawn: bool = False,
) -> PromiseState:
    """Return what became of it. `paid` is what was paid from its making to its day or its replacement."""
    if withdrawn:
        return PromiseState.WITHDRAWN
    if paid.minor >= amount.minor:
        return PromiseState.KEPT
    if replaced_on is not None and replaced_on <= due_on:
        return PromiseState.REPLACED
    return PromiseState.BROKEN if today > due_on else PromiseState.OPEN
