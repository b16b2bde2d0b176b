"""Everything a run needs, started on loopback and ended again: database, sandbox, ledger, hubs, people."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from agentdesk.adapters.tryton.client import Tryton
from agentdesk.adapters.tryton.config import TrytonConfig
from agentdesk.cli.demo import programs
from agentdesk.cli.demo.world import hub_environment
from agentdesk.hub.db import embedded
from bench.chaos.books import Books
from bench.chaos.fleet import Fleet
from bench.chaos.hub import VENDOR_PATIENCE_S
from bench.chaos.ledger import Ledger, ledger, may_double
from bench.chaos.line import Line, line
from bench.chaos.real_ledger import RealLedger, real_ledger
from bench.chaos.saboteur import HUBS, LEDGER, VENDORS

_POSTGRES = ["fsync=off", "full_page_writes=off", "max_connections=200"]
STAND_IN, TRYTON = "stand-in", "tryton"
#: What one of each takes on two idle cores while payments go on.
_KILL_TAKES_S, _FAULT_TAKES_S = 1.3, 0.13
_ASKS = 20
_NEVER = 1_000_000  # of minor units: nobody's limit


@dataclass(frozen=True)
class Options:
    """What a run was asked for."""

    seed: int
    seconds: float = 0.0  # 0: as long as the kills and faults take
    kills: int = 6
    faults: int = 60
    crashes: int = 1
    restarts: int = 1
    agents: int = 12
    replicas: int = 4
    workers: int = 2
    ledger: str = STAND_IN
    customers: int = 200  # of the stand-in
    speed: float = 4.0  # of the sandbox
    dies: float = 0.01  # how likely a failpoint kills
    charges: int = 1  # agents go on until the processor has as many
    refunds: float = 0.3  # how many payments are given back
    links: float = 0.15  # how many are paid on a page
    splits: float = 0.1  # how many debts are paid with two cards
    on_account: float = 0.05  # how many amounts are paid without an invoice
    saves: float = 0.3  # how many callers agree to have their card saved, and pay with one that is
    plans: float = 0.4  # how many call for a payment plan, who paid before
    webhooks: int = 1  # 0: the processor's never come
    keys: int = 0  # 1: the phone network reports each
    cards: str = ""  # what the callers of one agent after the other hold; else a mix
    plant: str = ""
    settle_s: float = 120.0

    @property
    def lasts_s(self) -> float:
        """How long agents take calls at least."""
        return self.seconds or max(30.0, self.kills * _KILL_TAKES_S, self.faults * _FAULT_TAKES_S)


@dataclass(frozen=True)
class World:
    """Everything that runs."""

    hub: str
    sandbox: str
    server: embedded.Server
    environment: dict[str, str]
    fleet: Fleet
    ledger: Ledger | RealLedger
    books: Tryton  # a person's own way into the ledger
    lines: dict[str, Line]
    http: httpx.AsyncClient
    tokens: list[str]  # of the agents
    supervisor: str  # the token of who refunds and sees to the list

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.server.url()


@asynccontextmanager
async def world(options: Options, folder: Path) -> AsyncIterator[World]:
    """Start everything, hand it over, and end what was started; `folder` keeps the logs."""
    async with AsyncExitStack() as stack:
        server, sandbox = await asyncio.gather(
            asyncio.to_thread(embedded.start, folder / "postgres", _POSTGRES),
            asyncio.to_thread(_sandbox, options, folder),
        )
        stack.push_async_callback(asyncio.to_thread, server.release)
        stack.push_async_callback(asyncio.to_thread, sandbox.stop)
        accounts = await stack.enter_async_context(_accounts(options, folder))
        books = _books(accounts)
        stack.push_async_callback(books.aclose)
        lines = {
            HUBS: await stack.enter_async_context(line(Line())),
            VENDORS: await stack.enter_async_context(line(Line([_port(sandbox.url)]))),
            LEDGER: await stack.enter_async_context(line(Line([_port(accounts.server.url)], may_double))),
        }
        limits = httpx.Limits(max_connections=400, max_keepalive_connections=0)
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=12, limits=limits, trust_env=False))
        environment = _environment(accounts, sandbox.ready, folder, server.url(), lines)
        fleet = Fleet(lines[HUBS], environment, _launcher(options), folder)
        stack.push_async_callback(fleet.stop)
        await fleet.fill(options.replicas, options.workers)
        hub = lines[HUBS].url
        await _connect(http, sandbox.url, hub, options)
        tokens, supervisor = await _people(http, hub, options.agents)
        ledgers = accounts, books
        yield World(hub, sandbox.url, server, environment, fleet, *ledgers, lines, http, tokens, supervisor)


def _port(url: str) -> int:
    return int(url.rsplit(":", 1)[1])


def _accounts(options: Options, folder: Path) -> AbstractAsyncContextManager[Ledger | RealLedger]:
    if options.ledger == TRYTON:
        return real_ledger(folder / "tryton")
    return ledger(Books(options.customers, invoices_each=15))


def _books(accounts: Ledger | RealLedger) -> Tryton:
    server = accounts.server
    access = {name: getattr(server, name) for name in ("database", "user", "password", "key")}
    return Tryton(TrytonConfig(base_url=server.url, **access))


def _sandbox(options: Options, folder: Path) -> programs.Program:
    arguments = ["sandbox", "--seed", str(options.seed), "--speed", str(options.speed)]
    return programs.start("sandbox", arguments, folder / "sandbox.log", {})


def _launcher(options: Options) -> list[str]:
    planted = [part for bug in options.plant.split(",") if bug for part in ("--plant", bug)]
    return ["--seed", str(options.seed), "--dies", str(options.dies), *planted]


def _environment(
    accounts: Ledger | RealLedger, sandbox: Any, folder: Path, database: str, lines: dict[str, Line]
) -> dict[str, str]:
    """Return the hub's settings: the demo's, on this run's database and lines."""
    settings = hub_environment(accounts.server, {**sandbox, "url": lines[VENDORS].url}, folder)
    patience = {
        f"AGENTDESK_VENDORS__{vendor}__TIMEOUT_S": str(VENDOR_PATIENCE_S)
        for vendor in ("STRIPE", "TWILIO", "TRYTON")
    }
    own = {
        "AGENTDESK_DATABASE_URL": database,
        "AGENTDESK_PUBLIC_URL": lines[HUBS].url,
        "AGENTDESK_AMOUNTS__LOOKUP": "optional",
        "AGENTDESK_DUPLICATE_MINUTES": "240",  # what one card of a split leaves is nobody else's in this run
        "AGENTDESK_VENDORS__TRYTON__BASE_URL": lines[LEDGER].url,
    }
    return {name: value for name, value in settings.items() if "MAIL__" not in name} | patience | own


async def _connect(http: httpx.AsyncClient, sandbox: str, hub: str, options: Options) -> None:
    config = {
        "cti_url": f"{hub}/webhooks/cti",
        "stripe_webhook_url": f"{hub}/webhooks/stripe" if options.webhooks else "",
        "twilio_reports_keys": options.keys,
    }
    (await http.post(f"{sandbox}/_sim/config", json=config)).raise_for_status()


async def _people(http: httpx.AsyncClient, hub: str, agents: int) -> tuple[list[str], str]:
    """Make an administrator, the agents and a supervisor; return the session tokens of the last two."""
    password = secrets.token_urlsafe(12)
    first = {"username": "admin", "name": "Administrator", "password": password}
    answer = (await http.post(f"{hub}/v1/set-up", json=first)).raise_for_status()
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}

    async def one(username: str, role: str) -> str:
        name = {"username": username, "password": password}
        person = name | {"name": username.capitalize(), "role": role, "limit_minor": _NEVER}
        made = await _asked(http, f"{hub}/v1/people", person, headers)
        if made.status_code != httpx.codes.CONFLICT:  # by a replica that died before it could say so
            made.raise_for_status()
        session = (await _asked(http, f"{hub}/v1/sessions", name, {})).raise_for_status()
        return str(session.json()["token"])

    tokens = [await one(f"agent{number}", "agent") for number in range(agents)]
    return tokens, await one("supervisor", "supervisor")


async def _asked(http: httpx.AsyncClient, url: str, body: Any, headers: dict[str, str]) -> httpx.Response:
    """Ask, again where who was asked died: a failpoint can strike from the first request on."""
    for _ in range(_ASKS):
        try:
            return await http.post(url, json=body, headers=headers)
        except httpx.TransportError:
            await asyncio.sleep(0.3)
    raise RuntimeError(f"{url} does not answer")
