"""Twilio's Payments resource, driven by the official SDK."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException

from agentdesk.sandbox import cards
from tests.sandbox.vendor import PaidCall, code_of, ended, fresh_key

NUMBER, EXPIRY, CODE, POSTCODE = (
    "payment-card-number",
    "expiration-date",
    "security-code",
    "postal-code",
)


def unknown_visa() -> str:
    """Return a number that passes the check but belongs to no test card."""
    start = "400012340000" + "567"
    return next(start + d for d in "0123456789" if cards.passes_luhn(start + d))


def test_a_card_becomes_a_token(paid_call: PaidCall) -> None:
    session = paid_call.open()
    opened = paid_call.receiver.wait_for(lambda post: "DateCreated" in post.form).form
    assert (opened["Sid"], opened["CallSid"], opened["ChargeAmount"]) == (session, paid_call.sid, "")
    number = paid_call.ask(session, NUMBER).form
    assert (number["PaymentCardNumber"], number["PaymentCardType"]) == ("x" * 12 + "4242", "visa")
    assert (number["Required"], number["ErrorType"]) == (f"{EXPIRY},{CODE}", "")
    assert paid_call.ask(session, EXPIRY).form["ExpirationDate"] == cards.EXPIRY
    assert paid_call.ask(session, CODE).form["Required"] == ""
    paid_call.update(session, status="complete")
    result = paid_call.result()
    assert (result["Result"], result["SecurityCode"]) == ("success", "xxx")
    assert result["PaymentToken"].startswith("pm_")
    assert (result["PaymentConfirmationCode"], result["ProfileId"]) == ("", "")


def test_each_digit_is_reported_masked_and_in_order(paid_call: PaidCall) -> None:
    session = paid_call.open()
    paid_call.ask(session, NUMBER)
    partials = [p.form for p in paid_call.receiver.posts if p.form.get("PartialResult") == "true"]
    assert [p["PaymentCardNumber"] for p in partials] == ["x" * n for n in range(1, 17)]


def test_fields_may_be_asked_in_any_order_and_again(paid_call: PaidCall) -> None:
    session = paid_call.open()
    paid_call.ask(session, EXPIRY)
    paid_call.ask(session, NUMBER)
    again = paid_call.ask(session, NUMBER, card="mastercard-approves").form
    assert (again["PaymentCardNumber"][-4:], again["PaymentCardType"]) == ("8210", "mastercard")
    assert again["Required"] == CODE


def test_asking_again_makes_the_field_required_again(paid_call: PaidCall) -> None:
    session = paid_call.open()
    paid_call.ask(session, NUMBER)
    paid_call.update(session, capture=NUMBER)
    assert paid_call.state()["session"]["required"] == [NUMBER, EXPIRY, CODE]


@contextmanager
def a_pause_is_short(paid_call: PaidCall) -> Iterator[None]:
    """Let the pause that ends an entry pass quickly where it begins in this block: by asking, or by a key."""
    before = paid_call.sim.get("/_sim/config").json()["speed"]
    paid_call.sim.post("/_sim/config", json={"speed": 2000}).raise_for_status()
    try:
        yield
    finally:
        paid_call.sim.post("/_sim/config", json={"speed": before}).raise_for_status()


def refused(paid_call: PaidCall, field: str, digits: str, **terms: Any) -> dict[str, str]:
    """Key digits into a field of a new session and return the callback that ends the entry."""
    session = paid_call.open(**terms)
    paid_call.update(session, capture=field)
    paid_call.keys(digits)
    return paid_call.receiver.wait_for(lambda post: ended(post, field)).form


@pytest.mark.parametrize(
    ("field", "digits", "error"),
    [
        (NUMBER, "4" * 16, "invalid-card-number"),
        (NUMBER, "42424242#", "invalid-card-number"),
        (NUMBER, "#", "input-timeout"),
        (EXPIRY, "1334", "invalid-date"),
        (EXPIRY, "0120", "invalid-date"),
        (EXPIRY, "12#", "invalid-date"),
        (CODE, "12#", "invalid-security-code"),
        (POSTCODE, "12#", "invalid-postal-code"),
    ],
)
def test_a_wrong_entry_stays_required(paid_call: PaidCall, field: str, digits: str, error: str) -> None:
    form = refused(paid_call, field, digits, postal_code=True, min_postal_code_length=3)
    assert form["ErrorType"] == error
    assert field in form["Required"].split(",")


@pytest.mark.parametrize(
    ("slip", "keys", "error"),
    [
        ("", 16, ""),
        ("wrong", 16, "invalid-card-number"),
        ("lost", 15, "invalid-card-number"),
        ("half", 8, "invalid-card-number"),  # after the pause
    ],
)
def test_a_caller_slips(paid_call: PaidCall, slip: str, keys: int, error: str) -> None:
    paid_call.update(paid_call.open(), capture=NUMBER)
    with a_pause_is_short(paid_call) if slip == "half" else nullcontext():
        paid_call.script("key-card", card="visa-approves", gap_ms=0, slip=slip)
    form = paid_call.receiver.wait_for(lambda post: ended(post, NUMBER)).form
    assert (form["ErrorType"], form["PaymentCardType"]) == (error, "visa")
    partials = [p.form for p in paid_call.receiver.posts if p.form.get("PartialResult") == "true"]
    assert [len(p["PaymentCardNumber"]) for p in partials] == [*range(1, keys + 1)]
    assert {p["PaymentCardType"] for p in partials} == {"visa"}


def test_where_the_length_does_not_end_an_entry_there_can_be_too_many_keys(paid_call: PaidCall) -> None:
    paid_call.sim.post("/_sim/config", json={"twilio_ends_at_length": False}).raise_for_status()
    try:
        paid_call.update(paid_call.open(), capture=NUMBER)
        paid_call.script("key-card", card="visa-approves", gap_ms=0, slip="extra")
        form = paid_call.receiver.wait_for(lambda post: ended(post, NUMBER)).form
    finally:
        paid_call.sim.post("/_sim/config", json={"twilio_ends_at_length": True}).raise_for_status()
    assert form["ErrorType"] == "invalid-card-number"
    partials = [p.form for p in paid_call.receiver.posts if p.form.get("PartialResult") == "true"]
    assert len(partials[-1]["PaymentCardNumber"]) == 17


def test_a_number_that_is_no_test_card_is_refused_and_forgotten(paid_call: PaidCall) -> None:
    form = refused(paid_call, NUMBER, unknown_visa())
    assert (form["ErrorType"], form["PayErrorCode"]) == ("invalid-card-number", "64022")
    assert "PaymentCardNumber" not in form
    assert paid_call.state()["keyed"] == 0


def test_a_brand_that_is_not_wanted_is_refused(paid_call: PaidCall) -> None:
    session = paid_call.open(valid_card_types="visa mastercard")
    form = paid_call.ask(session, NUMBER, card="amex-refused-brand").form
    assert (form["ErrorType"], NUMBER in form["Required"]) == ("invalid-card-type", True)


def test_the_security_code_of_an_amex_has_four_digits(paid_call: PaidCall) -> None:
    session = paid_call.open()
    assert paid_call.ask(session, NUMBER, card="amex-approves").form["PaymentCardNumber"] == "x" * 11 + "8431"
    paid_call.update(session, capture=CODE)
    paid_call.keys("123")
    assert paid_call.state()["asked"] == CODE
    paid_call.keys("4")
    assert paid_call.receiver.wait_for(lambda p: ended(p, CODE)).form["SecurityCode"] == "xxxx"


def test_a_pause_ends_an_entry(paid_call: PaidCall) -> None:
    session = paid_call.open()
    with a_pause_is_short(paid_call):
        paid_call.update(session, capture=NUMBER)
    nothing = paid_call.receiver.wait_for(lambda post: ended(post, NUMBER)).form
    assert nothing["ErrorType"] == "input-timeout"
    paid_call.update(session, capture=NUMBER)
    with a_pause_is_short(paid_call):
        paid_call.keys("42")
    half = paid_call.receiver.wait_for(lambda post: ended(post, NUMBER), count=2).form
    assert half["ErrorType"] == "invalid-card-number"


def test_star_ends_the_session(paid_call: PaidCall) -> None:
    session = paid_call.open()
    paid_call.update(session, capture=NUMBER)
    paid_call.keys("42*")
    assert paid_call.result()["Result"] == "caller-interrupted-with-star"
    with pytest.raises(TwilioRestException) as error:
        paid_call.update(session, capture=NUMBER)
    assert code_of(error) == (404, 20404)
    assert paid_call.open() != session


def test_hanging_up_ends_the_session(paid_call: PaidCall) -> None:
    session = paid_call.open()
    paid_call.update(session, capture=NUMBER)
    paid_call.script("hang-up")
    assert paid_call.result()["Result"] == "caller-hung-up"
    with pytest.raises(TwilioRestException) as error:
        paid_call.update(session, capture=NUMBER)
    assert code_of(error) == (400, 21220)


def test_cancel_ends_the_session(paid_call: PaidCall) -> None:
    session = paid_call.open()
    paid_call.update(session, status="cancel")
    result = paid_call.result()
    assert (result["Result"], result["PaymentToken"]) == ("cancelled", "")


def test_a_killed_session_says_so(paid_call: PaidCall) -> None:
    paid_call.open()
    paid_call.script("kill-session")
    assert paid_call.result()["Result"] == "internal-error"


def test_a_session_on_the_agents_leg_is_refused(paid_call: PaidCall) -> None:
    leg = paid_call.state()["agent_leg"]
    with pytest.raises(TwilioRestException) as error:
        paid_call.client.calls(leg).payments.create(
            idempotency_key=fresh_key(), status_callback=paid_call.receiver.url, token_type="payment-method"
        )
    assert code_of(error) == (400, 21220)


def test_a_session_on_a_ringing_call_is_refused(paid_call: PaidCall) -> None:
    paid_call.call = paid_call.sim.post("/_sim/calls", json={"from": "+442079460958"}).json()
    with pytest.raises(TwilioRestException) as error:
        paid_call.open()
    assert code_of(error) == (400, 21220)


def test_a_session_on_an_unknown_call_is_refused(paid_call: PaidCall) -> None:
    paid_call.call = {"sid": "CA" + "0" * 31 + "a"}
    with pytest.raises(TwilioRestException) as error:
        paid_call.open()
    assert code_of(error) == (404, 20404)


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        ({"charge_amount": 10.005}, 64003),
        ({"charge_amount": 1_000_000}, 64003),
        ({"charge_amount": 10.5, "currency": "jpy"}, 64003),
        ({"charge_amount": 10.5}, 64007),
        ({"payment_connector": "Nobody"}, 64004),
        ({"token_type": "reusable"}, 64006),
        ({"currency": "xau"}, 64011),
        ({"payment_method": "ach-debit"}, 64013),
        ({"timeout": 601}, 64020),
        ({"valid_card_types": "visa library"}, 64020),
        ({"status_callback": "https://hub.example/cb"}, 64020),
    ],
)
def test_terms_that_twilio_or_the_connector_refuses(
    paid_call: PaidCall, terms: dict[str, Any], code: int
) -> None:
    with pytest.raises(TwilioRestException) as error:
        paid_call.open(**terms)
    assert code_of(error) == (400, code)
    assert paid_call.state()["session"] is None


def test_a_second_session_on_one_call_is_refused(paid_call: PaidCall) -> None:
    paid_call.open()
    with pytest.raises(TwilioRestException) as error:
        paid_call.open()
    assert code_of(error) == (400, 64021)


@pytest.mark.parametrize("what", [{}, {"capture": NUMBER, "status": "complete"}])
def test_exactly_one_of_capture_and_status(paid_call: PaidCall, what: dict[str, str]) -> None:
    session = paid_call.open()
    with pytest.raises(TwilioRestException) as error:
        paid_call.update(session, **what)
    assert code_of(error) == (400, 64018)


def test_complete_needs_every_field(paid_call: PaidCall) -> None:
    session = paid_call.open()
    paid_call.ask(session, NUMBER)
    with pytest.raises(TwilioRestException) as error:
        paid_call.update(session, status="complete")
    assert code_of(error) == (400, 64019)


@pytest.mark.parametrize("what", [{"capture": POSTCODE}, {"capture": "cvv"}, {"status": "done"}])
def test_values_that_do_not_exist(paid_call: PaidCall, what: dict[str, str]) -> None:
    session = paid_call.open()
    with pytest.raises(TwilioRestException) as error:
        paid_call.update(session, **what)
    assert code_of(error) == (400, 64020)


def test_the_same_key_and_request_give_the_same_session(paid_call: PaidCall) -> None:
    key = fresh_key()
    assert paid_call.open(idempotency_key=key) == paid_call.open(idempotency_key=key)
    with pytest.raises(TwilioRestException) as error:
        paid_call.open(idempotency_key=key, timeout=30)
    assert code_of(error) == (409, 20409)


def test_replay_by_key_can_be_switched_off(paid_call: PaidCall) -> None:
    paid_call.sim.post("/_sim/config", json={"twilio_replays_keys": False}).raise_for_status()
    try:
        key = fresh_key()
        paid_call.open(idempotency_key=key)
        with pytest.raises(TwilioRestException) as error:
            paid_call.open(idempotency_key=key)
        assert code_of(error) == (400, 64021)
    finally:
        paid_call.sim.post("/_sim/config", json={"twilio_replays_keys": True}).raise_for_status()
