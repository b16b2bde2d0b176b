"""Payment plans: what is taken when, what may be agreed, and how a plan goes on."""

import calendar
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.card import CardSummary
from agentdesk.domain.errors import Invalid
from agentdesk.domain.money import Money, total
from agentdesk.domain.payment import HOLDS_DEBT, AttemptState
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


MINORS, COUNTS = st.integers(1, 10**9), st.integers(1, 100)
DAYS, RHYTHMS = st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(Rhythm)
#: Of no, two and three decimal places.
CURRENCIES = st.sampled_from(["JPY", "GBP", "KWD"])


@given(MINORS, CURRENCIES, COUNTS, DAYS, RHYTHMS)
def test_a_schedule_takes_all_of_it_and_no_more(
    minor: int, currency: str, count: int, first: date, rhythm: Rhythm
) -> None:
    plan = schedule(Money(minor, currency), count, first, rhythm)
    assert total([one.amount for one in plan], currency) == Money(minor, currency)
    assert [one.number for one in plan] == list(range(1, count + 1))
    assert plan[0].due_on == first
    assert all(before.due_on < after.due_on for before, after in pairwise(plan))
    assert len({one.amount for one in plan[1:]}) <= 1
    assert all(0 <= plan[0].amount.minor - one.amount.minor < count for one in plan)


@given(COUNTS, DAYS)
def test_a_month_keeps_the_agreed_day_and_returns_to_it_after_a_shorter_one(count: int, first: date) -> None:
    days = [one.due_on for one in schedule(Money(1000, "GBP"), count, first, Rhythm.MONTHLY)]
    months = [one.year * 12 + one.month for one in days]
    assert months == list(range(months[0], months[0] + count)), "each month has one"
    for day in days:
        last = calendar.monthrange(day.year, day.month)[1]
        assert day.day == (first.day if first.day <= last else last)


@given(COUNTS, DAYS, st.sampled_from([(Rhythm.WEEKLY, 7), (Rhythm.FORTNIGHTLY, 14)]))
def test_weeks_keep_the_day_of_the_week(count: int, first: date, of: tuple[Rhythm, int]) -> None:
    rhythm, days = of
    plan = schedule(Money(1000, "GBP"), count, first, rhythm)
    assert {(after.due_on - before.due_on).days for before, after in pairwise(plan)} <= {days}


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


@given(
    st.integers(1, 100_000),
    st.integers(1, 20),
    st.dates(TODAY - timedelta(days=3), TODAY + timedelta(days=400)),
    RHYTHMS,
    st.integers(1, 12),
    st.integers(2026, 2029),
)
def test_what_is_agreed_keeps_every_rule_and_what_is_refused_breaks_one(
    minor: int, count: int, first: date, rhythm: Rhythm, month: int, year: int
) -> None:
    plan = schedule(Money(minor, "GBP"), count, first, rhythm)
    last = plan[-1].due_on
    keeps = (
        2 <= count <= RULES.most
        and first > TODAY
        and last <= TODAY + timedelta(days=RULES.longest_days)
        and min(one.amount.minor for one in plan) >= 500
        and (last.year, last.month) <= (year, month)
    )
    try:
        check(RULES, plan, CardSummary("visa", "4242", month, year), TODAY)
    except Invalid:
        assert not keeps
    else:
        assert keeps


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


@pytest.mark.parametrize("attempt", AttemptState)
def test_leaving_one_out_changes_nothing_of_what_was_or_may_have_been_charged(attempt: AttemptState) -> None:
    state, skipped = (instalment_state(attempt, skipped=one) for one in (False, True))
    if attempt in HOLDS_DEBT or attempt is AttemptState.APPROVED:
        assert skipped is state
        assert state in (InstalmentState.TAKING, InstalmentState.PAID)
    else:
        assert (state, skipped) == (InstalmentState.FAILED, InstalmentState.SKIPPED)


@given(st.lists(st.sampled_from(PlanEvent)))
def test_whatever_happens_a_plan_can_end_and_what_is_over_stays_so(events: list[PlanEvent]) -> None:
    state = PlanState.ACTIVE
    for event in events:
        after = next_state(state, event)
        assert after is None or state in STANDS
        state = after or state
    if state in STANDS:
        assert next_state(state, PlanEvent.CANCELLED) is PlanState.CANCELLED
        assert next_state(state, PlanEvent.OVER) is PlanState.DONE
    else:
        assert [next_state(state, event) for event in PlanEvent] == [None] * len(PlanEvent)


def test_every_state_is_reached_and_none_that_is_over_goes_on() -> None:
    assert {PlanState.ACTIVE, *STEPS.values()} == set(PlanState)
    assert {state for state, _ in STEPS} == STANDS
    assert next_state(PlanState.DONE, PlanEvent.RESUMED) is None
    assert next_state(PlanState.ACTIVE, PlanEvent.CANCELLED) is PlanState.CANCELLED
