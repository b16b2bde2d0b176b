"""What the hub owes to accounts, customer records and the customer about a refund, and about its failure."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from agentdesk.domain.write_back import WriteBackKind
from agentdesk.hub.db.query import LockedRefund, approved_attempt, parts_of
from agentdesk.hub.db.tables import User
from agentdesk.hub.posting import paid_for
from agentdesk.hub.write_backs import owe
from agentdesk.i18n import _


async def owe_for_refund(session: AsyncSession, held: LockedRefund) -> None:
    """Owe everything a refund that is done needs.

    The accounts know of the charge that paid first; one taken twice goes back without them.
    """
    intent, refund, amount = held.intent, held.refund, held.amount
    by = await session.get_one(User, refund.user_id)
    numbers = paid_for(parts_of(intent))
    activity = {
        "subject": _("Refund {amount}").format(amount=amount),
        "body": _("{amount} of the card payment for {numbers} was given back: {reason}. By {name}.").format(
            amount=amount, numbers=numbers, reason=refund.reason, name=by.name
        ),
    }
    first = await approved_attempt(session, intent.intent_id)
    if first.attempt_id == refund.attempt_id:
        detail = _("Posting of the refund, after the payment’s own")
        await _owe(session, held, WriteBackKind.ACCOUNTS, {}, detail)
    note = _("Note of the refund for the customer record")
    await _owe(session, held, WriteBackKind.CUSTOMER_RECORD, activity, note)
    if intent.receipt_email:
        email = {"email": intent.receipt_email}
        detail = _("Email about the refund to {receipt_email}").format(receipt_email=intent.receipt_email)
        await _owe(session, held, WriteBackKind.RECEIPT, email, detail)


async def owe_for_reversal(session: AsyncSession, held: LockedRefund) -> None:
    """Owe the accounts what takes a refund back that failed after it was done."""
    first = await approved_attempt(session, held.intent.intent_id)
    if first.attempt_id == held.refund.attempt_id:
        reversal = {"reversal": held.refund.why or ""}
        detail = _("Reversal of the refund")
        await _owe(session, held, WriteBackKind.ACCOUNTS, reversal, detail, back=True)


async def owe_note_of_failure(session: AsyncSession, held: LockedRefund, body: str) -> None:
    """Owe the customer record a note of a refund that failed. The customer hears it from a person."""
    activity = {"subject": _("Refund {amount} failed").format(amount=held.amount), "body": body}
    note = _("Note of the failed refund for the customer record")
    await _owe(session, held, WriteBackKind.CUSTOMER_RECORD, activity, note, back=True)


async def _owe(
    session: AsyncSession,
    held: LockedRefund,
    kind: WriteBackKind,
    payload: dict[str, Any],
    detail: str,
    *,
    back: bool = False,
) -> None:
    refund = held.refund
    row = {
        "intent_id": refund.intent_id,
        "refund_id": refund.refund_id,
        "kind": kind,
        "reference": refund.reference.replace("RFD-", "REV-") if back else refund.reference,
        "customer_id": held.intent.customer_id,
        "payload": payload,
        "detail": detail,
    }
    await owe(session, [row])
