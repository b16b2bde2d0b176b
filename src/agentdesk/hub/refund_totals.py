"""What the provider says was given back of a charge in all, held against our refunds of it."""

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters.base import RefundedTotal
from agentdesk.domain.money import Money
from agentdesk.domain.refund import HOLDS_AMOUNT, MONEY_AT_RISK, RefundState
from agentdesk.hub import payment_events, work
from agentdesk.hub.alarms import raise_alarm
from agentdesk.hub.db.query import GIVEN, Locked
from agentdesk.hub.db.tables import Refund
from agentdesk.hub.jobs.defer import Job, defer
from agentdesk.hub.payment_view import tell
from agentdesk.i18n import _
from agentdesk.wire.payments import TimelineKind

log = structlog.get_logger(__name__)


async def see(session: AsyncSession, payment: Locked, evidence: RefundedTotal) -> None:
    """Hold what the provider gave back of a charge against our refunds of it.

    More than ours: somebody else made a refund, which is an alarm. What we are unsure of is asked about now.
    """
    of_charge = Refund.attempt_id == evidence.attempt_id
    failed_after = (Refund.state == RefundState.FAILED) & (Refund.ended_at > evidence.at)
    counted = Refund.state.in_(HOLDS_AMOUNT) | failed_after  # the total is that of its own instant
    ours = await session.scalar(select(func.coalesce(func.sum(GIVEN), 0)).where(of_charge, counted))
    known = Money(int(ours or 0), payment.charged.currency)
    if evidence.total.currency != known.currency or evidence.total.minor > known.minor:
        words = _(
            "The provider gave back {total}, of which we know {known}. If its own page shows a refund that "
            "was not made here, post that one to the accounts by hand, and give back no more than is left."
        ).format(total=evidence.total, known=known)
        await _tell_of_more(session, payment, evidence, words)
    at_risk = Refund.state.in_(MONEY_AT_RISK)
    for refund_id in await session.scalars(select(Refund.refund_id).where(of_charge, at_risk)):
        await defer(session, Job.ASK_REFUND, refund_id=refund_id)


async def _tell_of_more(session: AsyncSession, payment: Locked, evidence: RefundedTotal, words: str) -> None:
    key = f"{evidence.provider}:{evidence.event_id}"
    source = _("{provider} webhook").format(provider=evidence.provider)
    ids = payment.intent.intent_id, payment.attempt.attempt_id
    title = _("A refund that was not made here")
    if await payment_events.record(
        session, *ids, TimelineKind.ALARM, title, words, source=source, evidence_key=key
    ):
        raise_alarm(payment.attempt, words)
        log.error("a refund that is not ours", attempt=evidence.attempt_id, difference=words)
        await tell(session, payment.intent)
        await work.changed(session)
