"""Saved cards: payment methods attached to a customer of the Stripe account.

Stripe's way for an order by telephone (docs.stripe.com/payments/payment-intents/moto): the charge says
`setup_future_usage=off_session`, and once it was approved its payment method may be attached. Without that
word a payment method is used up by its charge.
"""

from collections.abc import Mapping

from pydantic import BaseModel, Field

from agentdesk.adapters.base import Misconfigured, Rejected, TokenRef
from agentdesk.adapters.cards import KeptCard
from agentdesk.adapters.http import Response
from agentdesk.adapters.stripe.config import StripeConfig
from agentdesk.adapters.stripe.intent import NAME
from agentdesk.adapters.stripe.replies import asked, client, failure, read, refusal_of
from agentdesk.domain.card import CardSummary

_CUSTOMERS = "/v1/customers"
_METHODS = "/v1/payment_methods"
_MISSING = "resource_missing"


class Card(BaseModel):
    """What a payment method shows of its card."""

    brand: str | None = None
    last4: str | None = Field(default=None, pattern="^[0-9]{4}$")
    exp_month: int | None = None
    exp_year: int | None = None


class Method(BaseModel):
    """A payment method; `customer` None: it is kept for nobody."""

    id: str
    customer: str | None = None
    livemode: bool
    card: Card | None = None


class OfIntent(BaseModel):
    """A payment intent, reduced to what paid it."""

    payment_method: str | None = None


class Customer(BaseModel):
    """A customer, reduced to its id."""

    id: str


class StripeCards:
    """CardPort on Stripe's customers and payment methods."""

    Config = StripeConfig
    name = NAME

    def __init__(self, config: StripeConfig) -> None:
        self._http = client(config)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def token_of(self, charge_ids: Mapping[str, str]) -> TokenRef:
        """Return the token of the card that was charged. Raises VendorError."""
        intent_id = charge_ids.get("payment_intent")
        if intent_id is None:
            raise Rejected(f"{NAME}: the charge is not known by its payment intent", vendor_code="no_charge")
        intent = read(OfIntent, await asked(self._http, f"/v1/payment_intents/{intent_id}", []))
        if intent.payment_method is None:
            raise Rejected(f"{NAME}: {intent_id} names no payment method", vendor_code="no_card")
        return TokenRef(NAME, intent.payment_method)

    async def open_customer(self, customer_id: str, *, key: str) -> str:
        """Make a customer that holds our id and nothing else of the person."""
        form = {"metadata[customer]": customer_id}
        response = await self._http.send("POST", _CUSTOMERS, form=form, headers={"Idempotency-Key": key})
        if not response.is_success:
            raise failure(response)
        return read(Customer, response).id

    async def keep(self, token: TokenRef, *, key: str) -> KeptCard:
        """Attach the payment method to the token's customer, unless it is attached to them already."""
        if (kept := await self.find(token)) is not None:
            return kept
        response = await self._http.send(
            "POST",
            f"{_METHODS}/{token.value}/attach",
            form={"customer": token.customer or ""},
            headers={"Idempotency-Key": key},
        )
        if response.status_code == 402 and refusal_of(response).type is not None:
            raise Rejected(f"{NAME}: the bank refused", vendor_code=refusal_of(response).code)
        if not response.is_success:
            raise failure(response)
        return _kept(read(Method, response), token)

    async def find(self, token: TokenRef) -> KeptCard | None:
        """Return the card as it is kept now; None where it is not kept for the token's customer."""
        response = await self._http.send("GET", f"{_METHODS}/{token.value}")
        if _is_missing(response):
            return None
        if not response.is_success:
            raise failure(response)
        method = read(Method, response)
        return _kept(method, token) if method.customer == token.customer else None

    async def let_go(self, token: TokenRef) -> None:
        """Detach the payment method. One that is not kept is no error.

        Without an idempotency key: a reply that is repeated would say nothing of a card attached since.
        """
        response = await self._http.send("POST", f"{_METHODS}/{token.value}/detach")
        if response.is_success or _is_missing(response):
            return
        error = failure(response)
        if not isinstance(error, Rejected) or isinstance(error, Misconfigured):
            raise error
        if await self.find(token) is not None:
            raise error


def _is_missing(response: Response) -> bool:
    return response.status_code == 404 and refusal_of(response).code == _MISSING


def _kept(method: Method, token: TokenRef) -> KeptCard:
    card = method.card or Card()
    shown = CardSummary(card.brand, card.last4, card.exp_month, card.exp_year)
    return KeptCard(token, shown, method.livemode)
