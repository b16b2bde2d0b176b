"""Events on their way to the merchant: signed, retried, doubled, lost, out of order."""

import json
from typing import Any

import pytest
import stripe

from agentdesk.sandbox.stripe_events import signature
from tests.receiver import Post, Receiver
from tests.sandbox.merchant import Merchant
from tests.sandbox.vendor import shared


@pytest.fixture
def shop(merchant: Merchant, receiver: Receiver) -> Merchant:
    """Give a merchant whose events go to the receiver."""
    config = {"stripe_webhook_url": f"{receiver.url}/stripe"}
    merchant.sim.post("/_sim/config", json=config).raise_for_status()
    return merchant


def kind(post: Post) -> str:
    """Return the type of the event that was posted."""
    return str(json.loads(post.body)["type"])


def about(post: Post, intent: str, wanted: str = "payment_intent.succeeded") -> bool:
    """Say whether a post tells this of a payment intent."""
    event = json.loads(post.body)
    return bool(event["type"] == wanted and event["data"]["object"]["id"] == intent)


def fault(shop: Merchant, what: str, event: str = "payment_intent.succeeded", **how: Any) -> None:
    """Arm a fault for an event, that of a success unless told otherwise."""
    body = {"kind": what, "face": "stripe", "route": event, **how}
    shop.sim.post("/_sim/faults", json=body).raise_for_status()


def read(shop: Merchant, post: Post, secret: str | None = None) -> stripe.Event:
    """Read a post as the official SDK does: the signature first."""
    key = secret or shop.sandbox.ready["stripe_webhook_secret"]
    return stripe.Webhook.construct_event(post.body, post.headers["stripe-signature"], key)


def test_a_success_is_told_with_a_signature_the_sdk_accepts(shop: Merchant, receiver: Receiver) -> None:
    paid = shop.charge(metadata={"attempt": "a"})
    event = read(shop, receiver.wait_for(lambda post: about(post, paid.id)))
    assert (event.type, event.data.object["metadata"]["attempt"]) == ("payment_intent.succeeded", "a")
    assert event.request and event.request.id and event.request.id.startswith("req_")
    assert shop.v1.events.retrieve(event.id).data.object["id"] == paid.id
    assert [e.id for e in shop.v1.events.list({"type": "payment_intent.succeeded", "limit": 1}).data] == [
        event.id
    ]


def test_the_signature_is_the_vendors_vector() -> None:
    vectors = json.loads(shared("reference/signature-vectors.json").read_text(encoding="utf-8"))
    (vector,) = [row for row in vectors if row["psp"] == "stripe"]
    made = signature(vector["secret"], vector["timestamp"], vector["body"].encode())
    assert made == vector["header_value"]


def test_a_refused_event_is_sent_again(shop: Merchant, receiver: Receiver) -> None:
    receiver.status = 500
    paid = shop.charge()
    first = receiver.wait_for(lambda post: about(post, paid.id))
    receiver.status = 200
    second = receiver.wait_for(lambda post: about(post, paid.id), count=2)
    assert first.body == second.body
    assert read(shop, first).id == read(shop, second).id


def test_an_event_can_come_twice(shop: Merchant, receiver: Receiver) -> None:
    fault(shop, "callback_duplicate")
    paid = shop.charge()
    receiver.wait_for(lambda post: about(post, paid.id), count=2)


def test_an_event_can_come_late_and_out_of_order(shop: Merchant, receiver: Receiver) -> None:
    first, next_one = "payment_intent.created", "payment_intent.succeeded"  # by one request
    fault(shop, "callback_late", first, delay_s=5)
    paid = shop.charge()
    receiver.wait_for(lambda post: about(post, paid.id, first))
    told = [kind(post) for post in receiver.posts if json.loads(post.body)["data"]["object"]["id"] == paid.id]
    assert told == [next_one, first]


def test_a_lost_event_can_still_be_listed(shop: Merchant, receiver: Receiver) -> None:
    fault(shop, "callback_lost")
    paid = shop.charge()
    receiver.wait_for(lambda post: about(post, paid.id, "payment_intent.created"))
    shop.charge()
    receiver.wait_for(lambda post: kind(post) == "payment_intent.succeeded")
    assert not any(about(post, paid.id) for post in receiver.posts)
    assert "payment_intent.succeeded" in shop.event_types(paid.id)


def test_a_forged_event_is_recognised(shop: Merchant, receiver: Receiver) -> None:
    fault(shop, "callback_bad_signature")
    paid = shop.charge()
    post = receiver.wait_for(lambda post: about(post, paid.id))
    with pytest.raises(stripe.SignatureVerificationError):
        read(shop, post)


def test_an_event_can_come_before_the_reply(shop: Merchant, receiver: Receiver) -> None:
    route = "POST /v1/payment_intents"
    body = {"kind": "callback_before_reply", "face": "stripe", "route": route}
    shop.sim.post("/_sim/faults", json=body).raise_for_status()
    paid = shop.charge()
    assert any(about(post, paid.id) for post in receiver.posts)


def test_an_endpoint_can_be_registered_for_some_events(merchant: Merchant, receiver: Receiver) -> None:
    params: Any = {"url": f"{receiver.url}/own", "enabled_events": ["charge.failed"]}
    endpoint = merchant.v1.webhook_endpoints.create(params)
    with pytest.raises(stripe.CardError):
        merchant.charge("visa-declines")
    post = receiver.wait_for(lambda post: post.path == "/own")
    assert read(merchant, post, endpoint.secret).type == "charge.failed"
    merchant.v1.webhook_endpoints.delete(endpoint.id)
    assert merchant.v1.webhook_endpoints.list().data == []


def test_events_go_to_this_computer_only(merchant: Merchant) -> None:
    params: Any = {"url": "https://example.com/hook", "enabled_events": ["*"]}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        merchant.v1.webhook_endpoints.create(params)
    assert caught.value.param == "url"
