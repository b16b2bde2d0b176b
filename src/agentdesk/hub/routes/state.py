"""Lamps, the event stream, and whether this replica is alive and ready."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sse_starlette import EventSourceResponse, ServerSentEvent

from agentdesk.domain.ids import now
from agentdesk.hub.auth import Who
from agentdesk.hub.db import migrate
from agentdesk.hub.db.away import is_away
from agentdesk.hub.depends import HubDep, SignedIn
from agentdesk.hub.events import Fanout, TooSlow
from agentdesk.hub.problems import problems
from agentdesk.hub.readiness import Board
from agentdesk.i18n import LANGUAGES, _, language, speaking
from agentdesk.wire.readiness import Readiness

router = APIRouter()

PING_EVERY_S = 10
#: A desk whose session only a call keeps open has to come back so often.
_LOOK_AGAIN_S = 600.0
_LARGEST_ID = 2**63 - 1
#: A language and its weight, as in `de-AT;q=0.8`; so much of a browser's list is read.
_LIKED = re.compile(r"([A-Za-z]+)(?:-\w+)*\s*(?:;\s*q=([01](?:\.[0-9]+)?))?\s*(?:,|$)")
_READ = 200
_NOT_READY = "The database does not answer, or has another version's tables; `detail` says which"


class Alive(BaseModel):
    """The answer to a probe."""

    ok: bool
    detail: str


@router.get("/v1/readiness", tags=["state"], responses=problems(422))
async def readiness(request: Request, hub: HubDep, fresh: bool = False) -> Readiness:
    """Return the lamps, from memory; `fresh` asks the outside systems again first."""
    board: Board = request.app.state.board
    return await board.look(hub) if fresh else board.show()


@router.get(
    "/v1/events",
    tags=["state"],
    response_class=EventSourceResponse,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "Server-sent events"},
        **problems(401, 422),
    },
)
async def events(
    request: Request, who: SignedIn, last_event_id: Annotated[str | None, Header()] = None
) -> EventSourceResponse:
    """Push what concerns this person, from `Last-Event-ID` on; `reset` first where that is not possible."""
    fanout: Fanout = request.app.state.fanout
    return EventSourceResponse(_stream(fanout, who, _number(last_event_id)), ping=PING_EVERY_S)


def _number(last_event_id: str | None) -> int | None:
    """Return the id the desk saw last; None for what no event of ours can have had."""
    if not re.fullmatch("[0-9]{1,19}", last_event_id or ""):
        return None
    number = int(last_event_id or 0)
    return number if number <= _LARGEST_ID else None


async def _stream(fanout: Fanout, who: Who, last: int | None) -> AsyncIterator[ServerSentEvent]:
    """Stream until the session is over, the desk too slow or the database away; it comes back with its
    last id.
    """
    left_s = (who.expires_at - now()).total_seconds()
    for_s = left_s if left_s > 0 else _LOOK_AGAIN_S
    try:
        async with asyncio.timeout(for_s), fanout.subscribe(who.user_id, last, who.session) as told:
            async for one in told:
                yield ServerSentEvent(one.text, event=one.kind, id=str(one.event_id))
    except (TimeoutError, TooSlow):
        return
    except SQLAlchemyError as error:
        if not is_away(error):
            raise


@router.get("/thank-you", tags=["customers"], response_class=PlainTextResponse)
async def thank_you(request: Request) -> PlainTextResponse:
    """Where customers come after paying on a link; anybody may come, so it says nothing of a payment.

    It speaks the language that their browser asks for.
    """
    with speaking(_wished(request.headers.get("Accept-Language", ""))):
        words = _("Thank you. You can close this page; your receipt comes by email if you asked.")
        headers = {"Content-Language": language(), "Vary": "Accept-Language"}
    return PlainTextResponse(words, headers=headers)


def _wished(accepted: str) -> str | None:
    """Return the language we ship that a browser likes best; None where it names none of them."""
    liked = [(code.lower(), float(weight or 1)) for code, weight in _LIKED.findall(accepted[:_READ])]
    ours = [(code, weight) for code, weight in liked if code in LANGUAGES and weight > 0]
    return max(ours, key=lambda one: one[1])[0] if ours else None  # of equals the first


@router.get("/healthz", tags=["probes"])
async def healthz() -> Alive:
    """Say that this process serves."""
    return Alive(ok=True, detail="alive")


@router.get("/readyz", tags=["probes"], responses={503: {"model": Alive, "description": _NOT_READY}})
async def readyz(hub: HubDep, response: Response) -> Alive:
    """Say whether the database answers and has this version's tables."""
    try:
        async with hub.sessions.begin() as session:
            current = await _is_current(session)
    except SQLAlchemyError:
        response.status_code = 503
        return Alive(ok=False, detail="the database does not answer")
    if not current:
        response.status_code = 503
        return Alive(ok=False, detail="the database has another version's tables")
    return Alive(ok=True, detail="ready")


async def _is_current(session: AsyncSession) -> bool:
    def ask(connection: Connection) -> bool:
        return migrate.is_current(connection)

    return await (await session.connection()).run_sync(ask)
