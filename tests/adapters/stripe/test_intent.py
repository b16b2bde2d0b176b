"""What a payment intent says of the money, the card and the bank."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from agentdesk.adapters.base import MoneyEvidence
from agentdesk.adapters.stripe.intent import PaymentIntent, evidence
from agentdesk.domain.card import CardSummary
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent

INTENT = {
    "id": "pi_1",
    "amount": 500,
    "amount_received": 500,
    "currency": "gbp",
    "created": 1_700_000_000,
    "livemode": True,
    "status": "succeeded",
    "metadata": {"attempt": "att_1"},
}


def charge(**card: Any) -> dict[str, Any]:
    details = {"type": "card", "card": card} if card else None
    return {"id": "ch_1", "created": 1_700_000_005, "payment_method_details": details}


def read(**changes: Any) -> MoneyEvidence:
    return evidence(PaymentIntent.model_validate({**INTENT, **changes}), "lookup", "req_1:pi_1")


def test_an_expanded_charge_shows_card_and_authorization() -> None:
    told = read(latest_charge=charge(brand="visa", last4="4242", authorization_code="A1B2C3", exp_month=7))
    assert told.card == CardSummary("visa", "4242")
    assert told.authorization_code == "A1B2C3"
    assert told.provider_ids == {"payment_intent": "pi_1", "charge": "ch_1"}
    assert told.occurred_at == datetime.fromtimestamp(1_700_000_005, UTC)
    assert told.live is True


@pytest.mark.parametrize("latest", [None, "ch_1", charge()])
def test_without_details_nothing_is_made_up(latest: Any) -> None:
    told = read(latest_charge=latest)
    assert (told.card, told.authorization_code, told.event) == (None, None, AttemptEvent.APPROVED)


@pytest.mark.parametrize("last4", ["1" * 16, "42", "", None])
def test_an_odd_last4_is_dropped_and_the_approval_is_kept(last4: str | None) -> None:
    told = read(latest_charge=charge(brand="visa", last4=last4))
    assert (told.event, told.card) == (AttemptEvent.APPROVED, CardSummary("visa", None))


def test_a_declined_card_is_shown_from_the_error() -> None:
    error = {"code": "card_declined", "payment_method": {"card": {"brand": "visa", "last4": "0002"}}}
    told = read(status="requires_payment_method", amount_received=0, last_payment_error=error)
    assert (told.event, told.card) == (AttemptEvent.DECLINED, CardSummary("visa", "0002"))
    assert told.amount == Money(500, "GBP")


def test_a_code_of_a_charge_that_was_not_approved_is_not_an_authorization() -> None:
    told = read(status="processing", latest_charge=charge(brand="visa", authorization_code="A1"))
    assert (told.event, told.authorization_code) == (AttemptEvent.PENDING, None)


def test_minor_units_are_taken_as_they_are() -> None:
    assert read(currency="jpy").amount == Money(500, "JPY")


@pytest.mark.parametrize("currency", ["", "pounds", "GBP", 1, None])
def test_another_currency_is_not_read(currency: Any) -> None:
    with pytest.raises(ValidationError):
        read(currency=currency)
