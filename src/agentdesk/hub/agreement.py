"""What a caller may agree to pay: by the firm's policy, the accounts and the agent's own limit."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain import allocation, policy
from agentdesk.domain.allocation import Allocation
from agentdesk.domain.errors import Invalid
from agentdesk.hub import customers, splits
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.wire import payments as wire


@dataclass(frozen=True, slots=True)
class Agreed:
    """How much goes to which invoice, none on account; `whole` is what both cards of a split pay."""

    parts: list[Allocation]
    whole: list[Allocation] = field(default_factory=list)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The parts as the payment keeps them."""
        return rows(self.parts)

    @property
    def whole_rows(self) -> list[dict[str, Any]]:
        """The whole as both payments of a split keep it."""
        return rows(self.whole)


async def read(
    hub: Hub,
    session: AsyncSession,
    who: Who,
    new: wire.NewPaymentIntent,
    account: customers.AccountCopy,
    open_amounts: list[allocation.OpenAmount],
) -> Agreed:
    """Return what may be taken. Raises Invalid where it may not, Conflict where a first card is not over."""
    amount, rules = new.amount.money, hub.settings.amounts.policy
    limit, currency = who.limit.money if who.limit else None, account.account.balance.currency
    if amount.currency != currency:
        raise Invalid("currency_mismatch", expected=currency, got=amount.currency)
    if new.split_of is not None:
        return Agreed(*await splits.rest(session, who, new, open_amounts))
    if new.on_account:
        policy.check_on_account(rules, amount, currency, limit)
        return Agreed([])
    wanted = _allocations(new.whole or new.allocations, open_amounts)
    if new.whole:
        policy.check_split(rules, amount, wanted, open_amounts, limit)
        return Agreed(policy.first_half(amount, wanted), wanted)
    wanted = wanted or allocation.spread(amount, open_amounts)
    policy.check(rules, amount, wanted, open_amounts, limit)
    return Agreed(wanted)


def _allocations(
    wanted: list[wire.AllocationIn], open_amounts: list[allocation.OpenAmount]
) -> list[Allocation]:
    numbers = {item.invoice_id: item.number for item in open_amounts}
    return [
        Allocation(one.invoice_id, numbers.get(one.invoice_id, one.invoice_id), one.amount.money)
        for one in wanted
    ]


def rows(parts: list[Allocation]) -> list[dict[str, Any]]:
    """Return parts as a payment keeps them."""
    return [{"invoice_id": p.invoice_id, "number": p.number, "amount_minor": p.amount.minor} for p in parts]
