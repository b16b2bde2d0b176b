"""The only list of adapters: which outside systems there are, and what of us speaks to them."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Literal

from pydantic import ValidationError

from agentdesk.adapters.base import Misconfigured

Kind = Literal[
    "capture",
    "processor",
    "cards",
    "link",
    "messages",
    "recorder",
    "phone",
    "webhooks",
    "crm",
    "accounting",
    "rehearsal",
]

#: Every class takes its `Config` (a pydantic model) and nothing else.
ADAPTERS: dict[Kind, dict[str, str]] = {
    "capture": {"twilio": "agentdesk.adapters.twilio.capture:TwilioCapture"},
    "processor": {"stripe": "agentdesk.adapters.stripe.processor:StripeProcessor"},
    "cards": {"stripe": "agentdesk.adapters.stripe.cards:StripeCards"},
    "link": {"stripe": "agentdesk.adapters.stripe.checkout:StripeCheckout"},
    "messages": {"twilio": "agentdesk.adapters.twilio.messages:TwilioMessages"},
    "recorder": {"twilio": "agentdesk.adapters.twilio.recorder:TwilioRecorder"},
    "phone": {"cti": "agentdesk.adapters.cti.phone:CtiPhone"},
    "webhooks": {
        "twilio": "agentdesk.adapters.twilio.webhooks:TwilioWebhooks",
        "stripe": "agentdesk.adapters.stripe.webhooks:StripeWebhooks",
        "cti": "agentdesk.adapters.cti.webhooks:CtiWebhooks",
    },
    "crm": {"tryton": "agentdesk.adapters.tryton.crm:TrytonCrm"},
    "accounting": {"tryton": "agentdesk.adapters.tryton.accounting:TrytonAccounting"},
    "rehearsal": {"sandbox": "agentdesk.adapters.sandbox.callers:SandboxCallers"},
}


def load(kind: Kind, name: str) -> Any:
    """Return an adapter's class, importing it now. Raises Misconfigured for a name that is not there."""
    try:
        module, _, attribute = ADAPTERS[kind][name].partition(":")
    except KeyError:
        there = ", ".join(sorted(ADAPTERS.get(kind, ()))) or "none"
        raise Misconfigured(f"no {kind} adapter is called {name!r}; there are: {there}") from None
    return getattr(import_module(module), attribute)


def build(kind: Kind, name: str, config: Mapping[str, Any]) -> Any:
    """Return an adapter that speaks the port of its kind. Raises Misconfigured naming what is wrong."""
    adapter = load(kind, name)
    try:
        return adapter(adapter.Config.model_validate(dict(config)))
    except ValidationError as error:
        wrong = [f"vendors.{name}.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise Misconfigured("\n".join(wrong)) from None
