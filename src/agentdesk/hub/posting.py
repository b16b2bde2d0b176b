"""What a write-back writes, and where: payments, refunds and reversals, notes, receipts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.adapters.base import Rejected
from agentdesk.adapters.records import Activity, PaymentToPost
from agentdesk.domain.allocation import Allocation
from agentdesk.domain.card import CardSummary
from agentdesk.domain.ids import now, short_reference
from agentdesk.domain.money import Money
from agentdesk.domain.payment import MONEY_AT_RISK, AttemptState
from agentdesk.domain.write_back import WriteBackKind
from agentdesk.hub import receipts
from agentdesk.hub.context import Hub
from agentdesk.hub.db.query import (
    approved_attempt,
    charged,
    given_minor,
    is_of_other_mode,
    paid_meanwhile,
    paid_parts,
    parts_of,
)
from agentdesk.hub.db.tables import Attempt, PaymentIntent, PaymentLink, Refund, WriteBack
from agentdesk.i18n import _, listed

#: Where a payment was taken, by its route; else on the phone.
WHERE = {"link": _("on a secure link"), "saved": _("on the phone, with the saved card")}
#: In the payload of the note of a link that was not paid: its words are found only when it is written.
OF_LINK = "link"
_OTHER_MODE = _("the payment was taken with real money and this hub is in test mode, or the reverse")


@dataclass(frozen=True, slots=True)
class RefundToPost:
    """A refund to book."""

    reference: str
    payment_reference: str
    amount: Money
    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class RefundToVoid:
    """A refund whose posting is to be taken back."""

    reference: str
    reason: str


@dataclass(frozen=True, slots=True)
class ForAPerson:
    """What only a person can book, and why."""

    why: str


Work = PaymentToPost | RefundToPost | RefundToVoid | ForAPerson | receipts.Receipt | Activity


async def prepare(hub: Hub, session: AsyncSession, row: WriteBack) -> Work:
    """Read what the writer needs, before it goes out without a transaction."""
    refund = await session.get_one(Refund, row.refund_id) if row.refund_id else None
    attempt = await _attempt(session, row, refund)
    if attempt is None:
        return await _note(session, row)
    intent = await session.get_one(PaymentIntent, attempt.intent_id)
    if row.kind == WriteBackKind.RECEIPT:
        return await receipts.prepare(session, intent, attempt, hub.settings, refund)
    if is_of_other_mode(attempt, test_mode=hub.settings.test_mode):
        return ForAPerson(_OTHER_MODE)
    if row.kind == WriteBackKind.CUSTOMER_RECORD:
        return await _note(session, row)
    return _refund(hub, row, intent, attempt, refund) if refund else _payment(hub, intent, attempt)


async def _attempt(session: AsyncSession, row: WriteBack, refund: Refund | None) -> Attempt | None:
    """Return the charge that it is about; None of a note of a call or a saved card."""
    if attempt_id := refund.attempt_id if refund else row.payload.get(OF_LINK):
        return await session.get_one(Attempt, attempt_id)
    return await approved_attempt(session, row.intent_id) if row.intent_id else None


async def write(hub: Hub, row: WriteBack, work: Work) -> str:
    """Write and return what was written, in words. Raises VendorError."""
    match work:
        case PaymentToPost():
            posting = await hub.vendors.accounting.post_payment(work)
            return _("Posted to {numbers}, entry {ids}").format(
                numbers=paid_for(work.allocations), ids=", ".join(posting.ids)
            )
        case RefundToPost():
            posting = await hub.vendors.accounting.post_refund(
                work.reference, work.payment_reference, work.amount, work.on, work.reason
            )
            return _("Refund of {amount} posted, entry {ids}").format(
                amount=work.amount, ids=", ".join(posting.ids)
            )
        case RefundToVoid():
            posting = await hub.vendors.accounting.void_refund(work.reference, work.reason)
            return _("Refund of {amount} taken back in the accounts").format(amount=posting.amount)
        case ForAPerson():
            raise Rejected(work.why)
        case receipts.Receipt():
            await receipts.send(hub, work, row.payload["email"], row.reference)
            return _("Email sent to {payload}").format(payload=row.payload["email"])
        case Activity():
            await hub.vendors.crm.log_activity(row.customer_id, work)
            return _("Note added to the customer record")


async def _note(session: AsyncSession, row: WriteBack) -> Activity:
    if OF_LINK in row.payload:
        subject, body = await _of_link(session, row.payload[OF_LINK])
    else:
        subject, body = row.payload["subject"], row.payload["body"]
    return Activity(row.reference, row.created_at, subject, body)


async def _of_link(session: AsyncSession, attempt_id: str) -> tuple[str, str]:
    """Return subject and body as things are now: the link or another try may have been charged meanwhile."""
    attempt = await session.get_one(Attempt, attempt_id)
    intent = await session.get_one(PaymentIntent, attempt.intent_id)
    amount = Money(intent.amount_minor, intent.currency)
    numbers = paid_for(parts_of(intent))
    subject, rest = _("Payment link not paid: {amount}"), _("Reference {reference}.")
    if attempt.state == AttemptState.APPROVED:
        subject = _("Payment link paid: {amount}")
        said = _("The payment link for {amount} for {numbers} was paid after all.")
    elif await paid_meanwhile(session, attempt):
        said = _("The payment link for {amount} for {numbers} was closed: it was paid another way.")
    elif attempt.state in MONEY_AT_RISK or await paid_meanwhile(session, attempt, or_at_risk=True):
        said = _("The payment link for {amount} for {numbers} is over; it may yet be charged.")
    else:
        said, rest = await _unpaid(session, attempt), _("Nothing was charged. Reference {reference}.")
    reference = short_reference(intent.intent_id)
    body = f"{said.format(amount=amount, numbers=numbers)} {rest.format(reference=reference)}"
    return subject.format(amount=amount), body


async def _unpaid(session: AsyncSession, attempt: Attempt) -> str:
    link = await session.get_one(PaymentLink, attempt.attempt_id)
    if attempt.state == AttemptState.DECLINED:
        return _("The bank declined {amount} for {numbers} on the payment link.")
    if link.close_reason:
        return _("The payment link for {amount} for {numbers} was closed before it was paid.")
    return _("The payment link for {amount} for {numbers} was not paid in its time.")


def paid_for(parts: Sequence[Allocation]) -> str:
    """Say what these pay: their invoices, or the account."""
    return listed([part.number for part in parts]) or _("the account")


def _payment(hub: Hub, intent: PaymentIntent, attempt: Attempt) -> PaymentToPost | ForAPerson:
    took = charged(intent, attempt)
    if took.currency != intent.currency:
        agreed = Money(intent.amount_minor, intent.currency)
        why = _("{took} was charged, {agreed} was agreed; at which rate is for a person to say")
        return ForAPerson(why.format(took=took, agreed=agreed))
    return PaymentToPost(
        reference=intent.reference,
        customer_id=intent.customer_id,
        amount=took,
        allocations=tuple(paid_parts(intent, attempt)),
        taken_on=_day(hub, attempt.ended_at),
        processor_reference=" ".join(dict.fromkeys(map(str, attempt.provider_ids.values()))),
        card=CardSummary(attempt.card_brand, attempt.card_last4),
    )


def _refund(
    hub: Hub, row: WriteBack, intent: PaymentIntent, attempt: Attempt, refund: Refund
) -> RefundToPost | RefundToVoid | ForAPerson:
    took = charged(intent, attempt)
    amount = Money(given_minor(refund), took.currency)
    if took.currency != intent.currency:
        why = _("{amount} went back of {took}, which was not agreed in this currency")
        return ForAPerson(why.format(amount=amount, took=took))
    if "reversal" in row.payload:
        return RefundToVoid(refund.reference, row.payload["reversal"])
    on = _day(hub, refund.done_at)
    return RefundToPost(refund.reference, intent.reference, amount, on, refund.reason)


def _day(hub: Hub, at: datetime | None) -> date:
    """Return the business day of an instant."""
    return (at or now()).astimezone(hub.settings.zone).date()
