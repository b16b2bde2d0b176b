"""Routes that vendors call: raw, signed, no session."""

from fastapi import APIRouter, Request, Response

from agentdesk.adapters.base import RawWebhook
from agentdesk.hub import webhooks
from agentdesk.hub.context import Hub
from agentdesk.hub.depends import HubDep
from agentdesk.hub.problems import problems

router = APIRouter(prefix="/webhooks", tags=["webhooks"], responses=problems(403, 404, 422))


@router.post("/{provider}", status_code=204)
async def plain(hub: HubDep, provider: str, request: Request) -> Response:
    """A message of a provider."""
    return await _receive(hub, provider, "", request)


@router.post("/{provider}/{target}", status_code=204)
async def targeted(hub: HubDep, provider: str, target: str, request: Request) -> Response:
    """A message of a provider about one attempt."""
    return await _receive(hub, provider, target, request)


async def _receive(hub: Hub, provider: str, target: str, request: Request) -> Response:
    # the URL the vendor called is configuration: behind a proxy the request's Host is another
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    headers = {name.lower(): value for name, value in request.headers.items()}
    raw = RawWebhook(hub.settings.public_url + path, headers, await request.body())
    await webhooks.receive(hub, provider, target, raw)
    return Response(status_code=204)
