"""Write-backs that are not done after the time the settings allow: the alarm for a person."""

from datetime import timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.ids import now
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.hub import payment_events, work
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import lock_intent
from agentdesk.hub.db.tables import WriteBack
from agentdesk.hub.payment_view import tell
from agentdesk.hub.write_backs import PLACE
from agentdesk.i18n import _
from agentdesk.wire.payments import TimelineKind

log = structlog.get_logger(__name__)


async def flag(hub: Hub) -> None:
    """Raise the alarm, once, for each that is not done after the time the settings allow."""
    before = now() - timedelta(minutes=hub.settings.write_back_overdue_minutes)
    late = (WriteBack.state != WriteBackState.DONE, WriteBack.created_at < before)
    wanted = select(WriteBack.write_back_id).where(*late, WriteBack.overdue_at.is_(None))
    async with hub.sessions.begin() as session:
        found = (await session.scalars(wanted)).all()
    for write_back_id in found:
        async with hub.sessions.begin() as session:
            await _flag(session, write_back_id)


async def _flag(session: AsyncSession, write_back_id: str) -> None:
    row = await session.get_one(WriteBack, write_back_id)
    intent = await lock_intent(session, row.intent_id) if row.intent_id else None
    await session.refresh(row, with_for_update=True)
    if row.state == WriteBackState.DONE or row.overdue_at is not None:
        return
    row.overdue_at = now()
    await work.changed(session)
    log.error("write-back overdue", write_back=write_back_id, kind=row.kind, tries=row.tries)
    if intent is not None:
        title = _("{place} should have had this by now").format(place=PLACE[WriteBackKind(row.kind)])
        await payment_events.record(
            session, intent.intent_id, None, TimelineKind.ALARM, title, row.detail, data={"overdue": row.kind}
        )
        await tell(session, intent)
