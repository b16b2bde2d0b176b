"""Pausing the recording of a call while card details are spoken or keyed."""

from agentdesk.adapters.base import Health, Rejected
from agentdesk.adapters.twilio.api import NAME, TwilioApi
from agentdesk.adapters.twilio.config import TwilioConfig


class TwilioRecorder:
    """RecorderPort on Twilio's call recordings."""

    Config = TwilioConfig
    name = NAME

    def __init__(self, config: TwilioConfig) -> None:
        self._api = TwilioApi(config)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def pause(self, call_ref: str) -> None:
        """Pause the call's recording; silence takes the place of what is said. Raises VendorError."""
        await self._set(call_ref, {"Status": "paused", "PauseBehavior": "silence"})

    async def resume(self, call_ref: str) -> None:
        """Resume the call's recording. Raises VendorError."""
        await self._set(call_ref, {"Status": "in-progress"})

    async def check(self) -> Health:
        """Say whether the service answers."""
        return await self._api.check()

    async def _set(self, call_ref: str, form: dict[str, str]) -> None:
        # Twilio.CURRENT stands for the active recording (the vendor's description of this operation)
        reply = await self._api.post(call_ref, "/Recordings/Twilio.CURRENT.json", form)
        if reply.get("status") != form["Status"]:
            raise Rejected(f"{NAME}: the recording is {reply.get('status')}, not {form['Status']}")
