"""A bare desk: one connection to the hub's event stream, nothing drawn."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

#: Takes the instant (`time.perf_counter`), the kind and the data of an event.
Take = Callable[[float, str, Any], None]
_LONGEST_LINE = 2**22


@asynccontextmanager
async def desk(hub: str, token: str, take: Take) -> AsyncIterator[None]:
    """Be connected while the block runs, and give every event to `take`."""
    address = urlsplit(hub)
    reader, writer = await asyncio.open_connection(address.hostname, address.port, limit=_LONGEST_LINE)
    # HTTP/1.0: the answer comes without chunks around the events
    writer.write(f"GET /v1/events HTTP/1.0\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    await _connected(reader)
    listening = asyncio.create_task(_listen(reader, take))
    try:
        yield
    finally:
        writer.close()
        listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await listening


async def _connected(reader: asyncio.StreamReader) -> None:
    """Read the head and the first event (`reset`): from here on nothing is missed."""
    status = await reader.readline()
    if b" 200 " not in status:
        raise RuntimeError(f"the event stream does not open: {status!r}")
    while not (await reader.readline()).startswith(b"data:"):
        pass


async def _listen(reader: asyncio.StreamReader, take: Take) -> None:
    kind = ""
    while line := await reader.readline():
        if line.startswith(b"event:"):
            kind = line[6:].strip().decode()
        elif line.startswith(b"data:"):
            take(time.perf_counter(), kind, json.loads(line[5:]))
