"""Bracketed forms: read as the vendor's clients write them, refused when they make no sense."""

from typing import Any

import pytest

from agentdesk.sandbox.stripe_forms import nest
from tests.sandbox.merchant import Merchant, fresh_attempt

READ: list[tuple[list[tuple[str, str]], dict[str, Any]]] = [
    ([("a", "1")], {"a": "1"}),
    ([("a[b]", "1"), ("a[c]", "")], {"a": {"b": "1", "c": ""}}),
    ([("a[]", "1"), ("a[]", "2")], {"a": ["1", "2"]}),
    ([("a[1]", "2"), ("a[0]", "1")], {"a": ["1", "2"]}),
    ([("a[0][b][c]", "1"), ("a[0][d]", "2")], {"a": [{"b": {"c": "1"}, "d": "2"}]}),
]


@pytest.mark.parametrize(("pairs", "form"), READ)
def test_brackets_make_hashes_and_lists(pairs: list[tuple[str, str]], form: dict[str, Any]) -> None:
    assert nest(pairs) == form


ODD = [
    {"amount[a]": "1"},
    {"amount": "12.5"},
    {"amount": "1" * 30},
    {"payment_method[a]": "1"},
    {"payment_method_options": "x"},
    {"payment_method_options[card]": "x"},
    {"payment_method_options[card][moto]": "maybe"},
    {"metadata": "x"},
    {"metadata[a][b]": "x"},
    {"metadata[" + "k" * 41 + "]": "x"},
    {"metadata[k]": "x" * 501},
    {"expand": "latest_charge"},
    {"expand[][a]": "latest_charge"},
    {"expand[]": "nothing_like_it"},
    {"confirm": "yes"},
    {"capture_method": "sometimes"},
    {"customer": "cus_nobody"},
    {"description[a]": "x"},
    {"amount": "500", "amount[a]": "1"},
]


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_what_makes_no_sense_is_refused_and_charges_nothing(merchant: Merchant, odd: dict[str, str]) -> None:
    attempt = fresh_attempt()
    order = {"amount": "500", "currency": "gbp", "confirm": "true", "payment_method": merchant.token()}
    answer = merchant.sim.post(
        "/v1/payment_intents",
        auth=(merchant.sandbox.ready["stripe_key"], ""),
        data={**order, "metadata[attempt]": attempt, **odd},
        headers={"Idempotency-Key": attempt},
    )
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")
    assert merchant.charges(attempt) == []


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=a", "created[gte]=x", "starting_after=pi_no", "limit[a]=1"]
)
def test_a_list_that_makes_no_sense_is_refused(merchant: Merchant, query: str) -> None:
    auth = (merchant.sandbox.ready["stripe_key"], "")
    assert merchant.sim.get(f"/v1/payment_intents?{query}", auth=auth).status_code == 400


def test_an_address_that_is_not_played_is_said_so(merchant: Merchant) -> None:
    answer = merchant.sim.get("/v1/subscriptions", auth=(merchant.sandbox.ready["stripe_key"], ""))
    assert answer.status_code == 404 and "part of Stripe" in answer.json()["error"]["message"]
