"""What is late, where a customer has bills in more than one currency; no server is needed for it."""

from datetime import date

from agentdesk.adapters.records import OpenItem
from agentdesk.adapters.tryton.accounting import _overdue
from agentdesk.domain.money import Money


def _due(day: int, owed: Money) -> OpenItem:
    due = date(2026, 11, day)
    return OpenItem(f"{day}", f"NW-{day}", "Gas", due, due, owed, owed)


def test_only_the_ledgers_own_currency_is_overdue() -> None:
    items = [_due(1, Money(30000, "EUR")), _due(2, Money(6210, "GBP")), _due(9, Money(6126, "GBP"))]
    assert _overdue(items, "GBP", date(2026, 11, 9)) == Money(6210, "GBP")
