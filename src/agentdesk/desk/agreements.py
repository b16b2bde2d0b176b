"""What a caller can agree to without paying now: a promise and a payment plan; one form at a time, by key."""

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QWidget

from agentdesk.desk.keys import Keys
from agentdesk.desk.screens.payment.form import Form
from agentdesk.desk.screens.plan.changing import PlanViewModel
from agentdesk.desk.screens.plan.making import PlanMaking
from agentdesk.desk.screens.plan.place import PLAN_KEY, PlanPlace
from agentdesk.desk.screens.promise.view import WITHDRAW_KEY, PromisePlace
from agentdesk.desk.screens.promise.view_model import PromiseViewModel
from agentdesk.desk.screens.promise.withdrawal import WithdrawalViewModel
from agentdesk.desk.screens.promise.withdrawal_view import WithdrawalPlace
from agentdesk.desk.screens.wrap_up.view_model import WrapUpViewModel
from agentdesk.desk.session import Session
from agentdesk.i18n import _


class Agreements:
    """The places of their forms over the window. `opened(intent_id)` shows a payment of a plan."""

    def __init__(
        self,
        session: Session,
        form: Form,
        wrap_up: WrapUpViewModel,
        opened: Callable[[str], None],
        over: QWidget,
    ) -> None:
        self.promise = PromisePlace(PromiseViewModel(session, wrap_up), over)
        self.withdrawal = WithdrawalPlace(WithdrawalViewModel(session), over)
        making, plan = PlanMaking(session, form, wrap_up), PlanViewModel(session)
        self.plans = PlanPlace(making, plan, opened, over)

    def add_keys(self, keys: Keys, owner: QWidget) -> None:
        """Give each its key, which takes the others away."""
        add = partial(keys.add, owner, minor=True)
        add(_("Promise to pay"), "Ctrl P", partial(self._ask, self.promise))
        add(_("Withdraw a promise"), WITHDRAW_KEY, partial(self._ask, self.withdrawal))
        key = add(self.plans.name, PLAN_KEY, partial(self._ask, self.plans))

        def show() -> None:
            key.set_on_unless(self.plans.why_not, self.plans.name)

        self.plans.making.changed.connect(show)
        show()

    def _ask(self, asked: PromisePlace | WithdrawalPlace | PlanPlace, _checked: bool = False) -> None:
        for one in (self.promise, self.withdrawal, self.plans):
            if one is not asked:
                one.leave()
        asked.ask()
