"""What a supervisor says of a refund that no look-up can tell: two presses under it, and what was seen."""

from collections.abc import Callable

from agentdesk.desk.screens.payments.forms import ReasonForm
from agentdesk.desk.screens.payments.refund_model import RefundViewModel
from agentdesk.desk.widgets.box import Column, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.inputs import MoneyEdit
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.money import Money
from agentdesk.domain.refund import RefundState
from agentdesk.i18n import _
from agentdesk.wire.model import Amount
from agentdesk.wire.payments import Refund
from agentdesk.wire.work import RefundOutcome


class OutcomePresses(Row):
    """It went back, or it never did; each opens a form with `open_form`."""

    def __init__(
        self, model: RefundViewModel, refund: Refund, open_form: Callable[[ReasonForm], None]
    ) -> None:
        never, went = Button(_("It never went back…"), "ghost"), Button(_("It went back…"), icon="check")
        never.clicked.connect(lambda: open_form(_never(model, refund)))
        went.clicked.connect(lambda: open_form(_went_back(model, refund)))
        may_be_unsent = refund.state is RefundState.UNKNOWN  # what is on its way is at the provider
        super().__init__(never if may_be_unsent else None, ..., went, gap=8)


class GaveEdit(Column):
    """What went back, as the provider shows it, and what follows where that is not what was asked for."""

    def __init__(self, asked: Money) -> None:
        self._asked = asked
        self.amount = MoneyEdit(asked.currency, label=_("What went back, as shown there"))
        self._follows = Paragraph("", "body", "warning")
        super().__init__(self.amount, self._follows, gap=4)
        self.amount.changed.connect(self._show)
        self.amount.set_value(asked)

    @property
    def other(self) -> Money | None:
        """What went back, where that is not what was asked for."""
        gave = self.amount.value()
        return gave if gave is not None and gave != self._asked else None

    def is_typed(self) -> bool:
        """Say whether there is an amount; where there is none the field says so."""
        if self.amount.value() is None:
            self.amount.set_error(_("Type the amount that went back."))
        return self.amount.value() is not None

    def _show(self) -> None:
        self._follows.setText(_what_follows(self._asked, self.other) if self.other else "")
        self._follows.setVisible(self.other is not None)


def _what_follows(asked: Money, gave: Money) -> str:
    if gave < asked:
        return _("{asked} was asked for: {rest} can still be refunded.").format(
            asked=asked, rest=asked - gave
        )
    return _("{asked} was asked for: {more} too much went back.").format(asked=asked, more=gave - asked)


def _never(model: RefundViewModel, refund: Refund) -> ReasonForm:
    key = new_ulid()  # one form, one decision

    def send(texts: list[str]) -> None:
        seen, reason = texts
        said = RefundOutcome(key=key, outcome=RefundState.NOT_SENT, seen=seen, reason=reason)
        model.settle.start(refund.refund_id, said)

    title = _("{amount} never went back: a second supervisor confirms it").format(amount=refund.amount)
    form = ReasonForm(title, [_("What did you see?"), _("Why you decide it now")], _("Record it"))
    form.sent.connect(send)
    return form


def _went_back(model: RefundViewModel, refund: Refund) -> ReasonForm:
    key, gave = new_ulid(), GaveEdit(refund.amount.money)

    def send(texts: list[str]) -> None:
        if not gave.is_typed():
            return
        words = dict(zip(("reference", "seen", "reason"), texts, strict=True))
        other = Amount.of(gave.other) if gave.other else None
        said = RefundOutcome(key=key, outcome=RefundState.DONE, gave=other, **words)
        model.settle.start(refund.refund_id, said)

    names = [_("The provider’s reference"), _("What did you see?"), _("Why you decide it now")]
    form = ReasonForm(_("It went back: what the provider shows"), names, _("Record it"), gave)
    form.sent.connect(send)
    return form
