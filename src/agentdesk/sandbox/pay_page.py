"""The hosted pay page: the merchant's page on one origin, the card fields and the bank on another."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_datetime
from babel.numbers import format_currency
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel

from agentdesk.sandbox import cards, stripe_payments
from agentdesk.sandbox.stripe_checkout import Checkout
from agentdesk.sandbox.stripe_errors import StripeError
from agentdesk.sandbox.stripe_objects import ZERO_DECIMAL
from agentdesk.sandbox.stripe_store import Obj
from agentdesk.sandbox.web import page

LOCALE = "en_GB"


class Token(BaseModel):
    """What the frame gives the page."""

    payment_method: str


class Answer(BaseModel):
    """What the cardholder says to the bank."""

    agrees: bool


def words(amount: int, currency: str) -> str:
    """Write minor units as a person reads them."""
    exponent = 0 if currency in ZERO_DECIMAL else 2
    return str(format_currency(Decimal(amount).scaleb(-exponent), currency.upper(), locale=LOCALE))


def router(checkout: Checkout) -> APIRouter:
    """Return the pages of the main origin; there is no field for a card on any of them."""
    routes, account = APIRouter(), checkout.account

    @routes.get("/c/pay/{session_id}")
    async def show(session_id: str) -> HTMLResponse:
        if not account.store.has("checkout.session", session_id):
            return HTMLResponse("There is no such page.", 404)
        session = account.store.get("checkout.session", session_id)
        frame = account.box.frame_url
        return page("pay.html", f"frame-src {frame}; frame-ancestors 'none'", **_shown(checkout, session))

    @routes.post("/c/pay/{session_id}/confirm")
    async def confirm(session_id: str, token: Token) -> JSONResponse:
        try:
            checkout.pay(session_id, token.payment_method)
        except StripeError as error:
            if error.status != 402:
                return JSONResponse({"detail": str(error)}, error.status)
        return JSONResponse({"state": state_of(checkout, session_id)})

    return routes


def state_of(checkout: Checkout, session_id: str) -> str:
    """Return what the customer sees: open, challenge, processing, paid or expired."""
    session = checkout.account.store.get("checkout.session", session_id)
    if session["status"] == "expired":
        return "expired"
    intent = checkout.intent_of(session_id)
    if session["status"] == "complete":
        return "processing" if intent and intent["status"] == "processing" else "paid"
    return "challenge" if intent and intent["status"] == "requires_action" else "open"


def _shown(checkout: Checkout, session: Obj) -> dict[str, Any]:
    box, intent = checkout.account.box, checkout.intent_of(session["id"])
    amount = words(session["amount_total"], session["currency"]) if session["currency"] else ""
    failure = (intent or {}).get("last_payment_error")
    return {
        "amount": amount,
        "bank_url": f"{box.frame_url}/frame/bank/{intent['id']}" if intent else "",
        "business": box.settings.business,
        "button": f"Pay {amount}" if amount else "Keep this card",
        "cancel_url": session["cancel_url"],
        "expires": _moment(session["expires_at"]),
        "fields_url": f"{box.frame_url}/frame/fields",
        "frame_url": box.frame_url,
        "keeps_card": session["mode"] == "setup",
        "lines": _lines(checkout, session),
        "next_page": (session["success_url"] or "").replace("{CHECKOUT_SESSION_ID}", session["id"]),
        "problem": failure["message"] if failure else "",
        "session_id": session["id"],
        "state": state_of(checkout, session["id"]),
    }


def _lines(checkout: Checkout, session: Obj) -> list[dict[str, str]]:
    items = checkout.line_items(checkout.account, {"limit": "100"}, session["id"])["data"]
    return [
        {"description": item["description"], "amount": words(item["amount_total"], item["currency"])}
        for item in reversed(items)
    ]


def _moment(at: int) -> str:
    moment = datetime.fromtimestamp(at, UTC).astimezone()
    return str(format_datetime(moment, "d MMMM y 'at' HH:mm", locale=LOCALE, tzinfo=moment.tzinfo))


def frame_router(checkout: Checkout) -> APIRouter:
    """Return the routes of the second origin: the card fields and the bank's question."""
    routes, box = APIRouter(prefix="/frame"), checkout.account.box

    @routes.get("/fields")
    async def fields() -> HTMLResponse:
        return page("fields.html", f"frame-ancestors {box.url}", parent=box.url)

    @routes.post("/tokens")
    async def tokens(request: Request) -> JSONResponse:
        try:
            card, expiry, cvc = read_card(json.loads(await request.body()), checkout.account.clock.now())
        except FieldProblem as problem:
            return JSONResponse({"field": problem.field, "message": str(problem)}, 422)
        except ValueError:
            return JSONResponse({"field": "number", "message": "That was not card data."}, 422)
        return JSONResponse({"payment_method": box.vault.keep(card, expiry, cvc).token}, 201)

    @routes.get("/bank/{intent_id}")
    async def ask(intent_id: str) -> HTMLResponse:
        if not checkout.account.store.has("payment_intent", intent_id):
            return HTMLResponse("There is nothing to answer here.", 404)
        return page("bank.html", f"frame-ancestors {box.url}", **_question(checkout, intent_id))

    @routes.post("/bank/{intent_id}")
    async def answer(intent_id: str, given: Answer) -> JSONResponse:
        try:
            intent = stripe_payments.authenticate(checkout.account, intent_id, given.agrees)
        except StripeError as error:
            return JSONResponse({"detail": str(error)}, 200 if error.status == 402 else error.status)
        return JSONResponse({"status": intent["status"]})

    return routes


def _question(checkout: Checkout, intent_id: str) -> dict[str, Any]:
    account = checkout.account
    intent = account.store.get("payment_intent", intent_id)
    waiting = intent["status"] == "requires_action"
    redirect = (intent["next_action"] or {}).get("redirect_to_url") or {}
    card = account.card(intent["payment_method"]) if waiting else None
    return {
        "amount": words(intent["amount"], intent["currency"]),
        "business": account.box.settings.business,
        "card": f"{card.brand.capitalize()} ending {card.last4}" if card else "",
        "intent_id": intent_id,
        "next_page": redirect.get("return_url") or "",
        "parent": account.box.url,
        "waiting": waiting,
    }


class FieldProblem(Exception):
    """One card field that cannot be used, in words for the cardholder; it never holds what was typed."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def read_card(typed: Any, now: datetime) -> tuple[cards.TestCard, str, str]:
    """Return the test card, its expiry as MMYY and the security code; refuse any other card."""
    if not isinstance(typed, dict):
        raise ValueError("three fields are expected")
    number, expiry, cvc = (
        re.sub(r"[\s/-]", "", str(typed.get(name, ""))) for name in ("number", "expiry", "cvc")
    )
    card = cards.by_number(number)
    if card is None:
        real = number.isdecimal() and cards.passes_luhn(number) and len(number) > 12
        message = "Only test cards are accepted here." if real else "This card number is not valid."
        raise FieldProblem("number", message)
    if not re.fullmatch(r"(0[1-9]|1[0-2])\d\d", expiry):
        raise FieldProblem("expiry", "Write the month and year, such as 12 / 34.")
    if (2000 + int(expiry[2:]), int(expiry[:2])) < (now.year, now.month):
        raise FieldProblem("expiry", "This card has expired.")
    if not (cvc.isdecimal() and len(cvc) == cards.cvc_length(card.brand)):
        raise FieldProblem("cvc", f"It has {cards.cvc_length(card.brand)} digits.")
    return card, expiry, cvc
