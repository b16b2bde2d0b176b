"""What the payment form is about to take."""

from dataclasses import dataclass

from agentdesk.domain.money import Money


@dataclass(frozen=True)
class Draft:
    """What is read out: an amount, of `whole` where two cards pay, from a saved `card`; or the `consent`.

    `is_rest`: it is what the first card left, and cannot be chosen.
    """

    amount: Money
    invoices: list[str]
    whole: Money | None = None
    is_rest: bool = False
    card: str = ""
    consent: bool = False
