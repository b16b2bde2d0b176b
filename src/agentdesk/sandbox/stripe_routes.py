"""The door of the Stripe face: keys, forms, idempotency, versions and the table of endpoints."""

import asyncio
import base64
import binascii
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

from agentdesk.sandbox import (
    stripe_customers,
    stripe_payments,
    stripe_refunds,
    stripe_search,
    stripe_settlement,
    stripe_webhooks,
)
from agentdesk.sandbox.edge import DROPPED
from agentdesk.sandbox.stripe_account import Account
from agentdesk.sandbox.stripe_checkout import Checkout
from agentdesk.sandbox.stripe_disputes import Disputes
from agentdesk.sandbox.stripe_errors import StripeError, unauthorized
from agentdesk.sandbox.stripe_events import VERSION
from agentdesk.sandbox.stripe_forms import Form, checked, nest
from agentdesk.sandbox.stripe_store import Obj

Handler = Callable[..., Obj]
Route = tuple[str, str, Handler]

RAW_CARD = "Sending credit card numbers directly to the Stripe API is generally unsafe."
SLOW_S, SILENT_S = 8.0, 25.0
LOST_BODY = {"error": {"type": "api_error", "message": "An unknown error occurred."}}


def router(checkout: Checkout) -> APIRouter:
    """Return every route under /v1."""
    routes, account = APIRouter(), checkout.account
    for method, path, handler in _table(checkout, Disputes(account)):
        routes.add_api_route(path, _endpoint(account, handler), methods=[method])
    routes.add_api_route("/v1/{path:path}", _endpoint(account, _unknown), methods=["GET", "POST", "DELETE"])
    return routes


def _table(checkout: Checkout, disputes: Disputes) -> list[Route]:
    """Return the endpoints; the first that fits a path answers, so `search` comes before `{a}`."""
    return [*_of_money(disputes), *_of_sessions(checkout), *_of_people(), *_of_evidence()]


def _of_people() -> list[Route]:
    return [
        ("POST", "/v1/customers", stripe_customers.create),
        _get("customer", "/v1/customers"),
        ("GET", "/v1/customers/{a}/payment_methods", stripe_customers.methods),
        ("GET", "/v1/payment_methods", stripe_customers.methods),
        ("GET", "/v1/payment_methods/{a}", stripe_customers.method),
        ("POST", "/v1/payment_methods/{a}/attach", stripe_customers.attach),
        ("POST", "/v1/payment_methods/{a}/detach", stripe_customers.detach),
        ("POST", "/v1/setup_intents", stripe_customers.create_setup),
        ("POST", "/v1/setup_intents/{a}/confirm", stripe_customers.confirm_setup),
        _get("setup_intent", "/v1/setup_intents"),
    ]


def _of_money(disputes: Disputes) -> list[Route]:
    return [
        ("GET", "/v1/payment_intents/search", stripe_search.intents),
        ("GET", "/v1/payment_intents", stripe_payments.page),
        ("POST", "/v1/payment_intents", stripe_payments.create),
        _get("payment_intent", "/v1/payment_intents"),
        ("POST", "/v1/payment_intents/{a}/confirm", stripe_payments.confirm),
        ("POST", "/v1/payment_intents/{a}/capture", stripe_payments.capture),
        ("POST", "/v1/payment_intents/{a}/cancel", stripe_payments.cancel),
        ("GET", "/v1/charges", stripe_payments.charges),
        _get("charge", "/v1/charges"),
        ("POST", "/v1/refunds", stripe_refunds.create),
        ("GET", "/v1/refunds", stripe_refunds.page),
        _get("refund", "/v1/refunds"),
        _list("dispute", "/v1/disputes"),
        _get("dispute", "/v1/disputes"),
        ("POST", "/v1/disputes/{a}/close", disputes.close),
    ]


def _of_sessions(checkout: Checkout) -> list[Route]:
    return [
        ("POST", "/v1/checkout/sessions", checkout.create),
        ("GET", "/v1/checkout/sessions", checkout.page),
        ("GET", "/v1/checkout/sessions/{a}", checkout.retrieve),
        ("GET", "/v1/checkout/sessions/{a}/line_items", checkout.line_items),
        ("POST", "/v1/checkout/sessions/{a}/expire", checkout.expire),
    ]


def _of_evidence() -> list[Route]:
    return [
        ("GET", "/v1/events", stripe_webhooks.events),
        _get("event", "/v1/events"),
        ("GET", "/v1/balance_transactions", stripe_settlement.transactions),
        _get("balance_transaction", "/v1/balance_transactions"),
        _list("payout", "/v1/payouts"),
        _get("payout", "/v1/payouts"),
        ("POST", "/v1/webhook_endpoints", stripe_webhooks.create_endpoint),
        ("DELETE", "/v1/webhook_endpoints/{a}", stripe_webhooks.delete_endpoint),
        _list("webhook_endpoint", "/v1/webhook_endpoints"),
        _get("webhook_endpoint", "/v1/webhook_endpoints"),
    ]


def _get(kind: str, path: str) -> Route:
    return "GET", path + "/{a}", lambda account, form, wanted: account.store.get(kind, wanted)


def _list(kind: str, path: str) -> Route:
    return "GET", path, lambda account, form: account.store.page(kind, path, form)


def _unknown(account: Account, form: Form, path: str) -> Obj:
    message = f"Unrecognized request URL (/v1/{path}). The sandbox plays a part of Stripe only."
    raise StripeError(404, "invalid_request_error", message)


def _endpoint(account: Account, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        headers = {"Request-Id": account.store.ids.token("req_", 14)}
        headers["Stripe-Version"] = request.headers.get("Stripe-Version", VERSION)
        if key := request.headers.get("Idempotency-Key", ""):
            headers["Idempotency-Key"] = key
        try:
            _check_key(account, request)
            form = await _form(request)
            status, body = await _once(account, handler, request, form, headers)
        except StripeError as error:
            status, body = error.status, _written({"error": error.error})
        return Response(body, status, headers, media_type="application/json")

    return endpoint


def _check_key(account: Account, request: Request) -> None:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        given = _basic_user(given)
    if given != account.box.settings.stripe_key:
        raise unauthorized()


def _basic_user(given: str) -> str:
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


async def _form(request: Request) -> Form:
    source = (
        request.url.query if request.method == "GET" else (await request.body()).decode("utf-8", "replace")
    )
    pairs = parse_qsl(source, keep_blank_values=True)
    if any(name.endswith("card[number]") for name, _ in pairs):
        raise StripeError(402, "invalid_request_error", RAW_CARD)
    return checked(nest(pairs))


async def _once(
    account: Account, handler: Handler, request: Request, form: Form, headers: dict[str, str]
) -> tuple[int, bytes]:
    """Execute, or repeat the reply that the idempotency key already has."""
    key = headers.get("Idempotency-Key", "") if request.method == "POST" else ""
    if len(key) > 255:
        raise StripeError.invalid("Idempotency keys are at most 255 characters long.")
    if not key:
        return await _execute(account, handler, request, form, headers)
    saved = account.keys.begin(key, (request.url.path, form))
    if saved and saved.status:
        headers["Idempotent-Replayed"] = "true"
        return saved.status, saved.body
    return await _execute_and_save(account, handler, request, form, headers)


async def _execute_and_save(
    account: Account, handler: Handler, request: Request, form: Form, headers: dict[str, str]
) -> tuple[int, bytes]:
    key = headers["Idempotency-Key"]
    try:
        status, body = await _execute(account, handler, request, form, headers)
        if request.scope.get("sandbox.fault") == "error_500_after_executing":
            status, body = 500, _written(LOST_BODY)
        account.keys.finish(key, 200 if status == DROPPED else status, body)
    except StripeError as error:
        if error.after_execution:
            account.keys.finish(key, error.status, _written({"error": error.error}))
        raise
    finally:
        account.keys.free(key)
    return status, body


async def _execute(
    account: Account, handler: Handler, request: Request, form: Form, headers: dict[str, str]
) -> tuple[int, bytes]:
    if request.method == "POST":
        await asyncio.sleep(account.clock.seconds(account.box.settings.stripe_thinks_s))
        if _bank(account, form) == "slow":
            await account.clock.sleep(SLOW_S)
        elif _bank(account, form) == "silent":
            account.box.tasks.start(_much_later(account, handler, form))
            return DROPPED, b""
    key = headers.get("Idempotency-Key")
    account.events.request = {"id": headers["Request-Id"], "idempotency_key": key}
    account.answer_lost = False
    try:
        result = handler(account, form, *request.path_params.values())
        body = _written(account.store.expand(result, form.get("expand", [])))
    finally:
        account.events.request = None
    return (DROPPED if account.answer_lost else 200), body


def _bank(account: Account, form: Form) -> str:
    """Return how the bank of the card that is given treats its holder.

    "slow" thinks for some seconds; at "silent" the connection breaks at once, and the charge is executed
    much later: until then nothing finds it.
    """
    given = form.get("payment_method")
    card = account.box.vault.get(given) if isinstance(given, str) else None
    return card.bank if card else ""


async def _much_later(account: Account, handler: Handler, form: Form) -> None:
    await account.clock.sleep(SILENT_S)
    with contextlib.suppress(StripeError):  # a decline has told of itself by an event
        handler(account, form)


def _written(body: Any) -> bytes:
    return json.dumps(body, indent=2).encode()
