"""The wire form of Tryton's values: JSON with `__class__` marks for what JSON lacks.

Source: the typed values of both HTTP faces of Tryton 8.0, as measured.
"""

import base64
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any


def dumps(value: Any) -> bytes:
    """Return a value as Tryton reads it."""
    return json.dumps(value, default=_mark, separators=(",", ":")).encode()


def packed(value: Any) -> str:
    """Return a value for a query parameter or a header: URL-safe base64 of its JSON."""
    return base64.urlsafe_b64encode(dumps(value)).decode()


def unmark(value: Any) -> Any:
    """Return parsed JSON with its marks turned into decimals, dates and (UTC) instants."""
    if isinstance(value, list):
        return [unmark(item) for item in value]
    if not isinstance(value, dict):
        return value
    match value.get("__class__"):
        case "Decimal":
            return Decimal(value["decimal"])
        case "date":
            return date(value["year"], value["month"], value["day"])
        case "datetime":
            day = (value["year"], value["month"], value["day"])
            return datetime(*day, value["hour"], value["minute"], value["second"], tzinfo=UTC)
    return {key: unmark(item) for key, item in value.items()}


def _mark(value: object) -> dict[str, object]:
    match value:
        case Decimal():
            return {"__class__": "Decimal", "decimal": str(value)}
        case date():
            return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    raise TypeError(f"{type(value).__name__} has no wire form here")
