"""Kills processes and arms faults at random instants, as many as it was told."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import httpx
import psycopg

from bench.chaos.fleet import Fleet

_CHARGE = ("stripe", "POST /v1/payment_intents")
_LOOK_UP = ("stripe", "GET /v1/payment_intents")
_KEYPAD = ("twilio", "/Payments/")  # not the recorder, without which no card session opens
_REQUEST = ("delay", "drop_reply_after_executing", "error_500_before", "error_500_after_executing", "down")
_CALLBACK = ("callback_lost", "callback_late", "callback_duplicate", "callback_reordered")
#: Face, part of the route and kind of everything that is made to go wrong outside.
FAULTS = [
    *((*_CHARGE, kind) for kind in (*_REQUEST, "rate_limited", "callback_before_reply")),
    *((*_LOOK_UP, kind) for kind in ("down", "error_500_before", "delay")),
    *((*_KEYPAD, kind) for kind in ("delay", "drop_reply_after_executing", "error_500_before")),
    *(("stripe", "payment_intent", kind) for kind in (*_CALLBACK, "callback_bad_signature")),
    *(("twilio", "", kind) for kind in _CALLBACK),
    *(("cti", "", kind) for kind in _CALLBACK),
]
#: Armed this often in a row: what strikes only once seldom meets the moment it would matter.
_COUNTS = (1, 1, 1, 2)
_LATER_S = (1.0, 25.0)  # of the sandbox's time; beyond what the vendors' clients wait for


@dataclass
class Saboteur:
    """What is done to whom; `armed` counts the faults by kind."""

    fleet: Fleet
    sandbox: str
    database: str
    http: httpx.AsyncClient
    chance: random.Random
    crashes: int = 0
    armed: Counter[str] = field(default_factory=Counter)

    async def work(self, seconds: float, kills: int, faults: int, crashes: int) -> None:
        """Do everything within the given time, then stop."""
        await asyncio.gather(
            self._spread(seconds, kills, self._kill),
            self._spread(seconds, faults, self._arm),
            self._spread(seconds, crashes, self._crash),
        )

    async def calm(self) -> None:
        """Disarm what has not struck."""
        (await self.http.delete(f"{self.sandbox}/_sim/faults")).raise_for_status()

    async def _spread(self, seconds: float, count: int, act: Callable[[], Awaitable[None]]) -> None:
        began = time.monotonic()
        for instant in sorted(self.chance.uniform(0, seconds) for _ in range(count)):
            await asyncio.sleep(max(0.0, began + instant - time.monotonic()))
            await act()

    async def _kill(self) -> None:
        self.fleet.kill(self.chance)

    async def _crash(self) -> None:
        """Kill -9 our own backend of the database, which then ends all others and recovers from its log."""
        async with await psycopg.AsyncConnection.connect(self.database) as connection:
            os.kill(connection.info.backend_pid, signal.SIGKILL)
            self.crashes += 1

    async def _arm(self) -> None:
        face, route, kind = self.chance.choice(FAULTS)
        count = self.chance.choice(_COUNTS)
        wish = {"face": face, "route": route, "kind": kind, "count": count}
        answer = await self.http.post(
            f"{self.sandbox}/_sim/faults", json=wish | {"delay_s": self.chance.uniform(*_LATER_S)}
        )
        answer.raise_for_status()
        self.armed[kind] += count
