"""What the customer record is told of an approved payment."""

from agentdesk.domain.card import CardSummary
from agentdesk.domain.ids import short_reference
from agentdesk.hub import posting
from agentdesk.hub.db.query import Locked, parts_of
from agentdesk.i18n import _

_OF_PAYMENT = _("{charged} by card {where} for {numbers}. {card}, approved{code}. Taken by {name}.")
_OF_PLAN = _("{charged} by payment plan {where} for {numbers}. {card}, approved{code}. Agreed with {name}.")


def note_of(payment: Locked, agent_name: str) -> dict[str, str]:
    """Return subject and body."""
    intent, attempt = payment.intent, payment.attempt
    where, words = posting.WHERE.get(attempt.route, _("on the phone")), _OF_PAYMENT
    if intent.plan_id is not None:
        where, words = short_reference(intent.plan_id), _OF_PLAN
    code = attempt.authorization_code
    body = words.format(
        charged=payment.charged,
        where=where,
        numbers=posting.paid_for(parts_of(intent)),
        card=CardSummary(attempt.card_brand, attempt.card_last4),
        code=_(", code {authorization_code}").format(authorization_code=code) if code else "",
        name=agent_name,
    )
    subject = _("Card payment {charged}").format(charged=payment.charged)
    return {"subject": subject, "body": body + _not_as_agreed(payment) + _not_as_told(payment)}


def _not_as_agreed(payment: Locked) -> str:
    if payment.charged.currency == payment.amount.currency:
        return ""
    words = _("{amount} was agreed; it is posted by a person or given back.").format(amount=payment.amount)
    return f" {words}"


def _not_as_told(payment: Locked) -> str:
    return " " + _("It had been told as not charged.") if payment.attempt.late_success else ""
