"""Calls to Twilio's API, and what its refusals mean."""

from collections.abc import Mapping
from typing import Any

from agentdesk.adapters.base import Health, Misconfigured, Rejected
from agentdesk.adapters.http import Response, VendorHttp, json_of, refusal
from agentdesk.adapters.twilio.config import TwilioConfig

NAME = "twilio"
#: Codes an administrator has to act on (https://www.twilio.com/docs/api/errors): credentials, the Pay
#: Connector missing, deauthorised, unapproved, or unable to make a token.
_MISCONFIGURED = frozenset({20003, 64001, 64004, 64005, 64006, 64007, 64009, 64013, 64022, 64023, 64024})


class TwilioApi:
    """An account's API."""

    def __init__(self, config: TwilioConfig) -> None:
        self._config = config
        self._http = VendorHttp(NAME, config.base_url, auth=config.credentials, timeout_s=config.timeout_s)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def post(self, call_sid: str, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        """Post to something of a call and return the reply's object.

        Raises Rejected, and what VendorHttp.send raises.
        """
        return await self._post(self._config.calls_path(call_sid) + path, form)

    async def text(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Send a text message and return the reply's object. Raises as `post`."""
        return await self._post(self._config.messages_path, form)

    async def _post(self, path: str, form: Mapping[str, str]) -> dict[str, Any]:
        response = await self._http.send("POST", path, form=form)
        if not response.is_success:
            raise _refusal(response)
        body: dict[str, Any] = json_of(NAME, response)
        return body

    async def check(self) -> Health:
        """Say whether the account's calls can be read."""
        return await self._http.health(self._config.calls_path(), [("PageSize", "1")])


def _refusal(response: Response) -> Rejected:
    error = _error_of(response)
    code, message = error.get("code"), str(error.get("message", ""))
    built = refusal(NAME, response, str(code) if code else None, message)
    if code in _MISCONFIGURED:
        return Misconfigured(built.detail, vendor_code=built.vendor_code)
    return built


def _error_of(response: Response) -> dict[str, Any]:
    """Return Twilio's error object; empty where something before Twilio answered."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
