"""An HTTP proxy before a server that loses or holds chosen requests, loses answers, or says it is busy."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal
from urllib.parse import urlsplit

Fault = Literal["lose request", "lose answer", "busy", "hold request"]

_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


Faults = Callable[[str, bytes], Fault | None]


def no_fault(_method: str, _body: bytes) -> None:
    """Let everything pass."""


class FaultyProxy:
    """Passes one request for each connection; `fault` is asked about each and may be replaced at any time.

    It is given the method and the body. A request that is held sets `holding` and goes on with `let_go`.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream)
        self.url = ""
        self.fault: Faults = no_fault
        self.holding, self.let_go = asyncio.Event(), asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            body = await reader.readexactly(_length(lines))
            fault = self.fault(lines[0].partition(" ")[0], body)
            if fault == "hold request":
                self.holding.set()
                await self.let_go.wait()
            if fault == "busy":
                writer.write(_BUSY)
            elif fault != "lose request":
                answer = await self._forward(lines, body)
                writer.write(b"" if fault == "lose answer" else answer)
            await writer.drain()
        finally:
            writer.close()

    async def _forward(self, lines: list[str], body: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self._upstream.hostname, self._upstream.port)
        kept = [line for line in lines if line and not line.lower().startswith("connection:")]
        writer.write("\r\n".join([*kept, "Connection: close", "", ""]).encode("latin-1") + body)
        await writer.drain()
        answer = await reader.read()
        writer.close()
        return answer


class FirstOfEach:
    """Hurts the first call of every JSON-RPC method, and the first POST that is none; `hurt` names them."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault
        self.hurt: set[str] = set()

    def __call__(self, method: str, body: bytes) -> Fault | None:
        """Return the fault for a request that is the first of its kind."""
        kind = json.loads(body).get("method", "") if method == "POST" else None
        if kind is None or kind in self.hurt:
            return None
        self.hurt.add(kind)
        return self._fault


@asynccontextmanager
async def faulty_proxy(upstream: str) -> AsyncIterator[FaultyProxy]:
    """Run a proxy on a free port while the block runs."""
    proxy = FaultyProxy(upstream)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield proxy


def _length(lines: list[str]) -> int:
    lengths = [line.partition(":")[2] for line in lines if line.lower().startswith("content-length:")]
    return int(lengths[0]) if lengths else 0
