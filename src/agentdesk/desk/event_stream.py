"""The hub's stream of events, as typed values."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import structlog
from pydantic import ValidationError

from agentdesk.wire.events import EVENT, Event

if TYPE_CHECKING:
    from httpx_sse import EventSource

#: What the hub tells by itself, and None for `reset`: everything may be newer than what is shown.
HubEvent = Event | None

log = structlog.get_logger(__name__)


async def typed(source: EventSource) -> AsyncIterator[tuple[str, HubEvent]]:
    """Yield each event with its id."""
    async for sent in source.aiter_sse():
        if sent.event == "reset":
            yield sent.id, None
            continue
        if not sent.data:
            continue  # httpx-sse takes the hub's ping, a mere comment, for an empty event
        try:
            event = EVENT.validate_json(sent.data)
        except ValidationError:
            # a newer hub may tell of things this desk does not know
            log.warning("an event was not understood", kind=sent.event)
            continue
        yield sent.id, event
