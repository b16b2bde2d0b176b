"""A payment taken step by step on a real database, with outside systems that the test scripts."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from agentdesk.adapters.base import CallEvidence, CaptureEvidence, Evidence, RawWebhook, TokenRef
from agentdesk.domain.call import CallState
from agentdesk.domain.capture import CaptureEvent, CardField
from agentdesk.domain.card import CardSummary
from agentdesk.domain.errors import AgentDeskError
from agentdesk.domain.ids import new_ulid, now
from agentdesk.domain.money import Money
from agentdesk.domain.people import Role
from agentdesk.domain.write_back import WriteBackKind
from agentdesk.hub import (
    calls,
    capture_evidence,
    captures,
    outcomes,
    payments,
    refund_outcomes,
    refunds,
    webhooks,
    write_backs,
)
from agentdesk.hub.auth import Who
from agentdesk.hub.context import Hub
from agentdesk.hub.db import tables
from agentdesk.hub.db.engine import Sessions
from agentdesk.hub.db.query import lock_attempt, lock_refund
from agentdesk.hub.jobs.worker import make_app
from agentdesk.hub.payment_view import show
from agentdesk.hub.settings import Settings
from agentdesk.hub.vendors import Vendors
from agentdesk.wire import payments as wire
from agentdesk.wire.captures import Submit
from agentdesk.wire.links import LinkOut
from agentdesk.wire.model import Amount
from agentdesk.wire.refunds import NewRefund
from tests.hub import outside
from tests.hub.keeper import Keeper
from tests.until import WITHIN_S

CARD = CardSummary("visa", "4242")


async def refused(error: type[AgentDeskError], work: Awaitable[object]) -> AgentDeskError:
    """Return the refusal that the work ends with."""
    with pytest.raises(error) as raised:
        await work
    return raised.value


def with_settings(till: "Till", **changes: object) -> None:
    """Let the hub run under other settings."""
    till.hub = Hub(till.hub.settings.model_copy(update=changes), till.hub.sessions, till.hub.vendors)


class Till:
    """An agent, a customer on the line, and what the hub does for them. Jobs run when `work` is called."""

    def __init__(self, url: str, sessions: Sessions, **settings: Any) -> None:
        self.url = url
        self.keypad, self.bank, self.recorder = outside.Keypad(), outside.Bank(), outside.Recorder()
        self.phone, self.records, self.ledger = outside.Phone(), outside.Records(), outside.Ledger()
        self.post, self.pages, self.texts = outside.Post(), outside.Pages(), outside.Texts()
        self.keeper = Keeper()
        vendors = Vendors(
            capture=self.keypad,
            processor=self.bank,
            recorder=self.recorder,
            phone=self.phone,
            crm=self.records,
            accounting=self.ledger,  # type: ignore[arg-type]
            webhooks={"post": self.post},
            link=self.pages,
            messages=self.texts,
            cards=self.keeper,
        )
        told = {"database_url": url, "business": "Northwind Energy", "link": {}, "saved_cards": {}} | settings
        self.hub = Hub(Settings(**told), sessions, vendors)
        self.who = Who("usr_1", "priya", "Priya Nair", Role.AGENT, None, "127.0.0.1", b"", now())

    async def open(self) -> None:
        """Let the agent exist."""
        await self.person(self.who)

    async def person(self, who: Who) -> Who:
        """Let a person exist."""
        async with self.hub.sessions.begin() as session:
            session.add(
                tables.User(
                    user_id=who.user_id, username=who.username, name=who.name, role=who.role, password_hash=""
                )
            )
        return who

    async def colleague(self, role: Role = Role.AGENT) -> Who:
        """Return another person."""
        name = f"sam{new_ulid().lower()}"
        return await self.person(
            replace(self.who, user_id=f"usr_{name}", username=name, name="Sam", role=role)
        )

    async def call(self, who: Who | None = None, *, customer: str | None = "cus_1") -> str:
        """Return a call that the person answered, with its customer chosen."""
        who, ref = who or self.who, f"CA{new_ulid()}"
        async with self.hub.sessions.begin() as session:
            evidence = CallEvidence(ref, CallState.CONNECTED, new_ulid(), "+441614960134", agent=who.username)
            call_id = await calls.apply(self.hub, session, evidence)
            assert call_id
            (await session.get_one(tables.Call, call_id)).customer_id = customer
        return call_id

    async def hang_up(self, call_id: str) -> None:
        """The caller hangs up."""
        await self.line(call_id, CallState.ENDED)

    async def line(self, call_id: str, state: CallState, **more: Any) -> None:
        """The phone system tells of the call again."""
        async with self.hub.sessions.begin() as session:
            call = await session.get_one(tables.Call, call_id)
            await calls.apply(self.hub, session, CallEvidence(str(call.call_ref), state, new_ulid(), **more))

    def agreed(
        self, call_id: str, minor: int = 12336, invoice: str = "7", **more: Any
    ) -> wire.NewPaymentIntent:
        """Return what the caller agrees to pay, under a new key."""
        amount = Amount(minor=minor, currency="GBP")
        told: dict[str, Any] = {
            "key": new_ulid(),
            "call_id": call_id,
            "customer_id": "cus_1",
            "amount": amount,
            "allocations": [wire.AllocationIn(invoice_id=invoice, amount=amount)],
        }
        return wire.NewPaymentIntent(**told | more)

    async def intent(self, who: Who | None = None, **more: Any) -> str:
        """Return a payment intent on a call of its own."""
        who = who or self.who
        new = self.agreed(more.pop("call_id", None) or await self.call(who), **more)
        return (await payments.create(self.hub, who, new)).intent_id

    async def start(self, intent_id: str, who: Who | None = None, key: str | None = None) -> str:
        """Start a try and return its id."""
        new = wire.NewAttempt(key=key or new_ulid(), route="keypad")
        shown = await payments.start_attempt(self.hub, who or self.who, intent_id, new)
        return shown.attempts[-1].attempt_id

    async def link(self, intent_id: str | None = None, **more: Any) -> str:
        """Send a link, with every job of it done, and return its attempt."""
        new = wire.NewAttempt(key=new_ulid(), route="link", **more)
        intent_id = intent_id or await self.intent()
        shown = await payments.start_attempt(self.hub, self.who, intent_id, new)
        await self.work()
        return shown.attempts[-1].attempt_id

    async def capture(self, attempt_id: str, event: CaptureEvent, **more: Any) -> TokenRef | None:
        """Let the keypad service report."""
        evidence = CaptureEvidence(event, "keypad", new_ulid(), **more)
        async with self.hub.sessions.begin() as session:
            return await capture_evidence.apply(session, await lock_attempt(session, attempt_id), evidence)

    async def late(self, attempt_id: str) -> None:
        """Let the deadline of the card session's present step pass."""
        await self.change(tables.CaptureSession, attempt_id, deadline_at=now() - timedelta(seconds=1))
        await capture_evidence.check_deadline(self.hub, attempt_id)

    async def waits_s(self, attempt_id: str) -> float:
        """Return how long the present step may still take."""
        return float(
            ((await self.row(tables.CaptureSession, attempt_id)).deadline_at - now()).total_seconds()
        )

    async def key_card(self, attempt_id: str) -> None:
        """Ask for every field and let the caller key it."""
        for card_field in (CardField.NUMBER, CardField.EXPIRY, CardField.SECURITY_CODE):
            await captures.ask_field(self.hub, self.who, attempt_id, card_field)
            await self.capture(attempt_id, CaptureEvent.FIELD_IN, field=card_field, card=CARD)
        await self.capture(attempt_id, CaptureEvent.ALL_IN)

    async def submit(self, attempt_id: str, who: Who | None = None) -> None:
        """Send the payment; nothing was ticked as read back."""
        await captures.submit(self.hub, who or self.who, attempt_id, Submit())

    async def submitted(self, who: Who | None = None, **more: Any) -> str:
        """Return an attempt the agent has submitted: the token is on its way."""
        who = who or self.who
        return await self.submitted_of(await self.intent(who, **more), who)

    async def submitted_of(self, intent_id: str, who: Who) -> str:
        """Return a submitted attempt of a payment that was agreed."""
        attempt_id = await self.start(intent_id, who)
        await self.key_card(attempt_id)
        await self.submit(attempt_id, who)
        return attempt_id

    async def sending(self, **more: Any) -> str:
        """Return an attempt whose charge is committed and not yet sent."""
        attempt_id = await self.submitted(**more)
        assert await self.token(attempt_id)
        return attempt_id

    async def token(self, attempt_id: str) -> TokenRef | None:
        """Let the keypad service hand over a token; return it where it must be charged."""
        return await self.capture(attempt_id, CaptureEvent.TOKEN, token=TokenRef("bank", "pm_1"))

    async def charge(self, attempt_id: str) -> None:
        """Send the committed charge."""
        await outcomes.charge(self.hub, attempt_id, TokenRef("bank", "pm_1"))

    async def paid(self, **more: Any) -> str:
        """Return an approved attempt."""
        attempt_id = await self.sending(**more)
        await self.charge(attempt_id)
        return attempt_id

    async def learn(self, attempt_id: str, event: Any, **more: Any) -> None:
        """Let the bank say something of the attempt, with the right amount unless told otherwise."""
        amount = more.pop("amount", Money(12336, "GBP"))
        await outcomes.learn(self.hub, attempt_id, self.bank.says(event, attempt_id, amount, **more))

    async def give_back(self, who: Who, attempt_id: str, minor: int, key: str | None = None) -> wire.Refund:
        """Refund a part of an approved attempt; return the newest refund."""
        intent_id = (await self.show(attempt_id)).intent_id
        amount = Amount(minor=minor, currency="GBP")
        new = NewRefund(key=key or new_ulid(), amount=amount, reason="Billed twice")
        return (await refunds.refund(self.hub, who, intent_id, new)).refunds[-1]

    async def ask(self, attempt_id: str) -> None:
        """Let the time come for the next planned look-up of a charge, and do it."""
        await self.change(tables.Attempt, attempt_id, next_ask_at=now())
        await outcomes.ask_processor(self.hub, attempt_id)

    async def ask_of_refund(self, refund_id: str) -> None:
        """Let the time come for the next planned look-up of a refund, and do it."""
        await self.change(tables.Refund, refund_id, next_ask_at=now())
        await refund_outcomes.ask(self.hub, refund_id)

    async def learn_of_refund(self, refund_id: str, event: Any, **more: Any) -> None:
        """Let the bank say something of a refund, with the right amount unless told otherwise."""
        async with self.hub.sessions.begin() as session:
            held = await lock_refund(session, refund_id)
            evidence = self.bank.says_of_refund(event, refund_id, **({"amount": held.amount} | more))
            await refund_outcomes.apply(self.hub, session, held, evidence)

    async def told(self, *evidence: Evidence, target: str = "", work: bool = True) -> None:
        """Let a webhook bring evidence, for what its address names; then do what follows from it."""
        body = repr((target, evidence)).encode()
        self.post.evidence[body] = evidence
        message = RawWebhook("http://hub/webhooks/post", {}, body)
        await webhooks.receive(self.hub, "post", target, message)
        if work:
            await self.work()

    async def owed(self, kind: WriteBackKind = WriteBackKind.ACCOUNTS) -> tables.WriteBack:
        """Return the first write-back of a kind."""
        return next(row for row in await self.rows(tables.WriteBack) if row.kind == kind)

    async def perform(self, kind: WriteBackKind = WriteBackKind.ACCOUNTS) -> tables.WriteBack:
        """Have the first write-back of a kind written, and return it as it then is."""
        await write_backs.perform(self.hub, (await self.owed(kind)).write_back_id)
        return await self.owed(kind)

    async def refund(self, attempt_id: str, number: int = -1) -> wire.Refund:
        """Return a refund of the payment as it is shown, the newest unless told otherwise."""
        return (await self.show(attempt_id)).refunds[number]

    async def work(self) -> None:
        """Run every job that is due, and those that become due by it."""
        async with make_app(self.url).open_async() as app:
            await app.run_worker_async(
                wait=False, concurrency=1, additional_context={"hub": self.hub}, install_signal_handlers=False
            )

    async def due(self) -> None:
        """Let the time come for every job that waits."""
        now_due = text("update procrastinate_jobs set scheduled_at = null where status = 'todo'")
        async with self.hub.sessions.begin() as session:
            await session.execute(now_due)

    async def jobs(self, name: str) -> list[dict[str, Any]]:
        """Return the waiting jobs of a name, in order, as their arguments with `at`."""
        query = text(
            "select args, scheduled_at from procrastinate_jobs"
            " where task_name = :name and status = 'todo' order by id"
        )
        async with self.hub.sessions() as session:
            rows = await session.execute(query, {"name": f"hub:{name}"})
            return [{**args, "at": at} for args, at in rows]

    async def show(self, attempt_id: str) -> wire.PaymentIntent:
        """Return the payment of an attempt as the agent sees it."""
        async with self.hub.sessions() as session:
            attempt = await session.get_one(tables.Attempt, attempt_id)
            return await show(session, attempt.intent_id)

    async def attempt(self, attempt_id: str) -> wire.Attempt:
        """Return the attempt as the agent sees it."""
        return next(one for one in (await self.show(attempt_id)).attempts if one.attempt_id == attempt_id)

    async def link_of(self, attempt_id: str) -> LinkOut:
        """Return the link of an attempt as the agent sees it."""
        link = (await self.attempt(attempt_id)).link
        assert link
        return link

    async def waits_in_line(self) -> None:
        """Return once somebody waits for another to be done with the customer."""
        waiting = text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
        async with asyncio.timeout(WITHIN_S), self.hub.sessions() as session:
            while not await session.scalar(waiting):
                await asyncio.sleep(0)

    async def holding(self) -> list[bool]:
        """Return of every debt of every attempt whether it is held."""
        return [row.holding for row in await self.rows(tables.AttemptDebt)]

    async def row(self, kind: type[Any], key: str) -> Any:
        """Return a row."""
        async with self.hub.sessions() as session:
            return await session.get_one(kind, key)

    async def rows(self, kind: type[Any]) -> list[Any]:
        """Return every row of a table."""
        async with self.hub.sessions() as session:
            return list(await session.scalars(select(kind)))

    async def change(self, kind: type[Any], key: str, **values: Any) -> None:
        """Set columns of a row: for time that passes."""
        async with self.hub.sessions.begin() as session:
            row = await session.get_one(kind, key)
            for name, value in values.items():
                setattr(row, name, value)

    async def titles(self, attempt_id: str) -> list[str]:
        """Return the titles of the payment's time line."""
        intent_id = (await self.show(attempt_id)).intent_id
        return [row.title for row in await self.rows(tables.PaymentEvent) if row.intent_id == intent_id]
