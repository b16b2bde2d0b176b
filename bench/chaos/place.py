"""Where agents and callers find everything, what the hub refuses them, and what people were told."""

import asyncio
import random
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import httpx

Json = dict[str, Any]
ASKS_AGAIN_FOR_S = 20.0


class Refused(Exception):
    """The hub said no; `code` is why."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code = status, code


@dataclass
class Told:
    """Everything people were told: which states of which attempt and refund, and what was refused."""

    states: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    refunds: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    did: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def note(self, payment: Json) -> None:
        """Note what this picture of a payment says of each attempt and refund."""
        for attempt in payment["attempts"]:
            self.states[attempt["attempt_id"]].add(attempt["state"])
        for refund in payment["refunds"]:
            self.refunds[refund["refund_id"]].add(refund["state"])


@dataclass
class Place:
    """Where agents and callers find everything."""

    hub: str
    sandbox: str
    http: httpx.AsyncClient
    told: Told
    payers: set[str] = field(default_factory=set)  # customers who called to pay
    closing: asyncio.Event = field(default_factory=asyncio.Event)  # nobody takes another call

    async def ask(self, token: str, method: str, path: str, body: Json | None = None) -> Json:
        """Ask the hub, again with the same body while nobody answers, as a desk does. Raises Refused."""
        give_up = time.monotonic() + ASKS_AGAIN_FOR_S
        while True:
            answer = await self._once(token, method, path, body)
            if answer is not None and answer.status_code < 500:
                break
            self.told.refused[f"asked again after {answer.status_code if answer else 'no answer'}"] += 1
            if time.monotonic() > give_up:
                raise Refused(answer.status_code if answer else 0, "hub does not answer")
            await asyncio.sleep(random.uniform(0.1, 0.6))
        said = answer.json() if answer.content else {}
        if answer.is_error:
            raise Refused(answer.status_code, said["code"])
        payment = said.get("payment", said)
        if "attempts" in payment:
            self.told.note(payment)
        return dict(said)

    async def _once(self, token: str, method: str, path: str, body: Json | None) -> httpx.Response | None:
        headers = {"Authorization": f"Bearer {token}"}
        try:
            return await self.http.request(method, self.hub + path, json=body, headers=headers)
        except httpx.HTTPError:
            return None

    async def caller(self, path: str, body: Json | None = None) -> Json:
        """Have the phone network or a caller do something; what it refuses is the caller's bad luck."""
        answer = await self.http.post(f"{self.sandbox}/_sim/calls{path}", json=body or {})
        return dict(answer.json()) if answer.is_success and answer.content else {}
