"""The audit log: who did what, when, from where and with what result; append-only and hash-chained.

An entry's hash covers its own words and the hash before it, so an entry changed, taken out or put in
between breaks the chain there.
"""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from agentdesk.domain.ids import now
from agentdesk.hub.db.at_commit import at_commit
from agentdesk.hub.db.locks import AdvisoryLock
from agentdesk.hub.db.tables import AuditEntry

FIRST = b"\0" * 32  # stands before the first entry
_BATCH = 1000
_PRESSED_AGAIN_WITHIN = timedelta(minutes=10)


class Actor(Protocol):
    """Who acts, and from which address."""

    @property
    def user_id(self) -> str: ...
    @property
    def address(self) -> str: ...


def append(
    session: AsyncSession,
    who: Actor | None,
    action: str,
    *,
    subject: str,
    result: str,
    detail: dict[str, Any] | None = None,
    address: str = "",
) -> None:
    """Add an entry to the session's transaction.

    `who` is None for the hub itself, or for somebody not signed in, whose address can be given.
    `detail` is JSON without secrets.
    """
    entry = {
        "at": now(),
        "user_id": who.user_id if who else None,
        "address": who.address if who else address,
        "action": action,
        "subject": subject,
        "result": result,
        "detail": detail or {},
    }
    at_commit(session, _write, entry)


async def came_twice(
    session: AsyncSession, who: Actor, action: str, *, subject: str, said: dict[str, str]
) -> bool:
    """Say whether this person did just this a moment ago: its answer was lost, and they pressed again."""
    same = (AuditEntry.user_id == who.user_id, AuditEntry.action == action, AuditEntry.subject == subject)
    recent = AuditEntry.at > now() - _PRESSED_AGAIN_WITHIN
    wanted = select(AuditEntry.entry_id).where(*same, recent, AuditEntry.detail.contains(said)).limit(1)
    return await session.scalar(wanted) is not None


async def verify(session: AsyncSession) -> int | None:
    """Return the number of the first entry that does not follow from the one before; None where all do."""
    previous, after = FIRST, 0
    while True:
        wanted = select(AuditEntry).where(AuditEntry.entry_id > after).order_by(AuditEntry.entry_id)
        entries = (await session.scalars(wanted.limit(_BATCH))).all()
        for entry in entries:
            words = {name: getattr(entry, name) for name in _COVERED}
            if entry.previous_hash != previous or entry.entry_hash != _hash(words, previous):
                return entry.entry_id
            previous, after = entry.entry_hash, entry.entry_id
        if len(entries) < _BATCH:
            return None
        session.expunge_all()


async def head(session: AsyncSession) -> tuple[int, bytes]:
    """Return how many entries there are and the last one's hash, to be noted down elsewhere.

    Entries cut off at the end leave a whole chain behind: only an earlier head tells.
    """
    count = await session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    return count, await session.scalar(_LAST) or FIRST


_LAST = select(AuditEntry.entry_hash).order_by(AuditEntry.entry_id.desc()).limit(1)
_COVERED = ("at", "user_id", "address", "action", "subject", "result", "detail")


def _write(session: Session, entries: list[dict[str, Any]]) -> None:
    session.execute(select(func.pg_advisory_xact_lock(AdvisoryLock.AUDIT_CHAIN)))
    previous = session.scalar(_LAST) or FIRST
    for entry in entries:
        digest = _hash(entry, previous)
        session.execute(insert(AuditEntry).values(**entry, previous_hash=previous, entry_hash=digest))
        previous = digest


def _hash(words: dict[str, Any], previous: bytes) -> bytes:
    at: datetime = words["at"]
    plain = {name: words[name] for name in _COVERED} | {"at": at.astimezone(UTC).isoformat()}
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(previous + text.encode()).digest()
