"""Instalments: each is taken once on its day by whichever replica is first, as a payment like any other."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from agentdesk.adapters.base import NotSent, OutcomeUnknown
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.people import Role
from agentdesk.domain.plan import InstalmentState, PlanState
from agentdesk.hub import days, outcomes, plan_charges
from agentdesk.hub.db.tables import Attempt, AuditEntry, Event, PaymentIntent, WriteBack
from agentdesk.hub.jobs import sweeps
from tests.hub.planners import (
    RULES,
    change,
    charges,
    days_pass,
    due,
    made,
    newest_try,
    shown,
    stopped_plans,
    sweep,
    taken,
)
from tests.hub.test_saved_card_charges import Dying
from tests.hub.till import Till, with_settings

pytestmark = pytest.mark.anyio

PAID, DUE, TAKING = InstalmentState.PAID, InstalmentState.DUE, InstalmentState.TAKING
FAILED, SKIPPED = InstalmentState.FAILED, InstalmentState.SKIPPED


# ---------------------------------------------------------------- taking the money
async def test_a_plan_is_taken_day_by_day_and_is_over(till: Till) -> None:
    plan = await made(till, receipt_email="amara@example.com")
    await sweep(till)
    assert await taken(till) == [], "its first day is tomorrow"
    plan = await due(till, plan.plan_id)
    assert [one.state for one in plan.instalments] == [PAID, DUE, DUE]
    assert (plan.state, plan.paid.minor, plan.next) == (PlanState.ACTIVE, 4000, plan.instalments[1])
    sent = till.bank.asked[-1][1]
    assert (sent.holder_away, sent.keep, sent.amount.minor, sent.token.customer) == (
        True,
        False,
        4000,
        "cus-1",
    )
    await sweep(till)
    assert len(await taken(till)) == 1, "one a day"
    for _ in range(2):
        plan = await due(till, plan.plan_id, 7)
    assert (plan.state, plan.paid.minor, plan.next) == (PlanState.DONE, 12000, None)
    assert plan.why == "All payments of the plan were made, £120.00."
    assert await taken(till) == [(1, 4000), (2, 4000), (3, 4000)]
    assert till.ledger.open == {"7": 0, "8": 0, "9": 0}
    await due(till, plan.plan_id, 30)
    assert len(await taken(till)) == 3


async def test_an_instalment_is_a_payment_like_any_other(till: Till) -> None:
    plan = await due(till, (await made(till, receipt_email="amara@example.com")).plan_id)
    first = plan.instalments[0]
    (intent,) = [one for one in await till.rows(PaymentIntent) if one.plan_id]
    assert (intent.intent_id, intent.user_id, intent.receipt_email) == (
        first.intent_id,
        till.who.user_id,
        "amara@example.com",
    )
    assert [(part["number"], part["amount_minor"]) for part in intent.allocations] == [("INV-8", 4000)]
    (attempt,) = [one for one in await till.rows(Attempt) if one.intent_id == intent.intent_id]
    assert (attempt.route, attempt.state, attempt.charge_key) == (
        "saved",
        AttemptState.APPROVED,
        f"{attempt.attempt_id}:charge",
    )
    kinds = {one.kind for one in await till.rows(WriteBack) if one.intent_id == intent.intent_id}
    assert kinds == {"accounts", "customer_record", "receipt"}
    titles = await till.titles(attempt.attempt_id)
    assert titles[0] == f"Payment 1 of 3 of payment plan {plan.short_reference} is due"
    notes = [one.body for one in till.records.logged.values()]
    assert any(f"£40.00 by payment plan {plan.short_reference} for INV-8." in one for one in notes)
    said = [one for one in await till.rows(AuditEntry) if one.action == "plan.take"]
    assert [(one.user_id, one.subject, one.detail["number"]) for one in said] == [(None, intent.intent_id, 1)]


@pytest.mark.allow_log("charge without an answer")
async def test_it_is_nobodys_payment_of_the_day_and_told_to_whoever_shows_the_customer(till: Till) -> None:
    plan = await made(till)
    before = len(await till.rows(Event))
    till.bank.fails = {"charge": OutcomeUnknown()}
    plan = await due(till, plan.plan_id)
    told = (await till.rows(Event))[before:]
    assert [one.kind for one in told if one.kind == "payment"] == []
    assert {one.user_id for one in told if one.kind == "customer"} == {None}
    async with till.hub.sessions.begin() as session:
        day = await days.agent_day(session, till.who, till.hub.settings)
    assert (day.open_work, day.ended) == ([], [])
    attempt_id = (await newest_try(till)).attempt_id
    payment = await till.show(attempt_id)
    assert (payment.plan, payment.attempts_left) == (plan.short_reference, 0)


async def test_two_replicas_sweeping_at_once_take_it_once(till: Till) -> None:
    plan = await made(till)
    await days_pass(till, plan.plan_id)
    before = charges(till)
    await asyncio.gather(*(sweeps.sweep(till.hub) for _ in range(4)))
    await till.hub.finish()
    assert (charges(till), await taken(till)) == (before + 1, [(1, 4000)])


async def test_the_database_itself_takes_no_instalment_twice(till: Till) -> None:
    await due(till, (await made(till)).plan_id)
    (first,) = [one for one in await till.rows(PaymentIntent) if one.plan_id]
    values = {one.name: getattr(first, one.name) for one in PaymentIntent.__table__.columns}
    with pytest.raises(Exception, match="uq_payment_intent_instalment"):
        async with till.hub.sessions.begin() as session:
            session.add(PaymentIntent(**values | {"intent_id": "pi_x", "key": "x", "reference": "x"}))


@pytest.mark.allow_log("charge held back")
async def test_a_process_that_died_after_writing_it_down_is_followed_and_nothing_is_sent_twice(
    till: Till,
) -> None:
    plan = await made(till)
    await days_pass(till, plan.plan_id)
    before = charges(till)
    dying = Dying(till.hub.settings, till.hub.sessions, till.hub.vendors)
    await plan_charges.take(dying)
    assert [one.state for one in (await shown(till)).instalments] == [TAKING, DUE, DUE]
    attempt_id = (await newest_try(till)).attempt_id
    assert (await till.attempt(attempt_id)).state is AttemptState.SENDING
    await sweep(till)
    await till.due()
    await till.work()
    await outcomes.charge(till.hub, attempt_id)  # it wakes up after all
    assert charges(till) == before
    assert (await till.attempt(attempt_id)).state is AttemptState.UNKNOWN
    assert (await shown(till)).state is PlanState.ACTIVE


async def test_what_was_written_down_is_on_disk_before_it_is_sent(till: Till) -> None:
    plan = await made(till)
    seen: list[Any] = []

    async def look() -> None:
        row = await newest_try(till)
        seen.extend([row.state, row.charge_key == f"{row.attempt_id}:charge", row.sent_at is not None])

    till.bank.meanwhile = {"charge": look}
    await due(till, plan.plan_id)
    assert seen == ["sending", True, True]


# ---------------------------------------------------------------- when it has to wait
async def test_before_its_hour_nothing_is_taken(till: Till) -> None:
    plan = await made(till)
    with_settings(till, plans=RULES.model_copy(update={"from_hour": 24}))
    assert (await due(till, plan.plan_id)).instalments[0].state is DUE


async def test_where_plans_are_switched_off_nothing_is_taken(till: Till) -> None:
    plan = await made(till)
    with_settings(till, plans=None)
    assert (await due(till, plan.plan_id)).instalments[0].state is DUE


async def test_a_hub_of_the_other_mode_takes_nothing(till: Till) -> None:
    plan = await made(till)
    with_settings(till, test_mode=False)
    assert (await due(till, plan.plan_id)).instalments[0].state is DUE
    assert await taken(till) == []


@pytest.mark.allow_log("an outside system did not answer|instalment waits")
async def test_accounts_that_do_not_answer_are_waited_for(till: Till) -> None:
    plan = await made(till)
    till.ledger.fails["account"] = NotSent("down")
    await days_pass(till, plan.plan_id)
    await sweeps.sweep(till.hub)
    assert await taken(till) == []
    await sweep(till)
    assert await taken(till) == [(1, 4000)]


@pytest.mark.allow_log("instalment waits")
async def test_a_payment_that_holds_a_bill_is_waited_for(till: Till) -> None:
    plan = await made(till)
    await change(till, plan, "pause", await till.colleague(Role.SUPERVISOR))
    attempt_id = await till.start(await till.intent(minor=1000, invoice="8"))
    await change(till, plan, "resume", await till.colleague(Role.SUPERVISOR))
    plan = await due(till, plan.plan_id)
    assert plan.instalments[0].state is DUE
    await till.key_card(attempt_id)
    await till.submit(attempt_id)
    await till.token(attempt_id)
    await till.charge(attempt_id)
    await sweep(till)  # paid just now: a like payment
    assert await taken(till) == []


@pytest.mark.allow_log("instalment waits")
async def test_a_like_payment_just_now_is_waited_for(till: Till) -> None:
    plan = await made(till)
    await days_pass(till, plan.plan_id)
    till.ledger.open["10"] = 4000
    await till.paid(minor=4000, invoice="10")
    await sweep(till)
    assert await taken(till) == []
    await days_pass(till, plan.plan_id)
    await sweep(till)
    assert await taken(till) == [(1, 4000)]


async def test_later_than_three_days_it_is_not_taken_and_a_person_decides(till: Till) -> None:
    plan = await made(till)
    plan = await due(till, plan.plan_id, 5)
    assert (plan.state, await taken(till)) == (PlanState.PAUSED, [])
    assert plan.why is not None and plan.why.startswith("Payment 1 could not be taken within 3 days of ")
    assert [one.plan.plan_id for one in await stopped_plans(till) if one.plan] == [plan.plan_id]


async def test_within_three_days_it_is(till: Till) -> None:
    assert (await due(till, (await made(till)).plan_id, 4)).instalments[0].state is PAID


# ---------------------------------------------------------------- what is owed
async def test_of_less_that_is_owed_only_that_is_taken_and_the_plan_is_over(till: Till) -> None:
    plan = await made(till)
    till.ledger.open |= {"8": 0, "9": 2500}
    plan = await due(till, plan.plan_id)
    assert await taken(till) == [(1, 2500)]
    assert plan.instalments[0].amount.minor == 2500
    plan = await due(till, plan.plan_id, 7)
    assert (plan.state, plan.why) == (PlanState.DONE, "Nothing of its invoices is owed any more.")


async def test_where_nothing_is_owed_it_is_over_and_nothing_is_taken(till: Till) -> None:
    plan = await made(till)
    till.ledger.open |= {"8": 0, "9": 0}
    plan = await due(till, plan.plan_id)
    assert (plan.state, await taken(till)) == (PlanState.DONE, [])
    assert any("is over" in one.subject for one in till.records.logged.values())


@pytest.mark.allow_log("instalment waits|write-back not done")
async def test_less_left_only_because_a_payment_is_not_posted_is_waited_for(till: Till) -> None:
    plan = await made(till)
    till.ledger.open |= {"8": 4500, "9": 0}
    till.ledger.fails["post_payment"] = NotSent("down")
    plan = await due(till, plan.plan_id)
    assert plan.instalments[0].state is PAID
    await days_pass(till, plan.plan_id, 7)
    await sweeps.sweep(till.hub)
    assert (await shown(till)).state is PlanState.ACTIVE
    assert len(await taken(till)) == 1
    await till.due()
    await till.work()
    await sweep(till)
    assert await taken(till) == [(1, 4000), (2, 500)]


async def test_a_closed_account_is_not_charged(till: Till) -> None:
    plan = await made(till)
    till.records.amara = replace(till.records.amara, closed=True)
    plan = await due(till, plan.plan_id)
    assert (plan.state, plan.why) == (PlanState.PAUSED, "The account is closed. Nothing was charged.")
