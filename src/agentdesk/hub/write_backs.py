"""Write-backs: what the hub owes to accounts, customer records and the customer, until it is done.

A write-back is inserted and its job deferred in the transaction of the fact it reports. Those of one kind
and customer are written one after another. The other side is looked at before it is written to.
"""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import bindparam, false, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters.base import Misconfigured, RateLimited, Rejected, VendorError
from agentdesk.domain.errors import Conflict, NotFound
from agentdesk.domain.ids import new_id, now
from agentdesk.domain.write_back import WriteBackEvent, WriteBackKind, WriteBackState, next_state
from agentdesk.hub import audit, events, payment_events, posting, resent_receipts, work
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db import write_back_line
from agentdesk.hub.db.plans import PaymentPlan
from agentdesk.hub.db.promises import Promise
from agentdesk.hub.db.query import Locked, clock, lock_intent, parts_of
from agentdesk.hub.db.tables import Call, PaymentIntent, User, WriteBack
from agentdesk.hub.jobs.defer import Job, defer, defer_each
from agentdesk.hub.payment_notes import note_of
from agentdesk.hub.payment_view import tell, write_back
from agentdesk.i18n import _
from agentdesk.wire import payments as wire
from agentdesk.wire.events import CustomerChanged
from agentdesk.wire.payments import TimelineKind

log = structlog.get_logger(__name__)

#: Parked for a person after this many tries.
MAX_TRIES = 20
_LONGEST_WAIT_S = 900.0
#: One that, or whose like, is being written elsewhere is looked at again after this.
_ELSEWHERE_S = 10.0
_TOO_EARLY = _("the posting it follows is not done")
#: In the payload of one that was parked for that.
_EARLY = "early"
_KIND = {
    WriteBackKind.ACCOUNTS: TimelineKind.ACCOUNTS,
    WriteBackKind.CUSTOMER_RECORD: TimelineKind.CUSTOMER_RECORD,
    WriteBackKind.RECEIPT: TimelineKind.RECEIPT,
}
PLACE = {
    WriteBackKind.ACCOUNTS: _("The accounts"),
    WriteBackKind.CUSTOMER_RECORD: _("The customer records"),
    WriteBackKind.RECEIPT: _("The mail server"),
}


# ---------------------------------------------------------------- owing
async def owe_for_payment(session: AsyncSession, payment: Locked) -> None:
    """Owe everything an approved payment needs. A second approval for the payment owes nothing more."""
    intent = payment.intent
    agent = await session.get_one(User, intent.user_id)
    numbers, activity = posting.paid_for(parts_of(intent)), note_of(payment, agent.name)
    posting_of_it = _row(
        intent, WriteBackKind.ACCOUNTS, {}, _("Posting to {numbers}").format(numbers=numbers)
    )
    note = _row(intent, WriteBackKind.CUSTOMER_RECORD, activity, _("Note for the customer record"))
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
    row = _row(
        intent,
        WriteBackKind.RECEIPT,
        {"email": email},
        _("Email to {email}").format(email=email),
        suffix=suffix,
    )
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


async def owe_note(
    session: AsyncSession,
    of: Call | PaymentIntent | Promise | PaymentPlan,
    reference: str,
    *,
    detail: str,
    **payload: str,
) -> None:
    """Owe the customer record a note of what came of a call; `detail` names it among the write-backs.

    `payload` is its subject and body, or the link of whose end it tells. That of a plan names no call: it
    goes on long after it, and whoever holds it may wait for the call's lock.
    """
    row = {
        "call_id": None if isinstance(of, PaymentPlan) else of.call_id,
        "kind": WriteBackKind.CUSTOMER_RECORD,
        "reference": reference,
        "customer_id": of.customer_id,
        "payload": payload,
        "detail": detail,
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
    await defer_each(session, Job.WRITE_BACK, jobs)


async def run(session: AsyncSession, row: WriteBack, *, after_s: float | None = None) -> None:
    """Defer its job, to run at once or after some seconds.

    It has no lock of the queue's: one that waits for its next try would hold all later ones of it back.
    """
    await defer(session, Job.WRITE_BACK, after_s=after_s, write_back_id=row.write_back_id)


# ---------------------------------------------------------------- doing
async def perform(hub: Hub, write_back_id: str) -> None:
    """Write it, and record how that went: done, try again later, or parked for a person."""
    async with hub.sessions.begin() as session:
        alone = await write_back_line.alone(session, write_back_id)
        row, is_first = await write_back_line.with_turn(session, write_back_id)
        if row.state != WriteBackState.QUEUED or not is_first:
            return  # the one before it runs it once that is settled
        if not alone:
            log.warning(
                "write-back waits for one that is being written", write_back=write_back_id, kind=row.kind
            )
            await run(session, row, after_s=_ELSEWHERE_S)
            return
        todo = await posting.prepare(hub, session, row)
        early = await _follows_undone(session, row)
        event, detail = (WriteBackEvent.PARK, _TOO_EARLY) if early else await _write(hub, row, todo)
        session.expunge_all()  # what was read before is old by now
        await _settle(session, row, event, detail, early=early)


async def _write(hub: Hub, row: WriteBack, todo: posting.Work) -> tuple[WriteBackEvent, str]:
    """Write, and return how that went, in words."""
    try:
        return WriteBackEvent.WRITTEN, await posting.write(hub, row, todo)
    except VendorError as error:
        # a refusal or a question is for a person; a password that an administrator mends is not
        if isinstance(error, Rejected) and not isinstance(error, Misconfigured):
            return WriteBackEvent.PARK, error.detail
        log.warning("write-back not done", write_back=row.write_back_id, kind=row.kind, reason=str(error))
        slow_down = isinstance(error, RateLimited)
        return WriteBackEvent.RETRY, _("asked us to slow down") if slow_down else error.detail
    except Exception:  # whatever it is, what is owed stays a row that people see, and is parked in the end
        log.exception("write-back broke", write_back=row.write_back_id, kind=row.kind)
        return WriteBackEvent.RETRY, _("something of ours went wrong")


async def _settle(
    session: AsyncSession, seen: WriteBack, event: WriteBackEvent, detail: str, *, early: bool = False
) -> None:
    intent = await lock_intent(session, seen.intent_id) if seen.intent_id else None
    row = await write_back_line.locked(session, seen.write_back_id)
    refused = event is WriteBackEvent.PARK
    if early and not await _follows_undone(session, row):
        event = WriteBackEvent.RETRY  # that was done meanwhile
    elif event is WriteBackEvent.RETRY and row.tries + 1 >= MAX_TRIES:
        event = WriteBackEvent.PARK
    after = next_state(WriteBackState(row.state), event)
    if after is None:
        return
    if WriteBackState.PARKED in (row.state, after) or row.overdue_at is not None:
        await work.changed(session)
    at = await clock(session)  # before the row is changed, which asking would write
    row.state, row.tries, row.next_try_at = after, row.tries + 1, None
    place = PLACE[WriteBackKind(row.kind)]
    if event is WriteBackEvent.WRITTEN:
        row.detail, row.done_at = detail, at
        await _let_follow(session, row)
        await resent_receipts.end_parked(session, row)
    elif event is WriteBackEvent.PARK:
        row.detail = _why_parked(place, row.tries, detail, refused=refused)
        row.payload = row.payload | {_EARLY: early}
    else:
        wait_s = min(_LONGEST_WAIT_S, 2.0**row.tries) * random.uniform(0.75, 1.25)
        row.next_try_at = now() + timedelta(seconds=wait_s)
        row.detail = _("{place}: {detail}. It waits and is tried again.").format(place=place, detail=detail)
        await run(session, row, after_s=wait_s)
    if after is not WriteBackState.QUEUED:
        await _run_next(session, row)
    if intent is not None:
        await _note(session, intent, row, after)
        await tell(session, intent)
        if event is WriteBackEvent.WRITTEN:  # balance and history are newer than what is on screen
            await _refresh_customer(session, row, intent)


def _why_parked(place: str, tries: int, detail: str, *, refused: bool) -> str:
    """Say what is known: only a refusal says that it is not there."""
    if refused:
        return _("{place} did not take it: {detail}. A supervisor will look.").format(
            place=place, detail=detail
        )
    return _(
        "{place} gave no clear answer {tries} times: {detail}. Look there before doing it by hand."
    ).format(place=place, tries=tries, detail=detail)


async def _refresh_customer(session: AsyncSession, row: WriteBack, intent: PaymentIntent) -> None:
    await events.publish(session, CustomerChanged(customer_id=row.customer_id), user_id=intent.user_id)


# ---------------------------------------------------------------- in line
async def _run_next(session: AsyncSession, row: WriteBack) -> None:
    following = await write_back_line.following(session, row)
    if following is None:
        return
    if following.next_try_at is None or following.next_try_at <= now():  # else its own job comes then
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


_PARKED_EARLY = select(WriteBack).where(
    *(WriteBack.intent_id == bindparam("intent_id"), WriteBack.kind == WriteBackKind.ACCOUNTS),
    *(WriteBack.state == WriteBackState.PARKED, WriteBack.payload[_EARLY].as_boolean()),
)


async def _let_follow(session: AsyncSession, row: WriteBack) -> None:
    """Put back into the line what was parked for coming before this posting."""
    if row.intent_id is None or row.kind != WriteBackKind.ACCOUNTS:
        return
    for parked in (await session.scalars(_PARKED_EARLY, {"intent_id": row.intent_id})).all():
        await _again(session, parked)


async def _note(session: AsyncSession, intent: PaymentIntent, row: WriteBack, after: WriteBackState) -> None:
    if after is WriteBackState.QUEUED:
        return  # tries are counted in the row; the time line shows what happened
    kind = _KIND[WriteBackKind(row.kind)] if after is WriteBackState.DONE else TimelineKind.ALARM
    title = row.detail if after is WriteBackState.DONE else _("A write-back is parked")
    detail = "" if after is WriteBackState.DONE else row.detail
    await payment_events.record(session, intent.intent_id, None, kind, title, detail)


# ---------------------------------------------------------------- what a supervisor does
_REPLAY, _BY_HAND = "write_back.replay", "write_back.done_by_hand"


async def replay(session: AsyncSession, who: Who, write_back_id: str) -> wire.WriteBack:
    """Try a parked write-back again; the same press twice does it once. Raises NotFound, Conflict."""
    row, intent = await _lock(session, write_back_id)
    if await _waits(session, who, row, _REPLAY, {}):
        await _again(session, row)
        await _tell(session, who, _REPLAY, row, intent, {})
    return write_back(row)


async def mark_done(
    session: AsyncSession, who: Who, write_back_id: str, reference: str, reason: str
) -> wire.WriteBack:
    """Note that a person wrote a parked one by hand, and where; once. Raises NotFound, Conflict."""
    row, intent = await _lock(session, write_back_id)
    said = {"reference": reference, "reason": reason}
    if not await _waits(session, who, row, _BY_HAND, said):
        return write_back(row)
    row.state, row.next_try_at, row.done_at = WriteBackState.DONE, None, await clock(session)
    row.detail = _("Done by hand by {name}: {reference}").format(name=who.name, reference=reference)
    await _let_follow(session, row)
    await resent_receipts.end_parked(session, row)
    if intent is not None:
        kind = _KIND[WriteBackKind(row.kind)]
        await payment_events.record(session, intent.intent_id, None, kind, row.detail, reason)
        await _refresh_customer(session, row, intent)
    await _tell(session, who, _BY_HAND, row, intent, said)
    return write_back(row)


async def _lock(session: AsyncSession, write_back_id: str) -> tuple[WriteBack, PaymentIntent | None]:
    """Take the locks of a write-back and of its payment; a call's note has none. Raises NotFound."""
    row = await session.get(WriteBack, write_back_id)
    if row is None:
        raise NotFound("payment_unknown")
    intent = await lock_intent(session, row.intent_id) if row.intent_id else None  # first, as in _settle
    await session.refresh(row, with_for_update=True)
    return row, intent


async def _waits(session: AsyncSession, who: Who, row: WriteBack, do: str, said: dict[str, str]) -> bool:
    """Say whether it waits for a person; False where this one did it a moment ago. Raises Conflict."""
    if row.state == WriteBackState.PARKED:
        return True
    if await audit.came_twice(session, who, do, subject=row.write_back_id, said=said):
        return False
    raise Conflict("step_not_possible", state=row.state)


async def _tell(
    session: AsyncSession,
    who: Who,
    action: str,
    row: WriteBack,
    intent: PaymentIntent | None,
    said: dict[str, Any],
) -> None:
    audit.append(session, who, action, subject=row.write_back_id, result="done", detail=said)
    await work.changed(session)
    if intent is not None:
        await tell(session, intent)


async def _again(session: AsyncSession, row: WriteBack) -> None:
    """Put a parked write-back back into the queue."""
    row.state, row.tries, row.detail = WriteBackState.QUEUED, 0, _("It is tried again.")
    await run(session, row)
