"""Expiring somebody's payment link, at the foot of the open payment: one press, one question."""

from PySide6.QtCore import Qt

from agentdesk.desk.command import Command
from agentdesk.desk.counting import open_link
from agentdesk.desk.screens.payments.view_model import PaymentsViewModel
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Item, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.domain.link import LinkState
from agentdesk.i18n import _
from agentdesk.wire.payments import Attempt

_MEANING = _("Then nobody can pay on it.")


class ExpireLink(Row):
    """The button, and the question in its place."""

    def __init__(self, expire: Command, attempt: Attempt) -> None:
        super().__init__(gap=8)
        self._expire, self._attempt = expire, attempt
        self._go: Button | None = None
        expire.running.connect(self._set_busy)
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
        self.set_items([(Paragraph(_("The link can be paid until it ends.")), 1), offer])

    def _ask(self) -> None:
        keep, self._go = Button(_("Keep it open"), "ghost"), Button(_("Expire link"), "danger", icon="x")
        keep.clicked.connect(self._offer)
        self._go.clicked.connect(lambda: self._expire.start(self._attempt.attempt_id))
        self.set_items([(Paragraph(_MEANING), 1), keep, self._go])
        announce(self, _("Expire it? {meaning}").format(meaning=_MEANING))
        keep.setFocus(Qt.FocusReason.OtherFocusReason)


def without_receipt(model: PaymentsViewModel) -> list[Item]:
    """Return the foot of a payment that has no receipt: its open link, or words."""
    linked = open_link(model.detail.payment) if model.detail and model.may_decide else None
    if linked is not None:
        return [(ExpireLink(model.expire_link, linked), 1)]
    return [Text(_("Approved payments have a receipt.") if model.detail else "", role="text_3"), ...]
