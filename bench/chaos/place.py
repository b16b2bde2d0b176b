"""Where agents and callers find everything, what the hub refuses them, and what people were told."""

import asyncio
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import httpx

Json = dict[str, Any]


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
    closing: asyncio.Event = field(default_factory=asyncio.Event)  # nobody takes another call

    async def caller(self, path: str, body: Json | None = None) -> Json:
        """Have the phone network or a caller do something; what it refuses is the caller's bad luck."""
        answer = await self.http.post(f"{self.sandbox}/_sim/calls{path}", json=body or {})
        return dict(answer.json()) if answer.is_success and answer.content else {}
