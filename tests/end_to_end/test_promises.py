"""A promise to pay through the hub into a real customer record, and kept by a payment."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from agentdesk.adapters.tryton.config import TrytonConfig
from agentdesk.adapters.tryton.crm import TrytonCrm
from agentdesk.cli.demo.world import World
from tests.end_to_end.desk_by_hand import Line, Person, Strangers, new_key
from tests.until import until

SOME = 137


def _wish(line: Line, minor: int = SOME, days: int = 5) -> dict[str, Any]:
    due = datetime.now(UTC).date() + timedelta(days=days)
    amount = {"minor": minor, "currency": "GBP"}
    return {"key": new_key(), "call_id": line.call_id, "amount": amount, "due_on": due.isoformat()}


def _logged(world: World, customer_id: str, reference: str) -> str | None:
    ledger = world.ledger
    config = TrytonConfig(
        base_url=ledger.url,
        database=ledger.database,
        user=ledger.user,
        password=ledger.password,
        key=ledger.key,
    )

    async def ask() -> str | None:
        crm = TrytonCrm(config)
        try:
            return await crm.find_activity(customer_id, reference)
        finally:
            await crm.aclose()

    return asyncio.run(ask())


def _told(agent: Person, customer_id: str) -> list[tuple[str, str]]:
    """Return the lines of the history about promises, whoever tells them."""
    rows = agent.ask("GET", f"/v1/customers/{customer_id}/history")["rows"]
    return [(row["kind"], row["detail"]) for row in rows if "Promise to pay" in row["title"]]


def test_it_is_logged_once_and_a_payment_keeps_it(
    agent: Person, everything: World, strangers: Strangers
) -> None:
    line = agent.take_call(strangers.owing(more_than=SOME))
    customer_id = line.show()["customer_id"]
    path = f"/v1/customers/{customer_id}/promises"
    owed = line.customer()["balance"]["minor"]
    for wrong, code in (
        (_wish(line, days=-1), "promise_in_past"),
        (_wish(line, days=40), "promise_too_far"),
        (_wish(line, owed + 1), "amount_over_balance"),
        (_wish(line, 0), "amount_zero"),
    ):
        assert agent.refused("POST", path, wrong)["code"] == code
    wish = _wish(line)
    made = agent.ask("POST", path, wish)
    assert agent.ask("POST", path, wish) == made  # the same press twice
    until(lambda: _logged(everything, customer_id, made["reference"]), 60)
    assert _told(agent, customer_id) == [("promise", f"Still open, {made['made_by']}")]
    assert line.customer()["promise"]["state"] == "open"
    other = agent.ask("POST", path, _wish(line, SOME - 1))
    why = {"reason": "It was the neighbour who called"}
    gone = agent.ask("POST", f"{path}/{other['promise_id']}/withdrawal", why)
    assert (gone["state"], gone["why_withdrawn"]) == ("withdrawn", why["reason"])
    until(lambda: _logged(everything, customer_id, gone["reference"].replace("PRM-", "PRW-")), 60)
    item = next(i for i in line.customer()["open_items"] if not i["held_by"] and not i["posting"])
    taking = line.agree(SOME, [item | {"outstanding": {"minor": SOME, "currency": "GBP"}}])
    assert taking.take("visa-approves")["state"] == "approved"
    assert line.customer()["promise"]["state"] == "kept"
    withdrawn = ("promise", f"Withdrawn: {why['reason']}, {made['made_by']}")
    assert _told(agent, customer_id) == [withdrawn, ("promise", f"Kept, {made['made_by']}")]
    line.hang_up()
    agent.finish_calls()
