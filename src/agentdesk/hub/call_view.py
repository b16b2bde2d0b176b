"""A call as the desks see it, and telling them."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.call import CallState
from agentdesk.hub import events, work
from agentdesk.hub.db import tables
from agentdesk.wire import calls as wire
from agentdesk.wire.customers import Match
from agentdesk.wire.events import CallChanged, CallGone


def is_free(call: tables.Call) -> bool:
    """Say whether any agent may take it, and so may know whose it is."""
    return call.state == CallState.RINGING and call.user_id is None


async def tell(session: AsyncSession, call: tables.Call, *, was_free: bool = False) -> wire.Call:
    """Tell everybody of a call that anyone may take, else its agent alone, and the others that it is gone."""
    await session.flush()
    told = await shown(session, call)
    if was_free and not is_free(call):
        await events.publish(session, CallGone(call_id=call.call_id))
    if call.help is not None and call.state == CallState.ENDED:
        await work.changed(session)  # nobody needs to come any more
    if is_free(call) or call.user_id:
        await events.publish(session, CallChanged(call=told), user_id=call.user_id)
    return told


async def shown(session: AsyncSession, call: tables.Call) -> wire.Call:
    """Return a call as the desks know it."""
    agent = await session.get(tables.User, call.user_id) if call.user_id else None
    intents = await session.scalars(
        select(tables.PaymentIntent.intent_id)
        .where(tables.PaymentIntent.call_id == call.call_id, tables.PaymentIntent.plan_id.is_(None))
        .order_by(tables.PaymentIntent.created_at)
    )
    return wire.Call(
        call_id=call.call_id,
        state=CallState(call.state),
        number=call.number,
        queue=call.queue,
        agent=call.user_id,
        agent_name=agent.name if agent else None,
        customer_id=call.customer_id,
        matches=[Match(**m) for m in call.matches],
        match_problem=call.match_problem,
        caller_check=wire.CallerCheck.model_validate(call.caller_check) if call.caller_check else None,
        started_at=call.started_at,
        answered_at=call.answered_at,
        line_ended_at=call.line_ended_at,
        help=wire.Help.model_validate(call.help) if call.help else None,
        recording=call.recording,
        has_line=call.call_ref is not None,
        payment_intent_ids=list(intents),
    )
