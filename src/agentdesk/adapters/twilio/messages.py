"""Text messages by Twilio."""

from agentdesk.adapters.base import Health, Misconfigured, OutcomeUnknown
from agentdesk.adapters.links import TextMessage
from agentdesk.adapters.twilio.api import NAME, TwilioApi
from agentdesk.adapters.twilio.config import TwilioConfig


class TwilioMessages:
    """MessagePort on Twilio's Messages resource.

    The resource takes no idempotency key, so a message whose answer was lost is sent again and may arrive
    twice. Nothing is looked up before: a payment link that comes twice is the same link.
    """

    Config = TwilioConfig
    name = NAME

    def __init__(self, config: TwilioConfig) -> None:
        if config.messages_from is None:
            raise Misconfigured(f"vendors.{NAME}.messages_from: is needed to send payment links")
        self._sender = config.messages_from
        self._api = TwilioApi(config)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._api.aclose()

    async def send(self, message: TextMessage) -> str:
        """Send and return the message's id. Raises VendorError."""
        form = {
            "To": message.to,
            "From": self._sender,
            "Body": message.body,
            "StatusCallback": message.callback_url,
        }
        sid = (await self._api.text(form)).get("sid")
        if not isinstance(sid, str) or not sid:
            raise OutcomeUnknown(f"{NAME}: the reply names no message")
        return sid

    async def check(self) -> Health:
        """Say whether the service answers."""
        return await self._api.check()
