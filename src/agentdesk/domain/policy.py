"""A firm's rules of how much may be taken: whole invoices or parts, least and most, on account, two cards."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agentdesk.domain import allocation
from agentdesk.domain.allocation import Allocation, OpenAmount
from agentdesk.domain.errors import Invalid
from agentdesk.domain.money import Money, total


class Lookup(StrEnum):
    """How strictly an amount follows the invoices."""

    FIXED = "fixed"  # what the chosen invoices owe, nothing else
    EDITABLE = "editable"  # it may be changed inside the rules
    OPTIONAL = "optional"  # and there may be an amount without any invoice: on account


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules. `least` and `most` hold one amount for each currency that has one.

    `part_percent`: what a part must at least be of what its invoice owes. `most` is of one payment, and of
    both cards together where it is split.
    """

    lookup: Lookup = Lookup.EDITABLE
    parts: bool = True
    part_percent: int = 0
    split: bool = True
    least: tuple[Money, ...] = ()
    most: tuple[Money, ...] = ()


def check(
    policy: Policy,
    amount: Money,
    wanted: Sequence[Allocation],
    open_amounts: Sequence[OpenAmount],
    limit: Money | None,
) -> None:
    """Raise Invalid unless the policy, the accounts and the agent's own limit let it be taken on one card."""
    allocation.check(amount, list(wanted), list(open_amounts), limit)
    check_size(policy, amount)
    owed = {item.invoice_id: item.outstanding for item in open_amounts}
    if policy.lookup is Lookup.FIXED:
        _check_fixed(amount, wanted, owed)
    for part in wanted:
        _check_part(policy, part, owed[part.invoice_id])


def check_on_account(policy: Policy, amount: Money, currency: str, limit: Money | None) -> None:
    """Raise Invalid unless it may be taken without an invoice; `currency` is the account's."""
    if policy.lookup is not Lookup.OPTIONAL:
        raise Invalid("on_account_not_allowed")
    if amount.minor <= 0:
        raise Invalid("amount_zero")
    if amount.currency != currency:
        raise Invalid("currency_mismatch", expected=currency, got=amount.currency)
    allocation.check_limit(amount, limit)
    check_size(policy, amount)


def check_split(
    policy: Policy,
    first: Money,
    whole: Sequence[Allocation],
    open_amounts: Sequence[OpenAmount],
    limit: Money | None,
) -> None:
    """Raise Invalid unless all of it may be taken, a first card paying `first` and a second one the rest."""
    if not policy.split:
        raise Invalid("split_not_allowed")
    amount = total([part.amount for part in whole], first.currency)
    check(policy, amount, whole, open_amounts, limit)
    left = amount - first
    if left.minor <= 0:
        raise Invalid("split_too_much", amount=first, whole=amount)
    for half in (first, left):
        _check_least(policy, half)


def first_half(first: Money, whole: Sequence[Allocation]) -> list[Allocation]:
    """Share the first card's amount over what both pay, each invoice filled before the next one starts."""
    return allocation.spread(first, [OpenAmount(one.invoice_id, one.number, one.amount) for one in whole])


def rest(whole: Sequence[Allocation], taken: Sequence[Allocation]) -> list[Allocation]:
    """Return what is left of each invoice of a split; nothing of one that was paid, or more than paid."""
    left = []
    for one in whole:
        paid = sum(part.amount.minor for part in taken if part.invoice_id == one.invoice_id)
        if one.amount.minor > paid:
            amount = Money(one.amount.minor - paid, one.amount.currency)
            left.append(Allocation(one.invoice_id, one.number, amount))
    return left


def of_currency(amounts: Sequence[Money], currency: str) -> Money | None:
    """Return the amount of this currency; None where there is none."""
    return next((one for one in amounts if one.currency == currency), None)


def check_size(policy: Policy, amount: Money) -> None:
    """Raise Invalid where the amount is more or less than the firm takes by card at once."""
    most = of_currency(policy.most, amount.currency)
    if most is not None and amount.minor > most.minor:
        raise Invalid("amount_over_most", amount=amount, most=most)
    _check_least(policy, amount)


def _check_least(policy: Policy, amount: Money) -> None:
    if amount.minor <= 0:
        raise Invalid("amount_zero")
    least = of_currency(policy.least, amount.currency)
    if least is not None and amount.minor < least.minor:
        raise Invalid("amount_under_least", amount=amount, least=least)


def _check_fixed(amount: Money, wanted: Sequence[Allocation], owed: dict[str, Money]) -> None:
    chosen = total([owed[part.invoice_id] for part in wanted], amount.currency)
    if amount != chosen:
        raise Invalid("amount_fixed", amount=amount, owed=chosen)


def _check_part(policy: Policy, part: Allocation, owed: Money) -> None:
    if part.amount == owed:
        return
    if not policy.parts:
        raise Invalid("part_not_allowed", number=part.number, owed=owed)
    least = Money(-(-owed.minor * policy.part_percent // 100), owed.currency)  # rounded up
    if part.amount.minor < least.minor:
        raise Invalid("part_too_small", amount=part.amount, number=part.number, least=least)
