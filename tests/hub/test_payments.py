"""Payment intents and attempts: what may be agreed, what may start, and that one press counts once."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from agentdesk.adapters.base import Decline, NotSent
from agentdesk.domain.errors import AgentDeskError, Conflict, Invalid, NotFound, Unavailable
from agentdesk.domain.ids import new_ulid, now
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent, AttemptState, DeclineKind
from agentdesk.domain.people import Role
from agentdesk.hub import captures, days, payments
from agentdesk.hub.db import tables
from agentdesk.hub.db.tables import Attempt, AttemptDebt, AuditEntry, Call, Event, PaymentIntent, WriteBack
from agentdesk.wire import payments as wire
from agentdesk.wire.model import Amount
from tests.hub.till import Till

pytestmark = pytest.mark.anyio


async def _refused(error: type[AgentDeskError], work: Any) -> str:
    with pytest.raises(error) as refused:
        await work
    return refused.value.code


# ---------------------------------------------------------------- the intent
async def test_intent_is_written_audited_and_told(till: Till) -> None:
    new = till.agreed(await till.call())
    shown = await payments.create(till.hub, till.who, new)
    assert (shown.amount.minor, shown.state, shown.attempts_left) == (12336, None, 3)
    assert [part.number for part in shown.allocations] == ["INV-7"]
    assert [row.action for row in await till.rows(AuditEntry)] == ["payment.create"]
    told = [row for row in await till.rows(Event) if row.kind == "payment"]
    assert [row.user_id for row in told] == [till.who.user_id]


async def test_amount_without_invoices_is_spread_over_what_is_open(till: Till) -> None:
    new = till.agreed(await till.call(), 13000, allocations=[])
    shown = await payments.create(till.hub, till.who, new)
    assert [(p.invoice_id, p.amount.minor) for p in shown.allocations] == [("7", 12336), ("8", 664)]


async def test_an_invoice_in_another_currency_stops_no_other(till: Till) -> None:
    till.ledger.foreign = [Money(30000, "EUR")]
    call_id = await till.call()
    assert (await payments.create(till.hub, till.who, till.agreed(call_id))).amount.minor == 12336
    spread = await payments.create(till.hub, till.who, till.agreed(call_id, 17336, allocations=[]))
    assert [part.number for part in spread.allocations] == ["INV-7", "INV-8"]
    too_much = till.agreed(call_id, 17337, allocations=[])
    assert await _refused(Invalid, payments.create(till.hub, till.who, too_much)) == "amount_over_balance"


async def test_an_invoice_in_another_currency_than_the_account_is_not_taken(till: Till) -> None:
    till.ledger.foreign, till.ledger.open = [Money(30000, "EUR")], {}
    part = wire.AllocationIn(invoice_id="F0", amount=Amount(minor=30000, currency="EUR"))
    new = till.agreed(await till.call(), amount=part.amount, allocations=[part])
    with pytest.raises(Invalid, match="in GBP, not EUR"):
        await payments.create(till.hub, till.who, new)
    assert await till.rows(PaymentIntent) == []


async def test_two_presses_at_once_make_one_intent(till: Till) -> None:
    new = till.agreed(await till.call())
    both = await asyncio.gather(*(payments.create(till.hub, till.who, new) for _ in range(2)))
    assert len({shown.intent_id for shown in both}) == 1
    assert len(await till.rows(PaymentIntent)) == 1


async def test_one_key_never_stands_for_two_amounts(till: Till) -> None:
    call_id = await till.call()
    first = till.agreed(call_id)
    await payments.create(till.hub, till.who, first)
    other = till.agreed(call_id, 100, key=first.key)
    assert await _refused(Conflict, payments.create(till.hub, till.who, other)) == "step_not_possible"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"minor": 0}, "amount_zero"),
        ({"minor": 20000}, "amount_over_balance"),
        ({"minor": 12337}, "allocation_over_item"),
        ({"invoice": "9"}, "invoice_unknown"),
        ({"amount": Amount(minor=12336, currency="EUR")}, "currency_mismatch"),
        ({"amount": Amount(minor=12000, currency="GBP")}, "allocation_mismatch"),
    ],
)
async def test_amounts_that_may_not_be_taken(till: Till, more: dict[str, Any], code: str) -> None:
    new = till.agreed(await till.call(), **more)
    assert await _refused(Invalid, payments.create(till.hub, till.who, new)) == code
    assert await till.rows(PaymentIntent) == []


async def test_whose_call_and_which_customer_are_checked(till: Till) -> None:
    create = payments.create
    other = till.agreed(await till.call(await till.colleague()))
    assert await _refused(Conflict, create(till.hub, till.who, other)) == "call_not_yours"
    unlinked = till.agreed(await till.call(customer=None))
    assert await _refused(Conflict, create(till.hub, till.who, unlinked)) == "customer_not_linked"
    assert await _refused(NotFound, create(till.hub, till.who, till.agreed("call_none"))) == "call_unknown"
    nobody = till.agreed(await till.call(), customer_id="cus_2")
    assert await _refused(NotFound, create(till.hub, till.who, nobody)) == "customer_unknown"


@pytest.mark.allow_log("an outside system did not answer")
async def test_without_any_copy_of_the_accounts_nothing_is_agreed(till: Till) -> None:
    till.ledger.fails["account"] = NotSent("down")
    new = till.agreed(await till.call())
    assert await _refused(Unavailable, payments.create(till.hub, till.who, new)) == "accounts_unavailable"


async def test_paid_and_not_posted_is_not_agreed_again(till: Till) -> None:
    await till.paid()
    new = till.agreed(await till.call())
    assert await _refused(Conflict, payments.create(till.hub, till.who, new)) == "already_paid"
    other = till.agreed(await till.call(), 5000, "8")
    assert await payments.create(till.hub, till.who, other)


@pytest.mark.allow_log("an outside system did not answer")
async def test_old_copy_of_the_accounts_does_not_make_a_paid_invoice_open_again(till: Till) -> None:
    await till.paid()
    await till.work()
    assert {row.state for row in await till.rows(WriteBack)} == {"done"}
    till.ledger.fails["account"] = NotSent("down")
    new = till.agreed(await till.call())
    assert await _refused(Conflict, payments.create(till.hub, till.who, new)) == "already_paid"


async def test_posting_that_ends_while_the_accounts_are_read_is_seen(till: Till) -> None:
    await till.paid()
    new = till.agreed(await till.call())
    old = dict(till.ledger.open)

    async def post() -> None:
        await till.work()
        till.ledger.open = old  # what the ledger answers was read before the posting

    till.ledger.meanwhile["account"] = post
    assert await _refused(Conflict, payments.create(till.hub, till.who, new)) == "already_paid"


# ---------------------------------------------------------------- the attempt
async def test_attempt_holds_its_debts_and_secures_the_line(till: Till) -> None:
    attempt_id = await till.start(await till.intent())
    attempt = await till.attempt(attempt_id)
    assert attempt.state == AttemptState.OPEN
    assert attempt.capture
    assert attempt.capture.secured_at
    assert [(row.debt, row.holding) for row in await till.rows(AttemptDebt)] == [("invoice:7", True)]
    assert "payment.attempt" in [row.action for row in await till.rows(AuditEntry)]


async def test_two_presses_at_once_start_one_attempt(till: Till) -> None:
    intent_id, key = await till.intent(), new_ulid()
    started = await asyncio.gather(*(till.start(intent_id, key=key) for _ in range(2)))
    assert len(set(started)) == 1
    assert len(await till.rows(Attempt)) == 1


async def test_debt_at_risk_cannot_be_taken_by_another_payment(till: Till) -> None:
    first = await till.sending()
    second = await till.intent()
    with pytest.raises(Conflict) as refused:
        await till.start(second)
    assert refused.value.code == "already_being_paid"
    assert refused.value.params["reference"] == (await till.show(first)).short_reference
    at = (await till.attempt(first)).started_at.astimezone(till.hub.settings.zone)
    assert refused.value.params["at"] == f"{at:%H:%M}"
    assert len(await till.rows(Attempt)) == 1


async def test_debt_paid_since_the_payment_was_agreed_cannot_be_taken_again(till: Till) -> None:
    """Two people agree to pay one invoice on two calls; one pays first."""
    late = await till.intent()
    first = await till.paid()
    with pytest.raises(Conflict) as refused:
        await till.start(late)
    assert refused.value.code == "already_paid"
    assert refused.value.params["reference"] == (await till.show(first)).short_reference
    await till.work()  # posted: the older payment is still not to be taken
    with pytest.raises(Conflict, match="Already paid"):
        await till.start(late)


async def test_two_attempts_at_once_for_one_debt_start_one(till: Till) -> None:
    intents = [await till.intent() for _ in range(2)]
    results = await asyncio.gather(*(till.start(one) for one in intents), return_exceptions=True)
    refused = [one for one in results if isinstance(one, Exception)]
    assert [getattr(one, "code", one) for one in refused] == ["already_being_paid"]


async def test_payments_of_the_same_invoices_in_another_order_do_not_deadlock(till: Till) -> None:
    parts = [
        wire.AllocationIn(invoice_id=one, amount=Amount(minor=100, currency="GBP")) for one in ("7", "8")
    ]
    for _ in range(5):
        both = [await till.intent(minor=200, allocations=order) for order in (parts, list(reversed(parts)))]
        results = await asyncio.gather(*(till.start(one) for one in both), return_exceptions=True)
        started = [one for one in results if isinstance(one, str)]
        refused = [getattr(one, "code", one) for one in results if not isinstance(one, str)]
        assert (len(started), refused) == (1, ["already_being_paid"])
        await captures.cancel(till.hub, till.who, started[0])


async def test_what_a_new_attempt_needs(till: Till) -> None:
    intent_id = await till.intent()
    new = wire.NewAttempt(key=new_ulid(), route="smoke_signals")
    start = payments.start_attempt
    assert await _refused(Invalid, start(till.hub, till.who, intent_id, new)) == "route_unknown"
    assert await _refused(NotFound, till.start("pi_none")) == "payment_unknown"
    assert await _refused(Conflict, till.start(intent_id, await till.colleague())) == "call_not_yours"
    await till.start(intent_id)
    assert await _refused(Conflict, till.start(intent_id)) == "step_not_possible"


async def test_tries_that_sent_the_bank_nothing_use_none_up(till: Till) -> None:
    intent_id = await till.intent()
    for _ in range(4):
        attempt_id = await till.start(intent_id)
        await captures.cancel(till.hub, till.who, attempt_id)
    shown = await till.show(attempt_id)
    assert (len(shown.attempts), shown.attempts_left) == (4, 3)


@pytest.mark.parametrize(
    ("kind", "link"), [(DeclineKind.GENERIC, False), (DeclineKind.AUTHENTICATION_REQUIRED, True)]
)
async def test_after_three_refused_cards_only_the_link_that_the_bank_wants_may_follow(
    till: Till, kind: DeclineKind, link: bool
) -> None:
    intent_id = await till.intent()
    till.bank.answer, till.bank.decline = AttemptEvent.DECLINED, Decline(kind, "raw", hard=False)
    for _ in range(3):
        attempt_id = await till.submitted_of(intent_id, till.who)
        await till.token(attempt_id)
        await till.charge(attempt_id)
    assert (await till.show(attempt_id)).attempts_left == 0
    assert await _refused(Conflict, till.start(intent_id)) == "step_not_possible"
    if not link:
        assert await _refused(Conflict, till.link(intent_id)) == "step_not_possible"
        return
    linked = await till.link(intent_id)
    assert (await till.attempt(linked)).state is AttemptState.OPEN
    assert await _refused(Conflict, till.start(intent_id)) == "step_not_possible"  # it holds the debt


@pytest.mark.parametrize("by_link", [False, True])
async def test_what_the_bank_has_seen_already_is_not_tried_again(till: Till, by_link: bool) -> None:
    intent_id = await till.intent()
    no = Decline(DeclineKind.DUPLICATE, "duplicate_transaction", hard=False)
    till.bank.answer, till.bank.decline = AttemptEvent.DECLINED, no
    attempt_id = await till.submitted_of(intent_id, till.who)
    await till.token(attempt_id)
    await till.charge(attempt_id)
    with pytest.raises(Conflict, match="one that the bank has seen already"):
        await (till.link(intent_id) if by_link else till.start(intent_id))
    assert len((await till.show(attempt_id)).attempts) == 1


async def test_no_attempt_after_the_call(till: Till) -> None:
    call_id = await till.call()
    intent_id = await till.intent(call_id=call_id)
    await till.hang_up(call_id)
    assert await _refused(Conflict, till.start(intent_id)) == "call_over"


async def test_no_attempt_after_an_approval(till: Till) -> None:
    intent_id = (await till.show(await till.paid())).intent_id
    assert await _refused(Conflict, till.start(intent_id)) == "already_paid"


async def test_call_that_ends_while_an_attempt_starts_is_no_deadlock(till: Till) -> None:
    for _ in range(5):
        call_id = await till.call()
        intent_id = await till.intent(call_id=call_id)
        first = await till.start(intent_id)
        results = await asyncio.gather(
            till.start(intent_id), till.hang_up(call_id), till.start(intent_id), return_exceptions=True
        )
        assert {getattr(one, "code", one) for one in results} <= {None, "step_not_possible", "call_over"}
        await captures.cancel_at_provider(till.hub, first)
        assert (await till.attempt(first)).state == AttemptState.NOT_SENT


# ---------------------------------------------------------------- reading
async def test_agents_see_their_own_payments_and_supervisors_all(till: Till) -> None:
    attempt_id = await till.paid()
    intent_id = (await till.show(attempt_id)).intent_id
    agent, supervisor = await till.colleague(), await till.colleague(Role.SUPERVISOR)
    async with till.hub.sessions() as session:
        assert (await payments.detail(session, supervisor, intent_id)).timeline
        with pytest.raises(NotFound):
            await payments.detail(session, agent, intent_id)
        with pytest.raises(NotFound):
            await payments.of_attempt(session, agent, attempt_id)


@pytest.mark.allow_log("late success|two charges")
async def test_day_counts_its_own_money_and_shows_what_needs_an_eye(till: Till) -> None:
    done = await till.paid()
    declined = await till.sending(minor=5000, invoice="8")
    await till.learn(declined, AttemptEvent.DECLINED, amount=None)
    again = await till.sending(minor=5000, invoice="8")
    await till.charge(again)
    await till.learn(declined, AttemptEvent.APPROVED, amount=Money(5000, "GBP"))
    async with till.hub.sessions() as session:
        day = await days.agent_day(session, till.who, till.hub.settings)
    assert (day.taken.minor, day.taken_count, day.declined_count) == (12336 + 2 * 5000, 3, 0)
    needing = [shown.intent_id for shown in day.open_work]
    assert (await till.show(declined)).intent_id in needing
    assert (await till.show(done)).intent_id not in needing


async def test_day_is_the_business_day_and_of_one_currency(till: Till) -> None:
    attempt_id = await till.paid()
    await till.change(Attempt, attempt_id, ended_at=now() - timedelta(days=1, minutes=1))
    async with till.hub.sessions() as session:
        assert (await days.agent_day(session, till.who, till.hub.settings)).taken_count == 0
        euro = till.hub.settings.model_copy(update={"currency": "EUR"})
    await till.change(Attempt, attempt_id, ended_at=now())
    async with till.hub.sessions() as session:
        assert (await days.agent_day(session, till.who, euro)).taken.minor == 0


# ---------------------------------------------------------------- the receipt
async def test_receipt_is_owed_once_for_each_address_and_audited(till: Till) -> None:
    intent_id = (await till.show(await till.paid())).intent_id
    for email in ("a@example.com", "a@example.com", "b@example.com"):
        await payments.send_receipt(till.hub, till.who, intent_id, wire.ReceiptIn(email=email))
    owed = [row.payload["email"] for row in await till.rows(WriteBack) if row.kind == "receipt"]
    assert owed == ["a@example.com", "b@example.com"]
    assert [row.action for row in await till.rows(AuditEntry)].count("payment.receipt") == 3


async def test_receipt_is_sent_again_once_for_each_wish(till: Till) -> None:
    intent_id = (await till.show(await till.paid(receipt_email="a@example.com"))).intent_id
    for key in ("w" * 16, "w" * 16, "x" * 16, None):
        again = wire.ReceiptIn(email="a@example.com", key=key)
        await payments.send_receipt(till.hub, till.who, intent_id, again)
    owed = [row for row in await till.rows(WriteBack) if row.kind == "receipt"]
    assert [row.payload["email"] for row in owed] == ["a@example.com"] * 3
    assert len({row.reference for row in owed}) == 3  # and so three Message-IDs


async def test_no_receipt_before_the_approval(till: Till) -> None:
    attempt_id = await till.sending()
    intent_id = (await till.show(attempt_id)).intent_id
    work = payments.send_receipt(till.hub, till.who, intent_id, wire.ReceiptIn(email="a@example.com"))
    assert await _refused(Conflict, work) == "receipt_not_ready"
    async with till.hub.sessions() as session:
        assert await session.scalar(select(WriteBack.write_back_id)) is None


async def test_submit_is_refused_once_the_debt_was_paid(till: Till) -> None:
    """A late success of an earlier try arrives while the caller keys another card."""
    first = await till.sending()
    await till.learn(first, AttemptEvent.DECLINED)
    second = await till.start((await till.show(first)).intent_id)
    await till.key_card(second)
    await _late_success(till, first)
    assert await _refused(Conflict, till.submit(second)) == "already_paid"
    assert till.bank.asked == []


async def _late_success(till: Till, attempt_id: str) -> None:
    await till.change(
        tables.Attempt, attempt_id, state=AttemptState.APPROVED, late_success=True, ended_at=now()
    )


async def test_token_that_comes_after_the_debt_was_paid_is_dropped(till: Till) -> None:
    first = await till.sending()
    await till.learn(first, AttemptEvent.DECLINED)
    second = await till.start((await till.show(first)).intent_id)
    await till.key_card(second)
    await till.submit(second)
    await _late_success(till, first)
    assert await till.token(second) is None
    assert (await till.attempt(second)).state == AttemptState.NOT_SENT


async def test_call_of_an_intent_is_kept(till: Till) -> None:
    call_id = await till.call()
    shown = await payments.create(till.hub, till.who, till.agreed(call_id))
    assert (await till.row(Call, call_id)).customer_id == shown.customer_id
