"""Payment plans for tests and pictures."""

from datetime import date
from typing import Any

from agentdesk.domain import plan as domain
from agentdesk.domain.plan import STANDS, InstalmentState, PlanState, Rhythm
from agentdesk.wire.customers import Customer
from agentdesk.wire.model import Amount
from agentdesk.wire.plans import Instalment, NewPlan, PaymentPlan, PlanChange, PlanRules, PlanWish
from agentdesk.wire.work import WorkItem, WorkKind
from tests.desk.samples import at, gbp

RULES = PlanRules(
    wording="2026-11",
    words="You can stop this at any time by calling us. We write to you if a payment does not go through. "
    "Do you agree?",
    most=12,
    longest_days=366,
    least=[gbp(500)],
)
REFUSED = "The bank refused the payment of 20 November: not enough money."


def instalments(*states: InstalmentState, amount: int = 3077, count: int = 6) -> list[Instalment]:
    """Return the payments of a plan whose first ones are in these states."""
    days = domain.schedule(gbp(amount * count).money, count, date(2026, 9, 20), Rhythm.MONTHLY)
    wanted = [*states, *[InstalmentState.DUE] * (count - len(states))]
    return [
        Instalment(
            number=one.number,
            due_on=one.due_on,
            amount=Amount.of(one.amount),
            state=state,
            intent_id=f"pay_01JD0000000000000001JD7Q4{one.number}"
            if state not in (InstalmentState.DUE, InstalmentState.SKIPPED)
            else None,
            why="The bank said no: not enough money." if state is InstalmentState.FAILED else None,
        )
        for one, state in zip(days, wanted, strict=True)
    ]


def plan(*states: InstalmentState, **changes: Any) -> PaymentPlan:
    """Amara's plan of six payments, of which those before were taken."""
    each = instalments(*states or [InstalmentState.PAID] * 3)
    state = changes.get("state", PlanState.ACTIVE)
    left = [one for one in each if one.state is InstalmentState.DUE]
    paid = sum(one.amount.minor for one in each if one.state is InstalmentState.PAID)
    usual: dict[str, Any] = {
        "plan_id": "plan_01JD00000000000000019ZQ7WB",
        "reference": "PLN-01JD00000000000000019ZQ7WB",
        "short_reference": "019Z-Q7WB",
        "customer_id": "cus_1",
        "state": state,
        "why": None,
        "card_id": "card_1",
        "card": "Visa ending 4242, 08/28",
        "total": gbp(3077 * 6),
        "paid": gbp(paid),
        "numbers": ["NW-20931", "NW-21407", "NW-21888"],
        "rhythm": Rhythm.MONTHLY,
        "instalments": each,
        "next": left[0] if left and state in STANDS else None,
        "receipt_email": "amara.okafor@example.com",
        "made_by": "Priya Nair",
        "made_at": at(10, 44).replace(month=9, day=1),
    }
    return PaymentPlan(**(usual | changes))


def paused(**changes: Any) -> PaymentPlan:
    """The same once its third payment was refused."""
    states = (InstalmentState.PAID, InstalmentState.PAID, InstalmentState.FAILED)
    return plan(*states, **({"state": PlanState.PAUSED, "why": REFUSED} | changes))


def agreed(new: NewPlan) -> PaymentPlan:
    """What the hub makes of a new one."""
    days = domain.schedule(new.total.money, new.count, new.first_on, new.rhythm)
    told = {"state": InstalmentState.DUE, "intent_id": None, "why": None}
    each = [
        Instalment(number=one.number, due_on=one.due_on, amount=Amount.of(one.amount), **told) for one in days
    ]
    numbers = [name.replace("inv_", "NW-") for name in new.invoices]
    made = {"total": new.total, "paid": gbp(0), "numbers": numbers, "rhythm": new.rhythm}
    return plan(instalments=each, next=each[0], receipt_email=new.receipt_email, **made)


def after(plan: PaymentPlan, change: PlanChange) -> PaymentPlan:
    """What the hub makes of a plan by a change."""
    if change.wish is PlanWish.SKIP:
        skipped = {"state": InstalmentState.SKIPPED}
        each = [
            one.model_copy(update=skipped if one.number == change.number else {}) for one in plan.instalments
        ]
        due = [one for one in each if one.state is InstalmentState.DUE]
        return plan.model_copy(update={"instalments": each, "next": due[0] if due else None})
    states = {PlanWish.PAUSE: PlanState.PAUSED, PlanWish.RESUME: PlanState.ACTIVE}
    state = states.get(change.wish, PlanState.CANCELLED)
    why = None if state is PlanState.ACTIVE else change.reason
    gone = {"next": None} if state is PlanState.CANCELLED else {}
    return plan.model_copy(update={"state": state, "why": why, **gone})


def covered(customer: Customer, plan: PaymentPlan) -> Customer:
    """The customer with this plan: while it is active it takes its invoices."""
    takes = plan.short_reference if plan.state is PlanState.ACTIVE else None
    items = [
        one.model_copy(update={"plan": takes if one.number in plan.numbers else None})
        for one in customer.open_items
    ]
    return customer.model_copy(update={"plan": plan, "open_items": items})


def work() -> WorkItem:
    """A plan that stands still, as supervisors see it."""
    return WorkItem(
        key="plan:plan_01JD00000000000000019ZQ7WB",
        kind=WorkKind.PLAN,
        since=at(9, 2),
        detail=REFUSED,
        customer_name="Amara Okafor",
        agent_name="Priya Nair",
        payment=None,
        write_back=None,
        plan=paused(),
    )
