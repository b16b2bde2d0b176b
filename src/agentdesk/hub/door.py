"""The door for card numbers: a request that holds one goes no further, and only the fact is kept."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agentdesk.domain.card import looks_like_pan
from agentdesk.domain.error_words import TEXT
from agentdesk.domain.errors import Invalid
from agentdesk.hub import audit, problems
from agentdesk.i18n import _

log = structlog.get_logger(__name__)

MOST_BYTES = 256 * 1024
#: Providers' messages are long and full of numbers; their own route scrubs them before they are kept.
_OPEN = "/webhooks/"
#: The one header whose text is a value of ours.
_TAKEN = b"last-event-id"


class Door:
    """ASGI middleware that reads the whole body before anything else may."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            await problems.document(413, "body_too_large", TEXT["body_too_large"])(scope, receive, send)
        elif scope["path"].startswith(_OPEN):
            await self._app(scope, _again(body, receive), send)
        elif place := _where(scope, body, looks_like_pan):
            await _note(scope, place)
            await problems.answer(Invalid("card_number_refused"))(scope, receive, send)
        elif place := _where(scope, body, _no_database_takes):
            error = Invalid("field_invalid", field=place, reason=_("it holds characters that cannot be kept"))
            await problems.answer(error)(scope, receive, send)
        else:
            await self._app(scope, _again(body, receive), send)


async def _read(receive: Receive) -> bytes | None:
    """Return the body; None where it is too long (or the client left half-way)."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BYTES:
            return None
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """Give the body once more, then whatever really comes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _where(scope: Scope, body: bytes, wrong: Callable[[str], bool]) -> str | None:
    """Return where a text that is wrong stands: path, query, header or body; None where there is none."""
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    places = {
        "path": [unquote(scope["path"])],
        "query": [text for pair in query for text in pair],
        "header": [value.decode("latin-1") for name, value in scope["headers"] if name == _TAKEN],
        "body": _texts(body),
    }
    return next((place for place, texts in places.items() if any(map(wrong, texts))), None)


def _texts(body: bytes) -> Iterator[str]:
    """Yield every text and number of a JSON body; of anything else the whole, plain and unquoted."""
    try:
        waiting: list[Any] = [json.loads(body)] if body else []
    except (ValueError, RecursionError):
        text = body.decode(errors="replace")
        yield from (text, unquote_plus(text))
        return
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
        else:
            yield str(one)


def _no_database_takes(text: str) -> bool:
    return "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)


async def _note(scope: Scope, place: str) -> None:
    log.warning("card number refused", place=place)
    client = scope.get("client")
    async with scope["app"].state.hub.sessions.begin() as session:
        audit.append(
            session,
            None,
            "card_number",
            subject=place,
            result="refused",
            address=client[0] if client else "",
        )
