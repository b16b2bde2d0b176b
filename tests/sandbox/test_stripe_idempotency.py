"""Idempotency keys: the first reply is kept, whatever it was."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import stripe

from tests.sandbox.merchant import Merchant, fresh_attempt


def post(merchant: Merchant, order: dict[str, str], key: str) -> httpx.Response:
    """Charge with a bare request, so that the headers of the reply can be seen."""
    return merchant.sim.post(
        "/v1/payment_intents",
        auth=(merchant.sandbox.ready["stripe_key"], ""),
        data=order,
        headers={"Idempotency-Key": key},
    )


def flat(merchant: Merchant, attempt: str, card: str = "visa-approves") -> dict[str, str]:
    """Return a charge as a form."""
    token = merchant.token(card)
    order = {"amount": "500", "currency": "gbp", "confirm": "true", "payment_method": token}
    return {**order, "metadata[attempt]": attempt}


def test_the_same_request_gets_the_same_reply_and_charges_once(merchant: Merchant) -> None:
    attempt = fresh_attempt()
    order = flat(merchant, attempt)
    first, second = post(merchant, order, attempt), post(merchant, order, attempt)
    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert first.headers["Request-Id"] != second.headers["Request-Id"]
    assert len(merchant.charges(attempt)) == 1


def test_a_decline_is_kept_too(merchant: Merchant) -> None:
    attempt = fresh_attempt()
    order = flat(merchant, attempt, "visa-declines")
    first, second = post(merchant, order, attempt), post(merchant, order, attempt)
    assert first.status_code == second.status_code == 402
    assert first.json() == second.json() and len(merchant.charges(attempt)) == 1


def test_a_key_cannot_be_used_for_something_else(merchant: Merchant) -> None:
    attempt = fresh_attempt()
    order = flat(merchant, attempt)
    post(merchant, order, attempt)
    other = post(merchant, {**order, "amount": "501"}, attempt)
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")
    assert len(merchant.charges(attempt)) == 1


def test_the_sdk_knows_the_error(merchant: Merchant) -> None:
    attempt = fresh_attempt()
    merchant.v1.payment_intents.create(merchant.order(), {"idempotency_key": attempt})
    with pytest.raises(stripe.IdempotencyError):
        merchant.v1.payment_intents.create(merchant.order(amount=1), {"idempotency_key": attempt})


def test_a_request_that_failed_validation_frees_its_key(merchant: Merchant) -> None:
    attempt = fresh_attempt()
    order = flat(merchant, attempt)
    assert post(merchant, {**order, "amount": "nothing"}, attempt).status_code == 400
    assert post(merchant, order, attempt).status_code == 200


def test_a_key_in_use_is_a_conflict(merchant: Merchant) -> None:
    merchant.sim.post("/_sim/config", json={"stripe_thinks_s": 5}).raise_for_status()
    attempt = fresh_attempt()
    order = flat(merchant, attempt)
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: post(merchant, order, attempt), range(4)))
    merchant.sim.post("/_sim/config", json={"stripe_thinks_s": 0}).raise_for_status()
    assert sorted(reply.status_code for reply in replies) == [200, 409, 409, 409]
    conflict = next(reply for reply in replies if reply.status_code == 409)
    assert conflict.json()["error"]["code"] == "idempotency_key_in_use"
    assert len(merchant.charges(attempt)) == 1


def test_a_500_after_the_charge_stays_a_500(merchant: Merchant) -> None:
    attempt = fresh_attempt()
    order = flat(merchant, attempt)
    fault = {"kind": "error_500_after_executing", "face": "stripe", "route": "/v1/payment_intents"}
    merchant.sim.post("/_sim/faults", json=fault).raise_for_status()
    first, second = post(merchant, order, attempt), post(merchant, order, attempt)
    assert first.status_code == second.status_code == 500
    assert second.json()["error"]["type"] == "api_error"
    assert second.headers["Idempotent-Replayed"] == "true"
    assert [charge["status"] for charge in merchant.charges(attempt)] == ["succeeded"]


def test_a_dropped_reply_is_there_for_the_second_request(merchant: Merchant) -> None:
    attempt = fresh_attempt()
    order = flat(merchant, attempt)
    fault = {"kind": "drop_reply_after_executing", "face": "stripe"}
    merchant.sim.post("/_sim/faults", json=fault).raise_for_status()
    with pytest.raises(httpx.RemoteProtocolError):
        post(merchant, order, attempt)
    told = post(merchant, order, attempt)
    assert (told.status_code, told.json()["status"]) == (200, "succeeded")
    assert len(merchant.charges(attempt)) == 1
