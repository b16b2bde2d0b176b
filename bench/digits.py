"""python -m bench.digits: a digit pressed at the phone until its dot is on the desk."""

import argparse
import asyncio
import contextlib
import random
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from bench.figures import Figure, main, percentile, spread
from bench.stage import Stage, Wanted, stage
from bench.stream import desk

HOW = """\
From the press at the phone network (our request to it included) until an event-stream client of the agent has
read the event with one dot more. In between: the keypad service's signed callback, the hub's transaction,
NOTIFY, the fan-out to all desks. As many captures are live and as many desks connected, all on one hub, as
told; keys come at random instants, --keys-per-second in all: 100 callers whose card sessions of 23 keys last
about two minutes make 20. The bare loop, in turns with the keys: one request to the sandbox and one NOTIFY
from one connection to another. The phone network, its callbacks and all the desks run on the same cores."""
_OPENS_WITHIN_S = 60.0
_KEYED_MOST = 15  # one less than a card number: the field stays live


@dataclass
class Caller:
    """A caller whose card number is being asked for; `pressed` by how many digits are in then."""

    person: int
    ref: str = ""
    attempt_id: str = ""
    keyed: int = 0
    pressed: dict[int, float] = field(default_factory=dict)
    took_s: list[float] = field(default_factory=list)
    seen: asyncio.Event = field(default_factory=asyncio.Event)
    one_key: asyncio.Lock = field(default_factory=asyncio.Lock)  # a caller presses one after the other
    state: str = ""
    timed_out: int = 0
    lost: int = 0

    def take(self, at: float, kind: str, data: Any) -> None:
        """See the dots of an event."""
        if kind != "payment" or not data["payment"]["attempts"]:
            return
        capture = data["payment"]["attempts"][-1]["capture"]
        number = next(one for one in capture["fields"] if one["field"] == "number")
        self.state = number["state"]
        began = self.pressed.pop(number["digits"], None) if number["digits"] else None
        if began is not None:
            self.took_s.append(at - began)
        self.seen.set()

    async def until(self, state: str) -> None:
        """Wait until the number's field is there."""
        give_up = time.perf_counter() + _OPENS_WITHIN_S
        while self.state != state:
            if time.perf_counter() > give_up:
                raise RuntimeError(f"the card number of {self.attempt_id} is {self.state!r}, not {state}")
            self.seen.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.seen.wait(), 1)


async def measure(options: argparse.Namespace, folder: Path) -> list[Figure]:
    """Open the captures, connect the desks, press keys."""
    wanted = Wanted(people=max(options.desks, options.captures), customers=options.captures, invoices_each=2)
    async with stage(wanted, folder) as made, AsyncExitStack() as stack:
        callers = [Caller(number) for number in range(options.captures)]
        for person, token in enumerate(made.tokens):
            take = callers[person].take if person < len(callers) else _nothing
            await stack.enter_async_context(desk(made.hub, token, take))
        for step in (_open, _ask_number):  # all are open before the first is asked: then the keys must come
            for first in range(0, len(callers), 4):
                await asyncio.gather(*(step(made, one) for one in callers[first : first + 4]))
        before_s = made.cpu_s()["hub"]
        bare = await _press(made, callers, options)
        hub_s = made.cpu_s()["hub"] - before_s
    took_s = [seconds for one in callers for seconds in one.took_s]
    lost = sum(one.lost + len(one.pressed) for one in callers)
    return [
        Figure("digit to dot, p99", percentile(took_s, 0.99) * 1000, "ms", most=50),
        Figure("digit to dot, p50", percentile(took_s, 0.5) * 1000, "ms"),
        Figure("digit to dot / bare loop, p50", percentile(took_s, 0.5) / percentile(bare, 0.5)),
        Figure("digit to dot / bare loop, p99", percentile(took_s, 0.99) / percentile(bare, 0.99)),
        *spread("bare loop: one request, one NOTIFY", bare),
        Figure("CPU of the hub for each digit", hub_s / max(1, len(took_s)) * 1000, "ms"),
        Figure("dots seen", len(took_s)),
        Figure("digits whose own dot was not seen", lost, most=0),
        Figure("fields that timed out and were asked again", sum(one.timed_out for one in callers)),
    ]


def _nothing(_at: float, _kind: str, _data: Any) -> None:
    """Be a desk that this is not about."""


async def _open(made: Stage, caller: Caller) -> None:
    """Take a call, agree on a payment and secure the line."""
    customer, number = made.customers[caller.person]
    person = caller.person
    caller.ref = (await made.told("/calls", {"from": number}))["sid"]
    call = await made.ask(person, "POST", "/v1/calls", {"number": number, "call_ref": caller.ref})
    await made.told(f"/calls/{caller.ref}/answer")
    path = f"/v1/calls/{call['call_id']}/customer"
    await made.ask(person, "PUT", path, {"customer_id": customer})
    item = (await made.ask(person, "GET", f"/v1/customers/{customer}"))["open_items"][0]
    agreed = {
        "key": f"bench-key-of-{caller.ref}",
        "call_id": call["call_id"],
        "customer_id": customer,
        "amount": item["outstanding"],
        "allocations": [{"invoice_id": item["invoice_id"], "amount": item["outstanding"]}],
    }
    intent_id = (await made.ask(person, "POST", "/v1/payment-intents", agreed))["intent_id"]
    new = {"key": f"bench-try-of-{caller.ref}", "route": "keypad"}
    payment = await made.ask(person, "POST", f"/v1/payment-intents/{intent_id}/attempts", new)
    caller.attempt_id = payment["attempts"][-1]["attempt_id"]
    await caller.until("ready")


async def _ask_number(made: Stage, caller: Caller) -> None:
    """Have the number keyed from its first digit on."""
    caller.lost += len(caller.pressed)
    caller.pressed.clear()
    caller.keyed = 0
    await made.ask(caller.person, "POST", f"/v1/attempts/{caller.attempt_id}/fields/number")
    await caller.until("live")


async def _press(made: Stage, callers: list[Caller], options: argparse.Namespace) -> list[float]:
    """Press keys at random instants, each caller in turn; return the durations of the bare loop."""
    chance, bare = random.Random(1), list[float]()
    keys = int(options.seconds * options.keys_per_second)
    async with asyncio.TaskGroup() as pressing, _Loop(made) as loop:
        due = time.perf_counter()
        for turn in range(keys):
            due += chance.expovariate(options.keys_per_second)
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            pressing.create_task(_press_one(made, callers[turn % len(callers)]))
            if turn % 5 == 0:
                bare.append(await loop.once())
    await _all_seen(callers)
    return bare


async def _press_one(made: Stage, caller: Caller) -> None:
    async with caller.one_key:
        timed_out = caller.state == "failed"  # the keypad service waits for a key no longer than that
        caller.timed_out += timed_out
        if timed_out or caller.keyed >= _KEYED_MOST:
            await _ask_number(made, caller)
        caller.keyed += 1
        caller.pressed[caller.keyed] = time.perf_counter()
        await made.told(f"/calls/{caller.ref}/keys", {"digits": "4"})


async def _all_seen(callers: list[Caller]) -> None:
    """Give the last dots a while to come."""
    give_up = time.perf_counter() + 10
    while any(one.pressed for one in callers) and time.perf_counter() < give_up:
        await asyncio.sleep(0.05)


class _Loop:
    """The least that could carry a digit: one request, one NOTIFY."""

    def __init__(self, made: Stage) -> None:
        self._made = made

    async def __aenter__(self) -> "_Loop":
        url = self._made.database
        self._tells = await psycopg.AsyncConnection.connect(url, autocommit=True)
        self._hears = await psycopg.AsyncConnection.connect(url, autocommit=True)
        await self._hears.execute("listen bench_loop")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._tells.close()
        await self._hears.close()

    async def once(self) -> float:
        """Go round once; return how long it took."""
        began = time.perf_counter()
        await self._made.http.get(f"{self._made.sandbox['url']}/_sim/config")
        await self._tells.execute("notify bench_loop")
        async for _ in self._hears.notifies(stop_after=1):
            pass
        return time.perf_counter() - began


def arguments() -> argparse.ArgumentParser:
    """Return what can be chosen."""
    parser = argparse.ArgumentParser(prog="python -m bench.digits", description=__doc__)
    parser.add_argument("--desks", type=int, default=500, help="connected to the one hub")
    parser.add_argument("--captures", type=int, default=100, help="live on it")
    parser.add_argument("--keys-per-second", type=float, default=20.0, help="of all callers together")
    parser.add_argument("--seconds", type=float, default=40.0, help="how long keys are pressed")
    return parser


if __name__ == "__main__":
    main("Digit pressed at the phone -> dot on the desk", HOW, arguments(), measure)
