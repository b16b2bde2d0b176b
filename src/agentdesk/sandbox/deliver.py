"""Callbacks and webhooks on their way out: in order, retried where the vendor retries, loopback only."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit, urlunsplit

import httpx

from agentdesk.sandbox.clock import Clock
from agentdesk.sandbox.faults import CALLBACK_KINDS, Fault, Faults
from agentdesk.sandbox.journal import Journal, readable_form
from agentdesk.sandbox.tasks import Tasks

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
ANSWER_WITHIN_S = 15.0
REORDERED_WAITS_S = 0.5

Sign = Callable[[str, bytes], dict[str, str]]
"""Makes the signature headers for a URL and a body, at the moment of sending."""


@dataclass(eq=False)
class Parcel:
    """One thing to post; `backoff_s` are the waits before each further try when the answer is not 2xx."""

    face: str
    subject: str
    url: str
    body: bytes
    content_type: str
    sign: Sign
    backoff_s: tuple[float, ...] = ()
    done: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Held:
    """What one request posted; tasks that it started outlive it and find it closed."""

    parcels: list[Parcel] = field(default_factory=list)
    open: bool = True


_held: ContextVar[Held | None] = ContextVar("held until the reply is sent", default=None)


def is_loopback(url: str) -> bool:
    """Say whether a URL leads to this computer; the sandbox posts nowhere else."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and parts.hostname in LOOPBACK


class Deliver:
    """The outgoing post of one sandbox."""

    def __init__(self, clock: Clock, journal: Journal, faults: Faults, tasks: Tasks) -> None:
        self._clock = clock
        self._journal = journal
        self._faults = faults
        self._tasks = tasks
        self._last: dict[str, asyncio.Event] = {}
        self._client = httpx.AsyncClient(timeout=ANSWER_WITHIN_S, trust_env=False)

    def post(self, parcel: Parcel) -> None:
        """Send a parcel after those before it for the same URL, and after the reply being written."""
        if not is_loopback(parcel.url):
            self._journal.add("callback_refused", face=parcel.face, subject=parcel.subject, url=parcel.url)
            return
        held = _held.get()
        if held and held.open:
            held.parcels.append(parcel)
        else:
            self._start(parcel)

    @contextmanager
    def holding(self) -> Iterator[list[Parcel]]:
        """Collect what is posted while a request executes; `release` sends it."""
        held = Held()
        token = _held.set(held)
        try:
            yield held.parcels
        finally:
            held.open = False
            _held.reset(token)

    def release(self, parcels: list[Parcel]) -> None:
        """Send what was held back."""
        for parcel in parcels:
            self._start(parcel)
        parcels.clear()

    async def release_and_wait(self, parcels: list[Parcel]) -> None:
        """Send what was held back and wait until each had its first try."""
        sent = list(parcels)
        self.release(parcels)
        await asyncio.gather(*(parcel.done.wait() for parcel in sent))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _start(self, parcel: Parcel) -> None:
        fault = self._faults.take(parcel.face, parcel.subject, CALLBACK_KINDS)
        kind = fault.kind if fault else ""
        if kind == "callback_lost":
            self._journal.add("callback_lost", face=parcel.face, subject=parcel.subject, url=parcel.url)
            parcel.done.set()
        elif kind in ("callback_late", "callback_reordered"):
            parcel.done.set()
            self._tasks.start(self._send_out_of_order(parcel, fault))
        else:
            before, self._last[parcel.url] = self._last.get(parcel.url), parcel.done
            self._tasks.start(self._send_in_order(parcel, before, kind))

    async def _send_in_order(self, parcel: Parcel, before: asyncio.Event | None, kind: str) -> None:
        if before:
            await before.wait()
        times = 2 if kind == "callback_duplicate" else 1
        try:
            for _ in range(times):
                delivered = await self._try(_spoilt(parcel, kind))
        finally:
            parcel.done.set()
        if not delivered:
            await self._retry(parcel)

    async def _send_out_of_order(self, parcel: Parcel, fault: Fault | None) -> None:
        if fault and fault.kind == "callback_late":
            await self._clock.sleep(fault.delay_s)
        else:
            await self._next_one_sent(parcel.url)
        if not await self._try(parcel):
            await self._retry(parcel)

    async def _next_one_sent(self, url: str) -> None:
        """Wait until a later parcel for this URL went out, or a while if there is none."""
        before = self._last.get(url)
        with_deadline = asyncio.get_running_loop().time() + REORDERED_WAITS_S
        while asyncio.get_running_loop().time() < with_deadline:
            now = self._last.get(url)
            if now is not before and now is not None:
                await now.wait()
                return
            await asyncio.sleep(0.01)

    async def _retry(self, parcel: Parcel) -> None:
        for wait_s in parcel.backoff_s:
            await self._clock.sleep(wait_s)
            if await self._try(parcel):
                return

    async def _try(self, parcel: Parcel) -> bool:
        headers = {"Content-Type": parcel.content_type, **parcel.sign(parcel.url, parcel.body)}
        try:
            answer = await self._client.post(parcel.url, content=parcel.body, headers=headers)
        except httpx.HTTPError as error:
            self._record(parcel, None, type(error).__name__)
            return False
        self._record(parcel, answer.status_code, "")
        return answer.is_success

    def _record(self, parcel: Parcel, status: int | None, error: str) -> None:
        form = parcel.content_type == "application/x-www-form-urlencoded"
        body = readable_form(parcel.body) if form else parcel.body.decode()
        self._journal.add(
            "callback",
            face=parcel.face,
            subject=parcel.subject,
            url=parcel.url,
            body=body,
            status=status,
            error=error,
        )


def _spoilt(parcel: Parcel, kind: str) -> Parcel:
    """Return the parcel with the signature that the fault asks for."""
    sign = parcel.sign
    if kind == "callback_bad_signature":
        return replace(parcel, sign=lambda url, body: sign(url, body + b"forged"))
    if kind == "callback_wrong_port_signature":
        return replace(parcel, sign=lambda url, body: sign(_other_port(url), body))
    return parcel


def _other_port(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{parts.hostname}:{(parts.port or 80) + 1}"))
