"""Outside systems by hand: one that only answers a readiness check, and one of each that a test scripts."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from agentdesk.adapters.base import (
    BadSignature,
    Charge,
    Decline,
    Evidence,
    Find,
    FindRefund,
    Health,
    MoneyEvidence,
    OpenCapture,
    RawWebhook,
    Refund,
    RefundEvidence,
    Rejected,
    SessionRef,
)
from agentdesk.adapters.links import OpenedLink, OpenLink, TextMessage
from agentdesk.adapters.records import (
    Account,
    Activity,
    HistoryItem,
    HistoryKind,
    Match,
    OpenItem,
    Paid,
    PaymentToPost,
    Posting,
    PostingState,
    Record,
)
from agentdesk.domain.capture import CardField
from agentdesk.domain.ids import new_ulid, now
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent
from agentdesk.domain.refund import RefundEvent
from agentdesk.hub.vendors import Vendors


class Quiet:
    """Plays every part; `health` is what its check answers, or raises."""

    name = "quiet"
    find_lag = timedelta(0)

    def __init__(self) -> None:
        self.health: Health | Exception = Health("ready", "Answers", 0.01)

    async def check(self) -> Health:
        """Answer the check as the test wants."""
        if isinstance(self.health, Exception):
            raise self.health
        return self.health


def quiet() -> Vendors:
    """Return outside systems that nobody is expected to use."""
    part: Any = Quiet()
    return Vendors(
        capture=part, processor=part, recorder=part, phone=part, crm=part, accounting=part, webhooks={}
    )


class Scripted:
    """Notes what it is asked.

    A test can have the next call of a method fail, or do something while it is being answered.
    """

    name = "scripted"

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.fails: dict[str, Exception] = {}
        self.meanwhile: dict[str, Callable[[], Awaitable[Any]]] = {}

    async def _note(self, what: str, *arguments: Any) -> None:
        self.asked.append((what, *arguments))
        if what in self.meanwhile:
            await self.meanwhile.pop(what)()
        if what in self.fails:
            raise self.fails.pop(what)

    async def check(self) -> Health:
        """Say that it is ready."""
        return Health("ready", "Answers", 0.01)


class Keypad(Scripted):
    """CapturePort: opens every session, and reports nothing by itself."""

    name = "keypad"

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[OpenCapture] = []

    async def open(self, request: OpenCapture) -> str:
        """Open a session."""
        self.opened.append(request)
        await self._note("open", request.attempt_id)
        return f"PK-{request.attempt_id}"

    async def request_field(self, session: SessionRef, card_field: CardField, *, key: str) -> None:
        """Listen for a field."""
        await self._note("request_field", card_field, key)

    async def submit(self, session: SessionRef, *, key: str) -> None:
        """Make a token."""
        await self._note("submit", session.attempt_id)

    async def cancel(self, session: SessionRef, *, key: str) -> None:
        """End the session."""
        await self._note("cancel", session.attempt_id)


class Bank(Scripted):
    """ProcessorPort: approves, unless `answer` says something else; `known` is what a look-up finds."""

    name = "bank"
    live = False
    find_lag = timedelta(minutes=2)

    def __init__(self) -> None:
        super().__init__()
        self.answer = AttemptEvent.APPROVED
        self.decline: Decline | None = None
        self.known: list[MoneyEvidence] = []
        self.refund_answer = RefundEvent.DONE
        self.refunds_known: list[RefundEvidence] = []

    async def charge(self, request: Charge) -> MoneyEvidence:
        """Charge the token."""
        await self._note("charge", request)
        return self.says(self.answer, request.attempt_id, request.amount, decline=self.decline)

    async def find(self, query: Find) -> list[MoneyEvidence]:
        """Look the attempt up."""
        await self._note("find", query.attempt_id)
        return self.known

    async def refund(self, request: Refund) -> RefundEvidence:
        """Give money back."""
        await self._note("refund", request)
        return self.says_of_refund(self.refund_answer, request.refund_id, request.amount)

    async def find_refund(self, query: FindRefund) -> list[RefundEvidence]:
        """Look the refund up."""
        await self._note("find_refund", query)
        return self.refunds_known

    def says_of_refund(
        self, event: RefundEvent, refund_id: str, amount: Money | None = None, **more: Any
    ) -> RefundEvidence:
        """Return evidence of one more sighting of a refund."""
        told: dict[str, Any] = {"provider_ids": {"refund": f"re_{refund_id}"}, "amount": amount}
        told |= {"seen_via": "reply", "our_ref": refund_id, "event_id": new_ulid()} | more
        if event is RefundEvent.FAILED:
            told = {"reason": "the card is closed or out of date"} | told
        return RefundEvidence(event=event, provider=self.name, **told)

    def says(
        self, event: AttemptEvent, attempt_id: str, amount: Money | None = None, **more: Any
    ) -> MoneyEvidence:
        """Return evidence of one more sighting."""
        told: dict[str, Any] = {
            "provider_ids": {"payment_intent": f"pi_{attempt_id}"},
            "amount": amount,
            "authorization_code": "A1B2C3" if event is AttemptEvent.APPROVED else None,
        }
        told |= {"seen_via": "reply", "our_ref": attempt_id, "event_id": new_ulid()} | more
        return MoneyEvidence(event=event, provider=self.name, **told)


class Pages(Scripted):
    """LinkPort: each key is one page; `ended` is how a page ended, by its session."""

    name = "pages"
    live = False

    def __init__(self) -> None:
        super().__init__()
        self.made: dict[str, OpenLink] = {}
        self.ended: dict[str, MoneyEvidence] = {}

    async def open(self, request: OpenLink) -> OpenedLink:
        """Make the page, and then perhaps lose the answer."""
        await self._note("open", request.idempotency_key)
        session_id = f"cs-{request.attempt_id}"
        self.made.setdefault(session_id, request)
        await self._note("open_answer")
        return OpenedLink(session_id, f"https://pay.example/{session_id}")

    async def find(self, session_id: str) -> list[MoneyEvidence]:
        """Say how it ended."""
        await self._note("find", session_id)
        found = [self.ended[session_id]] if session_id in self.ended else []
        await self._note("find_answer")
        return found

    async def expire(self, session_id: str) -> list[MoneyEvidence]:
        """Close it, unless it ended before."""
        await self._note("expire", session_id)
        if session_id not in self.ended:
            self.end(session_id.removeprefix("cs-"), AttemptEvent.CLOSED)
        await self._note("expire_answer")
        return [self.ended[session_id]]

    def end(self, attempt_id: str, event: AttemptEvent, **more: Any) -> MoneyEvidence:
        """Let a page end: paid, expired, or with a bank that thinks it over."""
        told: dict[str, Any] = {
            "provider_ids": {"payment_intent": f"pi_{attempt_id}"},
            "amount": Money(12336, "GBP"),
            "authorization_code": "L1N2K3" if event is AttemptEvent.APPROVED else None,
        }
        told |= {"seen_via": "lookup", "our_ref": attempt_id, "event_id": new_ulid()} | more
        self.ended[f"cs-{attempt_id}"] = MoneyEvidence(event=event, provider=self.name, **told)
        return self.ended[f"cs-{attempt_id}"]


class Texts(Scripted):
    """MessagePort."""

    name = "texts"

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[TextMessage] = []

    async def send(self, message: TextMessage) -> str:
        """Send, and then perhaps lose the answer."""
        await self._note("send", message.to)
        self.sent.append(message)
        await self._note("send_answer")
        return f"SM-{len(self.sent)}"


class Recorder(Scripted):
    """RecorderPort."""

    name = "recorder"

    async def pause(self, call_ref: str) -> None:
        """Pause."""
        await self._note("pause", call_ref)

    async def resume(self, call_ref: str) -> None:
        """Resume."""
        await self._note("resume", call_ref)


class Phone(Scripted):
    """PhonePort."""

    name = "phone"

    async def answer(self, call_ref: str, agent: str) -> None:
        """Connect a call."""
        await self._note("answer", call_ref, agent)


class Records(Scripted):
    """CrmPort with one customer, who has one number."""

    name = "records"
    number = "+441614960134"

    def __init__(self) -> None:
        super().__init__()
        self.amara = Record(
            "cus_1", "Amara Okafor", "40012345", (self.number,), None, "1 High Street", "en", closed=False
        )
        self.matches = [Match("cus_1", "Amara Okafor", "40012345", "Leeds LS1 4AP", exact=True)]
        self.logged: dict[str, Activity] = {}

    async def find_by_phone(self, e164: str) -> list[Match]:
        """Find by number."""
        await self._note("find_by_phone", e164)
        return self.matches if e164 == self.number else []

    async def search(self, text: str, *, limit: int = 20) -> list[Match]:
        """Find by words."""
        await self._note("search", text)
        return [match for match in self.matches if text.lower() in match.name.lower()][:limit]

    async def record(self, customer_id: str) -> Record | None:
        """Return the customer."""
        await self._note("record", customer_id)
        return self.amara if customer_id == self.amara.customer_id else None

    async def history(self, customer_id: str, *, limit: int = 50) -> list[HistoryItem]:
        """Return what was logged."""
        await self._note("history", customer_id)
        return [
            HistoryItem(one.at, HistoryKind.NOTE, one.subject, one.body, None, moved=False)
            for one in self.logged.values()
        ]

    async def log_activity(self, customer_id: str, activity: Activity) -> str:
        """Log once for each reference."""
        await self._note("log_activity", activity.reference)
        self.logged.setdefault(activity.reference, activity)
        return activity.reference

    async def find_activity(self, customer_id: str, reference: str) -> str | None:
        """Look a reference up."""
        return reference if reference in self.logged else None


class Ledger(Scripted):
    """AccountingPort with open invoices; booking a payment lowers what is open."""

    name = "ledger"

    def __init__(self) -> None:
        super().__init__()
        self.open = {"7": 12336, "8": 5000}
        self.currency = "GBP"
        self.foreign: list[Money] = []  # invoices in another currency than the account's
        self.booked: dict[str, PaymentToPost] = {}
        self.refunds: dict[str, Posting] = {}
        self.last_paid: Paid | None = None

    async def account(self, customer_id: str) -> Account:
        """Return what is owed."""
        await self._note("account", customer_id)
        nothing = Money(0, self.currency)
        owed = Money(sum(self.open.values()), self.currency)
        return Account(customer_id, owed, nothing, nothing, now(), self.last_paid)

    async def open_items(self, customer_id: str) -> list[OpenItem]:
        """Return the open invoices."""
        day = date(2026, 11, 1)
        mine = {one: Money(left, self.currency) for one, left in self.open.items() if left}
        mine |= {f"F{at}": one for at, one in enumerate(self.foreign)}
        return [OpenItem(one, f"INV-{one}", "Gas", day, day, left, left) for one, left in mine.items()]

    async def post_payment(self, payment: PaymentToPost) -> Posting:
        """Book once for each reference."""
        await self._note("post_payment", payment.reference)
        if payment.reference not in self.booked:
            self.booked[payment.reference] = payment
            for part in payment.allocations:
                self.open[part.invoice_id] -= part.amount.minor
        await self._note("post_payment_answer")  # a test can lose it
        return Posting(payment.reference, PostingState.POSTED, payment.amount, ("41",))

    async def post_refund(
        self, reference: str, payment_reference: str, amount: Money, on: date, reason: str
    ) -> Posting:
        """Book once for each reference, of a payment that was booked."""
        await self._note("post_refund", reference, reason)
        if payment_reference not in self.booked:
            raise Rejected("paid no bill here")
        posting = Posting(reference, PostingState.POSTED, amount, ("42",))
        return self.refunds.setdefault(reference, posting)

    async def void_refund(self, reference: str, reason: str) -> Posting:
        """Take a refund's posting back."""
        await self._note("void_refund", reference, reason)
        if reference not in self.refunds:
            raise Rejected("no such refund")
        self.refunds[reference] = replace(self.refunds[reference], state=PostingState.VOID)
        return self.refunds[reference]


class Post:
    """WebhookPort whose bodies are names of evidence a test has laid down; `forged` is not signed."""

    name = "post"

    def __init__(self) -> None:
        self.evidence: dict[bytes, Sequence[Evidence]] = {}

    def receive(self, raw: RawWebhook) -> Sequence[Evidence]:
        """Give the evidence of this body."""
        if raw.body == b"forged":
            raise BadSignature(self.name)
        if raw.body not in self.evidence:
            raise Rejected("not what we send")
        return self.evidence[raw.body]
