"""Secure the caller's line for card entry, and give it back: recorder and tone masking."""

import asyncio

import structlog
from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters.base import OpenCapture, OutcomeUnknown, Rejected, VendorError
from agentdesk.domain.capture import CaptureEvent, CaptureState, CardField
from agentdesk.domain.ids import now
from agentdesk.hub import audit, call_view, calls, payment_events, work
from agentdesk.hub.auth import Who
from agentdesk.hub.capture_session import (
    ACKNOWLEDGE_S,
    FIELDS,
    SESSION_S,
    SLOW_FIELD_S,
    callback_url,
    close,
    move,
    note,
    progress_of,
    watch,
)
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import Locked, live_captures, lock_attempt
from agentdesk.hub.db.tables import Attempt, Call, PaymentIntent
from agentdesk.hub.jobs.defer import Job, defer
from agentdesk.hub.payment_view import tell
from agentdesk.i18n import _
from agentdesk.wire import calls as wire
from agentdesk.wire.captures import FieldState
from agentdesk.wire.payments import TimelineKind

log = structlog.get_logger(__name__)


async def secure(hub: Hub, attempt_id: str) -> None:
    """Pause the recorder and open the card session; the line is secured when both acknowledged.

    A refusal or silence closes the attempt as not sent: nothing can have been charged. Where it was closed
    meanwhile, the recorder is given back once more: its pause may have come after its resumption.
    """
    async with hub.sessions.begin() as session:
        call_ref = (await lock_attempt(session, attempt_id)).capture.call_ref
    problem = await _pause_recorder(hub, attempt_id, call_ref)
    async with hub.sessions.begin() as session:
        payment = await lock_attempt(session, attempt_id)
        wanted = CaptureState(payment.capture.state) is CaptureState.SECURING
        if CaptureState(payment.capture.state) is CaptureState.CLOSED:
            await defer(session, Job.RESUME_RECORDER, attempt_id=attempt_id, tries=0)
        elif problem is None:
            payment.capture.recorder_paused_at = now()
            await _secure_if_both(session, payment)
    if problem is None and wanted:
        problem = await _open(hub, attempt_id, call_ref)
    if problem:
        async with hub.sessions.begin() as session:
            payment = await lock_attempt(session, attempt_id)
            await close(session, payment, CaptureEvent.FAILED, problem)
            await tell(session, payment.intent)


async def _pause_recorder(hub: Hub, attempt_id: str, call_ref: str) -> str | None:
    """Pause; return why not, in words, or None."""
    try:
        async with asyncio.timeout(ACKNOWLEDGE_S):
            await hub.vendors.recorder.pause(call_ref)
    except (VendorError, TimeoutError) as error:
        log.warning("recorder did not pause", attempt=attempt_id, reason=repr(error))
        refused = isinstance(error, Rejected)
        return _("The recorder refused to pause.") if refused else _("The recorder did not answer.")
    return None


async def _open(hub: Hub, attempt_id: str, call_ref: str) -> str | None:
    """Open the session; return why not, in words, or None."""
    request = OpenCapture(
        attempt_id=attempt_id,
        idempotency_key=f"{attempt_id}:open",
        call_ref=call_ref,
        callback_url=callback_url(hub, attempt_id),
        description=attempt_id,
        fields=FIELDS,
        brands=tuple(hub.settings.card_brands),
        key_gap_s=SLOW_FIELD_S,
    )
    try:
        session_id = await hub.vendors.capture.open(request)
    except OutcomeUnknown:
        return None  # it may be open: its first callback tells, else the deadline closes it
    except VendorError as error:
        log.warning("card session did not open", attempt=attempt_id, reason=repr(error))
        return _("The keypad service did not open a card session.")
    async with hub.sessions.begin() as session:
        payment = await lock_attempt(session, attempt_id)
        await opened(session, payment, session_id)
    return None


async def opened(session: AsyncSession, payment: Locked, session_id: str | None) -> None:
    """Note that the provider masks the tones; told by the reply or by its first callback."""
    capture = payment.capture
    capture.session_id = capture.session_id or session_id
    if capture.tones_masked_at is None:
        capture.tones_masked_at = now()
    if CaptureState(capture.state) is CaptureState.CLOSED:  # given up before the answer came
        await defer(session, Job.CANCEL_CAPTURE, attempt_id=payment.attempt.attempt_id)
    await _secure_if_both(session, payment)


async def _secure_if_both(session: AsyncSession, payment: Locked) -> None:
    capture = payment.capture
    if not (capture.recorder_paused_at and capture.tones_masked_at):
        return
    if not move(capture, CaptureEvent.SECURED):
        return
    capture.secured_at = now()
    capture.fields = {**capture.fields, CardField.NUMBER: progress_of(FieldState.READY)}
    await watch(session, payment, SESSION_S)
    await note(session, payment, TimelineKind.SECURED, _("Line secured"), _("tones masked, recorder paused"))
    await tell(session, payment.intent)


_CALL = (
    select(Call)
    .join(PaymentIntent, PaymentIntent.call_id == Call.call_id)
    .join(Attempt, Attempt.intent_id == PaymentIntent.intent_id)
    .where(Attempt.attempt_id == bindparam("attempt_id"))
    .with_for_update(of=Call)
)


async def resume_recorder(hub: Hub, attempt_id: str, tries: int) -> None:
    """Resume the recording once card entry is over; try again until the recorder confirms."""
    async with hub.sessions.begin() as session:
        # the call stays locked while the recorder answers, a few seconds at most: a next try could pause
        # it in between, and its card would be recorded
        call = (await session.scalars(_CALL, {"attempt_id": attempt_id})).one()
        if call.line_ended_at is not None or await live_captures(session, call.call_id):
            return  # nothing left to record, or a next try takes a card and resumes at its end
        resumed = await _resume(hub, attempt_id, str(call.call_ref))
        payment = await lock_attempt(session, attempt_id)  # after its call, as where a call ends
        if resumed:
            payment.capture.recorder_resumed_at = now()
            await note(session, payment, TimelineKind.SECURED, _("Card entry over, recorder on again"))
            await _recorded_again(session, call)
        elif tries < 6:
            again = min(60, 2 ** (tries + 1))
            await defer(session, Job.RESUME_RECORDER, after_s=again, attempt_id=attempt_id, tries=tries + 1)
        else:
            await _given_up(session, call, payment)
        await tell(session, payment.intent)


async def _given_up(session: AsyncSession, call: Call, payment: Locked) -> None:
    """Say that the call goes on unrecorded; once, for it is tried again while the call lasts.

    No alarm: one says that the money is not as it was told, and nothing may be decided before it is closed.
    """
    words = _("The recorder did not start again")
    key = f"{payment.attempt.attempt_id}:recorder"
    ids = payment.intent.intent_id, payment.attempt.attempt_id
    if await payment_events.record(session, *ids, TimelineKind.ALARM, words, evidence_key=key):
        call.recording, call.unrecorded_since = False, call.unrecorded_since or payment.capture.closed_at
        await work.changed(session)
        await call_view.tell(session, call)


async def _recorded_again(session: AsyncSession, call: Call) -> None:
    if call.recording:
        return
    call.recording, call.unrecorded_since = True, None
    await work.changed(session)
    await call_view.tell(session, call)


async def seen(session: AsyncSession, who: Who, call_id: str) -> wire.Call:
    """Say that it is known that a call is not recorded; a second press does nothing. Raises NotFound."""
    call = await calls.locked(session, call_id)
    if call.unrecorded_since is not None:
        since, call.unrecorded_since = call.unrecorded_since, None
        detail = {"since": since.isoformat()}
        audit.append(session, who, "call.unrecorded_seen", subject=call_id, result="done", detail=detail)
        await work.changed(session)
    return await call_view.shown(session, call)


async def _resume(hub: Hub, attempt_id: str, call_ref: str) -> bool:
    try:
        async with asyncio.timeout(ACKNOWLEDGE_S):
            await hub.vendors.recorder.resume(call_ref)
    except (VendorError, TimeoutError) as error:
        log.warning("recorder did not resume", attempt=attempt_id, reason=repr(error))
        return False
    return True
