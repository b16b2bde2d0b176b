"""CardPort by hand: keeps the cards of approved charges, as the bank of these tests numbers them."""

from collections.abc import Mapping

from agentdesk.adapters.base import Rejected, TokenRef
from agentdesk.adapters.cards import KeptCard
from agentdesk.domain.card import CardSummary
from tests.hub.outside import Scripted


class Keeper(Scripted):
    """Each charge's card is its own; `kept` holds what is attached, by token."""

    name = "bank"

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, TokenRef] = {}
        self.customers: dict[str, str] = {}
        self.card = CardSummary("visa", "4242", 8, 2028)
        self.live = False

    async def token_of(self, charge_ids: Mapping[str, str]) -> TokenRef:
        """Return the card of a charge."""
        await self._note("token_of", dict(charge_ids))
        if "payment_intent" not in charge_ids:
            raise Rejected("which charge?")
        return TokenRef(self.name, charge_ids["payment_intent"].replace("pi_", "pm_", 1))

    async def open_customer(self, customer_id: str, *, key: str) -> str:
        """Make one customer for each key."""
        await self._note("open_customer", customer_id, key)
        return self.customers.setdefault(key, f"cus-{len(self.customers) + 1}")

    async def keep(self, token: TokenRef, *, key: str) -> KeptCard:
        """Attach it, and then perhaps lose the answer."""
        await self._note("keep", token, key)
        self.kept[token.value] = token
        await self._note("keep_answer")
        return KeptCard(token, self.card, self.live)

    async def find(self, token: TokenRef) -> KeptCard | None:
        """Say whether it is attached."""
        await self._note("find", token)
        return KeptCard(token, self.card, self.live) if token.value in self.kept else None

    async def let_go(self, token: TokenRef) -> None:
        """Detach it, and then perhaps lose the answer."""
        await self._note("let_go", token)
        self.kept.pop(token.value, None)
        await self._note("let_go_answer")
