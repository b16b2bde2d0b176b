"""What a supervisor decides where no evidence ends a payment: the outcome, and that an alarm is settled.

The provider is asked first, and what it answers counts. A supervisor's word is evidence like any other:
once for each press, and any later answer of the provider is weighed against it.
"""

from collections.abc import Sequence
from dataclasses import replace

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters.base import Find, Misconfigured, MoneyEvidence, Rejected, VendorError
from agentdesk.domain.errors import AgentDeskError, Conflict, Invalid
from agentdesk.domain.ids import now
from agentdesk.domain.money import Money
from agentdesk.domain.payment import DECISIONS, MONEY_AT_RISK, AttemptEvent, AttemptState, next_state
from agentdesk.hub import audit, outcomes, payment_events, work
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import BY_HAND, Locked, is_of_other_mode, lock_attempt
from agentdesk.hub.db.tables import Attempt
from agentdesk.hub.payment_view import alarm_is_open, show, tell
from agentdesk.hub.supervisor_word import SOURCE, is_said, joined, refuse_own, refuse_too_early, told
from agentdesk.i18n import _
from agentdesk.wire import payments as wire
from agentdesk.wire.payments import TimelineKind
from agentdesk.wire.work import Decision

log = structlog.get_logger(__name__)

_SAID = {
    AttemptState.APPROVED: _("it was charged"),
    AttemptState.DECLINED: _("the bank said no"),
    AttemptState.NOT_SENT: _("it was never sent"),
}


async def decide(hub: Hub, who: Who, attempt_id: str, decision: Decision) -> wire.PaymentIntent:
    """Ask the provider, and where it does not tell, take the supervisor's word.

    Not charged takes the word of two. The same key twice is one word. Raises NotFound, NotAllowed for one's
    own payment, Invalid where the reference is missing, Conflict where there is nothing to decide (yet) or
    the provider says otherwise.
    """
    is_charged = decision.outcome is AttemptState.APPROVED
    if is_charged and decision.reference is None:
        raise Invalid("field_invalid", field="reference", reason=_("the provider’s own id is needed"))
    if decision.charged is not None and not is_charged:
        raise Invalid("field_invalid", field="charged", reason=_("nothing was charged"))
    async with hub.sessions.begin() as session:
        payment = await lock_attempt(session, attempt_id)
        attempt = payment.attempt
        refuse_own(who, payment.intent.user_id)
        if not is_said(attempt, decision):
            _may_decide(hub, payment, decision)
    found = await outcomes.ask_processor(hub, attempt_id)
    named = await _named(hub, attempt, decision.reference) if decision.reference else None
    async with hub.sessions.begin() as session:
        payment = await lock_attempt(session, attempt_id)
        refusal = await _weigh(hub, session, who, payment, decision, found, named)
        shown = await show(session, payment.intent.intent_id)
    if refusal is not None:  # raised only now: what the provider answered is kept
        raise refusal
    return shown


def _other_amount(payment: Locked, decision: Decision) -> Money | None:
    """Return the amount that was charged in place of the agreed one; None where it is that."""
    said = decision.charged.money if decision.charged else payment.amount
    if said.minor <= 0:
        raise Invalid("amount_zero")
    return said if said != payment.amount else None


def _may_decide(hub: Hub, payment: Locked, decision: Decision) -> None:
    attempt = payment.attempt
    if _other_amount(payment, decision) and attempt.state != AttemptState.APPROVED:
        return  # only what the provider shows this moment can count
    if AttemptState(attempt.state) not in MONEY_AT_RISK or attempt.sent_at is None:
        raise Conflict("step_not_possible", state=attempt.state)
    refuse_too_early(hub, attempt.sent_at)


async def _named(hub: Hub, attempt: Attempt, reference: str) -> Sequence[MoneyEvidence] | None:
    """Return what the provider shows under a reference; empty: nothing, None: it cannot be asked.

    It cannot about a charge of the other mode, of which this hub's key shows nothing.
    """
    if is_of_other_mode(attempt, test_mode=hub.settings.test_mode):
        return None
    query = Find(attempt.attempt_id, {}, attempt.sent_at or attempt.started_at, reference)
    try:
        return await hub.vendors.processor.find(query)
    except (Misconfigured, VendorError) as error:
        if isinstance(error, Rejected) and not isinstance(error, Misconfigured):
            return []
        log.warning("look-up by reference failed", attempt=attempt.attempt_id, reason=str(error))
        return None


async def _weigh(
    hub: Hub,
    session: AsyncSession,
    who: Who,
    payment: Locked,
    decision: Decision,
    found: Sequence[MoneyEvidence] | None,
    named: Sequence[MoneyEvidence] | None,
) -> AgentDeskError | None:
    """Take the provider's answer, else the person's word; return why neither could be taken."""
    attempt, refusal = payment.attempt, None
    if is_said(attempt, decision):
        return None
    other, is_new = _other_amount(payment, decision), attempt.charged_minor is None
    for evidence in named or ():
        if _is_of(attempt, evidence):
            await _learn(hub, session, payment, evidence, other)
    if is_new and attempt.charged_minor is not None:
        result = await _accept(session, who, payment, decision)
    elif AttemptState(attempt.state) not in MONEY_AT_RISK and not _is_refused(attempt, other):
        result = f"the provider says {attempt.state}"
    elif refusal := _refusal(payment, decision, found, named):
        result = f"refused: {refusal.code}"
    else:
        result = await _take(hub, session, who, payment, decision)
    said = decision.model_dump(mode="json", exclude={"key"}) | {"attempt_id": attempt.attempt_id}
    audit.append(session, who, "payment.decide", subject=attempt.intent_id, result=result, detail=said)
    await tell(session, payment.intent)
    await work.changed(session)
    return refusal


async def _learn(
    hub: Hub, session: AsyncSession, payment: Locked, evidence: MoneyEvidence, other: Money | None
) -> None:
    """Apply what the provider shows under the reference; of the other amount where that is accepted."""
    accepted = evidence.event is AttemptEvent.APPROVED and evidence.amount is not None
    accepted = accepted and evidence.amount == other
    if accepted:  # as an alarm it may be in the time line already
        evidence = replace(evidence, event_id=f"{evidence.event_id}:accepted")
    await outcomes.apply(hub, session, payment, evidence, accepted=accepted)


def _is_refused(attempt: Attempt, other: Money | None) -> bool:
    """Whether an amount was to be accepted that the provider does not show."""
    return other is not None and attempt.state != AttemptState.APPROVED


async def _accept(session: AsyncSession, who: Who, payment: Locked, decision: Decision) -> str:
    """Write down who accepted another amount; its alarm stays until the caller was told."""
    attempt = payment.attempt
    attempt.decision = joined(attempt.decision, who, decision, alone=True)
    title = _("{name} accepted: {charged} was charged, {amount} was agreed").format(
        name=who.name, charged=payment.charged, amount=payment.amount
    )
    ids = attempt.intent_id, attempt.attempt_id
    await payment_events.record(session, *ids, TimelineKind.NOTE, title, told(decision))
    return "done"


def _is_of(attempt: Attempt, evidence: MoneyEvidence) -> bool:
    return evidence.our_ref == attempt.attempt_id


def _refusal(
    payment: Locked,
    decision: Decision,
    found: Sequence[MoneyEvidence] | None,
    named: Sequence[MoneyEvidence] | None,
) -> AgentDeskError | None:
    """Return why a person's word cannot count against what the provider answered this moment."""
    attempt, is_charged = payment.attempt, decision.outcome is AttemptState.APPROVED
    if next_state(AttemptState(attempt.state), DECISIONS[decision.outcome]) is None:
        return Conflict("step_not_possible", state=attempt.state)
    shown = [one for one in (*(named or ()), *(found or ())) if _is_of(attempt, one)]
    taken = [one for one in shown if one.event is AttemptEvent.APPROVED]
    nameless = [one for one in found or () if one.event is AttemptEvent.APPROVED and one.our_ref is None]
    if (taken or nameless) and not is_charged:
        return Conflict("decision_charged")
    if found and not (taken or nameless) and attempt.state == AttemptState.PENDING:
        return Conflict("decision_pending")
    if any(_is_as_said(payment, decision, one) for one in nameless):
        return None
    asked = bool(found) or named is not None
    return _not_as_said(payment, decision, taken, asked=asked) if is_charged else None


def _is_as_said(payment: Locked, decision: Decision, nameless: MoneyEvidence) -> bool:
    """Whether a charge under the id that we know, whose mark of ours is gone, is the one a person means."""
    is_meant = decision.reference in nameless.provider_ids.values()
    return is_meant and nameless.amount == payment.amount and _other_amount(payment, decision) is None


def _not_as_said(
    payment: Locked, decision: Decision, taken: Sequence[MoneyEvidence], *, asked: bool
) -> AgentDeskError | None:
    """Return why a charge cannot be taken from a person's word."""
    other = _other_amount(payment, decision)
    if taken and taken[0].amount != (other or payment.amount):
        return Conflict("decision_other_amount", charged=taken[0].amount, agreed=payment.amount)
    if asked:
        return Conflict("decision_differs", reference=decision.reference)
    return Conflict("decision_not_shown") if other else None


async def _take(hub: Hub, session: AsyncSession, who: Who, payment: Locked, decision: Decision) -> str:
    """Write the word down, and apply it where it counts; return which of the two."""
    attempt = payment.attempt
    is_charged = decision.outcome is AttemptState.APPROVED
    attempt.decision = said = joined(attempt.decision, who, decision, alone=is_charged)
    detail = told(decision)
    if not said["final"]:
        title = _("{name} decided: {said}. A second supervisor has to confirm it").format(
            name=who.name, said=_SAID[decision.outcome]
        )
        ids = attempt.intent_id, attempt.attempt_id
        await payment_events.record(session, *ids, TimelineKind.NOTE, title, detail)
        return "waits for a second supervisor"
    if decision.outcome is AttemptState.NOT_SENT:
        attempt.not_sent_reason = _("Supervisors found that nothing was charged.")
    await outcomes.apply(hub, session, payment, _evidence(attempt, decision, said["by"], detail))
    attempt.to_confirm = True
    await outcomes.ask_later(session, payment)
    return "done"


def _evidence(attempt: Attempt, decision: Decision, by: list[str], detail: str) -> MoneyEvidence:
    return MoneyEvidence(
        event=DECISIONS[decision.outcome],
        provider=SOURCE,
        seen_via="decision",
        event_id=f"{attempt.attempt_id}:{decision.key}",
        our_ref=attempt.attempt_id,
        provider_ids={BY_HAND: decision.reference} if decision.reference else {},
        note=f"{' and '.join(by)}. {detail}",
    )


async def look_up(hub: Hub, who: Who, attempt_id: str) -> wire.PaymentIntent:
    """Ask the provider now, and return the payment as it then is. Raises NotFound."""
    async with hub.sessions.begin() as session:
        intent_id = (await lock_attempt(session, attempt_id)).intent.intent_id
        asked = {"attempt_id": attempt_id}
        audit.append(session, who, "payment.look_up", subject=intent_id, result="asked", detail=asked)
    await outcomes.ask_processor(hub, attempt_id)
    async with hub.sessions.begin() as session:
        return await show(session, intent_id)


async def close_alarm(
    session: AsyncSession, who: Who, attempt_id: str, reason: str, seen: str | None = None
) -> wire.PaymentIntent:
    """Settle an alarm: it stays in the time line. The same press twice settles it once.

    Raises NotFound, Conflict where none is open or it says more than was seen.
    """
    payment = await lock_attempt(session, attempt_id)
    same = {"attempt_id": attempt_id, "reason": reason}
    intent_id = payment.intent.intent_id
    if not alarm_is_open(payment.attempt):
        if await audit.came_twice(session, who, "alarm.close", subject=intent_id, said=same):
            return await show(session, intent_id)
        raise Conflict("step_not_possible", state=_("without an open alarm"))
    if seen is not None and seen != (payment.attempt.alarm or ""):
        raise Conflict("alarm_changed")
    payment.attempt.alarm_closed_at = now()
    ids = intent_id, attempt_id
    await payment_events.record(
        session, *ids, TimelineKind.NOTE, _("Alarm closed by {name}").format(name=who.name), reason
    )
    said = same | {"alarm": payment.attempt.alarm}
    audit.append(session, who, "alarm.close", subject=intent_id, result="done", detail=said)
    await work.changed(session)
    return await tell(session, payment.intent)
