"""Work that a transaction does last, right before it commits.

The event log and the audit chain each need one writer at a time. A lock taken early would be held while
the rest of the transaction waits for rows, which is how deadlocks are made; taken here, nothing follows it
but the commit itself.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

Work = Callable[[Session, list[Any]], None]
_KEY = "at_commit"


class HubSession(Session):
    """The session all of ours are."""


def at_commit(session: AsyncSession, work: Work, item: Any) -> None:
    """Add an item to what `work` is given, once, with all its items in order, before the commit.

    Nothing happens where the transaction is rolled back. Not inside a savepoint, which could be rolled
    back alone.
    """
    if session.in_nested_transaction():
        raise RuntimeError("outside savepoints only")
    if not session.in_transaction():
        session.sync_session.begin()  # so that there is something to roll back
    session.info.setdefault(_KEY, {}).setdefault(work, []).append(item)


@event.listens_for(HubSession, "before_commit")
def _do(session: Session) -> None:
    if session.in_nested_transaction():
        return
    todo: dict[Work, list[Any]] = session.info.pop(_KEY, {})
    if todo:
        session.flush()  # may wait for rows: before any of the locks
    for work in sorted(todo, key=lambda one: one.__module__):  # the same order in every transaction
        work(session, todo[work])


@event.listens_for(HubSession, "after_soft_rollback")
def _forget(session: Session, transaction: Any) -> None:
    if not transaction.nested:
        session.info.pop(_KEY, None)
