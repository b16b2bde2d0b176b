"""Everything a run needs, started on loopback and ended again: database, sandbox, ledger, hubs, people."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from agentdesk.cli.demo import programs
from agentdesk.cli.demo.world import hub_environment
from agentdesk.hub.db import embedded
from bench.chaos.balancer import balancer
from bench.chaos.books import Books
from bench.chaos.fleet import Fleet
from bench.chaos.hub import VENDOR_PATIENCE_S
from bench.chaos.ledger import Ledger, Trouble, ledger
from bench.chaos.real_ledger import RealLedger, real_ledger

_POSTGRES = ["fsync=off", "full_page_writes=off", "max_connections=200"]
STAND_IN, TRYTON = "stand-in", "tryton"
_NEVER = 1_000_000  # of minor units: nobody's limit


@dataclass(frozen=True)
class Options:
    """What a run was asked for."""

    seed: int
    seconds: float = 30.0
    kills: int = 6
    faults: int = 20
    crashes: int = 1
    agents: int = 5
    replicas: int = 2
    workers: int = 1
    ledger: str = STAND_IN
    customers: int = 60  # of the stand-in
    speed: float = 4.0  # of the sandbox
    dies: float = 0.03  # how likely a failpoint kills
    card: str = ""  # the only one callers hold; else a mix
    plant: str = ""
    settle_s: float = 90.0


@dataclass(frozen=True)
class World:
    """Everything that runs."""

    hub: str
    sandbox: str
    database: str
    environment: dict[str, str]
    fleet: Fleet
    ledger: Ledger | RealLedger
    http: httpx.AsyncClient
    tokens: list[str]


@asynccontextmanager
async def world(options: Options, folder: Path) -> AsyncIterator[World]:
    """Start everything, hand it over, and end what was started; `folder` keeps the logs."""
    async with AsyncExitStack() as stack:
        server = await asyncio.to_thread(embedded.start, folder / "postgres", _POSTGRES)
        stack.push_async_callback(asyncio.to_thread, server.release)
        sandbox = await asyncio.to_thread(_sandbox, options, folder)
        stack.push_async_callback(asyncio.to_thread, sandbox.stop)
        accounts = await stack.enter_async_context(_accounts(options, folder))
        before = await stack.enter_async_context(balancer())
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=0)
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=12, limits=limits, trust_env=False))
        environment = _environment(accounts, sandbox.ready, folder, server.url(), before.url)
        fleet = Fleet(before, environment, _launcher(options), folder)
        stack.push_async_callback(fleet.stop)
        await fleet.fill(options.replicas, options.workers)
        await _connect(http, sandbox.url, before.url)
        tokens = await _people(http, before.url, options.agents)
        yield World(before.url, sandbox.url, server.url(), environment, fleet, accounts, http, tokens)


def _accounts(options: Options, folder: Path) -> AbstractAsyncContextManager[Ledger | RealLedger]:
    if options.ledger == TRYTON:
        return real_ledger(folder / "tryton")
    return ledger(Books(options.customers, invoices_each=20), Trouble(options.seed))


def _sandbox(options: Options, folder: Path) -> programs.Program:
    arguments = ["sandbox", "--seed", str(options.seed), "--speed", str(options.speed)]
    return programs.start("sandbox", arguments, folder / "sandbox.log", {})


def _launcher(options: Options) -> list[str]:
    planted = ["--plant", options.plant] if options.plant else []
    return ["--seed", str(options.seed), "--dies", str(options.dies), *planted]


def _environment(
    accounts: Ledger | RealLedger, sandbox: Any, folder: Path, database: str, public_url: str
) -> dict[str, str]:
    """Return the hub's settings: the demo's, on this run's database and behind its balancer."""
    settings = hub_environment(accounts.server, sandbox, folder)
    patience = {
        f"AGENTDESK_VENDORS__{vendor}__TIMEOUT_S": str(VENDOR_PATIENCE_S)
        for vendor in ("STRIPE", "TWILIO", "TRYTON")
    }
    own = {"AGENTDESK_DATABASE_URL": database, "AGENTDESK_PUBLIC_URL": public_url}
    return {name: value for name, value in settings.items() if "MAIL__" not in name} | patience | own


async def _connect(http: httpx.AsyncClient, sandbox: str, hub: str) -> None:
    config = {"cti_url": f"{hub}/webhooks/cti", "stripe_webhook_url": f"{hub}/webhooks/stripe"}
    (await http.post(f"{sandbox}/_sim/config", json=config)).raise_for_status()


async def _people(http: httpx.AsyncClient, hub: str, agents: int) -> list[str]:
    """Make an administrator and the agents; return the agents' session tokens."""
    password = secrets.token_urlsafe(12)
    first = {"username": "admin", "name": "Administrator", "password": password}
    answer = (await http.post(f"{hub}/v1/set-up", json=first)).raise_for_status()
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    tokens = []
    for number in range(agents):
        name = {"username": f"agent{number}", "password": password}
        person = name | {"name": f"Agent {number}", "role": "agent", "limit_minor": _NEVER}
        (await http.post(f"{hub}/v1/people", json=person, headers=headers)).raise_for_status()
        session = (await http.post(f"{hub}/v1/sessions", json=name)).raise_for_status()
        tokens.append(str(session.json()["token"]))
    return tokens
