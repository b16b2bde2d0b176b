"""Instalments that wait: nothing is taken early or of who owes nothing, and no plan stands still untold."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from agentdesk.adapters.base import Health, NotSent
from agentdesk.adapters.records import Account
from agentdesk.domain.ids import now
from agentdesk.domain.money import Money
from agentdesk.domain.people import Role
from agentdesk.domain.plan import PlanState, Rhythm, schedule
from agentdesk.domain.policy import Lookup
from agentdesk.hub import call_view, plan_charges
from agentdesk.hub.db.plans import PaymentPlan
from agentdesk.hub.db.tables import Call
from agentdesk.hub.jobs import sweeps
from agentdesk.hub.policies import Amounts
from tests.hub.planners import change, days_pass, due, made, shown, stopped_plans, sweep, taken, wish
from tests.hub.till import Till, with_settings

pytestmark = pytest.mark.anyio


@pytest.mark.allow_log("an outside system did not answer|instalment waits")
async def test_accounts_that_are_silent_for_days_pause_it(till: Till) -> None:
    plan = await made(till)
    await days_pass(till, plan.plan_id, 5)
    till.ledger.fails["account"] = NotSent("down")
    await sweeps.sweep(till.hub)
    assert (await shown(till)).state is PlanState.PAUSED
    assert len(await stopped_plans(till)) == 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"plans": None}, "payment plans are switched off here"), ({"test_mode": False}, "in the other mode")],
)
async def test_where_plans_are_off_or_of_the_other_mode_that_is_told_once_a_day_was_missed(
    till: Till, settings: dict[str, Any], words: str
) -> None:
    plan = await made(till)
    with_settings(till, **settings)
    await days_pass(till, plan.plan_id, 1)
    await sweep(till)
    assert (await shown(till)).state is PlanState.ACTIVE, (
        "whoever switched it back on the same day lost nothing"
    )
    await days_pass(till, plan.plan_id, 1)
    await sweep(till)
    after = await shown(till)
    assert after.state is PlanState.PAUSED
    assert after.why is not None and words in after.why
    assert len(await stopped_plans(till)) == 1
    assert await taken(till) == []


async def test_a_replica_whose_clock_is_ahead_takes_nothing_early(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(till)
    monkeypatch.setattr(plan_charges, "now", lambda: now() + timedelta(days=2), raising=False)
    await sweep(till)
    assert await taken(till) == []


@pytest.mark.allow_log("charge not executed|instalment")
async def test_while_the_processor_is_away_no_plan_is_paused_for_it(till: Till) -> None:
    plan = await made(till)

    async def away() -> Health:
        return Health("down", "key refused", 0.1)

    till.bank.check = away
    till.bank.fails = {"charge": NotSent("no line")}
    assert (await due(till, plan.plan_id)).state is PlanState.ACTIVE
    assert await taken(till) == []


async def test_a_customer_who_was_merged_with_another_is_not_charged(till: Till) -> None:
    plan = await made(till)
    amara = till.records.amara

    async def record(customer_id: str) -> Any:
        return replace(amara, customer_id="cus_2")

    till.records.record = record
    await days_pass(till, plan.plan_id)
    await sweep(till)
    assert await taken(till) == []
    assert (await shown_plan(till)).state == PlanState.PAUSED


async def shown_plan(till: Till) -> PaymentPlan:
    (row,) = await till.rows(PaymentPlan)
    assert isinstance(row, PaymentPlan)
    return row


@pytest.mark.parametrize("rhythm", list(Rhythm))
def test_a_first_day_at_the_end_of_the_calendar_is_refused(rhythm: Rhythm) -> None:
    with pytest.raises(ValidationError, match="first_on"):
        wish("call", "card", first_on=date(9999, 12, 30), rhythm=rhythm)
    last = wish("call", "card", first_on=date(9899, 12, 31), rhythm=rhythm, count=100)
    assert schedule(last.total.money, last.count, last.first_on, rhythm)


@pytest.mark.allow_log("an outside system did not answer|instalment waits")
async def test_an_account_that_may_have_been_closed_since_is_not_charged(till: Till) -> None:
    plan = await made(till)
    till.records.amara = replace(till.records.amara, closed=True)
    till.records.fails["record"] = NotSent("down")
    await days_pass(till, plan.plan_id)
    await sweep(till)
    assert await taken(till) == []


async def test_an_account_that_owes_nothing_in_all_is_not_charged(till: Till) -> None:
    plan = await made(till)
    in_credit = replace(await till.ledger.account("cus_1"), balance=Money(1500, "GBP"))

    async def account(customer_id: str) -> Account:
        return in_credit

    till.ledger.account = account  # type: ignore[method-assign]
    plan = await due(till, plan.plan_id)
    assert (plan.state, await taken(till)) == (PlanState.PAUSED, [])
    assert plan.why is not None
    assert plan.why.startswith("The account owes £15.00 in all, less than payment 1 of £40.00")


@pytest.mark.allow_log("instalment waits|write-back not done")
async def test_what_was_paid_on_account_and_is_not_posted_yet_counts(till: Till) -> None:
    plan = await made(till)
    with_settings(till, amounts=Amounts(lookup=Lookup.OPTIONAL))
    call_id = await till.call()
    intent_id = await till.intent(minor=12000, allocations=[], on_account=True, call_id=call_id)
    await till.charge(await _sending(till, intent_id))
    till.ledger.fails["post_payment"] = NotSent("down")
    plan = await due(till, plan.plan_id)
    assert (plan.state, await taken(till)) == (PlanState.ACTIVE, [])


async def _sending(till: Till, intent_id: str) -> str:
    attempt_id = await till.submitted_of(intent_id, till.who)
    assert await till.token(attempt_id)
    return attempt_id


async def test_what_a_person_stops_while_it_is_charged_says_so(till: Till) -> None:
    plan = await made(till)
    supervisor = await till.colleague(Role.SUPERVISOR)
    said: list[Any] = []

    async def cancel() -> None:
        said.append(await change(till, plan, "cancel", supervisor))

    till.bank.meanwhile = {"charge": cancel}
    await due(till, plan.plan_id)
    assert said[0].why.endswith("Payment 1 of £40.00 is being charged already.")


async def test_the_payments_of_a_plan_are_not_those_of_the_call_it_was_made_on(till: Till) -> None:
    plan = await made(till)
    call_id = (await till.rows(PaymentPlan))[0].call_id
    await due(till, plan.plan_id)
    async with till.hub.sessions.begin() as session:
        shown_call = await call_view.shown(session, await session.get_one(Call, call_id))
    assert shown_call.payment_intent_ids == []
