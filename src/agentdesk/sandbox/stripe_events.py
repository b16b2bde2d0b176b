"""Events of the Stripe account and their delivery as signed webhooks."""

import copy
import hashlib
import hmac
import json

from agentdesk.sandbox.box import Sandbox
from agentdesk.sandbox.deliver import Parcel, Sign
from agentdesk.sandbox.stripe_objects import event
from agentdesk.sandbox.stripe_store import Obj, Store

VERSION = "2023-08-16"
"""The API version of the account: that of the vendor's description which the tests judge by."""

BACKOFF_S = (2.0, 10.0, 60.0)


class Events:
    """Keeps every event and posts it to each webhook endpoint that wants it."""

    def __init__(self, box: Sandbox, store: Store) -> None:
        self._box = box
        self._store = store
        self.request: Obj | None = None

    def emit(self, kind: str, obj: Obj, previous: Obj | None = None) -> None:
        """Record what became of an object, as it is now, and send it out."""
        made = self._store.add(event(kind, copy.deepcopy(obj), VERSION, self.request, previous))
        endpoints = [e for e in self._endpoints() if {"*", kind} & set(e["enabled_events"])]
        made["pending_webhooks"] = len(endpoints)
        body = json.dumps(made, indent=2).encode()
        for endpoint in endpoints:
            self._post(kind, endpoint, body)

    def _endpoints(self) -> list[Obj]:
        settings = self._box.settings
        own = {"url": settings.stripe_webhook_url, "secret": settings.stripe_webhook_secret}
        configured = [{**own, "enabled_events": ["*"]}] if settings.stripe_webhook_url else []
        return configured + self._store.newest("webhook_endpoint")

    def _post(self, kind: str, endpoint: Obj, body: bytes) -> None:
        self._box.deliver.post(
            Parcel(
                face="stripe",
                subject=kind,
                url=endpoint["url"],
                body=body,
                content_type="application/json; charset=utf-8",
                sign=self._signer(endpoint["secret"]),
                backoff_s=BACKOFF_S,
            )
        )

    def _signer(self, secret: str) -> Sign:
        clock = self._box.clock
        return lambda _url, body: {"Stripe-Signature": signature(secret, clock.unix(), body)}


def signature(secret: str, at: int, body: bytes) -> str:
    """Return the `Stripe-Signature` header of a body sent at `at` seconds since 1970."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
