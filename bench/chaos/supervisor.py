"""A supervisor at the hub's own list: what must be on it is, and what a person can settle is settled."""

import asyncio
import secrets
from dataclasses import dataclass, field

import httpx
import psycopg

from agentdesk.adapters.base import VendorError
from agentdesk.adapters.tryton.client import Tryton
from bench.chaos import facts, plans
from bench.chaos.judge import outside_the_queue
from bench.chaos.place import Json, Place, Refused

_LOOKS_EVERY_S = 0.5
_WORDS = {"seen": "Shown as succeeded in the dashboard", "reason": "The caller is on the line"}


@dataclass
class Supervisor:
    """Who sees the list, the processor's dashboard and the ledger itself."""

    place: Place
    token: str
    database: str
    ledger: Tryton
    cleared: set[str] = field(default_factory=set)  # the write-backs whose second drafts were deleted

    async def work(self) -> None:
        """Look at the list again and again."""
        while True:
            try:
                await self.round()
            except (Refused, VendorError, httpx.HTTPError, psycopg.OperationalError) as error:
                self.place.told.refused[f"supervisor: {error}"[:80]] += 1
            await asyncio.sleep(_LOOKS_EVERY_S)

    async def round(self) -> bool:
        """Hold the list against what is at risk, then settle what can be; say whether anything was."""
        before = await asyncio.to_thread(facts.at_risk, self.database)
        rows = (await self._ask("GET", "/v1/work"))["rows"]
        after = await asyncio.to_thread(facts.at_risk, self.database)
        self.place.told.did["looks at the supervisors' list"] += 1
        self.place.told.did["money at risk found on it"] += len(before & after)
        for breach in outside_the_queue(before, rows, after):  # of money, and of plans
            self.place.told.did[f"BREACH: {breach}"] += 1
        by_kind = {kind: [row for row in rows if row["kind"] == kind] for kind in ("duplicate", "parked")}
        await self._allow(by_kind["duplicate"])
        await self._decide_on_plans([row for row in rows if row["kind"] == "plan"])
        await self._say_what_is_charged([row for row in rows if row["key"].startswith("unknown:pa_")])
        return await self._replay(by_kind["parked"])

    async def _allow(self, rows: list[Json]) -> None:
        """Let payments go on that a like one stopped: the caller wants both."""
        for row in rows:
            path = f"/v1/duplicate-stops/{_id(row)}/decision"
            await self._if_possible("second payments allowed", path, {"allow": True, "reason": "Wants both"})

    async def _decide_on_plans(self, rows: list[Json]) -> None:
        """Resume most plans that the hub let stand still, and cancel the others."""
        for row in rows:
            wanted = "cancel" if row["key"][-1] in "0123456" else "resume"
            try:
                await plans.wish(self.place, self.token, row["plan"], wanted)
            except Refused as error:  # its card is gone
                self.place.told.refused[f"plan: {error}"] += 1
                await plans.wish(self.place, self.token, row["plan"], "cancel")

    async def stop_plans(self) -> None:
        """Pause every plan that goes on: nothing falls due while it is judged."""
        for plan_id in await asyncio.to_thread(facts.active_plans, self.database):
            try:
                await plans.wish(self.place, self.token, await self.plan(plan_id), "pause")
            except Refused as error:  # it was over first
                self.place.told.refused[f"plan: {error}"] += 1

    async def plan(self, plan_id: str) -> Json:
        """Return a plan as desks see it."""
        return await self._ask("GET", f"/v1/plans/{plan_id}")

    async def _say_what_is_charged(self, rows: list[Json]) -> None:
        """Decide what the processor shows as charged; the hub asks it, too, and takes its answer first."""
        for row in rows:
            url = f"{self.place.sandbox}/_sim/charges"
            shown = (await self.place.http.get(url, params={"attempt": _id(row)})).raise_for_status().json()
            for charge in (one for one in shown if one["status"] == "succeeded"):
                word = {"key": secrets.token_urlsafe(18), "outcome": "approved", **_WORDS}
                path, reference = f"/v1/attempts/{_id(row)}/decision", charge["payment_intent"]
                await self._if_possible("charges decided", path, {**word, "reference": reference})

    async def _replay(self, rows: list[Json]) -> bool:
        """Replay postings whose second drafts are deleted; what was parked for another reason stays."""
        parked = [row["write_back"]["write_back_id"] for row in rows]
        owed = await asyncio.to_thread(facts.postings_owed, self.database, parked)
        for reference in set(owed.values()):
            if await tidy(self.ledger, reference):
                self.place.told.did["postings parked for their second drafts"] += 1
                # a refund's and its reversal's, too: the one waits for the other
                self.cleared |= {one for one, of in owed.items() if of == reference}
        wanted = self.cleared & owed.keys()
        for write_back_id in wanted:
            await self._if_possible("write-backs replayed", f"/v1/write-backs/{write_back_id}/replay")
        return bool(wanted)

    async def _if_possible(self, what: str, path: str, body: Json | None = None) -> None:
        try:
            await self._ask("POST", path, body)
            self.place.told.did[what] += 1
        except Refused as error:
            self.place.told.refused[f"{what}: {error}"] += 1

    async def _ask(self, method: str, path: str, body: Json | None = None) -> Json:
        return await self.place.ask(self.token, method, path, body)


async def tidy(ledger: Tryton, reference: str) -> int:
    """Delete the drafts under a reference that nobody writes any more, as a person would; return how many."""
    deleted = 0
    for model in ("account.payment", "account.invoice"):
        rows = await ledger.search(model, [["reference", "=", reference]], ["state"])
        drafts = [row["id"] for row in rows if row["state"] == "draft"]
        if drafts:
            await ledger.call(f"model.{model}.delete", drafts)
        deleted += len(drafts)
    return deleted


def _id(row: Json) -> str:
    return str(row["key"]).partition(":")[2]
