"""A server that says exactly what a test wants, byte by byte: for answers no vendor should give."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

RAW = "raw"
"""The Server header by which an answer of ours is known for no vendor's."""

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def talking(talk: Talk) -> AsyncIterator[str]:
    """Serve connections by `talk` on a free port of this computer; give the URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client went away, which is what some tests want
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.close()
        await server.wait_closed()


def answering(status: int, body: bytes, *headers: str) -> AbstractAsyncContextManager[str]:
    """Answer every request with one status and body; give the URL."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        await answer(writer, status, body, *headers)

    return talking(talk)


async def answer(writer: asyncio.StreamWriter, status: int, body: bytes, *headers: str) -> None:
    """Write one answer."""
    head = [
        f"HTTP/1.1 {status} .",
        f"Content-Length: {len(body)}",
        "Connection: close",
        f"Server: {RAW}",
        *headers,
    ]
    writer.write("\r\n".join([*head, "", ""]).encode() + body)
    await writer.drain()


async def request(reader: asyncio.StreamReader) -> bytes:
    """Read one request to its end and return its head."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        ),
        0,
    )
    await reader.readexactly(length)
    return head
