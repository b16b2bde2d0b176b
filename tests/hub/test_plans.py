"""Payment plans: what may be agreed, once for each press, what one holds, and what people change."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from agentdesk.adapters.base import NotSent
from agentdesk.domain.call import CallState, CheckResult
from agentdesk.domain.errors import AgentDeskError, Conflict, Invalid, NotAllowed, NotFound
from agentdesk.domain.ids import new_ulid, now
from agentdesk.domain.money import Money
from agentdesk.domain.people import Role
from agentdesk.domain.plan import InstalmentState, PlanState, Rhythm
from agentdesk.hub import calls, customers, plan_changes
from agentdesk.hub.caller_policy import CallerCheck
from agentdesk.hub.db.plans import PaymentPlan
from agentdesk.hub.db.saved_cards import SavedCard
from agentdesk.hub.db.tables import AuditEntry, Call, WriteBack
from agentdesk.hub.policies import Amounts
from agentdesk.hub.readiness import Board
from agentdesk.hub.settings import Settings
from agentdesk.wire.calls import NewCallerCheck, WrapUp
from agentdesk.wire.model import Amount
from tests.hub.planners import RULES, change, day, days_pass, due, made, make, saver, shown, sweep, taken
from tests.hub.savers import charge
from tests.hub.till import Till, refused, with_settings

pytestmark = pytest.mark.anyio
DUE, PAID, SKIPPED = InstalmentState.DUE, InstalmentState.PAID, InstalmentState.SKIPPED


async def no_plan(till: Till, card_id: str, **more: Any) -> AgentDeskError:
    """Return why a plan is not made; nothing of it stays."""
    before = len(await till.rows(PaymentPlan)), len(await till.rows(WriteBack))
    error = await refused(AgentDeskError, make(till, card_id, **more))
    assert (len(await till.rows(PaymentPlan)), len(await till.rows(WriteBack))) == before
    return error


# ---------------------------------------------------------------- the firm's rules
async def test_desks_learn_the_rules(till: Till) -> None:
    assert Board(till.hub.settings, {}).show().plans is None
    with_settings(till, plans=RULES.model_copy(update={"least": {"GBP": 500}}))
    rules = Board(till.hub.settings, {}).show().plans
    assert rules is not None
    assert (rules.wording, rules.words, rules.most) == (RULES.wording, RULES.words, 12)
    assert (rules.policy.longest_days, rules.policy.least) == (366, (Money(500, "GBP"),))


def test_a_plan_needs_saved_cards() -> None:
    with pytest.raises(ValidationError, match="plans needs saved_cards"):
        Settings(plans=RULES)


# ---------------------------------------------------------------- making
async def test_a_plan_is_kept_shown_and_told_to_the_customer_record(till: Till) -> None:
    plan = await make(till, await saver(till), receipt_email="amara@example.com")
    assert (plan.state, plan.why, plan.made_by, plan.receipt_email) == (
        PlanState.ACTIVE,
        None,
        "Priya Nair",
        "amara@example.com",
    )
    assert [(one.number, one.due_on, one.amount.minor, one.state) for one in plan.instalments] == [
        (1, day(1), 4000, DUE),
        (2, day(8), 4000, DUE),
        (3, day(15), 4000, DUE),
    ]
    assert (plan.card, plan.numbers, plan.next) == (
        "Visa ending 4242, 08/28",
        ["INV-8", "INV-9"],
        plan.instalments[0],
    )
    assert await shown(till) == plan
    await till.work()
    logged = till.records.logged[plan.reference]
    assert logged.subject == f"Payment plan {plan.short_reference} is agreed"
    assert logged.body.startswith("Visa ending 4242, 08/28 pays INV-8 and INV-9 by itself: £40.00 on ")
    assert logged.body.endswith("Agreed on the phone with Priya Nair, wording 2026-11.")
    (said,) = [one for one in await till.rows(AuditEntry) if one.action == "plan.make"]
    assert (said.subject, said.user_id, len(said.detail["words"])) == (plan.plan_id, "usr_1", 64)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"count": 1}, "plan_count"),
        ({"count": 13}, "plan_count"),
        ({"first_on": day(0)}, "plan_starts_today"),
        ({"first_on": day(400)}, "plan_too_long"),
        ({"count": 12, "rhythm": Rhythm.MONTHLY, "first_on": day(60)}, "plan_too_long"),
        ({"total": Amount(minor=11999, currency="GBP")}, "plan_total"),
        ({"total": Amount(minor=12000, currency="EUR")}, "currency_mismatch"),
        ({"invoices": ["9", "77"]}, "invoice_unknown"),
        ({"invoices": ["7"], "total": Amount(minor=12336, currency="GBP")}, "invoice_unknown"),
        ({"wording": "2020-01"}, "plan_wording"),
        ({"saved_card": "card_none"}, "saved_card_unknown"),
    ],
)
async def test_what_may_not_be_agreed_leaves_nothing(till: Till, more: dict[str, Any], code: str) -> None:
    assert (await no_plan(till, **{"card_id": await saver(till)} | more)).code == code


async def test_no_instalment_is_smaller_or_larger_than_the_firm_takes(till: Till) -> None:
    card_id = await saver(till)
    with_settings(till, plans=RULES.model_copy(update={"least": {"GBP": 4001}}))
    assert (await no_plan(till, card_id)).code == "plan_too_small"
    with_settings(till, plans=RULES, amounts=Amounts(most={"GBP": 3999}))
    assert (await no_plan(till, card_id)).code == "amount_over_most"
    with_settings(till, amounts=Amounts(least={"GBP": 4001}))
    assert (await no_plan(till, card_id)).code == "amount_under_least"


async def test_all_of_it_together_is_not_over_the_agents_own_limit(till: Till) -> None:
    card_id = await saver(till)
    till.who = replace(till.who, limit=Amount(minor=11999, currency="GBP"))
    assert (await no_plan(till, card_id)).code == "amount_over_limit"
    till.who = replace(till.who, limit=Amount(minor=12000, currency="GBP"))
    await make(till, card_id)


async def test_a_card_that_ends_before_the_last_day_pays_no_plan(till: Till) -> None:
    card_id = await saver(till)
    await till.change(SavedCard, card_id, exp_month=now().month, exp_year=now().year)
    error = await no_plan(till, card_id, first_on=day(40))
    assert error.code == "plan_card_ends"


async def test_a_card_that_cannot_be_charged_pays_no_plan(till: Till) -> None:
    card_id = await saver(till)
    await till.change(SavedCard, card_id, live=True)
    assert (await no_plan(till, card_id)).code == "saved_card_off"
    await till.change(SavedCard, card_id, live=False, customer_id="cus_2")
    assert (await no_plan(till, card_id)).code == "saved_card_unknown"


async def test_only_with_the_customer_on_the_line(till: Till) -> None:
    card_id = await saver(till)
    assert (
        await no_plan(till, card_id, call_id=await till.call(customer=None))
    ).code == "customer_not_linked"
    colleague = await till.colleague()
    assert (await no_plan(till, card_id, call_id=await till.call(colleague))).code == "call_not_yours"
    for state, code in ((CallState.HELD, "call_held"), (CallState.ENDED, "call_over")):
        call_id = await till.call()
        await till.line(call_id, state)
        assert (await no_plan(till, card_id, call_id=call_id)).code == code
    assert (await no_plan(till, card_id, customer="cus_none")).code == "customer_unknown"


async def test_where_callers_are_checked_only_one_who_passed_agrees_to_one(till: Till) -> None:
    card_id = await saver(till)
    with_settings(till, caller_check=CallerCheck(items={"post_code": "Post code"}, must_pass=1))
    call_id = await till.call()
    assert (await no_plan(till, card_id, call_id=call_id)).code == "saved_card_needs_check"
    failed = NewCallerCheck(customer_id="cus_1", result=CheckResult.FAILED, passed=[])
    await calls.check(till.hub, till.who, call_id, failed)
    assert (await no_plan(till, card_id, call_id=call_id)).code == "caller_not_verified"
    passed = NewCallerCheck(customer_id="cus_1", result=CheckResult.PASSED, passed=["post_code"])
    await calls.check(till.hub, till.who, call_id, passed)
    assert (await make(till, card_id, call_id=call_id)).state is PlanState.ACTIVE


async def test_where_plans_are_off_none_is_made(till: Till) -> None:
    card_id = await saver(till)
    with_settings(till, plans=None)
    assert (await no_plan(till, card_id)).code == "plan_off"


@pytest.mark.allow_log("an outside system did not answer")
async def test_what_is_owed_must_be_read_now(till: Till) -> None:
    card_id = await saver(till)
    till.ledger.fails["account"] = NotSent("down")
    assert (await no_plan(till, card_id)).code == "accounts_unavailable"


async def test_one_press_is_one_plan(till: Till) -> None:
    card_id, call_id, key = await saver(till), await till.call(), new_ulid()
    done = await asyncio.gather(*(make(till, card_id, call_id=call_id, key=key) for _ in range(3)))
    assert len({one.plan_id for one in done}) == len(await till.rows(PaymentPlan)) == 1
    error = await no_plan(till, card_id, call_id=call_id, key=key, count=4)
    assert error.code == "plan_stands"


async def test_two_agents_at_once_make_one(till: Till) -> None:
    card_id, other = await saver(till), await till.colleague()
    done = await asyncio.gather(make(till, card_id), make(till, card_id, other), return_exceptions=True)
    (error,) = [one for one in done if isinstance(one, Conflict)]
    assert (error.code, len(await till.rows(PaymentPlan))) == ("plan_stands", 1)


async def test_not_while_a_payment_holds_or_has_just_paid_one_of_its_bills(till: Till) -> None:
    card_id = await saver(till)
    attempt_id = await till.start(await till.intent(minor=1000, invoice="8"))
    assert (await no_plan(till, card_id)).code == "already_being_paid"
    await till.key_card(attempt_id)
    await till.submit(attempt_id)
    await till.token(attempt_id)
    await till.charge(attempt_id)
    assert (await no_plan(till, card_id, total=Amount(minor=11000, currency="GBP"))).code == "plan_posting"
    await till.work()
    plan = await make(till, card_id, total=Amount(minor=11000, currency="GBP"))
    assert plan.total.minor == 11000


async def test_what_holds_a_bill_is_told_by_the_clock_of_the_business(till: Till) -> None:
    with_settings(till, time_zone="Asia/Kolkata")  # half an hour off every full one, and never UTC
    card_id = await saver(till)
    attempt_id = await till.start(await till.intent(minor=1000, invoice="8"))
    started = (await till.attempt(attempt_id)).started_at.astimezone(till.hub.settings.zone)
    assert f"at {started:%H:%M}" in str(await no_plan(till, card_id))


# ---------------------------------------------------------------- what an active one holds
async def test_nobody_takes_its_bills_while_it_is_active(till: Till) -> None:
    plan = await made(till)
    items = {one.number: one.plan for one in (await customers.show(till.hub, "cus_1")).open_items}
    assert items == {"INV-8": plan.short_reference, "INV-9": plan.short_reference}
    error = await refused(Conflict, till.intent(minor=1000, invoice="8"))
    assert error.code == "in_plan"
    assert error.text.startswith(f"INV-8 is paid by a payment plan, {plan.short_reference}: next £40.00 on ")
    till.ledger.open["10"] = 900
    await till.paid(minor=900, invoice="10")
    await change(till, plan, "pause")
    assert (await customers.show(till.hub, "cus_1")).open_items[0].plan is None
    await till.intent(minor=1000, invoice="8")


@pytest.mark.parametrize("route", ["keypad", "link", "saved"])
async def test_a_payment_agreed_before_the_plan_does_not_start_after_it(till: Till, route: str) -> None:
    card_id = await saver(till)
    call_id = await till.call()
    intent_id = await till.intent(minor=1000, invoice="8", call_id=call_id)
    await make(till, card_id, call_id=call_id)
    if route == "link":
        starting: Any = till.link(intent_id)
    elif route == "keypad":
        starting = till.start(intent_id)
    else:
        starting = charge(till, card_id, intent_id)
    assert (await refused(Conflict, starting)).code == "in_plan"


async def test_a_payment_and_a_plan_at_the_same_instant_are_never_both(till: Till) -> None:
    card_id = await saver(till)
    intent_id = await till.intent(minor=1000, invoice="8")
    done = await asyncio.gather(till.start(intent_id), make(till, card_id), return_exceptions=True)
    (error,) = [one for one in done if isinstance(one, Conflict)]
    assert error.code in ("in_plan", "already_being_paid")


async def test_nobody_starts_another_try_of_what_a_plan_takes(till: Till) -> None:
    plan = await due(till, (await made(till)).plan_id)
    error = await refused(Conflict, till.start(str(plan.instalments[0].intent_id)))
    assert error.code == "step_not_possible"


# ---------------------------------------------------------------- changing
async def test_paused_it_takes_nothing_and_resumed_it_goes_on(till: Till) -> None:
    plan = await made(till)
    await till.call()  # the customer is on the line
    paused = await change(till, plan, "pause", reason="Wants to wait for the wages")
    assert (paused.state, paused.why) == (PlanState.PAUSED, "Wants to wait for the wages. By Priya Nair.")
    assert await change(till, plan, "pause", reason="Pressed twice") == paused
    assert (await due(till, plan.plan_id)).instalments[0].state is DUE
    resumed = await change(till, plan, "resume")
    assert (resumed.state, resumed.why) == (PlanState.ACTIVE, None)
    assert await change(till, plan, "resume") == resumed
    await sweep(till)
    assert await taken(till) == [(1, 4000)]
    notes = [one.subject.removeprefix(f"Payment plan {plan.short_reference} ") for one in _logged(till)]
    assert notes == ["is agreed", "is paused", "goes on"]
    said = [
        (one.action, one.user_id) for one in await till.rows(AuditEntry) if one.action.startswith("plan.")
    ]
    assert said == [
        ("plan.make", "usr_1"),
        ("plan.paused", "usr_1"),
        ("plan.resumed", "usr_1"),
        ("plan.take", None),
    ]


def _logged(till: Till) -> list[Any]:
    return [one for one in till.records.logged.values() if one.subject.startswith("Payment plan")]


async def test_what_is_too_late_is_left_out_when_it_is_resumed(till: Till) -> None:
    plan = await made(till)
    supervisor = await till.colleague(Role.SUPERVISOR)
    await change(till, plan, "pause", supervisor)
    await days_pass(till, plan.plan_id, 10)  # the first was 9 days ago, the second is 2
    plan = await change(till, plan, "resume", supervisor)
    assert [one.state for one in plan.instalments] == [SKIPPED, DUE, DUE]
    assert plan.instalments[0].why == "Its day was over when the plan was resumed."
    await sweep(till)
    assert await taken(till) == [(2, 4000)]
    await till.work()
    assert any("Left out, and still owed: " in one.body for one in _logged(till))


async def test_where_all_is_too_late_it_is_over(till: Till) -> None:
    plan = await made(till)
    supervisor = await till.colleague(Role.SUPERVISOR)
    await change(till, plan, "pause", supervisor)
    await days_pass(till, plan.plan_id, 100)
    plan = await change(till, plan, "resume", supervisor)
    assert (plan.state, plan.next, await taken(till)) == (PlanState.DONE, None, [])


async def test_the_next_one_is_left_out_and_only_that(till: Till) -> None:
    plan = await made(till)
    await till.call()
    error = await refused(Conflict, change(till, plan, "skip", number=2))
    assert error.code == "plan_not_next"
    assert (await refused(Invalid, change(till, plan, "skip"))).code == "field_invalid"
    for _ in range(2):
        after = await change(till, plan, "skip", number=1)
    assert [one.state for one in after.instalments] == [SKIPPED, DUE, DUE]
    assert (after.state, after.instalments[0].why) == (
        PlanState.ACTIVE,
        "The customer asked. By Priya Nair.",
    )
    assert (await due(till, plan.plan_id)).paid.minor == 0
    assert (await due(till, plan.plan_id, 7)).instalments[1].state is PAID
    after = await change(till, plan, "skip", number=3)
    assert after.state is PlanState.DONE
    assert after.why == "£40.00 of the £120.00 of the plan was taken; the rest is not taken by itself."


async def test_a_cancelled_plan_takes_nothing_more_and_another_can_be_made(till: Till) -> None:
    plan = await made(till)
    call_id = await till.call()
    cancelled = await change(till, plan, "cancel")
    assert (cancelled.state, cancelled.next) == (PlanState.CANCELLED, None)
    assert await change(till, plan, "cancel") == cancelled
    for wanted in ("pause", "resume"):
        error = await refused(Conflict, change(till, plan, wanted))
        assert error.text.startswith("This plan is cancelled. Nothing was changed")
    await days_pass(till, plan.plan_id)
    await sweep(till)
    assert await taken(till) == []
    again = await make(till, plan.card_id, call_id=call_id)
    assert await shown(till) == again


async def test_only_with_the_customer_on_the_line_or_as_a_supervisor(till: Till) -> None:
    plan, colleague = await made(till), await till.colleague()
    for call in await till.rows(Call):
        if call.state != CallState.ENDED:
            await calls.wrap_up(till.hub, till.who, call.call_id, WrapUp(disposition="promise_to_pay"))
    assert (await refused(NotAllowed, change(till, plan, "pause"))).code == "not_allowed"
    assert (await refused(NotAllowed, change(till, plan, "pause", colleague))).code == "not_allowed"
    await till.call(colleague)
    assert (await change(till, plan, "pause", colleague)).state is PlanState.PAUSED
    assert (await change(till, plan, "resume", await till.colleague(Role.SUPERVISOR))).why is None


async def test_a_card_that_ends_too_soon_or_is_off_does_not_go_on(till: Till) -> None:
    plan, supervisor = await made(till), await till.colleague(Role.SUPERVISOR)
    await change(till, plan, "pause", supervisor)
    await till.change(SavedCard, plan.card_id, exp_month=10, exp_year=2025)
    assert (await refused(Conflict, change(till, plan, "resume", supervisor))).code == "saved_card_off"
    today = now()
    await till.change(SavedCard, plan.card_id, exp_month=today.month, exp_year=today.year)
    await days_pass(till, plan.plan_id, -40)
    assert (await refused(Invalid, change(till, plan, "resume", supervisor))).code == "plan_card_ends"
    with_settings(till, plans=None)
    assert (await refused(Conflict, change(till, plan, "resume", supervisor))).code == "plan_off"
    assert (await change(till, plan, "cancel", supervisor)).state is PlanState.CANCELLED, "that always works"


async def test_a_plan_nobody_knows(till: Till) -> None:
    async with till.hub.sessions.begin() as session:
        assert (await refused(NotFound, plan_changes.read(session, "pl_none"))).code == "plan_unknown"


async def test_a_press_against_the_sweep_at_the_same_instant(till: Till) -> None:
    plan, supervisor = await made(till), await till.colleague(Role.SUPERVISOR)
    await days_pass(till, plan.plan_id)
    await asyncio.gather(
        sweep(till), change(till, plan, "skip", supervisor, number=1), return_exceptions=True
    )
    after = await shown(till)
    assert len(await taken(till)) == (after.instalments[0].state is PAID)
    assert after.instalments[0].state in (PAID, SKIPPED)
