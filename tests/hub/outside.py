"""Outside systems that answer a readiness check and nothing else, for tests of what needs no vendor."""

from datetime import timedelta
from typing import Any

from agentdesk.adapters.base import Health
from agentdesk.hub.vendors import Vendors


class Quiet:
    """Plays every part; `health` is what its check answers, or raises."""

    name = "quiet"
    find_lag = timedelta(0)

    def __init__(self) -> None:
        self.health: Health | Exception = Health("ready", "Answers", 0.01)

    async def check(self) -> Health:
        """Answer the check as the test wants."""
        if isinstance(self.health, Exception):
            raise self.health
        return self.health


def quiet() -> Vendors:
    """Return outside systems that nobody is expected to use."""
    part: Any = Quiet()
    return Vendors(
        capture=part, processor=part, recorder=part, phone=part, crm=part, accounting=part, webhooks={}
    )
