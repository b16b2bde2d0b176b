"""Pictures of payment plans: agreed, what is wrong, standing, paused, over, changed, in the work list."""

from typing import Any

from agentdesk.desk.screens.plan.changing_view import PlanDrawer
from agentdesk.desk.screens.plan.making_view import PlanForm
from agentdesk.desk.widgets.focus import bring_into_view
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Conflict
from agentdesk.domain.people import Role
from agentdesk.domain.plan import InstalmentState, PlanState
from agentdesk.wire.plans import PaymentPlan, PlanWish
from agentdesk.wire.work import WorkList
from tests.desk import card_samples, plan_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.payment_stages import view
from tests.desk.staging import enter, settle


def allow(hub: FakeHub, *cards: str, **rules: Any) -> None:
    """Let the firm make plans, and Amara have saved cards."""
    card_samples.allow(hub)
    hub.lamps = hub.lamps.model_copy(update={"plans": plan_samples.RULES.model_copy(update=rules)})
    hub.customers["cus_1"] = samples.customer(saved_cards=card_samples.several(*cards or ("card_1",)))


async def _calling(hub: FakeHub, window: Window, *cards: str, plan: PaymentPlan | None = None) -> None:
    allow(hub, *cards)
    if plan is not None:
        hub.keep_plan(plan)
    hub.calls["call_1"] = samples.call()
    await enter(window)
    while view(window)._body is None:  # the account is still being read
        await settle(0.05)


async def plan_form(hub: FakeHub, window: Window) -> None:
    """Everything is chosen; the caller is asked."""
    await _calling(hub, window)
    window.shell.agreed.plans.ask()
    await settle(0.2)


async def plan_agreed(hub: FakeHub, window: Window) -> None:
    """The caller has agreed; the end of the form."""
    await plan_form(hub, window)
    form = window.findChild(PlanForm)
    form.agreed.click()
    bring_into_view(form.agreed)
    await settle(0.2)


async def plan_wrong(hub: FakeHub, window: Window) -> None:
    """A card that ends before the last payment, of two that are saved."""
    await _calling(hub, window, "card_1", "card_3")
    window.shell.agreed.plans.ask()
    form = window.findChild(PlanForm)
    form.day.set_text("1/11/2027")
    form.count.set_text("12")
    await settle(0.2)


async def plan_refused(hub: FakeHub, window: Window) -> None:
    """The hub says no."""
    await plan_agreed(hub, window)
    owed = {"owed": samples.gbp(9000).money, "total": samples.gbp(12336).money}
    hub.fail("make_plan", Conflict("plan_total", **owed))
    window.shell.agreed.plans.making.make()
    await settle(0.2)


async def plan_no_card(hub: FakeHub, window: Window) -> None:
    """Plans are made here, and no card is saved."""
    allow(hub)
    hub.customers["cus_1"] = samples.customer()
    hub.calls["call_1"] = samples.call()
    await enter(window)


async def plan_stands(hub: FakeHub, window: Window) -> None:
    """It takes two of the three open invoices."""
    await _calling(hub, window, plan=plan_samples.plan(numbers=["NW-20931", "NW-21407"]))


async def plan_open(hub: FakeHub, window: Window) -> None:
    """Each of its payments."""
    await plan_stands(hub, window)
    window.shell.agreed.plans.ask()
    await settle(0.2)


async def plan_pausing(hub: FakeHub, window: Window) -> None:
    """A reason is asked for."""
    await plan_open(hub, window)
    window.findChild(PlanDrawer).presses[PlanWish.PAUSE].click()
    await settle(0.2)


async def plan_paused(hub: FakeHub, window: Window) -> None:
    """The bank refused one of its payments."""
    await _calling(hub, window, plan=plan_samples.paused())


async def plan_paused_open(hub: FakeHub, window: Window) -> None:
    """The same, open."""
    await plan_paused(hub, window)
    window.shell.agreed.plans.ask()
    await settle(0.2)


async def plan_over(hub: FakeHub, window: Window) -> None:
    """All of it is paid."""
    why = "The last payment is paid."
    paid = plan_samples.plan(*[InstalmentState.PAID] * 6, state=PlanState.DONE, why=why)
    await _calling(hub, window, plan=paid)


async def plan_in_the_way(hub: FakeHub, window: Window) -> None:
    """A plan was made meanwhile for what is to be paid."""
    await _calling(hub, window)
    told = {"numbers": "NW-20931", "reference": "019Z-Q7WB", "amount": samples.gbp(3077).money}
    hub.fail("create_payment", Conflict("in_plan", **told, on="21 December 2026"))
    hub.keep_plan(plan_samples.plan(numbers=["NW-20931"]))
    view(window)._model.take()
    await settle(0.2)


async def plan_needs_person(hub: FakeHub, window: Window) -> None:
    """What waits for a supervisor, and the plan open over it."""
    hub.person = samples.person(Role.SUPERVISOR)
    hub.waiting = WorkList(rows=[plan_samples.work()], count=1, as_of=samples.NOW)
    hub.keep_plan(plan_samples.paused())
    await enter(window)
    page = next(iter(window.shell.pages.values()))
    page.show_work(True)
    await settle(0.2)
    page.work_table.select(0)
    page._open_work(plan_samples.work())
    await settle(0.2)


PLAN_STAGES = (
    plan_form, plan_agreed, plan_wrong, plan_refused, plan_no_card, plan_stands, plan_open, plan_pausing,
    plan_paused, plan_paused_open, plan_over, plan_in_the_way, plan_needs_person,
)  # fmt: skip
