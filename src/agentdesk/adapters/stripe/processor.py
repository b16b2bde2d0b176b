"""Charging a token at Stripe, and asking what became of it."""

import re
from collections.abc import Sequence
from datetime import timedelta

from pydantic import BaseModel

from agentdesk.adapters.base import (
    Charge,
    Find,
    FindRefund,
    Health,
    MoneyEvidence,
    Refund,
    RefundEvidence,
    Rejected,
)
from agentdesk.adapters.http import Response
from agentdesk.adapters.stripe import refunds
from agentdesk.adapters.stripe.config import StripeConfig
from agentdesk.adapters.stripe.intent import NAME, PaymentIntent, evidence
from agentdesk.adapters.stripe.replies import (
    Refusal,
    asked,
    client,
    event_id,
    failure,
    read,
    refusal_of,
)
from agentdesk.domain.payment import AttemptEvent

_INTENTS = "/v1/payment_intents"
_EXPAND_ONE = [("expand[]", "latest_charge")]
_EXPAND_LIST = [("expand[]", "data.latest_charge")]
#: How far our clock may be from Stripe's; their webhooks are refused beyond the same.
_CLOCK_SKEW = timedelta(minutes=5)
_PAGE = "100"
_ID = re.compile(r"(pi|ch)_[A-Za-z0-9_]{1,70}")


class Page(BaseModel):
    """One page of a list or of a search."""

    data: list[PaymentIntent]
    has_more: bool = False


class OfIntent(BaseModel):
    """A charge, reduced to the payment intent it belongs to."""

    payment_intent: str


class StripeProcessor:
    """ProcessorPort on Stripe's payment intents.

    `find_lag` needs to cover only a request that Stripe was still executing when we gave up on it (their
    own client waits 80 s): the list that `find` reads is consistent. The search index is not (minutes, an
    hour on a bad day), which is why it is asked second and never alone.
    """

    Config = StripeConfig
    name = NAME
    find_lag = timedelta(minutes=2)

    def __init__(self, config: StripeConfig) -> None:
        self._http = client(config)
        self.live = config.live

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def charge(self, request: Charge) -> MoneyEvidence:
        """Charge the token once. A decline is returned, not raised.

        Raises NotSent, Rejected (nothing happened), RateLimited or OutcomeUnknown.
        """
        if request.token.provider != NAME:
            raise Rejected(f"{NAME}: the token is one of {request.token.provider}")
        response = await self._http.send(
            "POST", _INTENTS, form=_form(request), headers={"Idempotency-Key": request.idempotency_key}
        )
        if response.is_success:
            intent = read(PaymentIntent, response)
            return evidence(intent, "reply", event_id(response, intent.id))
        if response.status_code == 402 and (error := refusal_of(response)).type is not None:
            return _declined(error, response)
        raise failure(response)

    async def find(self, query: Find) -> Sequence[MoneyEvidence]:
        """Return what Stripe knows of the attempt, newest first; empty where it knows nothing (yet)."""
        if query.reference is not None:
            return [await self._named(query.reference)]
        if known := query.provider_ids.get("payment_intent"):
            response = await asked(self._http, f"{_INTENTS}/{known}", _EXPAND_ONE)
            found = [read(PaymentIntent, response)]
            return [evidence(intent, "lookup", event_id(response, intent.id)) for intent in found]
        return await self._listed(query) or await self._searched(query)

    async def refund(self, request: Refund) -> RefundEvidence:
        """Give money back once. One that fails at once is returned, not raised; raises as `charge` does."""
        return await refunds.refund(self._http, request, live=self.live)

    async def find_refund(self, query: FindRefund) -> Sequence[RefundEvidence]:
        """Return what Stripe knows of the refund; empty where it knows nothing."""
        return await refunds.find(self._http, query, live=self.live)

    async def check(self) -> Health:
        """Say whether the account answers what `find` asks."""
        return await self._http.health(_INTENTS, [("limit", "1")])

    async def _named(self, reference: str) -> MoneyEvidence:
        """Look at the one charge whose id a person read at Stripe. Raises Rejected where there is none."""
        kind = _ID.fullmatch(reference)
        if kind is None:
            raise Rejected(f"{NAME}: not an id of a charge")
        if kind[1] == "ch":
            reference = read(OfIntent, await asked(self._http, f"/v1/charges/{reference}", [])).payment_intent
        response = await asked(self._http, f"{_INTENTS}/{reference}", _EXPAND_ONE)
        intent = read(PaymentIntent, response)
        return evidence(intent, "lookup", event_id(response, intent.id))

    async def _listed(self, query: Find) -> list[MoneyEvidence]:
        """Go through every intent since the charge was sent; there may be two of ours, so none is skipped."""
        since = int((query.sent_at - _CLOCK_SKEW).timestamp())
        params = [("created[gte]", str(since)), ("limit", _PAGE), *_EXPAND_LIST]
        found: list[MoneyEvidence] = []
        after: list[tuple[str, str]] = []
        while True:
            response = await asked(self._http, _INTENTS, [*params, *after])
            page = read(Page, response)
            found += _ours(page, query.attempt_id, response)
            if not (page.has_more and page.data):
                return found
            after = [("starting_after", page.data[-1].id)]

    async def _searched(self, query: Find) -> list[MoneyEvidence]:
        """Ask by our attempt id, whatever the clocks say."""
        params = [("query", f"metadata['attempt']:'{query.attempt_id}'"), *_EXPAND_LIST]
        response = await asked(self._http, f"{_INTENTS}/search", params)
        return _ours(read(Page, response), query.attempt_id, response)


def _form(request: Charge) -> dict[str, str]:
    return (
        _of_customer(request)
        | _where_its_holder_is(request)
        | {
            "amount": str(request.amount.minor),
            "currency": request.amount.currency.lower(),
            "payment_method": request.token.value,
            "confirm": "true",
            # fails instead of waiting for a cardholder on the phone or away who cannot see a bank's page
            "error_on_requires_action": "true",
            "automatic_payment_methods[enabled]": "true",
            "automatic_payment_methods[allow_redirects]": "never",
            "description": request.description,
            "metadata[attempt]": request.attempt_id,
            "metadata[reference]": request.reference,
            "expand[]": "latest_charge",
        }
    )


def _where_its_holder_is(request: Charge) -> dict[str, str]:
    """Say whether this is an order by telephone, or was agreed before and is charged later: never both."""
    return {"off_session": "true"} if request.holder_away else {"payment_method_options[card][moto]": "true"}


def _of_customer(request: Charge) -> dict[str, str]:
    """Name whom a kept card belongs to; a new one can be kept only where its charge said so.

    With the telephone flag Stripe takes `off_session` and no other use.
    """
    owner = {"customer": request.token.customer} if request.token.customer else {}
    return owner | ({"setup_future_usage": "off_session"} if request.keep else {})


def _declined(error: Refusal, response: Response) -> MoneyEvidence:
    """Return what the intent in the refusal says; one without it is of the card we sent, and says no more."""
    if intent := error.payment_intent:
        return evidence(intent, "reply", event_id(response, intent.id))
    seen = event_id(response, None)
    return MoneyEvidence(AttemptEvent.DECLINED, NAME, "reply", seen, decline=error.decline())


def _ours(page: Page, attempt_id: str, response: Response) -> list[MoneyEvidence]:
    ours = [intent for intent in page.data if intent.attempt == attempt_id]
    return [evidence(intent, "lookup", event_id(response, intent.id)) for intent in ours]
