"""Expiring somebody's payment link, at the foot of the open payment: one press, one question."""

from PySide6.QtCore import Qt

from agentdesk.desk.screens.payments.view_model import PaymentsViewModel
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Item, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.domain.link import LinkState
from agentdesk.domain.payment import AttemptState
from agentdesk.i18n import _
from agentdesk.wire.payments import Attempt, PaymentDetail

_MEANING = _("Then nobody can pay on it.")


class ExpireLink(Row):
    """The button, and the question in its place."""

    def __init__(self, model: PaymentsViewModel, attempt: Attempt) -> None:
        super().__init__(gap=8)
        self._model, self._attempt = model, attempt
        self._go: Button | None = None
        model.expire_link.running.connect(self._set_busy)
        self._offer()

    def _set_busy(self, running: bool) -> None:
        if self._go is not None:
            self._go.set_busy(_("Expiring") if running else None)

    def _offer(self) -> None:
        self._go = None
        offer = Button(_("Expire the link"), "secondary", icon="link-simple")
        offer.clicked.connect(self._ask)
        closing = self._attempt.link is not None and self._attempt.link.state is LinkState.CLOSING
        if closing:
            offer.set_off(_("It is being expired"))
        self.set_items(
            [Text(_("The link can be paid until it ends."), role="text_2", elide=True), ..., offer]
        )

    def _ask(self) -> None:
        keep, self._go = Button(_("Keep it open"), "ghost"), Button(_("Expire link"), "danger", icon="x")
        keep.clicked.connect(self._offer)
        self._go.clicked.connect(lambda: self._model.expire_link.start(self._attempt.attempt_id))
        self.set_items([(Paragraph(_MEANING), 1), keep, self._go])
        announce(self, _("Expire it? {meaning}").format(meaning=_MEANING))
        keep.setFocus(Qt.FocusReason.OtherFocusReason)


def without_receipt(model: PaymentsViewModel) -> list[Item]:
    """Return the foot of a payment that has no receipt: its open link, or words."""
    linked = open_link(model.detail) if model.may_decide else None
    if linked is not None:
        return [(ExpireLink(model, linked), 1)]
    return [Text(_("Approved payments have a receipt.") if model.detail else "", role="text_3"), ...]


def open_link(detail: PaymentDetail | None) -> Attempt | None:
    """Return the attempt whose customer has a link that can still be paid."""
    attempts = detail.payment.attempts if detail else []
    return next((one for one in attempts if one.link and one.state is AttemptState.OPEN), None)
