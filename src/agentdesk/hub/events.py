"""Telling the desks: events written with the fact they follow, and given to every desk of every replica.

The row is the event; NOTIFY only wakes the replicas up, so a lost wake-up or connection loses nothing.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

import psycopg
import structlog
from sqlalchemy import bindparam, func, insert, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from agentdesk.hub.db.at_commit import at_commit
from agentdesk.hub.db.engine import KEEPALIVE, Sessions, plain
from agentdesk.hub.db.locks import AdvisoryLock
from agentdesk.hub.db.tables import Event, UserSession
from agentdesk.wire import events as wire

log = structlog.get_logger(__name__)

RESET = "reset"
KEPT_FOR = timedelta(days=1)
WAITING_MOST = 256  # events a slow desk may be behind before it is cut off; it comes back with its last id
_CHANNEL, _SIGNED_OUT = "agentdesk_event", "agentdesk_signed_out"
_BATCH = 500
_NEW = "select event_id, kind, data, user_id from event where event_id > %s order by event_id limit %s"
_LONGEST_PAUSE_S = 10.0


@dataclass(frozen=True)
class Told:
    """One event as a desk gets it; `data` is JSON. Kind `reset` means: load everything again."""

    event_id: int
    kind: str
    data: dict[str, Any]
    user_id: str | None = None

    @cached_property
    def text(self) -> str:
        """Return the data as text, written once for all desks."""
        return json.dumps(self.data, ensure_ascii=False)


class TooSlow(Exception):
    """The desk did not read its events; it must come back and resume."""


async def publish(
    session: AsyncSession,
    event: wire.Event,
    *,
    user_id: str | None = None,
) -> None:
    """Tell one person's desks, or everybody's, when the session's transaction commits.

    Transactions that publish commit one after the other, so that ids are in the order of commits and a
    resuming desk misses nothing. That costs them the time of one commit each, nothing longer.
    """
    at_commit(
        session, _write, {"user_id": user_id, "kind": event.kind, "data": event.model_dump(mode="json")}
    )


async def tell_signed_out(session: AsyncSession) -> None:
    """Have every replica end the streams of sessions that are over when this transaction commits."""
    await session.execute(select(func.pg_notify(_SIGNED_OUT, "")))


# One round trip, for everybody else who publishes waits for it. The id is given out once the lock is held;
# the wake-up goes out with the commit.
_EVENTS = Event.metadata.tables[Event.__tablename__]
_GIVEN = [bindparam(name, type_=_EVENTS.c[name].type) for name in ("user_id", "kind", "data")]
_IN_LINE = select(func.pg_advisory_xact_lock(AdvisoryLock.EVENT_ORDER), func.pg_notify(_CHANNEL, "")).cte(
    "in_line"
)
_WRITE = insert(_EVENTS).from_select(
    [one.key for one in _GIVEN], select(*_GIVEN).select_from(_IN_LINE.prefix_with("materialized"))
)


def _write(session: Session, events: list[dict[str, Any]]) -> None:
    session.connection().execute(_WRITE, events)


@dataclass(eq=False, slots=True)
class _Desk:
    user_id: str
    session: bytes
    waiting: deque[Told] = field(default_factory=deque)
    something: asyncio.Event = field(default_factory=asyncio.Event)
    too_slow: bool = False
    signed_out: bool = False

    def give(self, told: Told) -> None:
        if told.user_id in (None, self.user_id):
            self.too_slow = self.too_slow or len(self.waiting) >= WAITING_MOST
            self.waiting.append(told)
            self.something.set()


class Fanout:
    """One replica's reader of the event log: two database connections for all its desks."""

    def __init__(self, url: str, sessions: Sessions) -> None:
        self._url, self._sessions = url, sessions
        self._desks: set[_Desk] = set()
        self._last = 0
        self._closed = False
        self.listening = asyncio.Event()

    async def run(self) -> None:
        """Listen and give out until cancelled; a lost connection is made again, with growing pauses."""
        pause_s, started = 0.1, False
        while True:
            try:
                if not started:
                    self._last, started = await self._newest(), True
                await self._listen()
            except (psycopg.OperationalError, SQLAlchemyError) as error:
                log.warning("event connection lost", error=type(error).__name__, again_in_s=pause_s)
            if self.listening.is_set():
                pause_s = 0.1
                self.listening.clear()
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    def close(self) -> None:
        """End every desk's stream, so that the server can stop; desks come back to another replica."""
        self._closed = True
        for desk in self._desks:
            desk.something.set()

    @asynccontextmanager
    async def subscribe(
        self, user_id: str, last_id: int | None, session: bytes = b""
    ) -> AsyncIterator[AsyncIterator[Told]]:
        """Give the events of one desk from `last_id` on, until its session is ended.

        Starts with `reset` where `last_id` is None or no longer (or never was) in the log. The iterator
        raises TooSlow.
        """
        desk = _Desk(user_id, session)
        self._desks.add(desk)  # before reading the past: what commits in between comes twice, never not
        try:
            yield self._told(desk, last_id)
        finally:
            self._desks.discard(desk)

    async def _told(self, desk: _Desk, last_id: int | None) -> AsyncIterator[Told]:
        known = last_id is not None and await self._is_there(last_id)
        given = last_id if known and last_id is not None else await self._newest()
        if not known:
            yield Told(given, RESET, {})
        await self._end_signed_out([desk])  # it may have been ended since it was checked
        if desk.signed_out:
            return
        async for told in self._past(given, desk.user_id):
            given = told.event_id
            yield told
        while not self._closed:
            await desk.something.wait()
            desk.something.clear()
            if desk.signed_out:
                return
            while desk.waiting:
                if desk.too_slow:
                    raise TooSlow
                told = desk.waiting.popleft()
                if told.event_id > given:
                    given = told.event_id
                    yield told

    async def _listen(self) -> None:
        async with await self._connect() as hears, await self._connect() as reads:
            for channel in (_CHANNEL, _SIGNED_OUT):
                await hears.execute(f"listen {channel}")
            await self._give_out(reads)  # what came while nobody listened
            await self._end_signed_out(self._desks)
            self.listening.set()
            async for heard in hears.notifies():
                if heard.channel == _CHANNEL:
                    await self._give_out(reads)
                else:
                    await self._end_signed_out(self._desks)

    async def _connect(self) -> psycopg.AsyncConnection:
        return await psycopg.AsyncConnection.connect(plain(self._url), autocommit=True, **KEEPALIVE)

    async def _end_signed_out(self, desks: Collection[_Desk]) -> None:
        """End the streams of those whose session somebody ended."""
        ended = select(UserSession.token_hash).where(
            UserSession.token_hash.in_({desk.session for desk in desks}),
            UserSession.ended_at.is_not(None),
        )
        async with self._sessions.begin() as session:
            over = set(await session.scalars(ended))
        for desk in desks:
            if desk.session in over:
                desk.signed_out = True
                desk.something.set()

    async def _give_out(self, reads: psycopg.AsyncConnection) -> None:
        """Read what is new, in one round trip: every desk waits for it."""
        while True:
            rows = await (await reads.execute(_NEW, [self._last, _BATCH], prepare=True)).fetchall()
            for row in rows:
                told = Told(*row)
                self._last = told.event_id
                for desk in self._desks:
                    desk.give(told)
            if len(rows) < _BATCH:
                return

    async def _past(self, after: int, user_id: str) -> AsyncIterator[Told]:
        """Yield one person's events after an id, in order."""
        mine = or_(Event.user_id.is_(None), Event.user_id == user_id)
        while True:
            wanted = select(Event).where(Event.event_id > after, mine).order_by(Event.event_id).limit(_BATCH)
            async with self._sessions.begin() as session:
                rows = (await session.scalars(wanted)).all()
            for row in rows:
                after = row.event_id
                yield Told(row.event_id, row.kind, row.data, row.user_id)
            if len(rows) < _BATCH:
                return

    async def _newest(self) -> int:
        async with self._sessions.begin() as session:
            return await session.scalar(select(func.max(Event.event_id))) or 0

    async def _is_there(self, event_id: int) -> bool:
        """Say whether the event is still kept; events are dropped oldest first, so all after it are too."""
        async with self._sessions.begin() as session:
            return await session.get(Event, event_id) is not None
