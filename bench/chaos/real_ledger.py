"""A real Tryton as the run's ledger: slower than the stand-in, and nobody's opinion but its own."""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from agentdesk.cli.demo import evidence, tryton
from bench.chaos.facts import LedgerSaw

_OURS = re.compile(r"(PMT|RFD)-[0-9A-Z]{26}")
_TAG = re.compile(r"\[PMT:([^\]]+)\](.*)", re.DOTALL)


class RealLedger:
    """The demo's ledger on a database of its own."""

    def __init__(self, server: tryton.TrytonServer, customers: list[tuple[str, str]]) -> None:
        self.server, self.customers = server, customers
        self._world = cast("Any", SimpleNamespace(ledger=server))
        self._in_transit = evidence.in_transit(self._world)  # the demo's ledger has payments of its own

    def saw(self) -> LedgerSaw:
        """Ask it for what it has under our references."""
        postings: dict[str, list[tuple[int | None, int]]] = defaultdict(list)
        fields = ["reference", "amount", "line.id", "clearing_move.state"]
        rows = evidence.search(self._world, "account.payment", [["state", "=", "succeeded"]], fields)
        for row in rows:
            if row["clearing_move"] and row["clearing_move"]["state"] == "posted":
                line = row["line"]["id"] if row["line"] else None
                postings[row["reference"]].append((line, int(row["amount"] * 100)))
        ours = {reference: lines for reference, lines in postings.items() if _is_ours(reference)}
        notes = evidence.search(self._world, "ir.note", [["message", "like", "[PMT:%"]], ["message"])
        written = [_TAG.match(note["message"]) for note in sorted(notes, key=lambda note: note["id"])]
        said = [(found[1], found[2]) for found in written if found]
        gained = evidence.in_transit(self._world) - self._in_transit
        told, difference = Counter(tag for tag, _ in said), evidence.ledger_difference(self._world)
        return LedgerSaw(ours, told, difference, int(gained * 100), said, self._drafts())

    def _drafts(self) -> int:
        """Return how many payments and credit notes of ours are drafts."""
        drafts = (
            row["reference"]
            for model in ("account.payment", "account.invoice")
            for row in evidence.search(self._world, model, [["state", "=", "draft"]], ["reference"])
        )
        return sum(map(_is_ours, drafts))


@asynccontextmanager
async def real_ledger(folder: Path) -> AsyncIterator[RealLedger]:
    """Run a Tryton with the demo's customers while the block runs."""
    await asyncio.to_thread(tryton.ensure_database, lambda *_: None, folder)
    server = await asyncio.to_thread(tryton.start, data_dir=folder)
    try:
        yield await asyncio.to_thread(RealLedger, server, await asyncio.to_thread(_customers, server, folder))
    finally:
        await asyncio.to_thread(server.stop)


def _customers(server: tryton.TrytonServer, folder: Path) -> list[tuple[str, str]]:
    """Return id and number of everybody who can ring and whose account is not closed."""
    known: Any = SimpleNamespace(ledger=server)
    rows = evidence.search(known, "party.party", [], ["code"])
    ids = {row["code"]: str(row["id"]) for row in rows}
    numbers = {person["code"]: person["phone"] for person in tryton.callers(folder) if person["phone"]}
    return [(ids[code], number) for code, number in numbers.items() if code in ids]


def _is_ours(reference: str | None) -> bool:
    """Say whether this hub made it: the demo's ledger has payments of its own."""
    return bool(reference and _OURS.fullmatch(reference))
