"""Read Stripe's bracketed form bodies and queries."""

import re
from collections.abc import Iterable
from typing import Any

from agentdesk.sandbox.stripe_errors import StripeError, missing

Form = dict[str, Any]

HASHES = frozenset(
    (
        "address after_expiration automatic_payment_methods automatic_tax created custom_text "
        "invoice_settings metadata payment_intent_data payment_method_data payment_method_options "
        "phone_number_collection setup_intent_data shipping"
    ).split()
)
LISTS = frozenset(
    {"allowed_payment_method_types", "enabled_events", "expand", "payment_method_types", "types"}
)
NESTED = frozenset({"line_items"})
EXPANDABLE = frozenset(
    (
        "balance_transaction charge customer data failure_balance_transaction latest_charge line_items "
        "payment_intent payment_method refunds setup_intent source"
    ).split()
)

_BRACKETS = re.compile(r"\[([^\]]*)\]")


def nest(pairs: Iterable[tuple[str, str]]) -> Form:
    """Turn `a[b]=1`, `a[]=1` and `a[0]=1` into dictionaries and lists."""
    root: Form = {}
    for name, value in pairs:
        here = root
        keys = [name.split("[", 1)[0], *_BRACKETS.findall(name)]
        for key in keys[:-1]:
            here = here.setdefault(key or str(len(here)), {})
            if not isinstance(here, dict):
                raise StripeError.invalid(f"Invalid parameter: {name}.", param=name)
        here[keys[-1] or str(len(here))] = value
    return {key: _lists(value) for key, value in root.items()}


def checked(form: Form) -> Form:
    """Return the form if every parameter has the shape that its name asks for.

    What to expand is looked at here too: after a charge it would be too late to refuse.
    """
    for name, value in form.items():
        if name in LISTS:
            fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
        elif name in NESTED:
            fits = isinstance(value, list) and all(isinstance(item, dict) for item in value)
        else:
            fits = isinstance(value, str) or (name in HASHES and isinstance(value, dict))
        if not fits:
            raise StripeError.invalid(f"Invalid {name}.", param=name)
    for path in form.get("expand", []):
        if not set(path.split(".")) <= EXPANDABLE:
            raise StripeError.invalid(f"This property cannot be expanded ({path}).", param="expand")
    return form


def _lists(value: Any) -> Any:
    """Turn dictionaries keyed by 0, 1, 2… into lists."""
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(item) for key, item in value.items()}


def flag(form: Form, name: str) -> bool:
    """Read a true/false parameter; absent means false."""
    value = form.get(name, "false")
    if value not in ("true", "false"):
        raise StripeError.invalid(f"Invalid boolean: {value}", param=name)
    return bool(value == "true")


def whole(form: Form, name: str) -> int:
    """Read a required whole number."""
    value = text(form, name)
    if not re.fullmatch(r"-?\d{1,15}", value):
        raise StripeError.invalid(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
    return int(value)


def text(form: Form, name: str) -> str:
    """Read a required text parameter."""
    value = form.get(name)
    if value is None or value == "":
        raise missing(name)
    if not isinstance(value, str):
        raise StripeError.invalid(f"Invalid string: {name}", param=name)
    return value


def one_of(form: Form, name: str, allowed: Iterable[str], default: str | None = None) -> str | None:
    """Read a parameter that takes one of a few words."""
    value = form.get(name, default)
    if value is not None and value not in allowed:
        raise StripeError.invalid(f"Invalid {name}: must be one of {', '.join(allowed)}", param=name)
    return value


def mapping(form: Form, name: str) -> Form:
    """Read a nested parameter; absent or blank means empty."""
    value = form.get(name) or {}
    if not isinstance(value, dict):
        raise StripeError.invalid(f"Invalid hash: {name}", param=name)
    return value


def metadata(form: Form) -> dict[str, str]:
    """Read `metadata`: at most 50 keys of 40 characters, values of 500."""
    given = mapping(form, "metadata")
    if len(given) > 50 or any(
        len(k) > 40 or not isinstance(v, str) or len(v) > 500 for k, v in given.items()
    ):
        raise StripeError.invalid(
            "Metadata takes 50 keys of 40 and values of 500 characters.", param="metadata"
        )
    return {key: value for key, value in given.items() if value != ""}
