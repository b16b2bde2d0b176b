"""A plain signed webhook of call events, turned into evidence.

POST {"call_id", "event", "from", "to", "queue", "agent", "at"}, where the event is ringing, answered, held,
resumed, transferred (to `agent`) or ended, and `at` when it happened in ISO 8601: who is held twice makes two
events. With the header `<signature_header>: sha256=<hex HMAC-SHA256 of the raw body>`.
"""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from agentdesk.adapters.base import BadSignature, CallEvidence, Evidence, RawWebhook, Rejected
from agentdesk.adapters.cti.config import CtiConfig
from agentdesk.domain.call import CallState

NAME = "cti"
#: The line of an ended call is down; whether the agent still has to wrap up is the hub's to say.
_STATES = {
    "ringing": CallState.RINGING,
    "answered": CallState.CONNECTED,
    "held": CallState.HELD,
    "resumed": CallState.CONNECTED,
    "transferred": CallState.CONNECTED,
    "ended": CallState.ENDED,
}


class CallEvent(BaseModel):
    """One event as the phone system posts it; what it does not know is absent, null or blank."""

    call_id: str = Field(min_length=1, max_length=100)
    event: Literal["ringing", "answered", "held", "resumed", "transferred", "ended"]
    at: AwareDatetime
    from_number: str | None = Field(None, alias="from", max_length=50)
    to_number: str | None = Field(None, alias="to", max_length=50)
    queue: str | None = Field(None, max_length=100)
    agent: str | None = Field(None, max_length=100)


class CtiWebhooks:
    """WebhookPort for a phone system's call events."""

    Config = CtiConfig
    name = NAME

    def __init__(self, config: CtiConfig) -> None:
        self._header = config.signature_header.lower()
        secrets = (config.secret, config.previous_secret)
        self._secrets = [secret.get_secret_value() for secret in secrets if secret]

    def receive(self, raw: RawWebhook) -> Sequence[Evidence]:
        """Verify on the raw bytes, then read. Raises BadSignature, or Rejected for an unreadable body."""
        if not is_signed(raw.headers.get(self._header, ""), raw.body, self._secrets):
            raise BadSignature(NAME)
        try:
            event = CallEvent.model_validate_json(raw.body)
        except ValidationError as error:
            parts = ", ".join(str(one["loc"][0]) for one in error.errors() if one["loc"]) or "all of it"
            raise Rejected(f"{NAME}: the body is not a call event, see {parts}") from error
        return [_evidence(event, hashlib.sha256(raw.body).hexdigest())]


def is_signed(given: str, body: bytes, secrets: Sequence[str]) -> bool:
    """Say whether one of the secrets signed the body."""
    made = ["sha256=" + hmac.new(one.encode(), body, hashlib.sha256).hexdigest() for one in secrets]
    return any(hmac.compare_digest(one.encode(), given.encode()) for one in made)


def _evidence(event: CallEvent, digest: str) -> CallEvidence:
    return CallEvidence(
        call_ref=event.call_id,
        state=_STATES[event.event],
        event_id=digest,
        from_number=event.from_number or None,
        to_number=event.to_number or None,
        queue=event.queue or None,
        agent=event.agent or None,
        transferred=event.event == "transferred",
    )
