"""Refunds: at once, later, and failed after they looked done."""

from typing import Any

import pytest
import stripe

from tests.sandbox.merchant import Merchant
from tests.until import until


def status(merchant: Merchant, refund: str) -> Any:
    """Return a refund's status now."""
    return merchant.v1.refunds.retrieve(refund).status


def test_a_refund_is_usually_done_at_once(merchant: Merchant) -> None:
    paid = merchant.charge()
    params: Any = {"payment_intent": paid.id, "reason": "requested_by_customer", "metadata": {"refund": "R1"}}
    refund = merchant.v1.refunds.create(params)
    assert (refund.status, refund.amount, refund.charge) == ("succeeded", 12336, paid.latest_charge)
    charge = merchant.v1.charges.retrieve(str(paid.latest_charge))
    assert (charge.refunded, charge.amount_refunded) == (True, 12336)
    assert merchant.event_types(refund.id) == ["refund.created"]
    assert merchant.event_types(charge.id)[-1] == "charge.refunded"
    assert [r.id for r in merchant.v1.refunds.list({"payment_intent": paid.id}).data] == [refund.id]


def test_parts_are_given_back_until_nothing_is_left(merchant: Merchant) -> None:
    paid = merchant.charge()
    charge = str(paid.latest_charge)
    merchant.v1.refunds.create({"charge": charge, "amount": 12_000})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.v1.refunds.create({"charge": charge, "amount": 337})
    assert caught.value.param == "amount"
    assert merchant.v1.refunds.create({"charge": charge}).amount == 336
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.v1.refunds.create({"charge": charge})
    assert caught.value.code == "charge_already_refunded"


def test_a_slow_refund_is_pending_and_then_done(merchant: Merchant) -> None:
    paid = merchant.charge("visa-refund-pending")
    refund = merchant.v1.refunds.create({"payment_intent": paid.id})
    assert refund.status == "pending"
    until(lambda: status(merchant, refund.id) == "succeeded")
    assert merchant.event_types(refund.id) == ["refund.created", "refund.updated"]


def test_a_refund_can_fail_after_it_succeeded(merchant: Merchant) -> None:
    paid = merchant.charge("visa-refund-fails")
    refund = merchant.v1.refunds.create({"payment_intent": paid.id})
    assert refund.status == "succeeded"
    until(lambda: status(merchant, refund.id) == "failed")
    failed = merchant.v1.refunds.retrieve(refund.id)
    assert failed.failure_reason == "expired_or_canceled_card"
    assert merchant.v1.charges.retrieve(str(paid.latest_charge)).amount_refunded == 0
    assert merchant.event_types(refund.id) == ["refund.created", "refund.updated", "refund.failed"]


def test_nothing_taken_means_nothing_to_give_back(merchant: Merchant) -> None:
    waiting = merchant.v1.payment_intents.create({"amount": 500, "currency": "gbp"})
    held = merchant.charge(capture_method="manual")
    wrong: list[Any] = [{}, {"payment_intent": waiting.id}, {"payment_intent": held.id}, {"charge": "ch_no"}]
    for params in wrong:
        with pytest.raises(stripe.InvalidRequestError) as caught:
            merchant.v1.refunds.create(params)
        assert caught.value.http_status == 400


def test_a_cardholder_can_dispute_later(merchant: Merchant) -> None:
    paid = merchant.charge("visa-disputed")
    until(lambda: merchant.v1.charges.retrieve(str(paid.latest_charge)).disputed)
    dispute = next(d for d in merchant.v1.disputes.list().data if d.charge == paid.latest_charge)
    assert (dispute.status, dispute.amount, dispute.payment_intent) == ("needs_response", 12336, paid.id)
    assert merchant.event_types(dispute.id) == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    assert merchant.v1.disputes.close(dispute.id).status == "lost"
    with pytest.raises(stripe.InvalidRequestError):
        merchant.v1.disputes.close(dispute.id)
