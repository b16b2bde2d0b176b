"""The hub's database, whichever it is, with this version's tables."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from agentdesk.hub.db import embedded, migrate
from agentdesk.hub.settings import Settings


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
