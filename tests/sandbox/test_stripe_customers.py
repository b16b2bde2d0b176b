"""Customers, the cards they keep, and setup intents."""

import pytest
import stripe

from tests.sandbox.merchant import Merchant


def test_a_kept_card_can_be_charged_again_for_its_customer_only(merchant: Merchant) -> None:
    customer = merchant.v1.customers.create({"name": "Amara Okafor", "metadata": {"record": "12"}})
    found = merchant.v1.customers.retrieve(customer.id)
    assert found.metadata and found.metadata["record"] == "12"
    token = merchant.token()
    assert merchant.v1.payment_methods.attach(token, {"customer": customer.id}).customer == customer.id
    for _ in range(2):
        assert merchant.charge(payment_method=token, customer=customer.id).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="belongs to a Customer"):
        merchant.charge(payment_method=token)


def test_a_card_that_was_let_go_is_never_charged_again(merchant: Merchant) -> None:
    customer = merchant.v1.customers.create()
    token = merchant.token()
    merchant.v1.payment_methods.attach(token, {"customer": customer.id})
    kept = merchant.v1.customers.payment_methods.list(customer.id, {"type": "card"})
    assert [method.id for method in kept.data] == [token]
    assert merchant.v1.payment_methods.detach(token).customer is None
    assert merchant.v1.payment_methods.list({"customer": customer.id, "type": "card"}).data == []
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        merchant.charge(payment_method=token)


def test_a_payment_method_shows_brand_and_last_four_only(merchant: Merchant) -> None:
    method = merchant.v1.payment_methods.retrieve(merchant.token("amex-approves"))
    assert method.card
    assert (method.card.brand, method.card.last4, method.card.exp_year) == ("amex", "8431", 2034)


def test_a_charge_can_keep_its_card(merchant: Merchant) -> None:
    customer = merchant.v1.customers.create()
    paid = merchant.charge(customer=customer.id, setup_future_usage="off_session")
    kept = merchant.v1.payment_methods.retrieve(str(paid.payment_method))
    assert kept.customer == customer.id


def test_a_setup_intent_keeps_a_card_without_a_charge(merchant: Merchant) -> None:
    customer = merchant.v1.customers.create()
    waiting = merchant.v1.setup_intents.create({"customer": customer.id, "usage": "off_session"})
    assert waiting.status == "requires_payment_method"
    token = merchant.token()
    done = merchant.v1.setup_intents.confirm(waiting.id, {"payment_method": token})
    assert (done.status, done.payment_method) == ("succeeded", token)
    assert merchant.v1.setup_intents.retrieve(waiting.id).status == "succeeded"
    assert merchant.v1.payment_methods.retrieve(token).customer == customer.id
    assert merchant.charge(payment_method=token, customer=customer.id).status == "succeeded"
