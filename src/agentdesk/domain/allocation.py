"""Which invoices a payment pays, and whether it may."""

from dataclasses import dataclass

from agentdesk.domain.errors import Invalid
from agentdesk.domain.money import Money, total


@dataclass(frozen=True, slots=True)
class OpenAmount:
    """What is open on one invoice."""

    invoice_id: str
    number: str
    outstanding: Money


@dataclass(frozen=True, slots=True)
class Allocation:
    """How much of a payment goes to one invoice."""

    invoice_id: str
    number: str
    amount: Money


def check(
    amount: Money, wanted: list[Allocation], open_amounts: list[OpenAmount], limit: Money | None
) -> None:
    """Raise Invalid unless the amount may be taken for these invoices.

    The allocations must add up to the amount, each invoice must be open, and none may be paid more
    than is open on it. `limit` is the agent's own ceiling; None means no ceiling. It says nothing of an
    amount in another currency: that takes somebody without one.
    """
    if amount.minor <= 0:
        raise Invalid("amount_zero")
    _check_currency(amount, wanted, open_amounts)
    check_limit(amount, limit)
    owed = {item.invoice_id: item for item in open_amounts}
    everything = total([item.outstanding for item in open_amounts], amount.currency)
    if amount.minor > everything.minor:
        raise Invalid("amount_over_balance", amount=amount, owed=everything)
    for part in wanted:
        _check_part(part, owed.get(part.invoice_id))
    if len({part.invoice_id for part in wanted}) != len(wanted) or (
        total([part.amount for part in wanted], amount.currency) != amount
    ):
        raise Invalid("allocation_mismatch", amount=amount)


def check_limit(amount: Money, limit: Money | None) -> None:
    """Raise Invalid where the amount is over the agent's own ceiling; None is none."""
    if limit is None:
        return
    if amount.currency != limit.currency:
        raise Invalid("limit_other_currency", currency=amount.currency, limit=limit)
    if amount.minor > limit.minor:
        raise Invalid("amount_over_limit", amount=amount, limit=limit)


def spread(amount: Money, open_amounts: list[OpenAmount]) -> list[Allocation]:
    """Share an amount over invoices in the order given, each filled before the next one starts.

    Credits and settled invoices get nothing. What is more than all of them stays unshared.
    """
    left, parts = amount.minor, []
    for item in open_amounts:
        share = min(left, item.outstanding.minor)
        if share > 0:
            parts.append(Allocation(item.invoice_id, item.number, Money(share, amount.currency)))
            left -= share
    return parts


def _check_currency(amount: Money, wanted: list[Allocation], open_amounts: list[OpenAmount]) -> None:
    for other in [*(i.outstanding for i in open_amounts), *(a.amount for a in wanted)]:
        if other.currency != amount.currency:
            raise Invalid("currency_mismatch", expected=other.currency, got=amount.currency)


def _check_part(part: Allocation, item: OpenAmount | None) -> None:
    if item is None:
        raise Invalid("invoice_unknown", number=part.number)
    if part.amount.minor <= 0:
        raise Invalid("amount_zero")
    if part.amount.minor > item.outstanding.minor:
        raise Invalid("allocation_over_item", amount=part.amount, owed=item.outstanding, number=item.number)
