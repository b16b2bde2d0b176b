"""Read back what the demo did, from the outside systems themselves and past our own hub."""

import base64
import json
import urllib.parse
import urllib.request
from decimal import Decimal
from typing import Any

from agentdesk.cli.demo.call import call
from agentdesk.cli.demo.world import World

_OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
_ROWS = 5000


def charges(world: World) -> list[tuple[str, int]]:
    """Return every succeeded charge the processor has, oldest first: attempt and minor units."""
    found = call("GET", f"{world.sandbox.url}/_sim/charges")
    taken = sorted((one for one in found if one["status"] == "succeeded"), key=lambda one: one["created"])
    return [(one["metadata"].get("attempt", ""), one["amount"]) for one in taken]


def recorder(world: World, call_ref: str) -> str:
    """Return the recorder's own word about a call: `paused` or `recording`."""
    return str(call("GET", f"{world.sandbox.url}/_sim/calls/{call_ref}/recorder")["state"])


def heard_by_agent(world: World, call_ref: str) -> list[dict[str, Any]]:
    """Return what reached the agent's ear."""
    return list(call("GET", f"{world.sandbox.url}/_sim/calls/{call_ref}/agent-audio"))


def receipts(world: World, text: str) -> list[dict[str, Any]]:
    """Return the mails in the sandbox's inbox that speak of this text."""
    mails = call("GET", f"{world.sandbox.url}/_sim/inbox")
    return [mail for mail in mails if text in mail["text"]]


def invoice_states(world: World, numbers: list[str]) -> dict[str, str]:
    """Return the ledger's state of each invoice."""
    rows = search(world, "account.invoice", [["number", "in", numbers]], ["number", "state"])
    return {row["number"]: row["state"] for row in rows}


def ledger_difference(world: World) -> Decimal:
    """Return debits less credits over the whole ledger; zero where it balances."""
    rows = search(world, "account.move.line", [], ["debit", "credit"])
    return sum((row["debit"] - row["credit"] for row in rows), Decimal())


def notes(world: World, reference: str) -> list[str]:
    """Return the notes of the customer records that carry this reference."""
    rows = search(world, "ir.note", [["message", "ilike", f"%{reference}%"]], ["message"])
    return [row["message"] for row in rows]


def balance(world: World, account: str) -> Decimal:
    """Return what the ledger says a customer owes."""
    rows = search(world, "party.party", [["code", "=", account]], ["receivable"])
    return Decimal(rows[0]["receivable"])


def in_transit(world: World) -> Decimal:
    """Return what lies on the clearing account of card payments."""
    domain = [["account.name", "=", "Card payments in transit"]]
    rows = search(world, "account.move.line", domain, ["debit", "credit"])
    return sum((row["debit"] - row["credit"] for row in rows), Decimal())


def search(world: World, model: str, domain: list[Any], fields: list[str]) -> list[dict[str, Any]]:
    """Ask Tryton by REST with the application key."""
    parameters = [("f", field) for field in fields] + [("s", str(_ROWS))]
    if domain:
        parameters.append(("d", base64.urlsafe_b64encode(json.dumps(domain).encode()).decode()))
    ledger = world.ledger
    url = f"{ledger.url}/{ledger.database}/rest/model/{model}?{urllib.parse.urlencode(parameters)}"
    context = base64.urlsafe_b64encode(b'{"company":1}').decode()
    headers = {"Authorization": f"Bearer {ledger.key}", "X-Tryton-Context": context}
    with _OPEN(urllib.request.Request(url, headers=headers), timeout=60) as response:
        rows: list[dict[str, Any]] = json.loads(response.read(), object_hook=_value)
    return rows


def _value(item: dict[str, Any]) -> Any:
    return Decimal(item["decimal"]) if item.get("__class__") == "Decimal" else item
