"""Instalments that are due: each is taken on its day as an ordinary payment with the saved card.

One transaction writes down the payment, its try, its debts and that its charge is being sent; only then it is
sent. A crash before leaves nothing, and one after leaves a try that the job of every charge follows.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk import dates
from agentdesk.adapters.base import VendorError
from agentdesk.domain import allocation, plan
from agentdesk.domain.errors import Conflict, NotFound, Unavailable
from agentdesk.domain.ids import new_id, payment_reference, short_reference
from agentdesk.domain.money import Money, total
from agentdesk.domain.plan import PlanEvent, PlanState
from agentdesk.domain.saved_card import SavedCardState
from agentdesk.hub import (
    agreement,
    attempts,
    audit,
    customers,
    duplicates,
    outcomes,
    payment_events,
    plan_steps,
    plan_view,
    saved_card_view,
    saved_cards,
)
from agentdesk.hub.context import Hub
from agentdesk.hub.db.plans import PaymentPlan
from agentdesk.hub.db.query import Locked, clock, in_line, paid_parts
from agentdesk.hub.db.saved_cards import SavedCard
from agentdesk.hub.db.tables import Call, PaymentIntent
from agentdesk.hub.payment_view import tell
from agentdesk.hub.saved_cards import SAVED
from agentdesk.i18n import _
from agentdesk.wire.payments import TimelineKind

log = structlog.get_logger(__name__)

#: At once; the rest comes with the next sweep. In no order: one that has to wait holds up nobody for long.
_MOST = 50
_SILENT_MOST = 3
#: Seconds in which the payment provider says whether it takes charges.
_ANSWERS_WITHIN_S = 5
_DUE = text(
    "select plan_id from payment_plan as one where state = 'active' and live = any(:live) and exists ("
    " select from jsonb_to_recordset(one.instalments) as part (number bigint, due_on date)"
    " where part.due_on <= :today"
    " and not one.skipped @> jsonb_build_array(jsonb_build_object('number', part.number))"
    " and not exists (select from payment_intent as paid"
    "  where paid.plan_id = one.plan_id and paid.instalment = part.number)"
    ") order by random() limit :most"
)


@dataclass(frozen=True, slots=True)
class _Due:
    """An instalment whose turn it is, with everything locked that could change it."""

    row: PaymentPlan
    part: plan_view.Part
    card: SavedCard | None


async def take(hub: Hub) -> None:
    """Take what is due today, where its hour has come. What cannot be taken now waits for the next sweep.

    What waits too long stands still until a person decides, whatever it waits for.
    """
    untaken = [True, False] if hub.settings.plans is None else [hub.settings.test_mode]
    async with hub.sessions.begin() as session:
        at = (await clock(session)).astimezone(hub.settings.zone)  # one replica's clock may be wrong
        late = await _found(session, [True, False], at.date() - plan.LATE_AFTER - timedelta(days=1))
        missed = await _found(session, untaken, at.date() - timedelta(days=1))
    for plan_id in {*late, *missed}:
        await _one(_pause_late(hub, plan_id, at.date()), plan_id)
    if hub.settings.plans is None or at.hour < hub.settings.plans.from_hour:
        return
    async with hub.sessions.begin() as session:
        found = await _found(session, [not hub.settings.test_mode], at.date())
    if found and await _processor_is_away(hub):
        log.warning("instalments wait: the payment provider does not answer", count=len(found))
        return
    silent = 0
    for plan_id in found:
        silent += await _one(take_next(hub, plan_id, at), plan_id)
        if silent == _SILENT_MOST:  # it is not this customer's account alone that does not answer
            return


async def _found(session: AsyncSession, live: list[bool], today: date) -> Sequence[str]:
    return (await session.scalars(_DUE, {"live": live, "today": today, "most": _MOST})).all()


async def _one(work: Awaitable[None], plan_id: str) -> bool:
    """Do what is due of one plan; say whether it waits for an outside system that does not answer."""
    try:
        await work
    except Unavailable as error:
        log.warning("instalment waits", plan=plan_id, reason=error.code)
        return True
    except Exception:  # whatever is wrong with one, the others are due
        log.exception("an instalment could not be taken", plan=plan_id)
    return False


async def _processor_is_away(hub: Hub) -> bool:
    """Say whether every charge would come back as not taken, and pause its plan."""
    try:
        async with asyncio.timeout(_ANSWERS_WITHIN_S):
            return (await hub.vendors.processor.check()).state == "down"
    except (TimeoutError, VendorError):
        return True


async def _pause_late(hub: Hub, plan_id: str, today: date) -> None:
    """Let a plan stand still whose instalment is not taken any more, or was missed where none is taken."""
    async with hub.sessions.begin() as session:
        row = await plan_steps.lock(session, plan_id)
        of = await plan_view.parts(session, row)
        part = plan_view.coming(of)
        if row.state != PlanState.ACTIVE or part is None or plan_view.in_flight(of):
            return
        words = _missed(hub, row) if part.due_on < today else None
        if plan.is_too_late(part.due_on, today):
            words = _("Payment {number} could not be taken within {days} days of {day}. Nothing was charged.")
        if words is not None:
            day = dates.in_full(part.due_on)
            why = words.format(number=part.number, days=plan.LATE_AFTER.days, day=day)
            await plan_steps.halt(session, row, why)


def _missed(hub: Hub, row: PaymentPlan) -> str | None:
    """Return the words for a day that passed because this hub takes nothing of the plan; None: it does."""
    if hub.settings.plans is None:
        return _(
            "Payment {number} was due on {day}, and payment plans are switched off here. Nothing was charged."
        )
    if row.live is hub.settings.test_mode:
        return _(
            "Payment {number} was due on {day}, and the plan was made in the other mode, test or real. "
            "Nothing was charged."
        )
    return None


async def take_next(hub: Hub, plan_id: str, at: datetime) -> None:
    """Take a plan's instalment that is due at an instant of the business. Raises Unavailable."""
    async with hub.sessions.begin() as session:
        row = await session.get_one(PaymentPlan, plan_id)
        if await _turn(hub, session, row, at.date()) is None:
            return  # one is under way, or was taken today: the accounts need not be asked
        customer_id = row.customer_id
    known = await _account(hub, customer_id)
    try:
        async with hub.sessions.begin() as session:
            attempt_id = await _write_down(hub, session, plan_id, known, at.date())
    except (duplicates.InTheWay, Conflict, IntegrityError) as error:
        log.warning("instalment waits: another payment is in its way", plan=plan_id, reason=repr(error))
        return
    if attempt_id is not None:
        hub.start(outcomes.charge(hub, attempt_id))


async def _account(hub: Hub, customer_id: str) -> customers.Known | None:
    """Return the customer as read just now; None where there is no such customer. Raises Unavailable."""
    try:
        known = await customers.read(hub, customer_id)
    except NotFound:
        return None
    if "customer_records" in known.stale:  # the account may be closed by now
        raise Unavailable("customer_records_unavailable")
    if known.account is None or "accounts" in known.stale:
        raise Unavailable("accounts_unavailable")
    return known


async def _write_down(
    hub: Hub, session: AsyncSession, plan_id: str, known: customers.Known | None, today: date
) -> str | None:
    """Return the try that is to be sent once this is committed; None where nothing is to be.

    Raises InTheWay, Conflict and IntegrityError where another payment comes first.
    """
    due = await _due(hub, session, plan_id, today)
    if due is None:
        return None
    why = await _why_not(hub, session, due, known)
    if why is not None or known is None:
        await plan_steps.halt(session, due.row, why or "")
        return None
    mine = {one["invoice_id"] for one in due.row.invoices}
    if mine & (await customers.holds(session, due.row.customer_id)).keys():
        raise duplicates.InTheWay
    agreed_at = await in_line(session, due.row.customer_id)  # whatever is approved from here on is later
    parts = await _parts(session, due, known, mine)
    if not parts:
        why = _("Nothing of its invoices is owed any more.")
        await plan_steps.move(session, due.row, PlanEvent.OVER, why)
        return None
    why = await _in_credit(session, due, known, parts)
    if why is not None:
        await plan_steps.halt(session, due.row, why)
        return None
    return await _insert(hub, session, due, known, parts, agreed_at)


async def _due(hub: Hub, session: AsyncSession, plan_id: str, today: date) -> _Due | None:
    """Lock what an instalment needs, in the order of everybody, then look whether it is still its turn."""
    row = await session.get_one(PaymentPlan, plan_id)
    await session.execute(  # as the payment's foreign key would, but before the other locks
        select(Call.call_id).where(Call.call_id == row.call_id).with_for_update(read=True, key_share=True)
    )
    await duplicates.stand_in_line(session, row.customer_id)
    card = await saved_cards.locked(session, row.card_id)
    row = await plan_steps.lock(session, plan_id)
    part = await _turn(hub, session, row, today)
    return _Due(row, part, card) if part else None


async def _turn(hub: Hub, session: AsyncSession, row: PaymentPlan, today: date) -> plan_view.Part | None:
    """Return the instalment whose turn it is: one a day, and none while one is under way."""
    if row.state != PlanState.ACTIVE or row.live is hub.settings.test_mode:
        return None
    of = await plan_view.parts(session, row)
    taken_on = [one.intent.created_at.astimezone(hub.settings.zone).date() for one in of if one.intent]
    part = plan_view.coming(of)
    if part is None or part.due_on > today or today in taken_on or plan_view.in_flight(of):
        return None
    return None if plan.is_too_late(part.due_on, today) else part


async def _why_not(hub: Hub, session: AsyncSession, due: _Due, known: customers.Known | None) -> str | None:
    """Say why the plan cannot go on without a person; None where it can."""
    if known is None or known.record.customer_id != due.row.customer_id:  # merged with another
        return _("The customer is not in the customer records any more. Nothing was charged.")
    if known.record.closed:
        return _("The account is closed. Nothing was charged.")
    if due.card is None or due.card.state != SavedCardState.KEPT:
        return _("The saved card is not kept any more. Nothing was charged.")
    off = await saved_card_view.why_off(hub, session, due.card)
    words = _("{card} cannot be charged: {reason} Take the rest another way, or make a new plan.")
    return words.format(card=saved_card_view.label(due.card), reason=off) if off else None


async def _parts(
    session: AsyncSession, due: _Due, known: customers.Known, mine: set[str]
) -> list[allocation.Allocation]:
    """Return what is paid of each invoice, oldest first, at most what is left of them; nothing: none is owed.

    Raises InTheWay where less seems to be left only because a payment is not in the accounts yet, or may be.
    """
    assert known.account is not None, "_account says so"
    wanted = due.part.amount
    paid = await customers.paid_not_posted(session, due.row.customer_id, known.account_at)
    left = [
        one
        for one in customers.left(known.account, paid)
        if one.invoice_id in mine and one.outstanding.currency == wanted.currency
    ]
    owed = total([one.outstanding for one in left], wanted.currency)
    is_posting = any(one.invoice_id in mine for taken in paid for one in paid_parts(*taken))
    if owed.minor < wanted.minor and is_posting:
        raise duplicates.InTheWay
    return allocation.spread(min(owed, wanted, key=lambda one: one.minor), left)


async def _in_credit(
    session: AsyncSession, due: _Due, known: customers.Known, parts: list[allocation.Allocation]
) -> str | None:
    """Say why an account that owes less in all than its invoices is not charged; None where it owes enough.

    Raises InTheWay where that is only because of a payment on its way to the accounts.
    """
    amount, owed = (
        total([one.amount for one in parts], due.row.currency),
        await customers.owed(session, known),
    )
    if owed.currency != amount.currency or owed.minor >= amount.minor:
        return None
    if await customers.paid_not_posted(session, due.row.customer_id, known.account_at):
        raise duplicates.InTheWay
    words = _(
        "The account owes {owed} in all, less than payment {number} of {amount}: some credit is not set "
        "against its invoices. Nothing was charged."
    )
    return words.format(owed=owed, number=due.part.number, amount=amount)


async def _insert(
    hub: Hub,
    session: AsyncSession,
    due: _Due,
    known: customers.Known,
    parts: list[allocation.Allocation],
    agreed_at: datetime,
) -> str:
    """Write the payment and its try down as being sent, and return the try."""
    row, number = due.row, due.part.number
    assert due.card is not None, "_why_not says so"
    intent = _intent(row, number, known.record.name, parts, agreed_at)
    session.add(intent)
    await session.flush()
    attempt = await attempts.insert(hub, session, intent, intent.key, SAVED, 1)
    saved_cards.name(attempt, due.card)
    await duplicates.go_on(session, intent, hub.settings.duplicate_minutes)
    title = _("Payment {number} of {count} of payment plan {reference} is due")
    title = title.format(number=number, count=len(row.instalments), reference=short_reference(row.plan_id))
    ids = intent.intent_id, attempt.attempt_id
    await payment_events.record(session, *ids, TimelineKind.NOTE, title)
    await attempts.charge_now(session, Locked(intent, attempt, None))
    detail = {"plan_id": row.plan_id, "number": number, "attempt_id": attempt.attempt_id}
    audit.append(session, None, "plan.take", subject=intent.intent_id, result="done", detail=detail)
    await tell(session, intent)
    return attempt.attempt_id


def _intent(
    row: PaymentPlan, number: int, customer_name: str, parts: list[allocation.Allocation], agreed_at: datetime
) -> PaymentIntent:
    intent_id = new_id("pi")
    amount: Money = total([one.amount for one in parts], row.currency)
    return PaymentIntent(
        intent_id=intent_id,
        key=f"plan:{row.plan_id}:{number}",
        reference=payment_reference(intent_id),
        call_id=row.call_id,
        customer_id=row.customer_id,
        customer_name=customer_name,
        user_id=row.user_id,
        amount_minor=amount.minor,
        currency=amount.currency,
        allocations=agreement.rows(parts),
        whole=[],
        plan_id=row.plan_id,
        instalment=number,
        receipt_email=row.receipt_email,
        created_at=agreed_at,
        version=0,
    )
