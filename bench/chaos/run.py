"""One run from start to judgement."""

import asyncio
import random
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.chaos import judge
from bench.chaos.agents import CARDS, Agent, Place, Told
from bench.chaos.saboteur import Saboteur
from bench.chaos.world import Options, World, world

_LAST_CALL_S = 60.0


async def run(options: Options, folder: Path) -> dict[str, Any]:
    """Take payments under sabotage, let it settle, and judge: `breaches` in the report."""
    began = time.monotonic()
    told = Told()
    async with world(options, folder) as made:
        chance = random.Random(f"saboteur {options.seed}")
        saboteur = Saboteur(made.fleet, made.sandbox, made.database, made.http, chance)
        late = await _work(options, made, saboteur, told)
        await saboteur.calm()
        made.ledger.arm(False)
        settled_s = await asyncio.to_thread(judge.wait_until_settled, made.database, options.settle_s)
        charges = (await made.http.get(f"{made.sandbox}/_sim/charges")).raise_for_status().json()
        facts = judge.read(made.database, charges, await asyncio.to_thread(made.ledger.saw), told)
        found = judge.breaches(facts) + late + made.fleet.broken()
        found += await asyncio.to_thread(judge.audit_breach, made.environment)
        if not facts.charges:
            found.append("no charge succeeded: this run proves nothing")
        return {
            "options": asdict(options),
            "kills": made.fleet.kills,
            "deaths_at_failpoints": made.fleet.deaths - made.fleet.kills,
            "failed_starts": made.fleet.failed_starts,
            "database_crashes": saboteur.crashes,
            "faults_armed": dict(saboteur.armed),
            "faults_struck": await _struck(made),
            "settled_s": settled_s,
            "took_s": round(time.monotonic() - began, 1),
            **judge.counts(facts),
            "breaches": found,
        }


async def _work(options: Options, made: World, saboteur: Saboteur, told: Told) -> list[str]:
    """Let agents and saboteur work; return in words who did not come to an end."""
    place = Place(made.hub, made.sandbox, made.http, told)
    cards = {options.card: 1} if options.card else CARDS
    agents = [
        Agent(place, token, random.Random(f"agent {options.seed} {number}"), made.ledger.customers, cards)
        for number, token in enumerate(made.tokens)
    ]
    made.ledger.arm(True)
    until = time.monotonic() + options.seconds
    work = [asyncio.create_task(one.work(until)) for one in agents]
    amounts = (options.seconds, options.kills, options.faults, options.crashes)
    work.append(asyncio.create_task(saboteur.work(*amounts)))
    _, late = await asyncio.wait(work, timeout=options.seconds + _LAST_CALL_S)
    for task in late:
        task.cancel()
    failed = await asyncio.gather(*work, return_exceptions=True)
    return [repr(one) for one in failed if isinstance(one, BaseException)]


async def _struck(made: World) -> dict[str, int]:
    """Return how often each kind of fault struck, in the sandbox and in the ledger."""
    journal = (await made.http.get(f"{made.sandbox}/_sim/journal")).raise_for_status().json()
    kinds = Counter(one["facts"]["kind"] for one in journal if one["what"] == "fault")
    kinds += Counter(one["what"] for one in journal if one["what"] in ("callback_lost", "reply_dropped"))
    return dict(kinds + Counter({f"ledger {kind}": n for kind, n in made.ledger.met.items()}))
