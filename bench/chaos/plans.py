"""Payment plans as scripted agents make and change them, and the days that pass for them meanwhile."""

import asyncio
import random
import secrets
from collections.abc import Awaitable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
from psycopg.rows import dict_row

from bench.chaos import saved
from bench.chaos.place import Json, Place, Refused

if TYPE_CHECKING:
    from bench.chaos.agents import Agent

_WISHES = {"pause": 3, "resume": 6, "skip": 2, "cancel": 1}
_LEFT_ALONE = 0.5
_LEADS_TO = {"pause": "paused", "resume": "active", "cancel": "cancelled"}
_STANDS = frozenset({"active", "paused"})
#: How often a day is missed by so much that the hub has to give its instalment up.
_TOO_LATE, _LATE_DAYS = 0.06, 5
_EVERY_S = 0.3

_ACTIVE = """
    select plan_id, instalments, skipped from payment_plan one where state = 'active' and not exists (
        select from payment_intent join attempt using (intent_id)
        where plan_id = one.plan_id and attempt.state in ('open', 'sending', 'pending', 'unknown'))
    order by random() limit 1 for update of one skip locked
"""
_STARTED = "select instalment from payment_intent where plan_id = %s"
#: What was agreed never changes, so rows are moved behind the rules.
_MOVED = (
    "set local session_replication_role = replica",
    "update payment_plan set instalments = (select jsonb_agg(jsonb_set(one, '{due_on}',"
    " to_jsonb(((one ->> 'due_on')::date - %(days)s)::text)) order by one -> 'number')"
    " from jsonb_array_elements(instalments) as one) where plan_id = %(plan_id)s",
    "update attempt set ended_at = ended_at - make_interval(days => %(days)s)"
    " where intent_id in (select intent_id from payment_intent where plan_id = %(plan_id)s)",
    "update payment_intent set created_at = created_at - make_interval(days => %(days)s)"
    " where plan_id = %(plan_id)s",
)


# ---------------------------------------------------------------- agents
async def see_to(agent: "Agent", call_id: str, customer: str) -> None:
    """Make a plan for a customer who has none, or change the one that stands."""
    known = await agent.ask("GET", f"/v1/customers/{customer}")
    plan = known["plan"]
    if plan and plan["state"] in _STANDS:
        await _change(agent, plan)
        return
    cards = await saved.offered(agent, customer)
    free = [one for one in known["open_items"] if not one["held_by"] and one["outstanding"]["minor"] > 300]
    if not cards or not free:
        return
    chosen = agent.chance.sample(free, min(len(free), agent.chance.choice((1, 2))))
    made = await _make(agent, customer, _agreed(agent, call_id, cards[0], chosen))
    if made:
        await _pay_another_way(agent, call_id, customer, chosen[0])


def _agreed(agent: "Agent", call_id: str, card_id: str, chosen: list[Json]) -> Json:
    return {
        "key": secrets.token_urlsafe(18),
        "call_id": call_id,
        "saved_card": card_id,
        "invoices": [one["invoice_id"] for one in chosen],
        "total": {"minor": sum(one["outstanding"]["minor"] for one in chosen), "currency": "GBP"},
        "count": agent.chance.choice((2, 3, 4)),
        "first_on": str(_today() + timedelta(days=2)),
        "rhythm": "weekly",
        "wording": "",
    }


async def _make(agent: "Agent", customer: str, body: Json) -> bool:
    """Press once, or twice at the same time with the same key: that is one plan."""
    body["wording"] = (await agent.ask("GET", "/v1/readiness"))["plans"]["wording"]
    presses = agent.chance.choice((1, 1, 2))
    asked = [agent.ask("POST", f"/v1/customers/{customer}/plans", body) for _ in range(presses)]
    made = await _all_of(agent, "plan", asked)
    if len({one["plan_id"] for one in made}) > 1:
        agent.place.told.did["BREACH: one key, two plans"] += 1
    agent.place.told.did["plans made"] += bool(made)
    return bool(made)


async def _pay_another_way(agent: "Agent", call_id: str, customer: str, item: Json) -> None:
    """Start a payment of what a plan takes: the judge sees whether it might be."""
    who = {"key": secrets.token_urlsafe(18), "call_id": call_id, "customer_id": customer}
    part = {"invoice_id": item["invoice_id"], "amount": item["outstanding"]}
    body = {**who, "amount": item["outstanding"], "allocations": [part]}
    try:
        payment = await agent.ask("POST", "/v1/payment-intents", body)
        new = {"key": secrets.token_urlsafe(18), "route": "keypad"}
        tried = await agent.ask("POST", f"/v1/payment-intents/{payment['intent_id']}/attempts", new)
        await agent.if_possible("POST", f"/v1/attempts/{tried['attempts'][-1]['attempt_id']}/cancel")
        agent.place.told.did["payments of what a plan was to take"] += 1
    except Refused as error:
        agent.place.told.did[f"payments of what a plan takes refused: {error.code}"] += 1


async def _change(agent: "Agent", plan: Json) -> None:
    """Change every other plan, now and then in two ways at the same instant, or the same way twice."""
    if agent.chance.random() < _LEFT_ALONE:
        return
    paid = [one["intent_id"] for one in plan["instalments"] if one["state"] == "paid"]
    if paid and agent.chance.random() < agent.refunds:
        await _give_back(agent, agent.chance.choice(paid))
        return
    count = agent.chance.choice((1, 1, 1, 2))
    wishes = agent.chance.choices(list(_WISHES), list(_WISHES.values()), k=count)
    if agent.chance.random() < 0.2:
        wishes = [*wishes, wishes[0]]
    await _all_of(agent, "change", [wish(agent.place, agent.token, plan, one) for one in wishes])


async def _give_back(agent: "Agent", intent_id: str) -> None:
    """Have a supervisor refund some of an instalment, where something is left of it."""
    shown = await agent.ask("GET", f"/v1/payment-intents/{intent_id}", token=agent.supervisor)
    left = shown["payment"]["refundable"]["minor"]
    if left:
        await agent.refund(intent_id, agent.chance.randint(1, left))
        agent.place.told.did["refunds of instalments"] += 1


async def wish(place: Place, token: str, plan: Json, wanted: str) -> Json:
    """Press what changes a plan, and hold the answer against the wish. Raises Refused."""
    number = (plan["next"] or {}).get("number", 1) if wanted == "skip" else None
    body = {"wish": wanted, "reason": "The customer asked", "number": number}
    shown = await place.ask(token, "POST", f"/v1/plans/{plan['plan_id']}/changes", body)
    place.told.did[f"plans: {wanted}"] += 1
    if shown["state"] not in (_LEADS_TO.get(wanted, shown["state"]), "done"):
        place.told.did[f"BREACH: after {wanted} a plan is {shown['state']}"] += 1
    return shown


async def _all_of(agent: "Agent", what: str, asked: Sequence[Awaitable[Json]]) -> list[Json]:
    """Ask all at the same instant; what is refused is counted. Raises what else goes wrong."""
    answers = await asyncio.gather(*asked, return_exceptions=True)
    for one in answers:
        if isinstance(one, Refused):
            agent.place.told.refused[f"{what}: {one}"] += 1
        elif isinstance(one, BaseException):
            raise one
    return [one for one in answers if isinstance(one, dict)]


# ---------------------------------------------------------------- days
async def days_pass(database: str, place: Place, chance: random.Random) -> None:
    """Let the day of one active plan after the other come, until nobody takes calls any more."""
    while not place.closing.is_set():
        try:
            passed = await asyncio.to_thread(_a_day_comes, database, chance)
            place.told.did["days of plans that came"] += passed
        except psycopg.OperationalError:
            place.told.refused["a day: no database"] += 1
        await asyncio.sleep(_EVERY_S)


def _a_day_comes(database: str, chance: random.Random) -> bool:
    """Move an active plan to the day of its next instalment, or past it; False where none waits for one."""
    with psycopg.connect(database, row_factory=dict_row) as connection:
        row = connection.execute(_ACTIVE).fetchone()
        if row is None:
            return False
        over = {one["instalment"] for one in connection.execute(_STARTED, (row["plan_id"],))}
        over |= {one["number"] for one in row["skipped"]}
        waiting = [date.fromisoformat(o["due_on"]) for o in row["instalments"] if o["number"] not in over]
        days = (waiting[0] - _today()).days if waiting else 0
        if days <= 0:
            return False
        days += _LATE_DAYS if chance.random() < _TOO_LATE else 0
        for statement in _MOVED:
            connection.execute(statement, {"plan_id": row["plan_id"], "days": days})
        return True


def _today() -> date:
    return datetime.now(UTC).date()
