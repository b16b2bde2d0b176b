"""The error bodies of the Stripe face, with the HTTP status each one travels with."""

from typing import Any, Self

DOCS = "https://stripe.com/docs/error-codes/"


class StripeError(Exception):
    """A refusal in the vendor's words: HTTP status and the `error` object of the reply."""

    def __init__(self, status: int, kind: str, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.status = status
        self.error: dict[str, Any] = {"type": kind, "message": message}
        self.error |= {name: value for name, value in fields.items() if value is not None}
        if "code" in self.error:
            self.error["doc_url"] = DOCS + self.error["code"].replace("_", "-")

    @classmethod
    def invalid(cls, message: str, **fields: Any) -> Self:
        """Refuse a request that does not make sense (400)."""
        return cls(400, "invalid_request_error", message, **fields)

    @property
    def after_execution(self) -> bool:
        """Tell whether the endpoint had begun to act, so that the answer belongs to the idempotency key."""
        return self.status == 402 or self.status >= 500


def missing(param: str) -> StripeError:
    """Refuse a request without a required parameter."""
    return StripeError.invalid(f"Missing required param: {param}.", code="parameter_missing", param=param)


def no_such(kind: str, wanted: str, param: str = "id", status: int = 404) -> StripeError:
    """Refuse the id of an object that does not exist; 404 in the path, 400 in the body."""
    message = f"No such {kind.replace('.', ' ')}: '{wanted}'"
    return StripeError(status, "invalid_request_error", message, code="resource_missing", param=param)


def unauthorized() -> StripeError:
    """Refuse a request without the secret key (401)."""
    return StripeError(401, "invalid_request_error", "Invalid API Key provided.")


def key_reused(key: str) -> StripeError:
    """Refuse an idempotency key that was used with other parameters (400)."""
    return StripeError(
        400,
        "idempotency_error",
        "Keys for idempotent requests can only be used with the same parameters they were first used with. "
        f"Try using a key other than '{key}' if you meant to execute a different request.",
    )


def key_in_use(key: str) -> StripeError:
    """Refuse a second request while the first with its idempotency key is running (409)."""
    return StripeError(
        409,
        "idempotency_error",
        f"There is currently another in-progress request using this Idempotent Key '{key}'.",
        code="idempotency_key_in_use",
    )


def unexpected_state(intent: dict[str, Any], action: str) -> StripeError:
    """Refuse an action that the state of the payment intent rules out (400)."""
    return StripeError.invalid(
        f"This PaymentIntent could not be {action} because it has a status of {intent['status']}.",
        code="payment_intent_unexpected_state",
        payment_intent=intent,
    )
