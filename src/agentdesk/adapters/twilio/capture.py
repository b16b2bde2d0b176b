"""Card sessions by keypad: Twilio's Payments resource, used to make a token and never to charge.

The resource has no read: a session's truth comes in callbacks (webhooks.py).
"""

from collections.abc import Mapping
from typing import Any

from agentdesk.adapters.base import Health, OpenCapture, OutcomeUnknown, Rejected, SessionRef
from agentdesk.adapters.twilio.api import NAME, TwilioApi
from agentdesk.adapters.twilio.config import TwilioConfig
from agentdesk.domain.capture import CardField

#: How the vendor calls a field when it is asked for and when it is missing.
FIELD_WORDS = {
    CardField.NUMBER: "payment-card-number",
    CardField.EXPIRY: "expiration-date",
    CardField.SECURITY_CODE: "security-code",
    CardField.POSTCODE: "postal-code",
}
#: What Twilio says of a session that has ended, and of one whose call has.
_OVER = ("20404", "21220")


class TwilioCapture:
    """CapturePort on Twilio."""

    Config = TwilioConfig
    name = NAME

    def __init__(self, config: TwilioConfig) -> None:
        self._connector = config.connector
        self._api = TwilioApi(config)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def open(self, request: OpenCapture) -> str:
        """Open a session on the caller's leg and return its id; nothing is listened for yet.

        No ChargeAmount is sent: that makes it a token, so that money is asked about at the processor.
        """
        form = {
            "IdempotencyKey": request.idempotency_key,
            "StatusCallback": request.callback_url,
            "TokenType": "payment-method",
            "PaymentConnector": self._connector,
            "Description": request.attempt_id,
            "Timeout": str(request.key_gap_s),
            "SecurityCode": _flag(CardField.SECURITY_CODE in request.fields),
            "PostalCode": _flag(CardField.POSTCODE in request.fields),
            "ValidCardTypes": " ".join(request.brands),
        }
        reply = await self._api.post(request.call_ref, "/Payments.json", form)
        return _sid(reply)

    async def request_field(self, session: SessionRef, card_field: CardField, *, key: str) -> None:
        """Start listening for a field; asking again replaces what was keyed."""
        await self._update(session, {"Capture": FIELD_WORDS[card_field]}, key)

    async def submit(self, session: SessionRef, *, key: str) -> None:
        """Ask for a token; it arrives in a callback."""
        await self._update(session, {"Status": "complete"}, key)

    async def cancel(self, session: SessionRef, *, key: str) -> None:
        """End the session; nothing is charged by it. One that has ended, or whose call has, is no error."""
        try:
            await self._update(session, {"Status": "cancel"}, key)
        except Rejected as error:
            if error.vendor_code not in _OVER:
                raise

    async def check(self) -> Health:
        """Say whether the service answers."""
        return await self._api.check()

    async def _update(self, session: SessionRef, command: Mapping[str, str], key: str) -> None:
        form = {"IdempotencyKey": key, "StatusCallback": session.callback_url, **command}
        await self._api.post(session.call_ref, f"/Payments/{session.session_id}.json", form)


def _flag(wanted: bool) -> str:
    return "true" if wanted else "false"


def _sid(reply: Mapping[str, Any]) -> str:
    sid = reply.get("sid")
    if not isinstance(sid, str) or not sid:
        raise OutcomeUnknown(f"{NAME}: the reply names no session")
    return sid
