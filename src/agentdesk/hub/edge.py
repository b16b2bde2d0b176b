"""The outermost layer: a number for each request, one log line, headers, and an answer to our own bugs."""

import time

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agentdesk.domain.errors import AgentDeskError, Unavailable
from agentdesk.domain.ids import new_ulid
from agentdesk.hub import problems
from agentdesk.hub.db.away import is_away

log = structlog.get_logger(__name__)

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_AGAIN_AFTER_S = 2


class Edge:
    """ASGI middleware. Bodies, queries and header values are never logged."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number, started = new_ulid(), time.monotonic()
        status: int | None = None

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update({**HEADERS, "X-Request-Id": number})
            await send(message)

        with structlog.contextvars.bound_contextvars(request=number):
            try:
                await self._app(scope, receive, sending)
            except Exception as error:
                away = is_away(error)
                if away:
                    log.warning("the database does not answer", error=type(error).__name__)
                else:
                    log.exception("unexpected error", incident=number)
                if status is not None:
                    raise  # too late to say anything: the connection breaks
                answer = _no_database(scope["method"]) if away else _incident(number)
                await answer(scope, receive, sending)
            finally:
                took_ms = round((time.monotonic() - started) * 1000, 1)
                log.info(
                    "request", method=scope["method"], path=scope["path"], status=status, took_ms=took_ms
                )


def _no_database(method: str) -> ASGIApp:
    """Say no more than is known: what changes something may have been kept before the answer was lost."""
    code = "database_unavailable" if method in ("GET", "HEAD") else "database_unsure"
    return problems.answer(Unavailable(code, seconds=_AGAIN_AFTER_S))


def _incident(number: str) -> ASGIApp:
    return problems.answer(AgentDeskError("internal", incident=number))
