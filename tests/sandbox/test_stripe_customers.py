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


def test_the_card_of_a_phone_order_can_be_kept_after_its_charge(merchant: Merchant) -> None:
    customer = merchant.v1.customers.create()
    paid = merchant.charge(setup_future_usage="off_session")
    token = str(paid.payment_method)
    assert merchant.v1.payment_methods.retrieve(token).customer is None
    merchant.v1.payment_methods.attach(token, {"customer": customer.id})
    assert merchant.charge(payment_method=token, customer=customer.id).status == "succeeded"


def test_a_charge_that_did_not_say_so_uses_its_card_up(merchant: Merchant) -> None:
    customer, paid = merchant.v1.customers.create(), merchant.charge()
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        merchant.v1.payment_methods.attach(str(paid.payment_method), {"customer": customer.id})


def test_a_phone_order_keeps_its_card_for_off_session_use_only(merchant: Merchant) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="either off_session or null"):
        merchant.charge(setup_future_usage="on_session")


def test_a_card_that_is_not_kept_cannot_be_let_go(merchant: Merchant) -> None:
    token = str(merchant.charge(setup_future_usage="off_session").payment_method)
    with pytest.raises(stripe.InvalidRequestError, match="not attached to a customer"):
        merchant.v1.payment_methods.detach(token)


def test_a_kept_card_is_of_no_use_to_another_customer(merchant: Merchant) -> None:
    one, other = merchant.v1.customers.create(), merchant.v1.customers.create()
    token = merchant.token()
    merchant.v1.payment_methods.attach(token, {"customer": one.id})
    with pytest.raises(stripe.InvalidRequestError, match="belongs to a Customer"):
        merchant.charge(payment_method=token, customer=other.id)
    with pytest.raises(stripe.InvalidRequestError, match="belongs to a Customer"):
        merchant.v1.payment_methods.attach(token, {"customer": other.id})


def test_the_bank_declines_a_kept_card_that_has_expired(merchant: Merchant) -> None:
    customer, token = merchant.v1.customers.create(), merchant.token()
    merchant.v1.payment_methods.attach(token, {"customer": customer.id})
    ten_years = 10 * 366 * 24 * 3600
    merchant.sim.post("/_sim/config", json={"clock_skew_s": ten_years}).raise_for_status()
    try:
        with pytest.raises(stripe.CardError) as declined:
            merchant.charge(payment_method=token, customer=customer.id)
    finally:
        merchant.sim.post("/_sim/config", json={"clock_skew_s": 0}).raise_for_status()
    assert declined.value.code == "expired_card"


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


def test_which_cards_are_kept_and_for_whom_can_be_read_back(merchant: Merchant) -> None:
    customer, token = merchant.v1.customers.create({"metadata": {"customer": "12"}}), merchant.token()
    merchant.v1.payment_methods.attach(token, {"customer": customer.id})
    kept = {"id": token, "customer": customer.id, "metadata": {"customer": "12"}}
    assert kept in merchant.sim.get("/_sim/kept-cards").json()
    merchant.v1.payment_methods.detach(token)
    assert kept not in merchant.sim.get("/_sim/kept-cards").json()
