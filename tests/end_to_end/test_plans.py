"""A payment plan on real parts: a saved card is charged on its days, and a bank's no stops the plan."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg

from agentdesk.cli.demo.call import call
from agentdesk.cli.demo.world import World, new_key
from agentdesk.domain.ids import now
from agentdesk.hub.db import embedded
from agentdesk.hub.jobs.defer import Job
from agentdesk.hub.jobs.worker import make_app
from tests.end_to_end.desk_by_hand import Line, Person, Strangers
from tests.end_to_end.test_saved_cards import _saved, agent
from tests.plan_days import moved
from tests.until import until

__all__ = ["agent"]


@contextmanager
def _database(world: World) -> Iterator[str]:
    server = embedded.start(world.folder / "hub")
    try:
        yield server.url()
    finally:
        server.release()


def _plan(line: Line, card_id: str) -> dict[str, Any]:
    """Let the caller agree to pay the next bill in two instalments from tomorrow on."""
    bill = next(one for one in line.customer()["open_items"] if one["outstanding"]["minor"])
    body = {
        "key": new_key(),
        "call_id": line.call_id,
        "saved_card": card_id,
        "invoices": [bill["invoice_id"]],
        "total": bill["outstanding"],
        "count": 2,
        "first_on": str(now().date() + timedelta(days=1)),
        "rhythm": "weekly",
        "wording": line.person.ask("GET", "/v1/readiness")["plans"]["wording"],
    }
    plan = line.person.ask("POST", f"/v1/customers/{line.show()['customer_id']}/plans", body)
    assert line.person.ask("POST", f"/v1/customers/{line.show()['customer_id']}/plans", body) == plan
    return dict(plan)


def _a_day_passes(world: World, plan: dict[str, Any], days: int = 1) -> None:
    """Let days pass for the plan, and the hub sweep as it does each minute."""
    with _database(world) as url:
        with psycopg.connect(url) as connection:
            for statement in moved(plan["plan_id"], days):
                connection.execute(statement.encode())
        asyncio.run(_sweep(url))


async def _sweep(url: str) -> None:
    async with make_app(url).open_async() as app:
        await app.configure_task(Job.SWEEP).defer_async(timestamp=0)


def _shown(person: Person, plan: dict[str, Any]) -> dict[str, Any]:
    return dict(person.ask("GET", f"/v1/plans/{plan['plan_id']}"))


def _charged(world: World, plan: dict[str, Any]) -> list[tuple[int, str]]:
    """Return what the processor charged, or tried to, for the plan's payments."""
    made = call("GET", f"{world.sandbox.url}/_sim/charges")
    with _database(world) as url, psycopg.connect(url) as connection:
        rows = connection.execute(
            "select attempt_id from attempt join payment_intent using (intent_id) where plan_id = %s",
            [plan["plan_id"]],
        ).fetchall()
    ours = {one for (one,) in rows}
    return [(one["amount"], one["status"]) for one in made if one["metadata"].get("attempt") in ours]


def test_a_plan_is_charged_on_its_days_and_the_ledger_has_it(
    agent: Person, strangers: Strangers, everything: World
) -> None:
    line = agent.take_call(strangers.owing(2, more_than=1000))
    card = _saved(line, "visa-approves")
    plan = _plan(line, card["card_id"])
    first, second = (one["amount"]["minor"] for one in plan["instalments"])
    (held,) = [one for one in line.customer()["open_items"] if one["plan"]]
    assert held["plan"] == plan["short_reference"]
    refused = agent.refused("POST", "/v1/payment-intents", line.intent_body(1000, None) | _whole(held))
    assert refused["code"] == "in_plan"
    agent.finish_calls()

    _a_day_passes(everything, plan)
    until(lambda: _shown(agent, plan)["instalments"][0]["state"] == "paid")
    assert _charged(everything, plan) == [(first, "succeeded")]
    assert agent.ask("GET", "/v1/agent-day")["open_work"] == []
    intent_id = _shown(agent, plan)["instalments"][0]["intent_id"]
    until(lambda: _written(agent, intent_id) == {"accounts": "done", "customer_record": "done"})
    customer = agent.ask("GET", f"/v1/customers/{plan['customer_id']}")
    (left,) = [one for one in customer["open_items"] if one["invoice_id"] == held["invoice_id"]]
    assert left["outstanding"]["minor"] == held["outstanding"]["minor"] - first

    _a_day_passes(everything, plan, 7)
    until(lambda: _shown(agent, plan)["state"] == "done")
    assert sorted(_charged(everything, plan)) == sorted([(first, "succeeded"), (second, "succeeded")])
    intent_id = _shown(agent, plan)["instalments"][1]["intent_id"]
    until(lambda: _written(agent, intent_id) == {"accounts": "done", "customer_record": "done"})
    customer = agent.ask("GET", f"/v1/customers/{plan['customer_id']}")
    assert not [
        one
        for one in customer["open_items"]
        if one["invoice_id"] == held["invoice_id"] and one["outstanding"]["minor"]
    ]


def _whole(item: dict[str, Any]) -> dict[str, Any]:
    part = {"invoice_id": item["invoice_id"], "amount": item["outstanding"]}
    return {"amount": item["outstanding"], "allocations": [part]}


def _written(person: Person, intent_id: str) -> dict[str, str]:
    shown = person.ask("GET", f"/v1/payment-intents/{intent_id}")["payment"]
    return {one["kind"]: one["state"] for one in shown["write_backs"]}


def test_a_bank_that_wants_its_holder_stops_the_plan_and_a_supervisor_is_told(
    agent: Person, supervisor: Person, strangers: Strangers, everything: World
) -> None:
    line = agent.take_call(strangers.owing(2, more_than=1000))
    card = _saved(line, "visa-asks-holder-later")
    plan = _plan(line, card["card_id"])
    agent.finish_calls()

    _a_day_passes(everything, plan)
    until(lambda: _shown(agent, plan)["state"] == "paused")
    stopped = _shown(agent, plan)
    assert stopped["instalments"][0]["state"] == "failed"
    assert "The bank wants the holder to confirm" in stopped["why"]
    assert "send a link" in stopped["why"]
    assert _charged(everything, plan) == [(plan["instalments"][0]["amount"]["minor"], "failed")]
    rows = supervisor.ask("GET", "/v1/work")["rows"]
    (item,) = [one for one in rows if one["kind"] == "plan" and one["plan"]["plan_id"] == plan["plan_id"]]
    assert item["payment"]["plan"] == plan["short_reference"]
    assert (
        agent.refused("POST", f"/v1/plans/{plan['plan_id']}/changes", _wish("cancel"))["code"]
        == "not_allowed"
    )
    cancelled = supervisor.ask("POST", f"/v1/plans/{plan['plan_id']}/changes", _wish("cancel"))
    assert cancelled["state"] == "cancelled"
    rows = supervisor.ask("GET", "/v1/work")["rows"]
    assert not [one for one in rows if one["kind"] == "plan" and one["plan"]["plan_id"] == plan["plan_id"]]


def _wish(wish: str) -> dict[str, str]:
    return {"wish": wish, "reason": "The customer pays another way"}
