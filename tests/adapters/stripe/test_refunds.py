"""Refunds at Stripe: the contract, every page of the list, and what its events say."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from agentdesk.adapters.base import (
    FindRefund,
    Ignored,
    RawWebhook,
    RefundedTotal,
    RefundEvidence,
    Rejected,
)
from agentdesk.adapters.stripe.config import StripeConfig
from agentdesk.adapters.stripe.processor import StripeProcessor
from agentdesk.adapters.stripe.webhooks import StripeWebhooks
from agentdesk.domain.money import Money
from agentdesk.domain.refund import RefundEvent
from tests.adapters.caller import Caller
from tests.adapters.contract_processor import Trouble
from tests.adapters.contract_refund import RefundContract, a_refund, asking
from tests.adapters.raw import answer, request, talking
from tests.adapters.stripe.test_webhooks import event, posted, receive
from tests.receiver import Post, Receiver

__all__ = ["posted"]  # a fixture

REFUND = {
    "id": "re_1",
    "object": "refund",
    "amount": 2000,
    "currency": "gbp",
    "status": "succeeded",
    "metadata": {"refund": "rf_1"},
}
CHARGE = {
    "id": "ch_1",
    "object": "charge",
    "amount_refunded": 2000,
    "currency": "gbp",
    "livemode": False,
    "metadata": {"attempt": "att_1"},
}


@pytest.fixture
async def port(stripe_config: StripeConfig) -> AsyncIterator[StripeProcessor]:
    port = StripeProcessor(stripe_config)
    yield port
    await port.aclose()


@pytest.fixture
def trouble(sim: httpx.Client) -> Trouble:
    def arm(kind: str) -> None:
        fault = {"kind": kind, "face": "stripe", "route": "POST /v1/refunds"}
        sim.post("/_sim/faults", json=fault).raise_for_status()

    return arm


class TestStripe(RefundContract):
    """The contract, at Stripe."""


@pytest.mark.anyio
async def test_looks_through_every_page() -> None:
    asked: list[bytes] = []

    async def pages(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await request(reader)).split(b"\r\n")[0])
        number = len(asked)
        refunds = [
            {**REFUND, "id": f"re_{number}a", "metadata": {"refund": "rf_other"}},
            {**REFUND, "id": f"re_{number}b"},
            {**REFUND, "id": f"re_{number}c", "metadata": None},
        ]
        page = {"object": "list", "data": refunds, "has_more": number < 3}
        await answer(writer, 200, json.dumps(page).encode())

    async with talking(pages) as url:
        port = StripeProcessor(StripeConfig(base_url=url, secret_key="sk_test_1"))
        found = await port.find_refund(FindRefund("rf_1", {"payment_intent": "pi_1"}, {}))
        await port.aclose()
    assert [one.provider_ids["refund"] for one in found] == ["re_1b", "re_2b", "re_3b"]
    assert len({one.event_id for one in found}) == 3
    assert all(b"payment_intent=pi_1&limit=100" in line for line in asked)
    assert b"starting_after=re_2c" in asked[2]


# ---------------------------------------------------------------- events
def told(kind: str, **refund: Any) -> RefundEvidence:
    found = receive(event(kind, {**REFUND, **refund}))
    assert isinstance(found, RefundEvidence)
    return found


@pytest.mark.parametrize(
    "kind", ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"]
)
def test_every_event_of_a_refund_tells_its_state(kind: str) -> None:
    found = told(kind)
    assert (found.event, found.amount, found.our_ref) == (RefundEvent.DONE, Money(2000, "GBP"), "rf_1")
    assert (found.seen_via, found.event_id, found.live) == ("webhook", "evt_1", False)
    assert found.provider_ids == {"refund": "re_1"}
    assert found.reason is None


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("pending", RefundEvent.PENDING),
        ("requires_action", RefundEvent.PENDING),
        ("succeeded", RefundEvent.DONE),
        ("failed", RefundEvent.FAILED),
        ("canceled", RefundEvent.FAILED),
        ("a status of next year", RefundEvent.PENDING),
        (None, RefundEvent.PENDING),
    ],
)
def test_statuses(status: str | None, expected: RefundEvent) -> None:
    assert told("refund.updated", status=status).event is expected


def test_a_failure_says_why_without_saying_what_is_sensitive() -> None:
    lost = told("refund.failed", status="failed", failure_reason="lost_or_stolen_card")
    assert lost.reason == "the card can no longer take money"
    assert told("refund.failed", status="failed").reason == "the bank gave no reason"


@pytest.mark.parametrize("metadata", [{}, None, {"refund_id": "rf_1"}])
def test_a_refund_that_is_not_ours_is_ignored(metadata: dict[str, str] | None) -> None:
    assert isinstance(receive(event("refund.created", {**REFUND, "metadata": metadata})), Ignored)


def test_the_total_of_a_charge_of_ours_is_told() -> None:
    found = receive(event("charge.refunded", CHARGE))
    created = datetime.fromtimestamp(1_700_000_100, UTC)
    assert found == RefundedTotal("stripe", "evt_1", "att_1", Money(2000, "GBP"), created)
    assert isinstance(receive(event("charge.refunded", {**CHARGE, "metadata": {}})), Ignored)


@pytest.mark.parametrize("kind", ["refund.created", "charge.refunded"])
def test_a_signed_body_that_is_no_refund_is_refused(kind: str) -> None:
    with pytest.raises(Rejected):
        receive(event(kind, {"id": "re_1"}))


def is_about(kind: str, name: str, value: str) -> Any:
    def wanted(post: Post) -> bool:
        if post.path != "/stripe":
            return False
        found = json.loads(post.body)
        return bool(found["type"] == kind and found["data"]["object"].get("metadata", {}).get(name) == value)

    return wanted


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("card", "kind", "expected"),
    [
        ("visa-approves", "refund.created", RefundEvent.DONE),
        ("visa-refund-pending", "refund.updated", RefundEvent.DONE),
        ("visa-refund-fails", "refund.failed", RefundEvent.FAILED),
    ],
)
async def test_a_webhook_of_the_sandbox_tells_of_the_refund(
    card: str,
    kind: str,
    expected: RefundEvent,
    port: StripeProcessor,
    caller: Caller,
    posted: Receiver,
    stripe_config: StripeConfig,
) -> None:
    refund = await a_refund(port, caller, card)
    reply = await port.refund(refund)
    post = posted.wait_for(is_about(kind, "refund", refund.refund_id))
    (found,) = StripeWebhooks(stripe_config).receive(RawWebhook(posted.url, post.headers, post.body))
    assert isinstance(found, RefundEvidence)
    assert (found.event, found.our_ref, found.amount) == (expected, refund.refund_id, refund.amount)
    assert found.provider_ids == reply.provider_ids
    (found_again,) = await port.find_refund(asking(refund))
    assert (found_again.event, found_again.reason) == (expected, found.reason)
