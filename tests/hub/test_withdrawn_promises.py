"""A promise that was never meant: taken back once, with a reason; the one before it stands again."""

import asyncio

import pytest

from agentdesk.domain.errors import AgentDeskError
from agentdesk.domain.promise import PromiseState
from agentdesk.hub import customers, promises
from agentdesk.hub.db.promises import Promise
from agentdesk.hub.db.tables import AuditEntry
from agentdesk.wire import promises as wire
from agentdesk.wire.customers import HistoryKind
from tests.hub.test_promises import _make, _now
from tests.hub.till import Till

pytestmark = pytest.mark.anyio
WRONG = "It was the neighbour who called"


async def _withdraw(till: Till, promise_id: str, customer: str = "cus_1") -> wire.Promise:
    return await promises.withdraw(till.hub, till.who, customer, promise_id, wire.Withdrawal(reason=WRONG))


async def _refused(till: Till, promise_id: str, customer: str = "cus_1") -> str:
    with pytest.raises(AgentDeskError) as why:
        await _withdraw(till, promise_id, customer)
    return why.value.code


async def test_it_stands_no_more_and_the_customer_record_is_told_why(till: Till) -> None:
    made = await _make(till, await till.call())
    gone = await _withdraw(till, made.promise_id)
    assert (gone.state, gone.why_withdrawn) == (PromiseState.WITHDRAWN, WRONG)
    assert (await customers.show(till.hub, "cus_1")).promise is None
    await till.work()
    (note,) = [one for one in till.records.logged.values() if one.subject.startswith("Promise withdrawn")]
    assert note.subject == "Promise withdrawn, £50.00"
    assert note.body.endswith(f"was never promised: {WRONG}. Withdrawn by Priya Nair.")
    assert made.reference in till.records.logged  # what was written there stays
    log = [row for row in await till.rows(AuditEntry) if row.action == "promise.withdraw"]
    assert [(row.subject, row.detail["reason"]) for row in log] == [(made.promise_id, WRONG)]
    past = (await customers.history(till.hub, "cus_1")).rows
    told = [row.detail for row in past if row.kind is HistoryKind.PROMISE]
    assert told == [f"Withdrawn: {WRONG}, Priya Nair"]


async def test_the_one_it_replaced_stands_again(till: Till) -> None:
    first = await _make(till, await till.call(), 5000)
    second = await _make(till, await till.call(), 2500)
    await _withdraw(till, second.promise_id)
    assert await _now(till) == first
    states = {row.promise_id: row.replaced_at is None for row in await till.rows(Promise)}
    assert states == {first.promise_id: True, second.promise_id: False}
    await till.work()
    (note,) = [one for one in till.records.logged.values() if one.subject.startswith("Promise withdrawn")]
    assert "The promise before it stands again: £50.00 by" in note.body
    third = await _make(till, await till.call(), 1000)
    assert (await _now(till)) == third


async def test_one_that_was_itself_withdrawn_does_not_stand_again(till: Till) -> None:
    first = await _make(till, await till.call(), 5000)
    await _withdraw(till, first.promise_id)
    second = await _make(till, await till.call(), 2500)
    await _withdraw(till, second.promise_id)
    assert [row.replaced_at is None for row in await till.rows(Promise)] == [False, False]


async def test_two_presses_are_one_withdrawal(till: Till) -> None:
    made = await _make(till, await till.call())
    both = await asyncio.gather(*(_withdraw(till, made.promise_id) for _ in range(2)))
    assert both[0] == both[1]
    await till.work()
    assert len([one for one in till.records.logged.values() if "withdrawn" in one.subject]) == 1
    assert len([row for row in await till.rows(AuditEntry) if row.action == "promise.withdraw"]) == 1


async def test_what_is_kept_replaced_or_unknown_cannot_be_withdrawn(till: Till) -> None:
    first = await _make(till, await till.call(), 2500)
    second = await _make(till, await till.call(), 5000)
    assert await _refused(till, first.promise_id) == "promise_over"
    await till.paid(minor=5000, invoice="8")
    assert await _refused(till, second.promise_id) == "promise_over"
    assert await _refused(till, "pr_none") == "promise_unknown"
    assert await _refused(till, second.promise_id, "cus_2") == "promise_unknown"


async def test_who_withdrew_it_and_why_never_changes(till: Till) -> None:
    made = await _make(till, await till.call())
    await _withdraw(till, made.promise_id)
    with pytest.raises(Exception, match="never changes"):
        async with till.hub.sessions.begin() as session:
            (await session.get_one(Promise, made.promise_id)).why_withdrawn = "Something else"
