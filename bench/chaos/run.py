"""One run from start to judgement."""

import asyncio
import random
import time
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from bench.chaos import facts as reading
from bench.chaos import judge, plans
from bench.chaos.agents import CARDS, Agent
from bench.chaos.ledger import notes_again
from bench.chaos.place import Place, Told
from bench.chaos.saboteur import LEDGER, Saboteur
from bench.chaos.supervisor import Supervisor
from bench.chaos.world import Options, World, world

_LAST_CALL_S = 90.0
_LAST_CHARGE_S = 60.0
_LAST_ROUNDS = 5
_MOST = 1.5  # a run that cannot keep up ends after so many times what it should take


async def run(options: Options, folder: Path) -> dict[str, Any]:
    """Take payments under sabotage, let it settle, and judge: `breaches` in the report."""
    began = time.monotonic()
    told = Told()
    async with world(options, folder) as made:
        place = Place(made.hub, made.sandbox, made.http, told)
        supervisor = Supervisor(place, made.supervisor, made.database, made.books)
        chance = random.Random(f"saboteur {options.seed}")
        saboteur = Saboteur(made.fleet, made.sandbox, made.server, made.lines, made.http, chance)
        ready = time.monotonic()
        late = await _work(options, made, saboteur, place, supervisor)
        worked_s = round(time.monotonic() - ready, 1)
        await saboteur.calm()
        await supervisor.stop_plans()
        settled_s = await _settle(options, made, supervisor)
        seen = await _charges(made), await _vendor(made, "refunds"), await _vendor(made, "kept-cards")
        saw = replace(await asyncio.to_thread(made.ledger.saw), again=notes_again(made.lines[LEDGER].again))
        facts = reading.read(made.database, seen, saw, told)
        facts = replace(facts, shown=[await supervisor.plan(row["plan_id"]) for row in facts.plans])
        found = judge.breaches(facts) + late + made.fleet.broken()
        found += await asyncio.to_thread(judge.at_the_end, made.database, made.environment)
        if not facts.charges:
            found.append("no charge succeeded: this run proves nothing")
        struck = await _struck(made)
        return {
            "options": asdict(options),
            "kills": made.fleet.kills,
            "deaths_at_failpoints": made.fleet.deaths - made.fleet.kills,
            "ended_by_themselves": dict(made.fleet.ended),
            "failed_starts": made.fleet.failed_starts,
            "database_crashes": saboteur.crashes,
            "database_restarts": saboteur.restarts,
            "faults_armed": saboteur.armed.total(),
            "faults_struck": sum(struck.values()),
            "faults_by_kind": struck,
            "started_s": round(ready - began, 1),
            "worked_s": worked_s,
            "settled_s": settled_s,
            "took_s": round(time.monotonic() - began, 1),
            **reading.counts(facts),
            "breaches": found,
        }


async def _settle(options: Options, made: World, supervisor: Supervisor) -> float:
    """Wait until nothing is under way and nothing waits for a supervisor; return how long it took."""
    took_s = 0.0
    for _ in range(_LAST_ROUNDS):
        took_s += await asyncio.to_thread(reading.wait_until_settled, made.database, options.settle_s)
        if not await supervisor.round():
            break
    return round(took_s, 1)


async def _work(
    options: Options, made: World, saboteur: Saboteur, place: Place, supervisor: Supervisor
) -> list[str]:
    """Let agents work until the saboteur is done; return in words who did not come to an end."""
    hands = [{one: 1} for one in options.cards.split(",")] if options.cards else [CARDS]
    agents = [
        Agent(
            place,
            token,
            chance,
            made.ledger.customers,
            hands[number % len(hands)],
            made.supervisor,
            options.refunds,
            options.links,
            options.splits,
            options.on_account,
            options.saves,
            options.plans,
        )
        for number, token in enumerate(made.tokens)
        if (chance := random.Random(f"agent {options.seed} {number}"))
    ]
    amounts = (options.lasts_s, options.kills, options.faults, options.crashes, options.restarts)
    sabotage = asyncio.create_task(saboteur.work(*amounts))
    work = [asyncio.create_task(one.work()) for one in agents]
    work.append(asyncio.create_task(_close(options, sabotage, made, place)))
    days = random.Random(f"days {options.seed}")
    work.append(asyncio.create_task(plans.days_pass(made.database, place, days)))
    listening = [asyncio.create_task(one.listen()) for one in agents]
    listening.append(asyncio.create_task(supervisor.work()))
    _, late = await asyncio.wait(work, timeout=_MOST * options.lasts_s + _LAST_CHARGE_S + _LAST_CALL_S)
    for task in (*late, sabotage, *listening):
        task.cancel()
    failed = await asyncio.gather(*work, sabotage, return_exceptions=True)
    stopped = await asyncio.gather(*listening, return_exceptions=True)
    failed += [one for one in stopped if isinstance(one, Exception)]  # else only told to stop
    return [repr(one) for one in failed if isinstance(one, BaseException)]


async def _close(options: Options, sabotage: "asyncio.Task[None]", made: World, place: Place) -> None:
    """Let nobody take another call once time, sabotage and charges are enough, or it took far too long."""
    began = time.monotonic()
    await asyncio.wait([sabotage], timeout=options.lasts_s * _MOST)
    await asyncio.sleep(max(0.0, began + options.lasts_s - time.monotonic()))
    give_up = time.monotonic() + _LAST_CHARGE_S
    while len(await _charges(made)) < options.charges and time.monotonic() < give_up:
        await asyncio.sleep(0.5)
    place.closing.set()


async def _charges(made: World) -> list[dict[str, Any]]:
    """Return every charge that the processor made."""
    return [one for one in await _vendor(made, "charges") if one["status"] == "succeeded"]


async def _vendor(made: World, what: str) -> list[dict[str, Any]]:
    return list((await made.http.get(f"{made.sandbox}/_sim/{what}", timeout=60)).raise_for_status().json())


async def _struck(made: World) -> dict[str, int]:
    """Return how often each kind of fault struck, inside the vendors and on each line."""
    journal = (await made.http.get(f"{made.sandbox}/_sim/journal", timeout=120)).raise_for_status().json()
    kinds = Counter(one["facts"]["kind"] for one in journal if one["what"] == "fault")
    kinds += Counter(one["what"] for one in journal if one["what"] == "callback_lost")
    for place, one in made.lines.items():
        kinds += Counter({f"{place}: {kind}": count for kind, count in one.met.items()})
    return dict(sorted(kinds.items()))
