"""What is being agreed in the form of a payment plan: invoices, card, days; and what is wrong with it."""

from dataclasses import dataclass
from datetime import date

from agentdesk.domain import plan
from agentdesk.domain.errors import Invalid
from agentdesk.domain.money import Money, total
from agentdesk.domain.plan import Instalment, PlanPolicy, Rhythm
from agentdesk.i18n import _
from agentdesk.wire.customers import OpenItem
from agentdesk.wire.saved_cards import SavedCard


@dataclass(frozen=True)
class Terms:
    """What the caller is asked to agree to; `count` and `first_on` None: what was typed is neither."""

    items: tuple[OpenItem, ...]
    card: SavedCard | None
    count: int | None
    rhythm: Rhythm
    first_on: date | None
    currency: str

    @property
    def total(self) -> Money:
        """All that is left of the chosen invoices."""
        return total([item.outstanding.money for item in self.items], self.currency)

    @property
    def instalments(self) -> list[Instalment]:
        """Every day and amount; none while one of them cannot be told."""
        if not self.items or self.first_on is None or not self.count:
            return []
        try:
            return plan.schedule(self.total, self.count, self.first_on, self.rhythm)
        except (ValueError, OverflowError):
            return []  # a day beyond the calendar's last year

    def problem(self, policy: PlanPolicy, today: date) -> Invalid | None:
        """Return what the firm's rules say against it, in the words of the hub; None where nothing."""
        instalments = self.instalments
        if not instalments or self.card is None:
            return None
        try:
            plan.check(policy, instalments, self.card.summary, today)
        except Invalid as error:
            return error
        return None

    @property
    def missing(self) -> str:
        """What is still to be chosen or typed; empty where all is there."""
        if not self.items:
            return _("Choose an invoice")
        if self.card is None:
            return _("Choose a card")
        if not self.count:
            return _("Type how many payments")
        return "" if self.instalments else _("Type the first day")


def is_of_the_day(error: Invalid) -> bool:
    """Say whether an error is of the first day, and not of how many payments there are."""
    return error.code == "plan_starts_today"


def usual_first_day(today: date, rhythm: Rhythm) -> date:
    """Return the day a plan starts on unless told otherwise: one step of its rhythm from today."""
    return plan.day_of(today, 1, rhythm)
