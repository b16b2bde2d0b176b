"""A hub in memory with the methods of HubClient, for tests of view models and for pictures."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from agentdesk.desk.event_stream import HubEvent
from agentdesk.domain.call import CallState
from agentdesk.domain.capture import CloseCause
from agentdesk.domain.errors import AgentDeskError
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.promise import PromiseState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.calls import Call, NewCall, NewCallerCheck, WrapUp
from agentdesk.wire.captures import ReadBack
from agentdesk.wire.customers import Customer, History, Match, Matches
from agentdesk.wire.links import Resend
from agentdesk.wire.payment_log import PaymentLogPage, PaymentRow
from agentdesk.wire.payments import (
    AgentDay,
    NewAttempt,
    NewPaymentIntent,
    PaymentDetail,
    PaymentIntent,
    ReceiptIn,
    StopDecision,
    WriteBack,
)
from agentdesk.wire.people import Colleague, Person, SetUp, SignIn
from agentdesk.wire.plans import PaymentPlan
from agentdesk.wire.promises import NewPromise, Promise, Withdrawal
from agentdesk.wire.readiness import Readiness
from agentdesk.wire.receipts import ReceiptPage
from agentdesk.wire.refunds import NewRefund, RefundDecision
from agentdesk.wire.rehearsals import NewRehearsal, Rehearsal, Rehearsals
from agentdesk.wire.work import CloseAlarm, Decision, DoneByHand, RefundOutcome, WorkList
from tests.desk import caller_samples, promise_samples, rehearsal_samples, samples
from tests.desk.fake_help import FakeHelp
from tests.desk.fake_plans import FakePlans


class FakeHub(FakeHelp, FakePlans):
    """Answers from its attributes, which a test sets.

    `pages` maps a cursor to a later page of the log.
    `asked` lists (method, arguments). `fail(method, error)` makes a method raise, once or for good;
    `hold(method)` makes it wait until the returned event is set. `push(event)` tells the desk something.
    """

    def __init__(self) -> None:
        self.url = "https://hub.northwind.example"
        self.signed_out = lambda: None
        self.renewed = lambda: None
        self.asked: list[tuple[str, tuple[Any, ...]]] = []
        self.watched: list[str] = []  # of its own: it comes by itself, between what a test asks for
        self.person: Person = samples.person()
        self.new = False
        self.picture = samples.qr()
        self.lamps: Readiness = samples.readiness()
        self.day: AgentDay = samples.day()
        self.calls: dict[str, Call] = {}
        self.customers: dict[str, Customer] = {"cus_1": samples.customer()}
        self.histories: dict[str, History] = {"cus_1": samples.history()}
        self.found: list[Match] = []
        self.found_more = False
        self.plans: dict[str, PaymentPlan] = {}
        self.payments: dict[str, PaymentIntent] = {}
        self.details: dict[str, PaymentDetail] = {}
        self.log = PaymentLogPage(rows=[], cursor=None, totals=None)
        self.pages: dict[str, PaymentLogPage] = {}
        self.colleagues: list[Colleague] = []
        self.waiting = WorkList(rows=[], count=0, as_of=samples.NOW)
        self.room: Rehearsals = rehearsal_samples.room()
        self.everybody: list[Rehearsal] = []
        self._errors: dict[str, tuple[AgentDeskError, bool]] = {}
        self._held: dict[str, asyncio.Event] = {}
        self._lines: list[asyncio.Queue[HubEvent | AgentDeskError]] = []

    def fail(self, method: str, error: AgentDeskError | None, *, always: bool = False) -> None:
        """Let a method raise at its next call, or at each; None ends it."""
        self._errors.pop(method, None)
        if error is not None:
            self._errors[method] = (error, always)

    def hold(self, method: str) -> asyncio.Event:
        """Let a method wait until the event is set."""
        self._held[method] = asyncio.Event()
        return self._held[method]

    def push(self, event: HubEvent) -> None:
        """Tell every listening desk; None is `reset`."""
        for one in self._lines:
            one.put_nowait(event)

    def hang_up(self, error: AgentDeskError) -> None:
        """Break the event stream."""
        for one in self._lines:
            one.put_nowait(error)

    def count(self, method: str) -> int:
        """Return how often a method was asked."""
        return sum(name == method for name, _ in self.asked)

    async def aclose(self) -> None: ...

    async def sign_in(self, who: SignIn) -> Person:
        await self._ask("sign_in", who)
        return self.person

    async def renew(self, who: SignIn) -> Person:
        await self._ask("renew", who)
        until = {"signed_in_until": samples.NOW + timedelta(hours=12)}
        self.person = self.person.model_copy(update=until)
        return self.person

    async def sign_out(self) -> None:
        await self._ask("sign_out")

    async def needs_set_up(self) -> bool:
        await self._ask("needs_set_up")
        return self.new

    async def set_up(self, first: SetUp) -> Person:
        await self._ask("set_up", first)
        self.new = False
        return self.person

    async def readiness(self, *, fresh: bool = False) -> Readiness:
        await self._ask("readiness", *(["fresh"] if fresh else []))
        return self.lamps

    async def agent_day(self) -> AgentDay:
        await self._ask("agent_day")
        return self.day

    async def put_away(self, intent_id: str, state: AttemptState) -> PaymentIntent:
        await self._ask("put_away", intent_id, state)
        *left, gone = sorted(self.day.ended, key=lambda one: one.intent_id == intent_id)
        self.day = self.day.model_copy(update={"ended": left})
        return self.take(gone.model_copy(update={"version": gone.version + 1}))

    async def put_answer_away(self, request_id: str) -> PaymentIntent:
        await self._ask("put_answer_away", request_id)
        *left, gone = sorted(self.day.answered, key=lambda one: one.refund_request.request_id == request_id)
        self.day = self.day.model_copy(update={"answered": left})
        return gone

    async def current_calls(self) -> list[Call]:
        await self._ask("current_calls")
        return [call for call in self.calls.values() if call.state is not CallState.ENDED]

    async def add_call(self, new: NewCall) -> Call:
        await self._ask("add_call", new)
        known = {} if new.number else {"customer_id": None, "matches": []}
        line = bool(new.call_ref)
        told = samples.call(call_id="call_2", number=new.number, queue=new.queue, has_line=line, **known)
        return self._keep(told)

    async def note_refusal(self) -> None:
        await self._ask("note_refusal")

    async def answer(self, call_id: str) -> Call:
        await self._ask("answer", call_id)
        mine = {"state": CallState.CONNECTED, "agent": self.person.user_id, "answered_at": samples.NOW}
        return self._keep(self.calls[call_id].model_copy(update=mine))

    async def link_customer(self, call_id: str, customer_id: str | None) -> Call:
        await self._ask("link_customer", call_id, customer_id)
        return self._keep(self.calls[call_id].model_copy(update={"customer_id": customer_id}))

    async def wrap_up(self, call_id: str, wrap_up: WrapUp) -> Call:
        await self._ask("wrap_up", call_id, wrap_up)
        return self._keep(self.calls[call_id].model_copy(update={"state": CallState.ENDED}))

    async def check_caller(self, call_id: str, new: NewCallerCheck) -> Call:
        await self._ask("check_caller", call_id, new)
        kept = {"caller_check": caller_samples.checked(new)}
        return self._keep(self.calls[call_id].model_copy(update=kept))

    async def prefer(self, customer_id: str, route: str | None) -> Customer:
        await self._ask("prefer", customer_id, route)
        customer = self.customers[customer_id].model_copy(update={"preferred_route": route})
        self.customers[customer_id] = customer
        return customer

    async def search_customers(self, text: str) -> Matches:
        await self._ask("search_customers", text)
        return Matches(rows=self.found, more=self.found_more)

    async def customer(self, customer_id: str, *, fresh: bool = False) -> Customer:
        await self._ask("customer", customer_id, fresh)
        return self.customers[customer_id]

    async def history(self, customer_id: str) -> History:
        await self._ask("history", customer_id)
        return self.histories[customer_id]

    async def create_payment(self, new: NewPaymentIntent) -> PaymentIntent:
        await self._ask("create_payment", new)
        return self.take(samples.payment(amount=new.amount, receipt_email=new.receipt_email))

    async def payment(self, intent_id: str) -> PaymentDetail:
        await self._ask("payment", intent_id)
        return self.details.get(intent_id) or PaymentDetail(payment=self.payments[intent_id], timeline=[])

    async def start_attempt(self, intent_id: str, new: NewAttempt) -> PaymentIntent:
        await self._ask("start_attempt", intent_id, new)
        return self.payments[intent_id]

    async def request_field(self, attempt_id: str, field: str, *, slow: bool = False) -> PaymentIntent:
        await self._ask("request_field", attempt_id, field, *(["slow"] if slow else []))
        return self._of(attempt_id)

    async def submit(self, attempt_id: str, read_back: Mapping[ReadBack, datetime]) -> PaymentIntent:
        await self._ask("submit", attempt_id, *([read_back] if read_back else []))
        return self._of(attempt_id)

    async def cancel(self, attempt_id: str, because: CloseCause = CloseCause.AGENT) -> PaymentIntent:
        await self._ask("cancel", attempt_id, *([] if because is CloseCause.AGENT else [because]))
        return self._of(attempt_id)

    async def agree_to_save(self, attempt_id: str, wording: str) -> PaymentIntent:
        await self._ask("agree_to_save", attempt_id, wording)
        return self._of(attempt_id)

    async def take_consent_back(self, attempt_id: str) -> PaymentIntent:
        await self._ask("take_consent_back", attempt_id)
        return self._of(attempt_id)

    async def withdraw_card(self, card_id: str) -> None:
        await self._ask("withdraw_card", card_id)

    async def watch_over(self, attempt_id: str) -> None:
        self.watched.append(attempt_id)

    async def refuse_digits(self, attempt_id: str) -> None:
        await self._ask("refuse_digits", attempt_id)

    async def link_qr(self, attempt_id: str) -> bytes:
        await self._ask("link_qr", attempt_id)
        return self.picture

    async def resend_link(self, attempt_id: str, again: Resend) -> PaymentIntent:
        await self._ask("resend_link", attempt_id, again)
        return self._of(attempt_id)

    async def ask_supervisor(self, stop_id: str) -> PaymentIntent:
        await self._ask("ask_supervisor", stop_id)
        return self._stopped(stop_id)

    async def decide_stop(self, stop_id: str, word: StopDecision) -> PaymentIntent:
        await self._ask("decide_stop", stop_id, word)
        return self._stopped(stop_id)

    async def send_receipt(self, intent_id: str, receipt: ReceiptIn) -> PaymentIntent:
        await self._ask("send_receipt", intent_id, receipt)
        return self.payments[intent_id]

    async def refund(self, intent_id: str, new: NewRefund) -> PaymentIntent:
        await self._ask("refund", intent_id, new)
        return self.payments[intent_id]

    async def ask_refund(self, intent_id: str, new: NewRefund) -> PaymentIntent:
        await self._ask("ask_refund", intent_id, new)
        return self.payments[intent_id]

    async def decide_refund(self, request_id: str, word: RefundDecision) -> PaymentIntent:
        await self._ask("decide_refund", request_id, word)
        asked = (one for one in self.payments.values() if one.refund_request)
        return next(one for one in asked if one.refund_request.request_id == request_id)

    async def settle_refund(self, refund_id: str, said: RefundOutcome) -> PaymentIntent:
        await self._ask("settle_refund", refund_id, said)
        of_it = (one for one in self.payments.values() if refund_id in [r.refund_id for r in one.refunds])
        return next(of_it)

    async def refundable(self, text: str) -> list[PaymentRow]:
        await self._ask("refundable", text)
        return self.log.rows

    async def promise(self, customer_id: str, new: NewPromise) -> Promise:
        await self._ask("promise", customer_id, new)
        return promise_samples.promise(amount=new.amount, due_on=new.due_on)

    async def withdraw_promise(self, promise: Promise, why: Withdrawal) -> Promise:
        await self._ask("withdraw_promise", promise.promise_id, why)
        gone = {"state": PromiseState.WITHDRAWN, "why_withdrawn": why.reason}
        return promise.model_copy(update=gone)

    async def receipt(self, intent_id: str) -> ReceiptPage:
        await self._ask("receipt", intent_id)
        return promise_samples.receipt()

    async def receipt_pdf(self, intent_id: str) -> bytes:
        await self._ask("receipt_pdf", intent_id)
        return b"%PDF-1.4"

    async def payment_log(self, **filters: str | int | None) -> PaymentLogPage:
        await self._ask("payment_log", filters)
        return self.pages[str(filters["cursor"])] if filters.get("cursor") else self.log

    async def agents(self) -> list[Colleague]:
        await self._ask("agents")
        return self.colleagues

    async def work(self) -> WorkList:
        await self._ask("work")
        return self.waiting

    async def decide(self, attempt_id: str, decision: Decision) -> PaymentIntent:
        await self._ask("decide", attempt_id, decision)
        return self._of(attempt_id)

    async def look_up(self, attempt_id: str) -> PaymentIntent:
        await self._ask("look_up", attempt_id)
        return self._of(attempt_id)

    async def close_alarm(self, attempt_id: str, why: CloseAlarm) -> PaymentIntent:
        await self._ask("close_alarm", attempt_id, why)
        return self._of(attempt_id)

    async def replay_write_back(self, write_back_id: str) -> WriteBack:
        await self._ask("replay_write_back", write_back_id)
        return samples.write_back(WriteBackKind.ACCOUNTS, WriteBackState.QUEUED)

    async def mark_done(self, write_back_id: str, done: DoneByHand) -> WriteBack:
        await self._ask("mark_done", write_back_id, done)
        return samples.write_back(WriteBackKind.ACCOUNTS)

    async def rehearsals(self) -> Rehearsals:
        await self._ask("rehearsals")
        return self.room

    async def start_rehearsal(self, new: NewRehearsal) -> Rehearsal:
        await self._ask("start_rehearsal", new)
        made = rehearsal_samples.rehearsal(exercise=new.exercise)
        self.room = self.room.model_copy(update={"current": made})
        return made

    async def leave_rehearsal(self, rehearsal_id: str) -> Rehearsal:
        await self._ask("leave_rehearsal", rehearsal_id)
        left = self.room.current
        assert left is not None
        self.room = self.room.model_copy(update={"current": None})
        return left

    async def rehearsal_results(self) -> list[Rehearsal]:
        await self._ask("rehearsal_results")
        return self.everybody

    @asynccontextmanager
    async def events(self, after: str | None) -> AsyncIterator[AsyncIterator[tuple[str, HubEvent]]]:
        await self._ask("events", after)
        line: asyncio.Queue[HubEvent | AgentDeskError] = asyncio.Queue()
        self._lines.append(line)
        try:
            yield self._read(line)
        finally:
            self._lines.remove(line)

    def take(self, payment: PaymentIntent) -> PaymentIntent:
        """Keep a payment; the next answers about it are this one."""
        self.payments[payment.intent_id] = payment
        return payment

    async def _read(
        self, line: asyncio.Queue[HubEvent | AgentDeskError]
    ) -> AsyncIterator[tuple[str, HubEvent]]:
        number = 0
        while True:
            event = await line.get()
            if isinstance(event, AgentDeskError):
                raise event
            number += 1
            yield str(number), event

    async def _ask(self, method: str, *args: Any) -> None:
        self.asked.append((method, args))
        await asyncio.sleep(0)
        if method in self._held:
            await self._held[method].wait()
        if method in self._errors:
            error, always = self._errors[method]
            if not always:
                del self._errors[method]
            raise error

    def _keep(self, call: Call) -> Call:
        self.calls[call.call_id] = call
        return call

    def _stopped(self, stop_id: str) -> PaymentIntent:
        known = self.payments.values()
        return next(one for one in known if one.stop is not None and one.stop.stop_id == stop_id)

    def _of(self, attempt_id: str) -> PaymentIntent:
        known = self.payments.values()
        return next(one for one in known if attempt_id in [tried.attempt_id for tried in one.attempts])
