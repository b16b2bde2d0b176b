"""Days as people type and say them."""

import re
from datetime import date, timedelta

from agentdesk import dates
from agentdesk.i18n import _

_NEAR = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\Z")
_DAY_FIRST = re.compile(r"(\d{1,2})[./ ](\d{1,2})(?:[./ ](\d{4}))?\.?\Z")
_AHEAD = re.compile(r"\+(\d{1,3})\Z")


def read(text: str, today: date) -> date | None:
    """Read `4/12`, `4.12.2026`, `2026-12-04` or `+7`; None where it is no day.

    The day comes before the month. Without a year it is the next such day.
    """
    bare = text.strip()
    if ahead := _AHEAD.match(bare):
        return today + timedelta(days=int(ahead[1]))
    if iso := _ISO.match(bare):
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    if typed := _DAY_FIRST.match(bare):
        day, month, year = int(typed[1]), int(typed[2]), typed[3]
        if year:
            return _day(int(year), month, day)
        this_year = _day(today.year, month, day)
        return this_year if this_year is None or this_year >= today else _day(today.year + 1, month, day)
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def words(day: date, today: date) -> str:
    """Return a day as it is said, `Friday 4 December`, with the year where it is not this one."""
    return dates.said(day, with_year=day.year != today.year)


def alone(day: date, today: date) -> str:
    """Return a day as `words` does where nothing stands before it: it begins with a capital."""
    said = words(day, today)
    return said[:1].upper() + said[1:]


def distance(day: date, today: date) -> str:
    """Return how far a day is, `today`, `tomorrow`, `in 12 days`."""
    days = (day - today).days
    if days in _NEAR:
        return _NEAR[days]
    return _("in {days} days").format(days=days) if days > 0 else _("{days} days ago").format(days=-days)
