"""What the customer record is told of a link that was not paid: as things are when it is written."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.ids import link_reference, short_reference
from agentdesk.domain.money import Money
from agentdesk.domain.payment import MONEY_AT_RISK, AttemptState
from agentdesk.domain.write_back import WriteBackKind
from agentdesk.hub.db.query import Locked, paid_meanwhile
from agentdesk.hub.db.tables import Attempt, PaymentIntent, PaymentLink
from agentdesk.i18n import _, listed

#: In the payload of such a note, whose words are found only when it is written.
OF_LINK = "link"


def owed(payment: Locked) -> dict[str, Any]:
    """Return the write-back of a link that went out and was not paid."""
    attempt_id = payment.attempt.attempt_id
    return {
        "call_id": payment.intent.call_id,
        "kind": WriteBackKind.CUSTOMER_RECORD,
        "reference": link_reference(attempt_id),
        "customer_id": payment.intent.customer_id,
        "payload": {OF_LINK: attempt_id},
        "detail": _("Note of an unpaid link for the customer record"),
    }


async def words(session: AsyncSession, attempt_id: str) -> tuple[str, str]:
    """Return subject and body. Between owing and writing, the link or another try may have been charged."""
    attempt = await session.get_one(Attempt, attempt_id)
    intent = await session.get_one(PaymentIntent, attempt.intent_id)
    amount = Money(intent.amount_minor, intent.currency)
    numbers = listed([part["number"] for part in intent.allocations]) or _("the account")
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
