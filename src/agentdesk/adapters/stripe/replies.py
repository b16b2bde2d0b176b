"""Talking to Stripe: the connection, and what each reply allows us to conclude."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from agentdesk.adapters.base import OutcomeUnknown, VendorError
from agentdesk.adapters.http import Response, VendorHttp, json_of, refusal
from agentdesk.adapters.stripe.config import StripeConfig
from agentdesk.adapters.stripe.intent import NAME, PaymentError, PaymentIntent

#: The version whose published description our requests and replies are checked against in the tests.
VERSION = "2023-08-16"
_Model = TypeVar("_Model", bound=BaseModel)


class Refusal(PaymentError):
    """The error of a reply."""

    type: str | None = None
    message: str = ""
    payment_intent: PaymentIntent | None = None


def client(config: StripeConfig) -> VendorHttp:
    """Return a connection to Stripe; close it after use."""
    return VendorHttp(
        NAME,
        config.base_url,
        headers={"Stripe-Version": VERSION},
        auth=(config.secret_key.get_secret_value(), ""),
        timeout_s=config.timeout_s,
    )


async def asked(http: VendorHttp, path: str, params: Sequence[tuple[str, str]]) -> Response:
    """Read something. Raises what a refusal allows us to conclude."""
    response = await http.send("GET", path, params=params)
    if not response.is_success:
        raise failure(response)
    return response


def failure(response: Response) -> VendorError:
    """Return what a reply that is neither a success nor a decline allows us to conclude.

    One without a type is not of their making: something between us answered. 409 means that a request with
    our key is being executed. An `idempotency_error` means that one with our key and other parameters was
    executed before: the key is the attempt's, so its money may have moved.
    """
    error = refusal_of(response)
    code = error.code or error.type
    theirs = response.is_client_error and error.type not in (None, "idempotency_error")
    if not theirs or response.status_code == 409:
        return OutcomeUnknown(f"{NAME}: HTTP {response.status_code}", vendor_code=code)
    return refusal(NAME, response, code, error.message)


def refusal_of(response: Response) -> Refusal:
    """Return the error of a reply; an empty one where something before Stripe answered."""
    try:
        return Refusal.model_validate(response.json()["error"])
    except (ValueError, KeyError, TypeError):
        return Refusal()


def read(model: type[_Model], response: Response) -> _Model:
    """Return the reply as a model. Raises OutcomeUnknown where it is none."""
    try:
        return model.model_validate(json_of(NAME, response))
    except ValidationError as error:
        raise OutcomeUnknown(f"{NAME}: the answer is not a {model.__name__}") from error


def event_id(response: Response, object_id: str | None) -> str:
    """Return an id for this sighting: the vendor's of the request, or a digest, and the object's."""
    seen = response.headers.get("Request-Id") or hashlib.sha256(response.content).hexdigest()
    return f"{seen}:{object_id}" if object_id else str(seen)
