"""A line between two parties on loopback: one request for each connection, and a fault where one is armed.

The hubs' line is also what balances: each request goes to the next replica that lives.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LOST_REQUEST, LOST_ANSWER = "lost request", "lost answer"
BUSY, BUSY_AFTER_ALL = "busy", "busy after all"  # a 503 instead of it, or, as from a proxy, after it was done
SLOW_REQUEST, SLOW_ANSWER = "slow request", "slow answer"  # waiting for seconds is how order is lost
DOUBLE, DOUBLE_LATE = "double", "double late"  # the same bytes twice, at once or some time later
KINDS = (
    LOST_REQUEST,
    LOST_ANSWER,
    BUSY,
    BUSY_AFTER_ALL,
    SLOW_REQUEST,
    SLOW_ANSWER,
    DOUBLE,
    DOUBLE_LATE,
)
_DOUBLES = frozenset({DOUBLE, DOUBLE_LATE})
_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Request:
    """One request as it goes on: its first line, and everything."""

    line: str
    raw: bytes
    streams: bool  # its answer has no end

    @property
    def reads(self) -> bool:
        """Whether it changes nothing, so that doubling it shows nothing."""
        return self.line.startswith(("GET ", "HEAD "))


@dataclass(eq=False)
class Line:
    """Passes requests to `ports` in turn. What is armed strikes the next request it fits, and is in `met`."""

    ports: list[int] = field(default_factory=list)
    may_double: Callable[[Request], bool] = lambda request: not request.reads
    url: str = ""
    armed: list[tuple[str, float]] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    again: list[Request] = field(default_factory=list)  # what came twice, or perhaps after who asked gave up
    _turn: int = 0
    _late: set["asyncio.Task[bytes]"] = field(default_factory=set)

    def arm(self, kind: str, wait_s: float) -> None:
        """Arm one fault; `wait_s` is for those that take time."""
        self.armed.append((kind, wait_s))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request; whoever is killed meanwhile ends the connection, as it would without us."""
        try:
            request = await _read(reader)
            kind, wait_s = self._strike(request)
            await self._suffer(request, kind, wait_s, writer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def drained(self) -> None:
        """Wait for the doubles that are still on their way."""
        await asyncio.gather(*self._late, return_exceptions=True)

    def _strike(self, request: Request) -> tuple[str, float]:
        for place, (kind, wait_s) in enumerate(self.armed):
            if not request.streams and (kind not in _DOUBLES or self.may_double(request)):
                del self.armed[place]
                self.met[kind] += 1
                return kind, wait_s
        return "", 0.0

    async def _suffer(self, request: Request, kind: str, wait_s: float, writer: asyncio.StreamWriter) -> None:
        if kind in _DOUBLES or kind == SLOW_REQUEST:
            self.again.append(request)
        match kind:
            case "lost request":
                return
            case "busy":
                writer.write(_BUSY)
            case "busy after all":
                await self._answer(request)
                writer.write(_BUSY)
            case "lost answer":
                await self._answer(request)
            case "slow answer":
                answer = await self._answer(request)
                await asyncio.sleep(wait_s)
                writer.write(answer)
            case _:
                if kind in _DOUBLES:
                    self._again(request, wait_s if kind == DOUBLE_LATE else 0.0)
                await asyncio.sleep(wait_s if kind == SLOW_REQUEST else 0.0)
                await self._pass(request, writer)

    def _again(self, request: Request, after_s: float) -> None:
        async def late() -> bytes:
            await asyncio.sleep(after_s)
            return await self._answer(request)

        task = asyncio.create_task(late())
        self._late.add(task)
        task.add_done_callback(self._arrived)

    def _arrived(self, task: "asyncio.Task[bytes]") -> None:
        self._late.discard(task)
        if not task.cancelled() and isinstance(task.exception(), OSError):
            self.met["double met nobody"] += 1

    async def _answer(self, request: Request) -> bytes:
        """Pass it and return the whole answer; nothing where nobody takes it."""
        found = await self._connect()
        if found is None:
            return b""
        reader, writer = found
        try:
            writer.write(request.raw)
            return await reader.read()
        finally:
            writer.close()

    async def _pass(self, request: Request, writer: asyncio.StreamWriter) -> None:
        """Pass it, and the answer as it comes."""
        found = await self._connect()
        if found is None:
            return
        reader, far_writer = found
        try:
            far_writer.write(request.raw)
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        finally:
            far_writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in range(len(self.ports)):
            if not self.ports:
                return None
            self._turn += 1
            port = self.ports[self._turn % len(self.ports)]
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                continue  # just killed; the next one
        return None


@asynccontextmanager
async def line(to: Line) -> AsyncIterator[Line]:
    """Listen on a free port while the block runs."""
    async with serving(to.serve) as to.url:
        yield to


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[str]:
    """Give the address at which `serve` is called for each connection while the block runs."""
    held: set[asyncio.Task[None] | None] = set()  # asyncio itself forgets who waits for bytes

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.add(task := asyncio.current_task())
        try:
            await serve(reader, writer)
        finally:
            held.discard(task)

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    lengths = [one.partition(":")[2] for one in head if one.lower().startswith("content-length:")]
    body = await reader.readexactly(int(lengths[0]) if lengths else 0)
    kept = [one for one in head if one and not one.lower().startswith("connection:")]
    streams = any("text/event-stream" in one.lower() for one in kept)
    raw = "\r\n".join([*kept, "Connection: close", "", ""]).encode("latin-1") + body
    return Request(head[0], raw, streams)
