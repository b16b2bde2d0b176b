"""The page of who may refund and does not see the log: look a payment up, and give it back."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent

from agentdesk.desk import times
from agentdesk.desk.keys import Keys
from agentdesk.desk.region import scrolling
from agentdesk.desk.screens.payments.detail import PaymentDrawer
from agentdesk.desk.screens.refunds.view_model import RefundsViewModel
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Card, Column, Item, Look, Row, Stacking
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.inputs import LineEdit
from agentdesk.desk.widgets.notices import EmptyState, Loading, PartError
from agentdesk.desk.widgets.text import MoneyLabel, Paragraph, Text
from agentdesk.i18n import _, ngettext
from agentdesk.wire.payment_log import PaymentRow

_HELP = _(
    "Ask the customer for the reference on the receipt, the amount, or the card’s last four digits, type "
    "it and press Enter. Open the payment and press Refund. What is over your limit goes to a supervisor."
)


class RefundsView(Row):
    """A search, what it found, and the open payment beside it."""

    title = _("Refunds")
    help_text = _HELP

    def __init__(self, model: RefundsViewModel, keys: Keys) -> None:
        self._model = model
        self.search = LineEdit(
            placeholder=_("Reference, amount or last four digits"),
            name=_("Find a payment to refund"),
            icon="magnifying-glass",
            width=300,
        )
        self._found = Column()
        self.drawer = PaymentDrawer(model.payments, keys)
        head = Stacking(Text(_("Refunds"), "heading"), ..., self.search, margins=(4, 20), gap=8, least=56)
        left = Column(head, (scrolling(Column(self._found, ...)), 1), look=Look("surface"))
        super().__init__((left, 1), self.drawer, fill=True)
        model.setParent(self)
        self.setAccessibleName(self.title)
        self._said: object = None
        keys.add(self, _("Find a payment"), "F3", self.take_focus)
        self.search.accepted.connect(lambda: model.look_for(self.search.text()))
        self.drawer.closed.connect(self._close)
        self.drawer.left_panel.connect(self.take_focus)
        self.drawer.stepped.connect(model.step)
        model.changed.connect(self._show)
        theme.changed.connect(self.drawer.share)
        self._show()

    def take_focus(self) -> None:
        """Focus the search."""
        self.search.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.search.edit.selectAll()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the drawer its share."""
        super().resizeEvent(event)
        self.drawer.share()

    def _close(self) -> None:
        self._model.payments.close()
        self.take_focus()

    def _show(self) -> None:
        model = self._model
        self._found.set_items([Column(*self._items(), margins=(0, 20, 20, 20))])
        rows = model.rows
        if rows is not None and rows is not self._said:
            found = ngettext("{count} payment found", "{count} payments found", len(rows))
            announce(
                self,
                found.format(count=len(rows))
                if rows
                else _("No payment found for {looked_for}").format(looked_for=model.looked_for),
            )
        self._said = rows

    def _items(self) -> list[Item]:
        model = self._model
        if model.find.is_running and model.rows is None:
            loading = Loading(_("Looking for it"), row_height=48)
            loading.start()
            return [loading]
        if model.error is not None:
            part = PartError(_("That did not work"), model.error.text)
            part.retry.connect(lambda: model.look_for(model.looked_for))
            return [part]
        if model.rows is None:
            words = _("Type the reference, the amount or the card’s last four digits, and press Enter.")
            return [EmptyState("arrow-u-up-left", _("Which payment goes back?"), words)]
        if not model.rows:
            words = _("Nothing was taken under exactly that. Ask for the reference on the receipt.")
            return [
                EmptyState(
                    "receipt", _("No payment for {looked_for}").format(looked_for=model.looked_for), words
                )
            ]
        return [Card(*(self._row(row, below=i > 0) for i, row in enumerate(model.rows)))]

    def _row(self, row: PaymentRow, *, below: bool) -> Row:
        today = self._model.payments.today()
        when = times.day_and_minute(row.created_at, today)
        card = row.card.label if row.card else ""
        back = _("{refunded} refunded").format(refunded=row.refunded) if row.refunded else ""
        detail = ", ".join(part for part in (row.short_reference, when, card, back) if part)
        look = Button(_("Open"), width=80)
        look.setAccessibleName(
            _("Open {customer_name}, {amount}, {short_reference}").format(
                customer_name=row.customer_name, amount=row.amount, short_reference=row.short_reference
            )
        )
        look.clicked.connect(lambda: self._model.open(row))
        words = Column(
            Text(row.customer_name, "medium", elide=True),
            Paragraph(detail, "caption"),
            gap=2,
        )
        edge = Look(sides="t" if below else "")
        return Row((words, 1), 12, MoneyLabel(row.amount.money), 16, look, margins=(10, 16), look=edge)
