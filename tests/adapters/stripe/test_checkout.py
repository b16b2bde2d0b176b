"""Payment links at Stripe."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from agentdesk.adapters.base import Misconfigured, OutcomeUnknown
from agentdesk.adapters.links import OpenedLink
from agentdesk.adapters.stripe.checkout import Session, StripeCheckout, evidence
from agentdesk.adapters.stripe.config import StripeConfig
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent
from tests.adapters.contract_link import Customer, LinkContract, Trouble, a_link
from tests.adapters.raw import answering

pytestmark = pytest.mark.anyio


@dataclass
class AtThePage:
    """A customer on the sandbox's pay page."""

    sim: httpx.Client

    def pay(self, link: OpenedLink, card: str, **how: str) -> str:
        """Pay and return what the page says then."""
        answer = self.sim.post(f"/_sim/links/{link.session_id}/pay", json={"card": card, **how})
        return "expired" if answer.status_code == 400 else str(answer.raise_for_status().json()["state"])


@pytest.fixture
async def port(stripe_config: StripeConfig) -> AsyncIterator[StripeCheckout]:
    port = StripeCheckout(stripe_config)
    yield port
    await port.aclose()


@pytest.fixture
def customer(sim: httpx.Client) -> Customer:
    return AtThePage(sim)


@pytest.fixture
def trouble(sim: httpx.Client) -> Trouble:
    def arm(kind: str) -> None:
        fault = {"kind": kind, "face": "stripe", "route": "POST /v1/checkout/sessions"}
        sim.post("/_sim/faults", json=fault).raise_for_status()

    return arm


class TestStripeCheckout(LinkContract):
    """The contract, at Stripe."""


async def test_a_wrong_key_is_for_an_administrator(stripe_config: StripeConfig) -> None:
    port = StripeCheckout(StripeConfig(base_url=stripe_config.base_url, secret_key="sk_test_wrong"))
    with pytest.raises(Misconfigured):
        await port.open(a_link())
    assert (await port.check()).state == "down"
    await port.aclose()


@pytest.mark.parametrize("body", [b"{}", b"no"])
async def test_an_answer_that_is_no_page_is_unknown(body: bytes, stripe_config: StripeConfig) -> None:
    async with answering(200, body) as url:
        port = StripeCheckout(stripe_config.model_copy(update={"base_url": url}))
        with pytest.raises(OutcomeUnknown):
            await port.open(a_link())
        await port.aclose()


SESSION = Session(
    id="cs_1",
    status="complete",
    payment_status="unpaid",
    amount_total=12336,
    currency="gbp",
    livemode=False,
    metadata={"attempt": "att_1"},
)


@pytest.mark.parametrize(
    ("status", "paid", "intent", "expected"),
    [
        ("open", "unpaid", "requires_payment_method", None),
        ("open", "unpaid", "requires_action", None),
        ("open", "unpaid", "succeeded", AttemptEvent.APPROVED),
        ("complete", "paid", None, AttemptEvent.APPROVED),
        ("complete", "unpaid", "processing", AttemptEvent.PENDING),
        ("complete", "unpaid", "canceled", AttemptEvent.DECLINED),
        ("expired", "unpaid", "canceled", AttemptEvent.CLOSED),
        ("expired", "unpaid", "succeeded", AttemptEvent.APPROVED),
        (None, "unpaid", None, None),
    ],
)
def test_what_a_page_and_its_intent_say_together(
    status: str | None, paid: str, intent: str | None, expected: AttemptEvent | None
) -> None:
    behind = {
        "id": "pi_1",
        "amount": 12336,
        "amount_received": 12336,
        "currency": "gbp",
        "created": 1_700_000_000,
        "livemode": False,
        "status": intent,
        "metadata": {"attempt": "att_1"},
    }
    told = {"status": status, "payment_status": paid, "payment_intent": behind if intent else None}
    found = evidence(Session.model_validate(SESSION.model_dump() | told), "lookup", "req_1")
    assert [one.event for one in found] == ([expected] if expected else [])
    assert all(one.our_ref == "att_1" and one.amount == Money(12336, "GBP") for one in found)
