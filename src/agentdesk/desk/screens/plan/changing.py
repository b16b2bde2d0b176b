"""A payment plan that is open: where it stands, what can be done to it now, and doing one thing once."""

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Command
from agentdesk.desk.screens.plan.standing import taking
from agentdesk.desk.session import Session
from agentdesk.domain.errors import AgentDeskError
from agentdesk.domain.money import Money
from agentdesk.domain.people import Permission
from agentdesk.domain.plan import STANDS, PlanState
from agentdesk.i18n import _
from agentdesk.wire.customers import Customer
from agentdesk.wire.plans import Instalment, PaymentPlan, PlanChange, PlanWish

_OF_STATE = {
    PlanState.ACTIVE: (PlanWish.PAUSE, PlanWish.SKIP, PlanWish.CANCEL),
    PlanState.PAUSED: (PlanWish.RESUME, PlanWish.SKIP, PlanWish.CANCEL),
}


class PlanViewModel(QObject):
    """The plan that is open; `changed` when it opens, closes, or what is known of it changes."""

    changed = Signal()
    done = Signal(object)
    """PlanWish that was just done to it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.plan: PaymentPlan | None = None
        """What is open; None while nothing is."""
        self.whose = ""
        self.wish: PlanWish | None = None
        """What is about to be done to it, while a reason is asked for."""
        self.skipped: Instalment | None = None
        """What would be left out, as it was asked: another one is another wish."""
        self.error: AgentDeskError | None = None
        self.send = Command(session.tasks, self._send, self)
        self.send.done.connect(self._take)
        self.send.failed.connect(self._refuse)
        self.load = Command(session.tasks, session.client.plan, self)
        self.load.done.connect(self._take_newer)
        self.load.failed.connect(self._miss)
        session.customer_changed.connect(self._follow)
        session.work_changed.connect(self._read_again)
        session.connection_changed.connect(self.changed)
        session.call_changed.connect(self.changed)
        self._customer_id: str | None = None

    def open(self, plan: PaymentPlan, whose: str = "") -> None:
        """Open a plan, of a customer who does not show where it says `whose`.

        It is read again, for a list may be older than it.
        """
        self.whose = whose
        self.plan, self.wish, self.skipped, self.error = plan, None, None, None
        self._customer_id = self.session.customer_id
        self.load.restart(plan.plan_id)
        self.changed.emit()

    def close(self) -> None:
        """Close it; nothing is changed."""
        self.plan, self.wish, self.skipped, self.error = None, None, None, None
        self.load.cancel()
        self.changed.emit()

    @property
    def left(self) -> Money | None:
        """What it has not taken yet."""
        return self.plan.total.money - self.plan.paid.money if self.plan else None

    @property
    def why_not(self) -> str:
        """Why this person can change nothing of it; empty where they can."""
        session, plan = self.session, self.plan
        if plan is None or plan.state not in STANDS:
            return _("This plan is over")
        if lost := session.connection.why_not:
            return lost
        call = session.call
        theirs = call is not None and call.customer_id == plan.customer_id and session.line_is_open
        if theirs or session.may(Permission.DECIDE_OUTCOME):
            return ""
        return _("With the customer on the line, or a supervisor")

    @property
    def wishes(self) -> list[PlanWish]:
        """What can be done to it now, as it stands."""
        plan = self.plan
        if plan is None:
            return []
        skips = plan.next is not None and taking(plan) is None
        return [one for one in _OF_STATE.get(plan.state, ()) if one is not PlanWish.SKIP or skips]

    def ask(self, wish: PlanWish | None) -> None:
        """Ask why this is to be done; None: it is not."""
        if wish is None or (wish in self.wishes and not self.why_not):
            self.wish, self.error = wish, None
            self.skipped = self.plan.next if self.plan and wish is PlanWish.SKIP else None
            self.changed.emit()

    def do(self, reason: str) -> None:
        """Do what was asked for, once."""
        if self.plan is not None and self.wish is not None and not self.why_not:
            self.error = None
            number = self.skipped.number if self.skipped else None
            change = PlanChange(wish=self.wish, reason=reason.strip(), number=number)
            self.send.start(self.plan.plan_id, change)

    # --- inside

    async def _send(self, plan_id: str, change: PlanChange) -> tuple[PaymentPlan, PlanWish]:
        return await self.session.client.change_plan(plan_id, change), change.wish

    def _take(self, came: tuple[PaymentPlan, PlanWish]) -> None:
        plan, wish = came
        if plan.customer_id == self.session.customer_id:
            self.session.load_customer.restart(True)
        if self.plan is not None and self.plan.plan_id == plan.plan_id:
            self.plan, self.wish, self.skipped, self.error = plan, None, None, None
            self.changed.emit()
        self.done.emit(wish)

    def _take_newer(self, plan: PaymentPlan) -> None:
        if self.plan is not None and plan.plan_id == self.plan.plan_id and plan != self.plan:
            self.plan = plan
            self._drop_wish()
            self.changed.emit()

    def _drop_wish(self) -> None:
        moved = self.skipped is not None and self.plan is not None and self.skipped != self.plan.next
        if (moved or self.wish not in self.wishes) and not self.send.is_running:
            self.wish = self.skipped = None

    def _refuse(self, error: AgentDeskError) -> None:
        self._read_again()  # what the hub refused is about how it stands now
        self._miss(error)

    def _miss(self, error: AgentDeskError) -> None:
        if self.plan is not None:
            self.error = error
            self.changed.emit()

    def _read_again(self) -> None:
        if self.plan is not None:
            self.load.restart(self.plan.plan_id)

    def _follow(self, customer: Customer | None) -> None:
        """Go by a newer form of it; close it when another customer shows: it was about the one before."""
        if self.plan is None:
            return
        if self.session.customer_id != self._customer_id:
            self.close()
        elif customer is not None and customer.plan is not None:
            self._take_newer(customer.plan)
