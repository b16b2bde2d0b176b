"""Promises to pay: what is refused, one for each press, what the customer record is told, what becomes."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from agentdesk.adapters.base import NotSent
from agentdesk.adapters.records import HistoryItem
from agentdesk.domain.errors import AgentDeskError
from agentdesk.domain.ids import new_ulid, now
from agentdesk.domain.people import Role
from agentdesk.domain.promise import PromiseState
from agentdesk.domain.write_back import WriteBackState
from agentdesk.hub import calls, customers, promises
from agentdesk.hub.auth import Who
from agentdesk.hub.db.promises import Promise
from agentdesk.hub.db.tables import AuditEntry, Event, WriteBack
from agentdesk.wire import promises as wire
from agentdesk.wire.calls import WrapUp
from agentdesk.wire.customers import HistoryKind
from agentdesk.wire.model import Amount
from tests.hub.till import Till

pytestmark = pytest.mark.anyio
OWED = 17336


def _day(days: int) -> date:
    return now().date() + timedelta(days=days)


async def _make(till: Till, call_id: str, minor: int = 5000, days: int = 3, **more: Any) -> wire.Promise:
    new = wire.NewPromise(
        key=more.get("key") or new_ulid(),
        call_id=call_id,
        amount=Amount(minor=minor, currency=more.get("currency", "GBP")),
        due_on=_day(days),
    )
    who: Who = more.get("who") or till.who
    return await promises.make(till.hub, who, more.get("customer", "cus_1"), new)


async def _refused(till: Till, call_id: str, *args: int, **more: Any) -> str:
    with pytest.raises(AgentDeskError) as why:
        await _make(till, call_id, *args, **more)
    return why.value.code


async def _now(till: Till) -> wire.Promise:
    promise = (await customers.show(till.hub, "cus_1")).promise
    assert promise is not None
    return promise


async def _past(till: Till) -> list[tuple[str, str]]:
    rows = (await customers.history(till.hub, "cus_1")).rows
    return [(row.title, row.detail) for row in rows if row.kind is HistoryKind.PROMISE]


async def test_a_promise_is_kept_shown_and_told_to_the_customer_record(till: Till) -> None:
    call_id = await till.call()
    made = await _make(till, call_id)
    assert (made.amount.minor, made.due_on, made.state) == (5000, _day(3), PromiseState.OPEN)
    assert (made.made_by, made.paid.minor, await _now(till)) == ("Priya Nair", 0, made)
    await till.work()
    logged = till.records.logged[made.reference]
    day = f"{_day(3).day} {_day(3):%B %Y}"
    assert (logged.subject, logged.body) == (
        "Promise to pay £50.00",
        f"£50.00 by {day}. Promised to Priya Nair.",
    )
    assert await _past(till) == [(f"Promise to pay by {day}", "Still open, Priya Nair")]
    log = [row for row in await till.rows(AuditEntry) if row.action == "promise.make"]
    assert [(row.subject, row.detail["amount_minor"]) for row in log] == [(made.promise_id, 5000)]
    told = [row for row in await till.rows(Event) if row.kind == "customer"]
    assert [(row.user_id, row.data["customer_id"]) for row in told] == [(till.who.user_id, "cus_1")]


@pytest.mark.parametrize(
    ("minor", "days", "code"),
    [
        (0, 1, "amount_zero"),
        (-1, 1, "amount_zero"),
        (OWED + 1, 1, "amount_over_balance"),
        (5000, -1, "promise_in_past"),
        (5000, 31, "promise_too_far"),
    ],
)
async def test_what_cannot_be_promised_leaves_nothing(till: Till, minor: int, days: int, code: str) -> None:
    assert await _refused(till, await till.call(), minor, days) == code
    assert (await till.rows(Promise), await till.rows(WriteBack)) == ([], [])


async def test_another_currency_is_refused(till: Till) -> None:
    assert await _refused(till, await till.call(), currency="EUR") == "currency_mismatch"


async def test_only_for_the_customer_of_a_call_of_ones_own_that_is_not_over(till: Till) -> None:
    assert await _refused(till, await till.call(customer=None)) == "customer_not_linked"
    other = await till.colleague()
    assert await _refused(till, await till.call(), who=other) == "call_not_yours"
    call_id = await till.call()
    await till.hang_up(call_id)
    await _make(till, call_id)  # while wrapping up it can still be written down
    await calls.wrap_up(till.hub, till.who, call_id, WrapUp(disposition="promise_to_pay"))
    assert await _refused(till, call_id) == "call_over"
    assert await _refused(till, call_id, customer="cus_none") == "customer_unknown"


@pytest.mark.allow_log("an outside system did not answer")
async def test_what_is_owed_must_be_known(till: Till) -> None:
    till.ledger.fails["account"] = NotSent("down")
    call_id = await till.call()
    assert await _refused(till, call_id) == "accounts_unavailable"
    await _make(till, call_id)
    till.ledger.fails["account"] = NotSent("down")
    await _make(till, call_id)  # from the copy


async def test_what_was_paid_and_is_not_posted_cannot_be_promised_too(till: Till) -> None:
    await till.paid(minor=12336)
    call_id = await till.call()
    assert await _refused(till, call_id, 5001) == "amount_over_balance"
    await _make(till, call_id, 5000)


async def test_one_press_is_one_promise(till: Till) -> None:
    call_id, key = await till.call(), new_ulid()
    made = await asyncio.gather(*(_make(till, call_id, key=key) for _ in range(3)))
    assert len({one.promise_id for one in made}) == len(await till.rows(Promise)) == 1
    assert await _refused(till, call_id, 6000, key=key) == "promise_made"
    assert await _refused(till, call_id, 5000, 4, key=key) == "promise_made"


async def test_a_new_promise_takes_the_place_of_the_last_one(till: Till) -> None:
    call_id = await till.call()
    first = await _make(till, call_id)
    second = await _make(till, call_id, 2500, 5)
    assert await _now(till) == second
    assert [detail for _, detail in await _past(till)] == [
        "Still open, Priya Nair",
        "Replaced by a later one, Priya Nair",
    ]
    await till.work()
    assert "The promise before it was £50.00 by" in till.records.logged[second.reference].body
    assert list(till.records.logged) == [first.reference, second.reference]


async def test_two_agents_at_once_leave_one_that_stands(till: Till) -> None:
    other = await till.colleague()
    mine, theirs = await till.call(), await till.call(other)
    await asyncio.gather(_make(till, mine), _make(till, theirs, 2500, who=other))
    rows = await till.rows(Promise)
    assert len(rows) == 2
    assert len([row for row in rows if row.replaced_at is None]) == 1


async def test_a_later_payment_keeps_it_and_a_refund_takes_that_back(till: Till) -> None:
    earlier = await till.paid(minor=100)  # before the promise: does not count
    made = await _make(till, await till.call(), 5000)
    assert (await _now(till)).paid.minor == 0
    attempt_id = await till.paid(minor=5000, invoice="8")
    kept = await _now(till)
    assert (kept.state, kept.paid.minor, kept.promise_id) == (PromiseState.KEPT, 5000, made.promise_id)
    supervisor = await till.colleague(Role.SUPERVISOR)
    await till.give_back(supervisor, earlier, 100)
    assert (await _now(till)).state is PromiseState.KEPT
    await till.give_back(supervisor, attempt_id, 1)
    assert ((await _now(till)).state, (await _now(till)).paid.minor) == (PromiseState.OPEN, 4999)


async def test_its_day_over_it_is_not_kept_whatever_is_paid_later(till: Till) -> None:
    made = await _make(till, await till.call(), 5000, 0)
    before = {"made_at": now() - timedelta(days=2)}
    async with till.hub.sessions.begin() as session:  # what was promised never changes: make it anew
        row = await session.get_one(Promise, made.promise_id)
        values = {
            name: getattr(row, name) for name in ("key", "call_id", "customer_id", "user_id", "currency")
        }
        values |= {"promise_id": "pr_old", "reference": "PRM-old", "amount_minor": 5000, "due_on": _day(-1)}
        await session.delete(row)
        await session.flush()
        session.add(Promise(**values, **before))
    await till.paid(minor=5000, invoice="8")
    assert (await _now(till)).state is PromiseState.BROKEN
    assert [detail for _, detail in await _past(till)] == ["Not kept, £0.00 of it was paid here, Priya Nair"]
    later = await _make(till, await till.call(), 1000)
    assert (await _now(till)) == later
    assert [detail[:8] for _, detail in await _past(till)] == ["Still op", "Not kept"]


async def test_what_the_customer_record_shows_of_it_is_not_told_twice(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await _make(till, await till.call())
    note = HistoryItem(now(), HistoryKind.CALL, "Promise", "", None, moved=False, reference=made.reference)

    async def told(_customer: str, *, limit: int = 50) -> list[HistoryItem]:
        return [note]

    monkeypatch.setattr(till.records, "history", told)
    assert [row.kind for row in (await customers.history(till.hub, "cus_1")).rows] == [HistoryKind.PROMISE]


@pytest.mark.allow_log("write-back not done")
async def test_the_note_waits_for_a_customer_record_that_is_away(till: Till) -> None:
    till.records.fails["log_activity"] = NotSent("down")
    made = await _make(till, await till.call())
    await till.work()
    assert [row.state for row in await till.rows(WriteBack)] == [WriteBackState.QUEUED]
    await till.due()
    await till.work()
    assert made.reference in till.records.logged
