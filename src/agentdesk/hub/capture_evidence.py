"""What the provider says of a card session, and what its silence means.

No digit ever comes here: the provider reports how many keys were pressed and what it made of them.
"""

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters.base import CaptureEvidence, TokenRef
from agentdesk.domain.capture import LIVE, CaptureEvent, CaptureState, CardField, FieldProblem, next_state
from agentdesk.domain.ids import now
from agentdesk.hub import outcomes, work
from agentdesk.hub.alarms import raise_alarm
from agentdesk.hub.capture_session import (
    FIELD_S,
    FIELD_WORDS,
    FIELDS,
    SESSION_S,
    SLOW_FIELD_S,
    add_bad_try,
    close,
    closed_there,
    field_deadline,
    is_slow,
    look_at_deadline,
    move,
    note,
    put_off,
    released,
    set_field,
    watch,
)
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import Locked, lock_attempt
from agentdesk.hub.db.tables import CaptureSession
from agentdesk.hub.jobs.defer import Job, defer
from agentdesk.hub.payment_view import tell
from agentdesk.hub.secure_line import opened
from agentdesk.i18n import _
from agentdesk.wire.captures import FieldState
from agentdesk.wire.payments import TimelineKind

log = structlog.get_logger(__name__)

#: After these the provider has no session any more.
_LAST_WORDS = frozenset({CaptureEvent.TOKEN, CaptureEvent.FAILED, CaptureEvent.ENDED})


async def apply(session: AsyncSession, payment: Locked, evidence: CaptureEvidence) -> TokenRef | None:
    """Reduce one sighting; return the token where it must now be charged (after the commit).

    One of another card session or call than ours is an alarm, never an update.
    """
    capture = payment.capture
    if _is_of_another(capture, evidence):
        await _differs(session, payment, evidence)
        return None
    capture.session_id = capture.session_id or evidence.session_id
    if evidence.event in _LAST_WORDS:
        closed_there(capture)
    match evidence.event:
        case CaptureEvent.SECURED:
            await opened(session, payment, evidence.session_id)
        case CaptureEvent.PROGRESS | CaptureEvent.FIELD_IN | CaptureEvent.FIELD_BAD:
            await _field_word(session, payment, evidence)
        case CaptureEvent.ALL_IN:
            if all(progress["state"] == FieldState.DONE for progress in capture.fields.values()):
                move(capture, CaptureEvent.ALL_IN)  # else it has the expiry and code of the card before
        case CaptureEvent.TOKEN:
            return await _token(session, payment, evidence)
        case CaptureEvent.FAILED | CaptureEvent.ENDED:
            why = capture.close_reason or evidence.reason or _("The card session ended.")
            await close(session, payment, evidence.event, why)
        case _:
            log.warning("unexpected word from the provider", event_kind=evidence.event)
    await tell(session, payment.intent)
    return None


def _is_of_another(capture: CaptureSession, evidence: CaptureEvidence) -> bool:
    """Say whether the provider names a card session or a call that is not this attempt's."""
    other_session = None not in (capture.session_id, evidence.session_id)
    other_session = other_session and capture.session_id != evidence.session_id
    return other_session or evidence.call_ref not in (None, capture.call_ref)


async def _differs(session: AsyncSession, payment: Locked, evidence: CaptureEvidence) -> None:
    words = _("The keypad service reported another card session or call under this payment; it was not used.")
    if words in (payment.attempt.alarm or ""):
        return  # once: every key would say it again
    raise_alarm(payment.attempt, words)
    log.error("word of another card session", attempt=payment.attempt.attempt_id, session=evidence.session_id)
    await note(session, payment, TimelineKind.ALARM, _("Evidence differs"), words)
    await tell(session, payment.intent)
    await work.changed(session)


async def _field_word(session: AsyncSession, payment: Locked, evidence: CaptureEvidence) -> None:
    card_field, capture = evidence.field, payment.capture
    known = card_field is not None and capture.fields.get(card_field)
    if not known or card_field is None or next_state(CaptureState(capture.state), evidence.event) is None:
        return
    live = known["state"] == FieldState.LIVE
    if evidence.event is CaptureEvent.PROGRESS:
        if live and (evidence.digits or 0) >= (known.get("digits") or 0):
            seconds = SLOW_FIELD_S if is_slow(capture) else FIELD_S
            brand = (evidence.card and evidence.card.brand) or known.get("brand")
            set_field(
                payment, card_field, digits=evidence.digits, brand=brand, deadline=field_deadline(seconds)
            )
            put_off(payment, seconds)  # no job for each key: the one of the field comes again
        return
    if evidence.event is CaptureEvent.FIELD_BAD and known["state"] == FieldState.DONE:
        return  # the late word of an earlier try
    move(capture, evidence.event)
    if live:
        await watch(session, payment, SESSION_S)  # the agent's turn: nobody is waited for
    if evidence.event is CaptureEvent.FIELD_IN:
        await _field_in(session, payment, card_field, evidence)
    else:
        _field_bad(payment, card_field, evidence)


def _field_bad(payment: Locked, card_field: CardField, evidence: CaptureEvidence) -> None:
    known = payment.capture.fields[card_field]
    if evidence.card is not None:
        set_field(payment, card_field, brand=evidence.card.brand)
    if known["state"] == FieldState.LIVE:
        keys = evidence.digits or known.get("digits")
        add_bad_try(payment, card_field, evidence.problem or FieldProblem.OTHER, keys)


async def _field_in(
    session: AsyncSession, payment: Locked, card_field: CardField, evidence: CaptureEvidence
) -> None:
    capture, attempt = payment.capture, payment.attempt
    if capture.fields[card_field]["state"] == FieldState.DONE:
        return
    set_field(
        payment,
        card_field,
        state=FieldState.DONE,
        problem=None,
        deadline=None,
        done_at=now().isoformat(),
        bad=[],
    )
    if evidence.card is not None:
        attempt.card_brand = evidence.card.brand or attempt.card_brand
        attempt.card_last4 = evidence.card.last4 or attempt.card_last4
    for later in FIELDS:
        if capture.fields[later]["state"] == FieldState.WAITING:
            set_field(payment, later, state=FieldState.READY)
            break
    detail = (
        f"{evidence.card}"
        if card_field is CardField.NUMBER and evidence.card
        else _("accepted by the provider")
    )
    await note(
        session,
        payment,
        TimelineKind.KEYPAD,
        _("{field} in").format(field=FIELD_WORDS[card_field]),
        detail,
    )


async def _token(session: AsyncSession, payment: Locked, evidence: CaptureEvidence) -> TokenRef | None:
    """Take the token the agent submitted for; any other token is dropped and never charged."""
    state = CaptureState(payment.capture.state)
    if state is CaptureState.TOKENISING and evidence.token is not None:
        if not await outcomes.begin_charge(session, payment):
            await close(session, payment, CaptureEvent.FAILED, _("It was paid meanwhile, or may have been."))
            await tell(session, payment.intent)
            return None
        move(payment.capture, CaptureEvent.TOKEN)
        move(payment.capture, CaptureEvent.CHARGED)
        await released(session, payment)
        await tell(session, payment.intent)
        return evidence.token
    if state is CaptureState.CANCELLING:
        await close(session, payment, CaptureEvent.TOKEN, payment.capture.close_reason or _("Cancelled."))
        await tell(session, payment.intent)
    return None


async def check_deadline(hub: Hub, attempt_id: str) -> None:
    """End what the provider never answered: a field, or the whole session."""
    async with hub.sessions.begin() as session:
        payment = await lock_attempt(session, attempt_id)
        capture = payment.capture
        if CaptureState(capture.state) not in LIVE or capture.deadline_at is None:
            return
        if capture.deadline_at > now():
            if _live_fields(capture):
                await look_at_deadline(session, payment)  # keys moved it
            return  # a later step moved it, and deferred its own check
        vendor_has_it = capture.session_id is not None
        await _too_late(session, payment)
        await tell(session, payment.intent)
        ended = CaptureState(capture.state) not in LIVE
        if ended and vendor_has_it:
            await defer(session, Job.CANCEL_CAPTURE, attempt_id=attempt_id)


async def _too_late(session: AsyncSession, payment: Locked) -> None:
    capture = payment.capture
    live, state = _live_fields(capture), CaptureState(capture.state)
    if state is CaptureState.COLLECTING and live:
        add_bad_try(payment, live[0], FieldProblem.TIMED_OUT, capture.fields[live[0]].get("digits"))
        await watch(session, payment, SESSION_S)
        return
    why = {
        CaptureState.SECURING: _("The line was not secured in time."),
        CaptureState.TOKENISING: _("The keypad service did not hand over the card in time."),
        CaptureState.CANCELLING: capture.close_reason or _("Cancelled."),
    }.get(state, _("The card session was open for too long."))
    event = CaptureEvent.ENDED if state is CaptureState.CANCELLING else CaptureEvent.FAILED
    await close(session, payment, event, why)


def _live_fields(capture: CaptureSession) -> list[CardField]:
    return [CardField(f) for f, p in capture.fields.items() if p["state"] == FieldState.LIVE]
