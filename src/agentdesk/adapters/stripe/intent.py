"""Stripe's payment intent as we read it, and the evidence in it."""

import re
from datetime import UTC, datetime

from pydantic import BaseModel, Field

from agentdesk.adapters.base import Decline, MoneyEvidence, SeenVia
from agentdesk.adapters.stripe.declines import decline
from agentdesk.domain.card import CardSummary
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent, DeclineKind

NAME = "stripe"
_LAST4 = re.compile(r"[0-9]{4}\Z")


class Card(BaseModel):
    """What a charge shows of its card."""

    brand: str | None = None
    last4: str | None = None
    authorization_code: str | None = None


class MethodDetails(BaseModel):
    """How a charge was paid; `card` only where it was a card."""

    card: Card | None = None


class Charge(BaseModel):
    """One try to take the money."""

    id: str
    created: int
    payment_method_details: MethodDetails | None = None


class Method(BaseModel):
    """A payment method inside an error."""

    card: Card | None = None


class PaymentError(BaseModel):
    """Why the last try failed."""

    code: str | None = None
    decline_code: str | None = None
    advice_code: str | None = None
    charge: str | None = None
    payment_method: Method | None = None

    def decline(self) -> Decline:
        """Return it in our vocabulary."""
        return decline(self.code, self.decline_code, self.advice_code)


class PaymentIntent(BaseModel):
    """A payment intent, reduced to what we use. `latest_charge` is an id where it was not expanded."""

    id: str
    amount: int
    amount_received: int = 0
    currency: str = Field(pattern="^[a-z]{3}$")
    created: int
    livemode: bool
    status: str
    metadata: dict[str, str] = Field(default_factory=dict)
    cancellation_reason: str | None = None
    latest_charge: Charge | str | None = None
    last_payment_error: PaymentError | None = None

    @property
    def attempt(self) -> str | None:
        """The attempt id we stored; None where the intent is not ours."""
        return self.metadata.get("attempt")


def event_of(intent: PaymentIntent) -> AttemptEvent:
    """Return what the intent's status says of the money.

    A cancelled intent can never be charged, which is a definite no. Every state from which Stripe could
    still take money is pending: `requires_action` and `requires_confirmation` can yet succeed,
    `requires_capture` holds money, and `requires_payment_method` without an error was never decided.
    """
    if intent.status == "succeeded":
        return AttemptEvent.APPROVED
    if intent.status == "canceled":
        return AttemptEvent.DECLINED
    if intent.status == "requires_payment_method" and intent.last_payment_error:
        return AttemptEvent.DECLINED
    return AttemptEvent.PENDING


def evidence(
    intent: PaymentIntent, seen_via: SeenVia, event_id: str, occurred_at: datetime | None = None
) -> MoneyEvidence:
    """Return the evidence in an intent; `amount` is what was received, or asked for where nothing was yet."""
    event = event_of(intent)
    charge = intent.latest_charge if isinstance(intent.latest_charge, Charge) else None
    approved = event is AttemptEvent.APPROVED
    return MoneyEvidence(
        event=event,
        provider=NAME,
        seen_via=seen_via,
        event_id=event_id,
        our_ref=intent.attempt,
        provider_ids=_ids(intent),
        amount=Money(intent.amount_received if approved else intent.amount, intent.currency.upper()),
        card=_summary(_card(intent, charge)),
        decline=_decline(intent) if event is AttemptEvent.DECLINED else None,
        authorization_code=_authorization(charge) if approved else None,
        occurred_at=occurred_at or datetime.fromtimestamp(charge.created if charge else intent.created, UTC),
        live=intent.livemode,
    )


def _ids(intent: PaymentIntent) -> dict[str, str]:
    charge = intent.latest_charge
    charge_id = charge.id if isinstance(charge, Charge) else charge
    return {"payment_intent": intent.id} | ({"charge": charge_id} if charge_id else {})


def _card(intent: PaymentIntent, charge: Charge | None) -> Card | None:
    if charge and charge.payment_method_details:
        return charge.payment_method_details.card
    error = intent.last_payment_error
    return error.payment_method.card if error and error.payment_method else None


def _summary(card: Card | None) -> CardSummary | None:
    if card is None:
        return None
    # an odd last4 must not make an approval unreadable
    return CardSummary(card.brand, card.last4 if _LAST4.match(card.last4 or "") else None)


def _authorization(charge: Charge | None) -> str | None:
    details = charge.payment_method_details if charge else None
    return details.card.authorization_code if details and details.card else None


def _decline(intent: PaymentIntent) -> Decline:
    if intent.last_payment_error:
        return intent.last_payment_error.decline()
    return Decline(DeclineKind.GENERIC, raw_code=f"canceled {intent.cancellation_reason or ''}".strip())
