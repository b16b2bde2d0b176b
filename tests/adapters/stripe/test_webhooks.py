"""Stripe's events: whose they are, and what they say."""

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import stripe

from agentdesk.adapters.base import BadSignature, Evidence, Ignored, MoneyEvidence, RawWebhook, Rejected
from agentdesk.adapters.stripe.config import StripeConfig
from agentdesk.adapters.stripe.processor import StripeProcessor
from agentdesk.adapters.stripe.webhooks import TOLERANCE_S, StripeWebhooks, is_signed
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent
from tests.adapters.caller import Caller
from tests.adapters.contract_processor import a_charge
from tests.receiver import Post, Receiver
from tests.sandbox.vendor import shared

SECRET, OLD_SECRET = "whsec_new", "whsec_old"
CONFIG = StripeConfig(secret_key="sk_test_1", webhook_secrets=(SECRET, OLD_SECRET))
INTENT = {
    "id": "pi_1",
    "object": "payment_intent",
    "amount": 12336,
    "amount_received": 12336,
    "currency": "gbp",
    "created": 1_700_000_000,
    "livemode": False,
    "status": "succeeded",
    "latest_charge": "ch_1",
    "metadata": {"attempt": "att_1"},
}


def event(kind: str, intent: dict[str, Any], **changes: Any) -> bytes:
    made = {
        "id": "evt_1",
        "object": "event",
        "type": kind,
        "created": 1_700_000_100,
        "livemode": False,
        "data": {"object": intent},
        **changes,
    }
    return json.dumps(made, indent=2).encode()


def header(body: bytes, *, secret: str = SECRET, at: float | None = None) -> str:
    stamp = int(time.time() if at is None else at)
    made = stripe.WebhookSignature._compute_signature(f"{stamp}.{body.decode()}", secret)
    return f"t={stamp},v1={made}"


def receive(body: bytes, signature: str | None = None, config: StripeConfig = CONFIG) -> Evidence:
    headers = {"stripe-signature": header(body) if signature is None else signature}
    (found,) = StripeWebhooks(config).receive(
        RawWebhook("https://hub.example/webhooks/stripe", headers, body)
    )
    return found


def money(kind: str, **intent: Any) -> MoneyEvidence:
    found = receive(event(kind, {**INTENT, **intent}))
    assert isinstance(found, MoneyEvidence)
    return found


# ---------------------------------------------------------------- signature
def test_agrees_with_the_vendors_vector() -> None:
    vectors = json.loads(shared("reference/signature-vectors.json").read_text(encoding="utf-8"))
    (vector,) = [one for one in vectors if one["psp"] == "stripe"]
    body, secret, at = vector["body"].encode(), vector["secret"], vector["timestamp"]
    for given in (vector["header_value"], vector["also_valid"]):
        assert is_signed(given, body, [secret], at)
        assert is_signed(given, body, ["whsec_other", secret], at + TOLERANCE_S)
        assert not is_signed(given, body, ["whsec_other"], at)
        assert not is_signed(given, body + b" ", [secret], at)


def test_a_signature_lapses() -> None:
    body = event("payment_intent.succeeded", INTENT)
    for late in (TOLERANCE_S + 1, -TOLERANCE_S - 1):
        assert not is_signed(header(body, at=1_700_000_000), body, [SECRET], 1_700_000_000 + late)
    with pytest.raises(BadSignature):
        receive(body, header(body, at=time.time() - TOLERANCE_S - 5))


def test_either_secret_signs_while_one_is_rolled() -> None:
    body = event("payment_intent.succeeded", INTENT)
    assert receive(body, header(body, secret=OLD_SECRET))
    with pytest.raises(BadSignature):
        receive(body, header(body, secret="whsec_else"))


@pytest.mark.parametrize(
    "given",
    [
        "",
        "t=",
        "t=now,v1=00",
        "v1=00",
        "t=-1,v1=00",
        "t=1700000000",
        f"t={'9' * 5000},v1=00",
        "t=٣,v1=٣",
        "§",
    ],
)
def test_what_is_not_signed_is_not_read(given: str) -> None:
    with pytest.raises(BadSignature):
        receive(event("payment_intent.succeeded", INTENT), given)


def test_without_a_secret_nothing_is_believed() -> None:
    body = event("payment_intent.succeeded", INTENT)
    with pytest.raises(BadSignature):
        receive(body, header(body, secret=""), StripeConfig(secret_key="sk_test_1"))


# ---------------------------------------------------------------- reading
def test_a_success_tells_amount_and_ids() -> None:
    told = money("payment_intent.succeeded")
    assert (told.event, told.amount) == (AttemptEvent.APPROVED, Money(12336, "GBP"))
    assert (told.our_ref, told.event_id, told.seen_via) == ("att_1", "evt_1", "webhook")
    assert told.provider_ids == {"payment_intent": "pi_1", "charge": "ch_1"}
    assert told.occurred_at == datetime.fromtimestamp(1_700_000_100, UTC)
    assert told.live is False


def test_what_was_received_counts_not_what_was_asked() -> None:
    assert money("payment_intent.succeeded", amount_received=5).amount == Money(5, "GBP")


@pytest.mark.parametrize(
    ("kind", "status", "more", "expected"),
    [
        ("processing", "processing", {}, AttemptEvent.PENDING),
        ("requires_action", "requires_action", {}, AttemptEvent.PENDING),
        ("amount_capturable_updated", "requires_capture", {}, AttemptEvent.PENDING),
        ("payment_failed", "requires_payment_method", {"last_payment_error": None}, AttemptEvent.PENDING),
        (
            "payment_failed",
            "requires_payment_method",
            {"last_payment_error": {"code": "card_declined", "decline_code": "lost_card"}},
            AttemptEvent.DECLINED,
        ),
        ("canceled", "canceled", {"cancellation_reason": "abandoned"}, AttemptEvent.DECLINED),
        ("succeeded", "a status of next year", {}, AttemptEvent.PENDING),
    ],
)
def test_statuses(kind: str, status: str, more: dict[str, Any], expected: AttemptEvent) -> None:
    told = money(f"payment_intent.{kind}", status=status, **more)
    assert told.event is expected
    assert (told.decline is not None) is (expected is AttemptEvent.DECLINED)


def test_a_cancelled_intent_says_why_for_the_log() -> None:
    told = money("payment_intent.canceled", status="canceled", cancellation_reason="abandoned")
    assert told.decline
    assert told.decline.raw_code == "canceled abandoned"


@pytest.mark.parametrize("kind", ["payment_intent.created", "charge.succeeded", "payout.paid", "new.kind"])
def test_what_we_do_not_use_is_ignored(kind: str) -> None:
    assert receive(event(kind, INTENT)) == Ignored("stripe", kind, "evt_1")


def test_an_intent_that_is_not_ours_is_ignored() -> None:
    told = receive(event("payment_intent.succeeded", {**INTENT, "metadata": {}}))
    assert isinstance(told, Ignored)


@pytest.mark.parametrize(
    ("kind", "status", "paid", "expected"),
    [
        ("completed", "complete", "paid", AttemptEvent.APPROVED),
        ("completed", "complete", "unpaid", AttemptEvent.PENDING),
        ("async_payment_succeeded", "complete", "paid", AttemptEvent.APPROVED),
        ("expired", "expired", "unpaid", AttemptEvent.CLOSED),
    ],
)
def test_the_page_of_a_link_says_how_it_ended(
    kind: str, status: str, paid: str, expected: AttemptEvent
) -> None:
    session = {
        "id": "cs_1",
        "object": "checkout.session",
        "status": status,
        "payment_status": paid,
        "amount_total": 12336,
        "currency": "gbp",
        "livemode": False,
        "payment_intent": "pi_1",
        "metadata": {"attempt": "att_1"},
    }
    told = receive(event(f"checkout.session.{kind}", session))
    assert isinstance(told, MoneyEvidence)
    assert (told.event, told.our_ref, told.event_id) == (expected, "att_1", "evt_1")
    assert (told.amount, told.provider_ids) == (Money(12336, "GBP"), {"payment_intent": "pi_1"})
    foreign = receive(event(f"checkout.session.{kind}", {**session, "metadata": {}}))
    assert isinstance(foreign, Ignored)


@pytest.mark.parametrize(
    ("live_event", "key"), [(True, "sk_test_1"), (False, "sk_live_1"), (False, "rk_live_1")]
)
def test_the_other_mode_is_refused(live_event: bool, key: str) -> None:
    body = event("payment_intent.succeeded", INTENT, livemode=live_event)
    config = StripeConfig(secret_key=key, webhook_secrets=(SECRET,))
    with pytest.raises(Rejected) as refused:
        receive(body, config=config)
    assert refused.value.vendor_code == "wrong_mode"


def test_an_event_of_a_connected_account_is_refused() -> None:
    body = event("payment_intent.succeeded", INTENT, account="acct_somebody_else")
    with pytest.raises(Rejected) as refused:
        receive(body)
    assert refused.value.vendor_code == "wrong_account"


@pytest.mark.parametrize(
    "body",
    [b"", b"no", b"{}", b"[]", b'{"id": 1}', event("payment_intent.succeeded", {"id": "pi_1"}), b"\xff"],
)
def test_a_signed_body_that_cannot_be_read_is_refused(body: bytes) -> None:
    at = int(time.time())
    made = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    with pytest.raises(Rejected):
        receive(body, f"t={at},v1={made}")


# ---------------------------------------------------------------- from the sandbox
@pytest.fixture
def posted(sim: httpx.Client, receiver: Receiver) -> Receiver:
    """Have the sandbox post its events to the receiver."""
    sim.post("/_sim/config", json={"stripe_webhook_url": f"{receiver.url}/stripe"}).raise_for_status()
    return receiver


@pytest.fixture
def forged(sim: httpx.Client) -> None:
    """Have the next success signed by somebody else."""
    fault = {"kind": "callback_bad_signature", "face": "stripe", "route": "payment_intent.succeeded"}
    sim.post("/_sim/faults", json=fault).raise_for_status()


def is_about(kind: str, attempt: str) -> Any:
    def wanted(post: Post) -> bool:
        if post.path != "/stripe":
            return False
        found = json.loads(post.body)
        return bool(found["type"] == kind and found["data"]["object"]["metadata"].get("attempt") == attempt)

    return wanted


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("card", "kind", "expected"),
    [
        ("visa-approves", "payment_intent.succeeded", AttemptEvent.APPROVED),
        ("visa-declines", "payment_intent.payment_failed", AttemptEvent.DECLINED),
        ("visa-late", "payment_intent.processing", AttemptEvent.PENDING),
        ("visa-late", "payment_intent.succeeded", AttemptEvent.APPROVED),
        ("visa-needs-3ds", "payment_intent.payment_failed", AttemptEvent.DECLINED),
    ],
)
async def test_a_webhook_says_what_the_reply_said(
    card: str,
    kind: str,
    expected: AttemptEvent,
    caller: Caller,
    posted: Receiver,
    stripe_config: StripeConfig,
) -> None:
    charge = await a_charge(caller, card)
    port = StripeProcessor(stripe_config)
    reply = await port.charge(charge)
    await port.aclose()
    post = posted.wait_for(is_about(kind, charge.attempt_id))
    (told,) = StripeWebhooks(stripe_config).receive(RawWebhook(posted.url, post.headers, post.body))
    assert isinstance(told, MoneyEvidence)
    assert (told.event, told.our_ref, told.amount) == (expected, charge.attempt_id, charge.amount)
    assert told.provider_ids["payment_intent"] == reply.provider_ids["payment_intent"]
    if expected is AttemptEvent.DECLINED:
        assert told.decline == reply.decline


@pytest.mark.anyio
async def test_a_forged_webhook_of_the_sandbox_is_not_read(
    caller: Caller, posted: Receiver, forged: None, stripe_config: StripeConfig
) -> None:
    charge = await a_charge(caller)
    port = StripeProcessor(stripe_config)
    await port.charge(charge)
    await port.aclose()
    post = posted.wait_for(is_about("payment_intent.succeeded", charge.attempt_id))
    with pytest.raises(BadSignature):
        StripeWebhooks(stripe_config).receive(RawWebhook(posted.url, post.headers, post.body))
