"""Scripted agents at the hub's own routes and callers at the sandbox's: they press twice, cancel, hang up."""

import asyncio
import functools
import json
import random
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from bench.chaos import plans, saved
from bench.chaos.place import Json, Place, Refused

FIELDS = ("number", "expiry", "security_code")
ENDED = frozenset({"approved", "declined", "not_sent"})
CARDS = {
    "visa-approves": 10,
    "mastercard-approves": 4,
    "amex-approves": 2,
    "mastercard-answer-lost": 4,
    "visa-late": 2,
    "visa-refund-fails": 2,
    "visa-asks-holder-later": 3,
    "visa-declines": 3,
    "visa-insufficient-funds": 2,
    "visa-cvc-fails": 1,
    "visa-processing-error": 1,
}
AT_RISK = frozenset({"sending", "unknown", "pending"})
#: Each card of a split pays at least so much.
LEAST = 50
ANSWERS_WITHIN_S = 12.0
WATCHES_FOR_S = 12.0
CAPTURE_WITHIN_S = 40.0
_STREAM_SILENT_S = 30.0


@dataclass
class Agent:
    """One agent, who takes calls until told to stop."""

    place: Place
    token: str
    chance: random.Random
    customers: list[tuple[str, str]]  # id and telephone number
    cards: dict[str, int]  # how often callers hold each
    supervisor: str  # the session of who refunds what this agent took
    refunds: float  # how many of these
    links: float  # how often a link is sent instead of keying the card
    splits: float  # how often a debt is paid with two cards
    on_account: float  # how often an amount is paid without an invoice
    saves: float  # how often a card is saved, and a saved one charged
    plans: float  # how often somebody who paid calls for a payment plan

    async def listen(self) -> None:
        """Note what the event stream says, from the last event on where it breaks, as a desk does."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "text/event-stream"}
        while True:
            try:
                await self._hear(headers)
            except httpx.HTTPError:
                self.place.told.did["streams broken"] += 1
            await asyncio.sleep(self.chance.uniform(0.1, 0.6))

    async def _hear(self, headers: dict[str, str]) -> None:
        url = self.place.hub + "/v1/events"
        async with self.place.http.stream("GET", url, headers=headers, timeout=_STREAM_SILENT_S) as answer:
            async for line in answer.aiter_lines():
                name, _, text = line.partition(": ")
                if name == "id":
                    headers["Last-Event-ID"] = text
                elif name == "data" and "payment" in (event := json.loads(text)):
                    self.place.told.note(event["payment"])
                    self.place.told.did["payment events"] += 1

    async def work(self) -> None:
        """Take one call after another until nobody may."""
        while not self.place.closing.is_set():
            try:
                await self._call()
                self.place.told.did["calls"] += 1
            except Refused as error:
                self.place.told.refused[str(error)] += 1
            except (httpx.HTTPError, TimeoutError) as error:
                self.place.told.refused[type(error).__name__] += 1
            await asyncio.sleep(self.chance.uniform(0, 0.2))

    # ------------------------------------------------------------ one call
    async def _call(self) -> None:
        payers = [one for one in self.customers if one[0] in self.place.payers]
        of_plans = bool(payers) and self.chance.random() < self.plans
        customer, number = self.chance.choice(payers if of_plans else self.customers)
        ref = (await self.place.caller("", {"from": number}))["sid"]
        try:
            body = {"number": number, "call_ref": ref}
            call_id = (await self.ask("POST", "/v1/calls", body))["call_id"]
            await self.place.caller(f"/{ref}/answer", {"agent": "agent"})
            await self.ask("PUT", f"/v1/calls/{call_id}/customer", {"customer_id": customer})
            if of_plans:
                await plans.see_to(self, call_id, customer)
            else:
                self.place.payers.add(customer)
                await self._pay(call_id, customer, ref)
                await saved.perhaps_withdraw(self, customer)
        finally:
            await self.place.caller(f"/{ref}/hang-up")
        await self.ask("POST", f"/v1/calls/{call_id}/wrap-up", {"disposition": "payment_taken", "note": ""})

    async def _pay(self, call_id: str, customer: str, ref: str) -> None:
        known = await self.ask("GET", f"/v1/customers/{customer}")
        open_items = [one for one in known["open_items"] if one["outstanding"]["minor"]]
        free = [one for one in open_items if not one["held_by"] and not one["plan"]]
        chosen = self.chance.sample(free, min(len(free), self.chance.choice((1, 1, 1, 2))))
        agree, mood = functools.partial(self._agree, call_id, customer), self.chance.random()
        if mood < self.on_account:
            await self._pay_on_account(agree, ref)
        elif not chosen:
            self.place.told.did["nothing to pay"] += 1
        elif mood < self.on_account + self.splits:
            await self._over_two_cards(agree, chosen, ref)
        else:
            whole = sum(one["outstanding"]["minor"] for one in chosen)
            payment = await agree(whole, allocations=_parts(chosen))
            if await self._take(payment["intent_id"], ref) in AT_RISK:
                again = agree(whole, allocations=_parts(chosen))
                await self._must_be_refused("second payments for a debt", again, ref)

    async def _pay_on_account(self, agree: Callable[..., Awaitable[Json]], ref: str) -> None:
        """Pay an amount of no invoice, and perhaps the same again, which only a supervisor may let pass."""
        minor, twice = self.chance.randint(500, 5000), self.chance.random() < 0.5
        first = await agree(minor, on_account=True)
        if await self._take(first["intent_id"], ref, refunds=0 if twice else 1) != "approved":
            return
        self.place.told.did["paid on account"] += 1
        if not twice:
            return
        second = (await agree(minor, on_account=True))["intent_id"]
        try:
            await self._take(second, ref)
            self.place.told.did["BREACH: a like payment was not stopped"] += 1
        except Refused:
            if await self._is_allowed(second) and await self._take(second, ref) == "approved":
                self.place.told.did["paid on account again, as a supervisor allowed"] += 1

    async def _is_allowed(self, intent_id: str) -> bool:
        """Ask a supervisor to let a stopped payment go on, and wait for the answer; False without one."""
        stop, give_up = (await self.show(intent_id))["stop"], time.monotonic() + WATCHES_FOR_S
        if stop is None or not stop["can_ask"]:
            return False
        await self.ask("POST", f"/v1/duplicate-stops/{stop['stop_id']}/ask")
        while stop and stop["allowed"] is None and time.monotonic() < give_up:
            await asyncio.sleep(0.4)
            stop = (await self.show(intent_id))["stop"]
        return bool(stop and stop["allowed"])

    async def _over_two_cards(
        self, agree: Callable[..., Awaitable[Json]], items: list[Json], ref: str
    ) -> None:
        """Pay with two cards: the second only once the first has paid, and never a third."""
        whole = sum(one["outstanding"]["minor"] for one in items)
        minor = self.chance.randint(LEAST, whole - LEAST)
        first = (await agree(minor, whole=_parts(items)))["intent_id"]
        if await self._take(first, ref, refunds=0) in ("declined", "not_sent", "open"):
            return
        try:
            second = await agree(whole - minor, split_of=first)
        except Refused:
            self.place.told.did["second cards refused"] += 1
            return
        if await self._take(second["intent_id"], ref) in {"approved", *AT_RISK}:
            self.place.told.did["second cards"] += 1
            await self._must_be_refused("third cards", agree(whole - minor, split_of=first), ref)

    async def _take(self, intent_id: str, ref: str, refunds: float = 1) -> str:
        """Try until it is approved, nobody can tell or the agent gives up; perhaps give it back.

        A half is not given back before the other is paid: what is left would be anybody's to pay.
        """
        for _ in range(2):
            state = await self._one_way(intent_id, ref)
            if state != "declined":
                break
        if state == "not_sent" and self.chance.random() < self.links:  # under the same debt
            state = await self._by_link(intent_id, ref)
        if state == "approved" and self.chance.random() < self.refunds * refunds:
            await self._give_back(intent_id)
        return state

    async def _one_way(self, intent_id: str, ref: str) -> str:
        """Try with a saved card where one may be charged, by a link or by keypad; return the last state."""
        if self.chance.random() < self.saves and (state := await saved.charge(self, intent_id)):
            return state
        by_link = self.chance.random() < self.links
        return await (self._by_link if by_link else self._try)(intent_id, ref)

    async def _agree(self, call_id: str, customer: str, minor: int, **what: Any) -> Json:
        """Agree on an amount; `what` says of which invoices, that it is split, or on account."""
        who = {"key": secrets.token_urlsafe(18), "call_id": call_id, "customer_id": customer}
        amount = {"minor": minor, "currency": "GBP"}
        return await self.maybe_twice("/v1/payment-intents", {**who, "amount": amount, **what})

    async def _must_be_refused(self, what: str, agreeing: Awaitable[Json], ref: str) -> None:
        """Try what must be refused while the debt is paid or may be, and all that follows if it is not."""
        try:
            intent_id = (await agreeing)["intent_id"]
            state = await self._take(intent_id, ref, refunds=0)
            self.place.told.did[f"{what}: {state}"] += 1
        except Refused:
            self.place.told.did[f"{what} refused"] += 1

    # ------------------------------------------------------------ links
    async def _by_link(self, intent_id: str, ref: str) -> str:
        """Send a link that the customer pays, the agent expires, or both at once; return the last state."""
        body = {"key": secrets.token_urlsafe(18), "route": "link"}
        payment = await self.maybe_twice(f"/v1/payment-intents/{intent_id}/attempts", body)
        path = f"/v1/attempts/{payment['attempts'][-1]['attempt_id']}"
        self.place.told.did["links"] += 1
        page, mood = await self._page(intent_id, ref), self.chance.random()
        if mood < 0.2:
            await self.place.caller(f"/{ref}/hang-up")
        steps = [self._pay_page(page)] if page and mood < 0.85 else []
        await asyncio.gather(*steps, *([self.if_possible("POST", f"{path}/cancel")] if mood > 0.7 else []))
        if (state := await self.watch(intent_id)) == "open":
            await self.if_possible("POST", f"{path}/cancel")
            state = await self.watch(intent_id)
        return state

    async def _page(self, intent_id: str, ref: str) -> str:
        """Return the page that was texted to the caller; nothing where that takes too long."""
        give_up = time.monotonic() + CAPTURE_WITHIN_S
        while time.monotonic() < give_up:
            attempt = (await self.show(intent_id))["attempts"][-1]
            if attempt["state"] != "open":
                return ""
            if attempt["link"]["sent_at"]:
                url = f"{self.place.sandbox}/_sim/calls/{ref}"
                texts = (await self.place.http.get(url)).json()["texts"]
                return str(texts[-1]["body"].rpartition("/")[2])
            await asyncio.sleep(0.3)
        return ""

    async def _pay_page(self, page: str) -> None:
        card = self.chance.choices(list(self.cards), list(self.cards.values()))[0]
        url = f"{self.place.sandbox}/_sim/links/{page}/pay"
        answer = await self.place.http.post(url, json={"card": card})
        self.place.told.did["pages paid" if answer.is_success else "pages closed"] += 1

    # ------------------------------------------------------------ refunds
    async def _give_back(self, intent_id: str) -> None:
        """Have a supervisor refund all or a part, and then ask for more than is left."""
        left = (await self.show(intent_id))["refundable"]["minor"]
        minor = left if self.chance.random() < 0.5 else self.chance.randint(1, left)
        shown = await self.refund(intent_id, minor)
        self.place.told.did["refunds"] += 1
        try:
            await self.refund(intent_id, left + 1)
            self.place.told.did["BREACH: more was refunded than was taken"] += 1
        except Refused:
            self.place.told.did["refunds of too much refused"] += 1
        if shown["refundable"]["minor"] and self.chance.random() < 0.5:
            await self.refund(intent_id, shown["refundable"]["minor"])
            self.place.told.did["refunds"] += 1

    async def refund(self, intent_id: str, minor: int) -> Json:
        """Press once, or twice at the same time with the same key: that is one refund."""
        amount = {"minor": minor, "currency": "GBP"}
        body = {"key": secrets.token_urlsafe(18), "amount": amount, "reason": "Billed twice"}
        path, presses = f"/v1/payment-intents/{intent_id}/refunds", self.chance.choice((1, 1, 1, 2))
        asked = (self.ask("POST", path, body, self.supervisor) for _ in range(presses))
        shown = await asyncio.gather(*asked)
        if len({len(one["refunds"]) for one in shown}) > 1:
            self.place.told.did["BREACH: one key, two refunds"] += 1
        return shown[0]

    # ------------------------------------------------------------ one attempt
    async def _try(self, intent_id: str, ref: str) -> str:
        """Take the card once and return the last state seen."""
        card = self.chance.choices(list(self.cards), list(self.cards.values()))[0]
        body = {"key": secrets.token_urlsafe(18), "route": "keypad"}
        payment = await self.maybe_twice(f"/v1/payment-intents/{intent_id}/attempts", body)
        attempt = payment["attempts"][-1]
        self.place.told.did["attempts"] += 1
        if attempt["state"] != "open":
            return str(attempt["state"])
        await self.place.caller(f"/{ref}/autopilot", {"card": card, "gap_ms": 0})
        path, mood = f"/v1/attempts/{attempt['attempt_id']}", self.chance.random()
        collected = await self._collect(intent_id, path)
        if collected and self.chance.random() < self.saves:
            await saved.agree(self, path)
        if not collected or mood < 0.05:
            await self.ask("POST", f"{path}/cancel")
        elif mood < 0.1:
            await self.place.caller(f"/{ref}/hang-up")
        else:
            await self._submit(path, ref, mood)
        return await self.watch(intent_id)

    async def _collect(self, intent_id: str, path: str) -> bool:
        """Ask for every field until it is in; False where that does not succeed in time."""
        give_up = time.monotonic() + CAPTURE_WITHIN_S
        while time.monotonic() < give_up:
            attempt = (await self.show(intent_id))["attempts"][-1]
            states = {one["field"]: one["state"] for one in attempt["capture"]["fields"]}
            if attempt["state"] != "open" or attempt["capture"]["can_submit"]:
                return bool(attempt["capture"]["can_submit"])
            wanted = next((f for f in FIELDS if states[f] in ("ready", "failed")), None)
            if wanted:
                await self.if_possible("POST", f"{path}/fields/{wanted}")
            await asyncio.sleep(0.3)
        return False

    async def _submit(self, path: str, ref: str, mood: float) -> None:
        self.place.told.did["submits"] += 1
        if mood < 0.3:
            await asyncio.gather(*(self.if_possible("POST", f"{path}/submit") for _ in range(2)))
        else:
            await self.if_possible("POST", f"{path}/submit")
        if 0.3 < mood < 0.38:
            await self.if_possible("POST", f"{path}/cancel")
        elif 0.38 < mood < 0.45:
            await self.place.caller(f"/{ref}/hang-up")

    async def watch(self, intent_id: str) -> str:
        """Look until the outcome is known, or the agent has waited long enough."""
        give_up = time.monotonic() + WATCHES_FOR_S
        while True:
            state = str((await self.show(intent_id))["attempts"][-1]["state"])
            if state in ENDED or time.monotonic() > give_up:
                return state
            await asyncio.sleep(0.4)

    async def show(self, intent_id: str) -> Json:
        return dict((await self.ask("GET", f"/v1/payment-intents/{intent_id}"))["payment"])

    # ------------------------------------------------------------ asking
    async def maybe_twice(self, path: str, body: Json) -> Json:
        """Press once, or twice at the same time with the same key: both must say the same thing."""
        if self.chance.random() > 0.25:
            return await self.ask("POST", path, body)
        first, second = await asyncio.gather(*(self.ask("POST", path, body) for _ in range(2)))
        if first["intent_id"] != second["intent_id"] or len(first["attempts"]) != len(second["attempts"]):
            self.place.told.did["BREACH: one key, two answers"] += 1
        return first

    async def if_possible(self, method: str, path: str, body: Json | None = None) -> None:
        """Ask for a step that may have become impossible meanwhile."""
        try:
            await self.ask(method, path, body)
        except Refused as error:
            self.place.told.refused[f"{path.rsplit('/', 1)[1]}: {error}"] += 1

    async def ask(self, method: str, path: str, body: Json | None = None, token: str = "") -> Json:
        """Ask the hub as this agent, or with another's token. Raises Refused."""
        return await self.place.ask(token or self.token, method, path, body)


def _parts(items: list[Json]) -> list[Json]:
    """Return invoices as what is paid of each: all that is left."""
    return [{"invoice_id": one["invoice_id"], "amount": one["outstanding"]} for one in items]
