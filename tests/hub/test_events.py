"""The event log: every desk of every replica, in the order of commits, resumed without a gap."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import timedelta

import httpx
import psycopg
import pytest
import uvicorn
from fastapi import FastAPI
from httpx_sse import ServerSentEvent, aconnect_sse
from sqlalchemy import delete, update

from agentdesk.domain.ids import now
from agentdesk.hub import events
from agentdesk.hub.db.engine import Sessions, plain
from agentdesk.hub.db.tables import Call, Event, User, UserSession
from agentdesk.hub.events import Fanout, Told, TooSlow
from agentdesk.hub.routes import state
from agentdesk.wire.events import CustomerChanged
from tests.hub.conftest import PASSWORD, RunHub, client_of
from tests.until import WITHIN_S

pytestmark = pytest.mark.anyio


async def _publish(sessions: Sessions, *customers: str, user_id: str | None = None) -> None:
    async with sessions.begin() as session:
        for customer in customers:
            await events.publish(session, CustomerChanged(customer_id=customer), user_id=user_id)


@asynccontextmanager
async def _running(database_url: str, sessions: Sessions) -> AsyncIterator[Fanout]:
    fanout = Fanout(database_url, sessions)
    task = asyncio.create_task(fanout.run())
    await asyncio.wait_for(fanout.listening.wait(), WITHIN_S)
    try:
        yield fanout
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def fanout(database_url: str, sessions: Sessions) -> AsyncIterator[Fanout]:
    """Give a running replica's reader."""
    async with _running(database_url, sessions) as fanout:
        yield fanout


async def _take(told: AsyncIterator[Told], count: int) -> list[Told]:
    return [await asyncio.wait_for(anext(told), WITHIN_S) for _ in range(count)]


def _customers(told: list[Told]) -> list[str]:
    return [one.data["customer_id"] for one in told]


async def test_a_new_desk_is_told_to_load_and_then_what_happens(fanout: Fanout, sessions: Sessions) -> None:
    await _publish(sessions, "before")
    async with fanout.subscribe("u", None) as told:
        (first,) = await _take(told, 1)
        assert (first.kind, first.data) == ("reset", {})
        await _publish(sessions, "a", "b")
        assert _customers(await _take(told, 2)) == ["a", "b"]


async def test_a_desk_gets_its_own_events_and_everybodys(fanout: Fanout, sessions: Sessions) -> None:
    async with fanout.subscribe("u", None) as told:
        await _take(told, 1)
        await _publish(sessions, "other", user_id="v")
        await _publish(sessions, "mine", user_id="u")
        await _publish(sessions, "all")
        assert _customers(await _take(told, 2)) == ["mine", "all"]


async def test_a_desk_that_comes_back_misses_nothing(fanout: Fanout, sessions: Sessions) -> None:
    async with fanout.subscribe("u", None) as told:
        await _take(told, 1)
        await _publish(sessions, "a")
        (last,) = await _take(told, 1)
    await _publish(sessions, "b", user_id="u")
    await _publish(sessions, "other", user_id="v")
    await _publish(sessions, "c")
    async with fanout.subscribe("u", last.event_id) as told:
        assert _customers(await _take(told, 2)) == ["b", "c"]
        await _publish(sessions, "d")
        assert _customers(await _take(told, 1)) == ["d"]


async def test_a_long_absence_is_read_in_many_pieces(fanout: Fanout, sessions: Sessions) -> None:
    await _publish(sessions, "first")
    async with fanout.subscribe("u", None) as told:
        (start,) = await _take(told, 1)
    names = [str(number) for number in range(1200)]
    await _publish(sessions, *names)
    async with fanout.subscribe("u", start.event_id) as told:
        assert _customers(await _take(told, 1200)) == names


async def test_a_desk_whose_place_is_no_longer_kept_loads_again(fanout: Fanout, sessions: Sessions) -> None:
    await _publish(sessions, "old", "new")
    async with sessions.begin() as session:
        await session.execute(delete(Event).where(Event.event_id == 1))
    for last in (1, 999):
        async with fanout.subscribe("u", last) as told:
            (first,) = await _take(told, 1)
            assert (first.kind, first.event_id) == ("reset", 2)


async def test_a_desk_that_does_not_read_is_cut_off_and_the_others_are_not(
    fanout: Fanout, sessions: Sessions
) -> None:
    names = [str(number) for number in range(events.WAITING_MOST + 1)]
    async with fanout.subscribe("u", None) as slow, fanout.subscribe("v", None) as quick:
        await _take(slow, 1)
        await _take(quick, 1)
        await _publish(sessions, "seen by both")
        await _take(slow, 1)
        await _take(quick, 1)
        for name in names:
            await _publish(sessions, name)
            assert _customers(await _take(quick, 1)) == [name]
        with pytest.raises(TooSlow):
            await _take(slow, 1)


async def test_ids_are_in_the_order_of_commits(fanout: Fanout, sessions: Sessions) -> None:
    """A transaction that published first and commits last must not be skipped by who has seen later ids."""
    async with fanout.subscribe("u", None) as told:
        await _take(told, 1)
        async with sessions.begin() as slow:
            await events.publish(slow, CustomerChanged(customer_id="published first"))
            await _publish(sessions, "committed first")
        assert _customers(await _take(told, 2)) == ["committed first", "published first"]


async def test_many_at_once_arrive_complete_and_in_order(fanout: Fanout, sessions: Sessions) -> None:
    async with fanout.subscribe("u", None) as told:
        await _take(told, 1)
        await asyncio.gather(*(_publish(sessions, str(number)) for number in range(50)))
        got = await _take(told, 50)
    assert sorted(map(int, _customers(got))) == list(range(50))
    assert [one.event_id for one in got] == sorted(one.event_id for one in got)


@pytest.mark.allow_log("event connection lost")
async def test_a_lost_connection_is_made_again_and_nothing_is_lost(
    fanout: Fanout, sessions: Sessions, database_url: str
) -> None:
    async with fanout.subscribe("u", None) as told:
        await _take(told, 1)
        with psycopg.connect(plain(database_url), autocommit=True) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and query like 'listen%'"
            )
        await _publish(sessions, "meanwhile")
        assert _customers(await _take(told, 1)) == ["meanwhile"]


async def test_nothing_is_told_of_what_was_rolled_back(fanout: Fanout, sessions: Sessions) -> None:
    async with fanout.subscribe("u", None) as told:
        await _take(told, 1)
        async with sessions() as session:
            await events.publish(session, CustomerChanged(customer_id="undone"))
            await session.rollback()
        await _publish(sessions, "done")
        assert _customers(await _take(told, 1)) == ["done"]


async def test_every_replica_tells_its_desks(database_url: str, sessions: Sessions) -> None:
    async with (
        _running(database_url, sessions) as one,
        _running(database_url, sessions) as two,
        one.subscribe("u", None) as at_one,
        two.subscribe("u", None) as at_two,
    ):
        await _take(at_one, 1)
        await _take(at_two, 1)
        await _publish(sessions, "a")
        assert _customers(await _take(at_one, 1)) == _customers(await _take(at_two, 1)) == ["a"]


@asynccontextmanager
async def _served(app: FastAPI) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_config=None))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.wait([task], timeout=0.01)
        assert not task.done()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        app.state.fanout.close()
        server.should_exit = True
        await asyncio.wait_for(task, WITHIN_S)


async def test_two_replicas_stream_to_desks_which_resume_on_either(run_hub: RunHub) -> None:
    async with run_hub() as one, run_hub() as two, _served(one) as url_one, _served(two) as url_two:
        async with client_of(one) as client:
            new = {"username": "ada", "name": "Ada", "password": PASSWORD}
            token = (await client.post("/v1/set-up", json=new)).json()["token"]
        sessions = one.state.hub.sessions
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(headers=headers, timeout=WITHIN_S) as desk:
            async with _stream(desk, url_one) as sse:
                assert (await anext(sse)).event == "reset"
                await _publish(sessions, "a")
                got = await _next_customer(sse)
                assert json.loads(got.data) == {"kind": "customer", "customer_id": "a"}
            await _publish(sessions, "b")
            async with _stream(desk, url_two, {"Last-Event-ID": got.id}) as sse:
                assert json.loads((await _next_customer(sse)).data)["customer_id"] == "b"


@asynccontextmanager
async def _stream(
    desk: httpx.AsyncClient, url: str, headers: dict[str, str] | None = None
) -> AsyncIterator[AsyncIterator[ServerSentEvent]]:
    async with (
        aconnect_sse(desk, "GET", f"{url}/v1/events", headers=headers or {}) as stream,
        aclosing(stream.aiter_sse()) as sse,
    ):
        yield sse


async def _next_customer(sse: AsyncIterator[ServerSentEvent]) -> ServerSentEvent:
    while (got := await anext(sse)).event != "customer":
        pass  # the lamps tell of themselves too
    return got


async def _ends(sse: AsyncIterator[ServerSentEvent]) -> None:
    async with asyncio.timeout(WITHIN_S):
        async for _ in sse:
            pass


async def test_stream_ends_when_the_session_is_ended_elsewhere(run_hub: RunHub) -> None:
    async with run_hub() as one, run_hub() as two, _served(one) as url_one, client_of(two) as client:
        new = {"username": "ada", "name": "Ada", "password": PASSWORD}
        first = (await client.post("/v1/set-up", json=new)).json()["token"]
        given = {"username": "ada", "password": PASSWORD}
        second = (await client.post("/v1/sessions", json=given)).json()["token"]
        by_token = [
            httpx.AsyncClient(headers={"Authorization": f"Bearer {one}"}, timeout=WITHIN_S)
            for one in (first, second)
        ]
        async with by_token[0] as desk, by_token[1] as other, _stream(desk, url_one) as sse:
            assert (await anext(sse)).event == "reset"
            async with _stream(other, url_one) as kept:
                assert (await anext(kept)).event == "reset"
                bearer = {"Authorization": f"Bearer {first}"}
                assert (await client.delete("/v1/sessions/current", headers=bearer)).status_code == 204
                await _ends(sse)
                await _publish(two.state.hub.sessions, "a")
                assert json.loads((await _next_customer(kept)).data)["customer_id"] == "a"


async def test_stream_ends_when_the_session_expires(run_hub: RunHub, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = now() + timedelta(hours=1)
    monkeypatch.setattr(state, "now", lambda: ends - timedelta(seconds=2))  # whenever it begins
    async with run_hub() as one, _served(one) as url, client_of(one) as client:
        new = {"username": "ada", "name": "Ada", "password": PASSWORD}
        token = (await client.post("/v1/set-up", json=new)).json()["token"]
        async with one.state.hub.sessions.begin() as session:
            await session.execute(update(UserSession).values(expires_at=ends))
        async with (
            httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=WITHIN_S) as desk,
            _stream(desk, url) as sse,
        ):
            assert (await anext(sse)).event == "reset"
            await _ends(sse)


async def test_stream_goes_on_for_a_session_that_a_call_keeps_open(run_hub: RunHub) -> None:
    async with run_hub() as one, _served(one) as url, client_of(one) as client:
        new = {"username": "ada", "name": "Ada", "password": PASSWORD}
        opened = (await client.post("/v1/set-up", json=new)).json()
        sessions, user_id = one.state.hub.sessions, opened["person"]["user_id"]
        async with sessions.begin() as session:
            await session.execute(update(UserSession).values(expires_at=now() - timedelta(minutes=1)))
            mine = {"state": "connected", "user_id": user_id, "matches": [], "started_at": now()}
            session.add(Call(call_id="call_1", **mine))
        async with (
            httpx.AsyncClient(
                headers={"Authorization": f"Bearer {opened['token']}"}, timeout=WITHIN_S
            ) as desk,
            _stream(desk, url) as sse,
        ):
            assert (await anext(sse)).event == "reset"
            await _publish(sessions, "a")
            assert json.loads((await _next_customer(sse)).data)["customer_id"] == "a"


async def test_session_that_is_over_before_the_stream_begins_gets_no_events(
    fanout: Fanout, sessions: Sessions
) -> None:
    """It is ended after the request was let in."""
    async with sessions.begin() as session:
        session.add(User(user_id="u", username="u", name="U", role="agent", password_hash=""))
        await session.flush()
        session.add(UserSession(token_hash=b"x", user_id="u", expires_at=now(), ended_at=now()))
    async with fanout.subscribe("u", None, b"x") as told:
        assert [one.kind async for one in told] == ["reset"]


async def test_the_stream_needs_a_session(hub_client: httpx.AsyncClient) -> None:
    assert (await hub_client.get("/v1/events")).status_code == 401


@pytest.mark.parametrize("sent", ["", "x", "-1", "9223372036854775808", "9" * 5000, "\u0661"])
def test_a_last_id_that_no_event_can_have_is_none(sent: str) -> None:
    assert state._number(sent) is None
    assert state._number(None) is None
    assert state._number("9223372036854775807") == 2**63 - 1
