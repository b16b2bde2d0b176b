"""The payment plan: a debt taken from a saved card in instalments, each on a day agreed with the caller."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from agentdesk import dates
from agentdesk.domain.card import CardSummary
from agentdesk.domain.errors import Invalid
from agentdesk.domain.money import Money
from agentdesk.domain.payment import HOLDS_DEBT, AttemptState
from agentdesk.domain.policy import of_currency
from agentdesk.domain.saved_card import is_expired, label


class Rhythm(StrEnum):
    """How far apart the instalments are."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"


class PlanState(StrEnum):
    """Whether a plan takes its next instalment by itself."""

    ACTIVE = "active"
    PAUSED = "paused"  # by a person, or because an instalment was not paid: a person decides what next
    DONE = "done"
    CANCELLED = "cancelled"


class PlanEvent(StrEnum):
    """What can happen to a plan."""

    PAUSED = "paused"
    RESUMED = "resumed"
    CANCELLED = "cancelled"
    OVER = "over"  # no instalment is left, or nothing is owed any more


_S, _E = PlanState, PlanEvent

STEPS: dict[tuple[PlanState, PlanEvent], PlanState] = {
    (_S.ACTIVE, _E.PAUSED): _S.PAUSED,
    (_S.PAUSED, _E.RESUMED): _S.ACTIVE,
    (_S.ACTIVE, _E.CANCELLED): _S.CANCELLED,
    (_S.PAUSED, _E.CANCELLED): _S.CANCELLED,
    (_S.ACTIVE, _E.OVER): _S.DONE,
    (_S.PAUSED, _E.OVER): _S.DONE,
}
STANDS = frozenset({_S.ACTIVE, _S.PAUSED})


#: An instalment that could not be taken so many days after its own is not taken by itself any more.
LATE_AFTER = timedelta(days=3)


class InstalmentState(StrEnum):
    """What became of an instalment; told from its payment, never stored."""

    DUE = "due"  # nothing was sent for it
    TAKING = "taking"  # it is being charged, or nobody knows yet whether it was
    PAID = "paid"
    FAILED = "failed"  # it was not charged, and is not tried again by itself
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Instalment:
    """One payment of a plan; `number` counts from 1."""

    number: int
    due_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class PlanPolicy:
    """A firm's rules: how many instalments, how small one may be, and how many days it may all take."""

    most: int
    longest_days: int
    least: tuple[Money, ...] = ()


def next_state(state: PlanState, event: PlanEvent) -> PlanState | None:
    """Return the state the event leads to; None where it changes nothing."""
    return STEPS.get((state, event))


def instalment_state(attempt: AttemptState | None, *, skipped: bool) -> InstalmentState:
    """Return what became of an instalment whose try is in this state; None: nothing was tried."""
    if attempt is AttemptState.APPROVED:
        return InstalmentState.PAID
    if attempt in HOLDS_DEBT:
        return InstalmentState.TAKING
    if skipped:
        return InstalmentState.SKIPPED
    return InstalmentState.DUE if attempt is None else InstalmentState.FAILED


def schedule(total: Money, count: int, first_on: date, rhythm: Rhythm) -> list[Instalment]:
    """Return what is taken when: equal amounts, what cannot be shared out in the first one.

    Months keep the first one's day, or end with the month where it has no such day.
    """
    each, rest = divmod(total.minor, count)
    return [
        Instalment(
            number + 1,
            day_of(first_on, number, rhythm),
            Money(each + (rest if number == 0 else 0), total.currency),
        )
        for number in range(count)
    ]


def day_of(first_on: date, number: int, rhythm: Rhythm) -> date:
    """Return the day so many steps of the rhythm after the first one."""
    if rhythm is not Rhythm.MONTHLY:
        return first_on + timedelta(weeks=number * (2 if rhythm is Rhythm.FORTNIGHTLY else 1))
    years, month = divmod(first_on.month - 1 + number, 12)
    year, month = first_on.year + years, month + 1
    return date(year, month, min(first_on.day, calendar.monthrange(year, month)[1]))


def check(policy: PlanPolicy, instalments: Sequence[Instalment], card: CardSummary, today: date) -> None:
    """Raise Invalid unless these instalments may be agreed on this card, of which each is an equal share.

    None is today: what is paid with the caller on the line is a payment of its own, said yes to by itself.
    """
    first, last = instalments[0], instalments[-1]
    if not 2 <= len(instalments) <= policy.most:
        raise Invalid("plan_count", count=len(instalments), most=policy.most)
    if first.due_on <= today:
        raise Invalid("plan_starts_today", on=dates.in_full(first.due_on))
    latest = today + timedelta(days=policy.longest_days)
    if last.due_on > latest:
        raise Invalid("plan_too_long", on=dates.in_full(last.due_on), latest=dates.in_full(latest))
    least = of_currency(policy.least, last.amount.currency)
    if last.amount.minor <= 0 or (least is not None and last.amount.minor < least.minor):
        raise Invalid("plan_too_small", amount=last.amount, least=least or Money(1, last.amount.currency))
    if is_expired(card, last.due_on):
        raise Invalid("plan_card_ends", card=label(card), on=dates.in_full(last.due_on))


def is_too_late(due_on: date, today: date) -> bool:
    """Say whether an instalment of this day is not taken by itself any more."""
    return today > due_on + LATE_AFTER
