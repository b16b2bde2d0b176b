"""A real PostgreSQL for the whole session, a fresh database for each test, and a hub on it."""

import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI

from agentdesk.hub import auth
from agentdesk.hub.app import create_app
from agentdesk.hub.context import Hub
from agentdesk.hub.db import embedded, migrate
from agentdesk.hub.db.engine import Sessions, make_engine, make_sessions
from agentdesk.hub.settings import Settings
from agentdesk.hub.vendors import Vendors
from tests.hub.outside import quiet
from tests.hub.till import Till

PASSWORD = "correct horse battery"
_TEMPLATE = "agentdesk_template"
_numbers = count(1)

RunHub = Callable[..., AbstractAsyncContextManager[FastAPI]]


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash new passwords at the lowest cost: a real hash takes a tenth of a second of both cores."""
    monkeypatch.setattr(auth, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture(scope="session")
def postgres() -> Iterator[embedded.Server]:
    """Give a PostgreSQL that trades durability for speed, with a template that has our tables."""
    with tempfile.TemporaryDirectory(prefix="agentdesk-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # started by root, PostgreSQL runs as a user of its own
        server = embedded.start(Path(folder), ["fsync=off", "full_page_writes=off", "max_connections=300"])
        _admin(server, f"create database {_TEMPLATE}")
        migrate.upgrade(server.url(_TEMPLATE))
        yield server
        assert server.release()


@pytest.fixture
def database_url(postgres: embedded.Server) -> Iterator[str]:
    """Give the URL of a fresh database with our tables."""
    name = f"test_{next(_numbers)}"
    _admin(postgres, f"create database {name} template {_TEMPLATE}")
    yield postgres.url(name)
    _admin(postgres, f"drop database {name} with (force)")


@pytest.fixture
async def sessions(database_url: str) -> AsyncIterator[Sessions]:
    """Give a session factory on the test's database."""
    engine = make_engine(database_url)
    yield make_sessions(engine)
    await engine.dispose()


@pytest.fixture
def outside() -> Vendors:
    """Give the outside systems; a test module may have its own."""
    return quiet()


@pytest.fixture
def run_hub(database_url: str, outside: Vendors) -> RunHub:
    """Give a function that runs one replica on the test's database: `async with run_hub(port=1) as app`."""

    @asynccontextmanager
    async def run(*, with_worker: bool = False, **changes: Any) -> AsyncIterator[FastAPI]:
        settings = Settings(**{"database_url": database_url, "business": "Northwind Energy", **changes})
        app = create_app(settings, outside=outside, with_worker=with_worker)
        async with app.router.lifespan_context(app):
            yield app

    return run


@pytest.fixture
async def hub_app(run_hub: RunHub) -> AsyncIterator[FastAPI]:
    """Give a running hub without a worker."""
    async with run_hub() as app:
        yield app


@pytest.fixture
def hub(hub_app: FastAPI) -> Hub:
    """Give what the parts of the running hub are given."""
    hub: Hub = hub_app.state.hub
    return hub


@pytest.fixture
async def hub_client(hub_app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the running hub that is not signed in."""
    async with client_of(hub_app) as client:
        yield client


@pytest.fixture
async def admin_client(hub_client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Give a client that is signed in as the first administrator."""
    new = {"username": "ada", "name": "Ada Admin", "password": PASSWORD}
    answer = await hub_client.post("/v1/set-up", json=new)
    assert answer.status_code == 201, answer.text
    hub_client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
    return hub_client


def client_of(app: FastAPI) -> httpx.AsyncClient:
    """Return a client of a running application."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub")


def _admin(server: embedded.Server, statement: str) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[call-overload]


@pytest.fixture
async def till(database_url: str, sessions: Sessions) -> AsyncIterator[Till]:
    """Give an agent at work, with outside systems that the test scripts."""
    till = Till(database_url, sessions)
    await till.open()
    yield till
    await till.hub.finish()
