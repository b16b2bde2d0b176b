"""Days: as they are typed, and as they are said."""

from datetime import date

import pytest

from agentdesk.desk import days

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("4/12", date(2026, 12, 4)),
        (" 4.12. ", date(2026, 12, 4)),
        ("4 12", date(2026, 12, 4)),
        ("21/11", TODAY),
        ("20/11", date(2027, 11, 20)),
        ("4/12/2026", date(2026, 12, 4)),
        ("04.12.2025", date(2025, 12, 4)),
        ("2026-12-04", date(2026, 12, 4)),
        ("+0", TODAY),
        ("+14", date(2026, 12, 5)),
        ("29/2", None),
        ("29/2/2028", date(2028, 2, 29)),
        ("31/4", None),
        ("12/13", None),
        ("4/12/26", None),
        ("tomorrow", None),
        ("-3", None),
        ("", None),
    ],
)
def test_what_is_typed_is_read_day_first(typed: str, day: date | None) -> None:
    assert days.read(typed, TODAY) == day


def test_days_are_said_with_their_weekday_and_distance() -> None:
    assert days.words(date(2026, 12, 4), TODAY) == "Friday 4 December"
    assert days.words(date(2027, 1, 4), TODAY) == "Monday 4 January 2027"
    said = [days.distance(date(2026, 11, day), TODAY) for day in (20, 21, 22, 28)]
    assert said == ["yesterday", "today", "tomorrow", "in 7 days"]
