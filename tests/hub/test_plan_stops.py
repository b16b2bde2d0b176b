"""What stops a payment plan: an instalment that is not charged, its card, somebody at the same instant."""

import asyncio

import pytest

from agentdesk.adapters.base import Decline, NotSent, OutcomeUnknown
from agentdesk.domain.errors import Conflict, NotFound
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent, AttemptState, DeclineKind
from agentdesk.domain.people import Role
from agentdesk.domain.plan import InstalmentState, PlanState
from agentdesk.hub import saved_cards
from agentdesk.hub.jobs import sweeps
from tests.hub.planners import (
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
from tests.hub.savers import approved
from tests.hub.till import Till, refused, with_settings

pytestmark = pytest.mark.anyio

PAID, DUE, TAKING = InstalmentState.PAID, InstalmentState.DUE, InstalmentState.TAKING
FAILED, SKIPPED = InstalmentState.FAILED, InstalmentState.SKIPPED


# ---------------------------------------------------------------- not charged
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (DeclineKind.INSUFFICIENT_FUNDS, "Card refused, ask for another"),
        (DeclineKind.AUTHENTICATION_REQUIRED, "The bank wants the holder to confirm"),
    ],
)
async def test_a_decline_pauses_the_plan_and_waits_for_a_supervisor(
    till: Till, kind: DeclineKind, words: str
) -> None:
    plan = await made(till)
    till.bank.answer, till.bank.decline = AttemptEvent.DECLINED, Decline(kind, kind.value)
    plan = await due(till, plan.plan_id)
    assert [one.state for one in plan.instalments] == [FAILED, DUE, DUE]
    assert (plan.state, plan.instalments[0].why) == (PlanState.PAUSED, words)
    assert plan.why is not None
    assert plan.why.startswith(f"Payment 1 of £40.00 was not charged: {words}. Nothing more is taken")
    assert "send a link" in plan.why
    (item,) = await stopped_plans(till)
    assert (item.customer_name, item.detail, item.plan) == ("Amara Okafor", plan.why, plan)
    assert item.payment and (item.payment.plan, item.payment.state) == (
        plan.short_reference,
        AttemptState.DECLINED,
    )
    assert any("is paused" in one.subject and words in one.body for one in till.records.logged.values())
    before = charges(till)
    for _ in range(2):
        plan = await due(till, plan.plan_id, 7)
    assert charges(till) == before, "nothing is tried again by itself"
    await change(till, plan, "cancel", await till.colleague(Role.SUPERVISOR))
    assert await stopped_plans(till) == []


@pytest.mark.allow_log("charge not executed")
async def test_what_the_processor_does_not_take_pauses_it_too(till: Till) -> None:
    plan = await made(till)
    till.bank.fails = {"charge": NotSent("no line")}
    plan = await due(till, plan.plan_id)
    assert (plan.state, plan.instalments[0].state) == (PlanState.PAUSED, FAILED)
    assert plan.instalments[0].why == "The payment provider did not take the request."


@pytest.mark.allow_log("charge without an answer")
async def test_while_one_is_unknown_nothing_goes_on_and_evidence_ends_it(till: Till) -> None:
    plan = await made(till)
    till.bank.fails = {"charge": OutcomeUnknown()}
    plan = await due(till, plan.plan_id)
    assert [one.state for one in plan.instalments] == [TAKING, DUE, DUE]
    asked = len(till.ledger.asked)
    await days_pass(till, plan.plan_id, 7)
    await sweep(till)
    assert len(till.ledger.asked) == asked, "nor are the accounts asked"
    assert [one.state for one in (await shown(till)).instalments] == [TAKING, DUE, DUE]
    attempt_id = (await newest_try(till)).attempt_id
    await till.learn(attempt_id, AttemptEvent.APPROVED, amount=Money(4000, "GBP"))
    plan = await shown(till)
    assert [one.state for one in plan.instalments] == [PAID, DUE, DUE]
    await till.work()
    assert [one.state for one in (await due(till, plan.plan_id)).instalments] == [PAID, PAID, DUE]


@pytest.mark.allow_log("late success")
async def test_one_that_was_charged_after_all_is_paid_and_a_person_looks(till: Till) -> None:
    plan = await made(till)
    till.bank.answer = AttemptEvent.DECLINED
    plan = await due(till, plan.plan_id)
    attempt_id = (await newest_try(till)).attempt_id
    await till.learn(attempt_id, AttemptEvent.APPROVED, amount=Money(4000, "GBP"))
    plan = await shown(till)
    assert (plan.state, plan.instalments[0].state, plan.paid.minor) == (PlanState.PAUSED, PAID, 4000)
    assert plan.why is not None and "was charged after all" in plan.why


async def test_the_last_one_that_fails_leaves_the_plan_paused(till: Till) -> None:
    plan = await made(till)
    plan = await due(till, plan.plan_id)
    plan = await due(till, plan.plan_id, 7)
    till.bank.answer = AttemptEvent.DECLINED
    plan = await due(till, plan.plan_id, 7)
    assert (plan.state, plan.next) == (PlanState.PAUSED, None)
    plan = await change(till, plan, "resume", await till.colleague(Role.SUPERVISOR))
    assert plan.state is PlanState.DONE
    assert plan.why == "£80.00 of the £120.00 of the plan was taken; the rest is not taken by itself."


async def test_one_that_fails_while_a_person_had_it_paused_comes_to_the_list(till: Till) -> None:
    plan = await made(till)
    supervisor = await till.colleague(Role.SUPERVISOR)

    async def pause() -> None:
        await change(till, plan, "pause", supervisor)

    till.bank.meanwhile = {"charge": pause}
    till.bank.answer = AttemptEvent.DECLINED
    after = await due(till, plan.plan_id)
    assert (after.state, len(await stopped_plans(till))) == (PlanState.PAUSED, 1)
    assert after.why is not None and after.why.startswith("Payment 1 of £40.00 was not charged")


async def test_a_cancelled_plan_whose_last_charge_is_under_way_stays_cancelled(till: Till) -> None:
    plan = await made(till)
    supervisor = await till.colleague(Role.SUPERVISOR)

    async def cancel() -> None:
        await change(till, plan, "cancel", supervisor)

    till.bank.meanwhile = {"charge": cancel}
    after = await due(till, plan.plan_id)
    assert (after.state, after.paid.minor) == (PlanState.CANCELLED, 4000)


# ---------------------------------------------------------------- given back
async def test_what_is_given_back_of_an_instalment_lets_its_plan_stand_still_and_says_so(till: Till) -> None:
    plan = await due(till, (await made(till)).plan_id)
    supervisor = await till.colleague(Role.SUPERVISOR)
    await till.give_back(supervisor, (await newest_try(till)).attempt_id, 1500)
    after = await shown(till)
    assert (after.state, after.why) == (
        PlanState.PAUSED,
        "£15.00 of payment 1 goes back to the customer: Billed twice. By Sam. Nothing more is taken "
        "by itself. Resume the plan where the rest is still owed, or cancel it.",
    )
    (item,) = await stopped_plans(till)
    assert item.detail == after.why
    before = charges(till)
    await due(till, plan.plan_id, 7)
    assert charges(till) == before
    await change(till, plan, "resume", supervisor)
    assert [one.state for one in (await due(till, plan.plan_id)).instalments] == [PAID, PAID, DUE]


async def test_what_is_given_back_changes_no_plan_that_a_person_paused_or_that_is_over(till: Till) -> None:
    plan = await due(till, (await made(till)).plan_id)
    supervisor = await till.colleague(Role.SUPERVISOR)
    attempt_id = (await newest_try(till)).attempt_id
    for wanted in ("pause", "cancel"):
        told = await change(till, plan, wanted, supervisor)
        await till.give_back(supervisor, attempt_id, 100)
        assert await shown(till) == told
        assert await stopped_plans(till) == []


# ---------------------------------------------------------------- its card
async def test_a_withdrawn_card_pauses_its_plan_at_once(till: Till) -> None:
    plan = await made(till)
    await saved_cards.withdraw(till.hub, till.who, plan.card_id)
    after = await shown(till)
    assert (after.state, after.why) == (
        PlanState.PAUSED,
        "The saved card is not kept any more. The customer withdrew it. "
        "Take the rest another way, or make a new plan.",
    )
    assert len(await stopped_plans(till)) == 1
    await days_pass(till, plan.plan_id)
    await sweep(till)
    assert await taken(till) == []
    resuming = change(till, plan, "resume", await till.colleague(Role.SUPERVISOR))
    assert (await refused(NotFound, resuming)).code == "saved_card_unknown"


async def test_a_card_withdrawn_at_the_same_instant_is_charged_once_or_never(till: Till) -> None:
    plan = await made(till)
    await days_pass(till, plan.plan_id)
    before = charges(till)
    await asyncio.gather(
        sweeps.sweep(till.hub), saved_cards.withdraw(till.hub, till.who, plan.card_id), sweeps.sweep(till.hub)
    )
    await till.hub.finish()
    assert charges(till) - before == len(await taken(till)) <= 1
    assert (await shown(till)).state is PlanState.PAUSED


async def test_a_card_that_cannot_be_charged_on_the_day_pauses_it(till: Till) -> None:
    plan = await made(till)
    with_settings(till, saved_cards=None)
    plan = await due(till, plan.plan_id)
    assert (plan.state, await taken(till)) == (PlanState.PAUSED, [])
    assert plan.why is not None and "Saved cards are switched off here." in plan.why


# ---------------------------------------------------------------- somebody at the same instant
@pytest.mark.allow_log("instalment waits")
async def test_an_agent_who_starts_a_payment_of_the_same_bill_at_once(till: Till) -> None:
    plan = await made(till)
    supervisor = await till.colleague(Role.SUPERVISOR)
    await change(till, plan, "pause", supervisor)
    intent_id = await till.intent(minor=1000, invoice="8")  # agreed while it stood still
    await change(till, plan, "resume", supervisor)
    await days_pass(till, plan.plan_id)
    done = await asyncio.gather(till.start(intent_id), sweeps.sweep(till.hub), return_exceptions=True)
    await till.hub.finish()
    error = done[0]
    assert isinstance(error, Conflict)
    assert error.code in ("in_plan", "already_being_paid")
    assert await taken(till) == [(1, 4000)]


async def test_the_same_card_saved_again_pauses_it_for_a_new_consent(till: Till) -> None:
    plan = await made(till)
    till.ledger.open["10"] = 900
    await approved(till, await till.intent(minor=900, invoice="10"))
    await till.work()
    after = await shown(till)
    assert (after.plan_id, after.state) == (plan.plan_id, PlanState.PAUSED)
    assert after.why is not None and "The same card was saved again." in after.why


@pytest.mark.allow_log("late success")
async def test_late_word_of_a_charge_stops_a_plan_that_went_on(till: Till) -> None:
    plan = await made(till)
    till.bank.answer = AttemptEvent.DECLINED
    plan = await due(till, plan.plan_id)
    supervisor = await till.colleague(Role.SUPERVISOR)
    assert (await change(till, plan, "resume", supervisor)).state is PlanState.ACTIVE
    attempt_id = (await newest_try(till)).attempt_id
    await till.learn(attempt_id, AttemptEvent.APPROVED, amount=Money(4000, "GBP"))
    after = await shown(till)
    assert (after.state, after.instalments[0].state) == (PlanState.PAUSED, PAID)
    assert after.why is not None and "was charged after all" in after.why
    assert len(await stopped_plans(till)) == 1


async def test_it_is_resumed_with_a_caller_who_can_say_yes_or_by_a_supervisor(till: Till) -> None:
    plan = await made(till)
    call_id = await till.call()
    await till.hang_up(call_id)
    assert (await change(till, plan, "pause")).state is PlanState.PAUSED
    assert (await refused(Conflict, change(till, plan, "resume"))).code == "call_over"
    assert (await shown(till)).state is PlanState.PAUSED
    assert (await change(till, plan, "resume", await till.colleague(Role.SUPERVISOR))).why is None
