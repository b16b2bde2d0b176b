"""A database that is away: honest words while it is, and waiting for it at the start."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psycopg
import pytest
import sqlalchemy.exc
from sqlalchemy import text

from agentdesk.domain.error_words import TEXT
from agentdesk.hub.db import embedded
from agentdesk.hub.db.away import is_away
from agentdesk.hub.db.database import Unreachable, reached
from agentdesk.hub.db.engine import Sessions
from agentdesk.hub.settings import Settings
from tests.hub.conftest import PASSWORD, RunHub, client_of
from tests.until import WITHIN_S

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that the server's own account can reach."""
    with tempfile.TemporaryDirectory(prefix="agentdesk-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


@asynccontextmanager
async def _signed_in(run_hub: RunHub, url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with run_hub(database_url=url) as app, client_of(app) as client:
        new = {"username": "ada", "name": "Ada Admin", "password": PASSWORD}
        token = (await client.post("/v1/set-up", json=new)).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def _start(folder: Path) -> embedded.Server:
    return embedded.start(folder, ["fsync=off"])


@pytest.mark.allow_log("does not answer|connection lost|background work stopped")
async def test_requests_while_the_database_restarts_are_told_so_and_then_served(
    run_hub: RunHub, folder: Path
) -> None:
    server = await asyncio.to_thread(_start, folder)
    async with _signed_in(run_hub, server.url()) as client:
        assert await asyncio.to_thread(server.release)
        read = await client.get("/v1/me")
        write = await client.post("/v1/attempts/pa_1/submit")
        events = await client.get("/v1/events")
        ready = await client.get("/readyz")
        server = await asyncio.to_thread(_start, folder)
        assert (await client.get("/v1/me")).status_code == 200
    assert await asyncio.to_thread(server.release)
    for answer in (read, write, events):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert (read.json()["code"], write.json()["code"]) == ("database_unavailable", "database_unsure")
    assert ready.status_code == 503


@pytest.mark.parametrize("code", ["database_unavailable", "database_unsure"])
def test_nothing_says_that_nothing_was_charged(code: str) -> None:
    assert "charged" not in TEXT[code]
    assert "followed" in TEXT[code]


async def test_what_the_database_refuses_is_not_its_absence(sessions: Sessions) -> None:
    async with sessions() as session:
        for statement in ("select 1 / 0", "select nothing", "select pg_terminate_backend(pg_backend_pid())"):
            with pytest.raises(sqlalchemy.exc.DBAPIError) as raised:
                await session.execute(text(statement))
            assert is_away(raised.value) == ("terminate" in statement)
            await session.rollback()
    assert is_away(sqlalchemy.exc.TimeoutError())
    assert not is_away(ValueError())
    assert not is_away(psycopg.errors.DeadlockDetected())


async def test_connection_that_died_while_idle_is_replaced_before_it_is_used(
    sessions: Sessions, database_url: str
) -> None:
    mine = text("select pg_backend_pid()")
    async with sessions() as session:
        first = await session.scalar(mine)
    with psycopg.connect(database_url, autocommit=True) as other:
        ended = other.execute("select pg_terminate_backend(%s, 10000)", [first]).fetchone()
    async with sessions() as session:
        second = await session.scalar(mine)
    async with sessions() as session:
        assert await session.scalar(mine) == second  # one that lives is kept
    assert (ended, first != second) == ((True,), True)


# ---------------------------------------------------------------- at the start
@pytest.mark.allow_log("waiting")
async def test_database_that_comes_up_is_waited_for(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    server = await asyncio.to_thread(_start, folder)
    url = server.url()
    await asyncio.to_thread(server.release)

    async def reach() -> str:
        async with reached(Settings(database_url=url, database_wait_s=60)) as reached_url:
            return reached_url

    reaching = asyncio.create_task(reach())
    async with asyncio.timeout(WITHIN_S):
        while "waiting" not in caplog.text:
            await asyncio.wait([reaching], timeout=0.05)
    server = await asyncio.to_thread(_start, folder)
    assert await reaching == url
    await asyncio.to_thread(server.release)


@pytest.mark.allow_log("waiting")
async def test_database_that_stays_away_is_waited_for_no_longer_than_that() -> None:
    url = "postgresql://me:hunter2@127.0.0.1:1/none"
    with pytest.raises(Unreachable) as refused:
        async with reached(Settings(database_url=url, database_wait_s=0)):
            pass
    assert "hunter2" not in str(refused.value)


async def test_refusal_is_not_waited_for(postgres: embedded.Server, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(Unreachable):
        async with reached(Settings(database_url=postgres.url("not_there"), database_wait_s=600)):
            pass
    assert "waiting" not in caplog.text
