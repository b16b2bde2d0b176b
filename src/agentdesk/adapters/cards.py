"""The port of saved cards: the processor keeps a card for a customer, shows it, and lets it go.

We hold its references, brand, last four digits and expiry, and nothing it could be charged with elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from agentdesk.adapters.base import TokenRef
from agentdesk.domain.card import CardSummary


@dataclass(frozen=True, slots=True)
class KeptCard:
    """A card that the processor keeps; `live` says whether real money moves on it."""

    token: TokenRef
    card: CardSummary
    live: bool


class CardPort(Protocol):
    """Keeps cards at the processor that charges them. Everything here may be asked again."""

    name: str

    async def token_of(self, charge_ids: Mapping[str, str]) -> TokenRef:
        """Return the token of the card that was charged. Raises VendorError."""
        ...

    async def open_customer(self, customer_id: str, *, key: str) -> str:
        """Make the processor's own record of a customer and return its id; one key makes one."""
        ...

    async def keep(self, token: TokenRef, *, key: str) -> KeptCard:
        """Keep the card for the token's customer. Raises Rejected where the processor will not."""
        ...

    async def find(self, token: TokenRef) -> KeptCard | None:
        """Return the card as it is kept now; None where it is not kept for the token's customer."""
        ...

    async def let_go(self, token: TokenRef) -> None:
        """Let the card go for good. One that is not kept is no error."""
        ...
