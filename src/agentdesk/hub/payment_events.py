"""What was learnt or done about a payment: append-only, and each piece of evidence once."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.ids import now
from agentdesk.hub.db.tables import PaymentEvent
from agentdesk.wire.payments import TimelineKind


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
    statement = insert(PaymentEvent).values(row).on_conflict_do_nothing(index_elements=["evidence_key"])
    return await session.scalar(statement.returning(PaymentEvent.event_id)) is not None
