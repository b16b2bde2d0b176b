"""Stripe's signed events, turned into evidence."""

import hashlib
import hmac
import re
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from agentdesk.adapters.base import BadSignature, Evidence, Ignored, RawWebhook, Rejected
from agentdesk.adapters.stripe import checkout, refunds
from agentdesk.adapters.stripe.config import StripeConfig
from agentdesk.adapters.stripe.intent import NAME, PaymentIntent, evidence

TOLERANCE_S = 300
_UNIX_TIME = re.compile(r"[0-9]{1,12}\Z")
#: What an intent's snapshot in any other event shows is not decided yet.
_KINDS = frozenset(
    f"payment_intent.{kind}"
    for kind in (
        "succeeded",
        "payment_failed",
        "processing",
        "requires_action",
        "amount_capturable_updated",
        "canceled",
    )
)
#: `charge.refund.updated` is what accounts of an older version hear in place of the other three.
_REFUND_KINDS = frozenset(("refund.created", "refund.updated", "refund.failed", "charge.refund.updated"))
_TOTAL = "charge.refunded"
#: How the page of a payment link ended. What ends later, after a bank's long thought, is seen as pending.
_PAGES = frozenset(
    f"checkout.session.{kind}"
    for kind in ("completed", "expired", "async_payment_succeeded", "async_payment_failed")
)


class EventData(BaseModel):
    """What an event is about, as it was at that moment."""

    object: dict[str, Any]


class Event(BaseModel):
    """The envelope of every event."""

    id: str
    type: str
    created: int
    livemode: bool
    account: str | None = None  # only where it is of a connected account
    data: EventData


class StripeWebhooks:
    """WebhookPort for a Stripe endpoint."""

    Config = StripeConfig
    name = NAME

    def __init__(self, config: StripeConfig) -> None:
        self._live = config.live
        self._secrets = [secret.get_secret_value() for secret in config.webhook_secrets]

    def receive(self, raw: RawWebhook) -> Sequence[Evidence]:
        """Verify on the raw bytes, then read.

        Raises BadSignature, or Rejected for an unreadable body and, with the code `wrong_mode`, for a test
        event at the live side or the reverse, with `wrong_account` for one of a connected account: we charge
        on our own only. What is not of an attempt or a refund of ours is ignored.
        """
        if not is_signed(raw.headers.get("stripe-signature", ""), raw.body, self._secrets, time.time()):
            raise BadSignature(NAME)
        try:
            event = Event.model_validate_json(raw.body)
            if event.livemode is not self._live:
                raise Rejected(f"{NAME}: event {event.id} is of the other mode", vendor_code="wrong_mode")
            if event.account is not None:
                raise Rejected(f"{NAME}: event {event.id} is of {event.account}", vendor_code="wrong_account")
            return [_read(event)]
        except ValidationError as error:
            raise Rejected(f"{NAME}: the body is not an event we can read") from error


def is_signed(header: str, body: bytes, secrets: Iterable[str], at: float) -> bool:
    """Say whether one of the secrets signed the body within the tolerance of `at` (seconds since 1970).

    `t=<unix>,v1=<hex>[,v1=…]`: any v1 may match, for Stripe signs with two while a secret is rolled.
    """
    items = [item.partition("=") for item in header.split(",")]
    stamp = next((value for name, _, value in items if name == "t"), "")
    if not _UNIX_TIME.match(stamp) or abs(at - int(stamp)) > TOLERANCE_S:
        return False
    given = [value for name, _, value in items if name == "v1"]
    made = [hmac.new(s.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest() for s in secrets]
    return any(hmac.compare_digest(m.encode(), g.encode()) for m in made for g in given)


def _read(event: Event) -> Evidence:
    found: Evidence | None = None
    if event.type in _KINDS:
        found = _intent(event)
    elif event.type in _PAGES:
        found = _page(event)
    elif event.type in _REFUND_KINDS:
        found = _refund(event)
    elif event.type == _TOTAL:
        charge = refunds.RefundedCharge.model_validate(event.data.object)
        found = refunds.total(charge, event.id, datetime.fromtimestamp(event.created, UTC))
    return found or Ignored(NAME, event.type, event.id)


def _intent(event: Event) -> Evidence | None:
    intent = PaymentIntent.model_validate(event.data.object)
    if intent.attempt is None:
        return None
    return evidence(intent, "webhook", event.id, datetime.fromtimestamp(event.created, UTC))


def _page(event: Event) -> Evidence | None:
    session = checkout.Session.model_validate(event.data.object)
    if session.attempt is None:
        return None
    at = datetime.fromtimestamp(event.created, UTC)
    return next(iter(checkout.evidence(session, "webhook", event.id, at)), None)


def _refund(event: Event) -> Evidence | None:
    """Return the evidence; one made elsewhere shows in the total of its charge."""
    refund = refunds.Refund.model_validate(event.data.object)
    return refunds.evidence(refund, "webhook", event.id, event.livemode) if refund.ours else None
