"""Wire models with plausible contents for tests and pictures; each function takes what should differ."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import segno

import agentdesk
from agentdesk.domain.call import CallState
from agentdesk.domain.capture import CaptureState, CardField
from agentdesk.domain.link import LinkState, LinkWay
from agentdesk.domain.payment import AttemptState, attempts_left
from agentdesk.domain.people import Role, permissions
from agentdesk.domain.policy import Policy
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.calls import Call
from agentdesk.wire.captures import CaptureOut, FieldOut, FieldState
from agentdesk.wire.customers import Customer, History, HistoryItem, HistoryKind, LastPaid, Match, OpenItem
from agentdesk.wire.links import LinkOut
from agentdesk.wire.model import Amount
from agentdesk.wire.payments import (
    AgentDay,
    AllocationOut,
    Attempt,
    CardOut,
    CheckOut,
    PaymentIntent,
    WriteBack,
)
from agentdesk.wire.people import Person
from agentdesk.wire.readiness import (
    AmountRules,
    DispositionInfo,
    Lamp,
    LampState,
    Part,
    QueueInfo,
    Readiness,
    RouteInfo,
    WayInfo,
)

NOW = datetime(2026, 11, 21, 10, 41, 42, tzinfo=UTC)
DISPOSITIONS = {
    "bill_paid": "Bill paid in full",
    "part_payment": "Part payment",
    "payment_plan": "Payment plan",
    "query": "Query",
    "complaint": "Complaint",
}
_SEEN = {
    Part.PAYMENTS: "Stripe answered in 0.3 s",
    Part.KEYPAD: "Twilio answered in 0.4 s",
    Part.CUSTOMER_RECORDS: "Tryton, read and write",
    Part.ACCOUNTS: "Tryton answered in 0.2 s",
    Part.RECORDER: "Pause was acknowledged in 0.2 s",
    Part.CALL_LINE: "Answered in 0.1 s",
}


def gbp(minor: int) -> Amount:
    """Pounds in pence."""
    return Amount(minor=minor, currency="GBP")


def at(hour: int, minute: int, second: int = 0) -> datetime:
    """A time of the sample day."""
    return NOW.replace(hour=hour, minute=minute, second=second)


def person(role: Role = Role.AGENT) -> Person:
    """Priya, an agent."""
    return Person(
        user_id="usr_1",
        username="priya.nair",
        name="Priya Nair",
        role=role,
        permissions=sorted(permissions(role)),
        limit=gbp(200_000),
    )


def readiness(**states: LampState) -> Readiness:
    """All lamps ready but those given, by part."""
    lamps = [
        Lamp(
            part=part,
            state=states.get(part.value, LampState.READY),
            detail=_SEEN[part],
            since=at(10, 27),
            checked_at=NOW,
        )
        for part in Part
    ]
    keypad = RouteInfo(
        route="keypad", title="Card by keypad", detail="Caller keys it on this call", off_reason=None
    )
    off = {LinkWay.QR: "Links are not shown on screens here."}
    link = RouteInfo(
        route="link",
        title="Secure link",
        detail="Customer pays on a page, by text",
        off_reason=None,
        ways=[WayInfo(way=way, off_reason=off.get(way)) for way in LinkWay],
    )
    return Readiness(
        business="Northwind Energy",
        version=agentdesk.__version__,
        test_mode=True,
        currency="GBP",
        now=NOW,
        lamps=lamps,
        routes=[keypad, link],
        queues=[queue("", DISPOSITIONS)],
        amounts=AmountRules.of(Policy(least=(gbp(100).money,))),
    )


def queue(name: str, reasons: dict[str, str]) -> QueueInfo:
    """A queue with these reasons."""
    told = [DispositionInfo(code=code, words=words) for code, words in reasons.items()]
    return QueueInfo(queue=name, dispositions=told)


def match(number: int = 1, name: str = "Amara Okafor", *, exact: bool = True) -> Match:
    """One of the customers that a search or a number found."""
    return Match(
        customer_id=f"cus_{number}", name=name, account="NE 204 118", detail="Leeds LS6 2AB", exact=exact
    )


def call(**changes: Any) -> Call:
    """My connected call from Amara."""
    usual: dict[str, Any] = {
        "call_id": "call_1",
        "state": CallState.CONNECTED,
        "number": "+442079460958",
        "queue": "Billing",
        "agent": "usr_1",
        "agent_name": "Priya Nair",
        "customer_id": "cus_1",
        "matches": [match()],
        "match_problem": None,
        "started_at": at(10, 37, 20),
        "answered_at": at(10, 37, 30),
        "line_ended_at": None,
        "recording": True,
        "payment_intent_ids": [],
    }
    return Call(**(usual | changes))


def ringing(**changes: Any) -> Call:
    """A call that nobody took."""
    free = {"state": CallState.RINGING, "agent": None, "agent_name": None, "answered_at": None}
    return call(**(free | {"started_at": NOW - timedelta(seconds=4), "recording": False} | changes))


def open_item(number: int, text: str, due: date, minor: int, **changes: Any) -> OpenItem:
    """An open invoice."""
    usual: dict[str, Any] = {
        "invoice_id": f"inv_{number}",
        "number": f"NW-{number}",
        "description": text,
        "issued_on": due - timedelta(days=30),
        "due_on": due,
        "total": gbp(minor),
        "outstanding": gbp(minor),
        "held_by": None,
        "posting": None,
    }
    return OpenItem(**(usual | changes))


def posting(item: OpenItem, minor: int | None = None) -> OpenItem:
    """The invoice once so much of it, else all, was paid and is being posted."""
    paid = item.outstanding.minor if minor is None else minor
    left = gbp(item.outstanding.minor - paid)
    return item.model_copy(update={"posting": gbp(paid), "outstanding": left})


def customer(**changes: Any) -> Customer:
    """Amara, with three open invoices."""
    usual: dict[str, Any] = {
        "customer_id": "cus_1",
        "name": "Amara Okafor",
        "account": "NE 204 118",
        "phones": ["+442079460958"],
        "email": "amara.okafor@example.com",
        "address": "14 Larch Road, Leeds LS6 2AB",
        "language": "en",
        "closed": False,
        "balance": gbp(18462),
        "overdue": gbp(6210),
        "credit": None,
        "open_items": [
            open_item(20931, "Electricity, September", date(2026, 11, 11), 6210),
            open_item(21407, "Electricity, October", date(2026, 11, 24), 6126),
            open_item(21888, "Gas, October", date(2026, 12, 8), 6126),
        ],
        "record_as_of": at(10, 41),
        "account_as_of": at(10, 41),
        "stale": [],
        "last_paid": LastPaid(amount=gbp(5840), on=date(2026, 10, 8)),
    }
    return Customer(**(usual | changes))


def line(
    kind: HistoryKind, when: datetime, title: str, detail: str = "", minor: int | None = None
) -> HistoryItem:
    """One line of a history; only payments moved money."""
    amount = gbp(minor) if minor is not None else None
    return HistoryItem(
        at=when, kind=kind, title=title, detail=detail, amount=amount, moved=kind is HistoryKind.PAYMENT
    )


def history() -> History:
    """Amara's past."""

    def day(month: int, day: int) -> datetime:
        return NOW.replace(month=month, day=day)

    kind = HistoryKind
    return History(
        as_of=at(10, 41),
        rows=[
            line(kind.CALL, at(10, 37, 20), "Call about the October bill"),
            line(kind.PAYMENT, day(10, 8), "Card by keypad, Visa 4242", "taken by Tom Ellis", 5840),
            line(kind.INVOICE, day(10, 12), "Invoice NW-20931 sent", "by email", 6210),
            line(kind.RETURNED, day(10, 3), "Direct debit returned", "refer to payer", 5840),
            line(kind.NOTE, day(9, 19), "Note: prefers calls after 10:00", "by Tom Ellis"),
            line(kind.PAYMENT, day(9, 7), "Secure link, Mastercard 5100", "paid 14:02", 6175),
            line(kind.INVOICE, day(8, 12), "Invoice NW-19877 sent", "by email", 6175),
            line(kind.CALL, day(8, 1), "Call about a move", "by Tom Ellis"),
        ],
    )


def field(which: CardField, state: FieldState = FieldState.READY, **changes: Any) -> FieldOut:
    """One field of a card session."""
    usual: dict[str, Any] = {
        "field": which,
        "state": state,
        "digits": None,
        "length": None,
        "problem": None,
        "asked_at": None,
        "deadline": None,
        "done_at": None,
        "tries": 0,
    }
    return FieldOut(**(usual | changes))


def capture(**changes: Any) -> CaptureOut:
    """A secured card session: number in, expiry being keyed, code waiting."""
    usual: dict[str, Any] = {
        "state": CaptureState.COLLECTING,
        "secured_at": at(10, 42, 7),
        "recorder_paused_at": at(10, 42, 6),
        "recorder_resumed_at": None,
        "tones_masked_at": at(10, 42, 7),
        "closed_at": None,
        "close_reason": None,
        "fields": [
            field(CardField.NUMBER, FieldState.DONE, done_at=at(10, 42, 31)),
            field(CardField.EXPIRY, FieldState.LIVE, digits=3, length=4, asked_at=at(10, 42, 33)),
            field(CardField.SECURITY_CODE, FieldState.WAITING),
        ],
        "can_submit": False,
    }
    return CaptureOut(**(usual | changes))


VISA = CardOut(brand="visa", last4="4242")


def attempt(state: AttemptState = AttemptState.OPEN, **changes: Any) -> Attempt:
    """One try by keypad."""
    usual: dict[str, Any] = {
        "attempt_id": "att_1",
        "number": 1,
        "route": "keypad",
        "state": state,
        "card": VISA,
        "capture": capture(),
        "decline": None,
        "check": None,
        "not_sent_reason": None,
        "authorization_code": None,
        "late_success": False,
        "alarm": None,
        "started_at": at(10, 42, 5),
        "sent_at": None,
        "ended_at": None,
    }
    return Attempt(**(usual | changes))


def qr() -> bytes:
    """A QR code of an address nobody can pay on."""
    segno.make("https://pay.example/c/" + "x" * 200, error="m").save(png := io.BytesIO(), kind="png", scale=8)
    return png.getvalue()


def link(**changes: Any) -> LinkOut:
    """An open link whose text has arrived."""
    usual: dict[str, Any] = {
        "state": LinkState.OPEN,
        "sent_to": "•••• 958",
        "sent_at": at(10, 44, 10),
        "delivered_at": at(10, 44, 12),
        "problem": None,
        "expires_at": at(11, 44),
    }
    return LinkOut(**(usual | changes))


def linked(state: AttemptState = AttemptState.OPEN, **changes: Any) -> Attempt:
    """A try by link."""
    usual = {"route": "link", "capture": None, "card": None, "link": link()}
    return attempt(state, **(usual | changes))


def approved(**changes: Any) -> Attempt:
    """A try the bank said yes to."""
    closed = capture(
        state=CaptureState.SPENT,
        recorder_resumed_at=at(10, 43, 32),
        closed_at=at(10, 43, 32),
        can_submit=False,
    )
    usual = {
        "capture": closed,
        "authorization_code": "019283",
        "sent_at": at(10, 43, 29),
        "ended_at": at(10, 43, 31),
    }
    return attempt(AttemptState.APPROVED, **(usual | changes))


def unknown(**changes: Any) -> Attempt:
    """A try nobody knows the end of."""
    check = CheckOut(since=at(10, 43, 29), asked=4, next_at=at(10, 48, 39), person_from=at(10, 58))
    usual = {"capture": capture(state=CaptureState.SPENT), "check": check, "sent_at": at(10, 43, 29)}
    return attempt(AttemptState.UNKNOWN, **(usual | changes))


def write_back(
    kind: WriteBackKind, state: WriteBackState = WriteBackState.DONE, detail: str = ""
) -> WriteBack:
    """An update owed."""
    return WriteBack(
        write_back_id=f"wb_{kind.value}",
        kind=kind,
        state=state,
        detail=detail,
        tries=1,
        next_try_at=None,
        done_at=at(10, 43, 33) if state is WriteBackState.DONE else None,
    )


def payment(*attempts: Attempt, **changes: Any) -> PaymentIntent:
    """What Amara agreed to pay; its state is that of the last attempt."""
    usual: dict[str, Any] = {
        "intent_id": "pay_01JD0000000000000001JD7Q4M",
        "reference": "PMT-01JD0000000000000001JD7Q4M",
        "short_reference": "01JD-7Q4M",
        "call_id": "call_1",
        "customer_id": "cus_1",
        "customer_name": "Amara Okafor",
        "agent": "usr_1",
        "agent_name": "Priya Nair",
        "amount": gbp(12336),
        "allocations": [
            AllocationOut(invoice_id="inv_20931", number="NW-20931", amount=gbp(6210)),
            AllocationOut(invoice_id="inv_21407", number="NW-21407", amount=gbp(6126)),
        ],
        "receipt_email": "amara.okafor@example.com",
        "state": attempts[-1].state if attempts else None,
        "attempts": list(attempts),
        "attempts_left": attempts_left(one.state for one in attempts),
        "write_backs": [],
        "created_at": at(10, 42),
        "version": 1,
    }
    return PaymentIntent(**(usual | changes))


def day(*open_work: PaymentIntent) -> AgentDay:
    """Priya's day."""
    return AgentDay(taken=gbp(120418), taken_count=11, declined_count=2, open_work=list(open_work))
