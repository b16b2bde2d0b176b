"""Time as the sandbox lives it: it can run faster and can be wrong."""

import asyncio
import email.utils
from datetime import UTC, datetime, timedelta

from agentdesk.sandbox.settings import Settings


class Clock:
    """The sandbox's only source of time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def now(self) -> datetime:
        """Return the time in UTC, wrong by the configured skew."""
        return datetime.now(UTC) + timedelta(seconds=self._settings.clock_skew_s)

    def unix(self) -> int:
        """Return the time in whole seconds since 1970, as Stripe writes it."""
        return int(self.now().timestamp())

    def seconds(self, seconds: float) -> float:
        """Return how many real seconds a stretch of sandbox time takes."""
        return seconds / self._settings.speed

    async def sleep(self, seconds: float) -> None:
        """Wait a stretch of sandbox time."""
        await asyncio.sleep(self.seconds(seconds))


def iso_ms(moment: datetime) -> str:
    """Write a time as Twilio's callbacks do: 2021-08-10T03:58:27.290Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def rfc_2822(moment: datetime) -> str:
    """Write a time as Twilio's replies do: Tue, 10 Aug 2021 03:58:27 +0000."""
    return email.utils.format_datetime(moment)
