"""Where payment plans float over the window: the form of a new one, or the one that is there."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from agentdesk.desk.screens.plan.changing import PlanViewModel
from agentdesk.desk.screens.plan.changing_view import PlanDrawer
from agentdesk.desk.screens.plan.making import PlanMaking
from agentdesk.desk.screens.plan.making_view import PlanForm
from agentdesk.desk.screens.plan.standing import line, standing_of
from agentdesk.desk.widgets.drawer import DrawerWhile
from agentdesk.desk.widgets.notices import Toast
from agentdesk.i18n import _
from agentdesk.wire.plans import PaymentPlan, PlanWish

PLAN_KEY = "Alt P"
_DONE = {
    PlanWish.PAUSE: _("The plan is paused"),
    PlanWish.RESUME: _("The plan goes on"),
    PlanWish.SKIP: _("The next payment is skipped"),
    PlanWish.CANCEL: _("The plan is cancelled"),
}


class PlanPlace:
    """Opens form and drawer while their view models say so, and says what was done."""

    def __init__(
        self, making: PlanMaking, model: PlanViewModel, open_payment: Callable[[str], None], over: QWidget
    ) -> None:
        self.making, self.model, self._over = making, model, over
        self._form = DrawerWhile(over, lambda: PlanForm(making), making.close)
        self._drawer = DrawerWhile(over, lambda: PlanDrawer(model, open_payment), model.close)
        making.setParent(over)
        model.setParent(over)
        making.changed.connect(lambda: self._form.show(making.terms is not None))
        model.changed.connect(lambda: self._drawer.show(model.plan is not None))
        making.made.connect(self._say_made)
        model.done.connect(self._say_done)

    @property
    def name(self) -> str:
        """What its key does now."""
        return _("Show the payment plan") if self.stands else _("Payment plan")

    @property
    def is_offered(self) -> bool:
        """Whether plans are spoken of at all: the firm makes them, or one stands."""
        return self.making.rules is not None or self.stands

    @property
    def why_not(self) -> str:
        """Why its key does nothing; empty where it does something."""
        return "" if self.stands else self.making.why_not

    def ask(self) -> None:
        """Open the plan that stands, else the form of a new one."""
        self.show() if self.stands else self.making.open()

    def show(self) -> None:
        """Open the plan of the customer that shows, also one that is over."""
        customer = self.making.session.customer
        if customer is not None and customer.plan is not None:
            self.model.open(customer.plan)

    def leave(self) -> None:
        """Close what is open; nothing is agreed or changed."""
        if self.making.terms is not None:
            self.making.close()
        if self.model.plan is not None:
            self.model.close()

    @property
    def stands(self) -> bool:
        """Whether the customer that shows has a plan that is active or paused."""
        return standing_of(self.making.session) is not None

    def _say_made(self, plan: PaymentPlan) -> None:
        self._toast(_("The plan is agreed"), line(plan, self.making.today))

    def _say_done(self, wish: PlanWish) -> None:
        self._toast(_DONE[wish], _("It is in the customer record."))

    def _toast(self, title: str, words: str) -> None:
        Toast(title, words, "calendar-check").show_over(self._over.window())
