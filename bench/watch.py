"""Sees when PostgreSQL has committed what a measurement waits for: triggers of its own that notify."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg

_TELL = """
create function bench_tell() returns trigger language plpgsql as $$
begin
    perform pg_notify('bench', tg_argv[0] || ' ' || (to_jsonb(new) ->> tg_argv[1]));
    return null;
end $$;
create trigger bench_outcome after update of state on attempt for each row
    when (new.state in ('approved', 'declined', 'unknown', 'not_sent') and old.state <> new.state)
    execute function bench_tell('outcome', 'attempt_id');
create trigger bench_written after update of state on write_back for each row
    when (new.state in ('done', 'parked') and old.state <> new.state)
    execute function bench_tell('written', 'intent_id')
"""


class Watch:
    """When each thing was committed: instants of `time.perf_counter` by what and whose."""

    def __init__(self) -> None:
        self._seen: dict[str, list[float]] = {}
        self._changed = asyncio.Condition()

    async def times(self, what: str, count: int = 1, *, within_s: float = 60.0) -> list[float]:
        """Wait until this was committed so often; return the instants. Raises TimeoutError."""
        async with asyncio.timeout(within_s), self._changed:
            await self._changed.wait_for(lambda: len(self._seen.get(what, ())) >= count)
        return self._seen[what]

    async def run(self, connection: psycopg.AsyncConnection) -> None:
        """Take what comes until cancelled."""
        async for told in connection.notifies():
            at = time.perf_counter()
            async with self._changed:
                self._seen.setdefault(told.payload, []).append(at)
                self._changed.notify_all()


@asynccontextmanager
async def watching(database: str) -> AsyncIterator[Watch]:
    """Watch this database while the block runs."""
    connection = await psycopg.AsyncConnection.connect(database, autocommit=True)
    async with connection:
        await connection.execute(_TELL)
        await connection.execute("listen bench")
        watch = Watch()
        running = asyncio.create_task(watch.run(connection))
        try:
            yield watch
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
