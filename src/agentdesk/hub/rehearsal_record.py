"""What the hub has on record of a rehearsal, and its score, written down as the call is wrapped up."""

from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain import exercises
from agentdesk.domain.call import CallState
from agentdesk.domain.exercises import ExerciseCode
from agentdesk.domain.ids import now
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.rehearsal import QUEUE, Promised, Record, Taking, Try
from agentdesk.hub import audit
from agentdesk.hub.db.promises import Promise
from agentdesk.hub.db.refund_requests import RefundRequest
from agentdesk.hub.db.rehearsals import Rehearsal
from agentdesk.hub.db.tables import (
    Attempt,
    AuditEntry,
    Call,
    CaptureSession,
    DuplicateStop,
    PaymentIntent,
    Refund,
)
from agentdesk.wire.rehearsals import Cast

_STARTS = ("payments.create", "payments.start_attempt")
#: Refusals that say: this is being paid, or is paid, already.
_GUARDS = ("already_being_paid", "already_paid", "possible_duplicate", "step_not_possible")


async def link_rehearsal(session: AsyncSession, call: Call) -> None:
    """Know the caller of a rehearsal whose placing was never answered, by the queue and the agent."""
    if call.queue != QUEUE or call.user_id is None or call.state == CallState.ENDED:
        return
    awaits = Rehearsal.ended_at.is_(None) & Rehearsal.call_ref.is_(None)
    taken = select(Rehearsal.rehearsal_id).where(Rehearsal.call_ref == call.call_ref).exists()
    await session.execute(
        update(Rehearsal)
        .where(Rehearsal.user_id == call.user_id, awaits, Rehearsal.started_at <= call.started_at, ~taken)
        .values(call_ref=call.call_ref)
        .execution_options(synchronize_session=False)
    )


async def score_rehearsal(session: AsyncSession, who: audit.Actor, call: Call) -> None:
    """Score this person's rehearsal as its call is wrapped up, in that transaction; most calls have none."""
    if call.call_ref is None:
        return
    goes_on = Rehearsal.ended_at.is_(None) & (Rehearsal.user_id == who.user_id)
    wanted = select(Rehearsal).where(Rehearsal.call_ref == call.call_ref, goes_on).with_for_update()
    row = await session.scalar(wanted)
    if row is None:
        return
    record = await read(session, row)
    scored = exercises.score(ExerciseCode(row.exercise), record)
    row.score = [{"rule": one.rule, "passed": one.passed} for one in scored]
    row.ended_at = now()
    detail = {"exercise": row.exercise, "passed": sum(one.passed for one in scored), "of": len(scored)}
    audit.append(session, who, "rehearsal.score", subject=row.rehearsal_id, result="done", detail=detail)


async def read(session: AsyncSession, row: Rehearsal) -> Record:
    """Return what happened so far."""
    await session.flush()
    cast = Cast.model_validate(row.played)
    call = await call_of(session, row)
    told = await _told(session, row)
    asked, given = await _refunds(session, row)
    return Record(
        caller=row.customer_id,
        amount=cast.amount.money,
        customer_id=call.customer_id if call else None,
        rest=cast.rest.money if cast.rest else None,
        rest_on=cast.rest_on,
        choices=tuple(_choices(told, call)),
        takings=tuple(await _takings(session, call)) if call else (),
        refused=frozenset(code for one in told if (code := _guarded(one))),
        typed=any(one.action in ("card_number", "desk.digits") for one in told),
        promises=tuple(await _promises(session, call)) if call else (),
        refunds_asked=asked,
        refunded=given,
        line_ended_at=call.line_ended_at if call else None,
        wrapped_up_at=call.wrapped_up_at if call else None,
    )


async def call_of(session: AsyncSession, row: Rehearsal) -> Call | None:
    """Return the call; None where it has not come."""
    if row.call_ref is None:
        return None
    call: Call | None = await session.scalar(select(Call).where(Call.call_ref == row.call_ref))
    return call


async def _told(session: AsyncSession, row: Rehearsal) -> list[AuditEntry]:
    """Return what the audit log has of this person since, and of card numbers typed at their address.

    Who sends a card number past every field of the desk is stopped before anybody looks who it is.
    """
    nobody = and_(
        AuditEntry.user_id.is_(None),
        AuditEntry.action == "card_number",
        AuditEntry.address == row.address,
    )
    mine = or_(AuditEntry.user_id == row.user_id, nobody)
    wanted = select(AuditEntry).where(AuditEntry.entry_id > row.audited, mine)
    return list(await session.scalars(wanted.order_by(AuditEntry.entry_id)))


def _choices(told: list[AuditEntry], call: Call | None) -> list[tuple[Any, str | None]]:
    ours = [
        one for one in told if call and one.action == "call.choose_customer" and one.subject == call.call_id
    ]
    return [(one.at, one.detail.get("customer_id")) for one in ours if one.result == "done"]


def _guarded(entry: AuditEntry) -> str:
    """Return the code of the guard that refused to start a payment; empty for any other entry."""
    code = str(entry.detail.get("code", ""))
    starts = entry.action in _STARTS and entry.result == "refused"
    return code if starts and code in _GUARDS else ""


async def _takings(session: AsyncSession, call: Call) -> list[Taking]:
    made = select(PaymentIntent).where(PaymentIntent.call_id == call.call_id)
    intents = list(await session.scalars(made.order_by(PaymentIntent.created_at)))
    ids = [one.intent_id for one in intents]
    tried = select(Attempt).where(Attempt.intent_id.in_(ids)).order_by(Attempt.number)
    attempts = list(await session.scalars(tried))
    keyed = select(CaptureSession).where(CaptureSession.attempt_id.in_([one.attempt_id for one in attempts]))
    captures = {one.attempt_id: one for one in await session.scalars(keyed)}
    stops = set(
        await session.scalars(select(DuplicateStop.intent_id).where(DuplicateStop.intent_id.in_(ids)))
    )
    return [
        Taking(
            one.customer_id,
            Money(one.amount_minor, one.currency),
            one.created_at,
            tuple(_try(a, captures.get(a.attempt_id)) for a in attempts if a.intent_id == one.intent_id),
            one.intent_id in stops,
        )
        for one in intents
    ]


def _try(attempt: Attempt, capture: CaptureSession | None) -> Try:
    number = capture.fields.get("number", {}) if capture else {}
    return Try(
        attempt.route,
        AttemptState(attempt.state),
        attempt.started_at,
        attempt.sent_at,
        attempt.ended_at,
        asked=number.get("tries", 0),
        failed=len(number.get("bad", [])),
        slow=bool(number.get("slow")),
    )


async def _promises(session: AsyncSession, call: Call) -> list[Promised]:
    rows = await session.scalars(select(Promise).where(Promise.call_id == call.call_id))
    return [Promised(Money(one.amount_minor, one.currency), one.due_on) for one in rows]


async def _refunds(session: AsyncSession, row: Rehearsal) -> tuple[tuple[Money, ...], tuple[Money, ...]]:
    """Return what this person asked for, and gave back by themselves, of the caller's payments since."""
    theirs = PaymentIntent.customer_id == row.customer_id
    asked = await session.execute(
        select(RefundRequest.amount_minor, PaymentIntent.currency)
        .join(PaymentIntent, PaymentIntent.intent_id == RefundRequest.intent_id)
        .where(theirs, RefundRequest.user_id == row.user_id, RefundRequest.asked_at >= row.started_at)
    )
    given = await session.execute(
        select(Refund.amount_minor, PaymentIntent.currency)
        .join(PaymentIntent, PaymentIntent.intent_id == Refund.intent_id)
        .where(theirs, Refund.user_id == row.user_id, Refund.sent_at >= row.started_at)
    )
    return tuple(Money(*one) for one in asked), tuple(Money(*one) for one in given)
