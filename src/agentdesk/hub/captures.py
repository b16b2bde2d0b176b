"""The agent's steps in a card session: ask for a field, submit, cancel.

Every step is committed before the provider is asked to do it.
"""

from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters.base import OutcomeUnknown, Rejected, VendorError
from agentdesk.domain.capture import (
    DECIDED,
    LIVE,
    CaptureEvent,
    CaptureState,
    CardField,
    CloseCause,
    FieldProblem,
)
from agentdesk.domain.errors import Conflict, Unavailable
from agentdesk.domain.ids import now, short_reference
from agentdesk.domain.payment import AttemptState
from agentdesk.hub import audit
from agentdesk.hub.auth import Who
from agentdesk.hub.capture_session import (
    CANCEL_S,
    FIELD_S,
    FIELD_WORDS,
    FIELDS,
    SLOW_FIELD_S,
    SUBMIT_S,
    UNWATCHED_AFTER_S,
    add_bad_try,
    begin_closing,
    close,
    closed_there,
    field_deadline,
    is_slow,
    move,
    next_key,
    note,
    session_ref,
    set_field,
    watch,
)
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import Locked, live_captures_of, lock_attempt, paid_meanwhile
from agentdesk.hub.db.tables import CaptureSession
from agentdesk.hub.jobs.defer import Job, defer
from agentdesk.hub.payment_view import tell
from agentdesk.i18n import _, listed
from agentdesk.wire.captures import FieldState, ReadBack, Submit
from agentdesk.wire.payments import TimelineKind

log = structlog.get_logger(__name__)

_READ_BACK = {ReadBack.AMOUNT: _("the amount"), ReadBack.CARD: _("the card")}


async def ask_field(
    hub: Hub, who: Who, attempt_id: str, card_field: CardField, *, slow: bool = False
) -> None:
    """Have the provider listen for a field, for the first time or again. Raises Conflict, Unavailable.

    `slow`: the caller takes their time, for this field and those after it.
    """
    async with hub.sessions.begin() as session:
        payment = await lock_attempt(session, attempt_id)
        _may_ask(payment, card_field)
        move(payment.capture, CaptureEvent.ASKED)
        if card_field is CardField.NUMBER:
            _forget_card(payment)
        slow = slow or is_slow(payment.capture)
        seconds = SLOW_FIELD_S if slow else FIELD_S
        set_field(
            payment,
            card_field,
            state=FieldState.LIVE,
            digits=0,
            problem=None,
            done_at=None,
            asked_at=now().isoformat(),
            deadline=field_deadline(seconds),
            tries=payment.capture.fields[card_field].get("tries", 0) + 1,
            slow=slow,
            brand=None,
        )
        await watch(session, payment, seconds)
        key, ref = next_key(payment), session_ref(hub, payment)
        _audit(session, who, f"capture.ask_{card_field}", payment)
        await tell(session, payment.intent)
    try:
        await hub.vendors.capture.request_field(ref, card_field, key=key)
    except OutcomeUnknown:
        return  # it may be listening: the provider's next word, or the deadline, tells
    except VendorError as error:
        await _field_not_asked(hub, attempt_id, card_field)
        raise Unavailable("capture_unavailable") from error


def _forget_card(payment: Locked) -> None:
    """Have all asked for again: a number keyed again is another card's, and the provider keeps the rest."""
    payment.attempt.card_brand = payment.attempt.card_last4 = None
    for later in FIELDS[1:]:
        set_field(payment, later, state=FieldState.WAITING, digits=None, problem=None, done_at=None)


def _audit(session: AsyncSession, who: Who, action: str, payment: Locked, **more: Any) -> None:
    detail = {"attempt_id": payment.attempt.attempt_id, "capture": payment.capture.state} | more
    if payment.capture.close_cause:
        detail["cause"] = payment.capture.close_cause
    audit.append(session, who, action, subject=payment.intent.intent_id, result="done", detail=detail)


def _may_ask(payment: Locked, card_field: CardField) -> None:
    capture = payment.capture
    if CaptureState(capture.state) not in (CaptureState.COLLECTING, CaptureState.COLLECTED):
        raise Conflict("step_not_possible", state=capture.state)
    if capture.fields.get(card_field, {}).get("state") in (None, FieldState.WAITING):
        raise Conflict("step_not_possible", state=_("waiting for an earlier field"))
    live = [f for f, p in capture.fields.items() if p["state"] == FieldState.LIVE and f != card_field]
    if live:
        raise Conflict(
            "step_not_possible",
            state=_("still collecting another field"),
        )


async def _field_not_asked(hub: Hub, attempt_id: str, card_field: CardField) -> None:
    async with hub.sessions.begin() as session:
        payment = await lock_attempt(session, attempt_id)
        if payment.capture.fields[card_field]["state"] != FieldState.LIVE:
            return  # the provider's own word was faster
        add_bad_try(payment, card_field, FieldProblem.OTHER, None)
        await tell(session, payment.intent)


async def submit(hub: Hub, who: Who, attempt_id: str, told: Submit) -> None:
    """Ask the provider for the token; when it comes, the charge is sent. Possible once.

    What was read back is evidence and no condition. Raises Conflict where it is not the time for it.
    """
    async with hub.sessions.begin() as session:
        payment = await lock_attempt(session, attempt_id)
        if payment.capture.state == CaptureState.COLLECTING:
            fields = payment.capture.fields
            missing = [FIELD_WORDS[f] for f in FIELDS if fields[f]["state"] != FieldState.DONE]
            raise Conflict("fields_missing", fields=", ".join(missing))
        paid_by = await paid_meanwhile(session, payment.attempt)
        if paid_by is not None:
            raise Conflict("already_paid", reference=short_reference(paid_by))
        if not move(payment.capture, CaptureEvent.SUBMITTED):
            raise Conflict("step_not_possible", state=payment.capture.state)
        await watch(session, payment, SUBMIT_S)
        key, ref = next_key(payment), session_ref(hub, payment)
        read_back = {what.value: at.isoformat() for what, at in told.read_back.items()}
        _audit(session, who, "capture.submit", payment, read_back=read_back)
        agreed = listed([_READ_BACK[what] for what in ReadBack if what in told.read_back])
        said = _("read back and agreed: {what}").format(what=agreed) if agreed else ""
        await note(session, payment, TimelineKind.KEYPAD, _("Submitted by the agent"), said)
        await tell(session, payment.intent)
    try:
        await hub.vendors.capture.submit(ref, key=key)
    except OutcomeUnknown:
        return  # the token may be on its way; the deadline closes the session if it is not
    except VendorError as error:
        log.warning("submit refused", attempt=attempt_id, reason=repr(error))
        await _give_up(hub, attempt_id, _("The keypad service did not hand over the card."))


async def cancel(hub: Hub, who: Who, attempt_id: str, cause: CloseCause = CloseCause.AGENT) -> None:
    """End the card session, and wait for the provider to confirm it. Raises Conflict once money is sent.

    What nobody decided, such as a locked screen, does not end what was submitted: that goes on to its
    outcome, and is no error.
    """
    async with hub.sessions.begin() as session:
        payment = await lock_attempt(session, attempt_id)
        if payment.attempt.state == AttemptState.NOT_SENT or payment.capture.state == CaptureState.CANCELLING:
            return  # cancelled already
        event = CaptureEvent.CANCEL if cause in DECIDED else CaptureEvent.INTERRUPTED
        if not begin_closing(payment.capture, event, cause):
            if cause not in DECIDED:
                return
            raise Conflict("step_not_possible", state=payment.attempt.state)
        _audit(session, who, "capture.cancel", payment)
        await watch(session, payment, CANCEL_S)
        await tell(session, payment.intent)
    await cancel_at_provider(hub, attempt_id)


async def cancel_at_provider(hub: Hub, attempt_id: str) -> None:
    """Tell the provider to end the session. Its silence is followed by the deadline; nothing is charged."""
    async with hub.sessions.begin() as session:
        payment = await lock_attempt(session, attempt_id)
        known = payment.capture.session_id is not None
        key, ref = f"{attempt_id}:cancel", session_ref(hub, payment)
    if known:
        try:
            await hub.vendors.capture.cancel(ref, key=key)
        except VendorError as error:
            log.warning("cancel not confirmed", attempt=attempt_id, reason=repr(error))
            await _cancel_again(hub, attempt_id, error)
            return
    async with hub.sessions.begin() as session:
        payment = await lock_attempt(session, attempt_id)
        if known:
            closed_there(payment.capture)
        if CaptureState(payment.capture.state) is CaptureState.CANCELLING:
            await close(session, payment, CaptureEvent.ENDED, payment.capture.close_reason or _("Cancelled."))
        await tell(session, payment.intent)


async def _cancel_again(hub: Hub, attempt_id: str, error: VendorError) -> None:
    """Try again where we have closed the session and it may be open there: no next one could open."""
    async with hub.sessions.begin() as session:
        payment = await lock_attempt(session, attempt_id)
        closed = CaptureState(payment.capture.state) is CaptureState.CLOSED
        if closed and not isinstance(error, Rejected):
            await defer(session, Job.CANCEL_CAPTURE, after_s=CANCEL_S, attempt_id=attempt_id)


async def interrupt(
    session: AsyncSession, attempt_id: str, cause: CloseCause, who: audit.Actor | None = None
) -> None:
    """Close a session that its call or its agent has left; what was submitted goes on to its outcome."""
    payment = await lock_attempt(session, attempt_id)
    if begin_closing(payment.capture, CaptureEvent.INTERRUPTED, cause):
        detail = {"attempt_id": attempt_id, "capture": payment.capture.state, "cause": cause}
        subject = payment.intent.intent_id
        audit.append(session, who, "capture.interrupt", subject=subject, result="done", detail=detail)
        await watch(session, payment, CANCEL_S)
        await defer(session, Job.CANCEL_CAPTURE, attempt_id=attempt_id)
        await tell(session, payment.intent)


async def watch_over(session: AsyncSession, attempt_id: str) -> None:
    """Note that the agent's desk shows this card entry now."""
    mine = CaptureSession.attempt_id == attempt_id
    await session.execute(update(CaptureSession).where(mine).values(watched_at=now()))


async def close_unwatched(hub: Hub) -> None:
    """Close every card session whose agent's desk was not heard for too long."""
    before = now() - timedelta(seconds=UNWATCHED_AFTER_S)
    left = select(CaptureSession.attempt_id).where(
        CaptureSession.state.in_(LIVE), CaptureSession.watched_at < before
    )
    async with hub.sessions.begin() as session:
        found = (await session.scalars(left)).all()
    for attempt_id in found:
        async with hub.sessions.begin() as session:
            capture = (await lock_attempt(session, attempt_id)).capture
            if capture.watched_at is not None and capture.watched_at < before:  # it may be back
                await interrupt(session, attempt_id, CloseCause.OUT_OF_SIGHT)


async def signed_out(session: AsyncSession, who: Who) -> None:
    """Close every card session of a person who leaves."""
    for attempt_id in await live_captures_of(session, who.user_id):
        await interrupt(session, attempt_id, CloseCause.SIGNED_OUT, who)


async def refuse_digits(session: AsyncSession, who: Who, attempt_id: str) -> None:
    """Keep the fact that digits were typed on the desk during card entry; neither which nor how many."""
    payment = await lock_attempt(session, attempt_id)
    detail = {"attempt_id": attempt_id}
    subject = payment.intent.intent_id
    audit.append(session, who, "desk.digits", subject=subject, result="refused", detail=detail)


async def _give_up(hub: Hub, attempt_id: str, why: str) -> None:
    async with hub.sessions.begin() as session:
        payment = await lock_attempt(session, attempt_id)
        await close(session, payment, CaptureEvent.FAILED, why)
        if CaptureState(payment.capture.state) is CaptureState.CLOSED:
            await defer(session, Job.CANCEL_CAPTURE, attempt_id=attempt_id)  # it may still be open there
        await tell(session, payment.intent)
