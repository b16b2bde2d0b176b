"""One debt over two cards: agreed as a whole, taken as two payments, the second exactly what the first left.

Both hold the whole debt while they are at risk, so that neither can start while the other's outcome is not
known. What may come before the second is told by `db/query.first_of_two`.
"""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain import allocation, policy
from agentdesk.domain.allocation import Allocation, OpenAmount
from agentdesk.domain.errors import Conflict, NotFound
from agentdesk.domain.ids import short_reference
from agentdesk.domain.money import total
from agentdesk.domain.payment import HOLDS_DEBT, AttemptState
from agentdesk.hub.auth import Who
from agentdesk.hub.db.query import paid_parts, taken_of_split, whole_of
from agentdesk.hub.db.tables import Attempt, PaymentIntent
from agentdesk.wire import payments as wire


async def rest(
    session: AsyncSession, who: Who, new: wire.NewPaymentIntent, open_amounts: list[OpenAmount]
) -> tuple[list[Allocation], list[Allocation]]:
    """Return what the second card pays of each invoice, and the whole that it is a part of.

    Raises NotFound, Conflict where the first card has not paid or something else is left or owed, Invalid
    where it is over the agent's limit.
    """
    first = await _first(session, who, new)
    taken = await taken_of_split(session, first.intent_id)
    left = policy.rest(whole_of(first), [part for one in taken for part in paid_parts(*one)])
    amount = total([part.amount for part in left], first.currency)
    if new.amount.money != amount:
        reference = short_reference(first.intent_id)
        raise Conflict("split_differs", reference=reference, left=amount, amount=new.amount.money)
    allocation.check_limit(amount, who.limit.money if who.limit else None)
    owed = {item.invoice_id: item.outstanding for item in open_amounts}
    if any(part.invoice_id not in owed or part.amount > owed[part.invoice_id] for part in left):
        raise Conflict("split_not_owed")
    return left, whole_of(first)


async def _first(session: AsyncSession, who: Who, new: wire.NewPaymentIntent) -> PaymentIntent:
    """Return the first card's payment, which is over and took its money."""
    first = await session.get(PaymentIntent, new.split_of)
    same = first is not None and (first.user_id, first.call_id, first.customer_id) == (
        who.user_id,
        new.call_id,
        new.customer_id,
    )
    if first is None or not same or not first.whole or first.split_of is not None:
        raise NotFound("payment_unknown")
    states = set(await session.scalars(select(Attempt.state).where(Attempt.intent_id == first.intent_id)))
    if AttemptState.APPROVED not in states or states & HOLDS_DEBT:
        raise Conflict("split_not_yet", reference=short_reference(first.intent_id))
    return first
