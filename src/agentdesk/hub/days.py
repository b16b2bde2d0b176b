"""An agent's own day: what they took, and which of their payments need an eye."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.payment import HOLDS_DEBT, AttemptState
from agentdesk.domain.refund import RefundState
from agentdesk.domain.write_back import WriteBackState
from agentdesk.hub import news, refund_requests
from agentdesk.hub.auth import Who
from agentdesk.hub.db import tables
from agentdesk.hub.payment_view import show
from agentdesk.hub.settings import Settings
from agentdesk.wire import payments as wire
from agentdesk.wire.model import Amount


async def agent_day(session: AsyncSession, who: Who, settings: Settings) -> wire.AgentDay:
    """Return the person's business day and the payments that need an eye: money first.

    Sums are of the hub's own currency; nothing of another one is added to them. What a payment plan takes
    by itself is nobody's day.
    """
    midnight = datetime.now(settings.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    taken = func.coalesce(tables.Attempt.charged_minor, tables.PaymentIntent.amount_minor)
    counted = await session.execute(
        select(tables.Attempt.state, func.count(), func.sum(taken))
        .join(tables.PaymentIntent, tables.PaymentIntent.intent_id == tables.Attempt.intent_id)
        .where(
            tables.PaymentIntent.user_id == who.user_id,
            func.coalesce(tables.Attempt.charged_currency, tables.PaymentIntent.currency)
            == settings.currency,
            tables.Attempt.ended_at >= midnight,
            tables.PaymentIntent.plan_id.is_(None),
        )
        .group_by(tables.Attempt.state)
    )
    by_state = {state: (count, int(minor)) for state, count, minor in counted}
    taken_count, taken_minor = by_state.get(AttemptState.APPROVED, (0, 0))
    ended = await news.of_agent(session, who)
    open_work = [one for one in await _open_work(session, who, midnight) if one not in ended]
    shown = [await show(session, intent_id) for intent_id in ended]
    answered = await refund_requests.of_asker(session, who, decided=True)
    return wire.AgentDay(
        taken=Amount(minor=taken_minor, currency=settings.currency),
        taken_count=taken_count,
        declined_count=by_state.get(AttemptState.DECLINED, (0, 0))[0],
        open_work=[await show(session, intent_id) for intent_id in open_work],
        ended=shown,
        taken_elsewhere=[one.intent_id for one in shown if await news.is_taken_elsewhere(session, one)],
        answered=[await show(session, intent_id) for intent_id in answered],
    )


async def _open_work(session: AsyncSession, who: Who, today: datetime) -> list[str]:
    """Return payments with money at risk, then today's with an alarm or a supervisor's decision, then those
    with a write-back that is parked or overdue, then those of which they asked for a refund that waits.

    Refunds count for whoever asked for them, and their alarms on whatever day they are raised.
    """
    mine = select(tables.PaymentIntent.intent_id).where(
        tables.PaymentIntent.user_id == who.user_id, tables.PaymentIntent.plan_id.is_(None)
    )
    tried = mine.join(tables.Attempt, tables.Attempt.intent_id == tables.PaymentIntent.intent_id)
    owed = mine.join(tables.WriteBack, tables.WriteBack.intent_id == tables.PaymentIntent.intent_id)
    refunded = (
        select(tables.PaymentIntent.intent_id)
        .join(tables.Refund, tables.Refund.intent_id == tables.PaymentIntent.intent_id)
        .where(tables.Refund.user_id == who.user_id)
    )
    of_refund = refunded.join(tables.Attempt, tables.Attempt.attempt_id == tables.Refund.attempt_id)
    alarmed = tables.Attempt.alarm.is_not(None) | tables.Attempt.late_success
    alarmed &= tables.Attempt.alarm_closed_at.is_(None)
    decided = tried.join(tables.Call, tables.Call.call_id == tables.PaymentIntent.call_id)
    decided = decided.where(tables.Attempt.decision["final"].as_boolean())
    wanted = (
        tried.where(tables.Attempt.state.in_(HOLDS_DEBT)),
        tried.where(alarmed, tables.Attempt.ended_at >= today),
        of_refund.where(alarmed),
        decided.where(tables.Call.wrapped_up_at.is_(None), tables.Attempt.ended_at >= today),
        refunded.where(tables.Refund.state == RefundState.UNKNOWN),
        owed.where(tables.WriteBack.state == WriteBackState.PARKED),
        owed.where(tables.WriteBack.state == WriteBackState.QUEUED, tables.WriteBack.overdue_at.is_not(None)),
    )
    found: list[str] = []
    for query in wanted:
        found += await session.scalars(query.order_by(tables.PaymentIntent.created_at))
    found += await refund_requests.of_asker(session, who, decided=False)
    return list(dict.fromkeys(found))
