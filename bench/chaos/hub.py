"""Starts a hub for a run: waits made shorter, failpoints armed, and a bug planted where the run asks for one.

Only this launcher changes anything; the product has no switch for it.
"""

import argparse
import asyncio
import os
import random
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
from fastapi import FastAPI

from agentdesk.adapters.base import Charge, MoneyEvidence, OutcomeUnknown, Refund, RefundEvidence, TokenRef
from agentdesk.adapters.http import VendorHttp
from agentdesk.adapters.stripe.cards import StripeCards
from agentdesk.adapters.stripe.processor import StripeProcessor
from agentdesk.cli.app import app
from agentdesk.domain.payment import AttemptEvent
from agentdesk.domain.policy import rest
from agentdesk.domain.refund import RefundEvent
from agentdesk.hub import (
    duplicates,
    links,
    look_ups,
    outcomes,
    plan_steps,
    plan_view,
    recheck,
    refund_outcomes,
    serve,
    splits,
    supervisor_word,
    work,
    write_backs,
)
from agentdesk.hub.app import create_app
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import lock_attempt, parts_of, whole_of
from agentdesk.hub.db.tables import PaymentIntent
from agentdesk.hub.jobs import worker
from agentdesk.hub.jobs.defer import Job
from agentdesk.hub.jobs.tasks import PERIODIC
from agentdesk.hub.settings import Settings

__all__ = ["BUGS", "VENDOR_PATIENCE_S", "hurry", "live", "serve"]  # serve: imported once for all

Async = Callable[..., Awaitable[Any]]
#: How long the vendors' clients wait in a run; a charge is looked up after twice that.
VENDOR_PATIENCE_S = 4.0
_CAPTURE_S = {"SECURING_S": 10, "FIELD_S": 20, "SUBMIT_S": 15, "CANCEL_S": 5, "SESSION_S": 90}


def live(arguments: list[str], environment: dict[str, str], log: str, says: Connection) -> None:
    """Be a hub in a process of its own: what it prints goes to `says`, its log to a file."""
    os.environ.update(environment)
    os.dup2(says.fileno(), 1)
    with Path(log).open("ab") as errors:
        os.dup2(errors.fileno(), 2)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
    main(arguments)


def main(given: list[str] | None = None) -> None:
    """Change what the arguments say, then run `agentdesk` with those after `--`."""
    parser = argparse.ArgumentParser(prog="bench.chaos.hub", description=__doc__)
    parser.add_argument("--life", default="", help="which process this is; seeds its failpoints")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dies", type=float, default=0.0, help="how likely each failpoint kills")
    parser.add_argument("--plant", action="append", default=[], choices=sorted(BUGS), help="a bug to plant")
    parser.add_argument("arguments", nargs="*")
    options = parser.parse_args(given)
    hurry()
    if options.dies:
        arm(random.Random(f"{options.seed} {options.life}"), options.dies)
    for bug in options.plant:
        BUGS[bug]()
    app(options.arguments, prog_name="agentdesk")


def hurry() -> None:
    """Make the waits shorter, in the order they have: the client's patience, the follow-up, the lag."""
    _everywhere(FOLLOW_AFTER_S=int(2 * VENDOR_PATIENCE_S), **_CAPTURE_S)
    _change(refund_outcomes, ASK_DONE_AFTER=tuple(timedelta(seconds=seconds) for seconds in (2, 4, 6)))
    _change(look_ups, ASK_AFTER_S=(1, 1, 2, 2), ASK_EVERY_S=3)
    _change(StripeProcessor, find_lag=timedelta(seconds=3 * VENDOR_PATIENCE_S))
    _change(links, LOOK_EVERY_S=3)
    _change(work, PERSON_AFTER=timedelta(milliseconds=100))
    _change(supervisor_word, PERSON_AFTER=timedelta(seconds=1))
    _everywhere(_LONGEST_WAIT_S=3.0)
    _change(write_backs, MAX_TRIES=100)
    _change(worker, DEAD_AFTER_S=4.0, SEEN_EVERY_S=1.0)
    _change(worker, PERIODIC=PERIODIC | {Job.SWEEP: "* * * * * */4"})  # each fourth second


def _change(where: Any, **values: Any) -> None:
    """Give names other values. Raises AttributeError where one moved: this has to follow it."""
    for name, value in values.items():
        getattr(where, name)
        setattr(where, name, value)


def _everywhere(**values: Any) -> None:
    """Give names other values in each of the hub's modules that has them."""
    for name, value in values.items():
        having = [module for module in _hub_modules() if hasattr(module, name)]
        if not having:
            raise AttributeError(f"nothing of the hub has {name}")
        for module in having:
            setattr(module, name, value)


def _hub_modules() -> list[ModuleType]:
    return [module for name, module in list(sys.modules.items()) if name.startswith("agentdesk.hub.")]


# ---------------------------------------------------------------- failpoints
def arm(chance: random.Random, dies: float) -> None:
    """Let the process die now and then between a commit and what follows it, and before the next one."""

    def around(work: Async) -> Async:
        async def deadly(*arguments: Any) -> Any:
            _maybe_die(chance, dies)
            answer = await work(*arguments)
            _maybe_die(chance, dies)
            return answer

        return deadly

    outcomes.charge = around(outcomes.charge)  # type: ignore[assignment]
    outcomes._send = around(outcomes._send)  # type: ignore[assignment]
    refund_outcomes.send = around(refund_outcomes.send)  # type: ignore[assignment]
    refund_outcomes._send = around(refund_outcomes._send)  # type: ignore[assignment]
    VendorHttp.send = _around_writes(VendorHttp.send, chance, dies)  # type: ignore[assignment, method-assign]


def _around_writes(send: Async, chance: random.Random, dies: float) -> Async:
    """Let every request that changes something be the last thing before, or after, a death."""

    async def deadly(self: VendorHttp, method: str, path: str, **more: Any) -> Any:
        if method in ("GET", "HEAD"):
            return await send(self, method, path, **more)
        _maybe_die(chance, dies)
        answer = await send(self, method, path, **more)
        _maybe_die(chance, dies)
        return answer

    return deadly


def _maybe_die(chance: random.Random, dies: float) -> None:
    if chance.random() < dies:
        os.kill(os.getpid(), signal.SIGKILL)


# ---------------------------------------------------------------- planted bugs
def _changes_the_key() -> None:
    """Send a charge without an answer again, under another key."""
    charge = StripeProcessor.charge

    async def again(self: StripeProcessor, request: Charge) -> MoneyEvidence:
        try:
            return await charge(self, request)
        except OutcomeUnknown:
            return await charge(self, replace(request, idempotency_key=request.idempotency_key + ":again"))

    StripeProcessor.charge = again  # type: ignore[method-assign]


def _says_not_charged() -> None:
    """Take silence for a refusal."""
    send: Async = outcomes._send

    async def sure(hub: Hub, request: Charge) -> MoneyEvidence:
        answer: MoneyEvidence = await send(hub, request)
        silent = answer.event is AttemptEvent.NO_ANSWER
        return replace(answer, event=AttemptEvent.REFUSED) if silent else answer

    outcomes._send = sure


def _says_not_refunded() -> None:
    """Take silence for a refusal; here every answer to a refund is lost."""
    refund, send = StripeProcessor.refund, refund_outcomes._send

    async def silent(self: StripeProcessor, request: Refund) -> RefundEvidence:
        await refund(self, request)
        raise OutcomeUnknown("lost")

    async def sure(hub: Hub, request: Refund) -> RefundEvidence:
        return replace(await send(hub, request), event=RefundEvent.REFUSED)

    StripeProcessor.refund = silent  # type: ignore[method-assign]
    refund_outcomes._send = sure


def _owes_outside() -> None:
    """Owe the write-backs in a transaction of their own, a little later."""
    owe, apply = write_backs.owe_for_payment, outcomes.apply

    async def later(hub: Hub, attempt_id: str) -> None:
        await asyncio.sleep(0.5)
        _maybe_die(random.Random(), 1.0)  # it would die here sooner or later; a test has no time for later
        async with hub.sessions.begin() as session:
            await owe(session, await lock_attempt(session, attempt_id))

    async def nothing(*_: Any) -> None:
        return None

    async def careless(hub: Hub, session: Any, payment: Any, evidence: MoneyEvidence) -> None:
        before = payment.attempt.state
        await apply(hub, session, payment, evidence)
        if payment.attempt.state == "approved" != before:
            hub.start(later(hub, payment.attempt.attempt_id))

    write_backs.owe_for_payment = nothing  # type: ignore[assignment]
    outcomes.apply = careless  # type: ignore[assignment]


def _takes_a_third_card() -> None:
    """Ask for what the first card of a split left, whatever was paid since, past all that would stop it."""

    async def left(session: Any, who: Any, new: Any, open_amounts: Any) -> Any:
        first = await session.get(PaymentIntent, new.split_of)
        return rest(whole_of(first), parts_of(first)), whole_of(first)

    async def nothing(*_: Any) -> str:
        return ""

    splits.rest, duplicates.go_on, recheck.changes = left, nothing, nothing  # type: ignore[assignment]


def _says_let_go() -> None:
    """Take the wish that a card be let go for the deed."""

    async def nothing(self: StripeCards, token: TokenRef) -> None:
        return None

    StripeCards.let_go = nothing  # type: ignore[method-assign]


def _hides_unknowns() -> None:
    """Leave what nobody could tell off the supervisors' list."""
    shown = (one for one in work._SOURCES if one not in (work._unknown, work._refunds))
    work._SOURCES = tuple(shown)  # type: ignore[assignment]


def _forgets_a_pause() -> None:
    """Let a plan go on whatever became of its instalment."""

    async def nothing(*_: Any) -> None:
        return None

    plan_steps.ended = nothing  # type: ignore[assignment]


def _pays_what_a_plan_takes() -> None:
    """Let anybody pay what a plan takes by itself."""

    async def nothing(*_: Any) -> None:
        return None

    plan_view.refuse_held = nothing  # type: ignore[assignment]


BUGS: dict[str, Callable[[], None]] = {
    "changes-the-key": _changes_the_key,
    "says-not-charged": _says_not_charged,
    "says-not-refunded": _says_not_refunded,
    "owes-outside": _owes_outside,
    "takes-a-third-card": _takes_a_third_card,
    "says-let-go": _says_let_go,
    "hides-unknowns": _hides_unknowns,
    "forgets-a-pause": _forgets_a_pause,
    "pays-what-a-plan-takes": _pays_what_a_plan_takes,
}


# ---------------------------------------------------------------- a fast start
def _share_tls() -> None:
    """Read the system's certificates once for all hubs that are forked from here: nothing here uses them."""
    made = httpx.create_ssl_context()
    vars(httpx._transports.default)["create_ssl_context"] = lambda *_, **__: made


def _share_routes() -> None:
    """Work out the routes once: FastAPI does it at the first request of each process."""
    made = create_app(Settings())
    made.openapi()

    def soon(*wanted: Any, **more: Any) -> FastAPI:
        made.router.lifespan_context = create_app(*wanted, **more).router.lifespan_context
        return made

    vars(serve)["create_app"] = soon


_share_tls()
_share_routes()

if __name__ == "__main__":
    main()
