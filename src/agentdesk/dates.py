"""Days as people write and say them, in the language spoken. Months come from the Unicode CLDR, by babel."""

from datetime import UTC, date, datetime

from babel.dates import format_date, get_timezone_name

from agentdesk.i18n import LANGUAGES, language

#: Where the language has several ways: the day comes before the month.
_LOCALES = {"en": "en_GB"}
_SHORT = {"en": "d MMM", "de": "d. MMM", "es": "d MMM", "fr": "d MMM"}
_LONG = {"en": "d MMMM", "de": "d. MMMM", "es": "d 'de' MMMM", "fr": "d MMMM"}
_SAID = {"en": "EEEE d MMMM", "de": "EEEE, d. MMMM", "es": "EEEE, d 'de' MMMM", "fr": "EEEE d MMMM"}


def short(day: date, *, with_year: bool = False) -> str:
    """Return `8 Oct`, or `8 Oct 2026`."""
    return _format(day, _SHORT, with_year)


def long(day: date) -> str:
    """Return `8 October`."""
    return _format(day, _LONG, with_year=False)


def in_full(day: date) -> str:
    """Return `8 October 2026`, for what is kept and read later."""
    return _format(day, _LONG, with_year=True)


def said(day: date, *, with_year: bool = False) -> str:
    """Return `Thursday 8 October`, or `Thursday 8 October 2026`."""
    return _format(day, _SAID, with_year)


def typed(day: date) -> str:
    """Return `08/10/2026`, as a field for a day reads it."""
    return f"{day:%d.%m.%Y}" if language() == "de" else f"{day:%d/%m/%Y}"


def minute_and_zone(instant: datetime) -> str:
    """Return `11:43 CET`, the zone where the language has a short name for it, for who may be in another."""
    code = language() if language() in LANGUAGES else "en"
    name = (
        "UTC"
        if instant.tzinfo is UTC
        else get_timezone_name(instant, "short", locale=_LOCALES.get(code, code))
    )
    return f"{instant:%H:%M} {name}" if name.isalpha() else f"{instant:%H:%M}"


def _format(day: date, patterns: dict[str, str], with_year: bool) -> str:
    code = language() if language() in LANGUAGES else "en"
    of_year = " 'de' y" if code == "es" and patterns is not _SHORT else " y"
    return format_date(day, patterns[code] + (of_year if with_year else ""), locale=_LOCALES.get(code, code))
