"""Wires the faces together and serves them on loopback."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp

from agentdesk.sandbox import (
    calls_api,
    control,
    inbox,
    link_payer,
    parts_api,
    pay_page,
    phone,
    stripe_routes,
    stripe_script,
    twilio_calls,
    twilio_payments,
)
from agentdesk.sandbox.box import Sandbox
from agentdesk.sandbox.edge import Edge
from agentdesk.sandbox.settings import Settings
from agentdesk.sandbox.stripe_account import Account
from agentdesk.sandbox.stripe_checkout import Checkout
from agentdesk.sandbox.telephony import WrongState
from agentdesk.sandbox.web import serve_parts

HOST = "127.0.0.1"
CLOSES_WITHIN_S = 2
#: Clients close idle connections before: else a request meets one that is just being closed.
IDLE_S = 75


def build(settings: Settings) -> Sandbox:
    """Return a sandbox that serves nothing yet."""
    return Sandbox(settings)


def main_app(box: Sandbox, checkout: Checkout, mails: inbox.Inbox) -> ASGIApp:
    """Return the application of the first origin: every face, the pages and the script API."""
    app = FastAPI(title="Agent Desk sandbox", docs_url=None, redoc_url=None)
    app.add_exception_handler(WrongState, _conflict)
    for part in (control, calls_api, parts_api, twilio_payments, twilio_calls, phone):
        app.include_router(part.router(box))
    for face in (stripe_routes, stripe_script, pay_page):
        app.include_router(face.router(checkout))
    app.include_router(inbox.router(mails))
    serve_parts(app)
    return _edged(box, app)


def frame_app(box: Sandbox, checkout: Checkout) -> ASGIApp:
    """Return the application of the second origin: the card fields of the pay page."""
    app = FastAPI(title="Agent Desk sandbox, card fields", docs_url=None, redoc_url=None)
    app.include_router(pay_page.frame_router(checkout))
    serve_parts(app)
    return _edged(box, app)


async def _conflict(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, 409)


def _edged(box: Sandbox, app: ASGIApp) -> ASGIApp:
    return Edge(app, clock=box.clock, journal=box.journal, faults=box.faults, deliver=box.deliver)


async def serve(
    settings: Settings | None = None, port: int = 0, frame_port: int = 0, smtp_port: int = 0
) -> None:
    """Serve until SIGTERM or SIGINT; print one JSON line when ready. Port 0 means any free one."""
    box = build(settings or Settings())
    main_socket, frame_socket, smtp_socket = _listen(port), _listen(frame_port), _listen(smtp_port)
    box.url, box.frame_url = _url(main_socket), _url(frame_socket)
    checkout, mails = Checkout(Account(box)), inbox.Inbox(box.clock)
    box.telephony.readers.append(link_payer.reader(checkout))
    servers = [
        (_Server(_config(main_app(box, checkout, mails))), main_socket),
        (_Server(_config(frame_app(box, checkout))), frame_socket),
    ]
    with _stop_signal() as stop:
        running = [asyncio.create_task(server.serve(sockets=[sock])) for server, sock in servers]
        smtp = await mails.listen(smtp_socket)
        print(json.dumps(_ready_line(box, smtp_socket.getsockname()[1])), flush=True)
        await stop.wait()
        smtp.close()
        for server, _ in servers:
            server.should_exit = True
        await asyncio.gather(*running)
        await box.close()


def _ready_line(box: Sandbox, smtp_port: int) -> dict[str, object]:
    s = box.settings
    return {
        "name": "sandbox",
        "pid": os.getpid(),
        "url": box.url,
        "frame_url": box.frame_url,
        "smtp": f"{HOST}:{smtp_port}",
        "account_sid": s.account_sid,
        "auth_token": s.auth_token,
        "api_key_sid": s.api_key_sid,
        "api_key_secret": s.api_key_secret,
        "stripe_key": s.stripe_key,
        "stripe_webhook_secret": s.stripe_webhook_secret,
        "cti_secret": s.cti_secret,
    }


class _Server(uvicorn.Server):
    """Two of them share one loop, so neither may take the signals."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="off",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=CLOSES_WITHIN_S,
        timeout_keep_alive=IDLE_S,
    )


def _listen(port: int) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((HOST, port))
    sock.listen(128)
    return sock


def _url(sock: socket.socket) -> str:
    return f"http://{HOST}:{sock.getsockname()[1]}"


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
