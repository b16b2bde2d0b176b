"""Work that goes on after a reply: late answers, callbacks, keying callers."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from agentdesk.sandbox.journal import Journal


class Tasks:
    """The background tasks of one sandbox; a failure is journalled, never lost."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a coroutine in the background."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._finished)
        return task

    async def stop(self) -> None:
        """Cancel whatever still runs and wait for it to end."""
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._journal.add("failure", task=task.get_name(), error=repr(error))
