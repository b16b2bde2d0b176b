"""The hub's database, whichever it is, with this version's tables."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg

from agentdesk.hub.db import embedded, migrate
from agentdesk.hub.db.engine import plain
from agentdesk.hub.settings import Settings

_ANSWERS_WITHIN_S = 10


class Unreachable(Exception):
    """The team's database does not answer; the text holds nothing of its address."""


async def reach(settings: Settings) -> None:
    """Ask the team's database for an answer, where there is one. Raises Unreachable."""
    if settings.database_url is not None:
        await asyncio.to_thread(_connect, plain(settings.database_url.get_secret_value()))


def _connect(url: str) -> None:
    try:
        psycopg.connect(url, connect_timeout=_ANSWERS_WITHIN_S).close()
    except (psycopg.Error, UnicodeError) as error:
        raise Unreachable(
            f"The database does not answer ({type(error).__name__}). Check that PostgreSQL runs and what "
            "AGENTDESK_DATABASE_URL, or database_url in the settings file, says."
        ) from None


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[str]:
    """Give the URL of the team's database, or of the embedded one, started or adopted; brought up to date."""
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        await asyncio.to_thread(migrate.upgrade, url)
        yield url
        return
    server = await asyncio.to_thread(embedded.start, settings.data_dir)
    try:
        await asyncio.to_thread(migrate.upgrade, server.url())
        yield server.url()
    finally:
        await asyncio.to_thread(server.release)
