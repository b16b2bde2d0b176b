"""The duplicate guard: a like payment of the same customer stops the next, until a supervisor lets it go on.

A debt at risk is held by its try's state and by the database, and nobody can let a second try for it start.
This module also stops what no constraint can: the same amount, or the same invoice, again within minutes.
"""

from datetime import timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.errors import Conflict, NotFound
from agentdesk.domain.ids import new_id, now, short_reference
from agentdesk.domain.payment import HOLDS_DEBT, AttemptState
from agentdesk.domain.refund import RefundState
from agentdesk.hub import audit, events, payment_events, work
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.locks import AdvisoryLock
from agentdesk.hub.db.query import GIVEN, charged, debt_of, first_of_two, lock_intent
from agentdesk.hub.db.tables import Attempt, AttemptDebt, DuplicateStop, PaymentIntent, Refund, User
from agentdesk.hub.payment_view import ALLOWED_FOR, card, show, standing, tell
from agentdesk.hub.supervisor_word import refuse_own
from agentdesk.i18n import _
from agentdesk.wire import payments as wire
from agentdesk.wire.events import PaymentChanged
from agentdesk.wire.payments import TimelineKind

#: What of a try's charge has gone back: a refund that may yet not be done does not count.
_GIVEN_BACK = (
    select(func.coalesce(func.sum(GIVEN), 0))
    .where(Refund.attempt_id == Attempt.attempt_id, Refund.state == RefundState.DONE)
    .correlate(Attempt)
    .scalar_subquery()
)


class InTheWay(Exception):
    """Another payment keeps this one from starting; `stop` says which, and writes it down."""


def debts(intent: PaymentIntent) -> list[str]:
    """Return what the payment would pay, as its tries hold it."""
    invoices = [f"invoice:{part.invoice_id}" for part in debt_of(intent)]
    return invoices or [f"account:{intent.customer_id}"]


# ---------------------------------------------------------------- at the start of a try
async def stand_in_line(session: AsyncSession, customer_id: str) -> None:
    """Let nobody else start a try for this customer until the transaction ends.

    Two agents at once would each see no payment of the other's.
    """
    await session.execute(
        select(func.pg_advisory_xact_lock(AdvisoryLock.START_OF_TRY, func.hashtext(customer_id)))
    )


_DECIDED = {True: _("{name} allowed it"), False: _("{name} refused it")}


async def go_on(session: AsyncSession, intent: PaymentIntent, minutes: int) -> None:
    """Let the payment's next try start. Asked once it holds its debts. Raises InTheWay."""
    if await _in_the_way(session, intent, minutes) is not None:
        raise InTheWay
    standing_still = and_(DuplicateStop.intent_id == intent.intent_id, DuplicateStop.passed_at.is_(None))
    passed = update(DuplicateStop).where(standing_still).values(passed_at=now())
    asked = await session.scalars(passed.returning(DuplicateStop.asked_at))
    if any(asked):
        await work.changed(session)


async def _in_the_way(session: AsyncSession, intent: PaymentIntent, minutes: int) -> Attempt | None:
    """Return the try of another payment that comes first: one that money is at risk in, else the newest paid.

    Money at risk stops at any age, what was paid for so many minutes, unless it was allowed, is the first
    card's of a split, or has all gone back to the customer.
    """
    same_debt = select(AttemptDebt.attempt_id).where(AttemptDebt.debt.in_(debts(intent)))
    like: list[ColumnElement[bool]] = [Attempt.attempt_id.in_(same_debt)]
    if minutes:
        like.append(
            and_(
                PaymentIntent.amount_minor == intent.amount_minor,
                PaymentIntent.currency == intent.currency,
            )
        )
    holding = Attempt.state.in_(HOLDS_DEBT)
    paid = and_(
        Attempt.state == AttemptState.APPROVED,
        Attempt.ended_at > now() - timedelta(minutes=minutes),
        Attempt.attempt_id.not_in(_allowed(intent.intent_id)),
        func.coalesce(Attempt.charged_minor, PaymentIntent.amount_minor) > _GIVEN_BACK,
        Attempt.attempt_id.not_in(await first_of_two(session, intent)),
    )
    return await session.scalar(
        select(Attempt)
        .join(PaymentIntent, PaymentIntent.intent_id == Attempt.intent_id)
        .where(PaymentIntent.customer_id == intent.customer_id, Attempt.intent_id != intent.intent_id)
        .where(or_(*like), or_(holding, paid))
        .order_by(holding.desc(), Attempt.ended_at.desc())
        .limit(1)
    )


def _allowed(intent_id: str) -> Any:
    """Select the tries that may come before this payment: allowed lately, or it went on with that."""
    in_time = DuplicateStop.decided_at > now() - ALLOWED_FOR
    return select(DuplicateStop.attempt_id).where(
        DuplicateStop.intent_id == intent_id,
        DuplicateStop.allowed.is_(True),
        or_(DuplicateStop.passed_at.is_not(None), in_time),
    )


async def stop(hub: Hub, who: Who, intent_id: str) -> Conflict:
    """Write down what stands in the payment's way, tell its agent, and return the refusal."""
    async with hub.sessions.begin() as session:
        intent = await lock_intent(session, intent_id)
        attempt = await _in_the_way(session, intent, hub.settings.duplicate_minutes)
        if attempt is None:
            return Conflict("step_not_possible", state=_("just finished elsewhere"))
        before = await session.get_one(PaymentIntent, attempt.intent_id)
        refusal = await _refusal(session, before, attempt, hub.settings.zone)
        last = await standing(session, intent_id)
        if last is None or last.attempt_id != attempt.attempt_id or last.allowed:
            await _write_down(session, who, intent, attempt, refusal.text)
        return refusal


async def _write_down(
    session: AsyncSession, who: Who, intent: PaymentIntent, attempt: Attempt, words: str
) -> None:
    session.add(_new(intent, attempt))
    detail = {"by": attempt.attempt_id}
    audit.append(session, who, "payment.stop", subject=intent.intent_id, result="stopped", detail=detail)
    await _note(session, intent, _("Stopped, nothing was sent"), words)
    await tell(session, intent)


def _new(intent: PaymentIntent, attempt: Attempt) -> DuplicateStop:
    stop_id = new_id("stop")
    return DuplicateStop(
        stop_id=stop_id, intent_id=intent.intent_id, attempt_id=attempt.attempt_id, stopped_at=now()
    )


async def _refusal(session: AsyncSession, before: PaymentIntent, attempt: Attempt, zone: tzinfo) -> Conflict:
    said = {
        "reference": short_reference(before.intent_id),
        "amount": str(charged(before, attempt)),
        "at": f"{(attempt.ended_at or attempt.started_at).astimezone(zone):%H:%M}",  # the business's time
    }
    if attempt.state != AttemptState.APPROVED:
        return Conflict("already_being_paid", **said)
    agent = await session.get_one(User, before.user_id)
    used = card(attempt.card_brand, attempt.card_last4)
    return Conflict("possible_duplicate", agent=agent.name, card=used.label if used else _("a card"), **said)


_STOPS = select(DuplicateStop.intent_id).where(
    DuplicateStop.attempt_id == bindparam("attempt_id"), DuplicateStop.passed_at.is_(None)
)
_STOPPED_BY = select(PaymentIntent).where(PaymentIntent.intent_id.in_(_STOPS))


async def tell_stopped(session: AsyncSession, attempt: Attempt) -> None:
    """Show the agents of the payments that this try stops what became of it.

    Their payments are not changed and not locked: an older form of them is dropped by its version.
    """
    await session.flush()
    for intent in await session.scalars(_STOPPED_BY, {"attempt_id": attempt.attempt_id}):
        changed = PaymentChanged(payment=await show(session, intent.intent_id))
        await events.publish(session, changed, user_id=intent.user_id)


# ---------------------------------------------------------------- asking and deciding
async def line_ended(session: AsyncSession, call_id: str) -> None:
    """Take the questions of a call off the supervisors' list: nothing can go on without its caller."""
    asked = select(DuplicateStop.stop_id).join(
        PaymentIntent, PaymentIntent.intent_id == DuplicateStop.intent_id
    )
    open_ones = asked.where(PaymentIntent.call_id == call_id, DuplicateStop.asked_at.is_not(None))
    if await session.scalar(select(open_ones.exists())):
        await work.changed(session)


async def ask(session: AsyncSession, who: Who, stop_id: str) -> wire.PaymentIntent:
    """Ask a supervisor to let the payment go on; asking again changes nothing.

    Raises NotFound, Conflict where the payment before is not over or the stop no longer stands.
    """
    row, intent = await _locked(session, stop_id)
    if intent.user_id != who.user_id:
        raise NotFound("payment_unknown")
    attempt = await session.get_one(Attempt, row.attempt_id)
    if attempt.state != AttemptState.APPROVED:
        raise Conflict("step_not_possible", state=AttemptState(attempt.state).value)
    if row.allowed and row.decided_at and row.decided_at + ALLOWED_FOR <= now():
        row = _new(intent, attempt)  # that permission has ended: another question
        session.add(row)
    if row.asked_at is None:
        row.asked_at = now()
        audit.append(session, who, "payment.ask_duplicate", subject=intent.intent_id, result="asked")
        await _note(session, intent, _("{name} asked a supervisor").format(name=who.name), "")
        await work.changed(session)
        return await tell(session, intent)
    return await show(session, intent.intent_id)


async def decide(
    session: AsyncSession, who: Who, stop_id: str, word: wire.StopDecision
) -> wire.PaymentIntent:
    """Let the payment go on once, or not; the same press twice is one word.

    Raises NotFound, NotAllowed for one's own, Conflict.
    """
    before = await session.get(DuplicateStop, stop_id)
    if before is not None and _is_said(before, who, word):
        return await show(session, before.intent_id)
    row, intent = await _locked(session, stop_id)
    refuse_own(who, intent.user_id)
    if row.asked_at is None:
        raise Conflict("step_not_possible", state=_("not waiting for a supervisor"))
    if _is_said(row, who, word):
        return await show(session, intent.intent_id)
    if row.decided_by is not None:
        raise Conflict("duplicate_decided", name=(await session.get_one(User, row.decided_by)).name)
    row.allowed, row.reason, row.decided_at, row.decided_by = word.allow, word.reason, now(), who.user_id
    said = "allowed" if word.allow else "refused"
    audit.append(
        session,
        who,
        "payment.decide_duplicate",
        subject=intent.intent_id,
        result=said,
        detail={"reason": word.reason, "before": row.attempt_id},
    )
    await _note(session, intent, _DECIDED[word.allow].format(name=who.name), word.reason)
    await work.changed(session)
    return await tell(session, intent)


def _is_said(row: DuplicateStop, who: Who, word: wire.StopDecision) -> bool:
    return row.decided_by == who.user_id and row.allowed == word.allow


async def _locked(session: AsyncSession, stop_id: str) -> tuple[DuplicateStop, PaymentIntent]:
    """Lock the payment, then read its stop. Raises NotFound, Conflict where it no longer stands."""
    row = await session.get(DuplicateStop, stop_id)
    if row is None:
        raise NotFound("payment_unknown")
    intent = await lock_intent(session, row.intent_id)
    await session.refresh(row)
    last = await standing(session, row.intent_id)
    if last is None or last.stop_id != stop_id:
        raise Conflict("step_not_possible", state=_("no longer stopped by this"))
    return row, intent


async def _note(session: AsyncSession, intent: PaymentIntent, title: str, detail: str) -> None:
    await payment_events.record(session, intent.intent_id, None, TimelineKind.NOTE, title, detail)
