"""What a supervisor decides of a refund that no evidence ends: as for a payment, the provider comes first."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters.base import RefundEvidence
from agentdesk.domain.errors import Conflict, Invalid
from agentdesk.domain.refund import DECISIONS, MONEY_AT_RISK, RefundState, next_state
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
        raise Invalid("field_invalid", field="reference", reason=_("the provider's own id is needed"))
    async with hub.sessions.begin() as session:
        held = await lock_refund(session, refund_id)
        refuse_own(who, held.refund.user_id)
        if not is_said(held.refund, decision):
            _may_decide(hub, held.refund)
    found = await refund_outcomes.ask(hub, refund_id)
    async with hub.sessions.begin() as session:
        held = await lock_refund(session, refund_id)
        refusal = await _weigh(hub, session, who, held, decision, found)
        shown = await show(session, held.intent.intent_id)
    if refusal is not None:  # raised only now: what the provider answered is kept
        raise refusal
    return shown


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
    elif refusal := _refusal(refund, decision, found):
        result = f"refused: {refusal.code}"
    else:
        result = await _take(hub, session, who, held, decision)
    said = decision.model_dump(mode="json", exclude={"key"}) | {"refund_id": refund.refund_id}
    audit.append(session, who, "refund.decide", subject=refund.intent_id, result=result, detail=said)
    await tell(session, held.intent)
    await work.changed(session)
    return refusal


def _refusal(
    refund: Refund, decision: RefundOutcome, found: Sequence[RefundEvidence] | None
) -> Conflict | None:
    """Return why a person's word cannot count against what the provider answered this moment."""
    if next_state(RefundState(refund.state), DECISIONS[decision.outcome]) is None:
        return Conflict("step_not_possible", state=refund.state)
    if found:
        return Conflict("refund_shown")
    if found is not None and decision.outcome is RefundState.DONE:
        return Conflict("decision_differs", reference=decision.reference)
    return None


async def _take(
    hub: Hub, session: AsyncSession, who: Who, held: LockedRefund, decision: RefundOutcome
) -> str:
    """Write the word down, and apply it where it counts; return which of the two."""
    refund, is_done = held.refund, decision.outcome is RefundState.DONE
    refund.decision = said = joined(refund.decision, who, decision, alone=is_done)
    title = _SAID[decision.outcome].format(name=who.name, amount=held.amount)
    ids = refund.intent_id, refund.attempt_id
    await payment_events.record(session, *ids, TimelineKind.NOTE, title, told(decision))
    if not said["final"]:
        return "waits for a second supervisor"
    refund.to_confirm = True
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
