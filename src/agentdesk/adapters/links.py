"""The ports of payment links: the page on which a customer pays, and the text that carries its address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agentdesk.adapters.base import Health, MoneyEvidence
from agentdesk.domain.money import Money


@dataclass(frozen=True, slots=True)
class OpenLink:
    """Make a page on which the customer can pay once, until `expires_at`; then they see `thanks_url`."""

    attempt_id: str
    idempotency_key: str
    amount: Money
    description: str
    reference: str
    expires_at: datetime
    thanks_url: str


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """A page that can be paid on. Whoever has the URL can pay; it is given to the customer only."""

    session_id: str
    url: str


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A text message. `to` in E.164; what became of it is told to `callback_url`."""

    to: str
    body: str
    callback_url: str


class LinkPort(Protocol):
    """Makes a page on which the customer pays without us, and knows what became of it.

    `live`: it takes real money.
    """

    name: str
    live: bool

    async def open(self, request: OpenLink) -> OpenedLink:
        """Make the page; the same key makes one. Raises VendorError."""
        ...

    async def find(self, session_id: str) -> Sequence[MoneyEvidence]:
        """Return how the page ended; empty while it can still be paid. CLOSED: it never can be again."""
        ...

    async def expire(self, session_id: str) -> Sequence[MoneyEvidence]:
        """Close the page for good, and return how it ended, which may be that it was paid."""
        ...

    async def check(self) -> Health:
        """Say whether the service answers."""
        ...


class MessagePort(Protocol):
    """Sends text messages. One whose answer was lost may arrive twice: only send what may."""

    name: str

    async def send(self, message: TextMessage) -> str:
        """Send and return the message's id. Raises VendorError."""
        ...

    async def check(self) -> Health:
        """Say whether the service answers."""
        ...
