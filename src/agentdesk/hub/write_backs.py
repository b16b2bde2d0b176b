"""Write-backs: what the hub owes to accounts, customer records and the customer, until it is done.

A write-back is inserted and its job deferred in the transaction of the fact it reports. Those of one
customer run one after another. The other side is looked at before it is written to.
"""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Select, bindparam, exists, false, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from agentdesk.adapters.base import RateLimited, Rejected, VendorError
from agentdesk.domain.card import CardSummary
from agentdesk.domain.errors import Conflict, NotFound
from agentdesk.domain.ids import new_id, now
from agentdesk.domain.write_back import WriteBackEvent, WriteBackKind, WriteBackState, next_state
from agentdesk.hub import audit, events, payment_events, posting, work
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import Locked, clock, lock_intent
from agentdesk.hub.db.tables import Call, PaymentIntent, User, WriteBack
from agentdesk.hub.jobs.defer import Job, defer, defer_each
from agentdesk.hub.link_session import LINK
from agentdesk.hub.payment_view import tell, write_back
from agentdesk.wire import payments as wire
from agentdesk.wire.events import CustomerChanged
from agentdesk.wire.payments import TimelineKind

log = structlog.get_logger(__name__)

#: Parked for a person after this many tries.
MAX_TRIES = 20
_LONGEST_WAIT_S = 900.0
#: One that is being written elsewhere is looked at again after this.
_ELSEWHERE_S = 10.0
_LOCK = 7_201_006
_TOO_EARLY = "the posting it follows is not done"
_KIND = {
    WriteBackKind.ACCOUNTS: TimelineKind.ACCOUNTS,
    WriteBackKind.CUSTOMER_RECORD: TimelineKind.CUSTOMER_RECORD,
    WriteBackKind.RECEIPT: TimelineKind.RECEIPT,
}
_PLACE = {
    WriteBackKind.ACCOUNTS: "The accounts",
    WriteBackKind.CUSTOMER_RECORD: "The customer records",
    WriteBackKind.RECEIPT: "The mail server",
}


# ---------------------------------------------------------------- owing
async def owe_for_payment(session: AsyncSession, payment: Locked) -> None:
    """Owe everything an approved payment needs. A second approval for the payment owes nothing more."""
    intent, attempt = payment.intent, payment.attempt
    agent = await session.get_one(User, intent.user_id)
    numbers = " and ".join(part["number"] for part in intent.allocations) or "the account"
    card = CardSummary(attempt.card_brand, attempt.card_last4)
    code = f", code {attempt.authorization_code}" if attempt.authorization_code else ""
    where = "on a secure link" if attempt.route == LINK else "on the phone"
    activity = {
        "subject": f"Card payment {payment.charged}",
        "body": f"{payment.charged} by card {where} for {numbers}. {card}, approved{code}. "
        f"Taken by {agent.name}.",
    }
    posting_of_it = _row(intent, WriteBackKind.ACCOUNTS, {}, f"Posting to {numbers}")
    note = _row(intent, WriteBackKind.CUSTOMER_RECORD, activity, "Note for the customer record")
    await owe(session, [posting_of_it, note])
    if intent.receipt_email:
        await owe_receipt(session, intent, intent.receipt_email)


async def owe_receipt(
    session: AsyncSession, intent: PaymentIntent, email: str, key: str | None = None
) -> None:
    """Owe a receipt to an address, once; one that is parked is tried again.

    Each `key` stands for a wish to have it once more.
    """
    suffix = f"{email}:{key}" if key else email
    row = _row(intent, WriteBackKind.RECEIPT, {"email": email}, f"Email to {email}", suffix=suffix)
    await owe(session, [row])
    parked = await session.scalar(
        select(WriteBack)
        .where(
            WriteBack.intent_id == intent.intent_id,
            WriteBack.kind == WriteBackKind.RECEIPT,
            WriteBack.reference == f"{intent.reference}:{suffix}",
            WriteBack.state == WriteBackState.PARKED,
        )
        .with_for_update()
    )
    if parked is not None:
        await _again(session, parked)


def _row(
    intent: PaymentIntent, kind: WriteBackKind, payload: dict[str, Any], detail: str, *, suffix: str = ""
) -> dict[str, Any]:
    return {
        "intent_id": intent.intent_id,
        "kind": kind,
        "reference": intent.reference + (f":{suffix}" if suffix else ""),
        "customer_id": intent.customer_id,
        "payload": payload,
        "detail": detail,
    }


async def owe_call_note(session: AsyncSession, call: Call, subject: str, body: str) -> None:
    """Owe the customer record a note about a finished call."""
    row = {
        "call_id": call.call_id,
        "kind": WriteBackKind.CUSTOMER_RECORD,
        "reference": "CALL-" + call.call_id.partition("_")[2],
        "customer_id": call.customer_id,
        "payload": {"subject": subject, "body": body},
        "detail": "Call note for the customer record",
    }
    await owe(session, [row])


_INSERT = insert(WriteBack).on_conflict_do_nothing().returning(WriteBack.write_back_id)


async def owe(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Insert write-backs of one customer and defer their jobs; nothing where one like it is there.

    Alike are those of the same kind and reference.
    """
    fresh = {"state": WriteBackState.QUEUED, "created_at": now()}
    new = [row | fresh | {"write_back_id": new_id("wb")} for row in rows]
    made = await session.scalars(_INSERT, new)
    jobs = [{"write_back_id": write_back_id} for write_back_id in made]
    await defer_each(session, Job.WRITE_BACK, jobs, lock=_line(rows[0]["customer_id"]))


async def run(session: AsyncSession, row: WriteBack, *, after_s: float | None = None) -> None:
    """Defer its job, to run at once or after some seconds; those of a customer run one at a time."""
    lock, write_back_id = _line(row.customer_id), row.write_back_id
    await defer(session, Job.WRITE_BACK, after_s=after_s, lock=lock, write_back_id=write_back_id)


def _line(customer_id: str) -> str:
    return f"customer:{customer_id}"


# ---------------------------------------------------------------- doing
async def perform(hub: Hub, write_back_id: str) -> None:
    """Write it, and record how that went: done, try again later, or parked for a person."""
    async with hub.sessions.begin() as session:
        alone = await _alone(session, write_back_id)
        row, is_first = (await session.execute(_WITH_TURN, {"write_back_id": write_back_id})).one()
        if row.state != WriteBackState.QUEUED or not is_first:
            return  # the one before it runs it once that is settled
        if not alone:
            log.warning("write-back is being written elsewhere", write_back=write_back_id, kind=row.kind)
            await run(session, row, after_s=_ELSEWHERE_S)
            return
        todo = await posting.prepare(hub, session, row)
        too_early = await _follows_undone(session, row)
        event, detail = await _write(hub, row, todo, too_early=too_early)
        session.expunge_all()  # what was read before is old by now
        await _settle(session, row, event, detail)


async def _alone(session: AsyncSession, write_back_id: str) -> bool:
    """Keep all others from writing it until the transaction ends; False where another does already.

    A worker that is taken for dead may only have stood still: between its look and its write a second look
    would see nothing. Where its machine is gone, the database notices by these settings, not after two hours.
    """
    asked = select(
        func.pg_try_advisory_xact_lock(_LOCK, func.hashtext(write_back_id)),
        func.set_config("tcp_keepalives_idle", "10", True),
        func.set_config("tcp_keepalives_interval", "2", True),
    )
    return bool((await session.execute(asked)).one()[0])


async def _write(
    hub: Hub, row: WriteBack, todo: posting.Work, *, too_early: bool
) -> tuple[WriteBackEvent, str]:
    """Write, and return how that went, in words."""
    try:
        if too_early:
            raise Rejected(_TOO_EARLY)
        return WriteBackEvent.WRITTEN, await posting.write(hub, row, todo)
    except Rejected as error:  # NeedsDecision among them
        return WriteBackEvent.PARK, error.detail
    except VendorError as error:
        log.warning("write-back not done", write_back=row.write_back_id, kind=row.kind, reason=str(error))
        slow_down = isinstance(error, RateLimited)
        return WriteBackEvent.RETRY, "asked us to slow down" if slow_down else error.detail
    except Exception:  # whatever it is, what is owed stays a row that people see, and is parked in the end
        log.exception("write-back broke", write_back=row.write_back_id, kind=row.kind)
        return WriteBackEvent.RETRY, "something of ours went wrong"


async def _settle(session: AsyncSession, seen: WriteBack, event: WriteBackEvent, detail: str) -> None:
    intent = await lock_intent(session, seen.intent_id) if seen.intent_id else None
    row = await session.get_one(WriteBack, seen.write_back_id, with_for_update=True)
    if event is WriteBackEvent.RETRY and row.tries + 1 >= MAX_TRIES:
        event = WriteBackEvent.PARK
    if detail == _TOO_EARLY and not await _follows_undone(session, row):
        event = WriteBackEvent.RETRY  # that was done meanwhile
    after = next_state(WriteBackState(row.state), event)
    if after is None:
        return
    if WriteBackState.PARKED in (row.state, after) or row.overdue_at is not None:
        await work.changed(session)
    row.state, row.tries, row.next_try_at = after, row.tries + 1, None
    place = _PLACE[WriteBackKind(row.kind)]
    if event is WriteBackEvent.WRITTEN:
        row.detail, row.done_at = detail, await clock(session)
        await _let_follow(session, row)
    elif event is WriteBackEvent.PARK:
        row.detail = f"{place} did not take it: {detail}. A supervisor will look."
    else:
        wait_s = min(_LONGEST_WAIT_S, 2.0**row.tries) * random.uniform(0.75, 1.25)
        row.next_try_at = now() + timedelta(seconds=wait_s)
        row.detail = f"{place}: {detail}. It waits and is tried again."
        await run(session, row, after_s=wait_s)
    if after is not WriteBackState.QUEUED:
        await _run_next(session, row)
    if intent is not None:
        await _note(session, intent, row, after)
        await tell(session, intent)
        if event is WriteBackEvent.WRITTEN:  # balance and history are newer than what is on screen
            await _refresh_customer(session, row, intent)


async def _refresh_customer(session: AsyncSession, row: WriteBack, intent: PaymentIntent) -> None:
    await events.publish(session, CustomerChanged(customer_id=row.customer_id), user_id=intent.user_id)


# ---------------------------------------------------------------- in line
#: Payments are posted and notes are written in the order in which they were owed, each customer's for
#: itself: one that waits holds those behind it back, one that is parked does not. A receipt waits for none.
_AHEAD = aliased(WriteBack)
_FIRST = (WriteBack.kind == WriteBackKind.RECEIPT) | ~exists().where(
    _AHEAD.customer_id == WriteBack.customer_id,
    _AHEAD.kind == WriteBack.kind,
    _AHEAD.state == WriteBackState.QUEUED,
    tuple_(_AHEAD.created_at, _AHEAD.write_back_id) < tuple_(WriteBack.created_at, WriteBack.write_back_id),
)
#: A write-back, and whether it is its turn.
_WITH_TURN = select(WriteBack, _FIRST).where(WriteBack.write_back_id == bindparam("write_back_id"))


async def _run_next(session: AsyncSession, row: WriteBack) -> None:
    line = (WriteBack.customer_id == row.customer_id, WriteBack.kind == row.kind)
    queued = select(WriteBack).where(*line, WriteBack.state == WriteBackState.QUEUED)
    following = await session.scalar(queued.order_by(WriteBack.created_at, WriteBack.write_back_id).limit(1))
    if following is not None and row.kind != WriteBackKind.RECEIPT:
        await run(session, following)


async def _follows_undone(session: AsyncSession, row: WriteBack) -> bool:
    """Say whether it would reach the ledger before what it is of.

    The payment's posting comes before that of its refund, and that before its reversal, also where one
    was parked and is out of the line.
    """
    if row.refund_id is None or row.kind != WriteBackKind.ACCOUNTS:
        return False
    own = (WriteBack.refund_id == row.refund_id) & (WriteBack.reference != row.reference)
    before = or_(WriteBack.refund_id.is_(None), own if "reversal" in row.payload else false())
    of_payment = (WriteBack.intent_id == row.intent_id, WriteBack.kind == WriteBackKind.ACCOUNTS)
    undone = select(WriteBack).where(*of_payment, WriteBack.state != WriteBackState.DONE, before)
    return bool(await session.scalar(select(undone.exists())))


async def _let_follow(session: AsyncSession, row: WriteBack) -> None:
    """Put back into the line what was parked for coming before this posting."""
    if row.intent_id is None or row.kind != WriteBackKind.ACCOUNTS:
        return
    of_payment = (WriteBack.intent_id == row.intent_id, WriteBack.kind == WriteBackKind.ACCOUNTS)
    too_early = (WriteBack.state == WriteBackState.PARKED, WriteBack.detail.contains(_TOO_EARLY))
    for parked in (await session.scalars(select(WriteBack).where(*of_payment, *too_early))).all():
        await _again(session, parked)


def forgotten(before: datetime) -> Select[WriteBack]:
    """Return those whose turn it is and whose time came before an instant."""
    due = func.coalesce(WriteBack.next_try_at, WriteBack.created_at) < before
    return select(WriteBack).where(WriteBack.state == WriteBackState.QUEUED, due, _FIRST)


# ---------------------------------------------------------------- overdue
async def flag_overdue(hub: Hub) -> None:
    """Raise the alarm, once, for each that is not done after the time the settings allow."""
    before = now() - timedelta(minutes=hub.settings.write_back_overdue_minutes)
    late = (WriteBack.state != WriteBackState.DONE, WriteBack.created_at < before)
    wanted = select(WriteBack.write_back_id).where(*late, WriteBack.overdue_at.is_(None))
    async with hub.sessions.begin() as session:
        found = (await session.scalars(wanted)).all()
    for write_back_id in found:
        async with hub.sessions.begin() as session:
            await _flag(session, write_back_id)


async def _flag(session: AsyncSession, write_back_id: str) -> None:
    row = await session.get_one(WriteBack, write_back_id)
    intent = await lock_intent(session, row.intent_id) if row.intent_id else None
    await session.refresh(row, with_for_update=True)
    if row.state == WriteBackState.DONE or row.overdue_at is not None:
        return
    row.overdue_at = now()
    await work.changed(session)
    log.error("write-back overdue", write_back=write_back_id, kind=row.kind, tries=row.tries)
    if intent is not None:
        title = f"{_PLACE[WriteBackKind(row.kind)]} should have had this by now"
        await payment_events.record(
            session, intent.intent_id, None, TimelineKind.ALARM, title, row.detail, data={"overdue": row.kind}
        )
        await tell(session, intent)


async def _note(session: AsyncSession, intent: PaymentIntent, row: WriteBack, after: WriteBackState) -> None:
    if after is WriteBackState.QUEUED:
        return  # tries are counted in the row; the time line shows what happened
    kind = _KIND[WriteBackKind(row.kind)] if after is WriteBackState.DONE else TimelineKind.ALARM
    title = row.detail if after is WriteBackState.DONE else "A write-back is parked"
    detail = "" if after is WriteBackState.DONE else row.detail
    await payment_events.record(session, intent.intent_id, None, kind, title, detail)


# ---------------------------------------------------------------- what a supervisor does
async def replay(session: AsyncSession, who: Who, write_back_id: str) -> wire.WriteBack:
    """Try a parked write-back again. Raises NotFound, Conflict."""
    row, intent = await _lock_parked(session, write_back_id)
    await _again(session, row)
    return await _tell(session, who, "write_back.replay", row, intent, {})


async def mark_done(
    session: AsyncSession, who: Who, write_back_id: str, reference: str, reason: str
) -> wire.WriteBack:
    """Note that a person wrote a parked one by hand, and where. Raises NotFound, Conflict."""
    row, intent = await _lock_parked(session, write_back_id)
    row.state, row.next_try_at, row.done_at = WriteBackState.DONE, None, await clock(session)
    row.detail = f"Done by hand by {who.name}: {reference}"
    await _let_follow(session, row)
    if intent is not None:
        kind = _KIND[WriteBackKind(row.kind)]
        await payment_events.record(session, intent.intent_id, None, kind, row.detail, reason)
        await _refresh_customer(session, row, intent)
    said = {"reference": reference, "reason": reason}
    return await _tell(session, who, "write_back.done_by_hand", row, intent, said)


async def _lock_parked(session: AsyncSession, write_back_id: str) -> tuple[WriteBack, PaymentIntent | None]:
    """Take the locks of a parked write-back and of its payment; a call's note has none."""
    row = await session.get(WriteBack, write_back_id)
    if row is None:
        raise NotFound("payment_unknown")
    intent = await lock_intent(session, row.intent_id) if row.intent_id else None  # first, as in _settle
    await session.refresh(row, with_for_update=True)
    if row.state != WriteBackState.PARKED:
        raise Conflict("step_not_possible", state=row.state)
    return row, intent


async def _tell(
    session: AsyncSession,
    who: Who,
    action: str,
    row: WriteBack,
    intent: PaymentIntent | None,
    said: dict[str, Any],
) -> wire.WriteBack:
    audit.append(session, who, action, subject=row.write_back_id, result="done", detail=said)
    await work.changed(session)
    if intent is not None:
        await tell(session, intent)
    return write_back(row)


async def _again(session: AsyncSession, row: WriteBack) -> None:
    """Put a parked write-back back into the queue."""
    row.state, row.tries, row.detail = WriteBackState.QUEUED, 0, "It is tried again."
    await run(session, row)
