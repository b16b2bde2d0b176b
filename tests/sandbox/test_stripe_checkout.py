"""Checkout sessions: open, paid, late, expired."""

import time
from typing import Any

import pytest
import stripe

from tests.sandbox.merchant import Merchant, fresh_attempt
from tests.until import until


def now(merchant: Merchant, link: stripe.checkout.Session) -> stripe.checkout.Session:
    """Return the session as it is now."""
    return merchant.v1.checkout.sessions.retrieve(link.id, {"expand": ["payment_intent"]})


def test_an_open_link_is_paid(merchant: Merchant) -> None:
    attempt = fresh_attempt()
    data = {"metadata": {"attempt": attempt}, "description": "Invoice INV-2051"}
    link = merchant.link(payment_intent_data=data, client_reference_id=attempt)
    assert (link.status, link.payment_status, link.payment_intent) == ("open", "unpaid", None)
    assert str(link.url) == f"{merchant.sandbox.url}/c/pay/{link.id}"
    assert merchant.pay(link, "visa-approves").json() == {"state": "paid", "message": ""}
    paid = now(merchant, link)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert isinstance(paid.payment_intent, stripe.PaymentIntent)
    assert (paid.payment_intent.status, paid.payment_intent.description) == ("succeeded", "Invoice INV-2051")
    assert [c["amount"] for c in merchant.charges(attempt)] == [12336]
    assert merchant.event_types(link.id) == ["checkout.session.completed"]
    assert merchant.pay(link, "visa-approves").status_code == 400


def test_a_decline_leaves_the_link_open_for_another_card(merchant: Merchant) -> None:
    link = merchant.link()
    answer = merchant.pay(link, "visa-declines").json()
    assert answer == {"state": "open", "message": "Your card was declined."}
    assert now(merchant, link).status == "open"
    assert merchant.pay(link, "mastercard-approves").json()["state"] == "paid"
    assert now(merchant, link).payment_status == "paid"


def test_the_bank_asks_the_customer_of_a_link(merchant: Merchant) -> None:
    link = merchant.link()
    assert merchant.pay(link, "visa-needs-3ds", bank="ignore").json()["state"] == "challenge"
    refused = merchant.link()
    assert merchant.pay(refused, "visa-needs-3ds", bank="refuse").json()["state"] == "open"
    approved = merchant.link()
    assert merchant.pay(approved, "visa-needs-3ds", bank="approve").json()["state"] == "paid"


def test_a_late_answer_pays_the_link_late(merchant: Merchant) -> None:
    link = merchant.link()
    assert merchant.pay(link, "visa-late").json()["state"] == "processing"
    waiting = now(merchant, link)
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    until(lambda: now(merchant, link).payment_status == "paid")
    kinds = ["checkout.session.completed", "checkout.session.async_payment_succeeded"]
    assert merchant.event_types(link.id) == kinds


def test_an_expired_link_cannot_be_paid(merchant: Merchant) -> None:
    link = merchant.link()
    assert merchant.v1.checkout.sessions.expire(link.id).status == "expired"
    assert merchant.pay(link, "visa-approves").status_code == 400
    assert merchant.event_types(link.id) == ["checkout.session.expired"]
    with pytest.raises(stripe.InvalidRequestError):
        merchant.v1.checkout.sessions.expire(link.id)


def test_a_paid_link_cannot_be_expired(merchant: Merchant) -> None:
    link = merchant.link()
    merchant.pay(link, "visa-approves")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.v1.checkout.sessions.expire(link.id)
    assert caught.value.http_status == 400


def test_expiring_a_link_cancels_what_was_begun(merchant: Merchant) -> None:
    link = merchant.link()
    merchant.pay(link, "visa-needs-3ds", bank="ignore")
    merchant.sim.post(f"/_sim/links/{link.id}/expire").raise_for_status()
    intent = now(merchant, link).payment_intent
    assert isinstance(intent, stripe.PaymentIntent) and intent.status == "canceled"


@pytest.mark.parametrize("in_s", [60, 25 * 3600])
def test_a_link_lives_between_half_an_hour_and_a_day(merchant: Merchant, in_s: int) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.link(expires_at=int(time.time()) + in_s)
    assert caught.value.param == "expires_at"
    assert merchant.link(expires_at=int(time.time()) + 3600).status == "open"


def test_line_items_are_shown_when_asked_for(merchant: Merchant) -> None:
    link = merchant.link()
    shown = merchant.v1.checkout.sessions.retrieve(link.id, {"expand": ["line_items"]})
    assert shown.line_items
    assert [(i.description, i.amount_total) for i in shown.line_items.data] == [("Invoice INV-2051", 12336)]
    listed = merchant.v1.checkout.sessions.line_items.list(link.id)
    assert [item.id for item in listed.data] == [item.id for item in shown.line_items.data]


def test_a_setup_link_keeps_a_card_without_a_charge(merchant: Merchant) -> None:
    customer = merchant.v1.customers.create()
    params: Any = {"mode": "setup", "customer": customer.id, "line_items": None}
    link = merchant.link(**{k: v for k, v in params.items() if v})
    assert merchant.pay(link, "visa-approves").json()["state"] == "paid"
    done = merchant.v1.checkout.sessions.retrieve(link.id)
    assert (done.status, done.payment_status) == ("complete", "no_payment_required")
    assert len(merchant.v1.customers.payment_methods.list(customer.id).data) == 1


def test_a_link_without_anything_to_pay_is_refused(merchant: Merchant) -> None:
    params: Any = {"mode": "payment", "success_url": "http://127.0.0.1/"}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.v1.checkout.sessions.create(params)
    assert caught.value.code == "parameter_missing"
