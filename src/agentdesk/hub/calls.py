"""Calls: the screen pop, who has the call, and the wrap-up."""

import asyncio
from collections.abc import Awaitable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters.base import CallEvidence, VendorError
from agentdesk.domain.call import CallState
from agentdesk.domain.capture import CloseCause
from agentdesk.domain.card import looks_like_pan
from agentdesk.domain.errors import Conflict, Invalid, NotFound, Unavailable
from agentdesk.domain.ids import call_reference, new_id, now, short_reference
from agentdesk.domain.people import Permission
from agentdesk.hub import audit, caller_check, captures, customers, duplicates, events, news, write_backs
from agentdesk.hub.auth import Who
from agentdesk.hub.call_view import is_free, shown, tell
from agentdesk.hub.context import Hub
from agentdesk.hub.db import tables
from agentdesk.hub.db.query import live_captures, live_elsewhere, money_of
from agentdesk.hub.jobs.defer import Job, defer
from agentdesk.hub.numbers import e164
from agentdesk.hub.rehearsal_record import link_rehearsal, score_rehearsal
from agentdesk.i18n import _
from agentdesk.wire import calls as wire
from agentdesk.wire.events import CallChanged

log = structlog.get_logger(__name__)

#: A screen pop that was lost with its process is done again after this long.
MATCH_AGAIN_S = 10
#: Nobody waits or talks longer than this.
LONGEST_WAIT, LONGEST_CALL = timedelta(hours=4), timedelta(hours=12)


# ---------------------------------------------------------------- the phone system's word
async def apply(hub: Hub, session: AsyncSession, evidence: CallEvidence) -> str | None:
    """Reduce one sighting; return the id of a call that is new and must be matched after the commit."""
    call, new = await _known_or_new(hub, session, evidence.call_ref, evidence.from_number, evidence.queue)
    was_free, before = is_free(call), call.user_id
    await _advance(session, call, evidence)
    await link_rehearsal(session, call)
    told = await tell(session, call, was_free=was_free)
    if before not in (None, call.user_id):
        await events.publish(session, CallChanged(call=told), user_id=before)  # it is no longer theirs
    return call.call_id if new else None


async def _known_or_new(
    hub: Hub, session: AsyncSession, call_ref: str | None, number: str | None, queue: str | None
) -> tuple[tables.Call, bool]:
    """Lock and return the call of a reference, and whether it is new: of two first words, one makes it."""
    row: dict[str, Any] = {
        "call_id": new_id("call"),
        "call_ref": call_ref,
        "state": CallState.RINGING,
        "number": e164(number, hub.settings.region),
        "queue": None if looks_like_pan(queue or "") else queue,
        "matches": [],
        "started_at": now(),
        "recording": call_ref is not None,
    }
    statement = insert(tables.Call).values(row).on_conflict_do_nothing(index_elements=["call_ref"])
    made = await session.scalar(statement.returning(tables.Call))
    if made is not None:
        await defer(session, Job.MATCH_CALL, after_s=MATCH_AGAIN_S, call_id=made.call_id)
        return made, True
    known = select(tables.Call).where(tables.Call.call_ref == call_ref).with_for_update()
    return (await session.scalars(known)).one(), False


async def _advance(session: AsyncSession, call: tables.Call, evidence: CallEvidence) -> None:
    if call.state in (CallState.WRAP_UP, CallState.ENDED):
        return
    if evidence.transferred:
        await _pass_on(session, call, evidence.agent)
    elif evidence.state in (CallState.CONNECTED, CallState.HELD):
        call.answered_at = call.answered_at or now()
        call.user_id = call.user_id or await _agent(session, evidence.agent)
        if call.user_id:  # answered by somebody we do not know, it is still free for any desk to take
            call.state = evidence.state
        if evidence.state is CallState.HELD:
            await _leave_card_entry(session, call, CloseCause.HELD)
    elif evidence.state in (CallState.ENDED, CallState.WRAP_UP):
        await _line_over(session, call)


async def _pass_on(session: AsyncSession, call: tables.Call, username: str | None) -> None:
    """Give the call to the agent it was transferred to; for ours it is over where that is nobody we know."""
    to = await _agent(session, username)
    if to is not None and to == call.user_id:
        return
    await _leave_card_entry(session, call, CloseCause.TRANSFERRED)
    if to is None:
        await _line_over(session, call)
    else:
        call.user_id, call.state, call.answered_at = to, CallState.CONNECTED, call.answered_at or now()


async def _leave_card_entry(session: AsyncSession, call: tables.Call, cause: CloseCause) -> None:
    for attempt_id in await live_captures(session, call.call_id):
        await captures.interrupt(session, attempt_id, cause)


async def _line_over(session: AsyncSession, call: tables.Call) -> None:
    call.line_ended_at, call.recording = now(), False
    call.state = CallState.WRAP_UP if call.user_id else CallState.ENDED
    await _leave_card_entry(session, call, CloseCause.HUNG_UP)
    await duplicates.line_ended(session, call.call_id)


async def end_lost(hub: Hub) -> None:
    """End calls that are older than any call can be: their end was never told."""
    ringing = (tables.Call.state == CallState.RINGING) & (tables.Call.started_at < now() - LONGEST_WAIT)
    talking = tables.Call.state.in_((CallState.CONNECTED, CallState.HELD))
    lost = ringing | talking & (tables.Call.answered_at < now() - LONGEST_CALL)
    async with hub.sessions.begin() as session:
        found = (await session.scalars(select(tables.Call.call_id).where(lost))).all()
    for call_id in found:
        async with hub.sessions.begin() as session:
            call = await locked(session, call_id)
            was_free = is_free(call)
            if call.state in (CallState.WRAP_UP, CallState.ENDED):
                continue
            log.warning("a call whose end was never told is over", call=call_id)
            await _line_over(session, call)
            await tell(session, call, was_free=was_free)


async def _agent(session: AsyncSession, username: str | None) -> str | None:
    named = select(tables.User.user_id).where(tables.User.username == (username or "").lower())
    return await session.scalar(named)


# ---------------------------------------------------------------- the screen pop
#: The matches, and why there are none, in words.
Found = tuple[list[dict[str, Any]], str | None]


async def match(hub: Hub, call_id: str, looking: Awaitable[Found] | None = None) -> None:
    """Look the caller up by number. One exact match is chosen; several are offered, never guessed.

    `looking` is the look-up of a new call where that has begun already.
    """
    if looking is None:
        async with hub.sessions.begin() as session:
            call = await session.get_one(tables.Call, call_id)
            if call.matches or call.match_problem or call.customer_id:
                return
        looking = _look_up(hub, call.number)
    found, problem = await looking
    async with hub.sessions.begin() as session:
        call = await locked(session, call_id)
        call.matches, call.match_problem = found, problem
        exact = [m for m in found if m["exact"]]
        if call.customer_id is None and len(exact) == 1 and len(found) == 1:
            call.customer_id = exact[0]["customer_id"]
        await tell(session, call)


def look_ahead(hub: Hub, evidence: CallEvidence) -> asyncio.Task[Found] | None:
    """Begin to look up who rings, while the call is written down; None for any other word of a call."""
    if evidence.state is not CallState.RINGING:
        return None
    return asyncio.create_task(_look_up(hub, e164(evidence.from_number, hub.settings.region)))


async def _look_up(hub: Hub, number: str | None) -> Found:
    if number is None:
        return [], _("The number is withheld. Search by name, number, account, post code or invoice.")
    try:
        found = await hub.vendors.crm.find_by_phone(number)
    except VendorError as error:
        log.warning("screen pop failed", reason=repr(error))
        return [], _("The customer records do not answer. Search again in a moment.")
    if not found:
        return [], _("Nobody has this number. Search by name, number, account, post code or invoice.")
    return [asdict(match) for match in found], None


# ---------------------------------------------------------------- the agent's steps
async def told_by_hand(hub: Hub, who: Who, new: wire.NewCall) -> wire.Call:
    """Take a call told by a link, a command or an agent; one already known by its reference as it is.

    Raises Invalid for a wrong number or none, Conflict where somebody else has the call, it is over, or
    card entry is live on another call of this person.
    """
    if not (new.number or new.call_ref or new.withheld):
        raise Invalid("call_without_number")
    if new.number and e164(new.number, hub.settings.region) is None:
        raise Invalid("phone_invalid", phone=new.number)
    async with hub.sessions.begin() as session:
        call, _ = await _known_or_new(hub, session, new.call_ref or None, new.number, new.queue)
        was_free = is_free(call)
        await _take(session, call, who)
        audit.append(session, who, "call.tell", subject=call.call_id, result="done")
        await tell(session, call, was_free=was_free)
        call_id = call.call_id
    await match(hub, call_id)
    return await show(hub, who, call_id)


async def answer(hub: Hub, who: Who, call_id: str) -> wire.Call:
    """Take a ringing call and have the phone system connect it. Raises Conflict, Unavailable."""
    async with hub.sessions.begin() as session:
        call = await locked(session, call_id)
        was_free = is_free(call)
        ringing = was_free and call.answered_at is None
        await _take(session, call, who)
        audit.append(session, who, "call.answer", subject=call_id, result="done")
        told, call_ref = await tell(session, call, was_free=was_free), call.call_ref
    if ringing and call_ref:
        await _connect(hub, who, call_id, call_ref)
    return told


async def _connect(hub: Hub, who: Who, call_id: str, call_ref: str) -> None:
    try:
        await hub.vendors.phone.answer(call_ref, who.username)
    except VendorError as error:
        log.warning("phone system did not connect the call", call=call_id, reason=repr(error))
        async with hub.sessions.begin() as session:
            call = await locked(session, call_id)
            if call.state == CallState.CONNECTED:
                call.state, call.user_id, call.answered_at = CallState.RINGING, None, None
                await tell(session, call)
        raise Unavailable("phone_unavailable") from error


async def _take(session: AsyncSession, call: tables.Call, who: Who) -> None:
    if call.user_id not in (None, who.user_id):
        raise await _not_yours(session, call)
    if call.state == CallState.ENDED:
        raise Conflict("call_over")
    if await live_elsewhere(session, who.user_id, call.call_id):
        raise Conflict("card_entry_elsewhere")
    call.user_id = who.user_id
    if call.state == CallState.RINGING:
        call.state, call.answered_at = CallState.CONNECTED, call.answered_at or now()


async def choose_customer(hub: Hub, who: Who, call_id: str, customer_id: str | None) -> wire.Call:
    """Say whose call it is; None takes the customer off. Raises NotFound, Unavailable, Conflict."""
    if customer_id is not None:
        await customers.read(hub, customer_id)
    async with hub.sessions.begin() as session:
        call = await own(session, who, call_id)
        if customer_id != call.customer_id:
            await _may_change(session, call_id)
            call.customer_id, call.caller_check = customer_id, None
        detail = {"customer_id": customer_id}
        audit.append(session, who, "call.choose_customer", subject=call_id, result="done", detail=detail)
        return await tell(session, call)


async def check(hub: Hub, who: Who, call_id: str, new: wire.NewCallerCheck) -> wire.Call:
    """Keep how the caller check ended. Raises NotFound, Conflict, Invalid."""
    async with hub.sessions.begin() as session:
        call = await own(session, who, call_id)
        if await live_captures(session, call_id):
            raise Conflict("note_live_payment")
        caller_check.keep(session, hub.settings.check_of(call.queue), who, call, new)
        return await tell(session, call)


async def _may_change(session: AsyncSession, call_id: str) -> None:
    """Raise Conflict where card entry is live or money of this call may have moved for its customer."""
    if await live_captures(session, call_id):
        raise Conflict("note_live_payment")
    paid = await money_of(session, call_id)
    if paid is not None:
        raise Conflict("customer_fixed", reference=short_reference(paid))


async def wrap_up(hub: Hub, who: Who, call_id: str, wrap: wire.WrapUp) -> wire.Call:
    """Finish a call: keep its reason and note, and owe the note to the customer record.

    Raises Conflict while card entry is live, Invalid for a reason the queue lacks or that needs a note.
    """
    async with hub.sessions.begin() as session:
        call = await own(session, who, call_id)
        if call.wrapped_up_at is not None:
            return await shown(session, call)  # the press came twice; what was written stays
        if await live_captures(session, call_id):
            raise Conflict("note_live_payment")
        reasons = hub.settings.dispositions_of(call.queue)
        if not wrap.disposition:
            raise Invalid("disposition_required")
        if wrap.disposition not in reasons:
            raise Invalid("reason_unknown", reason=wrap.disposition)
        if wrap.disposition in hub.settings.note_for and not wrap.note.strip():
            raise Invalid("note_required")
        call.state, call.disposition, call.note = CallState.ENDED, wrap.disposition, wrap.note
        call.wrapped_up_at = now()
        await news.seen(session, call, call.wrapped_up_at)
        if call.line_ended_at is None:
            call.line_ended_at = now()
            await duplicates.line_ended(session, call_id)
        await _owe_note(hub, session, who, call, reasons[wrap.disposition])
        detail = {"disposition": wrap.disposition}
        audit.append(session, who, "call.wrap_up", subject=call_id, result="done", detail=detail)
        await score_rehearsal(session, who, call)
        return await tell(session, call)


async def _owe_note(hub: Hub, session: AsyncSession, who: Who, call: tables.Call, reason: str) -> None:
    if call.customer_id is None:
        return
    checked = caller_check.words(hub.settings.check_of(call.queue), call)
    handled = _("Handled by {name}.").format(name=who.name)
    await write_backs.owe_note(
        session,
        call,
        call_reference(call.call_id),
        subject=_("Call: {reasons}").format(reasons=reason),
        body=f"{call.note or _('No note.')} {checked}{handled}",
        detail=_("Call note for the customer record"),
    )


# ---------------------------------------------------------------- reading
async def current(session: AsyncSession, who: Who) -> list[wire.Call]:
    """Return ringing calls that nobody took and the person's own that are not finished, oldest first."""
    mine = tables.Call.user_id == who.user_id
    ringing = (tables.Call.state == CallState.RINGING) & tables.Call.user_id.is_(None)
    wanted = select(tables.Call).where(tables.Call.state != CallState.ENDED, or_(mine, ringing))
    rows = await session.scalars(wanted.order_by(tables.Call.started_at))
    return [await shown(session, call) for call in rows]


async def show(hub: Hub, who: Who, call_id: str) -> wire.Call:
    """Return a call of the person's or one that nobody took; a supervisor sees all. Raises NotFound."""
    async with hub.sessions.begin() as session:
        call = await session.get(tables.Call, call_id)
        if call is None or not _may_see(who, call):
            raise NotFound("call_unknown")
        return await shown(session, call)


def _may_see(who: Who, call: tables.Call) -> bool:
    return call.user_id == who.user_id or is_free(call) or Permission.SEE_PAYMENT_LOG in who.permissions


async def own(session: AsyncSession, who: Who, call_id: str) -> tables.Call:
    """Lock and return a call of this person's. Raises NotFound, Conflict."""
    call = await locked(session, call_id)
    if call.user_id != who.user_id:
        raise await _not_yours(session, call)
    return call


async def _not_yours(session: AsyncSession, call: tables.Call) -> Conflict:
    owner = await session.get(tables.User, call.user_id) if call.user_id else None
    return Conflict("call_not_yours", agent=owner.name if owner else _("Nobody"))


async def locked(session: AsyncSession, call_id: str) -> tables.Call:
    """Lock and return a call. Raises NotFound."""
    call = await session.get(tables.Call, call_id, with_for_update=True, populate_existing=True)
    if call is None:
        raise NotFound("call_unknown")
    return call
