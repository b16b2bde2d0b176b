"""What a measurement runs on, as it is shipped, on loopback: PostgreSQL, sandbox, ledger, a hub, people."""

import asyncio
import hashlib
import multiprocessing
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import psutil
import psycopg

from agentdesk.cli.demo import programs
from agentdesk.cli.demo.world import hub_environment
from agentdesk.hub.db import embedded
from bench.chaos.books import Books
from bench.chaos.ledger import ledger
from bench.chaos.real_ledger import real_ledger

STAND_IN, TRYTON = "stand-in", "tryton"
#: Nobody is fast enough to work with several of these at once: one process plays the ledger beside ours.
_SPAWN = multiprocessing.get_context("spawn")
_PEOPLE = """
    insert into user_account (user_id, username, name, role, password_hash)
    select 'usr_bench' || n, 'bench' || n, 'Agent ' || n, 'agent', '' from generate_series(0, %(most)s) n
"""
_SESSIONS = """
    insert into user_session (token_hash, user_id, expires_at)
    select hash, 'usr_bench' || (place - 1), now() + interval '11 hours'
    from unnest(%(hashes)s::bytea[]) with ordinality as given (hash, place)
"""


@dataclass(frozen=True)
class Wanted:
    """What a measurement needs."""

    people: int = 1
    worker: bool = False  # in a process of its own; else no job runs
    ledger: str = STAND_IN
    customers: int = 20  # of the stand-in
    invoices_each: int = 20
    thinks_s: float = 0.0  # of the stand-in, for each request
    calls_told: bool = False  # whether the phone network tells the hub of calls
    charges_told: bool = True  # whether Stripe's face tells the hub of charges


@dataclass(frozen=True)
class Stage:
    """Everything that runs; `pids` by the name of what is measured; one token for each person."""

    hub: str
    sandbox: Mapping[str, Any]
    database: str
    ledger: Any
    customers: list[tuple[str, str]]  # id and telephone number
    http: httpx.AsyncClient
    pids: dict[str, int]
    tokens: list[str]

    async def told(self, path: str, body: Any = None) -> Any:
        """Have the sandbox's script API do something."""
        answer = await self.http.post(f"{self.sandbox['url']}/_sim{path}", json=body or {})
        return answer.raise_for_status().json() if answer.content else None

    async def ask(self, person: int, method: str, path: str, body: Any = None) -> Any:
        """Ask the hub as one of the people."""
        headers = {"Authorization": f"Bearer {self.tokens[person]}"}
        answer = await self.http.request(method, self.hub + path, json=body, headers=headers)
        if answer.is_error:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def cpu_s(self) -> dict[str, float]:
        """Return the CPU time each has used so far, its ended children's too."""
        used = {}
        for name, pid in self.pids.items():
            process = psutil.Process(pid)
            used[name] = sum(sum(_times(one)) for one in [process, *process.children(recursive=True)])
        return used


def _times(process: psutil.Process) -> tuple[float, ...]:
    try:
        used = process.cpu_times()
    except psutil.NoSuchProcess:  # its parent has counted it by now, or will
        return ()
    return used.user, used.system, used.children_user, used.children_system


@asynccontextmanager
async def stage(wanted: Wanted, folder: Path) -> AsyncIterator[Stage]:
    """Start everything, hand it over, and end what was started; PostgreSQL is as durable as it ships."""
    async with AsyncExitStack() as stack:
        server = await asyncio.to_thread(embedded.start, folder / "postgres")
        stack.push_async_callback(asyncio.to_thread, server.release)
        sandbox = await _program(stack, "sandbox", ["sandbox", "--seed", "1"], folder, {})
        accounts, customers = await _ledger(stack, wanted, folder)
        settings = hub_environment(accounts, sandbox.ready, folder)
        settings |= {"AGENTDESK_DATABASE_URL": server.url()}
        hub = await _program(stack, "hub", ["hub", "--no-worker"], folder, settings)
        pids = {"hub": hub.process.pid, "PostgreSQL": _postmaster(server)}
        if wanted.worker:
            worker = await _program(stack, "worker", ["hub", "--worker-only"], folder, settings)
            pids["worker"] = worker.process.pid
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=60, trust_env=False))
        tokens = await asyncio.to_thread(_people, server.url(), wanted.people)
        database = server.url()
        made = Stage(hub.url, sandbox.ready, database, accounts, customers, http, pids, tokens)
        await _connect(made, wanted)
        yield made


async def _program(
    stack: AsyncExitStack, name: str, arguments: list[str], folder: Path, settings: dict[str, str]
) -> programs.Program:
    log = folder / f"{name}.log"
    program = await asyncio.to_thread(programs.start, name, arguments, log, settings)
    stack.push_async_callback(asyncio.to_thread, program.stop)
    return program


async def _connect(made: Stage, wanted: Wanted) -> None:
    told = {
        "cti_url": f"{made.hub}/webhooks/cti" if wanted.calls_told else "",
        "stripe_webhook_url": f"{made.hub}/webhooks/stripe" if wanted.charges_told else "",
    }
    await made.told("/config", told)


def _postmaster(server: embedded.Server) -> int:
    data = server.folder / f"postgresql-{embedded.MAJOR}"
    return int((data / "postmaster.pid").read_text().splitlines()[0])


def _people(database: str, count: int) -> list[str]:
    """Make agents who are signed in; return the tokens of their sessions."""
    tokens = [secrets.token_urlsafe(16) for _ in range(count)]
    hashes = [hashlib.sha256(token.encode()).digest() for token in tokens]
    with psycopg.connect(database) as connection:
        connection.execute(_PEOPLE, {"most": count - 1})
        connection.execute(_SESSIONS, {"hashes": hashes})
    return tokens


# ---------------------------------------------------------------- the ledger
async def _ledger(stack: AsyncExitStack, wanted: Wanted, folder: Path) -> tuple[Any, list[tuple[str, str]]]:
    """Start the ledger that is wanted; return how to get in, and its customers."""
    if wanted.ledger == TRYTON:
        real = await stack.enter_async_context(real_ledger(folder / "tryton"))
        return real.server, real.customers
    told, tells = _SPAWN.Pipe(duplex=False)
    player = _SPAWN.Process(target=_play, args=(wanted, tells), daemon=True)
    player.start()
    stack.callback(player.join)
    stack.callback(player.terminate)
    facts, customers = await asyncio.to_thread(told.recv)
    return SimpleNamespace(**facts), customers


def _play(wanted: Wanted, tells: Connection) -> None:
    """Be the stand-in until ended."""

    async def run() -> None:
        async with ledger(Books(wanted.customers, wanted.invoices_each), wanted.thinks_s) as made:
            tells.send((vars(made.server), made.customers))
            await asyncio.Event().wait()

    asyncio.run(run())
