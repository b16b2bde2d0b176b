"""python -m bench.screen_pop: a ringing caller on the desk, against the questions to the customer records."""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from agentdesk.adapters.tryton.accounting import TrytonAccounting
from agentdesk.adapters.tryton.config import TrytonConfig
from agentdesk.adapters.tryton.crm import TrytonCrm
from agentdesk.cli.demo.world import passing_home
from bench.figures import Figure, main, percentile, spread
from bench.stage import STAND_IN, TRYTON, Stage, Wanted, stage
from bench.stream import desk

HOW = """\
Screen pop: from the ring at the phone network (our request to it included) until an event-stream client has
read who rings. It needs one question to the customer records, `find_by_phone`, which is two requests to
Tryton, one after the other. Customer on screen: from asking the hub for the customer and the history at the
same time, as a desk does, until both are there; it needs four questions at once: record, account, open
invoices, history. The direct arm is our adapter alone against the same server, each question by itself, in
turns with the hub; the slowest is the one whose median is the largest. First with a real Tryton on the same
cores, which answers in milliseconds and one question after the other: what the hub adds looks largest there,
and four questions at once take as long as their sum. Then with a stand-in that takes --thinks for each
request, as records across a network do, and answers at the same time."""


async def measure(options: argparse.Namespace, _: Path) -> list[Figure]:
    """Measure with a real Tryton, then with customer records that think."""
    real = Wanted(ledger=TRYTON, calls_told=True, charges_told=False)
    slow = replace(real, ledger=STAND_IN, thinks_s=options.thinks)
    arms = [
        ("Tryton", real, options.pops),
        (f"records think {options.thinks * 1000:.0f} ms", slow, options.slow_pops),
    ]
    figures = []
    for where, wanted, count in arms:
        if count:
            with passing_home() as inner:
                figures += await _with(wanted, options.warm_up, count, where, inner)
    return figures


async def _with(wanted: Wanted, warm_up: int, count: int, where: str, folder: Path) -> list[Figure]:
    """Let one customer after another ring, and look at their account."""
    async with stage(wanted, folder) as made, AsyncExitStack() as stack:
        direct = _Direct(made)
        stack.push_async_callback(direct.aclose)
        desk_of = _Desk()
        await stack.enter_async_context(desk(made.hub, made.tokens[0], desk_of.take))
        pops, shown = list[float](), list[float]()
        for turn in range(-warm_up, count):
            if turn == 0:
                direct.took_s.clear()
                pops.clear()
                shown.clear()
            customer, number = made.customers[turn % len(made.customers)]
            steps = [
                lambda c=customer, n=number: direct.once(c, n),
                lambda c=customer, n=number: _once(made, desk_of, c, n, pops, shown),
            ]
            for step in steps if turn % 2 else reversed(steps):  # who goes first finds the ledger cold
                await step()
    return _figures(where, direct.took_s, pops, shown)


def _figures(
    where: str, direct: dict[str, list[float]], pops: list[float], shown: list[float]
) -> list[Figure]:
    finding = direct.pop("find_by_phone")
    slowest = max(direct, key=lambda name: percentile(direct[name], 0.5))
    arms = {"screen pop": pops, "find_by_phone": finding, "customer on screen": shown, **direct}
    return [
        *_ratio(f"{where}: screen pop / find_by_phone", pops, finding),
        *_ratio(f"{where}: customer on screen / {slowest}", shown, direct[slowest]),
        *(figure for name, took_s in arms.items() for figure in spread(f"{where}: {name}", took_s)),
    ]


def _ratio(what: str, above: list[float], below: list[float]) -> list[Figure]:
    goals = ((50, 1.2), (99, None))
    return [
        Figure(f"{what}, p{p}", percentile(above, p / 100) / percentile(below, p / 100), "", goal)
        for p, goal in goals
    ]


class _Direct:
    """Our adapter alone, each question by itself."""

    def __init__(self, made: Stage) -> None:
        server = made.ledger
        config = TrytonConfig(
            base_url=server.url,
            database=server.database,
            key=server.key,
            user=server.user,
            password=server.password,
        )
        self._crm, self._accounting = TrytonCrm(config), TrytonAccounting(config)
        self.took_s: dict[str, list[float]] = {}

    async def once(self, customer: str, number: str) -> None:
        """Ask everything that is needed to show a caller."""
        questions: dict[str, Callable[[], Awaitable[Any]]] = {
            "find_by_phone": lambda: self._crm.find_by_phone(number),
            "record": lambda: self._crm.record(customer),
            "account": lambda: self._accounting.account(customer),
            "open_items": lambda: self._accounting.open_items(customer),
            "history": lambda: self._crm.history(customer),
        }
        for name, ask in questions.items():
            began = time.perf_counter()
            await ask()
            self.took_s.setdefault(name, []).append(time.perf_counter() - began)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._crm.aclose()
        await self._accounting.aclose()


class _Desk:
    """When the call that rings now was first seen with its caller, and seen to be gone."""

    def __init__(self) -> None:
        self._matched, self._gone = asyncio.Event(), asyncio.Event()
        self._number, self._at = "", 0.0

    def expect(self, number: str) -> None:
        """Look out for a call of this number."""
        self._number = number
        self._matched.clear()
        self._gone.clear()

    def take(self, at: float, kind: str, data: Any) -> None:
        """See an event."""
        if kind == "call_gone":
            self._gone.set()
        elif kind == "call" and data["call"]["number"] == self._number and data["call"]["matches"]:
            self._at = self._at if self._matched.is_set() else at
            self._matched.set()

    async def matched(self) -> float:
        """Wait until the caller is known; return when that was."""
        await asyncio.wait_for(self._matched.wait(), 60)
        return self._at

    async def gone(self) -> None:
        """Wait until it rings no longer."""
        await asyncio.wait_for(self._gone.wait(), 60)


async def _once(
    made: Stage, desk_of: _Desk, customer: str, number: str, pops: list[float], shown: list[float]
) -> None:
    """Let the customer ring, hang up, and look at the account."""
    desk_of.expect(number)
    began = time.perf_counter()
    ref = (await made.told("/calls", {"from": number}))["sid"]
    pops.append(await desk_of.matched() - began)
    await made.told(f"/calls/{ref}/hang-up")
    await desk_of.gone()
    began, path = time.perf_counter(), f"/v1/customers/{customer}"
    await asyncio.gather(made.ask(0, "GET", path), made.ask(0, "GET", f"{path}/history"))
    shown.append(time.perf_counter() - began)


def arguments() -> argparse.ArgumentParser:
    """Return what can be chosen."""
    parser = argparse.ArgumentParser(prog="python -m bench.screen_pop", description=__doc__)
    parser.add_argument("--pops", type=int, default=200, help="callers who ring with a real Tryton; 0: none")
    parser.add_argument("--warm-up", type=int, default=20, help="callers before those that count")
    parser.add_argument("--slow-pops", type=int, default=60, help="callers where the records think; 0: none")
    parser.add_argument("--thinks", type=float, default=0.15, help="seconds these take for each request")
    return parser


if __name__ == "__main__":
    main("Screen pop / the slowest question it needs", HOW, arguments(), measure)
