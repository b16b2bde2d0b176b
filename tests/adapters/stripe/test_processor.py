"""Charging and looking up at Stripe."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from agentdesk.adapters.base import (
    Charge,
    Find,
    Misconfigured,
    MoneyEvidence,
    NotSent,
    OutcomeUnknown,
    Rejected,
    TokenRef,
)
from agentdesk.adapters.stripe.config import StripeConfig
from agentdesk.adapters.stripe.processor import StripeProcessor
from agentdesk.domain.ids import now
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent
from tests.adapters.caller import Caller
from tests.adapters.contract_processor import ProcessorContract, Trouble, a_charge, asking
from tests.adapters.raw import answer, answering, request, talking

pytestmark = pytest.mark.anyio
UNSENT = Charge(
    "att_1", "att_1:charge", Money(500, "GBP"), TokenRef("stripe", "pm_1"), "Electricity", "PAY-1"
)


@pytest.fixture
async def port(stripe_config: StripeConfig) -> AsyncIterator[StripeProcessor]:
    port = StripeProcessor(stripe_config)
    yield port
    await port.aclose()


@pytest.fixture
def trouble(sim: httpx.Client) -> Trouble:
    def arm(kind: str, **more: float) -> None:
        fault = {"kind": kind, "face": "stripe", "route": "POST /v1/payment_intents", **more}
        sim.post("/_sim/faults", json=fault).raise_for_status()

    return arm


@pytest.fixture
def no_search_lag(sim: httpx.Client) -> Iterator[None]:
    before = sim.get("/_sim/config").json()["stripe_search_lag_s"]
    sim.post("/_sim/config", json={"stripe_search_lag_s": 0}).raise_for_status()
    yield
    sim.post("/_sim/config", json={"stripe_search_lag_s": before}).raise_for_status()


class TestStripe(ProcessorContract):
    """The contract, at Stripe."""


async def charges(config: StripeConfig, charge: Charge) -> object:
    port = StripeProcessor(config)
    try:
        return await port.charge(charge)
    finally:
        await port.aclose()


async def test_an_answer_that_comes_too_late_is_unknown(
    stripe_config: StripeConfig, caller: Caller, trouble: Callable[..., None], port: StripeProcessor
) -> None:
    charge = await a_charge(caller)
    trouble("delay", delay_s=20)  # two seconds at the sandbox's speed
    with pytest.raises(OutcomeUnknown):
        await charges(stripe_config.model_copy(update={"timeout_s": 1.0}), charge)


async def test_nobody_there_is_not_sent(stripe_config: StripeConfig, caller: Caller) -> None:
    with pytest.raises(NotSent):
        await charges(
            stripe_config.model_copy(update={"base_url": "http://127.0.0.1:9"}), await a_charge(caller)
        )


async def test_a_wrong_key_is_for_an_administrator(stripe_config: StripeConfig, caller: Caller) -> None:
    wrong = StripeConfig(base_url=stripe_config.base_url, secret_key="sk_test_wrong")
    with pytest.raises(Misconfigured):
        await charges(wrong, await a_charge(caller))
    port = StripeProcessor(wrong)
    assert (await port.check()).state == "down"
    with pytest.raises(Misconfigured):
        await port.find(asking(await a_charge(caller)))
    await port.aclose()


async def test_a_key_used_for_another_amount_is_not_called_harmless(
    port: StripeProcessor, caller: Caller
) -> None:
    """The key is the attempt's: what was executed under it before may have taken the attempt's money."""
    charge = await a_charge(caller)
    await port.charge(charge)
    with pytest.raises(OutcomeUnknown) as unsure:
        await port.charge(replace(charge, amount=Money(1, "GBP")))
    assert unsure.value.vendor_code == "idempotency_error"
    (found,) = await port.find(asking(charge))
    assert found.amount == charge.amount


async def test_two_requests_with_one_key_at_once_charge_once(
    port: StripeProcessor, caller: Caller, trouble: Callable[..., None]
) -> None:
    charge = await a_charge(caller)
    results = await asyncio.gather(port.charge(charge), port.charge(charge), return_exceptions=True)
    assert all(not isinstance(one, Exception) or isinstance(one, OutcomeUnknown) for one in results)
    assert len(await port.find(asking(charge))) == 1


async def test_an_amount_too_small_to_charge_is_refused(port: StripeProcessor, caller: Caller) -> None:
    with pytest.raises(Rejected) as refused:
        await port.charge(await a_charge(caller, minor=1))
    assert refused.value.vendor_code == "amount_too_small"


async def test_looks_through_every_page() -> None:
    """There may be two intents of ours, which is the worst that can happen; none may be overlooked."""
    asked: list[bytes] = []

    async def pages(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await request(reader)).split(b"\r\n")[0])
        number = len(asked)
        intents = [intent(f"pi_{number}a", "att_other"), intent(f"pi_{number}b", "att_1")]
        page = {"object": "list", "data": intents, "has_more": number < 3}
        await answer(writer, 200, json.dumps(page).encode())

    async with talking(pages) as url:
        port = StripeProcessor(StripeConfig(base_url=url, secret_key="sk_test_1"))
        found = await port.find(Find("att_1", {}, datetime.fromtimestamp(1_700_000_000, UTC)))
        await port.aclose()
    assert [one.provider_ids["payment_intent"] for one in found] == ["pi_1b", "pi_2b", "pi_3b"]
    assert len({one.event_id for one in found}) == 3
    assert all(b"created%5Bgte%5D=1699999700&limit=100" in line for line in asked)
    assert b"starting_after" not in asked[0]
    assert b"starting_after=pi_1b" in asked[1]
    assert b"starting_after=pi_2b" in asked[2]


def intent(identifier: str, attempt: str) -> dict[str, object]:
    return {
        "id": identifier,
        "amount": 500,
        "amount_received": 500,
        "currency": "gbp",
        "created": 1_700_000_000,
        "livemode": False,
        "status": "succeeded",
        "metadata": {"attempt": attempt},
    }


async def test_the_search_finds_what_our_clock_hides(
    port: StripeProcessor, caller: Caller, no_search_lag: None
) -> None:
    """A hub whose clock is an hour ahead asks for a list that does not go back far enough."""
    charge = await a_charge(caller)
    reply = await port.charge(charge)
    query = replace(asking(charge), sent_at=now() + timedelta(hours=1))
    found = await port.find(query)
    assert [one.provider_ids for one in found] == [reply.provider_ids]


# ---------------------------------------------------------------- answers that the sandbox does not give
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>a proxy</html>"),
        (200, b"{}"),
        (200, b'{"id": "pi_1"}'),
        (200, b"[]"),
        (302, b""),
        (409, b'{"error": {"type": "idempotency_error", "code": "idempotency_key_in_use"}}'),
        (409, b"busy"),
        (503, b"{}"),
    ],
)
async def test_an_answer_that_cannot_be_read_is_unknown(status: int, body: bytes, caller: Caller) -> None:
    charge = await a_charge(caller)
    async with answering(status, body) as url:
        with pytest.raises(OutcomeUnknown):
            await charges(StripeConfig(base_url=url, secret_key="sk_test_1"), charge)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 408])
async def test_a_refusal_that_is_not_theirs_is_unknown(status: int) -> None:
    """Something between us answered; what it did with the request before that is not known."""
    for body in (b"", b"<html>a gateway</html>", b'{"error": 7}', b'{"error": {}}', b"[]"):
        async with answering(status, body) as url:
            with pytest.raises(OutcomeUnknown):
                await charges(StripeConfig(base_url=url, secret_key="sk_test_1"), UNSENT)


async def test_a_card_error_without_its_intent_is_a_decline_of_the_card_we_sent() -> None:
    async with answering(402, b'{"error": {"type": "card_error", "code": "card_declined"}}') as url:
        reply = await charges(StripeConfig(base_url=url, secret_key="sk_test_1"), UNSENT)
    assert isinstance(reply, MoneyEvidence)
    assert (reply.event, reply.our_ref, reply.amount) == (AttemptEvent.DECLINED, None, None)


async def test_a_refusal_does_not_repeat_a_card_number(caller: Caller) -> None:
    digits = "4" + "1" * 15
    body = f'{{"error": {{"type": "invalid_request_error", "message": "no such card {digits}"}}}}'
    charge = await a_charge(caller)
    async with answering(400, body.encode()) as url:
        with pytest.raises(Rejected) as refused:
            await charges(StripeConfig(base_url=url, secret_key="sk_test_1"), charge)
    assert digits not in str(refused.value)


async def test_charge_is_found_by_the_id_a_person_read(port: StripeProcessor, caller: Caller) -> None:
    charge = await a_charge(caller)
    ids = (await port.charge(charge)).provider_ids
    for name in ("payment_intent", "charge"):
        (found,) = await port.find(replace(asking(charge), reference=ids[name]))
        assert (found.our_ref, found.event) == (charge.attempt_id, AttemptEvent.APPROVED)


@pytest.mark.parametrize("reference", ["pi_none", "ch_none", "8K2", "../refunds", "pi_1?expand[]=data"])
async def test_what_is_no_id_of_a_charge_is_rejected(
    port: StripeProcessor, caller: Caller, reference: str
) -> None:
    with pytest.raises(Rejected):
        await port.find(Find("att_1", {}, now(), reference))
