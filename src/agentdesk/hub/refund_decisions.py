"""What a supervisor decides of a refund that no evidence ends: as for a payment, the provider comes first."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters.base import RefundEvidence
from agentdesk.domain.errors import Conflict, Invalid
from agentdesk.domain.money import Money
from agentdesk.domain.refund import DECISIONS, MONEY_AT_RISK, RefundEvent, RefundState, next_state
from agentdesk.hub import audit, payment_events, refund_outcomes, work
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import LockedRefund, lock_refund
from agentdesk.hub.db.tables import Refund
from agentdesk.hub.payment_view import show, tell
from agentdesk.hub.supervisor_word import SOURCE, is_said, joined, refuse_own, refuse_too_early, told
from agentdesk.i18n import _
from agentdesk.wire import payments as wire
from agentdesk.wire.payments import TimelineKind
from agentdesk.wire.work import RefundOutcome

_SAID = {
    RefundState.DONE: _("{name} decided: {amount} went back"),
    RefundState.NOT_SENT: _("{name} decided: {amount} never went back"),
}


async def decide(hub: Hub, who: Who, refund_id: str, decision: RefundOutcome) -> wire.PaymentIntent:
    """Ask the provider, and where it does not tell, take the supervisor's word.

    That nothing went back takes the word of two: it can then be sent again. The same key twice is one word.
    Raises NotFound, NotAllowed for one's own refund, Invalid where the reference is missing, Conflict where
    there is nothing to decide (yet) or the provider says otherwise.
    """
    if decision.outcome is RefundState.DONE and decision.reference is None:
        raise Invalid("field_invalid", field="reference", reason=_("the provider’s own id is needed"))
    if decision.gave is not None and decision.outcome is not RefundState.DONE:
        raise Invalid("field_invalid", field="gave", reason=_("nothing went back"))
    async with hub.sessions.begin() as session:
        held = await lock_refund(session, refund_id)
        refuse_own(who, held.refund.user_id)
        if not is_said(held.refund, decision):
            _may_decide(hub, held.refund)
            _other_amount(held, decision)
    found = await refund_outcomes.ask(hub, refund_id)
    async with hub.sessions.begin() as session:
        held = await lock_refund(session, refund_id)
        refusal = await _weigh(hub, session, who, held, decision, found)
        shown = await show(session, held.intent.intent_id)
    if refusal is not None:  # raised only now: what the provider answered is kept
        raise refusal
    return shown


def _other_amount(held: LockedRefund, decision: RefundOutcome) -> Money | None:
    """Return the amount that went back in place of the one asked for; None where it is that.

    Raises Invalid where it is none, or of another currency: that is a person's to book.
    """
    gave = decision.gave.money if decision.gave else held.amount
    if gave.minor <= 0:
        raise Invalid("amount_zero")
    if gave.currency != held.amount.currency:
        raise Invalid("currency_mismatch", expected=held.amount.currency, got=gave.currency)
    return gave if gave != held.amount else None


def _may_decide(hub: Hub, refund: Refund) -> None:
    if RefundState(refund.state) not in MONEY_AT_RISK:
        raise Conflict("step_not_possible", state=refund.state)
    refuse_too_early(hub, refund.sent_at)


async def _weigh(
    hub: Hub,
    session: AsyncSession,
    who: Who,
    held: LockedRefund,
    decision: RefundOutcome,
    found: Sequence[RefundEvidence] | None,
) -> Conflict | None:
    """Take the provider's answer, else the person's word; return why neither could be taken."""
    refund, refusal = held.refund, None
    if is_said(refund, decision):
        return None
    if RefundState(refund.state) not in MONEY_AT_RISK:
        result = f"the provider says {refund.state}"
    elif accepted := _accepted(hub, held, decision, found):
        result = await _accept(hub, session, who, held, decision, accepted)
    elif refusal := _refusal(held, decision, found):
        result = f"refused: {refusal.code}"
    else:
        result = await _take(hub, session, who, held, decision, found)
    said = decision.model_dump(mode="json", exclude={"key"}) | {"refund_id": refund.refund_id}
    audit.append(session, who, "refund.decide", subject=refund.intent_id, result=result, detail=said)
    await tell(session, held.intent)
    await work.changed(session)
    return refusal


def _accepted(
    hub: Hub, held: LockedRefund, decision: RefundOutcome, found: Sequence[RefundEvidence] | None
) -> RefundEvidence | None:
    """Return the one refund that the provider shows under our number, where it gave the other amount."""
    gave = _other_amount(held, decision)
    moving = [one for one in _of_it(held.refund, found) if one.event is not RefundEvent.FAILED]
    if gave is None or len(moving) != 1 or moving[0].event is not RefundEvent.DONE:
        return None
    return None if refund_outcomes.difference(hub, held, moving[0], gave) else moving[0]


def _of_it(refund: Refund, found: Sequence[RefundEvidence] | None) -> list[RefundEvidence]:
    return [one for one in found or () if one.our_ref == refund.refund_id]


async def _accept(
    hub: Hub,
    session: AsyncSession,
    who: Who,
    held: LockedRefund,
    decision: RefundOutcome,
    evidence: RefundEvidence,
) -> str:
    """Let the refund be of what the provider shows; the payment's alarm stays until the customer was told."""
    refund, asked = held.refund, held.amount
    assert evidence.amount is not None, "it has the accepted amount"
    refund.gave_minor, refund.alarm = evidence.amount.minor, None
    refund.decision = joined(refund.decision, who, decision, alone=True)
    # as an alarm it is in the time line already
    accepted = replace(evidence, event_id=f"{evidence.event_id}:accepted")
    await refund_outcomes.apply(hub, session, held, accepted)
    title = _("{name} accepted: {gave} went back, {asked} was asked for").format(
        name=who.name, gave=held.amount, asked=asked
    )
    ids = refund.intent_id, refund.attempt_id
    await payment_events.record(session, *ids, TimelineKind.NOTE, title, told(decision))
    return "done"


def _refusal(
    held: LockedRefund, decision: RefundOutcome, found: Sequence[RefundEvidence] | None
) -> Conflict | None:
    """Return why a person's word cannot count against what the provider answered this moment."""
    refund, is_done = held.refund, decision.outcome is RefundState.DONE
    if next_state(RefundState(refund.state), DECISIONS[decision.outcome]) is None:
        return Conflict("step_not_possible", state=refund.state)
    if found and not is_done:
        return None if _all_failed(refund, found) else Conflict("refund_shown")
    other = _other_amount(held, decision)
    if found:
        return _not_as_said(refund, other or held.amount, found)
    if found is not None:
        return Conflict("decision_differs", reference=decision.reference) if is_done else None
    return Conflict("decision_not_shown") if other else None


def _all_failed(refund: Refund, found: Sequence[RefundEvidence]) -> bool:
    return _of_it(refund, found) == list(found) and all(one.event is RefundEvent.FAILED for one in found)


def _not_as_said(refund: Refund, said: Money, found: Sequence[RefundEvidence]) -> Conflict:
    gone = [one.amount for one in _of_it(refund, found) if one.event is RefundEvent.DONE]
    if gone and said not in gone:
        return Conflict("decision_other_amount", charged=gone[0], agreed=said)
    return Conflict("refund_shown")


async def _take(
    hub: Hub,
    session: AsyncSession,
    who: Who,
    held: LockedRefund,
    decision: RefundOutcome,
    found: Sequence[RefundEvidence] | None,
) -> str:
    """Write the word down, and apply it where it counts; return which of the two."""
    refund, is_done = held.refund, decision.outcome is RefundState.DONE
    refund.decision = said = joined(refund.decision, who, decision, alone=is_done)
    title = _SAID[decision.outcome].format(name=who.name, amount=held.amount)
    ids = refund.intent_id, refund.attempt_id
    await payment_events.record(session, *ids, TimelineKind.NOTE, title, told(decision))
    if not said["final"]:
        return "waits for a second supervisor"
    refund.to_confirm = not found
    if found:  # it failed there, of another amount: that is settled, and the provider says no more of it
        refund.alarm = None
    evidence = RefundEvidence(
        DECISIONS[decision.outcome],
        SOURCE,
        "decision",
        f"{refund.refund_id}:{decision.key}",
        our_ref=refund.refund_id,
        amount=held.amount,
        reason=None if is_done else _("Supervisors found that nothing went back."),
    )
    await refund_outcomes.apply(hub, session, held, evidence)
    return "done"
