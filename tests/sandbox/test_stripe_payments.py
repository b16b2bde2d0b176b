"""Stripe's payment intents and charges, driven by the official SDK."""

from typing import Any

import pytest
import stripe

from tests.sandbox.merchant import Merchant, fresh_attempt
from tests.sandbox.vendor import description, shared
from tests.until import until


def test_the_vendors_description_judges_all_traffic(merchant: Merchant) -> None:
    shared("specs/stripe.json")
    judge, url = description("stripe"), f"{merchant.sandbox.url}/v1/payment_intents"
    assert judge.check_request("GET", f"{url}?limit=1", {}) == []
    assert judge.check_request("GET", f"{url}?limits=1", {}) != []
    json = {"Content-Type": "application/json"}
    assert judge.check_response("GET", f"{url}/pi_1", 200, json, b'{"object": "payment_intent"}') != []


def test_a_moto_charge_succeeds_at_once(merchant: Merchant) -> None:
    attempt = fresh_attempt()
    paid = merchant.charge(
        metadata={"attempt": attempt}, description="Invoice INV-2051", expand=["latest_charge"]
    )
    assert (paid.status, paid.amount_received, paid.currency) == ("succeeded", 12336, "gbp")
    charge = paid.latest_charge
    assert isinstance(charge, stripe.Charge)
    assert (charge.status, charge.captured, charge.description) == ("succeeded", True, "Invoice INV-2051")
    assert charge.payment_method_details and charge.payment_method_details.card
    card = charge.payment_method_details.card
    assert card.last4 == "4242" and len(str(card.authorization_code)) == 6
    (evidence,) = merchant.charges(attempt)
    assert (evidence["id"], evidence["amount"], evidence["status"]) == (charge.id, 12336, "succeeded")


def test_moto_belongs_to_the_confirmation(merchant: Merchant) -> None:
    with pytest.raises(stripe.InvalidRequestError) as error:
        merchant.charge(confirm=False)
    assert error.value.param == "payment_method_options[card][moto]"
    waiting = merchant.v1.payment_intents.create({"amount": 500, "currency": "gbp"})
    assert waiting.status == "requires_payment_method"
    options = {"payment_method": merchant.token(), "payment_method_options": {"card": {"moto": True}}}
    assert merchant.v1.payment_intents.confirm(waiting.id, options).status == "succeeded"


DECLINES = [
    ("visa-declines", "card_declined", "generic_decline", "try_again_later"),
    ("visa-insufficient-funds", "card_declined", "insufficient_funds", "try_again_later"),
    ("visa-lost", "card_declined", "lost_card", "do_not_try_again"),
    ("visa-stolen", "card_declined", "stolen_card", "do_not_try_again"),
    ("visa-expired", "expired_card", "expired_card", "do_not_try_again"),
    ("visa-cvc-fails", "incorrect_cvc", "incorrect_cvc", "confirm_card_data"),
    ("visa-processing-error", "processing_error", "processing_error", "try_again_later"),
    ("visa-declines-later", "card_declined", "generic_decline", "try_again_later"),
]


@pytest.mark.parametrize(("card", "code", "decline_code", "advice"), DECLINES)
def test_each_decline_says_why(
    merchant: Merchant, card: str, code: str, decline_code: str, advice: str
) -> None:
    with pytest.raises(stripe.CardError) as caught:
        merchant.charge(card)
    error: Any = caught.value.error
    assert (caught.value.http_status, caught.value.code) == (402, code)
    assert (error.decline_code, error.advice_code) == (decline_code, advice)
    failed = merchant.v1.payment_intents.retrieve(error.payment_intent.id)
    assert (failed.status, failed.payment_method) == ("requires_payment_method", None)
    assert failed.last_payment_error and failed.last_payment_error.decline_code == decline_code
    assert merchant.v1.charges.retrieve(error.charge).status == "failed"
    assert merchant.event_types(failed.id) == ["payment_intent.created", "payment_intent.payment_failed"]


def test_the_same_intent_takes_another_card_after_a_decline(merchant: Merchant) -> None:
    with pytest.raises(stripe.CardError) as caught:
        merchant.charge("visa-declines")
    error: Any = caught.value.error
    again = merchant.v1.payment_intents.confirm(
        error.payment_intent.id, {"payment_method": merchant.token("mastercard-approves")}
    )
    assert (again.status, again.last_payment_error) == ("succeeded", None)


def test_more_than_the_issuers_limit_is_declined(merchant: Merchant) -> None:
    with pytest.raises(stripe.CardError) as caught:
        merchant.charge(amount=2_000_001)
    assert caught.value.error and caught.value.error.decline_code == "card_velocity_exceeded"


def test_a_card_that_needs_its_holder_waits_for_the_bank(merchant: Merchant) -> None:
    waiting = merchant.charge("visa-needs-3ds", return_url="http://127.0.0.1/back")
    assert waiting.status == "requires_action" and waiting.next_action
    assert waiting.next_action.redirect_to_url
    where = str(waiting.next_action.redirect_to_url.url)
    assert where.startswith(merchant.sandbox.ready["frame_url"])
    assert "Is this you?" in merchant.sim.get(where).text
    assert merchant.sim.post(where, json={"agrees": True}).json() == {"status": "succeeded"}
    assert merchant.v1.payment_intents.retrieve(waiting.id).status == "succeeded"


def test_a_holder_who_refuses_is_not_charged(merchant: Merchant) -> None:
    waiting = merchant.charge("visa-needs-3ds")
    assert waiting.next_action and waiting.next_action.type == "use_stripe_sdk"
    where = f"{merchant.sandbox.ready['frame_url']}/frame/bank/{waiting.id}"
    merchant.sim.post(where, json={"agrees": False}).raise_for_status()
    failed = merchant.v1.payment_intents.retrieve(waiting.id)
    assert failed.status == "requires_payment_method" and failed.last_payment_error
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"
    assert merchant.sim.post(where, json={"agrees": True}).status_code == 400


@pytest.mark.parametrize("how", [{"off_session": True}, {"error_on_requires_action": True}])
def test_nobody_to_ask_means_a_decline(merchant: Merchant, how: dict[str, bool]) -> None:
    with pytest.raises(stripe.CardError) as caught:
        merchant.charge("visa-needs-3ds", **how)
    assert (caught.value.code, caught.value.http_status) == ("authentication_required", 402)


def _kept(merchant: Merchant, card: str) -> dict[str, Any]:
    """Return the order that charges a card kept at an order by telephone, without anybody there."""
    paid = merchant.charge(card, setup_future_usage="off_session")
    customer = merchant.v1.customers.create({})
    merchant.v1.payment_methods.attach(str(paid.payment_method), {"customer": customer.id})
    later = {"customer": customer.id, "payment_method": paid.payment_method, "off_session": True}
    return {"amount": 4000, "currency": "gbp", "confirm": True, **later}


def test_a_kept_card_is_charged_while_its_holder_is_away(merchant: Merchant) -> None:
    assert merchant.v1.payment_intents.create(_kept(merchant, "visa-approves")).status == "succeeded"


def test_a_bank_that_wants_the_holder_who_is_away_declines(merchant: Merchant) -> None:
    order = _kept(merchant, "visa-asks-holder-later")
    with pytest.raises(stripe.CardError) as caught:
        merchant.v1.payment_intents.create(order)
    error: Any = caught.value.error
    assert (caught.value.http_status, error.code, error.decline_code) == (
        402,
        "authentication_required",
        "authentication_required",
    )
    assert merchant.v1.charges.retrieve(error.charge).status == "failed"
    failed = merchant.v1.payment_intents.retrieve(error.payment_intent.id)
    assert failed.status == "requires_payment_method"


def test_that_nobody_is_there_belongs_to_the_confirmation(merchant: Merchant) -> None:
    for wrong in ({"confirm": False}, {"off_session": "maybe"}):
        with pytest.raises(stripe.InvalidRequestError) as error:
            merchant.v1.payment_intents.create(_kept(merchant, "visa-approves") | wrong)  # type: ignore[arg-type]
        assert error.value.param == "off_session"


def test_a_late_answer_is_processing_and_then_success(merchant: Merchant) -> None:
    paid = merchant.charge("visa-late")
    assert (paid.status, paid.amount_received) == ("processing", 0)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.v1.payment_intents.cancel(paid.id)
    assert caught.value.code == "payment_intent_unexpected_state"
    until(lambda: merchant.v1.payment_intents.retrieve(paid.id).status == "succeeded")
    assert merchant.event_types(paid.id)[1:] == ["payment_intent.processing", "payment_intent.succeeded"]


def test_the_answer_is_lost_but_the_money_is_taken_once(merchant: Merchant) -> None:
    attempt = fresh_attempt()
    order = merchant.order("mastercard-answer-lost", metadata={"attempt": attempt})
    with pytest.raises(stripe.APIConnectionError):
        merchant.v1.payment_intents.create(order, {"idempotency_key": attempt})
    assert [charge["status"] for charge in merchant.charges(attempt)] == ["succeeded"]
    told = merchant.v1.payment_intents.create(order, {"idempotency_key": attempt})
    assert (told.status, len(merchant.charges(attempt))) == ("succeeded", 1)


def test_the_search_runs_behind_the_list(merchant: Merchant) -> None:
    merchant.sim.post("/_sim/config", json={"stripe_search_lag_s": 3600}).raise_for_status()
    attempt = fresh_attempt()
    query = {"query": f"metadata['attempt']:'{attempt}' AND status:'succeeded' AND amount>=12336"}
    paid = merchant.charge(metadata={"attempt": attempt})
    assert merchant.v1.payment_intents.search(query).data == []
    assert paid.id in [i.id for i in merchant.v1.payment_intents.list({"created": {"gte": paid.created}})]
    merchant.sim.post("/_sim/config", json={"stripe_search_lag_s": 1}).raise_for_status()
    until(lambda: [i.id for i in merchant.v1.payment_intents.search(query).data] == [paid.id])


def test_a_search_that_makes_no_sense_is_refused(merchant: Merchant) -> None:
    for query in ("whatever", "secret:'x'", "status>'a'"):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            merchant.v1.payment_intents.search({"query": query})
        assert caught.value.param == "query"


def test_money_is_reserved_and_then_taken_in_part(merchant: Merchant) -> None:
    held = merchant.charge(capture_method="manual")
    assert (held.status, held.amount_capturable, held.amount_received) == ("requires_capture", 12336, 0)
    taken = merchant.v1.payment_intents.capture(held.id, {"amount_to_capture": 10000})
    assert (taken.status, taken.amount_received) == ("succeeded", 10000)
    assert "payment_intent.amount_capturable_updated" in merchant.event_types(held.id)


def test_reserved_money_is_released_by_a_cancel(merchant: Merchant) -> None:
    held = merchant.charge(capture_method="manual")
    gone = merchant.v1.payment_intents.cancel(held.id, {"cancellation_reason": "abandoned"})
    assert (gone.status, gone.cancellation_reason) == ("canceled", "abandoned")
    charge = merchant.v1.charges.list({"payment_intent": held.id}).data[0]
    assert (charge.captured, charge.refunded) == (False, True)
    with pytest.raises(stripe.InvalidRequestError):
        merchant.v1.payment_intents.capture(held.id)


def test_amounts_are_minor_units_of_their_currency(merchant: Merchant) -> None:
    assert merchant.charge(amount=500, currency="jpy").amount_received == 500
    for wrong, code in (({"amount": 29}, "amount_too_small"), ({"amount": 100_000_000}, "amount_too_large")):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            merchant.charge(**wrong)
        assert caught.value.code == code
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.charge(currency="xyz")
    assert caught.value.param == "currency"


def test_a_token_is_spent_by_its_charge(merchant: Merchant) -> None:
    order = merchant.order()
    merchant.v1.payment_intents.create(order)
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        merchant.v1.payment_intents.create(order)


def test_what_does_not_exist_is_not_found(merchant: Merchant) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.v1.payment_intents.retrieve("pi_nothing")
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.charge(payment_method="pm_nothing")
    assert (caught.value.http_status, caught.value.param) == (400, "payment_method")


def test_the_secret_key_is_asked_for(merchant: Merchant) -> None:
    for wrong in ({}, {"Authorization": "Bearer sk_test_wrong"}, {"Authorization": "Basic !"}):
        answer = merchant.sim.get("/v1/payment_intents", headers=wrong)
        assert (answer.status_code, answer.json()["error"]["type"]) == (401, "invalid_request_error")
    key = merchant.sandbox.ready["stripe_key"]
    assert merchant.sim.get("/v1/payment_intents", auth=(key, "")).status_code == 200


def test_the_version_is_echoed_and_every_request_has_an_id(merchant: Merchant) -> None:
    key = merchant.sandbox.ready["stripe_key"]
    answer = merchant.sim.get("/v1/charges", auth=(key, ""), headers={"Stripe-Version": "2025-01-01"})
    assert answer.headers["Stripe-Version"] == "2025-01-01"
    assert answer.headers["Request-Id"].startswith("req_")


def test_a_card_number_is_refused_at_the_api(merchant: Merchant) -> None:
    auth = (merchant.sandbox.ready["stripe_key"], "")
    answer = merchant.sim.post("/v1/payment_methods", auth=auth, data={"card[number]": "1" * 16})
    assert answer.status_code == 402 and "1" * 16 not in answer.text
    journal = merchant.sim.get("/_sim/journal").text
    assert "1" * 16 not in journal


def test_lists_are_paged_newest_first(merchant: Merchant) -> None:
    made = [merchant.v1.payment_intents.create({"amount": 500, "currency": "gbp"}).id for _ in range(3)]
    listed = merchant.v1.payment_intents.list({"limit": 2})
    assert ([i.id for i in listed.data], listed.has_more) == ([made[2], made[1]], True)
    after = merchant.v1.payment_intents.list({"limit": 1, "starting_after": made[1]})
    assert [i.id for i in after.data] == [made[0]]
    before = merchant.v1.payment_intents.list({"limit": 1, "ending_before": made[1]})
    assert [i.id for i in before.data] == [made[2]]
    assert list(merchant.v1.payment_intents.list({"created": {"gt": 4_000_000_000}}).data) == []


def test_the_money_is_settled_and_paid_out(merchant: Merchant) -> None:
    merchant.sim.post("/_sim/payouts").raise_for_status()
    paid = merchant.charge(amount=10_000, expand=["latest_charge.balance_transaction"])
    assert isinstance(paid.latest_charge, stripe.Charge)
    booked = paid.latest_charge.balance_transaction
    assert isinstance(booked, stripe.BalanceTransaction)
    assert (booked.amount, booked.fee, booked.net) == (10_000, 170, 9_830)
    (payout,) = merchant.sim.post("/_sim/payouts").raise_for_status().json()
    assert merchant.v1.payouts.retrieve(payout["id"]).amount == 9_830
    rows = merchant.v1.balance_transactions.list({"payout": payout["id"]}).data
    assert [(row.source, row.net) for row in rows] == [(paid.latest_charge.id, 9_830)]
