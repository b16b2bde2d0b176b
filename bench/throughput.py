"""python -m bench.throughput: payments written back in full, against pgbench on the same server."""

import argparse
import asyncio
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from agentdesk.hub.db import embedded
from bench.chaos.books import Books
from bench.charge import send_token
from bench.figures import Figure, main, percentile
from bench.seed import Submitted, finished, submitted
from bench.stage import Stage, Wanted, stage
from bench.watch import Watch, watching

HOW = """\
A payment: from the keypad service's token to the approved charge, the posting in the ledger, the note in the
customer record and the recorder switched on again, with Stripe's webhooks arriving beside it. Card entry
itself is not in it. One hub and one worker; the ledger is a stand-in that plays back what Tryton was recorded
to say; --at-once agents each begin the next payment when theirs is written back.
pgbench: simple-update (-N) of the same server, before and after; as many clients as the worker does jobs.
CPU: what hub, worker and PostgreSQL used while the payments ran, divided by them; the stand-in, the sandbox
and this program are not counted. The tables are filled first by SQL, to each number of --payments."""


@dataclass(frozen=True)
class Run:
    """What some payments took: seconds, CPU seconds by process, and how long each waited."""

    took_s: float
    cpu_s: dict[str, float]
    waited_s: list[float]


async def measure(options: argparse.Namespace, folder: Path) -> list[Figure]:
    """Measure with the tables as small as the first of `--payments`, then as large as each further one."""
    count = options.warm_up + options.taken * len(options.payments)
    books = Books(customers=200, invoices_each=count // 200 + 1)
    wanted = Wanted(worker=True, customers=books.customers, invoices_each=books.invoices_each)
    async with stage(wanted, folder) as made, watching(made.database) as watch:
        await asyncio.to_thread(_prepare_pgbench, made.database, options.pgbench_scale)
        refs = [await _call(made) for _ in range(count)]
        payments = submitted(made.database, books, range(1, count + 1), refs)
        await _take(made, watch, payments[: options.warm_up], options.at_once)
        figures, sizes, there = [], {}, 0
        for place, size in enumerate(options.payments):
            await asyncio.to_thread(finished, made.database, there + 1, size)
            there, first = size, options.warm_up + place * options.taken
            part = payments[first : first + options.taken]
            sizes[size], rows = await _one_size(made, watch, part, options, f"{size} payments")
            figures += rows
    growth = sizes[options.payments[-1]] / sizes[options.payments[0]]
    return [*figures, Figure(f"CPU at {there} / at {options.payments[0]} payments", growth, "", most=1.1)]


async def _one_size(
    made: Stage, watch: Watch, payments: list[Submitted], options: argparse.Namespace, where: str
) -> tuple[float, list[Figure]]:
    """Return the CPU of a payment in ms, and everything measured with the tables of one size."""
    before = await asyncio.to_thread(_pgbench, made.database, options.pgbench_s)
    run = await _take(made, watch, payments, options.at_once)
    after = await asyncio.to_thread(_pgbench, made.database, options.pgbench_s)
    rate, tps = len(payments) / run.took_s, (before + after) / 2
    each = {name: seconds / len(payments) * 1000 for name, seconds in run.cpu_s.items()}
    cpu_ms = sum(each.values())
    return cpu_ms, [
        Figure(f"{where}: written back per second / pgbench -N", rate / tps, "", least=0.01),
        Figure(f"{where}: CPU for each", cpu_ms, "ms", most=25),
        *(Figure(f"{where}: CPU for each, of it {name}", ms, "ms") for name, ms in each.items()),
        Figure(f"{where}: written back per second", rate, "1/s"),
        Figure(f"{where}: pgbench -N", tps, "1/s"),
        Figure(f"{where}: token to written back, p50", percentile(run.waited_s, 0.5) * 1000, "ms"),
    ]


# ---------------------------------------------------------------- payments
async def _call(made: Stage) -> str:
    """Let a caller ring and an agent answer; return the caller's leg."""
    ref = str((await made.told("/calls", {"from": "anonymous"}))["sid"])
    await made.told(f"/calls/{ref}/answer")
    return ref


async def _take(made: Stage, watch: Watch, payments: list[Submitted], at_once: int) -> Run:
    waiting, waited = iter(payments), []

    async def agent() -> None:
        for payment in waiting:
            began = time.perf_counter()
            await send_token(made, payment)
            waited.append((await watch.times(f"written {payment.intent_id}", 2))[1] - began)

    cpu_before, began = made.cpu_s(), time.perf_counter()
    await asyncio.gather(*(agent() for _ in range(at_once)))
    took_s, cpu_after = time.perf_counter() - began, made.cpu_s()
    await asyncio.to_thread(_check, made.database, payments)
    return Run(took_s, {name: cpu_after[name] - cpu_before[name] for name in cpu_after}, waited)


def _check(database: str, payments: list[Submitted]) -> None:
    """See that each was charged and written back. Raises RuntimeError."""
    wanted = "select count(*) from write_back where state = 'done' and intent_id = any(%s)"
    with psycopg.connect(database) as connection:
        row = connection.execute(wanted, [[one.intent_id for one in payments]]).fetchone()
    if row != (2 * len(payments),):
        raise RuntimeError(f"{row} write-backs of {len(payments)} payments are done")


# ---------------------------------------------------------------- pgbench
def _prepare_pgbench(database: str, scale: int) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("create database pgbench")
    _run_pgbench(database, "-i", "-q", "-s", str(scale))


def _pgbench(database: str, seconds: int) -> float:
    """Return its transactions per second."""
    said = _run_pgbench(database, "-N", "-c", "10", "-j", "2", "-T", str(seconds))
    found = re.search(r"tps = ([0-9.]+)", said)
    if found is None:
        raise RuntimeError(said)
    return float(found[1])


def _run_pgbench(database: str, *arguments: str) -> str:
    program = embedded._programs() / "pgbench"
    url = make_conninfo(database, dbname="pgbench")
    return subprocess.run(
        [str(program), *arguments, url], capture_output=True, text=True, check=True, timeout=300
    ).stdout


def arguments() -> argparse.ArgumentParser:
    """Return what can be chosen."""
    parser = argparse.ArgumentParser(prog="python -m bench.throughput", description=__doc__)
    parser.add_argument("--payments", type=int, nargs="+", default=[1_000, 100_000], help="already there")
    parser.add_argument("--taken", type=int, default=300, help="payments taken at each size")
    parser.add_argument("--warm-up", type=int, default=40, help="payments before those that count")
    parser.add_argument("--at-once", type=int, default=32, help="agents who take them")
    parser.add_argument("--pgbench-s", type=int, default=8, help="seconds of each run of pgbench")
    parser.add_argument("--pgbench-scale", type=int, default=10, help="its tables, of 100,000 rows")
    return parser


if __name__ == "__main__":
    main("Payments written back in full / pgbench simple-update", HOW, arguments(), measure)
