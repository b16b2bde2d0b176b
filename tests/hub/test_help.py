"""Calling a supervisor to a call: asked once, one comes, over when either says so or with the call."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from agentdesk.domain.errors import AgentDeskError, Conflict, NotFound
from agentdesk.domain.people import Role
from agentdesk.hub import calls, help, work
from agentdesk.hub.auth import Who
from agentdesk.hub.db.tables import AuditEntry, Event
from agentdesk.wire.calls import Call, NewHelp, WrapUp
from agentdesk.wire.work import WorkItem, WorkKind
from tests.hub.till import Till

pytestmark = pytest.mark.anyio
Step = Callable[..., Awaitable[Call]]


@pytest.fixture
async def ruth(till: Till) -> Who:
    """A supervisor."""
    return await till.colleague(Role.SUPERVISOR)


async def do(till: Till, step: Step, *said: Any) -> Call:
    async with till.hub.sessions.begin() as session:
        return await step(session, *said)


async def refused(error: type[AgentDeskError], doing: Awaitable[Any]) -> str:
    with pytest.raises(error) as caught:
        await doing
    return caught.value.code


async def listed(till: Till) -> list[WorkItem]:
    async with till.hub.sessions.begin() as session:
        return [one for one in (await work.listing(session)).rows if one.kind is WorkKind.HELP]


async def counted(till: Till) -> int:
    async with till.hub.sessions.begin() as session:
        return (await work.listing(session)).count


async def told(till: Till) -> int:
    return [row.kind for row in await till.rows(Event)].count("work")


async def audited(till: Till) -> list[str]:
    return [row.action for row in await till.rows(AuditEntry) if row.action.startswith("call.help")]


async def test_supervisors_see_who_calls_to_which_call_since_when(till: Till, ruth: Who) -> None:
    call_id = await till.call()
    before = await told(till)
    shown = await do(till, help.ask, till.who, call_id, NewHelp())
    assert shown.help is not None and shown.help.coming is None
    (item,) = await listed(till)
    assert (item.call_id, item.agent_name, item.since) == (call_id, "Priya Nair", shown.help.asked_at)
    assert (item.detail, item.help, item.payment) == ("No reason was given.", shown.help, None)
    assert await told(till) == before + 1


async def test_a_second_press_changes_nothing_and_a_reason_may_come_later(till: Till) -> None:
    call_id = await till.call()
    first = await do(till, help.ask, till.who, call_id, NewHelp())
    again = await do(till, help.ask, till.who, call_id, NewHelp())
    assert again.help == first.help
    why = await do(till, help.ask, till.who, call_id, NewHelp(reason=" They are angry "))
    assert why.help is not None and why.help.reason == "They are angry"
    kept = await do(till, help.ask, till.who, call_id, NewHelp())
    assert kept.help == why.help
    (item,) = await listed(till)
    assert item.detail == "They are angry"
    assert await audited(till) == ["call.help", "call.help"]


async def test_the_agent_sees_who_comes_and_nobody_else_does(till: Till, ruth: Who) -> None:
    call_id = await till.call()
    await do(till, help.ask, till.who, call_id, NewHelp())
    shown = await do(till, help.come, ruth, call_id)
    assert shown.help is not None and shown.help.coming == ruth.name
    assert (await do(till, help.come, ruth, call_id)).help == shown.help
    other = replace(ruth, user_id="usr_9")
    assert (await do(till, help.come, other, call_id)).help == shown.help
    mine = [row for row in await till.rows(Event) if row.kind == "call" and row.user_id == till.who.user_id]
    assert mine[-1].data["call"]["help"]["coming"] == ruth.name
    (item,) = await listed(till)
    assert item.detail == f"{ruth.name} is coming. No reason was given."
    assert await audited(till) == ["call.help", "call.help_coming"]


async def test_two_supervisors_at_once_do_not_both_come(till: Till, ruth: Who) -> None:
    call_id = await till.call()
    await do(till, help.ask, till.who, call_id, NewHelp())
    other = replace(ruth, user_id="usr_9")
    came = await asyncio.gather(do(till, help.come, ruth, call_id), do(till, help.come, other, call_id))
    assert came[0].help == came[1].help
    assert await audited(till) == ["call.help", "call.help_coming"]


@pytest.mark.parametrize("by_agent", [True, False])
async def test_either_of_them_ends_it(by_agent: bool, till: Till, ruth: Who) -> None:
    call_id = await till.call()
    await do(till, help.ask, till.who, call_id, NewHelp())
    who = till.who if by_agent else ruth
    assert (await do(till, help.end, who, call_id)).help is None
    assert await listed(till) == []
    assert await counted(till) == 0
    assert (await do(till, help.end, who, call_id)).help is None
    assert await audited(till) == ["call.help", "call.help_end"]
    assert (await do(till, help.come, ruth, call_id)).help is None


async def test_the_null_of_an_older_replica_counts_for_nothing(till: Till) -> None:
    call_id = await till.call()
    await do(till, help.ask, till.who, call_id, NewHelp())
    async with till.hub.sessions.begin() as session:
        await session.execute(text("update call set help = 'null'"))
    assert (await listed(till), await counted(till)) == ([], 0)


async def test_another_agent_neither_calls_nor_ends_it(till: Till) -> None:
    call_id, other = await till.call(), await till.colleague()
    assert await refused(Conflict, do(till, help.ask, other, call_id, NewHelp())) == "call_not_yours"
    await do(till, help.ask, till.who, call_id, NewHelp())
    assert await refused(NotFound, do(till, help.end, other, call_id)) == "call_unknown"
    assert len(await listed(till)) == 1


async def test_it_is_over_with_the_call(till: Till, ruth: Who) -> None:
    call_id = await till.call()
    await do(till, help.ask, till.who, call_id, NewHelp())
    before = await told(till)
    await calls.wrap_up(till.hub, till.who, call_id, WrapUp(disposition="enquiry", note="All well."))
    assert await listed(till) == []
    assert await told(till) == before + 1
    late = (await do(till, help.come, ruth, call_id)).help
    assert late is not None and late.coming is None
    assert await refused(Conflict, do(till, help.ask, till.who, call_id, NewHelp())) == "call_over"
