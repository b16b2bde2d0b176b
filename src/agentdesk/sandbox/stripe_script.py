"""The script API of the Stripe face: pay a link as its customer, read back what was charged, pay out."""

from typing import Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel

from agentdesk.sandbox import cards, stripe_payments, stripe_settlement
from agentdesk.sandbox.pay_page import state_of
from agentdesk.sandbox.stripe_account import Account
from agentdesk.sandbox.stripe_checkout import Checkout
from agentdesk.sandbox.stripe_errors import StripeError
from agentdesk.sandbox.stripe_store import Obj


class Customer(BaseModel):
    """Who pays a link: the card by its name and the answer to the bank, should it ask."""

    card: str
    bank: Literal["approve", "refuse", "ignore"] = "approve"


class Held(BaseModel):
    """The card to make a token of, by its name."""

    card: str


class Charge(BaseModel):
    """One charge as evidence; amounts in minor units."""

    id: str
    payment_intent: str
    amount: int
    amount_captured: int
    amount_refunded: int
    currency: str
    status: str
    captured: bool
    refunded: bool
    description: str | None
    metadata: dict[str, str]
    payment_method: str
    brand: str
    last4: str
    created: int


class Refund(BaseModel):
    """One refund as evidence; the amount in minor units."""

    id: str
    charge: str
    amount: int
    status: str
    metadata: dict[str, str]


class KeptCard(BaseModel):
    """One payment method that is kept with a customer, whose metadata is told with it."""

    id: str
    customer: str
    metadata: dict[str, str]


def router(checkout: Checkout) -> APIRouter:
    """Return the routes under /_sim that concern Stripe."""
    routes, account = APIRouter(prefix="/_sim"), checkout.account

    @routes.get("/charges")
    async def charges(attempt: str = "") -> list[Charge]:
        rows = account.store.newest("charge")
        return [_evidence(row) for row in rows if attempt in ("", row["metadata"].get("attempt"))]

    @routes.get("/refunds")
    async def refunds() -> list[Refund]:
        return [Refund.model_validate(row) for row in account.store.newest("refund")]

    @routes.get("/kept-cards")
    async def kept_cards() -> list[KeptCard]:
        return [_kept(account, row) for row in account.store.newest("payment_method") if row["customer"]]

    @routes.post("/tokens", status_code=201)
    async def token(held: Held) -> dict[str, str]:
        return {"payment_method": _token(checkout, held.card)}

    @routes.post("/links/{session_id}/pay")
    async def pay(session_id: str, customer: Customer) -> dict[str, str]:
        try:
            message = pay_as(checkout, session_id, customer)
        except StripeError as error:
            raise HTTPException(error.status, str(error)) from error
        return {"state": state_of(checkout, session_id), "message": message}

    @routes.post("/links/{session_id}/expire")
    async def expire(session_id: str) -> dict[str, str]:
        try:
            checkout.expire(account, {}, session_id)
        except StripeError as error:
            raise HTTPException(error.status, str(error)) from error
        return {"state": state_of(checkout, session_id)}

    @routes.post("/payouts")
    async def payouts() -> list[Obj]:
        return stripe_settlement.pay_out(account)

    return routes


def _evidence(row: Obj) -> Charge:
    card = row["payment_method_details"]["card"]
    return Charge.model_validate({**row, "brand": card["brand"], "last4": card["last4"]})


def _kept(account: Account, row: Obj) -> KeptCard:
    owner = account.store.get("customer", row["customer"])
    return KeptCard(id=row["id"], customer=owner["id"], metadata=owner["metadata"])


def _token(checkout: Checkout, name: str) -> str:
    try:
        card = cards.by_name(name)
    except KeyError as error:
        raise HTTPException(422, f"no card is called {name!r}") from error
    return checkout.account.box.vault.keep(card, card.expiry, card.cvc).token


def pay_as(checkout: Checkout, session_id: str, customer: Customer) -> str:
    """Pay as the customer would on the page; return the decline's words, "" when there was none."""
    account, token = checkout.account, _token(checkout, customer.card)
    try:
        intent = checkout.pay(session_id, token)
        if intent["status"] == "requires_action" and customer.bank != "ignore":
            stripe_payments.authenticate(account, intent["id"], customer.bank == "approve")
    except StripeError as error:
        if error.status != 402:
            raise
        return str(error)
    return ""
