"""Callers who agree to pay in instalments, on the till of these tests, and the days that pass."""

from datetime import date, timedelta
from typing import Any

from agentdesk.domain.ids import new_ulid, now
from agentdesk.domain.plan import Rhythm
from agentdesk.hub import customers, plan_changes, plans, work
from agentdesk.hub.auth import Who
from agentdesk.hub.db.tables import Attempt, PaymentIntent
from agentdesk.hub.jobs import sweeps
from agentdesk.hub.policies import Plans
from agentdesk.wire import plans as wire
from agentdesk.wire.model import Amount
from agentdesk.wire.work import WorkItem, WorkKind
from tests.hub.savers import kept
from tests.hub.till import Till, with_settings
from tests.plan_days import moved

RULES = Plans(from_hour=0)


def day(days: int) -> date:
    """Return the day so many days from now."""
    return now().date() + timedelta(days=days)


async def saver(till: Till) -> str:
    """Return the card of a customer who may agree to a plan; they owe £50.00 on 8 and £70.00 on 9."""
    with_settings(till, plans=RULES)
    card = await kept(till)
    till.ledger.open["9"] = 7000
    return card.card_id


def wish(call_id: str, card_id: str, **more: Any) -> wire.NewPlan:
    """Return what a caller agrees to: 9 and 8 in three weekly instalments from tomorrow on."""
    told: dict[str, Any] = {
        "key": new_ulid(),
        "call_id": call_id,
        "saved_card": card_id,
        "invoices": ["9", "8"],
        "total": Amount(minor=12000, currency="GBP"),
        "count": 3,
        "first_on": day(1),
        "rhythm": Rhythm.WEEKLY,
        "wording": RULES.wording,
    }
    return wire.NewPlan(**told | more)


async def make(till: Till, card_id: str, who: Who | None = None, **more: Any) -> wire.PaymentPlan:
    """Make a plan on a call of its own."""
    who = who or till.who
    call_id = more.pop("call_id", None) or await till.call(who)
    customer = more.pop("customer", "cus_1")
    return await plans.make(till.hub, who, customer, wish(call_id, card_id, **more))


async def made(till: Till, **more: Any) -> wire.PaymentPlan:
    """Return a plan of a customer whose card was just kept; its call is over, the accounts are up to date."""
    card_id = await saver(till)
    call_id = await till.call()
    plan = await make(till, card_id, call_id=call_id, **more)
    await till.hang_up(call_id)
    await till.work()
    return plan


async def days_pass(till: Till, plan_id: str, days: int = 1) -> None:
    """Let days pass for a plan."""
    async with till.hub.sessions.begin() as session:
        for statement in moved(plan_id, days):
            await (await session.connection()).exec_driver_sql(statement)


async def sweep(till: Till) -> None:
    """Sweep as each minute does, and let what was sent be answered and written down."""
    await sweeps.sweep(till.hub)
    await till.hub.finish()
    await till.work()


async def due(till: Till, plan_id: str, days: int = 1) -> wire.PaymentPlan:
    """Let days pass, sweep, and return the plan as it then is."""
    await days_pass(till, plan_id, days)
    await sweep(till)
    return await shown(till)


async def shown(till: Till) -> wire.PaymentPlan:
    """Return the customer's plan as a desk sees it."""
    plan = (await customers.show(till.hub, "cus_1")).plan
    assert plan is not None
    return plan


async def change(
    till: Till, plan: wire.PaymentPlan, wanted: str, who: Who | None = None, **more: Any
) -> wire.PaymentPlan:
    """Press what changes a plan."""
    told = wire.PlanChange(wish=wire.PlanWish(wanted), **({"reason": "The customer asked"} | more))
    return await plan_changes.change(till.hub, who or till.who, plan.plan_id, told)


async def taken(till: Till) -> list[tuple[int | None, int]]:
    """Return the payments of plans: the instalment's number and the amount."""
    rows = [one for one in await till.rows(PaymentIntent) if one.plan_id is not None]
    return [(one.instalment, one.amount_minor) for one in rows]


def charges(till: Till) -> int:
    """Return how often the bank was asked for money."""
    return len([one for one in till.bank.asked if one[0] == "charge"])


async def stopped_plans(till: Till) -> list[WorkItem]:
    """Return the plans on the supervisors' list."""
    async with till.hub.sessions.begin() as session:
        return [one for one in (await work.listing(session)).rows if one.kind is WorkKind.PLAN]


async def newest_try(till: Till) -> Attempt:
    """Return the try that was started last."""
    return max(await till.rows(Attempt), key=lambda one: one.started_at)
