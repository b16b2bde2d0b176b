"""The hub's database, whichever it is, with this version's tables."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import structlog

from agentdesk.hub.db import embedded, migrate
from agentdesk.hub.db.engine import plain
from agentdesk.hub.settings import Settings

log = structlog.get_logger(__name__)

_ANSWERS_WITHIN_S = 10
_AGAIN_S = 0.5


class Unreachable(Exception):
    """The team's database does not answer; the text holds nothing of its address."""


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[str]:
    """Give the URL of a database that answers, brought up to date. Raises as `reached`."""
    async with reached(settings) as url:
        await asyncio.to_thread(migrate.upgrade, url)
        yield url


@asynccontextmanager
async def reached(settings: Settings) -> AsyncIterator[str]:
    """Give the URL of the team's database once it answers, or of the embedded one, started or adopted.

    Raises Unreachable, EmbeddedError.
    """
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        await _wait_for(plain(url), settings.database_wait_s)
        yield url
        return
    server = await asyncio.to_thread(embedded.start, settings.data_dir)
    try:
        yield server.url()
    finally:
        await asyncio.to_thread(server.release)


async def _wait_for(url: str, at_most_s: float) -> None:
    """Wait for an answer; not where the server answers that it will not have us."""
    deadline, told = time.monotonic() + at_most_s, False
    while (problem := await asyncio.to_thread(_problem, url)) is not None:
        if not _passes(problem) or time.monotonic() >= deadline:
            raise Unreachable(
                f"The database does not answer ({type(problem).__name__}). Check that PostgreSQL runs and "
                "what AGENTDESK_DATABASE_URL, or database_url in the settings file, says."
            )
        if not told:
            log.warning("the database does not answer yet: waiting", at_most_s=at_most_s)
        told = True
        await asyncio.sleep(_AGAIN_S)


def _problem(url: str) -> Exception | None:
    try:
        psycopg.connect(url, connect_timeout=_ANSWERS_WITHIN_S).close()
    except (psycopg.Error, UnicodeError) as error:
        return error
    return None


def _passes(problem: Exception) -> bool:
    """Say whether waiting may help: nobody listens yet, or the server starts, stops or recovers."""
    words = str(problem)
    refused = "FATAL" in words and not any(
        one in words for one in ("starting up", "shutting down", "recovery")
    )
    return isinstance(problem, psycopg.OperationalError) and not refused
