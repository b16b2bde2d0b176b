"""python -m bench.screen_pop: a ringing caller on the desk, against the questions to the customer records."""

import argparse
import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from agentdesk.adapters.tryton.accounting import TrytonAccounting
from agentdesk.adapters.tryton.config import TrytonConfig
from agentdesk.adapters.tryton.crm import TrytonCrm
from bench.desk import desk
from bench.figures import Figure, main, percentile, spread
from bench.stage import STAND_IN, TRYTON, Stage, Wanted, stage

HOW = """\
Screen pop: from the ring at the phone network (our request to it included) until an event-stream client has
read who rings. It needs one question to the customer records, `find_by_phone`, which is two requests to
Tryton, one after the other. Customer on screen: from asking the hub for the customer and the history at the
same time, as a desk does, until both are there; it needs four questions at once: record, account, open
invoices, history. The direct arm is our adapter alone against the same server, each question by itself, in
turns with the hub; the slowest is the one whose median is the largest."""


async def measure(options: argparse.Namespace, folder: Path) -> list[Figure]:
    """Let one customer after another ring, and look at their account."""
    wanted = Wanted(ledger=options.ledger, calls_told=True, charges_told=False)
    async with stage(wanted, folder) as made, AsyncExitStack() as stack:
        direct = _Direct(made)
        stack.push_async_callback(direct.aclose)
        desk_of = _Desk()
        await stack.enter_async_context(desk(made.hub, made.tokens[0], desk_of.take))
        pops, shown = list[float](), list[float]()
        for turn in range(-options.warm_up, options.pops):
            if turn == 0:
                direct.took_s.clear(), pops.clear(), shown.clear()
            customer, number = made.customers[turn % len(made.customers)]
            steps = [
                lambda c=customer, n=number: direct.once(c, n),
                lambda c=customer, n=number: _once(made, desk_of, c, n, pops, shown),
            ]
            for step in steps if turn % 2 else reversed(steps):  # who goes first finds the ledger cold
                await step()
    return _figures(options.ledger, direct.took_s, pops, shown)


def _figures(
    ledger: str, direct: dict[str, list[float]], pops: list[float], shown: list[float]
) -> list[Figure]:
    finding = direct.pop("find_by_phone")
    slowest = max(direct, key=lambda name: percentile(direct[name], 0.5))
    arms = {"screen pop": pops, "find_by_phone": finding, "customer on screen": shown, **direct}
    return [
        *_ratio("screen pop / find_by_phone", pops, finding),
        *_ratio(f"customer on screen / {slowest}", shown, direct[slowest]),
        *(figure for name, took_s in arms.items() for figure in spread(f"{name}, {ledger}", took_s)),
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
    """Which numbers ring, and when each was first seen with its customer, and seen to have ended."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], asyncio.Future[float]] = {}

    def expect(self, number: str) -> tuple["asyncio.Future[float]", "asyncio.Future[float]"]:
        """Return when the number will be seen to ring with its matches, and to have ended."""
        made = [asyncio.get_running_loop().create_future() for _ in range(2)]
        self._seen = {(number, what): one for what, one in zip(("matched", "ended"), made, strict=True)}
        return made[0], made[1]

    def take(self, at: float, kind: str, data: Any) -> None:
        """See an event."""
        if kind != "call":
            return
        call = data["call"]
        for what, is_so in (("matched", call["matches"]), ("ended", call["state"] == "ended")):
            waiting = self._seen.get((call["number"], what))
            if is_so and waiting and not waiting.done():
                waiting.set_result(at)


async def _once(
    made: Stage, desk_of: _Desk, customer: str, number: str, pops: list[float], shown: list[float]
) -> None:
    """Let the customer ring, hang up, and look at the account."""
    matched, ended = desk_of.expect(number)
    began = time.perf_counter()
    ref = (await made.told("/calls", {"from": number}))["sid"]
    pops.append(await asyncio.wait_for(matched, 60) - began)
    await made.told(f"/calls/{ref}/hang-up")
    await asyncio.wait_for(ended, 60)
    began, path = time.perf_counter(), f"/v1/customers/{customer}"
    await asyncio.gather(made.ask(0, "GET", path), made.ask(0, "GET", f"{path}/history"))
    shown.append(time.perf_counter() - began)


def arguments() -> argparse.ArgumentParser:
    """Return what can be chosen."""
    parser = argparse.ArgumentParser(prog="python -m bench.screen_pop", description=__doc__)
    parser.add_argument("--pops", type=int, default=200, help="callers who ring")
    parser.add_argument("--warm-up", type=int, default=20, help="callers before those that count")
    parser.add_argument("--ledger", choices=[TRYTON, STAND_IN], default=TRYTON, help="who has the customers")
    return parser


if __name__ == "__main__":
    main("Screen pop / the slowest question it needs", HOW, arguments(), measure)
