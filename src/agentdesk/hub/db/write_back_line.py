"""The lines that write-backs stand in: payments are posted and notes are written in the order they were owed.

Each customer has one line of each kind. One that waits holds those behind it back, one that is parked does
not. A receipt waits for none.
"""

from datetime import datetime

from sqlalchemy import Select, bindparam, case, exists, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.hub.db.locks import AdvisoryLock
from agentdesk.hub.db.tables import WriteBack

_AHEAD = aliased(WriteBack)
_FIRST = (WriteBack.kind == WriteBackKind.RECEIPT) | ~exists().where(
    _AHEAD.customer_id == WriteBack.customer_id,
    _AHEAD.kind == WriteBack.kind,
    _AHEAD.state == WriteBackState.QUEUED,
    tuple_(_AHEAD.created_at, _AHEAD.write_back_id) < tuple_(WriteBack.created_at, WriteBack.write_back_id),
)
_THIS = WriteBack.write_back_id == bindparam("write_back_id")
# Built once: every write-back asks these.
_WITH_TURN = select(WriteBack, _FIRST).where(_THIS)
_LINE = case(
    (WriteBack.kind == WriteBackKind.RECEIPT, WriteBack.write_back_id),
    else_=WriteBack.customer_id + WriteBack.kind,
)
_ALONE = select(
    func.pg_try_advisory_xact_lock(AdvisoryLock.WRITE_BACK_LINE, func.hashtext(_LINE)),
    func.set_config("tcp_keepalives_idle", "10", True),
    func.set_config("tcp_keepalives_interval", "2", True),
).where(_THIS)
_LOCKED = select(WriteBack).where(_THIS).with_for_update().execution_options(populate_existing=True)
_NEXT = (
    select(WriteBack)
    .where(WriteBack.customer_id == bindparam("customer_id"), WriteBack.kind == bindparam("kind"))
    .where(WriteBack.state == WriteBackState.QUEUED)
    .order_by(WriteBack.created_at, WriteBack.write_back_id)
    .limit(1)
)


async def alone(session: AsyncSession, write_back_id: str) -> bool:
    """Keep all others from writing in its line until the transaction ends; False where another does already.

    It may be another of its line: an earlier one that is replayed, or was committed later. And a worker that
    is taken for dead may only have stood still: between its look and its write a second look would see
    nothing. Where its machine is gone, the database notices by these settings, not after two hours.
    """
    return bool((await session.execute(_ALONE, {"write_back_id": write_back_id})).one()[0])


async def with_turn(session: AsyncSession, write_back_id: str) -> tuple[WriteBack, bool]:
    """Return a write-back, and whether it is its turn."""
    row, is_first = (await session.execute(_WITH_TURN, {"write_back_id": write_back_id})).one()
    return row, is_first


async def locked(session: AsyncSession, write_back_id: str) -> WriteBack:
    """Take a write-back's row lock, then read."""
    row: WriteBack = (await session.scalars(_LOCKED, {"write_back_id": write_back_id})).one()
    return row


async def following(session: AsyncSession, row: WriteBack) -> WriteBack | None:
    """Return the one whose turn it is now in a line; None where nobody waits, and of receipts."""
    if row.kind == WriteBackKind.RECEIPT:
        return None
    found: WriteBack | None = await session.scalar(_NEXT, {"customer_id": row.customer_id, "kind": row.kind})
    return found


def forgotten(before: datetime) -> Select[WriteBack]:
    """Return those whose turn it is and whose time came before an instant."""
    due = func.coalesce(WriteBack.next_try_at, WriteBack.created_at) < before
    return select(WriteBack).where(WriteBack.state == WriteBackState.QUEUED, due, _FIRST)
