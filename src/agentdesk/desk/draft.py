"""What the payment form is about to take."""

from dataclasses import dataclass

from agentdesk.domain.money import Money


@dataclass(frozen=True)
class Draft:
    """What is read out: an amount, of `whole` where two cards pay, from a saved `card`; or the `consent`."""

    amount: Money
    invoices: list[str]
    whole: Money | None = None
    card: str = ""
    consent: bool = False
