"""The event stream: listens to the hub, and listens again whenever the connection was lost."""

import asyncio
import contextlib
import random
import time
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog
from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Tasks
from agentdesk.desk.hub_client import HubClient
from agentdesk.desk.numbers import tenths
from agentdesk.domain.errors import AgentDeskError, NotSignedIn
from agentdesk.i18n import _

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 8.0

log = structlog.get_logger(__name__)


class ConnectionState(StrEnum):
    """Whether events arrive."""

    CONNECTING = "connecting"
    LIVE = "live"
    LOST = "lost"


@dataclass(frozen=True)
class Connection:
    """The event stream's state and since when."""

    state: ConnectionState
    since: datetime

    @property
    def is_lost(self) -> bool:
        """Whether the hub does not answer."""
        return self.state is ConnectionState.LOST

    @property
    def why_not(self) -> str:
        """Why the hub cannot be asked anything now; empty where it can."""
        return _("Connection lost") if self.is_lost else ""


class Live(QObject):
    """Events of the hub as signals. `reset` says that events were missed: load everything again."""

    received = Signal(object)
    connected = Signal()
    lost = Signal()
    reset = Signal()

    def __init__(self, client: HubClient, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client, self._tasks = client, tasks
        self._task: asyncio.Task[None] | None = None
        self._last_id: str | None = None
        self._wait = FIRST_WAIT_S
        self._wished = asyncio.Event()
        self.is_connected = False
        self.last_event_at: float | None = None
        """When something was last heard, on time.monotonic's clock; None before."""
        client.renewed = self._listen_anew  # the hub ends the stream of the session before

    def start(self) -> None:
        """Listen from now on."""
        if self._task is None:
            self._last_id = None
            self._task = self._tasks.start(self._listen())

    def stop(self) -> None:
        """Listen no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def try_now(self) -> None:
        """Do not wait any longer before the next try to connect."""
        self._wished.set()

    def freshness(self) -> tuple[str, str]:
        """Return how fresh what is shown is, in words, and their colour role."""
        if self.last_event_at is None or self._task is None:
            return _("Connecting"), "text_2"
        if not self.is_connected:
            return _("Not live, trying again"), "danger"
        passed = time.monotonic() - self.last_event_at
        if passed < 10:
            return _("Live, last event {passed} s ago").format(passed=tenths(passed)), "text_2"
        if passed < 120:
            return _("Live, last event {passed} s ago").format(passed=round(passed)), "text_2"
        return _("Live, last event {passed} min ago").format(passed=round(passed // 60)), "text_2"

    def _listen_anew(self) -> None:
        """Go on from what was heard last, as who is signed in now; that is no lost connection."""
        if self._task is not None:
            self._task.cancel()
            self._task = self._tasks.start(self._listen())

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except NotSignedIn:
                self._task = None
                return
            except AgentDeskError as error:
                log.info("the event stream ended", code=error.code)
            self.is_connected = False
            self.lost.emit()
            # all desks lose a restarted hub at once: they must not all come back at once
            with contextlib.suppress(TimeoutError):  # that nobody wishes it sooner is the usual case
                self._wished.clear()
                async with asyncio.timeout(self._wait * random.uniform(0.5, 1.5)):
                    await self._wished.wait()
            self._wait = min(2 * self._wait, LONGEST_WAIT_S)

    async def _hear(self) -> None:
        async with self._client.events(self._last_id) as events:
            self._wait = FIRST_WAIT_S
            self.last_event_at = time.monotonic()
            self.is_connected = True
            self.connected.emit()
            async for event_id, event in events:
                self._last_id = event_id or self._last_id
                self.last_event_at = time.monotonic()
                if event is None:
                    self.reset.emit()
                else:
                    self.received.emit(event)
