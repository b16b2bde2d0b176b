"""The search of payment intents: a small query language over an index that runs behind."""

import operator
import re
from collections.abc import Callable

from agentdesk.sandbox.stripe_account import Account
from agentdesk.sandbox.stripe_errors import StripeError
from agentdesk.sandbox.stripe_forms import Form, text, whole
from agentdesk.sandbox.stripe_store import Obj

Test = Callable[[Obj], bool]

CLAUSE = re.compile(
    r"""\s*(?:metadata\[(['"])(?P<key>.*?)\1\]|(?P<field>\w+))"""
    r"""\s*(?P<op>:|>=|<=|>|<)\s*(?:(['"])(?P<text>.*?)\5|(?P<number>\d+))\s*"""
)
OPERATORS = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le, ":": operator.eq}
FIELDS = frozenset({"amount", "created", "currency", "customer", "status"})


def intents(account: Account, form: Form) -> Obj:
    """Search payment intents; one younger than the index lag is not found yet."""
    test = parse(text(form, "query"))
    lag = account.clock.seconds(account.box.settings.stripe_search_lag_s)
    rows = [
        row for row in account.store.newest("payment_intent") if account.store.age(row) >= lag and test(row)
    ]
    limit = whole(form, "limit") if "limit" in form else 10
    start = whole(form, "page") if "page" in form else 0
    more = len(rows) > start + limit
    return {
        "object": "search_result",
        "data": rows[start : start + limit],
        "has_more": more,
        "next_page": str(start + limit) if more else None,
        "url": "/v1/payment_intents/search",
    }


def parse(query: str) -> Test:
    """Turn `metadata['k']:'v' AND amount>100` into a test of an object."""
    tests = [_clause(part, query) for part in re.split(r"\s+AND\s+", query)]
    return lambda row: all(test(row) for test in tests)


def _clause(part: str, query: str) -> Test:
    found = CLAUSE.fullmatch(part)
    if found is None or (found["field"] and found["field"] not in FIELDS):
        raise StripeError.invalid(f"We were unable to parse your search query: {query}", param="query")
    wanted: str | int = found["text"] if found["number"] is None else int(found["number"])
    compare, key, name = OPERATORS[found["op"]], found["key"], found["field"]
    if key is not None:
        return lambda row: row["metadata"].get(key) == wanted
    if compare is not operator.eq and not isinstance(wanted, int):
        raise StripeError.invalid(f"We were unable to parse your search query: {query}", param="query")
    return lambda row: row[name] is not None and compare(row[name], wanted)
