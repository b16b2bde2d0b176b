"""Saved cards as the desk sees them: never a reference of the processor's."""

from pydantic import Field

from agentdesk.domain.card import CardSummary
from agentdesk.domain.saved_card import SavedCardState
from agentdesk.wire.model import Instant, Wire


class NewConsent(Wire):
    """The caller agreed to have the card kept; `wording` is the version of what was read to them."""

    wording: str = Field(min_length=1, max_length=40)


class Consent(Wire):
    """What became of a consent. `by` is the agent's name; `why` says in words why the card is not kept."""

    state: SavedCardState
    wording: str
    by: str
    at: Instant
    why: str | None


class SavedCard(Wire):
    """A card that can be charged again; `label` as `Visa ending 4242, 08/28`.

    `off_reason` says why it cannot be charged now, as far as the hub knows without a call; None where it can.
    `exp_month` and `exp_year` are its last month; None where that is not known.
    """

    card_id: str
    brand: str | None
    last4: str | None
    label: str
    agreed_by: str
    agreed_at: Instant
    off_reason: str | None
    exp_month: int | None = None
    exp_year: int | None = None

    @property
    def summary(self) -> CardSummary:
        """The card as the domain knows it."""
        return CardSummary(self.brand, self.last4, self.exp_month, self.exp_year)


class SavedCardRules(Wire):
    """The firm's rules. `words` are read to a caller before a card is kept, `wording` is their version.

    `only_checked`: where a queue checks its callers, only one who passed may pay with a saved card.
    """

    wording: str
    words: str
    only_checked: bool
