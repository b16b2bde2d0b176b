"""Giving money back at Stripe, and asking what became of it."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, Field

from agentdesk.adapters import base
from agentdesk.adapters.base import FindRefund, RefundedTotal, RefundEvidence, Rejected, SeenVia
from agentdesk.adapters.http import Response, VendorHttp
from agentdesk.adapters.stripe.intent import NAME
from agentdesk.adapters.stripe.replies import asked, event_id, failure, read
from agentdesk.domain.money import Money
from agentdesk.domain.refund import RefundEvent
from agentdesk.i18n import N_, _

_REFUNDS = "/v1/refunds"
_PAGE = "100"
#: Source: the statuses and `failure_reason` of the refund object, docs.stripe.com/api/refunds/object. What is
#: `requires_action` waits for the customer.
_EVENTS = {
    "pending": RefundEvent.PENDING,
    "requires_action": RefundEvent.PENDING,
    "succeeded": RefundEvent.DONE,
    "failed": RefundEvent.FAILED,
    "canceled": RefundEvent.FAILED,
}
_NO_REASON = N_("the bank gave no reason")
_REASONS = {
    "lost_or_stolen_card": N_("the card can no longer take money"),
    "expired_or_canceled_card": N_("the card is closed or out of date"),
    "charge_for_pending_refund_disputed": N_("the customer disputes the payment at the bank"),
    "insufficient_funds": N_("our account at the provider holds too little"),
    "declined": N_("the customer’s bank refused it"),
    "merchant_request": N_("it was stopped at our own request"),
}


class Refund(BaseModel):
    """A refund, reduced to what we use."""

    id: str
    amount: int
    currency: str = Field(pattern="^[a-z]{3}$")
    status: str | None = None
    failure_reason: str | None = None
    metadata: dict[str, str] | None = None

    @property
    def ours(self) -> str | None:
        """The refund id we stored; None where the refund is not ours."""
        return (self.metadata or {}).get("refund")


class RefundedCharge(BaseModel):
    """A charge of which something was refunded; its metadata are those of its payment intent.

    `amount_refunded` has a refund from its creation on, and no more once it failed: that money is back with
    us (docs.stripe.com/refunds#failed-refunds) and can be refunded anew.
    """

    amount_refunded: int
    currency: str = Field(pattern="^[a-z]{3}$")
    metadata: dict[str, str] = Field(default_factory=dict)


class Page(BaseModel):
    """One page of a list."""

    data: list[Refund]
    has_more: bool = False


async def refund(http: VendorHttp, request: base.Refund, *, live: bool) -> RefundEvidence:
    """Give money back once. Raises NotSent, Rejected (nothing happened), RateLimited or OutcomeUnknown.

    A refund does not tell its mode: it is `live` as the key that it is made and seen with.
    """
    form = {
        "payment_intent": _charged(request.charge_ids),
        "amount": str(request.amount.minor),
        "metadata[refund]": request.refund_id,
        "metadata[reference]": request.reference,
    }
    response = await http.send(
        "POST", _REFUNDS, form=form, headers={"Idempotency-Key": request.idempotency_key}
    )
    if not response.is_success:
        raise failure(response)
    return _seen(response, read(Refund, response), "reply", live)


async def find(http: VendorHttp, query: FindRefund, *, live: bool) -> list[RefundEvidence]:
    """Return what Stripe knows of the refund: by its id where we know it, else among those of its charge.

    The list is consistent. Our reference may be on two, which is the worst that can happen, so none is
    skipped.
    """
    if known := query.provider_ids.get("refund"):
        response = await asked(http, f"{_REFUNDS}/{known}", [])
        return [_seen(response, read(Refund, response), "lookup", live)]
    params = [("payment_intent", _charged(query.charge_ids)), ("limit", _PAGE)]
    found: list[RefundEvidence] = []
    after: list[tuple[str, str]] = []
    while True:
        response = await asked(http, _REFUNDS, [*params, *after])
        page = read(Page, response)
        found += [_seen(response, one, "lookup", live) for one in page.data if one.ours == query.refund_id]
        if not (page.has_more and page.data):
            return found
        after = [("starting_after", page.data[-1].id)]


def evidence(refund: Refund, seen_via: SeenVia, event_id: str, live: bool) -> RefundEvidence:
    """Return the evidence in a refund; a status that is new to us is not decided yet."""
    event = _EVENTS.get(refund.status or "", RefundEvent.PENDING)
    failed = event is RefundEvent.FAILED
    return RefundEvidence(
        event=event,
        provider=NAME,
        seen_via=seen_via,
        event_id=event_id,
        our_ref=refund.ours,
        provider_ids={"refund": refund.id},
        amount=Money(refund.amount, refund.currency.upper()),
        reason=_(_REASONS.get(refund.failure_reason or "", _NO_REASON)) if failed else None,
        live=live,
    )


def total(charge: RefundedCharge, event_id: str, at: datetime) -> RefundedTotal | None:
    """Return what was refunded of a charge in all; None where the charge is not ours."""
    attempt_id = charge.metadata.get("attempt")
    if attempt_id is None:
        return None
    amount = Money(charge.amount_refunded, charge.currency.upper())
    return RefundedTotal(NAME, event_id, attempt_id, amount, at)


def _charged(charge_ids: Mapping[str, str]) -> str:
    if "payment_intent" not in charge_ids:
        raise Rejected(f"{NAME}: the charge is not known by its payment intent", vendor_code="no_charge")
    return charge_ids["payment_intent"]


def _seen(response: Response, refund: Refund, seen_via: SeenVia, live: bool) -> RefundEvidence:
    return evidence(refund, seen_via, event_id(response, refund.id), live)
