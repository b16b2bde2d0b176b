"""A caller on the sandbox's line: keys cards by their name, and shows what the callbacks said."""

import itertools
from dataclasses import dataclass
from typing import Any

import httpx

from agentdesk.adapters.base import CaptureEvidence, OpenCapture, RawWebhook, SessionRef, TokenRef
from agentdesk.adapters.twilio.capture import TwilioCapture
from agentdesk.adapters.twilio.config import TwilioConfig
from agentdesk.adapters.twilio.webhooks import TwilioWebhooks
from agentdesk.domain.capture import CaptureEvent, CardField
from tests.receiver import Post, Receiver

FIELDS = (CardField.NUMBER, CardField.EXPIRY, CardField.SECURITY_CODE)
BRANDS = ("visa", "mastercard", "amex", "discover")
_number = itertools.count(1)


def fresh(prefix: str) -> str:
    """Return an id that no test used before."""
    return f"{prefix}_{next(_number)}"


@dataclass
class Caller:
    """An answered call. `call_ref` is the caller's leg."""

    sim: httpx.Client
    receiver: Receiver
    config: TwilioConfig
    call_ref: str

    @property
    def callback_url(self) -> str:
        """Return where callbacks of this call go."""
        return f"{self.receiver.url}/cb/{self.call_ref}"

    def request(self, **changes: Any) -> OpenCapture:
        """Return a request for a session on this call."""
        attempt = fresh("att")
        usual: dict[str, Any] = {
            "attempt_id": attempt,
            "idempotency_key": f"{attempt}:open",
            "call_ref": self.call_ref,
            "callback_url": self.callback_url,
            "description": "Invoice INV-1",
            "fields": FIELDS,
            "brands": BRANDS,
            "key_gap_s": 20,
        }
        return OpenCapture(**{**usual, **changes})

    def script(self, what: str, **body: Any) -> None:
        """Call the sandbox's script API for this call."""
        self.sim.post(f"/_sim/calls/{self.call_ref}/{what}", json=body).raise_for_status()

    def key(self, card: str = "visa-approves") -> None:
        """Key the field that is asked now, from a card by its name."""
        self.script("key-card", card=card, gap_ms=0)

    def evidence(self) -> list[CaptureEvidence]:
        """Return what all callbacks so far said, verified and read as the hub does."""
        return [one for post in self.receiver.posts for one in self.read(post)]

    def wait_for(self, event: CaptureEvent, card_field: CardField | None = None) -> CaptureEvidence:
        """Return the first such evidence, waiting for it until a deadline."""

        def told(post: Post) -> list[CaptureEvidence]:
            return [one for one in self.read(post) if one.event is event and card_field in (None, one.field)]

        return told(self.receiver.wait_for(told))[0]

    def read(self, post: Post) -> list[CaptureEvidence]:
        """Return what one callback says."""
        raw = RawWebhook(self.receiver.url + post.path, post.headers, post.body)
        found = TwilioWebhooks(self.config).receive(raw)
        assert all(isinstance(one, CaptureEvidence) for one in found), found
        return [one for one in found if isinstance(one, CaptureEvidence)]

    async def keyed(self, port: TwilioCapture, card: str = "visa-approves") -> SessionRef:
        """Open a session and key every field of a card."""
        request = self.request()
        sid = await port.open(request)
        session = SessionRef(request.attempt_id, sid, self.call_ref, self.callback_url)
        for card_field in FIELDS:
            await port.request_field(session, card_field, key=fresh("key"))
            self.key(card)
            self.wait_for(CaptureEvent.FIELD_IN, card_field)
        return session

    async def token(self, card: str) -> TokenRef:
        """Turn a card into a token, the whole way."""
        port = TwilioCapture(self.config)
        session = await self.keyed(port, card)
        await port.submit(session, key=fresh("key"))
        token = self.wait_for(CaptureEvent.TOKEN).token
        await port.aclose()
        assert token
        return token
