"""A try as it is written down: it holds its debts, and where nothing is left to decide it is being sent.

Who starts one stands in line for its customer (`duplicates.stand_in_line`).
"""

from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.errors import Conflict
from agentdesk.domain.ids import new_id, now, short_reference
from agentdesk.domain.payment import AttemptState
from agentdesk.hub import duplicates, outcomes
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import Locked, paid_meanwhile
from agentdesk.hub.db.tables import Attempt, AttemptDebt, PaymentIntent


async def insert(
    hub: Hub, session: AsyncSession, intent: PaymentIntent, key: str, route: str, number: int
) -> Attempt:
    """Add a try and the debts it holds. Raises IntegrityError where another holds one of them."""
    attempt_id = new_id("pa")
    attempt = Attempt(
        attempt_id=attempt_id,
        intent_id=intent.intent_id,
        key=key,
        number=number,
        route=route,
        live=not hub.settings.test_mode,
        state=AttemptState.OPEN,
        charge_key=f"{attempt_id}:charge",
        provider_ids={},
        asked=0,
        late_success=False,
        started_at=now(),
    )
    session.add(attempt)
    await session.flush()
    # in one order for everybody: two payments of the same invoices wait for each other, and no deadlock
    session.add_all(
        AttemptDebt(attempt_id=attempt_id, debt=debt) for debt in sorted(duplicates.debts(intent))
    )
    await session.flush()
    return attempt


async def charge_now(session: AsyncSession, payment: Locked) -> None:
    """Write down that the charge is being sent; nothing of the try stays where it may not be.

    Raises InTheWay, Conflict.
    """
    if not await outcomes.begin_charge(session, payment):
        paid_by = await paid_meanwhile(session, payment.attempt)
        if paid_by is None:  # it may have been
            raise duplicates.InTheWay
        raise Conflict("already_paid", reference=short_reference(paid_by))
