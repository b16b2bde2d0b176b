"""Card sessions at Twilio."""

from collections.abc import AsyncIterator

import pytest

from agentdesk.adapters.base import Misconfigured, NotSent, OutcomeUnknown, RateLimited, Rejected
from agentdesk.adapters.twilio.capture import TwilioCapture
from agentdesk.adapters.twilio.config import TwilioConfig
from tests.adapters.caller import Caller
from tests.adapters.contract_capture import CaptureContract
from tests.adapters.raw import answering

pytestmark = pytest.mark.anyio


@pytest.fixture
async def port(twilio_config: TwilioConfig) -> AsyncIterator[TwilioCapture]:
    port = TwilioCapture(twilio_config)
    yield port
    await port.aclose()


class TestTwilio(CaptureContract):
    """The contract, at Twilio."""


async def opens(config: TwilioConfig, caller: Caller) -> str:
    port = TwilioCapture(config)
    try:
        return await port.open(caller.request())
    finally:
        await port.aclose()


async def test_the_request_makes_a_token_and_charges_nothing(port: TwilioCapture, caller: Caller) -> None:
    request = caller.request()
    await port.open(request)
    journal = caller.sim.get("/_sim/journal").json()
    sent = [e["facts"]["body"] for e in journal if e["what"] == "request" and e["facts"]["face"] == "twilio"]
    form = sent[-1]
    assert "ChargeAmount" not in form
    assert (form["TokenType"], form["Description"]) == ("payment-method", request.attempt_id)
    assert (form["Timeout"], form["PostalCode"], form["SecurityCode"]) == ("20", "false", "true")
    assert (form["ValidCardTypes"], form["IdempotencyKey"]) == (
        "visa mastercard amex discover",
        request.idempotency_key,
    )


async def test_a_wrong_connector_is_for_an_administrator(twilio_config: TwilioConfig, caller: Caller) -> None:
    with pytest.raises(Misconfigured) as refused:
        await opens(twilio_config.model_copy(update={"connector": "nobody"}), caller)
    assert refused.value.vendor_code == "64004"


async def test_wrong_credentials_are_for_an_administrator(
    twilio_config: TwilioConfig, caller: Caller
) -> None:
    wrong = TwilioConfig(
        base_url=twilio_config.base_url, account_sid=twilio_config.account_sid, auth_token="wrong"
    )
    with pytest.raises(Misconfigured):
        await opens(wrong, caller)
    port = TwilioCapture(wrong)
    assert (await port.check()).state == "down"
    await port.aclose()


async def test_a_second_session_on_the_call_is_refused(port: TwilioCapture, caller: Caller) -> None:
    await port.open(caller.request())
    with pytest.raises(Rejected) as refused:
        await port.open(caller.request())
    assert refused.value.vendor_code == "64021"


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("rate_limited", RateLimited),
        ("error_500_before", OutcomeUnknown),
        ("drop_reply_after_executing", OutcomeUnknown),
    ],
)
async def test_trouble_is_told_by_what_may_be_concluded(
    port: TwilioCapture, caller: Caller, kind: str, error: type[Exception]
) -> None:
    caller.sim.post("/_sim/faults", json={"kind": kind, "face": "twilio"}).raise_for_status()
    with pytest.raises(error):
        await port.open(caller.request())


async def test_nobody_there_is_not_sent(twilio_config: TwilioConfig, caller: Caller) -> None:
    with pytest.raises(NotSent):
        await opens(twilio_config.model_copy(update={"base_url": "http://127.0.0.1:9"}), caller)


@pytest.mark.parametrize("body", [b"{}", b'{"sid": ""}', b'{"sid": 7}', b"<html>"])
async def test_a_reply_that_names_no_session_is_unknown(
    body: bytes, twilio_config: TwilioConfig, caller: Caller
) -> None:
    async with answering(201, body) as url:
        with pytest.raises(OutcomeUnknown):
            await opens(twilio_config.model_copy(update={"base_url": url}), caller)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}"])
async def test_a_refusal_without_twilios_words_is_still_one(
    body: bytes, twilio_config: TwilioConfig, caller: Caller
) -> None:
    async with answering(400, body) as url:
        with pytest.raises(Rejected) as refused:
            await opens(twilio_config.model_copy(update={"base_url": url}), caller)
    assert refused.value.vendor_code == "400"
