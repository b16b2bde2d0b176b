"""Payment plans in whatever order: people press, days pass, banks answer or not, and the laws hold."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from typing import Any, ClassVar

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from agentdesk.adapters.base import NotSent, OutcomeUnknown
from agentdesk.domain.errors import AgentDeskError, Conflict
from agentdesk.domain.ids import now
from agentdesk.domain.money import Money
from agentdesk.domain.payment import HOLDS_DEBT, AttemptEvent, AttemptState
from agentdesk.domain.people import Role
from agentdesk.domain.plan import STANDS, InstalmentState, PlanState
from agentdesk.hub.auth import Who
from agentdesk.hub.db import embedded
from agentdesk.hub.db.engine import make_engine, make_sessions
from agentdesk.hub.db.plans import PaymentPlan
from agentdesk.hub.db.tables import Attempt, AuditEntry, PaymentIntent, WriteBack
from agentdesk.hub.jobs import sweeps
from agentdesk.wire.model import Amount
from tests.hub.planners import change, day, days_pass, make, saver, shown, stopped_plans
from tests.hub.till import Till

OWED = {"8": 5000, "9": 7000}
_LEFT = (InstalmentState.DUE, InstalmentState.TAKING)
_NOT_CHARGED = {AttemptState.DECLINED, AttemptState.NOT_SENT}
_TOOK = HOLDS_DEBT | {AttemptState.APPROVED}
_ANSWERS = {
    "approves": (AttemptEvent.APPROVED, None),
    "declines": (AttemptEvent.DECLINED, None),
    "is silent": (AttemptEvent.APPROVED, OutcomeUnknown()),
    "is not reached": (AttemptEvent.APPROVED, NotSent("no line")),
}


class Plans(RuleBasedStateMachine):
    """A customer with a saved card and two bills, on a real hub and database; the bank is scripted."""

    server: ClassVar[embedded.Server]
    names: ClassVar["Counter[str]"] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.names["laws"] += 1
        self.name = f"laws_{self.names['laws']}"
        self._sql(f"create database {self.name} template agentdesk_template")
        self.early: list[str] = []
        self.do(self._open())

    def teardown(self) -> None:
        self.do(self._close())
        self.runner.close()
        self._sql(f"drop database {self.name} with (force)")

    def _sql(self, statement: str) -> None:
        with psycopg.connect(self.server.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do something on this machine's loop; return what it says no with, where it does."""
        try:
            return self.runner.run(work)
        except AgentDeskError as error:
            return error

    async def _open(self) -> None:
        self.engine: AsyncEngine = make_engine(self.server.url(self.name))
        self.till = Till(self.server.url(self.name), make_sessions(self.engine))
        await self.till.open()
        self.card_id = await saver(self.till)
        self.supervisor: Who = await self.till.colleague(Role.SUPERVISOR)
        self.call_id = await self.till.call()
        self.agreed: list[str] = []  # payments that an agent agreed on and did not start yet
        await self._make(("8", "9"), 3)

    async def _close(self) -> None:
        await self.till.hub.finish()
        await self.engine.dispose()

    async def _plans(self) -> list[PaymentPlan]:
        return await self.till.rows(PaymentPlan)

    async def _tries(self) -> list[tuple[PaymentIntent, Attempt]]:
        intents = {one.intent_id: one for one in await self.till.rows(PaymentIntent)}
        return [(intents[one.intent_id], one) for one in await self.till.rows(Attempt)]

    # ------------------------------------------------------------ what people do
    async def _make(self, invoices: tuple[str, ...], count: int) -> None:
        wanted = [one for one in invoices if self.till.ledger.open[one]]
        if wanted:
            total = Amount(minor=sum(self.till.ledger.open[one] for one in wanted), currency="GBP")
            more = {"invoices": wanted, "total": total, "count": count, "first_on": day(1)}
            await make(self.till, self.card_id, call_id=self.call_id, **more)

    @rule(invoices=st.sampled_from([("8",), ("9",), ("8", "9")]), count=st.integers(2, 4))
    def a_plan_is_made(self, invoices: tuple[str, ...], count: int) -> None:
        self.do(self._make(invoices, count))

    @rule(wish=st.sampled_from(["pause", "resume", "resume", "skip", "cancel"]), by_supervisor=st.booleans())
    def it_is_changed(self, wish: str, by_supervisor: bool) -> None:
        self.do(self._change(wish, self.supervisor if by_supervisor else self.till.who))

    async def _change(self, wish: str, who: Who) -> None:
        plan = await shown(self.till)
        more = {"number": plan.next.number if plan.next else 1} if wish == "skip" else {}
        await change(self.till, plan, wish, who, **more)

    @rule(invoice=st.sampled_from(["8", "9"]))
    def another_payment_is_agreed(self, invoice: str) -> None:
        self.do(self._agree(invoice))

    async def _agree(self, invoice: str) -> None:
        minor = self.till.ledger.open[invoice]
        self.agreed.append(await self.till.intent(minor=minor, invoice=invoice, call_id=self.call_id))

    @precondition(lambda self: self.agreed)
    @rule()
    def and_taken(self) -> None:
        self.do(self._pay(self.agreed.pop()))

    async def _pay(self, intent_id: str) -> None:
        """Take a payment with another card; never of what an active plan takes."""
        (intent,) = [one for one in await self.till.rows(PaymentIntent) if one.intent_id == intent_id]
        plan, wanted = await shown(self.till), {part["number"] for part in intent.allocations}
        takes = plan.state is PlanState.ACTIVE and any(one.state in _LEFT for one in plan.instalments)
        try:
            attempt_id = await self.till.start(intent_id)
        except Conflict as error:
            assert error.code != "in_plan" or takes
            return
        assert not (takes and wanted & set(plan.numbers)), "a plan takes it by itself"
        await self.till.key_card(attempt_id)
        await self.till.submit(attempt_id)
        assert await self.till.token(attempt_id)
        await self.till.charge(attempt_id)
        await self.till.work()

    @rule(minor=st.integers(1, 2000))
    def some_goes_back(self, minor: int) -> None:
        self.do(self._give_back(minor))

    async def _give_back(self, minor: int) -> None:
        """Refund some of an instalment; the plan that took it does not go on over it."""
        for intent, one in await self._tries():
            if intent.plan_id and one.state == AttemptState.APPROVED:
                await self.till.give_back(self.supervisor, one.attempt_id, minor)
                (plan,) = [row for row in await self._plans() if row.plan_id == intent.plan_id]
                assert plan.state != PlanState.ACTIVE
                return

    # ------------------------------------------------------------ what happens by itself
    @rule(late=st.sampled_from([-1, 0, 0, 0, 0, 3, 4]), bank=st.sampled_from([*_ANSWERS, "approves"]))
    def its_day_comes_and_it_is_swept(self, late: int, bank: str) -> None:
        self.do(self._sweep(late, bank))

    async def _sweep(self, late: int, bank: str) -> None:
        """Let it be so many days after that of the next instalment, where there is one."""
        plan = await shown(self.till)
        days = (plan.next.due_on - now().date()).days + late if plan.next else 7
        if days > 0:
            await days_pass(self.till, plan.plan_id, days)
        self.till.bank.answer, fails = _ANSWERS[bank]
        self.till.bank.fails = {"charge": fails} if fails else {}
        before = {one.attempt_id for _, one in await self._tries()}
        await asyncio.gather(sweeps.sweep(self.till.hub), sweeps.sweep(self.till.hub))
        await self.till.hub.finish()
        await self.till.work()
        self.till.bank.answer, self.till.bank.fails = AttemptEvent.APPROVED, {}
        due = {one.number: one.due_on for one in (await shown(self.till)).instalments}
        await self._stands_still_where_not_charged(before)
        new = [intent for intent, one in await self._tries() if one.attempt_id not in before]
        self.early += [one.intent_id for one in new if due[one.instalment or 0] > now().date()]
        assert len(new) <= 1, "one a day"

    @rule(event=st.sampled_from([AttemptEvent.APPROVED, AttemptEvent.DECLINED]))
    def the_bank_tells_after_all(self, event: AttemptEvent) -> None:
        self.do(self._tell(event))

    async def _stands_still_where_not_charged(self, before: set[str]) -> None:
        """Hold a plan whose instalment was just not charged: it waits for a person."""
        plans = {one.plan_id: one for one in await self._plans()}
        for intent, one in await self._tries():
            if one.attempt_id not in before and one.state in _NOT_CHARGED and intent.plan_id:
                plan = plans[intent.plan_id]
                assert (plan.state, plan.paused_by) in ((PlanState.PAUSED, None), (PlanState.CANCELLED, None))

    async def _tell(self, event: AttemptEvent) -> None:
        known = {one.attempt_id for _, one in await self._tries() if one.state != AttemptState.UNKNOWN}
        for intent, one in await self._tries():
            if one.state == AttemptState.UNKNOWN:
                amount = Money(intent.amount_minor, "GBP")
                await self.till.learn(one.attempt_id, event, amount=amount)
        await self._stands_still_where_not_charged(known)
        await self.till.work()

    # ------------------------------------------------------------ the laws
    @invariant()
    def the_laws_hold(self) -> None:
        self.runner.run(self._hold())

    async def _hold(self) -> None:
        tries, plans = await self._tries(), {one.plan_id: one for one in await self._plans()}
        assert self.early == [], "charged before its day"
        sent = Counter(one[1].attempt_id for one in self.till.bank.asked if one[0] == "charge")
        assert set(sent.values()) <= {1}
        per = Counter((intent.plan_id, intent.instalment) for intent, one in tries if intent.plan_id)
        assert set(per.values()) <= {1}, "an instalment was tried twice"
        took = [intent for intent, one in tries if one.state in _TOOK]
        paid = Counter[str]()
        for part in (part for intent in took for part in intent.allocations):
            paid[part["invoice_id"]] += part["amount_minor"]
        assert all(paid[one] <= minor for one, minor in OWED.items()), "more was taken than was owed"
        assert all(left >= 0 for left in self.till.ledger.open.values())
        for plan_id, plan in plans.items():
            taken = sum(one.amount_minor for one in took if one.plan_id == plan_id)
            assert taken <= plan.total_minor
        await self._told(list(plans.values()))

    async def _told(self, plans: list[PaymentPlan]) -> None:
        """Every plan that the hub let stand still is on the list, and the customer record is told why."""
        stopped = {one.plan_id for one in plans if one.state == PlanState.PAUSED and one.paused_by is None}
        listed = {one.plan.plan_id for one in await stopped_plans(self.till) if one.plan}
        assert listed == stopped
        assert len([one for one in plans if one.state in STANDS]) <= 1
        owed = [one.payload or {} for one in await self.till.rows(WriteBack)]
        notes = [one for one in owed if str(one.get("subject", "")).endswith(" is paused")]
        assert len(notes) == len(
            [1 for one in await self.till.rows(AuditEntry) if one.action == "plan.paused"]
        )


@pytest.mark.timeout(500)  # of processor time it takes some ten seconds
@pytest.mark.allow_log(".")  # much goes wrong on purpose
def test_whatever_happens_no_law_of_plans_is_broken(postgres: embedded.Server) -> None:
    Plans.server = postgres
    few = settings(
        max_examples=4,
        stateful_step_count=10,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Plans, settings=few)
