"""The base of every wire model, and money on the wire."""

from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict

from agentdesk.domain.money import Money

Instant = AwareDatetime


class Wire(BaseModel):
    """A message; immutable, and unknown fields are refused so that a typing error is not silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class Amount(Wire):
    """Money in minor units and an ISO 4217 currency."""

    minor: int
    currency: str

    @classmethod
    def of(cls, money: Money) -> Self:
        """Wrap money for the wire."""
        return cls(minor=money.minor, currency=money.currency)

    @property
    def money(self) -> Money:
        """The amount as the domain knows it. Raises Invalid for a currency that is none."""
        return Money(self.minor, self.currency)

    def __str__(self) -> str:
        return str(self.money)
