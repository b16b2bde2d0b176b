"""Keeping cards at Stripe."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from agentdesk.adapters.base import Misconfigured, OutcomeUnknown, Rejected, TokenRef
from agentdesk.adapters.stripe.cards import StripeCards
from agentdesk.adapters.stripe.config import StripeConfig
from agentdesk.adapters.stripe.processor import StripeProcessor
from agentdesk.domain.ids import new_id
from tests.adapters.caller import Caller
from tests.adapters.contract_cards import CardContract, Trouble, charged
from tests.adapters.raw import answer, answering, request, talking

pytestmark = pytest.mark.anyio
TOKEN = TokenRef("stripe", "pm_1", "cus_1")


@pytest.fixture
async def port(stripe_config: StripeConfig) -> AsyncIterator[StripeCards]:
    port = StripeCards(stripe_config)
    yield port
    await port.aclose()


@pytest.fixture
async def processor(stripe_config: StripeConfig) -> AsyncIterator[StripeProcessor]:
    processor = StripeProcessor(stripe_config)
    yield processor
    await processor.aclose()


@pytest.fixture
def trouble(sim: httpx.Client) -> Trouble:
    def arm(kind: str, route: str) -> None:
        fault = {"kind": kind, "face": "stripe", "route": route}
        sim.post("/_sim/faults", json=fault).raise_for_status()

    return arm


class TestStripe(CardContract):
    """The contract, at Stripe."""


async def test_the_customer_there_holds_our_id_and_nothing_of_the_person(
    port: StripeCards, sim: httpx.Client, stripe_config: StripeConfig
) -> None:
    made = await port.open_customer("12", key=new_id("key"))
    async with httpx.AsyncClient(auth=(stripe_config.secret_key.get_secret_value(), "")) as client:
        shown = (await client.get(f"{stripe_config.base_url}/v1/customers/{made}")).json()
    assert shown["metadata"] == {"customer": "12"}
    assert not any(shown[name] for name in ("email", "name", "phone", "description"))


async def test_a_bank_that_refuses_the_card_is_a_no() -> None:
    """Stripe may ask the bank when a card is attached."""
    body = b'{"error": {"type": "card_error", "code": "card_declined", "message": "Declined."}}'
    looked = b'{"id": "pm_1", "livemode": false}'

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_look = (await request(reader)).startswith(b"GET")
        await (answer(writer, 200, looked) if is_look else answer(writer, 402, body))

    async with talking(talk) as url:
        port = StripeCards(StripeConfig(base_url=url, secret_key="sk_test_1"))
        with pytest.raises(Rejected) as refused:
            await port.keep(TOKEN, key="key")
        await port.aclose()
    assert refused.value.vendor_code == "card_declined"


async def test_a_wrong_key_is_for_an_administrator(
    stripe_config: StripeConfig, port: StripeCards, processor: StripeProcessor, caller: Caller
) -> None:
    token = await charged(port, processor, caller)
    await port.keep(token, key=new_id("key"))
    wrong = StripeCards(StripeConfig(base_url=stripe_config.base_url, secret_key="sk_test_wrong"))
    for asking in (wrong.find(token), wrong.let_go(token), wrong.keep(token, key="k")):
        with pytest.raises(Misconfigured):
            await asking
    await wrong.aclose()
    assert await port.find(token) is not None


async def test_an_answer_that_is_no_payment_method_is_no_answer() -> None:
    async with answering(200, b"{}") as url:
        port = StripeCards(StripeConfig(base_url=url, secret_key="sk_test_1"))
        with pytest.raises(OutcomeUnknown):
            await port.find(TOKEN)
        await port.aclose()


async def test_a_charge_without_a_payment_method_names_no_card() -> None:
    async with answering(200, b'{"payment_method": null}') as url:
        port = StripeCards(StripeConfig(base_url=url, secret_key="sk_test_1"))
        with pytest.raises(Rejected):
            await port.token_of({"payment_intent": "pi_1"})
        await port.aclose()
