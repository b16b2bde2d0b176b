"""The event stream against a small real server: resumes where it stopped, and says when it is lost."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk import live as module
from agentdesk.desk.command import Tasks
from agentdesk.desk.hub_client import HubClient
from agentdesk.desk.live import Live
from agentdesk.wire.events import CallChanged, ReadinessChanged
from tests.desk import samples

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


class Server:
    """Sends `scripts[n]` to the n-th listener, then hangs up, or stays on the line after the last."""

    def __init__(self) -> None:
        self.scripts: list[bytes] = []
        self.heads: list[str] = []
        self.port = 0
        self._server: asyncio.Server | None = None
        self._end = asyncio.Event()

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._end.set()
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        number = len(self.heads) - 1
        writer.write(self.scripts[min(number, len(self.scripts) - 1)])
        await writer.drain()
        if number >= len(self.scripts) - 1:
            await self._end.wait()
        writer.close()


def event(number: int, data: str, kind: str) -> bytes:
    return f"id: {number}\nevent: {kind}\ndata: {data}\n\n".encode()


CALL = CallChanged(call=samples.ringing())
LAMPS = ReadinessChanged(readiness=samples.readiness())


@pytest.fixture
def server(desk_loop: asyncio.AbstractEventLoop, qtbot: QtBot) -> Iterator[Server]:
    server = Server()
    started = desk_loop.create_task(server.start())
    qtbot.waitUntil(started.done)
    yield server
    ended = desk_loop.create_task(server.stop())
    qtbot.waitUntil(ended.done)


@pytest.fixture
def listen(
    server: Server, tasks: Tasks, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], Live]]:
    monkeypatch.setattr(module, "FIRST_WAIT_S", 0.01)
    clients: list[HubClient] = []
    lives: list[Live] = []

    def start() -> Live:
        clients.append(HubClient(f"http://127.0.0.1:{server.port}"))
        live = Live(clients[0], tasks)
        lives.append(live)
        live.start()
        return live

    yield start
    for live in lives:
        live.stop()
    for one in clients:
        ended = asyncio.get_event_loop().create_task(one.aclose())
        qtbot.waitUntil(ended.done)


def heard(live: Live) -> list[object]:
    """Return what it tells from now on: events, and when it is connected or lost."""
    told: list[object] = []
    live.connected.connect(lambda: told.append("connected"))
    live.lost.connect(lambda: told.append("lost"))
    live.received.connect(told.append)
    return told


def test_events_arrive_typed_and_the_stream_resumes_where_it_broke(
    server: Server, listen: Callable[[], Live], qtbot: QtBot
) -> None:
    server.scripts = [
        HEAD + b": ping\n\n" + event(7, CALL.model_dump_json(), "call"),
        HEAD + event(8, LAMPS.model_dump_json(), "readiness"),
    ]
    live = listen()
    told = heard(live)
    qtbot.waitUntil(lambda: len(told) == 5)
    assert told == ["connected", CALL, "lost", "connected", LAMPS]
    assert "last-event-id" not in server.heads[0].lower()
    assert "last-event-id: 7" in server.heads[1].lower()
    assert live.freshness()[0].startswith("Live, last event ")


@pytest.mark.allow_log("an event was not understood")
def test_a_reset_and_an_event_of_a_newer_hub(
    server: Server, listen: Callable[[], Live], qtbot: QtBot
) -> None:
    server.scripts = [
        HEAD
        + event(1, "", "reset")
        + event(2, '{"kind": "moon"}', "moon")
        + event(3, CALL.model_dump_json(), "call")
    ]
    live = listen()
    told: list[object] = []
    live.reset.connect(lambda: told.append("reset"))
    live.received.connect(told.append)
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told == ["reset", CALL]


def test_a_hub_that_is_away_is_asked_again(server: Server, listen: Callable[[], Live], qtbot: QtBot) -> None:
    server.scripts = [b"HTTP/1.1 503 Unavailable\r\nContent-Length: 0\r\n\r\n", HEAD]
    live = listen()
    told: list[str] = []
    live.lost.connect(lambda: told.append("lost"))
    live.connected.connect(lambda: told.append("connected"))
    qtbot.waitUntil(lambda: told == ["lost", "connected"])


def test_an_ended_session_is_not_asked_for_again(
    server: Server, listen: Callable[[], Live], qtbot: QtBot
) -> None:
    body = b'{"status": 401, "code": "not_signed_in", "title": ""}'
    server.scripts = [b"HTTP/1.1 401 No\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)]
    live = listen()
    qtbot.waitUntil(lambda: len(server.heads) == 1 and live._task is None)
    assert live.freshness()[0] == "Connecting"


def test_a_renewed_session_is_listened_to_in_place_of_the_one_before(
    server: Server, listen: Callable[[], Live], qtbot: QtBot
) -> None:
    server.scripts = [HEAD + event(7, CALL.model_dump_json(), "call")]  # and stays on the line
    live = listen()
    told = heard(live)
    qtbot.waitUntil(lambda: len(told) == 2)
    live._client.renewed()
    qtbot.waitUntil(lambda: len(told) == 4)
    assert told == ["connected", CALL, "connected", CALL]
    assert "last-event-id: 7" in server.heads[1].lower()
