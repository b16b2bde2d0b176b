"""Refused actions go into the audit log, too: who tried what, on what, and why not."""

from typing import Any

from fastapi import Request

from agentdesk.domain.errors import AgentDeskError, NotAllowed
from agentdesk.hub import audit
from agentdesk.hub.context import Hub

_READS = ("GET", "HEAD", "OPTIONS")
_ABOUT_MONEY = {"payments", "work", "refunds"}


async def note(request: Request, error: AgentDeskError) -> None:
    """Keep a refusal: of anything for lack of a permission, and of every step of a payment.

    What nobody signed in for is not kept: everybody could fill the log with it.
    """
    who = getattr(request.state, "who", None)
    route: Any = request.scope.get("route")
    if who is None or route is None or not _matters(request, route, error):
        return
    hub: Hub = request.app.state.hub
    subject = ", ".join(str(one) for one in request.path_params.values()) or "none"
    async with hub.sessions.begin() as session:
        audit.append(
            session,
            who,
            f"{route.tags[0]}.{route.name}",
            subject=subject,
            result="refused",
            detail={"code": error.code},
        )


def _matters(request: Request, route: Any, error: AgentDeskError) -> bool:
    return isinstance(error, NotAllowed) or (
        request.method not in _READS and not _ABOUT_MONEY.isdisjoint(route.tags)
    )
