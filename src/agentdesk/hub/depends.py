"""What a route can ask for: the hub, one transaction, the person who is signed in."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.errors import NotAllowed
from agentdesk.domain.people import Permission
from agentdesk.hub import auth
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub

_bearer = HTTPBearer(auto_error=False, description="The token of `POST /v1/sessions` or `POST /v1/set-up`.")


def _hub(request: Request) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


HubDep = Annotated[Hub, Depends(_hub)]


async def _transaction(hub: HubDep) -> AsyncIterator[AsyncSession]:
    async with hub.sessions.begin() as session:
        yield session


#: The request's one transaction: committed after the route and before the answer, so that no answer
#: tells of what was not kept.
Db = Annotated[AsyncSession, Depends(_transaction, scope="function")]


async def _signed_in(
    hub: HubDep, request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Who:
    request.state.who = await auth.who(hub, given.credentials if given else "", address(request))
    return request.state.who  # type: ignore[no-any-return]


SignedIn = Annotated[Who, Depends(_signed_in)]


def require(permission: Permission) -> Any:
    """Return the dependency of a route that only people with this permission may use: gives their Who."""

    async def allowed(who: SignedIn) -> Who:
        if permission not in who.permissions:
            raise NotAllowed("not_allowed")
        return who

    return Depends(allowed)


def address(request: Request) -> str:
    """Return where the request comes from, for the audit log; empty where that is not known."""
    return request.client.host if request.client else ""
