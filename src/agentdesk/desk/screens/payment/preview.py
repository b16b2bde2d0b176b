"""The receipt as the customer gets it, the mail and the page in it; sent from here to any address."""

from PySide6.QtWidgets import QWidget

from agentdesk.desk.command import Command
from agentdesk.desk.region import scrolling
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.widgets.box import Card, Column, Item, Look, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.drawer import Drawer
from agentdesk.desk.widgets.email_edit import EmailEdit
from agentdesk.desk.widgets.notices import Loading, PartError
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.domain.errors import AgentDeskError
from agentdesk.i18n import _
from agentdesk.wire.payments import PaymentIntent
from agentdesk.wire.receipts import ReceiptPage


class PreviewDrawer(Drawer):
    """Floats over the window. Esc closes it and sends nothing."""

    def __init__(self, model: PaymentViewModel, payment: PaymentIntent) -> None:
        self._model, self._intent_id = model, payment.intent_id
        self._page = Column()
        self.address = EmailEdit(_("To"))
        self.address.set_text(payment.receipt_email or "")
        leave = Button(_("Close"), "ghost")
        self._send = Button(
            _("Send it"), "primary", icon="paper-plane-right", key="Ctrl Enter", large=True, fires=False
        )
        self.main = self._send
        body = Column(Column(self.address, margins=(8, 20, 12, 20)), (scrolling(Column(self._page, ...)), 1))
        super().__init__(_("Receipt"), body, [leave, ..., self._send], large_foot=True)
        self.first = self.address.edit
        leave.clicked.connect(self.closed)
        self._send.clicked.connect(self._take)
        self.address.accepted.connect(self._take)
        self.load = Command(model.session.tasks, model.session.client.receipt, self)
        self.load.done.connect(self._show)
        self.load.failed.connect(self._miss)
        self._ask()

    def _ask(self) -> None:
        loading = Loading(_("Getting the receipt"), row_height=44)
        loading.start()
        self._page.set_items([Column(loading, margins=20)])
        self._send.set_off(_("The receipt is not here yet"))
        self.load.restart(self._intent_id)

    def _show(self, shown: ReceiptPage) -> None:
        self._page.set_items([mail(shown), paper(shown)])
        if shown.sender is None:
            self._send.set_off(_("No mail server is set up"))
        else:
            self._send.set_on()

    def _miss(self, error: AgentDeskError) -> None:
        part = PartError(_("The receipt did not load"), error.text)
        part.retry.connect(self._ask)
        self._page.set_items([Column(part, margins=20)])

    def _take(self) -> None:
        if not self.isVisible():
            return  # Enter and the key beside it came at once
        email = self.address.address()
        if email and self._send.isEnabled() and self._model.payment is not None:
            if self._model.payment.intent_id == self._intent_id:  # else another payment shows by now
                self._model.send_receipt(email)
            self.closed.emit()


def open_preview(model: PaymentViewModel, payment: PaymentIntent, window: QWidget) -> PreviewDrawer:
    """Float the preview over a window, between its bars."""
    drawer = PreviewDrawer(model, payment)
    drawer.closed.connect(drawer.leave)
    drawer.decide_over(window)
    return drawer


def mail(shown: ReceiptPage) -> Column:
    """Make the mail that carries the receipt."""
    lines = [Paragraph(line, "body", "text") for line in shown.words.strip().splitlines()]
    attached = Row(Icon("paperclip", "icon"), (Text(shown.file_name, "caption", "text_2"), 1), gap=6)
    return Column(
        _pair(_("From"), shown.sender or _("Nobody: no mail server is set up")),
        _pair(_("Subject"), shown.subject),
        12,
        *lines,
        8,
        attached,
        margins=(12, 20, 16, 20),
        look=Look(sides="t"),
    )


def _pair(label: str, value: str) -> Row:
    return Row(Text(label, role="text_3"), (Paragraph(value, "body", "text"), 1), gap=12)


def paper(shown: ReceiptPage) -> Column:
    """Make the page as it is attached."""
    rows: list[Item] = [
        Row(
            Text(one.label, role="text_2"),
            ...,
            Text(one.value, "medium"),
            margins=(6, 0),
            look=Look(sides="t"),
        )
        for one in shown.lines
    ]
    page = Column(
        Text(shown.business, "title"),
        Paragraph(shown.title),
        16,
        Text(shown.amount, "amount"),
        Paragraph(shown.paid, "body", "text"),
        16,
        *rows,
        16,
        Paragraph(shown.foot, "caption"),
        margins=20,
    )
    page.setAccessibleName(_("Receipt: {amount}, {paid}").format(amount=shown.amount, paid=shown.paid))
    return Column(Card(page), margins=(0, 20, 20, 20))
