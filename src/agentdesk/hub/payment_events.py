"""What was learnt or done about a payment: append-only, and each piece of evidence once."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.ids import now
from agentdesk.hub.db.tables import PaymentEvent
from agentdesk.wire.payments import TimelineKind

# Built once: every step of every payment writes one.
_EVENTS = PaymentEvent.metadata.tables[PaymentEvent.__tablename__]
_ONCE = insert(_EVENTS).on_conflict_do_nothing(index_elements=["evidence_key"]).returning(_EVENTS.c.event_id)


async def record(
    session: AsyncSession,
    intent_id: str,
    attempt_id: str | None,
    kind: TimelineKind,
    title: str,
    detail: str = "",
    *,
    source: str = "hub",
    evidence_key: str | None = None,
    data: dict[str, Any] | None = None,
) -> bool:
    """Append a line to the payment's time line; False where this evidence is already there."""
    row = {
        "intent_id": intent_id,
        "attempt_id": attempt_id,
        "at": now(),
        "kind": kind.value,
        "title": title,
        "detail": detail,
        "source": source,
        "evidence_key": evidence_key,
        "data": data or {},
    }
    return await session.scalar(_ONCE, row) is not None
