"""Refund evidence: sending a refund, the reducer of all that is learnt of it, and asking again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters.base import (
    FindRefund,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Refund,
    RefundEvidence,
    Rejected,
    VendorError,
)
from agentdesk.domain.ids import now, short_reference
from agentdesk.domain.money import Money
from agentdesk.domain.refund import (
    ENDED,
    MONEY_AT_RISK,
    RefundEvent,
    RefundState,
    is_broken_promise,
    is_late_success,
    is_reversal,
    next_state,
)
from agentdesk.hub import outcomes, payment_events, refund_write_backs, work
from agentdesk.hub.alarms import raise_alarm
from agentdesk.hub.context import Hub
from agentdesk.hub.db import tables
from agentdesk.hub.db.query import LockedRefund, is_live, is_of_other_mode, lock_refund
from agentdesk.hub.jobs.defer import Job, defer
from agentdesk.hub.look_ups import is_planned, proves_absence, wait
from agentdesk.hub.payment_view import tell, tell_asker
from agentdesk.i18n import _, pgettext
from agentdesk.wire.payments import TimelineKind

log = structlog.get_logger(__name__)

#: A refund that is done can fail for weeks, and the webhook that says so can be lost.
ASK_DONE_AFTER = tuple(timedelta(hours=hours) for hours in (1, 24, 72, 168, 336, 720))

_TITLE = {
    RefundState.DONE: _("Refunded {amount}"),
    RefundState.PENDING: _("Refund of {amount} is on its way"),
    RefundState.FAILED: _("Refund of {amount} failed, nothing went back"),
    RefundState.UNKNOWN: _("No answer: whether {amount} went back is not known"),
    RefundState.NOT_SENT: _("Refund of {amount} not sent, nothing went back"),
}
_KIND = {
    RefundState.DONE: TimelineKind.REFUND,
    RefundState.PENDING: TimelineKind.REFUND,
    RefundState.FAILED: TimelineKind.DECLINED,
    RefundState.UNKNOWN: TimelineKind.UNKNOWN,
    RefundState.NOT_SENT: TimelineKind.NOT_SENT,
}
_TOLD = {
    RefundEvent.DONE: pgettext("refund", "refunded"),
    RefundEvent.PENDING: _("on its way"),
    RefundEvent.FAILED: _("failed"),
    RefundEvent.REFUSED: _("not executed"),
    RefundEvent.NO_ANSWER: _("no answer"),
    RefundEvent.ABSENT: _("no such refund"),
}


#: What the provider says once and for all: a supervisor's word needs no more asking.
_FINAL = frozenset({RefundEvent.DONE, RefundEvent.FAILED, RefundEvent.ABSENT})


async def send(hub: Hub, refund_id: str) -> None:
    """Send the committed refund and record the answer; every ending of this leaves a row behind.

    If this process dies anywhere in here, the job deferred with the refund finds it in `sending` and
    treats it as unknown. If it stood still until that job was due, nothing is sent any more.
    """
    async with hub.sessions.begin() as session:
        held = await lock_refund(session, refund_id)
        if held.refund.state != RefundState.SENDING:
            log.warning("refund held back: it is being looked up already", refund=refund_id)
            return
        request = Refund(
            refund_id=refund_id,
            idempotency_key=held.refund.refund_key,
            charge_ids=held.attempt.provider_ids,
            amount=held.amount,
            reference=held.refund.reference,
        )
        sent_at = held.refund.sent_at
    evidence = await _send(hub, request) if outcomes.is_in_time(sent_at) else _held_back(hub, refund_id)
    async with hub.sessions.begin() as session:
        await apply(hub, session, await lock_refund(session, refund_id), evidence)


def _held_back(hub: Hub, refund_id: str) -> RefundEvidence:
    log.warning("refund held back: it is too late for it", refund=refund_id)
    return _ours(hub, refund_id, RefundEvent.NO_ANSWER)


async def _send(hub: Hub, request: Refund) -> RefundEvidence:
    """Return the answer as evidence, whatever it is."""
    try:
        return await hub.vendors.processor.refund(request)
    except NotSent as error:
        log.warning("refund not executed", refund=request.refund_id, reason=str(error))
        return _ours(hub, request.refund_id, RefundEvent.REFUSED, _("the payment provider does not answer"))
    except Rejected as error:
        log.warning("refund not executed", refund=request.refund_id, reason=str(error))
        return _ours(
            hub,
            request.refund_id,
            RefundEvent.REFUSED,
            _("the payment provider said: {error}").format(error=error),
        )
    except (RateLimited, OutcomeUnknown) as error:  # too many: a copy of the request may be let through
        log.warning("refund without an answer", refund=request.refund_id, reason=str(error))
        return _ours(hub, request.refund_id, RefundEvent.NO_ANSWER)


def _ours(hub: Hub, refund_id: str, event: RefundEvent, reason: str | None = None) -> RefundEvidence:
    """Evidence that we ourselves give; once for each refund and event."""
    name = hub.vendors.processor.name
    return RefundEvidence(event, name, "reply", f"{refund_id}:{event}", our_ref=refund_id, reason=reason)


async def apply(hub: Hub, session: AsyncSession, held: LockedRefund, evidence: RefundEvidence) -> None:
    """Reduce evidence into the refund; the same evidence twice changes nothing.

    Evidence of another amount, another refund or the other mode is an alarm, never an update.
    """
    refund = held.refund
    before = RefundState(refund.state)
    alarm = difference(hub, held, evidence, held.amount)
    if not alarm and evidence.seen_via != "decision" and evidence.event in _FINAL:
        refund.to_confirm = False
    after = None if alarm else next_state(before, evidence.event)
    if after is None and evidence.seen_via == "lookup" and (not alarm or alarm == refund.alarm):
        return  # look-ups are repeated; only what is new goes into the time line
    if not await _note(session, held, evidence, before, after, alarm):
        return
    if alarm:
        _alarm(held, alarm)
        log.error("evidence differs from the refund", refund=refund.refund_id, difference=alarm)
    else:
        refund.provider_ids = {**refund.provider_ids, **evidence.provider_ids}
        if after is not None:
            await _move(session, held, before, after, evidence)
    await tell(session, held.intent)
    await tell_asker(session, held.intent, refund.user_id)
    await work.changed(session)


def _alarm(held: LockedRefund, words: str) -> None:
    """Put the refund before a person: it is not as it was told."""
    held.refund.alarm = words
    _raise(held, words)


def _raise(held: LockedRefund, words: str) -> None:
    """Put the payment before a person."""
    raise_alarm(
        held.attempt,
        _("Refund {refund_id}: {words}").format(
            refund_id=short_reference(held.refund.refund_id), words=words
        ),
    )


def difference(hub: Hub, held: LockedRefund, evidence: RefundEvidence, amount: Money) -> str | None:
    """Return what keeps evidence from being that of the refund, had it this amount; None: nothing."""
    known = held.refund.provider_ids
    if evidence.our_ref not in (None, held.refund.refund_id):
        return _("The provider answered about another refund.")
    if evidence.amount not in (None, amount):
        words = _("The provider says {told}, this refund is {amount}.")
        return words.format(told=evidence.amount, amount=amount)
    if evidence.event is RefundEvent.DONE and (evidence.amount is None or evidence.our_ref is None):
        return _("The provider says that money went back, and not how much or for which refund.")
    if any(known.get(name, told) != told for name, told in evidence.provider_ids.items()):
        return _("The provider shows a second refund under this number.")
    if evidence.live not in (None, is_live(held.attempt, test_mode=hub.settings.test_mode)):
        return _("A test answer reached the live side, or the reverse.")
    return None


async def _note(
    session: AsyncSession,
    held: LockedRefund,
    evidence: RefundEvidence,
    before: RefundState,
    after: RefundState | None,
    alarm: str | None,
) -> bool:
    kind, title, detail = _words(held, evidence, before, after, alarm)
    return await payment_events.record(
        session,
        held.intent.intent_id,
        held.attempt.attempt_id,
        kind,
        title,
        detail,
        source=f"{evidence.provider} {evidence.seen_via}",
        evidence_key=f"{evidence.provider}:{evidence.event_id}",
        data={"refund": held.refund.refund_id, "event": evidence.event.value},
    )


def _words(
    held: LockedRefund,
    evidence: RefundEvidence,
    before: RefundState,
    after: RefundState | None,
    alarm: str | None,
) -> tuple[TimelineKind, str, str]:
    amount = held.amount
    if alarm:
        return TimelineKind.ALARM, _("Evidence differs"), alarm
    if after is None and evidence.event.value == before.value:
        return _KIND[before], _("Refund of {amount}: the same answer again").format(amount=amount), ""
    if after is None:
        return (
            TimelineKind.NOTE,
            _("Refund of {amount}: an answer that changes nothing").format(amount=amount),
            _TOLD[evidence.event],
        )
    if is_reversal(before, evidence.event):
        return (
            TimelineKind.ALARM,
            _("Refund of {amount} came back to us").format(amount=amount),
            evidence.reason or "",
        )
    if is_late_success(before, evidence.event):
        return (
            TimelineKind.ALARM,
            _("Refund of {amount} exists after all, it had been told as not sent").format(amount=amount),
            "",
        )
    return _KIND[after], _TITLE[after].format(amount=amount), evidence.reason or ""


async def _move(
    session: AsyncSession,
    held: LockedRefund,
    before: RefundState,
    after: RefundState,
    evidence: RefundEvidence,
) -> None:
    """Change the state and do, in the same transaction, what the new one demands."""
    refund = held.refund
    refund.state, refund.why = after, _why(evidence)
    refund.ended_at = now() if after in ENDED else None
    if is_late_success(before, evidence.event):
        _alarm(
            held,
            _("{amount} goes back after all. Check that it was not refunded a second time.").format(
                amount=held.amount
            ),
        )
        log.warning("late refund: it was told as not sent", refund=refund.refund_id)
    if after is RefundState.DONE:
        refund.done_at, refund.asked, refund.next_ask_at = now(), 0, None
        await refund_write_backs.owe_for_refund(session, held)
    elif is_reversal(before, evidence.event):
        await _tell_of_failure(session, held, _("{amount} came back: {why}. The customer is still owed it."))
        log.warning("a refund failed after it was done", refund=refund.refund_id)
        await refund_write_backs.owe_for_reversal(session, held)
    elif is_broken_promise(before, evidence.event):
        await _tell_of_failure(
            session, held, _("{amount} did not go back: {why}. The customer is still owed it.")
        )
    if after in (RefundState.FAILED, RefundState.NOT_SENT) and not refund.to_confirm:
        refund.next_ask_at = None
    else:
        await _ask_later(session, refund)


async def _tell_of_failure(session: AsyncSession, held: LockedRefund, words: str) -> None:
    """Put a refund that failed out of sight before a person, and into the customer record."""
    said = words.format(amount=held.amount, why=(held.refund.why or "").rstrip("."))
    _raise(held, said)
    await refund_write_backs.owe_note_of_failure(session, held, said)


def _why(evidence: RefundEvidence) -> str | None:
    if evidence.event is RefundEvent.ABSENT and evidence.seen_via != "decision":
        return _("the payment provider has no such refund")
    return evidence.reason


async def ask(hub: Hub, refund_id: str) -> Sequence[RefundEvidence] | None:
    """Look up what became of a refund that can still change, and plan the next look.

    Returns what was found; None where it could not be asked, or needs no asking. Finding nothing before the
    processor's look-up lag is over proves nothing.
    """
    async with hub.sessions.begin() as session:
        held = await lock_refund(session, refund_id)
        if not _is_due(held.refund):
            return None
        if held.refund.state == RefundState.SENDING:
            await apply(hub, session, held, _ours(hub, refund_id, RefundEvent.NO_ANSWER))
        query = FindRefund(refund_id, held.attempt.provider_ids, held.refund.provider_ids)
        is_hidden = is_of_other_mode(held.attempt, test_mode=hub.settings.test_mode)
    asked_at = now()
    try:
        found = None if is_hidden else await hub.vendors.processor.find_refund(query)
    except VendorError as error:
        log.warning("look-up of a refund failed", refund=refund_id, reason=str(error))
        found = None
    async with hub.sessions.begin() as session:
        await _learn_from_look_up(hub, session, await lock_refund(session, refund_id), found, asked_at)
    return found


def _is_due(refund: tables.Refund) -> bool:
    """Say whether it makes sense to ask: one that is done is asked about only when that was planned."""
    if refund.state == RefundState.DONE:
        return refund.next_ask_at is not None and refund.next_ask_at <= now()
    return RefundState(refund.state) in MONEY_AT_RISK or refund.to_confirm


async def _learn_from_look_up(
    hub: Hub,
    session: AsyncSession,
    held: LockedRefund,
    found: Sequence[RefundEvidence] | None,
    asked_at: datetime,
) -> None:
    refund = held.refund
    for evidence in found or ():
        await apply(hub, session, held, evidence)
    if RefundState(refund.state) in (RefundState.FAILED, RefundState.NOT_SENT) and not refund.to_confirm:
        return
    refund.asked += is_planned(refund.next_ask_at, asked_at)
    believed_from = refund.sent_at + hub.vendors.processor.find_lag
    absent = proves_absence(found, refund.asked, asked_at, believed_from)
    shown = refund.alarm is not None  # the provider had something of it: silence after that proves nothing
    if absent and refund.state == RefundState.UNKNOWN and not shown:
        await apply(hub, session, held, _ours(hub, refund.refund_id, RefundEvent.ABSENT))
    elif absent and refund.to_confirm:
        _confirm(held)
    if RefundState(refund.state) is not RefundState.NOT_SENT or refund.to_confirm:
        await _ask_later(session, refund)
        await tell(session, held.intent)
        await work.changed(session)


def _confirm(held: LockedRefund) -> None:
    """Hold a supervisor's word against the provider's, which has no such refund."""
    held.refund.to_confirm = False
    if held.refund.state == RefundState.DONE:
        words = _(
            "The provider does not have it; a supervisor had decided that the money went back. Give {amount} "
            "back there by hand: the accounts have it already, as {reference}."
        )
        _alarm(held, words.format(amount=held.amount, reference=held.refund.reference))
        log.error("a refund that a person saw is not there", refund=held.refund.refund_id)


async def _ask_later(session: AsyncSession, refund: tables.Refund) -> None:
    """Plan the next look-up, once: where one is already planned it stays."""
    if refund.next_ask_at is not None and refund.next_ask_at > now():
        return
    until_next = wait(refund.asked) if refund.to_confirm else _wait(RefundState(refund.state), refund.asked)
    refund.next_ask_at = now() + until_next if until_next else None
    if refund.next_ask_at is not None:
        await defer(session, Job.ASK_REFUND, at=refund.next_ask_at, refund_id=refund.refund_id)


def _wait(state: RefundState, asked: int) -> timedelta | None:
    """Return how long to wait before the next look-up; None where none is planned any more."""
    if state is RefundState.DONE:
        return ASK_DONE_AFTER[asked] if asked < len(ASK_DONE_AFTER) else None
    return wait(asked)
