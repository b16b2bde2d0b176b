"""The row of a card session: its steps, its fields, its deadline, its end."""

from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters.base import SessionRef
from agentdesk.domain.capture import (
    CaptureEvent,
    CaptureState,
    CardField,
    CloseCause,
    FieldProblem,
    next_state,
)
from agentdesk.domain.ids import now
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.domain.payment import next_state as next_attempt_state
from agentdesk.hub import payment_events, saved_cards
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import Locked
from agentdesk.hub.db.tables import CaptureSession
from agentdesk.hub.duplicates import tell_stopped
from agentdesk.hub.jobs.defer import Job, defer
from agentdesk.i18n import _
from agentdesk.wire.captures import FieldState
from agentdesk.wire.payments import TimelineKind

#: Seconds to wait for each acknowledgement before the line counts as not secured.
ACKNOWLEDGE_S = 5.0
#: Seconds without word from the provider after which a step is over.
SECURING_S, FIELD_S, SUBMIT_S, CANCEL_S, SESSION_S = 20, 25, 45, 10, 600
#: A desk that shows card entry tells so every few seconds. After so long without a word it is closed: the
#: caller's tones are masked and the recorder stands still, and nobody sees what is keyed.
UNWATCHED_AFTER_S = 90
#: The longest gap between two keys of a caller who keys slowly. The provider is told to wait this long from
#: the start, because it takes no other gap later; in the usual mode the hub itself ends the field sooner.
SLOW_FIELD_S = 75
#: Fields in the order they are asked for.
FIELDS = (CardField.NUMBER, CardField.EXPIRY, CardField.SECURITY_CODE)
FIELD_WORDS = {
    CardField.NUMBER: _("Card number"),
    CardField.EXPIRY: _("Expiry date"),
    CardField.SECURITY_CODE: _("Security code"),
}

CLOSE_WORDS = {
    CloseCause.AGENT: _("You cancelled it."),
    CloseCause.LINK: _("You closed the card entry to send a link."),
    CloseCause.DESK_CLOSED: _("You closed the program."),
    CloseCause.SIGNED_OUT: _("You signed out."),
    CloseCause.SCREEN_LOCKED: _("Your screen was locked."),
    CloseCause.ASLEEP: _("Your computer went to sleep."),
    CloseCause.HELD: _("The caller was put on hold."),
    CloseCause.TRANSFERRED: _("The call was transferred."),
    CloseCause.HUNG_UP: _("The caller hung up before you submitted."),
    CloseCause.OUT_OF_SIGHT: _("Your desk had lost its connection."),
}


async def close(session: AsyncSession, payment: Locked, event: CaptureEvent, why: str) -> None:
    """End the session without a charge: the attempt is not sent, and its debts are free again."""
    if not move(payment.capture, event):
        return
    payment.capture.close_reason = why
    await released(session, payment)
    attempt = payment.attempt
    after = next_attempt_state(AttemptState(attempt.state), AttemptEvent.CLOSED)
    if after is not None:
        attempt.state, attempt.ended_at, attempt.not_sent_reason = after, now(), why
        await saved_cards.ended(session, payment, paid=False)
        await note(session, payment, TimelineKind.NOT_SENT, _("Not sent, nothing was charged"), why)
        await tell_stopped(session, attempt)


def card_session(attempt_id: str, call_ref: str | None) -> CaptureSession:
    """Return the row of a card session that is about to be secured."""
    return CaptureSession(
        attempt_id=attempt_id,
        state=CaptureState.SECURING,
        call_ref=call_ref or "",
        fields=new_fields(),
        commands=0,
    )


def new_fields() -> dict[str, Any]:
    """Return the progress of a session that has not asked for anything."""
    return {f: progress_of(FieldState.WAITING) for f in FIELDS}


def callback_url(hub: Hub, attempt_id: str) -> str:
    """Return where the provider reports: the attempt's id in the path finds it even after a lost reply."""
    return f"{hub.settings.public_url}/webhooks/{hub.vendors.capture.name}/{attempt_id}"


def session_ref(hub: Hub, payment: Locked) -> SessionRef:
    """Return the provider's session."""
    attempt_id = payment.attempt.attempt_id
    return SessionRef(
        attempt_id,
        payment.capture.session_id or "",
        payment.capture.call_ref,
        callback_url(hub, attempt_id),
    )


async def released(session: AsyncSession, payment: Locked) -> None:
    """Card entry is over: no step is waited for, and the recorder goes on."""
    payment.capture.closed_at, payment.capture.deadline_at = now(), None
    # even where the pause was never acknowledged: it may have happened all the same
    await defer(session, Job.RESUME_RECORDER, attempt_id=payment.attempt.attempt_id, tries=0)


def move(capture: CaptureSession, event: CaptureEvent) -> bool:
    after = next_state(CaptureState(capture.state), event)
    if after is not None:
        capture.state = after
    return after is not None


async def watch(session: AsyncSession, payment: Locked, seconds: float) -> None:
    """Set when the present step is over, and a job that looks then."""
    put_off(payment, seconds)
    await look_at_deadline(session, payment)


def put_off(payment: Locked, seconds: float) -> None:
    """Move when the present step is over; the job that was to look finds it moved, and comes again."""
    payment.capture.deadline_at = now() + timedelta(seconds=seconds)


async def look_at_deadline(session: AsyncSession, payment: Locked) -> None:
    """Defer the job that looks when the present step is over."""
    if payment.capture.deadline_at is not None:
        due = payment.capture.deadline_at + timedelta(seconds=0.5)
        await defer(session, Job.CHECK_CAPTURE, at=due, attempt_id=payment.attempt.attempt_id)


async def note(
    session: AsyncSession, payment: Locked, kind: TimelineKind, title: str, detail: str = ""
) -> None:
    await payment_events.record(
        session, payment.intent.intent_id, payment.attempt.attempt_id, kind, title, detail
    )


def next_key(payment: Locked) -> str:
    """Number each command: the provider wants a new key for each, and an old one is never used again."""
    payment.capture.commands += 1
    return f"{payment.attempt.attempt_id}:{payment.capture.commands}"


def field_deadline(seconds: float) -> str:
    """Return when a field that is keyed from now on times out, as its progress holds it."""
    return (now() + timedelta(seconds=seconds)).isoformat()


def is_slow(capture: CaptureSession) -> bool:
    """Say whether the caller was asked to key slowly, in this field or an earlier one."""
    return any(progress.get("slow") for progress in capture.fields.values())


def begin_closing(capture: CaptureSession, event: CaptureEvent, cause: CloseCause) -> bool:
    """Note why the session is to end, and that the provider must confirm it; False where it cannot end so."""
    if not move(capture, event):
        return False
    capture.close_cause, capture.close_reason = cause, CLOSE_WORDS[cause]
    return True


def closed_there(capture: CaptureSession) -> None:
    """Note that the provider's own session is over: by its word, never by its silence."""
    capture.provider_closed_at = capture.provider_closed_at or now()


def add_bad_try(payment: Locked, card_field: CardField, problem: FieldProblem, keys: int | None) -> None:
    """Let the field fail, and keep how: what the tone doctor reads."""
    known = payment.capture.fields[card_field]
    bad = [*known.get("bad", []), {"problem": problem, "keys": keys}]
    set_field(
        payment, card_field, state=FieldState.FAILED, problem=problem, digits=None, deadline=None, bad=bad
    )


def progress_of(state: FieldState) -> dict[str, Any]:
    return {"state": state, "tries": 0}


def set_field(payment: Locked, card_field: CardField, **changes: Any) -> None:
    # JSONB columns notice a new object, not a changed one
    fields = dict(payment.capture.fields)
    fields[card_field] = {**fields[card_field], **changes}
    payment.capture.fields = fields
