"""A receipt that reached the customer after all: those of the same payment that were parked need nobody."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.write_back import WriteBackEvent, WriteBackKind, WriteBackState, next_state
from agentdesk.hub import work
from agentdesk.hub.db.tables import WriteBack
from agentdesk.i18n import _


async def end_parked(session: AsyncSession, sent: WriteBack) -> None:
    """End the parked receipts that one just sent stands in for; its payment is locked."""
    if sent.kind != WriteBackKind.RECEIPT:
        return
    parked = await session.scalars(
        select(WriteBack)
        .where(
            WriteBack.intent_id == sent.intent_id,
            WriteBack.refund_id.is_not_distinct_from(sent.refund_id),
            WriteBack.kind == WriteBackKind.RECEIPT,
            WriteBack.state == WriteBackState.PARKED,
            WriteBack.write_back_id != sent.write_back_id,
        )
        .with_for_update()
    )
    for one in parked.all():
        after = next_state(WriteBackState(one.state), WriteBackEvent.WRITTEN)
        assert after is not None, "the table has it"
        one.state, one.next_try_at, one.done_at = after, None, sent.done_at
        one.detail = _("Not needed any more. {detail}").format(detail=sent.detail)
        await work.changed(session)
