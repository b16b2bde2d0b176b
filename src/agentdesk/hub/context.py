"""What every part of a running hub is given."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from agentdesk.hub.settings import Settings
from agentdesk.hub.vendors import Vendors

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Hub:
    """Settings, the database and the outside systems of one running hub.

    Each of our transactions is `async with hub.sessions.begin() as session`, also one that only reads: it
    ends with a commit, while at a rollback psycopg forgets every statement it has prepared.
    """

    settings: Settings
    sessions: async_sessionmaker[AsyncSession]
    vendors: Vendors
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work that must outlive the request that began it; its failure is logged.

        Whatever is started here must also be picked up by a job if this process dies.
        """
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._finished)

    async def finish(self) -> None:
        """Wait for what was started, so that a clean stop leaves nothing unsure."""
        while self.tasks:
            await asyncio.wait(set(self.tasks))

    def _finished(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception():
            log.error("background work failed", exc_info=task.exception())
