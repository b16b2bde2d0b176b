"""The drawer over the window with one payment of the customer's past."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.counting import counting, taken
from agentdesk.desk.region import scrolling
from agentdesk.desk.screens.customer.past import PastViewModel
from agentdesk.desk.screens.payments.columns import taker
from agentdesk.desk.screens.payments.expire import ExpireLink
from agentdesk.desk.standing import standing
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.badge import badge_of
from agentdesk.desk.widgets.box import Card, Column, Item, Look, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.drawer import Drawer, DrawerWhile
from agentdesk.desk.widgets.email_edit import EmailEdit
from agentdesk.desk.widgets.notices import ErrorNote, Loading, Toast
from agentdesk.desk.widgets.outcome import WriteBackRow
from agentdesk.desk.widgets.text import MoneyLabel, Paragraph, Text
from agentdesk.domain.payment import AttemptState
from agentdesk.i18n import _, listed
from agentdesk.wire.payments import PaymentIntent


class PastDrawer(Drawer):
    """Floats over the window. Esc closes it; Ctrl Enter sends the receipt."""

    def __init__(self, model: PastViewModel) -> None:
        self._model = model
        self.email = EmailEdit(_("Email for the receipt"))
        self._body, self._receipts, self._error = Column(), Column(), ErrorNote()
        self._send_to = Column(16, self.email)
        self._shown: object = None
        self._why = Text("", role="text_2", elide=True)
        self._go = Button(_("Send the receipt"), "primary", key="Ctrl Enter", large=True, fires=False)
        self.main = self._go
        inside = Column(self._body, self._receipts, self._send_to, self._error, ..., margins=(8, 20, 20, 20))
        self._ends = Row()
        foot: list[Item] = [(self._why, 1), (self._ends, 1), self._go]
        super().__init__(_("Payment"), scrolling(inside), foot, large_foot=True)
        self._loading = Loading(_("Getting the payment"), (200, 160, 180))
        self._body.set_items([self._loading])
        self._loading.start()
        self._go.clicked.connect(self._send)
        self.email.accepted.connect(self._send)
        self.email.changed.connect(lambda _text: self._show())
        model.changed.connect(self._show)
        model.send.running.connect(self._show_busy)
        self._show()

    def _show(self) -> None:
        model, payment = self._model, self._model.payment
        self._send_to.setVisible(payment is not None and payment.state is AttemptState.APPROVED)
        if payment is not None and payment != self._shown:
            first, self._shown = self._shown is None, payment
            self.title.setText(_("Payment {short_reference}").format(short_reference=payment.short_reference))
            self.setAccessibleName(self.title.text())
            self._body.set_items(_facts(model, payment))
            self._receipts.set_items(self._sent_ones())
            self._show_link()
            if first:
                self._begin(payment)
        self._error.set_error(model.error)
        if model.error and self._shown is None:
            self._loading.stop()
        problem = model.problem(self.email.text())
        self._why.setText("" if model.send.is_running else problem)
        self._go.set_on_unless(problem)

    def _show_link(self) -> None:
        """Offer to end a link that is in the way; what is not taken yet has no receipt."""
        linked = self._model.open_link
        for one in (self._why, self._go):
            one.setVisible(linked is None)
        self._ends.set_items([(ExpireLink(self._model.expire, linked), 1)] if linked else [])
        self._ends.setVisible(linked is not None)

    def _begin(self, payment: PaymentIntent) -> None:
        self.email.set_text(self._model.address)
        if payment.state is AttemptState.APPROVED:
            self.email.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, f"{self.title.text()}. {standing(payment, self._model.session.clock.now()).words}")

    def _sent_ones(self) -> list[Item]:
        today = self._model.session.clock.today()
        rows = [
            WriteBackRow(
                "receipt",
                _("Receipt"),
                one.detail,
                one.state.value,
                time=times.day_and_minute(one.done_at, today) if one.done_at else "",
                first=i == 0,
            )
            for i, one in enumerate(self._model.receipts)
        ]
        return [16, Card(*rows)] if rows else []

    def _show_busy(self, running: bool) -> None:
        self._go.set_busy(_("Sending") if running else None)

    def _send(self) -> None:
        if email := self.email.address():
            self._model.send_receipt(email)


class PastPlace:
    """Opens the drawer over a window while the view model has a payment open."""

    def __init__(self, model: PastViewModel, over: QWidget) -> None:
        self._over = over
        self._drawer = DrawerWhile(over, lambda: PastDrawer(model), model.close)
        model.setParent(over)
        model.changed.connect(lambda: self._drawer.show(model.intent_id is not None))
        model.sent.connect(self._say)

    def _say(self, email: str) -> None:
        words = _("It goes to {email}.").format(email=email)
        Toast(_("The receipt is sent again"), words, "receipt").show_over(self._over.window())


def _facts(model: PastViewModel, payment: PaymentIntent) -> list[Item]:
    now = model.session.clock.now()
    stood, attempt = standing(payment, now), counting(payment)
    at = (attempt.ended_at or attempt.started_at) if attempt else payment.created_at
    today = model.session.clock.today()
    day = times.day(at, today)
    whose = [(_("Customer"), payment.customer_name)] if model.is_of_another else []
    rows = [
        *whose,
        (_("Taken by"), taker(payment)),
        (_("When"), _("{day}, {minute}").format(day=day, minute=times.minute(at))),
        (_("For"), listed([part.number for part in payment.allocations]) or _("the account")),
        (_("Card"), attempt.card.label if attempt and attempt.card else _("None")),
        (_("Reference"), payment.reference),
    ]
    money = Row(MoneyLabel(taken(payment).money, style="amount", align="left"), ..., badge_of(stood.kind))
    lines = [_fact(label, value, i > 0) for i, (label, value) in enumerate(rows)]
    return [money, 8, Paragraph(stood.words, role="text"), 16, Card(*lines)]


def _fact(label: str, value: str, below: bool) -> Row:
    look = Look(sides="t" if below else "")
    words = Paragraph(value, "medium", "text", align="right")
    return Row(Paragraph(label, role="text_2"), (words, 1), gap=16, margins=(8, 16), look=look)
