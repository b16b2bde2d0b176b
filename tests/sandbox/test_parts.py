"""Callers who play a part: put through to one agent, they key, slip, hang up and pay by themselves."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import stripe
from twilio.rest import Client

from tests.receiver import Receiver
from tests.sandbox.merchant import Merchant, fresh_attempt
from tests.sandbox.vendor import PaidCall, ended, fresh_key
from tests.until import until

NUMBER, EXPIRY, CODE = "payment-card-number", "expiration-date", "security-code"
_numbers = itertools.count(100)

Place = Callable[..., PaidCall]


@pytest.fixture
def place(client: Client, sim: httpx.Client, receiver: Receiver) -> Place:
    """Give a function that places a call whose caller plays a part."""

    def placed(caller: str = "", **part: Any) -> PaidCall:
        caller = caller or f"+442079460{next(_numbers)}"
        told = {"cards": ["visa-approves"], "gap_ms": 0, **part}
        wish = {"key": fresh_key(), "from": caller, "agent": "priya.nair", "part": told}
        answer = sim.post("/_sim/parts", json=wish)
        assert answer.status_code == 201, answer.text
        return PaidCall(client, sim, receiver, answer.json())

    return placed


def _token(call: PaidCall) -> str:
    """Ask for every field of a card, and return what the card became."""
    session = call.open()
    for one in (NUMBER, EXPIRY, CODE):
        call.update(session, capture=one)
        call.receiver.wait_for(lambda post, one=one: post.form.get("Sid") == session and ended(post, one))
    call.update(session, status="complete")
    done = call.receiver.wait_for(lambda post: post.form.get("Sid") == session and "Result" in post.form)
    return done.form["PaymentToken"]


def test_the_caller_is_put_through_to_one_agent_and_nobody_else_hears_it_ring(
    sim: httpx.Client, receiver: Receiver
) -> None:
    sim.post("/_sim/config", json={"cti_url": f"{receiver.url}/cti"}).raise_for_status()
    wish = {"key": fresh_key(), "from": "anonymous", "agent": "priya.nair", "part": {"cards": ["visa-late"]}}
    calls = [sim.post("/_sim/parts", json=wish).json() for _ in range(2)]  # the same press twice
    assert calls[0]["sid"] == calls[1]["sid"]
    assert (calls[0]["status"], calls[0]["agent"]) == ("in-progress", "priya.nair")
    sim.post(f"/_sim/calls/{calls[0]['sid']}/hang-up").raise_for_status()

    def told() -> list[dict[str, str]]:
        events = [json.loads(post.body) for post in receiver.posts]
        return [one for one in events if one["call_id"] == calls[0]["sid"]]

    receiver.wait_for(lambda _: told() and told()[-1]["event"] == "ended")
    assert [(one["event"], one["agent"]) for one in told()] == [
        ("answered", "priya.nair"),
        ("ended", "priya.nair"),
    ]


def test_a_card_nobody_knows_is_refused_and_nobody_rings(sim: httpx.Client) -> None:
    wish = {"key": fresh_key(), "from": "anonymous", "agent": "priya", "part": {"cards": ["no-such-card"]}}
    before = len(sim.get("/_sim/calls").json())
    assert sim.post("/_sim/parts", json=wish).status_code == 422
    assert len(sim.get("/_sim/calls").json()) == before


def test_after_the_first_card_comes_the_second(place: Place, merchant: Merchant) -> None:
    call = place(cards=["visa-declines", "visa-approves"])
    with pytest.raises(stripe.CardError):
        merchant.charge(payment_method=_token(call))
    assert merchant.charge(payment_method=_token(call)).status == "succeeded"


def test_slips_come_one_after_the_other_and_then_none(place: Place) -> None:
    call = place(slips=["lost", "wrong"])
    session = call.open()
    said = []
    for count in (1, 2, 3):
        call.update(session, capture=NUMBER)
        post = call.receiver.wait_for(lambda post: ended(post, NUMBER), count=count)
        said.append(post.form["ErrorType"])
    assert said == ["invalid-card-number", "invalid-card-number", ""]


def test_who_keys_one_too_many_is_heard_to_the_end(place: Place) -> None:
    call = place(slips=["extra"])
    call.update(call.open(), capture=NUMBER)
    assert call.receiver.wait_for(lambda post: ended(post, NUMBER)).form["ErrorType"] == "invalid-card-number"
    partial = [post for post in call.receiver.posts if "PartialResult" in post.form]
    assert len(partial) == 17


def test_the_line_goes_dead_half_way_through_the_number(place: Place) -> None:
    call = place(hangs_up="keying")
    call.update(call.open(), capture=NUMBER)
    assert call.result()["Result"] == "caller-hung-up"
    assert call.state()["status"] == "completed"


def test_the_line_goes_dead_while_a_slow_bank_is_asked(place: Place, merchant: Merchant) -> None:
    call = place(hangs_up="charging", bank="slow")
    token = _token(call)
    assert token
    assert merchant.charge(payment_method=token).status == "succeeded"
    until(lambda: call.state()["status"] == "completed")


def test_a_silent_bank_breaks_the_line_at_once_and_charges_much_later(
    place: Place, merchant: Merchant
) -> None:
    attempt = fresh_attempt()
    order = merchant.order(payment_method=_token(place(bank="silent")), metadata={"attempt": attempt})
    with pytest.raises(stripe.APIConnectionError):
        merchant.v1.payment_intents.create(order)
    assert merchant.charges(attempt) == []  # nothing finds it yet
    until(lambda: merchant.charges(attempt))
    assert [one["status"] for one in merchant.charges(attempt)] == ["succeeded"]


def test_a_silent_bank_may_decline_too(place: Place, merchant: Merchant) -> None:
    attempt = fresh_attempt()
    token = _token(place(cards=["visa-declines"], bank="silent"))
    with pytest.raises(stripe.APIConnectionError):
        merchant.v1.payment_intents.create(
            merchant.order(payment_method=token, metadata={"attempt": attempt})
        )
    until(lambda: merchant.charges(attempt))
    assert [one["status"] for one in merchant.charges(attempt)] == ["failed"]
    assert [one for one in merchant.sim.get("/_sim/journal").json() if one["what"] == "failure"] == []


@pytest.mark.parametrize("pays", [True, False])
def test_who_is_texted_a_link_pays_it_if_that_is_their_part(
    place: Place, merchant: Merchant, pays: bool
) -> None:
    call, link = place(pays_links=pays), merchant.link()
    other = place(pays_links=True)
    call.client.messages.create(to=call.call["from"], from_="+442079460000", body=f"Pay here: {link.url}")
    marker = merchant.link()
    call.client.messages.create(to=other.call["from"], from_="+442079460000", body=f"Here: {marker.url}")
    until(lambda: merchant.v1.checkout.sessions.retrieve(marker.id).payment_status == "paid")
    paid = merchant.v1.checkout.sessions.retrieve(link.id).payment_status
    assert paid == ("paid" if pays else "unpaid")


def test_a_link_that_was_closed_is_not_paid_and_nothing_breaks(place: Place, merchant: Merchant) -> None:
    call, link, marker = place(), merchant.link(), merchant.link()
    for one in (link, marker):
        call.client.messages.create(to=call.call["from"], from_="+442079460000", body=f"Pay: {one.url}")
    merchant.v1.checkout.sessions.expire(link.id)
    until(lambda: merchant.v1.checkout.sessions.retrieve(marker.id).payment_status == "paid")
    assert merchant.v1.checkout.sessions.retrieve(link.id).status == "expired"
    assert [one for one in merchant.sim.get("/_sim/journal").json() if one["what"] == "failure"] == []


def test_who_says_digits_says_them_before_anything_is_masked(place: Place) -> None:
    assert place(says_digits=True).audio() == ["speech"]
    assert place().audio() == []
