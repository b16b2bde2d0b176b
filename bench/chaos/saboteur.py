"""Kills processes, restarts the database and arms faults at random instants, as many as it was told."""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import httpx
import psycopg

from agentdesk.hub.db import embedded
from bench.chaos.fleet import Fleet
from bench.chaos.line import KINDS, Line

_CHARGE = ("stripe", "POST /v1/payment_intents")
_LOOK_UP = ("stripe", "GET /v1/payment_intents")
_KEYPAD = ("twilio", "/Payments/")  # not the recorder, without which no card session opens
_REQUEST = ("delay", "drop_reply_after_executing", "error_500_before", "error_500_after_executing", "down")
_CALLBACK = ("callback_lost", "callback_late", "callback_duplicate", "callback_reordered")
#: Face, part of the route and kind of everything that the vendors themselves do wrong.
FAULTS = [
    *((*_CHARGE, kind) for kind in (*_REQUEST, "rate_limited", "callback_before_reply")),
    *((*_LOOK_UP, kind) for kind in ("down", "error_500_before", "delay")),
    *((*_KEYPAD, kind) for kind in ("delay", "drop_reply_after_executing", "error_500_before")),
    *(("stripe", "payment_intent", kind) for kind in (*_CALLBACK, "callback_bad_signature")),
    *(("twilio", "", kind) for kind in _CALLBACK),
    *(("cti", "", kind) for kind in _CALLBACK),
]
_LATER_S = (1.0, 25.0)  # of the sandbox's time; beyond what the vendors' clients wait for
VENDORS, HUBS, LEDGER = "vendors", "hubs", "ledger"
#: How often a fault strikes where: inside a vendor, or on a line.
_PLACES = {"": 3, HUBS: 9, VENDORS: 3, LEDGER: 5}
#: How long a line holds back what is slow: at vendors and ledger also longer than our client waits, so that
#: what it made comes when another made it meanwhile.
_HELD_S = {HUBS: (0.05, 3.0), VENDORS: (0.05, 6.0), LEDGER: (0.05, 6.0)}
_ANSWERS_WITHIN_S = 60.0


@dataclass
class Saboteur:
    """What is done to whom; `armed` counts the faults by place and kind."""

    fleet: Fleet
    sandbox: str
    server: embedded.Server
    lines: Mapping[str, Line]
    http: httpx.AsyncClient
    chance: random.Random
    crashes: int = 0
    restarts: int = 0
    armed: Counter[str] = field(default_factory=Counter)

    async def work(self, seconds: float, kills: int, faults: int, crashes: int, restarts: int) -> None:
        """Do everything, spread over the given time; what comes late is done as soon as it can be."""
        await asyncio.gather(
            self._spread(seconds, kills, self._kill),
            self._spread(seconds, faults, self._arm),
            self._spread(seconds, crashes, self._crash),
            self._spread(seconds, restarts, self._restart),
        )

    async def calm(self) -> None:
        """Disarm what has not struck."""
        (await self.http.delete(f"{self.sandbox}/_sim/faults")).raise_for_status()
        for one in self.lines.values():
            one.armed.clear()
            await one.drained()

    async def _spread(self, seconds: float, count: int, act: Callable[[], Awaitable[None]]) -> None:
        began = time.monotonic()
        for instant in sorted(self.chance.uniform(0, seconds) for _ in range(count)):
            await asyncio.sleep(max(0.0, began + instant - time.monotonic()))
            await act()

    async def _kill(self) -> None:
        while not self.fleet.kill(self.chance):
            await asyncio.sleep(0.05)

    async def _crash(self) -> None:
        """Kill -9 our own backend of the database, which then ends all others and recovers from its log."""
        async with await self._connect() as connection:
            os.kill(connection.info.backend_pid, signal.SIGKILL)
            self.crashes += 1

    async def _connect(self) -> psycopg.AsyncConnection[tuple[object, ...]]:
        give_up = time.monotonic() + _ANSWERS_WITHIN_S
        while True:
            try:
                return await psycopg.AsyncConnection.connect(self.server.url())
            except psycopg.OperationalError:  # it recovers from what we did before
                if time.monotonic() > give_up:
                    raise
                await asyncio.sleep(0.1)

    async def _restart(self) -> None:
        """Stop the whole server, cleanly or as in a crash, and start it again."""
        mode = self.chance.choice(("fast", "immediate"))
        await (await self._connect()).close()  # not in the middle of a recovery, which pg_ctl gives up on
        await asyncio.to_thread(restart, self.server, mode)
        self.restarts += 1

    async def _arm(self) -> None:
        place = self.chance.choices(list(_PLACES), list(_PLACES.values()))[0]
        if place:
            kind = self.chance.choice(KINDS)
            self.lines[place].arm(kind, self.chance.uniform(*_HELD_S[place]))
        else:
            face, route, kind = self.chance.choice(FAULTS)
            wish = {"face": face, "route": route, "kind": kind, "delay_s": self.chance.uniform(*_LATER_S)}
            (await self.http.post(f"{self.sandbox}/_sim/faults", json=wish)).raise_for_status()
        self.armed[f"{place} {kind}".strip()] += 1


def restart(server: embedded.Server, mode: str) -> None:
    """Stop and start an embedded server with the settings it had; `mode` is one of pg_ctl's."""
    data = embedded._data(server.folder)
    embedded._run("pg_ctl", "restart", "-w", "-m", mode, "-D", str(data), "-l", str(data / "server.log"))
