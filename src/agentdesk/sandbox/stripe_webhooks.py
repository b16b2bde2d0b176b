"""Webhook endpoints that were registered through the API, and the list of events."""

from agentdesk.sandbox.deliver import is_loopback
from agentdesk.sandbox.stripe_account import Account
from agentdesk.sandbox.stripe_errors import StripeError, missing
from agentdesk.sandbox.stripe_forms import Form, metadata, text
from agentdesk.sandbox.stripe_store import Obj


def events(account: Account, form: Form) -> Obj:
    """List events, newest first, of all types, one type or several."""
    wanted = [form["type"]] if "type" in form else form.get("types", [])
    return account.store.page("event", "/v1/events", form, lambda row: not wanted or row["type"] in wanted)


def create_endpoint(account: Account, form: Form) -> Obj:
    """Register a webhook endpoint on this computer."""
    url, wanted = text(form, "url"), form.get("enabled_events")
    if not is_loopback(url):
        raise StripeError.invalid("The sandbox posts to this computer only.", code="url_invalid", param="url")
    if not wanted:
        raise missing("enabled_events")
    return account.store.add(
        {
            "object": "webhook_endpoint",
            "api_version": form.get("api_version"),
            "application": None,
            "description": form.get("description"),
            "enabled_events": wanted,
            "metadata": metadata(form),
            "secret": account.store.ids.token("whsec_", 32),
            "status": "enabled",
            "url": url,
        }
    )


def delete_endpoint(account: Account, form: Form, endpoint_id: str) -> Obj:
    """Forget a webhook endpoint; it gets no further events."""
    account.store.remove("webhook_endpoint", endpoint_id)
    return {"id": endpoint_id, "object": "webhook_endpoint", "deleted": True}
