"""The firm's policies as they are set: how much may be taken."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from agentdesk.domain.money import Money
from agentdesk.domain.plan import PlanPolicy
from agentdesk.domain.policy import Lookup, Policy
from agentdesk.i18n import _

#: In upper case: the environment's names come in lower case.
Currency = Annotated[str, StringConstraints(pattern="^[A-Za-z]{3}$", to_upper=True)]
Minor = Annotated[int, Field(gt=0)]


class Part(BaseModel):
    """A group of settings; unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SavedCards(Part):
    """Cards kept at the processor for their holders, who agreed on the phone.

    `words` are read out before, and `wording` is their version: change both together. `only_checked`: where a
    queue checks its callers, only one who passed pays with a saved card.
    """

    wording: Annotated[str, StringConstraints(min_length=1, max_length=40)] = "2026-11"
    words: Annotated[str, StringConstraints(min_length=20, max_length=1000)] = _(
        "Shall we keep this card for your next payment? Our payment provider would store it; we see only its "
        "last four digits and expiry date. We charge it only when you ask us to, on a call like this one. "
        "You can have it removed at any time. Do you agree?"
    )
    only_checked: bool = True


class Plans(Part):
    """Debts that are taken from a saved card in instalments.

    `words` are read out before, with the days and amounts, and `wording` is their version: change both
    together. `most` is how many instalments, `least` the smallest, in minor units by currency. Nothing is
    taken before the hour `from_hour` of the business.
    """

    wording: Annotated[str, StringConstraints(min_length=1, max_length=40)] = "2026-11"
    words: Annotated[str, StringConstraints(min_length=20, max_length=1000)] = _(
        "You agree that we charge your saved card by ourselves on each of these days, with the amounts that "
        "I have read to you, until all of it is paid. You can stop that at any time: call us before the day. "
        "Do you agree?"
    )
    most: int = Field(default=12, ge=2, le=100)
    longest_days: int = Field(default=366, ge=7, le=3660)
    least: dict[Currency, Minor] = {}
    from_hour: int = Field(default=9, ge=0, le=23)

    @property
    def policy(self) -> PlanPolicy:
        """The rules as the domain knows them."""
        return PlanPolicy(self.most, self.longest_days, _moneys(self.least))


class Amounts(Part):
    """How much may be taken at once. `least` and `most` are minor units by currency: GBP = 100 is a pound.

    The default least is what Stripe charges at least.
    """

    lookup: Lookup = Lookup.EDITABLE
    parts: bool = True  # an invoice may be paid in part
    part_percent: int = Field(default=0, ge=0, le=100)  # a part is at least that much of its invoice
    split: bool = True  # over two cards
    least: dict[Currency, Minor] = {"GBP": 30, "EUR": 50, "USD": 50}
    most: dict[Currency, Minor] = {}

    @model_validator(mode="after")
    def _least_below_most(self) -> Self:
        for currency, most in self.most.items():
            if self.least.get(currency, 0) > most:
                raise ValueError(f"the least of {currency} is over the most")
        return self

    @property
    def policy(self) -> Policy:
        """The rules as the domain knows them."""
        least, most = _moneys(self.least), _moneys(self.most)
        return Policy(self.lookup, self.parts, self.part_percent, self.split, least, most)


def _moneys(amounts: dict[str, int]) -> tuple[Money, ...]:
    return tuple(Money(minor, currency) for currency, minor in amounts.items())
