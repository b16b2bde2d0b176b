"""What every route of the Twilio face shares: the account, its credentials, form parameters."""

import base64
import hmac
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from agentdesk.sandbox.box import Sandbox
from agentdesk.sandbox.calls import Call
from agentdesk.sandbox.telephony import WrongState
from agentdesk.sandbox.twilio_errors import TwilioError

Handler = Callable[[Request], Awaitable[Response]]


def account_router(box: Sandbox) -> APIRouter:
    """Return an empty router for one account: it checks credentials and answers errors as Twilio does."""

    class AccountRoute(APIRoute):
        def get_route_handler(self) -> Handler:  # type: ignore[override]
            handle = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                try:
                    _authenticate(box, request)
                    return await handle(request)
                except WrongState as error:
                    return TwilioError(21220, str(error)).response()
                except TwilioError as error:
                    return error.response()

            return guarded

    return APIRouter(prefix="/2010-04-01/Accounts/{account_sid}", route_class=AccountRoute)


async def parameters(request: Request) -> dict[str, str]:
    """Return the form parameters, blank ones included."""
    return dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))


def known_call(box: Sandbox, sid: str) -> Call:
    """Return the call of a caller's leg; raise 20404 when there is none."""
    call = box.telephony.call(sid)
    if not call:
        raise TwilioError(20404, sid)
    return call


def _authenticate(box: Sandbox, request: Request) -> None:
    given = request.headers.get("authorization", "").removeprefix("Basic ")
    s = box.settings
    allowed = (f"{s.account_sid}:{s.auth_token}", f"{s.api_key_sid}:{s.api_key_secret}")
    if not any(hmac.compare_digest(given, base64.b64encode(a.encode()).decode()) for a in allowed):
        raise TwilioError(20003)
    if request.path_params["account_sid"] != s.account_sid:
        raise TwilioError(20404, request.path_params["account_sid"])
