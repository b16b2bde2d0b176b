"""The append-only record of every request, reply and callback, with anything card-like removed."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

DIGIT_RUN = re.compile(r"\d(?:[ -]?\d){12,}")
SECRET_PARAMETER = re.compile(r"(?i)\b(cvc|cvv|digits)\b|card\]?\[number")
REFUSED = "[digits refused]"


@dataclass(frozen=True)
class Entry:
    """One thing that happened."""

    n: int
    at: str
    what: str
    facts: dict[str, Any]


class Journal:
    """What happened, in order, since the process started."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def add(self, what: str, **facts: Any) -> None:
        """Append one entry; every run of 13 or more digits in it is replaced by a fixed text."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._entries.append(Entry(len(self._entries) + 1, at, what, _without_digit_runs(facts)))

    def after(self, n: int) -> list[Entry]:
        """Return the entries that follow number n, oldest first."""
        return self._entries[n:]


def has_digit_run(text: str) -> bool:
    """Say whether a text contains 13 or more digits in a row, spaces and hyphens ignored."""
    return DIGIT_RUN.search(text) is not None


def readable_form(body: bytes) -> dict[str, str]:
    """Return a form body for the journal, with card numbers and security codes hidden."""
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: "xxx" if SECRET_PARAMETER.search(name) else value for name, value in pairs}


def _without_digit_runs(value: Any) -> Any:
    if isinstance(value, dict):
        return {_without_digit_runs(k): _without_digit_runs(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_without_digit_runs(v) for v in value]
    if isinstance(value, str):
        return DIGIT_RUN.sub(REFUSED, value)
    if isinstance(value, int) and has_digit_run(str(value)):
        return REFUSED
    return value
