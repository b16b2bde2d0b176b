"""An HTTP proxy before a real server that loses chosen requests or answers, or says it is busy."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal
from urllib.parse import urlsplit

Fault = Literal["lose request", "lose answer", "busy"]
Head = tuple[str, str]  # method, path

_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class FaultyProxy:
    """Passes one request for each connection; `fault` is asked about each and may be replaced at any time."""

    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream)
        self.url = ""
        self.fault: Callable[[Head], Fault | None] = lambda _head: None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            body = await reader.readexactly(_length(lines))
            method, path, _ = lines[0].split(" ", 2)
            fault = self.fault((method, path))
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


class Nth:
    """A fault for the n-th request that a test may hurt, counting from 1, and for no other."""

    def __init__(self, n: int, fault: Fault, method: str = "POST") -> None:
        self._n, self._fault, self._method, self._seen = n, fault, method, 0

    def __call__(self, head: Head) -> Fault | None:
        self._seen += head[0] == self._method
        return self._fault if head[0] == self._method and self._seen == self._n else None

    @property
    def reached(self) -> bool:
        """Whether there was an n-th request."""
        return self._seen >= self._n


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
