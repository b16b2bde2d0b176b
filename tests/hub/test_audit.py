"""The audit chain: whole as written, broken where somebody meddled, one line however many write at once."""

import asyncio

import pytest
from sqlalchemy import select, text

from agentdesk.hub import audit
from agentdesk.hub.db.engine import Sessions
from agentdesk.hub.db.tables import AuditEntry

pytestmark = pytest.mark.anyio


async def _append(sessions: Sessions, action: str) -> None:
    async with sessions.begin() as session:
        detail = {"amount": 1234, "words": "naïve £ \U0001f600", "deep": [{"b": None, "a": 1.5}]}
        audit.append(session, None, action, subject="s", result="done", detail=detail, address="127.0.0.1")


async def _tamper(sessions: Sessions, statement: str) -> None:
    """Do what only the owner of the database can: switch the guard off."""
    async with sessions.begin() as session:
        await session.execute(text("alter table audit_entry disable trigger user"))
        await session.execute(text(statement))


async def _verify(sessions: Sessions) -> int | None:
    async with sessions() as session:
        return await audit.verify(session)


async def test_a_chain_as_written_is_whole(sessions: Sessions) -> None:
    assert await _verify(sessions) is None
    for action in ("one", "two", "three"):
        await _append(sessions, action)
    assert await _verify(sessions) is None


async def test_entries_written_at_once_make_one_chain(sessions: Sessions) -> None:
    await asyncio.gather(*(_append(sessions, str(number)) for number in range(20)))
    assert await _verify(sessions) is None
    async with sessions() as session:
        assert (await audit.head(session))[0] == 20


async def test_several_entries_of_one_transaction_are_in_order(sessions: Sessions) -> None:
    async with sessions.begin() as session:
        for action in ("one", "two", "three"):
            audit.append(session, None, action, subject="s", result="done")
    async with sessions() as session:
        actions = await session.scalars(select(AuditEntry.action).order_by(AuditEntry.entry_id))
        assert actions.all() == ["one", "two", "three"]
    assert await _verify(sessions) is None


async def test_nothing_is_written_of_what_was_rolled_back(sessions: Sessions) -> None:
    async with sessions() as session:
        audit.append(session, None, "undone", subject="s", result="done")
        await session.rollback()
        await session.commit()
        assert (await audit.head(session))[0] == 0


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("update audit_entry set result = 'other' where action = 'two'", 2),
        ("update audit_entry set at = at + interval '1 microsecond' where action = 'two'", 2),
        ("update audit_entry set detail = detail || '{\"amount\": 1}' where action = 'two'", 2),
        ("delete from audit_entry where action = 'two'", 3),
        ("update audit_entry set entry_hash = sha256('x') where action = 'two'", 2),
        ("delete from audit_entry where action = 'one'", 2),
    ],
)
async def test_a_changed_or_missing_entry_is_found(sessions: Sessions, statement: str, broken: int) -> None:
    for action in ("one", "two", "three"):
        await _append(sessions, action)
    await _tamper(sessions, statement)
    assert await _verify(sessions) == broken


async def test_inside_a_savepoint_nothing_can_be_appended(sessions: Sessions) -> None:
    async with sessions.begin() as session, session.begin_nested():
        with pytest.raises(RuntimeError, match="savepoint"):
            audit.append(session, None, "x", subject="s", result="done")
