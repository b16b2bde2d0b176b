"""Hold every Stripe object of the account, page through them and expand references."""

import copy
import time
from collections.abc import Callable
from typing import Any

from agentdesk.sandbox.clock import Clock
from agentdesk.sandbox.ids import Ids
from agentdesk.sandbox.stripe_errors import StripeError, no_such
from agentdesk.sandbox.stripe_forms import Form, mapping, whole

Obj = dict[str, Any]

PREFIXES = {
    "balance_transaction": "txn_",
    "charge": "ch_",
    "checkout.session": "cs_test_",
    "customer": "cus_",
    "dispute": "dp_",
    "event": "evt_",
    "item": "li_",
    "payment_intent": "pi_",
    "payment_method": "pm_",
    "payout": "po_",
    "refund": "re_",
    "setup_intent": "seti_",
    "webhook_endpoint": "we_",
}


class Store:
    """Every object by kind and id, oldest first."""

    def __init__(self, ids: Ids, clock: Clock) -> None:
        self.ids = ids
        self.clock = clock
        self._kinds: dict[str, dict[str, Obj]] = {}
        self._born: dict[str, float] = {}

    def add(self, obj: Obj) -> Obj:
        """Keep a new object; give it an id, its time and test mode where it has none."""
        stamp = {
            "id": self.ids.token(PREFIXES[obj["object"]]),
            "created": self.clock.unix(),
            "livemode": False,
        }
        kept = {**stamp, **obj}
        self._kinds.setdefault(obj["object"], {})[kept["id"]] = kept
        self._born[kept["id"]] = time.monotonic()
        return kept

    def get(self, kind: str, wanted: str, param: str | None = None) -> Obj:
        """Return one object; an id from a body (`param` given) fails with 400, one from a path with 404."""
        found = self._kinds.get(kind, {}).get(wanted)
        if found is None:
            raise no_such(kind, wanted, param or "id", 400 if param else 404)
        return found

    def has(self, kind: str, wanted: str) -> bool:
        """Tell whether an object exists."""
        return wanted in self._kinds.get(kind, {})

    def remove(self, kind: str, wanted: str) -> None:
        """Forget an object."""
        self.get(kind, wanted)
        del self._kinds[kind][wanted]

    def age(self, obj: Obj) -> float:
        """Return how many seconds ago the object was made, to the fraction."""
        return time.monotonic() - self._born[obj["id"]]

    def newest(self, kind: str) -> list[Obj]:
        """Return all objects of a kind, newest first."""
        return list(reversed(self._kinds.get(kind, {}).values()))

    def page(self, kind: str, url: str, query: Form, where: Callable[[Obj], bool] = bool) -> Obj:
        """Return one page of a list as the vendor's `list` object."""
        rows = [row for row in self.newest(kind) if where(row) and _created_in(row, query)]
        return {"object": "list", "url": url, **_window(rows, query)}

    def expand(self, obj: Obj, paths: list[str]) -> Obj:
        """Return a copy of the object with the named references replaced by the objects they name."""
        result = copy.deepcopy(obj)
        for path in paths:
            self._expand(result, path.split("."))
        return result

    def _expand(self, node: Any, keys: list[str]) -> None:
        if isinstance(node, list):
            for item in node:
                self._expand(item, keys)
        elif isinstance(node, dict) and keys and keys[0] in node:
            node[keys[0]] = self._resolved(node[keys[0]])
            self._expand(node[keys[0]], keys[1:])

    def _resolved(self, value: Any) -> Any:
        found = next(
            (kind for kind in self._kinds if isinstance(value, str) and value in self._kinds[kind]), None
        )
        return copy.deepcopy(self._kinds[found][value]) if found else value


def _created_in(row: Obj, query: Form) -> bool:
    if isinstance(query.get("created"), str):
        return bool(row["created"] == whole(query, "created"))
    limits = {name: whole(query["created"], name) for name in mapping(query, "created")}
    at: int = row["created"]
    return (
        at >= limits.get("gte", at)
        and at <= limits.get("lte", at)
        and at > limits.get("gt", at - 1)
        and at < limits.get("lt", at + 1)
    )


def _window(rows: list[Obj], query: Form) -> Obj:
    limit = whole(query, "limit") if "limit" in query else 10
    if not 1 <= limit <= 100:
        raise StripeError.invalid("Invalid limit: must be between 1 and 100.", param="limit")
    ids = [row["id"] for row in rows]
    if before := query.get("ending_before"):
        end = _position(ids, before, "ending_before")
        return {"data": rows[max(0, end - limit) : end], "has_more": end > limit}
    after = query.get("starting_after")
    start = _position(ids, after, "starting_after") + 1 if after else 0
    return {"data": rows[start : start + limit], "has_more": len(rows) > start + limit}


def _position(ids: list[str], wanted: str, param: str) -> int:
    if wanted not in ids:
        raise no_such("object", wanted, param, 400)
    return ids.index(wanted)
