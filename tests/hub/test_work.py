"""What waits for a supervisor: what gets on the list, what leaves it, and who is told."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from agentdesk.adapters.base import NeedsDecision
from agentdesk.domain.ids import now
from agentdesk.domain.payment import AttemptEvent
from agentdesk.domain.write_back import WriteBackKind
from agentdesk.hub import calls, overdue, work, write_backs
from agentdesk.hub.db.tables import Attempt, Event, WriteBack
from agentdesk.wire.calls import WrapUp
from agentdesk.wire.work import WorkItem, WorkKind
from tests.hub.till import Till

pytestmark = pytest.mark.anyio
LONG_AGO = timedelta(minutes=20)


async def listed(till: Till) -> list[WorkItem]:
    """Return the list."""
    async with till.hub.sessions() as session:
        found = await work.listing(session)
    assert found.count == len(found.rows)
    return found.rows


async def unknown(till: Till, ago: timedelta = LONG_AGO) -> str:
    """Return an attempt whose outcome is unknown since then."""
    attempt_id = await till.sending()
    await till.learn(attempt_id, AttemptEvent.NO_ANSWER)
    await till.change(Attempt, attempt_id, sent_at=now() - ago)
    return attempt_id


async def parked(till: Till, **more: Any) -> str:
    """Return a payment's posting that is parked."""
    await till.paid(**more)
    till.ledger.fails["post_payment"] = NeedsDecision("more than is open")
    row = next(row for row in await till.rows(WriteBack) if row.kind == WriteBackKind.ACCOUNTS)
    await write_backs.perform(till.hub, row.write_back_id)
    return row.write_back_id


async def parked_note(till: Till) -> str:
    """Return a call's note that is parked."""
    call_id = await till.call()
    await till.hang_up(call_id)
    note = WrapUp(disposition=next(iter(till.hub.settings.dispositions_of(None))), note="Asked for it")
    await calls.wrap_up(till.hub, till.who, call_id, note)
    till.records.fails["log_activity"] = NeedsDecision("no such customer")
    (row,) = await till.rows(WriteBack)
    await write_backs.perform(till.hub, row.write_back_id)
    return str(row.write_back_id)


async def told(till: Till) -> int:
    """Return how often desks were told that the list is another."""
    async with till.hub.sessions() as session:
        return len((await session.scalars(select(Event).where(Event.kind == "work"))).all())


async def test_unknown_waits_for_a_person_once_the_look_ups_are_over(till: Till) -> None:
    attempt_id = await unknown(till, timedelta(minutes=4))
    assert await listed(till) == []
    await till.change(Attempt, attempt_id, sent_at=now() - LONG_AGO)
    (item,) = await listed(till)
    assert item.kind is WorkKind.UNKNOWN
    assert now() - item.since >= LONG_AGO
    assert item.payment
    assert item.payment.intent_id == (await till.show(attempt_id)).intent_id
    assert (item.customer_name, item.agent_name) == ("Amara Okafor", "Priya Nair")
    await till.learn(attempt_id, AttemptEvent.APPROVED)
    assert await listed(till) == []
    assert await told(till) == 1


@pytest.mark.allow_log("late success")
async def test_late_success_and_alarm_wait_for_a_person(till: Till) -> None:
    attempt_id = await till.sending()
    await till.learn(attempt_id, AttemptEvent.DECLINED)
    assert await told(till) == 0
    await till.learn(attempt_id, AttemptEvent.APPROVED)
    (item,) = await listed(till)
    assert (item.kind, item.detail) == (
        WorkKind.ALARM,
        "Approved after all; it had been told as not charged.",
    )
    assert await told(till) == 1


async def test_parked_write_back_waits_for_a_person(till: Till) -> None:
    write_back_id = await parked(till)
    (item,) = await listed(till)
    assert item.kind is WorkKind.PARKED
    assert item.write_back
    assert item.write_back.write_back_id == write_back_id
    assert item.payment
    assert await told(till) == 1


async def test_parked_call_note_is_on_the_list_without_a_payment(till: Till) -> None:
    await parked_note(till)
    (item,) = await listed(till)
    assert (item.kind, item.payment) == (WorkKind.PARKED, None)
    assert (item.customer_name, item.agent_name) == ("cus_1", "Priya Nair")


@pytest.mark.allow_log("write-back overdue")
async def test_overdue_write_back_waits_until_it_is_done(till: Till) -> None:
    await till.paid()
    assert await listed(till) == []
    for row in await till.rows(WriteBack):
        await till.change(WriteBack, row.write_back_id, created_at=now() - LONG_AGO)
    await overdue.flag(till.hub)
    assert [item.kind for item in await listed(till)] == [WorkKind.OVERDUE, WorkKind.OVERDUE]
    await till.work()
    assert await listed(till) == []
    assert await told(till) == 4


async def test_oldest_is_first(till: Till) -> None:
    await parked(till, invoice="8", minor=5000)
    attempt_id = await unknown(till)
    assert [item.kind for item in await listed(till)] == [WorkKind.UNKNOWN, WorkKind.PARKED]
    await till.change(Attempt, attempt_id, sent_at=now() - timedelta(minutes=6))
    (row,) = [row for row in await till.rows(WriteBack) if row.kind == WriteBackKind.ACCOUNTS]
    await till.change(WriteBack, row.write_back_id, created_at=now() - LONG_AGO)
    assert [item.kind for item in await listed(till)] == [WorkKind.PARKED, WorkKind.UNKNOWN]


async def test_list_is_served(admin_client: httpx.AsyncClient) -> None:
    answer = await admin_client.get("/v1/work")
    assert (answer.status_code, answer.json()["rows"], answer.json()["count"]) == (200, [], 0)
