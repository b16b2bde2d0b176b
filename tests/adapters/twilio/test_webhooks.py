"""Twilio's callbacks: whose they are, and what they say."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from agentdesk.adapters.base import (
    BadSignature,
    CaptureEvidence,
    Evidence,
    Ignored,
    MessageEvidence,
    RawWebhook,
    Rejected,
)
from agentdesk.adapters.twilio.config import TwilioConfig
from agentdesk.adapters.twilio.webhooks import TwilioWebhooks, is_signed, signature
from agentdesk.domain.capture import CaptureEvent, CardField, FieldProblem
from agentdesk.domain.card import CardSummary
from tests.sandbox.vendor import shared

URL = "https://hub.example/webhooks/twilio/att_1"
TOKEN, OLD_TOKEN = "a" * 32, "b" * 32
BASE = {"Sid": "PK" + "2" * 32, "CallSid": "CA" + "1" * 32, "AccountSid": "AC" + "0" * 32}


def config() -> TwilioConfig:
    return TwilioConfig(account_sid=BASE["AccountSid"], auth_token=TOKEN, previous_auth_token=OLD_TOKEN)


def raw(form: dict[str, str], *, token: str = TOKEN, url: str = URL) -> RawWebhook:
    signed = RequestValidator(token).compute_signature(url, form)
    return RawWebhook(URL, {"x-twilio-signature": signed}, urlencode(form).encode())


def receive(**form: str) -> list[Evidence]:
    return list(TwilioWebhooks(config()).receive(raw({**BASE, **form})))


def one(**form: str) -> CaptureEvidence:
    (found,) = receive(**form)
    assert isinstance(found, CaptureEvidence)
    return found


@pytest.mark.parametrize(
    ("status", "delivered"), [("delivered", True), ("undelivered", False), ("failed", False)]
)
def test_what_became_of_a_text(status: str, delivered: bool) -> None:
    (told,) = receive(MessageSid="SM1", MessageStatus=status)
    assert isinstance(told, MessageEvidence)
    assert (told.message_id, told.delivered) == ("SM1", delivered)


def test_a_text_on_its_way_says_nothing() -> None:
    (told,) = receive(MessageSid="SM1", MessageStatus="sent")
    assert isinstance(told, Ignored)


# ---------------------------------------------------------------- signature
def vectors() -> list[dict[str, Any]]:
    found = json.loads(shared("reference/signature-vectors.json").read_text(encoding="utf-8"))
    return [v for v in found if v["psp"] == "twilio" and "params" in v]  # ours are forms, never JSON


def test_agrees_with_the_vendors_vectors() -> None:
    assert len(vectors()) == 6
    for vector in vectors():
        pairs = [(name, value) for name, value in vector["params"]]
        token = vector["auth_token"]
        assert signature(vector["url"], pairs, token) == vector["expected"], vector["name"]
        assert is_signed(vector["url"], pairs, vector["expected"], [token])
        assert not is_signed(vector["url"], pairs[1:], vector["expected"], [token])


@given(
    st.dictionaries(st.text("abcXYZ0_", min_size=1), st.text()), st.sampled_from([URL, "http://h:81/x?a=1"])
)
def test_agrees_with_the_vendors_own_code(form: dict[str, str], url: str) -> None:
    made = RequestValidator(TOKEN).compute_signature(url, form)
    assert signature(url, list(form.items()), TOKEN) == made


@pytest.mark.parametrize("url", ["https://hub.example:443/cb", "https://hub.example/cb"])
@pytest.mark.parametrize("signed", ["https://hub.example:443/cb", "https://hub.example/cb"])
def test_the_default_port_may_be_signed_or_not(url: str, signed: str) -> None:
    assert is_signed(url, [("a", "")], signature(signed, [("a", "")], TOKEN), [TOKEN])


def test_another_port_is_another_address() -> None:
    made = signature("http://127.0.0.1:81/cb", [], TOKEN)
    assert is_signed("http://127.0.0.1:81/cb", [], made, [TOKEN])
    assert not is_signed("http://127.0.0.1:82/cb", [], made, [TOKEN])
    assert not is_signed("http://127.0.0.1/cb", [], made, [TOKEN])


def test_the_previous_token_still_signs() -> None:
    found = TwilioWebhooks(config()).receive(raw({**BASE, "DateCreated": "now"}, token=OLD_TOKEN))
    assert len(found) == 1


@pytest.mark.parametrize(
    "broken",
    [
        raw(BASE, token="c" * 32),
        raw(BASE, url="https://hub.example/webhooks/twilio/att_2"),
        RawWebhook(URL, {}, urlencode(BASE).encode()),
        RawWebhook(URL, {"x-twilio-signature": "§"}, urlencode(BASE).encode()),
        RawWebhook(URL, raw(BASE).headers, raw(BASE).body + b"&Result=success"),
        RawWebhook(URL, raw(BASE).headers, b""),
        RawWebhook(URL, raw(BASE).headers, b"no form at all"),
        RawWebhook(URL, raw(BASE).headers, b"\xff\xfe=1"),
    ],
    ids=["token", "address", "no header", "odd header", "added", "empty", "no form", "no text"],
)
def test_what_is_not_signed_is_not_read(broken: RawWebhook) -> None:
    with pytest.raises(BadSignature):
        TwilioWebhooks(config()).receive(broken)


@pytest.mark.parametrize("account", [{"AccountSid": "AC" + "1" * 32}, {"AccountSid": ""}, {}])
@pytest.mark.parametrize("told", [{"Result": "success", "PaymentToken": "pm_1"}, {"MessageStatus": "sent"}])
def test_a_callback_of_another_account_is_refused(account: dict[str, str], told: dict[str, str]) -> None:
    form = {"Sid": BASE["Sid"], "CallSid": BASE["CallSid"], **account, **told}
    with pytest.raises(Rejected) as refused:
        TwilioWebhooks(config()).receive(raw(form))
    assert refused.value.vendor_code == "wrong_account"


# ---------------------------------------------------------------- reading
def test_the_first_callback_tells_the_session() -> None:
    told = one(PaymentConnector="Default", DateCreated="2026-01-01T00:00:00.000Z", ChargeAmount="")
    assert (told.event, told.session_id, told.call_ref) == (
        CaptureEvent.SECURED,
        BASE["Sid"],
        BASE["CallSid"],
    )


def test_the_last_field_is_in_and_then_everything_is() -> None:
    found = receive(
        Capture="security-code",
        Required="",
        ErrorType="",
        SecurityCode="xxx",
        PaymentCardNumber="x" * 12 + "1111",
        PaymentCardType="visa",
        ExpirationDate="1234",
        PaymentCardPostalCode="90210",
    )
    assert [e.event for e in found if isinstance(e, CaptureEvidence)] == [
        CaptureEvent.FIELD_IN,
        CaptureEvent.ALL_IN,
    ]
    assert len({e.event_id for e in found}) == 2
    for told in found:
        assert isinstance(told, CaptureEvidence)
        assert told.card == CardSummary("visa", "1111")
        assert "1234" not in repr(told)
        assert "90210" not in repr(told)


def test_required_that_is_not_there_says_nothing_of_what_is_missing() -> None:
    told = one(Capture="expiration-date", ExpirationDate="1234")
    assert (told.event, told.missing) == (CaptureEvent.FIELD_IN, None)


def test_required_may_have_spaces_and_words_we_do_not_know() -> None:
    told = one(
        Capture="payment-card-number",
        Required="expiration-date, security-code, security-code-matcher",
        PaymentCardNumber="x" * 12 + "1111",
    )
    assert told.missing == (CardField.EXPIRY, CardField.SECURITY_CODE)


def test_a_field_just_asked_has_no_digits_yet() -> None:
    told = one(Capture="payment-card-number", Required="payment-card-number,expiration-date")
    assert (told.event, told.digits) == (CaptureEvent.PROGRESS, 0)


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        ("input-timeout", FieldProblem.TIMED_OUT),
        ("timeout", FieldProblem.TIMED_OUT),
        ("invalid-card-number", FieldProblem.INVALID),
        ("invalid-card-type", FieldProblem.BRAND_REFUSED),
        ("invalid-date", FieldProblem.INVALID),
        ("invalid-security-code", FieldProblem.INVALID),
        ("invalid-postal-code", FieldProblem.INVALID),
        ("internal-error", FieldProblem.OTHER),
        ("something-new", FieldProblem.OTHER),
    ],
)
def test_why_a_field_is_asked_again(error: str, problem: FieldProblem) -> None:
    told = one(Capture="expiration-date", ErrorType=error, Required="expiration-date")
    assert (told.event, told.field, told.problem) == (CaptureEvent.FIELD_BAD, CardField.EXPIRY, problem)
    assert told.missing == (CardField.EXPIRY,)


def test_success_is_a_token() -> None:
    told = one(Result="success", PaymentToken="pm_1", ProfileId="", PaymentConfirmationCode="")
    assert told.token
    assert (told.event, told.token.provider, told.token.value) == (CaptureEvent.TOKEN, "stripe", "pm_1")


def test_success_with_a_blank_token_is_a_failure() -> None:
    assert one(Result="success", PaymentToken="", ProfileId="").event is CaptureEvent.FAILED


@pytest.mark.parametrize(
    ("result", "event"),
    [
        ("cancelled", CaptureEvent.ENDED),
        ("caller-hung-up", CaptureEvent.ENDED),
        ("caller-interrupted-with-star", CaptureEvent.ENDED),
        ("payment-connector-error", CaptureEvent.FAILED),
        ("too-many-failed-attempts", CaptureEvent.FAILED),
        ("validation-error", CaptureEvent.FAILED),
        ("internal-error", CaptureEvent.FAILED),
        ("something-new", CaptureEvent.FAILED),
    ],
)
def test_how_a_session_ends(result: str, event: CaptureEvent) -> None:
    told = one(Result=result, PayErrorCode="64002", PaymentError="words of a vendor")
    assert told.event == event
    assert told.reason is not None
    assert told.reason.endswith(". (code 64002)")
    assert told.token is None


@pytest.mark.parametrize("form", [{"Capture": "bank-account-number"}, {"DateUpdated": "now"}])
def test_what_we_do_not_use_is_ignored(form: dict[str, str]) -> None:
    (told,) = receive(**form)
    assert isinstance(told, Ignored)


def test_a_number_that_is_not_masked_is_not_read() -> None:
    for told in receive(Capture="payment-card-number", Required="", PaymentCardNumber="1" * 16):
        assert isinstance(told, CaptureEvidence)
        assert told.card is None


def test_the_same_callback_has_the_same_id() -> None:
    first, again = one(Result="cancelled"), one(Result="cancelled")
    other = one(Result="cancelled", DateUpdated="later")
    assert first.event_id == again.event_id != other.event_id
