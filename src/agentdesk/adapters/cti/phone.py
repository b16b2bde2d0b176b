"""Commands to a phone system, signed like its own events: answer a ringing call."""

import hashlib
import hmac
import json
import time
from urllib.parse import quote

from agentdesk.adapters.base import Health, VendorError
from agentdesk.adapters.cti.config import CtiConfig
from agentdesk.adapters.http import VendorHttp, down, refusal
from agentdesk.i18n import _

NAME = "cti"
_SLOW_S = 2.0


class CtiPhone:
    """PhonePort by signed POSTs; without a command address agents answer on their own phone."""

    Config = CtiConfig
    name = NAME

    def __init__(self, config: CtiConfig) -> None:
        self._config = config
        self._http = VendorHttp(NAME, config.command_url, timeout_s=5.0) if config.command_url else None

    async def aclose(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.aclose()

    async def answer(self, call_ref: str, agent: str) -> None:
        """Connect a ringing call to the agent. Raises VendorError."""
        if self._http is None:
            return
        body = json.dumps({"agent": agent}).encode()
        secret = self._config.secret.get_secret_value().encode()
        signature = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", self._config.signature_header: signature}
        path = f"/{quote(call_ref, safe='')}/answer"
        response = await self._http.send("POST", path, content=body, headers=headers)
        if not response.is_success:
            raise refusal(NAME, response, None, "the call was not connected")

    async def check(self) -> Health:
        """Say whether anything answers at the command address: a phone system need not know the bare one."""
        if self._http is None:
            return Health("ready", _("agents answer on their phone"), 0.0)
        started = time.monotonic()
        try:
            await self._http.send("GET", "")
        except VendorError as error:
            return Health("down", down(error), time.monotonic() - started)
        took_s = time.monotonic() - started
        return Health(
            "ready" if took_s < _SLOW_S else "slow",
            _("answered in {took_s:.1f} s").format(took_s=took_s),
            took_s,
        )
