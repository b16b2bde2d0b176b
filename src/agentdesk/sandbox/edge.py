"""The outermost layer of every server here: journals vendor traffic and applies the request faults."""

import json
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agentdesk.sandbox.clock import Clock
from agentdesk.sandbox.deliver import Deliver
from agentdesk.sandbox.faults import REQUEST_KINDS, Fault, Faults
from agentdesk.sandbox.journal import Journal, readable_form

FACES = (("/2010-04-01/", "twilio"), ("/v1/", "stripe"), ("/c/", "pay"), ("/frame/", "pay"))

TROUBLE: dict[str, dict[int, object]] = {
    "twilio": {
        429: {
            "code": 20429,
            "message": "Too Many Requests",
            "more_info": "https://www.twilio.com/docs/errors/20429",
            "status": 429,
        },
        500: {
            "code": 20500,
            "message": "Internal Server Error",
            "more_info": "https://www.twilio.com/docs/errors/20500",
            "status": 500,
        },
    },
    "stripe": {
        429: {
            "error": {
                "type": "invalid_request_error",
                "code": "rate_limit",
                "message": "Too many requests hit the API too quickly.",
            }
        },
        500: {"error": {"type": "api_error", "message": "An unknown error occurred."}},
    },
}


@dataclass
class Reply:
    """A reply held back until it is known what becomes of it."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""


class Edge:
    """Wraps an application; paths that are no vendor's pass untouched."""

    def __init__(
        self, app: ASGIApp, *, clock: Clock, journal: Journal, faults: Faults, deliver: Deliver
    ) -> None:
        self._app = app
        self._clock = clock
        self._journal = journal
        self._faults = faults
        self._deliver = deliver

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        face = _face(scope)
        if not face:
            await self._app(scope, receive, send)
            return
        route = f"{scope['method']} {scope['path']}"
        body = await _read(receive)
        self._journal.add("request", face=face, route=route, body=_shown(scope, face, body))
        fault = self._faults.take(face, route, REQUEST_KINDS)
        if fault:
            self._journal.add("fault", face=face, route=route, kind=fault.kind)
        await self._answer(scope, receive, send, face=face, route=route, body=body, fault=fault)

    async def _answer(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        *,
        face: str,
        route: str,
        body: bytes,
        fault: Fault | None,
    ) -> None:
        kind = fault.kind if fault else ""
        if kind == "down":
            await _hang_up(receive, send)
            return
        if kind in ("rate_limited", "error_500_before"):
            await self._send(send, face, route, _trouble(face, 429 if kind == "rate_limited" else 500))
            return
        if fault and kind == "delay":
            await self._clock.sleep(fault.delay_s)
        scope["sandbox.fault"] = kind  # a face that saves its replies must save the faulty one
        with self._deliver.holding() as parcels:
            reply = await self._execute(scope, body)
        try:
            if self._faults.take(face, route, ("callback_before_reply",)):
                await self._deliver.release_and_wait(parcels)
            if kind == "drop_reply_after_executing" or reply.status == DROPPED:
                self._journal.add("reply_dropped", face=face, route=route)
                await _hang_up(receive, send)
                return
            if kind == "error_500_after_executing":
                reply = _trouble(face, 500)
            await self._send(send, face, route, reply)
        finally:
            self._deliver.release(parcels)

    async def _execute(self, scope: Scope, body: bytes) -> Reply:
        reply = Reply(500, [])

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                reply.status, reply.headers = message["status"], list(message.get("headers", []))
            elif message["type"] == "http.response.body":
                reply.body += message.get("body", b"")

        await self._app(scope, receive, collect)
        return reply

    async def _send(self, send: Send, face: str, route: str, reply: Reply) -> None:
        shown = reply.body.decode("utf-8", "replace") if face in TROUBLE else ""
        self._journal.add("reply", face=face, route=route, status=reply.status, body=shown)
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        await send({"type": "http.response.body", "body": reply.body})


DROPPED = 599
"""The status by which a face says: executed, but the connection closes without an answer."""


def _face(scope: Scope) -> str:
    if scope["type"] != "http":
        return ""
    return next((face for start, face in FACES if scope["path"].startswith(start)), "")


async def _read(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _shown(scope: Scope, face: str, body: bytes) -> dict[str, str]:
    """Return what the journal may keep: query and form of a vendor's API, nothing of the pay page."""
    if face not in TROUBLE:
        return {}
    return readable_form(scope["query_string"]) | readable_form(body)


def _trouble(face: str, status: int) -> Reply:
    body = json.dumps(TROUBLE.get(face, {}).get(status, {})).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 429:
        headers.append((b"retry-after", b"1"))
    return Reply(status, headers, body)


async def _hang_up(receive: Receive, send: Send) -> None:
    """Close the connection without a reply; ASGI has no word for it, so take uvicorn's transport."""
    send.__self__.transport.abort()  # type: ignore[attr-defined]
    while (await receive())["type"] != "http.disconnect":
        pass
