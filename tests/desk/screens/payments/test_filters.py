"""What the filters ask of the hub, and how they read."""

from datetime import date, datetime

import pytest

from agentdesk.desk.screens.payments.filters import Days, Filters
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptState

TODAY = date(2026, 11, 21)


def days(filters: Filters) -> tuple[str, str]:
    """Return the first instants of the range and after it, in this computer's time."""
    query = filters.query(TODAY)
    bounds = [datetime.fromisoformat(str(query[name])).astimezone() for name in ("from", "to")]
    assert all(bound.strftime("%H:%M:%S") == "00:00:00" for bound in bounds)
    return str(bounds[0].date()), str(bounds[1].date())


@pytest.mark.parametrize(
    ("filters", "bounds", "words"),
    [
        (Filters(), ("2026-11-21", "2026-11-22"), "Today, 21 Nov"),
        (Filters(days=Days.YESTERDAY), ("2026-11-20", "2026-11-21"), "Yesterday, 20 Nov"),
        (Filters(days=Days.WEEK), ("2026-11-15", "2026-11-22"), "Last 7 days"),
        (Filters(days=Days.MONTH), ("2026-10-23", "2026-11-22"), "Last 30 days"),
        (
            Filters(days=Days.BETWEEN, first=date(2025, 12, 31), last=date(2026, 1, 2)),
            ("2025-12-31", "2026-01-03"),
            "31 Dec 2025 to 2 Jan",
        ),
    ],
)
def test_days_are_whole_and_both_ends_belong(filters: Filters, bounds: tuple[str, str], words: str) -> None:
    assert days(filters) == bounds
    assert filters.days_words(TODAY) == words


def test_nothing_chosen_asks_for_everything() -> None:
    assert set(Filters(days=Days.ALL).query(TODAY).values()) == {None}


def test_what_is_chosen_is_asked_for() -> None:
    chosen = Filters(
        agent="usr_1",
        route="keypad",
        state=AttemptState.NOT_SENT,
        smallest=Money(100, "GBP"),
        largest=Money(20000, "GBP"),
        words=" okafor ",
    )
    query = chosen.query(TODAY)
    assert {name: query[name] for name in ("agent", "route", "state", "q", "min", "max")} == {
        "agent": "usr_1", "route": "keypad", "state": "not_sent", "q": "okafor", "min": 100, "max": 20000,
    }  # fmt: skip


def test_amounts_read_as_a_range() -> None:
    low, high = Money(100, "GBP"), Money(20000, "GBP")
    assert Filters().amount_words() == "Any amount"
    assert Filters(smallest=low).amount_words() == "From £1.00"
    assert Filters(largest=high).amount_words() == "Up to £200.00"
    assert Filters(smallest=low, largest=high).amount_words() == "£1.00 to £200.00"
