"""Run a hub: listen, say when ready, stop cleanly."""

import asyncio
import gc
import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from agentdesk.hub import vendors
from agentdesk.hub.app import create_app
from agentdesk.hub.db.database import reached
from agentdesk.hub.settings import Settings
from agentdesk.hub.vendors import Vendors

CLOSES_WITHIN_S = 5
#: Desks close idle connections long before: else a request meets one that is just being closed, and is lost.
IDLE_S = 75


async def serve(settings: Settings, *, with_worker: bool = True) -> bool:
    """Serve until SIGTERM or SIGINT; print one JSON line when ready. Returns whether it ever was ready.

    Raises Misconfigured, Unreachable and EmbeddedError before anything is served.
    """
    outside = vendors.build(settings)
    async with reached(settings):  # here, where a failure is still ours to tell; the application adopts it
        return await _serve(settings, outside, with_worker=with_worker)


async def _serve(settings: Settings, outside: Vendors, *, with_worker: bool) -> bool:
    with _listen(settings.host, settings.port) as sock, _stop_signal() as stop:
        settings = listening_on(settings, sock.getsockname()[1])
        app = create_app(settings, outside=outside, with_worker=with_worker)
        server = _Server(_config(app), _ready_line(settings))
        running = asyncio.create_task(server.serve(sockets=[sock]))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
        if server.started:
            app.state.fanout.close()  # first the streams, which would hold the server open
        server.should_exit = True
        await running
        stopping.cancel()
    return server.started


async def work(settings: Settings) -> bool:
    """Run the jobs without serving, until SIGTERM or SIGINT. Raises as `serve`."""
    app = create_app(settings, outside=vendors.build(settings), with_desks=False)
    with _stop_signal() as stop:
        async with app.router.lifespan_context(app):
            _keep_for_good()
            print(json.dumps({"name": "hub-worker", "pid": os.getpid()}), flush=True)
            await stop.wait()
    return True


def _keep_for_good() -> None:
    """Take what is there now out of the garbage collector's rounds, each of which stops everything."""
    gc.collect()
    gc.freeze()


def listening_on(settings: Settings, port: int) -> Settings:
    """Return the settings with the port that was given for 0, in the public address too."""
    if settings.port:
        return settings
    public = settings.public_url.removesuffix(":0")
    changed = f"{public}:{port}" if public != settings.public_url else settings.public_url
    return settings.model_copy(update={"port": port, "public_url": changed})


class _Server(uvicorn.Server):
    """Says when it is ready, and leaves the signals to us."""

    def __init__(self, config: uvicorn.Config, ready_line: str) -> None:
        super().__init__(config)
        self._ready_line = ready_line

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell the parent process."""
        await super().startup(sockets)
        if self.started:
            _keep_for_good()
            print(self._ready_line, flush=True)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


def _ready_line(settings: Settings) -> str:
    url = f"http://{settings.host}:{settings.port}"
    return json.dumps({"name": "hub", "pid": os.getpid(), "url": url, "public_url": settings.public_url})


def _config(app: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=CLOSES_WITHIN_S,
        timeout_keep_alive=IDLE_S,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


@contextmanager
def _stop_signal() -> Iterator[asyncio.Event]:
    """Give an event that SIGTERM or SIGINT sets."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {n: signal.signal(n, lambda *_: loop.call_soon_threadsafe(stop.set)) for n in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
