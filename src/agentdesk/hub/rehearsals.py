"""Rehearsals: a pretended caller for one agent, on a hub in test mode, scored by what the agent did."""

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters.base import VendorError
from agentdesk.adapters.rehearsals import PlaceCall, RehearsalPort
from agentdesk.domain import exercises
from agentdesk.domain.call import CallState
from agentdesk.domain.errors import Conflict, NotFound, Unavailable
from agentdesk.domain.exercises import ExerciseCode
from agentdesk.domain.ids import new_id, now
from agentdesk.domain.rehearsal import QUEUE
from agentdesk.hub import audit, rehearsal_casting, rehearsal_record
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.rehearsals import Rehearsal
from agentdesk.hub.db.tables import AuditEntry, Call, User
from agentdesk.wire import rehearsals as wire

log = structlog.get_logger(__name__)

MOST_RESULTS = 200
_ONE_GOES_ON = "uq_rehearsal_one_goes_on"


# ---------------------------------------------------------------- starting and leaving
async def start(hub: Hub, who: Who, new: wire.NewRehearsal) -> wire.Rehearsal:
    """Have a caller put through to this person. The same key starts one rehearsal.

    Raises Conflict where there is nobody to play, this person has a call, or the exercise needs what is not
    there; Unavailable where the caller could not be placed: the same key then tries again.
    """
    port = _port(hub)
    row = await _by_key(hub, who, new)
    if row is None:
        await _may_start(hub, who, new.exercise)
    while row is None:  # somebody else may draw the same caller meanwhile
        role = await rehearsal_casting.choose(hub, port, who, new.exercise)
        row = await _write_down(hub, who, new, role)
    if row.call_ref is None and row.ended_at is None:
        await _place(hub, port, who, row)
    async with hub.sessions.begin() as session:
        return await _show(session, await session.get_one(Rehearsal, row.rehearsal_id))


async def leave(hub: Hub, who: Who, rehearsal_id: str) -> wire.Rehearsal:
    """End a rehearsal without a score; its caller hangs up. Raises NotFound."""
    async with hub.sessions.begin() as session:
        row = await session.get(Rehearsal, rehearsal_id, with_for_update=True)
        if row is None or row.user_id != who.user_id:
            raise NotFound("rehearsal_unknown")
        goes_on, row.ended_at = row.ended_at is None, row.ended_at or now()
        if goes_on:
            audit.append(session, who, "rehearsal.leave", subject=rehearsal_id, result="done")
        shown, call_ref = await _show(session, row), row.call_ref
    if goes_on and call_ref is not None and hub.vendors.rehearsal is not None:
        await _hang_up(hub.vendors.rehearsal, rehearsal_id, call_ref)
    return shown


async def _hang_up(port: RehearsalPort, rehearsal_id: str, call_ref: str) -> None:
    try:
        await port.hang_up(call_ref)
    except VendorError as error:
        log.warning("the pretended caller was not hung up", rehearsal=rehearsal_id, reason=repr(error))


def _port(hub: Hub) -> RehearsalPort:
    if hub.vendors.rehearsal is None or not hub.settings.test_mode:
        raise Conflict("rehearsal_not_here")
    return hub.vendors.rehearsal


async def _by_key(hub: Hub, who: Who, new: wire.NewRehearsal) -> Rehearsal | None:
    async with hub.sessions.begin() as session:
        row: Rehearsal | None = await session.scalar(
            select(Rehearsal).where(Rehearsal.user_id == who.user_id, Rehearsal.key == new.key)
        )
    if row is not None and row.exercise != new.exercise:
        raise Conflict("rehearsal_busy")
    return row


async def _may_start(hub: Hub, who: Who, exercise: ExerciseCode) -> None:
    async with hub.sessions.begin() as session:
        mine = select(Call.call_id).where(Call.user_id == who.user_id, Call.state != CallState.ENDED)
        if await session.scalar(select(mine.exists())):
            raise Conflict("rehearsal_busy")
        off = await rehearsal_casting.why_not(session, who, hub.settings, exercise)
    if off is not None:
        raise Conflict(off)


async def _write_down(
    hub: Hub, who: Who, new: wire.NewRehearsal, role: rehearsal_casting.Role
) -> Rehearsal | None:
    """Commit the rehearsal before anybody is asked to play; one that was never finished is left.

    None where its caller rings somebody else by now.
    """
    try:
        async with hub.sessions.begin() as session:
            if not await rehearsal_casting.is_free(session, who, new.exercise, role.customer_id):
                return None
            goes_on = (Rehearsal.user_id == who.user_id) & Rehearsal.ended_at.is_(None)
            await session.execute(update(Rehearsal).where(goes_on).values(ended_at=now()))
            row = Rehearsal(
                rehearsal_id=new_id("reh"),
                user_id=who.user_id,
                key=new.key,
                exercise=new.exercise,
                customer_id=role.customer_id,
                number=role.number,
                played=role.cast.model_dump(mode="json"),
                address=who.address,
                audited=await session.scalar(select(func.max(AuditEntry.entry_id))) or 0,
                started_at=now(),
            )
            session.add(row)
            await session.flush()
            detail = {"exercise": new.exercise.value}
            audit.append(
                session, who, "rehearsal.start", subject=row.rehearsal_id, result="done", detail=detail
            )
            return row
    except IntegrityError as error:
        if (same_press := await _by_key(hub, who, new)) is not None:
            return same_press
        if _ONE_GOES_ON not in str(error.orig):
            raise
        raise Conflict("rehearsal_busy") from error


async def _place(hub: Hub, port: RehearsalPort, who: Who, row: Rehearsal) -> None:
    wish = PlaceCall(row.rehearsal_id, ExerciseCode(row.exercise), row.number, QUEUE, who.username)
    try:
        call_ref = await port.place(wish)
    except VendorError as error:
        log.warning("no caller was placed", rehearsal=row.rehearsal_id, reason=repr(error))
        raise Unavailable("rehearsal_unavailable") from error
    async with hub.sessions.begin() as session:
        guessed = (Rehearsal.call_ref == call_ref) & (Rehearsal.rehearsal_id != row.rehearsal_id)
        await session.execute(update(Rehearsal).where(guessed).values(call_ref=None))
        placed = await session.get_one(Rehearsal, row.rehearsal_id, with_for_update=True)
        placed.call_ref = call_ref
        left = placed.ended_at is not None and placed.score is None
    if left:  # while the caller was being placed
        await _hang_up(port, row.rehearsal_id, call_ref)


# ---------------------------------------------------------------- reading
async def listing(hub: Hub, who: Who) -> wire.Rehearsals:
    """Return what this person can practise, how it went the last time, and what goes on."""
    here = hub.vendors.rehearsal is not None and hub.settings.test_mode
    async with hub.sessions.begin() as session:
        last = await _last(session, who)
        goes_on = await session.scalar(
            select(Rehearsal).where(Rehearsal.user_id == who.user_id, Rehearsal.ended_at.is_(None))
        )
        return wire.Rehearsals(
            here=here,
            exercises=[
                wire.ExerciseInfo(
                    exercise=code,
                    off_code=await rehearsal_casting.why_not(session, who, hub.settings, code),
                    last=last.get(code),
                )
                for code in ExerciseCode
            ],
            current=await _show(session, goes_on) if goes_on else None,
        )


async def _last(session: AsyncSession, who: Who) -> dict[str, wire.Rehearsal]:
    """Return the newest rehearsal with a score of each exercise."""
    rows = await session.scalars(
        select(Rehearsal)
        .where(Rehearsal.user_id == who.user_id, Rehearsal.score.is_not(None))
        .ext(distinct_on(Rehearsal.exercise))
        .order_by(Rehearsal.exercise, Rehearsal.started_at.desc())
    )
    return {row.exercise: await _show(session, row) for row in rows}


async def results(session: AsyncSession) -> list[wire.Rehearsal]:
    """Return everybody's rehearsals, the newest first."""
    rows = await session.scalars(select(Rehearsal).order_by(Rehearsal.started_at.desc()).limit(MOST_RESULTS))
    return [await _show(session, row) for row in rows]


async def _show(session: AsyncSession, row: Rehearsal) -> wire.Rehearsal:
    person = await session.get_one(User, row.user_id)
    call = await rehearsal_record.call_of(session, row)
    line = 0
    if row.ended_at is None:
        line = exercises.line(ExerciseCode(row.exercise), await rehearsal_record.read(session, row))
    return wire.Rehearsal(
        rehearsal_id=row.rehearsal_id,
        exercise=ExerciseCode(row.exercise),
        user_id=row.user_id,
        person=person.name,
        cast=wire.Cast.model_validate(row.played),
        started_at=row.started_at,
        ended_at=row.ended_at,
        call_id=call.call_id if call else None,
        line=line,
        score=[wire.ScoredRule(**one) for one in row.score] if row.score is not None else None,
    )
