"""Requests to the hub: who is signed in, its stream, and what is asked again; every failure is our error.

httpx is imported when the hub is asked first: by then the sign-in is on the screen.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import structlog

import agentdesk
from agentdesk.desk.event_stream import HubEvent, typed
from agentdesk.desk.hub_errors import error_of
from agentdesk.domain.errors import AgentDeskError, NotSignedIn, Unavailable
from agentdesk.wire.model import Wire
from agentdesk.wire.people import Person, Session, SetUp, SignIn

if TYPE_CHECKING:
    import httpx

Body = Wire | None
Params = Mapping[str, str] | None
_W = TypeVar("_W", bound=Wire)

#: Starting an attempt waits for recorder and provider, so answers may take long.
_PATIENCE_S, _TO_CONNECT_S = 30, 5
#: Three of the pings the hub sends each 10 s.
_SILENCE_S = 30
#: What only reads is asked again by itself while the hub's database restarts.
_READ_AGAIN_S = (1, 2, 4)
_THIS_SESSION = "/v1/sessions/current"

log = structlog.get_logger(__name__)


def check_url(url: str) -> str:
    """Return the hub's address. Raises ValueError where a password would travel in the clear."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url
    if parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1"):
        return url
    raise ValueError("the hub's address starts with https://, or with http:// on this computer")


class HubHttp:
    """Asks the hub; every failure is an AgentDeskError. Bodies are never logged.

    `signed_out` is called when the hub no longer knows the session, `renewed` when another one has taken the
    place of the session before, which is about to end.
    """

    def __init__(self, url: str, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self.url = check_url(url)
        self.signed_out: Callable[[], None] = lambda: None
        self.renewed: Callable[[], None] = lambda: None
        self._token: str | None = None
        self._transport = transport

    @cached_property
    def _http(self) -> httpx.AsyncClient:
        import httpx

        agent = {"User-Agent": f"agentdesk/{agentdesk.__version__}"}
        patience = httpx.Timeout(_PATIENCE_S, connect=_TO_CONNECT_S)
        return httpx.AsyncClient(
            base_url=self.url, timeout=patience, headers=agent, transport=self._transport
        )

    async def aclose(self) -> None:
        """Close all connections, where there ever was one."""
        if "_http" in vars(self):
            await self._http.aclose()

    # --- the session

    async def sign_in(self, who: SignIn) -> Person:
        """Open a session. Raises NotSignedIn, TooMany."""
        return await self._open_session("/v1/sessions", who)

    async def set_up(self, first: SetUp) -> Person:
        """Make the first administrator and sign them in. Raises Conflict, Invalid."""
        return await self._open_session("/v1/set-up", first)

    async def renew(self, who: SignIn) -> Person:
        """Sign in once more, in place of the session before; a card entry goes on.

        Raises NotSignedIn, also where they have left meanwhile, and TooMany.
        """
        before = self._token
        newer = await self._read(Session, "POST", "/v1/sessions", who)
        if before is None or self._token != before:
            await self._forgo(newer.token)
            raise NotSignedIn("not_signed_in")
        self._token = newer.token
        self.renewed()
        await self._forgo(before)
        return newer.person

    async def sign_out(self) -> None:
        """End the session, here even where the hub cannot be told."""
        ending, self._token = self._token, None
        await self._ask("DELETE", _THIS_SESSION, token=ending)

    async def _open_session(self, path: str, who: Wire) -> Person:
        self._token = None
        session = await self._read(Session, "POST", path, who)
        self._token = session.token
        return session.person

    async def _forgo(self, token: str | None) -> None:
        """End a session nobody uses any more; where the hub cannot be told it ends by itself later."""
        try:
            await self._ask("DELETE", _THIS_SESSION, params={"renewed": "true"}, token=token)
        except AgentDeskError as error:
            log.warning("a session that is not used any more was not ended", code=error.code)

    # --- asking

    async def _read(self, of: type[_W], way: str, path: str, body: Body = None, params: Params = None) -> _W:
        return of.model_validate_json((await self._ask(way, path, body, params)).content)

    async def _ask(
        self, method: str, path: str, body: Body = None, params: Params = None, token: str | None = None
    ) -> httpx.Response:
        """Ask as who is signed in, or as the owner of `token`."""
        import httpx

        headers, content = _bearer(token or self._token), None
        if body is not None:
            headers, content = headers | {"Content-Type": "application/json"}, body.model_dump_json()
        waits_s = list(_READ_AGAIN_S) if method == "GET" else []
        while True:
            try:
                response = await self._http.request(
                    method, path, params=params, content=content, headers=headers
                )
                await self._check(response)
                return response
            except httpx.TransportError as error:
                raise Unavailable("hub_unreachable") from error
            except Unavailable as error:
                if error.code != "database_unavailable" or not waits_s:
                    raise
                await asyncio.sleep(waits_s.pop(0))

    @asynccontextmanager
    async def events(self, after: str | None) -> AsyncIterator[AsyncIterator[tuple[str, HubEvent]]]:
        """Listen to the hub, from after the event with this id; entered once the hub answers.

        Yields each event with its id. Raises Unavailable when the connection is lost or silent for 30 s.
        """
        import httpx
        from httpx_sse import aconnect_sse

        headers, silence = _bearer(self._token), httpx.Timeout(_TO_CONNECT_S, read=_SILENCE_S)
        headers |= {"Last-Event-ID": after} if after else {}
        try:
            async with aconnect_sse(
                self._http, "GET", "/v1/events", headers=headers, timeout=silence
            ) as source:
                await self._check(source.response)
                yield typed(source)
        except httpx.TransportError as error:
            raise Unavailable("hub_unreachable") from error

    async def _check(self, response: httpx.Response) -> None:
        if response.is_success:
            return
        await response.aread()
        error = error_of(response.status_code, response.content)
        log.info("the hub refused", path=response.request.url.path, code=error.code)
        sent = response.request.headers.get("Authorization")
        if error.code == "not_signed_in" and sent and sent == _bearer(self._token).get("Authorization"):
            self._token = None  # and not where an answer to somebody before comes late
            self.signed_out()
        raise error


def _bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}
