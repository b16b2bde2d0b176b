"""A payment log and one payment's story, as in the design's picture."""

from datetime import datetime
from typing import Any

from agentdesk.domain.capture import CardField
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.refund import HOLDS_AMOUNT, RefundState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.captures import FieldState
from agentdesk.wire.payment_log import PaymentLogPage, PaymentRow, PaymentTotals
from agentdesk.wire.payments import (
    CardOut,
    CheckOut,
    PaymentDetail,
    Refund,
    TimelineItem,
    TimelineKind,
    WriteBack,
)
from agentdesk.wire.work import WorkItem, WorkKind, WorkList
from tests.desk.samples import approved, at, field, gbp, payment, unknown, write_back

_LOG = """
10:44:02 7Q55 Grace-Donnelly Sam-Boateng keypad mastercard 5100 4800 approved dqq
10:43:29 7Q4M Amara-Okafor Priya-Nair keypad visa 4242 12336 approved ddq
10:41:15 7Q47 Yusuf-Demir Gao-Lin link visa 1881 7990 pending ---
10:38:50 7Q3X Hannah-Clarke Tom-Ellis keypad visa 0002 6126 declined ---
10:35:02 7Q3B Leila-Haddad Gao-Lin keypad visa 4242 7954 unknown ---
10:30:11 7Q2F James-Whitcombe Sam-Boateng keypad mastercard 4444 21000 unknown ---
10:28:40 7Q1Z Rosa-Lindqvist Aisha-Khan saved visa 4242 3510 approved ddd
10:24:03 7Q0H Peter-Osei Tom-Ellis keypad amex 0005 14472 approved ddd
10:19:57 7PZQ Megan-Rees Priya-Nair link - - 6126 not_sent ---
10:18:26 7P8K Owen-Price Aisha-Khan keypad visa 4242 5840 approved pdd
10:11:09 7P7C Dmitri-Volkov Gao-Lin keypad mastercard 5100 9215 approved ddd
10:06:44 7P5N Fatima-Rahman Sam-Boateng keypad visa 1881 5840 approved ddd
10:02:31 7P3T Colin-Fraser Tom-Ellis saved visa 4242 6377 approved ddd
09:58:12 7P1A Nia-Morgan Priya-Nair keypad visa 4242 12000 approved ddd
09:55:40 7NZ8 Stefan-Kowal Aisha-Khan keypad mastercard 4444 6126 declined ---
09:51:18 7NX2 Isla-Grant Gao-Lin link visa 4242 4409 approved ddd
09:47:05 7NV6 Bola-Adekunle Sam-Boateng keypad visa 1881 6175 approved ddd
09:41:52 7NT1 Ewan-Muir Priya-Nair keypad visa 4242 8320 approved ddd
"""
LATER = at(10, 44, 16)
_STATES = {"d": WriteBackState.DONE, "q": WriteBackState.QUEUED, "p": WriteBackState.PARKED, "-": None}


def log_row(line: str) -> PaymentRow:
    """One line of the payment log."""
    when, end, customer_name, agent, route, brand, last4, minor, state, owed = line.split()
    return PaymentRow(
        intent_id=f"pay_01JD000000000000000001JD{end}",
        short_reference=f"01JD-{end}",
        created_at=at(*map(int, when.split(":"))),
        customer_name=customer_name.replace("-", " "),
        agent_name=agent.replace("-", " "),
        route=route,
        card=None if brand == "-" else CardOut(brand=brand, last4=last4),
        amount=gbp(int(minor)),
        state=AttemptState(state),
        write_backs=[_STATES[mark] for mark in owed],
    )


def log_page(cursor: str | None = "more") -> PaymentLogPage:
    """The newest payments of the sample day, with its totals."""
    totals = PaymentTotals(
        count=148, approved_count=134, approved=gbp(1490216), at_risk_count=2, at_risk=gbp(28954),
        sent_count=145, as_of=at(10, 44, 16),
    )  # fmt: skip
    rows = [log_row(one) for one in _LOG.splitlines() if one]
    rows += [_earlier(rows[i % len(rows)], i) for i in range(32)]
    return PaymentLogPage(rows=rows, cursor=cursor, totals=totals)


def _earlier(row: PaymentRow, number: int) -> PaymentRow:
    name = f"6P{number:02}"
    return row.model_copy(
        update={
            "intent_id": f"pay_01JD000000000000000001JD{name}",
            "short_reference": f"01JD-{name}",
            "created_at": at(9, 40 - number, 30),
        }
    )


def work_list() -> WorkList:
    """What needs a person, as in the design's picture, and one note of a call."""
    kind, rows = WorkKind, {row.short_reference: row for row in log_page().rows}
    told = [
        (kind.UNKNOWN, at(10, 30, 11), "01JD-7Q2F", "The provider was asked 6 times and has not told. "
         "The debt is locked."),
        (kind.PARKED, at(10, 18, 26), "01JD-7P8K", "The accounts did not take it: October is closed. "
         "A supervisor will look."),
        (kind.ALARM, at(10, 24, 3), "01JD-7Q0H", "It was charged; a supervisor had decided that it was not."),
        (kind.OVERDUE, at(10, 6, 44), "01JD-7P5N", "The accounts: does not answer. It is tried again."),
    ]  # fmt: skip
    items = [_work(of, since, detail, rows[reference]) for of, since, reference, detail in told]
    words = "The customer records did not take it: no such customer. A supervisor will look."
    items.append(_work(kind.PARKED, at(9, 12), words, None))
    return WorkList(rows=sorted(items, key=lambda one: one.since), count=5, as_of=at(10, 44, 12))


def _work(kind: WorkKind, since: datetime, detail: str, row: PaymentRow | None) -> WorkItem:
    states = {WorkKind.PARKED: WriteBackState.PARKED, WorkKind.OVERDUE: WriteBackState.QUEUED}
    where = WriteBackKind.ACCOUNTS if row else WriteBackKind.CUSTOMER_RECORD
    return WorkItem(
        key=f"{kind}:{since}",
        kind=kind,
        since=since,
        detail=detail,
        customer_name=row.customer_name if row else "Bola Adekunle",
        agent_name=row.agent_name if row else "Tom Ellis",
        payment=row,
        write_back=write_back(where, states[kind], detail) if kind in states else None,
    )


def undecided_story(**changes: Any) -> PaymentDetail:
    """A payment nobody can tell of, long enough for a person to decide."""
    row = next(row for row in log_page().rows if row.short_reference == "01JD-7Q2F")
    check = CheckOut(since=at(10, 30, 11), asked=6, next_at=at(10, 45, 11), person_from=at(10, 35, 11))
    told = [
        (at(10, 29, 2), TimelineKind.SECURED, "Line secured", "tones masked, recorder paused"),
        (at(10, 30, 11), TimelineKind.SENT, "Charge sent once", "attempt 1, key 8K2X-7Q2F written first"),
        (at(10, 30, 31), TimelineKind.UNKNOWN, "No answer: the outcome is not known", ""),
    ]
    return PaymentDetail(
        payment=payment(
            unknown(check=check, sent_at=at(10, 30, 11)).model_copy(update=changes),
            intent_id=row.intent_id,
            short_reference=row.short_reference,
            customer_name=row.customer_name,
            agent="usr_2",
            agent_name=row.agent_name,
            amount=row.amount,
        ),
        timeline=[
            TimelineItem(at=when, kind=kind, title=title, detail=detail, source="hub")
            for when, kind, title, detail in told
        ],
    )


def no_totals() -> PaymentTotals:
    """The totals of nothing."""
    return PaymentTotals(
        count=0, approved_count=0, approved=gbp(0), at_risk_count=0, at_risk=gbp(0), sent_count=0,
        as_of=at(10, 44, 16),
    )  # fmt: skip


def refund(state: RefundState, minor: int = 5000, **changes: object) -> Refund:
    """A refund of Amara's payment, asked for by Ruth."""
    unsure = CheckOut(since=at(10, 46, 2), asked=3, next_at=at(10, 46, 24), person_from=at(10, 51, 2))
    made = Refund(
        refund_id=f"rf_{minor}", reference=f"RFD-{minor}", amount=gbp(minor), reason="Billed twice",
        asked_by="Ruth Adeyemi", state=state, reversed=False, why=None, alarm=None,
        check=unsure if state is RefundState.UNKNOWN else None, sent_at=at(10, 46, 2),
        done_at=at(10, 46, 3) if state is RefundState.DONE else None, write_backs=[],
    )  # fmt: skip
    return made.model_copy(update=changes)


def refunded_story(*refunds: Refund) -> PaymentDetail:
    """Amara's payment with refunds."""
    told = story()
    held = sum(one.amount.minor for one in refunds if one.state in HOLDS_AMOUNT)
    done = sum(one.amount.minor for one in refunds if one.state is RefundState.DONE)
    left = gbp(told.payment.amount.minor - held)
    newer = {"refunds": list(refunds), "refundable": left, "refunded": gbp(done) if done else None}
    return told.model_copy(update={"payment": told.payment.model_copy(update=newer)})


def story(*owed: WriteBack) -> PaymentDetail:
    """Amara's approved payment with all that happened."""
    kind = TimelineKind
    told = [
        (at(10, 40, 2), kind.CALL, "Call matched, caller verified", "Priya Nair, +44 20 7946 0958", "hub"),
        (at(10, 42, 7), kind.SECURED, "Line secured", "tones masked, recorder paused", "hub"),
        (at(10, 43, 12), kind.KEYPAD, "Card number, expiry, security code in", "Visa ending 4242", "hub"),
        (at(10, 43, 29), kind.SENT, "Charge sent to Stripe", "attempt 1, key a1-7Q4M written first", "hub"),
        (at(10, 43, 31), kind.APPROVED, "Approved, code 019283", "£123.36 charged", "stripe reply"),
        (at(10, 43, 32), kind.APPROVED, "The same answer again", "", "stripe webhook"),
        (at(10, 43, 33), kind.ACCOUNTS, "Posted in the accounts", "entry CR-00418", "hub"),
    ]
    timeline = [
        TimelineItem(at=when.replace(microsecond=412000), kind=of, title=title, detail=detail, source=source)
        for when, of, title, detail, source in told
    ]
    number = field(CardField.NUMBER, FieldState.DONE, asked_at=at(10, 42, 12), done_at=at(10, 42, 31))
    secured = approved().capture
    assert secured is not None
    paid = approved(capture=secured.model_copy(update={"fields": [number]}))
    usual = [
        write_back(WriteBackKind.ACCOUNTS, detail="Entry CR-00418"),
        write_back(WriteBackKind.CUSTOMER_RECORD, detail="Note added"),
        write_back(WriteBackKind.RECEIPT, WriteBackState.QUEUED, "Email to amara.okafor@example.com"),
    ]
    return PaymentDetail(
        payment=payment(paid, intent_id=log_page().rows[1].intent_id, write_backs=list(owed or usual)),
        timeline=timeline,
    )
