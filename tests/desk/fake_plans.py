"""What the hub in memory does with payment plans."""

from agentdesk.wire.plans import NewPlan, PaymentPlan, PlanChange
from tests.desk import plan_samples


class FakePlans:
    """Answers for FakeHub, which keeps plans and customers; all plans are Amara's."""

    async def make_plan(self, customer_id: str, new: NewPlan) -> PaymentPlan:
        await self._ask("make_plan", customer_id, new)
        return self.keep_plan(plan_samples.agreed(new))

    async def plan(self, plan_id: str) -> PaymentPlan:
        await self._ask("plan", plan_id)
        return self.plans[plan_id]

    async def change_plan(self, plan_id: str, change: PlanChange) -> PaymentPlan:
        await self._ask("change_plan", plan_id, change)
        return self.keep_plan(plan_samples.after(self.plans[plan_id], change))

    def keep_plan(self, plan: PaymentPlan) -> PaymentPlan:
        """Have a plan of Amara's."""
        self.plans[plan.plan_id] = plan
        self.customers["cus_1"] = plan_samples.covered(self.customers["cus_1"], plan)
        return plan
