"""What a supervisor says of a refund that no look-up can tell: two presses under it, and what was seen."""

from collections.abc import Callable

from agentdesk.desk.screens.payments.forms import ReasonForm
from agentdesk.desk.screens.payments.refund_model import RefundViewModel
from agentdesk.desk.widgets.box import Row
from agentdesk.desk.widgets.button import Button
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.refund import RefundState
from agentdesk.i18n import _
from agentdesk.wire.payments import Refund
from agentdesk.wire.work import RefundOutcome


class OutcomePresses(Row):
    """It went back, or it never did; each opens a form with `open_form`."""

    def __init__(
        self, model: RefundViewModel, refund: Refund, open_form: Callable[[ReasonForm], None]
    ) -> None:
        never, went = Button(_("It never went back…"), "ghost"), Button(_("It went back…"), icon="check")
        never.clicked.connect(lambda: open_form(_form(model, refund, RefundState.NOT_SENT)))
        went.clicked.connect(lambda: open_form(_form(model, refund, RefundState.DONE)))
        super().__init__(never, ..., went, gap=8)


def _form(model: RefundViewModel, refund: Refund, outcome: RefundState) -> ReasonForm:
    """Return the form of one decision: one key, however often it is sent."""
    is_done, key = outcome is RefundState.DONE, new_ulid()
    names = [_("What did you see?"), _("Why you decide it now")]
    title = _("{amount} never went back: a second supervisor confirms it").format(amount=refund.amount)
    if is_done:
        title = _("{amount} went back").format(amount=refund.amount)
        names = [_("The provider’s reference"), *names]

    def send(texts: list[str]) -> None:
        *reference, seen, reason = texts
        words = {"reference": (*reference, None)[0], "seen": seen, "reason": reason}
        said = RefundOutcome.model_validate({"key": key, "outcome": outcome, **words})
        model.settle.start(refund.refund_id, said)

    form = ReasonForm(title, names, _("Record it"))
    form.sent.connect(send)
    return form
