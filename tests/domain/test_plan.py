"""Payment plans: what is taken when, what may be agreed, and how a plan goes on."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.card import CardSummary
from agentdesk.domain.errors import Invalid
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.plan import (
    STANDS,
    STEPS,
    InstalmentState,
    PlanEvent,
    PlanPolicy,
    PlanState,
    Rhythm,
    check,
    instalment_state,
    next_state,
    schedule,
)

TODAY = date(2026, 11, 22)
TOMORROW = date(2026, 11, 23)
RULES = PlanPolicy(most=12, longest_days=366, least=(Money(500, "GBP"),))
CARD = CardSummary("visa", "4242", 8, 2028)


@given(
    st.integers(1, 10**9),
    st.integers(1, 100),
    st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    st.sampled_from(Rhythm),
)
def test_a_schedule_takes_all_of_it_and_no_more(minor: int, count: int, first: date, rhythm: Rhythm) -> None:
    plan = schedule(Money(minor, "GBP"), count, first, rhythm)
    assert sum(one.amount.minor for one in plan) == minor
    assert [one.number for one in plan] == list(range(1, count + 1))
    assert plan[0].due_on == first
    assert all(before.due_on < after.due_on for before, after in pairwise(plan))
    assert len({one.amount for one in plan[1:]}) <= 1
    assert all(plan[0].amount.minor >= one.amount.minor for one in plan)


@pytest.mark.parametrize(
    ("rhythm", "days"),
    [
        (Rhythm.WEEKLY, [date(2026, 12, 31), date(2027, 1, 7), date(2027, 1, 14)]),
        (Rhythm.FORTNIGHTLY, [date(2026, 12, 31), date(2027, 1, 14), date(2027, 1, 28)]),
        (Rhythm.MONTHLY, [date(2026, 12, 31), date(2027, 1, 31), date(2027, 2, 28)]),
    ],
)
def test_days_of_each_rhythm(rhythm: Rhythm, days: list[date]) -> None:
    plan = schedule(Money(1000, "GBP"), 3, date(2026, 12, 31), rhythm)
    assert [one.due_on for one in plan] == days
    assert [one.amount.minor for one in plan] == [334, 333, 333]


@pytest.mark.parametrize(
    ("minor", "count", "first", "card", "code"),
    [
        (6000, 1, TOMORROW, CARD, "plan_count"),
        (60000, 13, TOMORROW, CARD, "plan_count"),
        (6000, 3, TODAY, CARD, "plan_starts_today"),
        (6000, 3, date(2027, 11, 1), CARD, "plan_too_long"),
        (1497, 3, TOMORROW, CARD, "plan_too_small"),
        (1, 2, TOMORROW, CARD, "plan_too_small"),
        (6000, 3, TOMORROW, CardSummary("visa", "4242", 12, 2026), "plan_card_ends"),
    ],
)
def test_what_may_not_be_agreed(minor: int, count: int, first: date, card: CardSummary, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(RULES, schedule(Money(minor, "GBP"), count, first, Rhythm.MONTHLY), card, TODAY)
    assert refused.value.code == code


@pytest.mark.parametrize("card", [CARD, CardSummary("visa", "4242"), CardSummary("visa", "4242", 1, 2027)])
def test_what_may_be_agreed(card: CardSummary) -> None:
    check(RULES, schedule(Money(1500, "GBP"), 3, TOMORROW, Rhythm.MONTHLY), card, TODAY)


@pytest.mark.parametrize(
    ("attempt", "skipped", "state"),
    [
        (None, False, InstalmentState.DUE),
        (None, True, InstalmentState.SKIPPED),
        (AttemptState.OPEN, False, InstalmentState.TAKING),
        (AttemptState.SENDING, False, InstalmentState.TAKING),
        (AttemptState.PENDING, False, InstalmentState.TAKING),
        (AttemptState.UNKNOWN, False, InstalmentState.TAKING),
        (AttemptState.DECLINED, False, InstalmentState.FAILED),
        (AttemptState.NOT_SENT, False, InstalmentState.FAILED),
        (AttemptState.APPROVED, False, InstalmentState.PAID),
        (AttemptState.APPROVED, True, InstalmentState.PAID),
    ],
)
def test_an_instalment_is_what_its_payment_is(
    attempt: AttemptState | None, skipped: bool, state: InstalmentState
) -> None:
    assert instalment_state(attempt, skipped=skipped) is state


def test_every_state_is_reached_and_none_that_is_over_goes_on() -> None:
    assert {PlanState.ACTIVE, *STEPS.values()} == set(PlanState)
    assert {state for state, _ in STEPS} == STANDS
    assert next_state(PlanState.DONE, PlanEvent.RESUMED) is None
    assert next_state(PlanState.ACTIVE, PlanEvent.CANCELLED) is PlanState.CANCELLED
