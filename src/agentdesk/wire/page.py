"""A page of a list."""

from typing import Generic, TypeVar

from agentdesk.wire.model import Wire

Row = TypeVar("Row")


class Page(Wire, Generic[Row]):
    """Rows and where the next page starts; `cursor` is opaque, None on the last page."""

    rows: list[Row]
    cursor: str | None = None
