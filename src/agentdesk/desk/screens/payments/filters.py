"""What the payment log shows: days, agent, way to pay, outcome, amount, words."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum

from agentdesk.desk import times
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptState
from agentdesk.i18n import _

OUTCOMES = {
    AttemptState.APPROVED: _("Approved"),
    AttemptState.DECLINED: _("Declined"),
    AttemptState.PENDING: _("Pending"),
    AttemptState.UNKNOWN: _("Unknown"),
    AttemptState.NOT_SENT: _("Not sent"),
}


class Days(Enum):
    """A range of days."""

    TODAY = _("Today")
    YESTERDAY = _("Yesterday")
    WEEK = _("Last 7 days")
    MONTH = _("Last 30 days")
    ALL = _("All days")
    BETWEEN = _("From day to day")


_LENGTHS = {Days.WEEK: 7, Days.MONTH: 30}


@dataclass(frozen=True)
class Filters:
    """What is shown; None and "" mean all. `first` and `last` are days of Days.BETWEEN, both included."""

    days: Days = Days.TODAY
    first: date | None = None
    last: date | None = None
    agent: str | None = None
    route: str | None = None
    state: AttemptState | None = None
    smallest: Money | None = None
    largest: Money | None = None
    words: str = ""

    def range(self, today: date) -> tuple[date | None, date | None]:
        """Return first and last day, both included; None where there is no bound."""
        match self.days:
            case Days.ALL:
                return None, None
            case Days.BETWEEN:
                return self.first, self.last
            case Days.TODAY:
                return today, today
            case Days.YESTERDAY:
                return today - timedelta(days=1), today - timedelta(days=1)
        return today - timedelta(days=_LENGTHS[self.days] - 1), today

    def query(self, today: date) -> dict[str, str | int | None]:
        """Return the hub's parameters; days begin at midnight of this computer."""
        first, last = self.range(today)
        return {
            "from": _midnight(first) if first else None,
            "to": _midnight(last + timedelta(days=1)) if last else None,
            "agent": self.agent,
            "route": self.route,
            "state": self.state and self.state.value,
            "q": self.words.strip() or None,
            "min": self.smallest and self.smallest.minor,
            "max": self.largest and self.largest.minor,
        }

    def days_words(self, today: date) -> str:
        """Return `Today, 21 Nov`, or the range."""
        first, last = self.range(today)
        if self.days in (Days.TODAY, Days.YESTERDAY) and first:
            return f"{self.days.value}, {times.day(first, today)}"
        if self.days is Days.BETWEEN and first and last:
            return _("{first} to {last}").format(first=times.day(first, today), last=times.day(last, today))
        return self.days.value

    def amount_words(self) -> str:
        """Return `£50.00 to £100.00`, or what of it is bounded."""
        if self.smallest and self.largest:
            return _("{smallest} to {largest}").format(smallest=self.smallest, largest=self.largest)
        if self.smallest:
            return _("From {smallest}").format(smallest=self.smallest)
        return _("Up to {largest}").format(largest=self.largest) if self.largest else _("Any amount")


def _midnight(day: date) -> str:
    return datetime.combine(day, time.min).astimezone().isoformat()
