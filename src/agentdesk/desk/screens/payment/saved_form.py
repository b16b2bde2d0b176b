"""Paying with a saved card: which one, what is read out, and the moment it is being charged."""

from functools import partial

from PySide6.QtWidgets import QWidget

from agentdesk.desk.screens.payment.capturing import AmountHead
from agentdesk.desk.screens.payment.routes import number_key
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.widgets.box import Card, Column, Item, Row
from agentdesk.desk.widgets.choices import OptionRow
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.notices import Strip
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _

_WHAT = _(
    "Read out the amount and the last four digits, and charge it only when the caller has said yes. F10 "
    "charges it once; nothing is sent before that."
)
_NO_CODE = _(
    "The security code is not asked for: for a saved card it cannot be keyed on its own. A caller who should "
    "key it pays by keypad."
)


class SavedForm(Column):
    """The amount, the customer's saved cards, and what to know before one is charged."""

    def __init__(self, model: PaymentViewModel) -> None:
        self._model = model
        saved = model.saved
        self._showing = False
        self._options: dict[str, OptionRow] = {}
        self._rows = Column()
        self._shown: object = None
        code = Strip("info", _NO_CODE)
        self.droppable: list[QWidget] = []
        amount = Column(Text(_("Amount"), "caption", "text_3"), Text(str(saved.amount), "amount"))
        numbers = ", ".join(saved.numbers) or _("The account")
        super().__init__(
            Row(amount, (Column(Paragraph(numbers, "medium", "text")), 1), gap=24),
            20,
            SectionHead(_("Which saved card")),
            4,
            self._rows,
            12,
            Paragraph(_WHAT),
            12,
            code,
            margins=(16, 20, 20, 20),
        )
        self.refresh()
        chosen = saved.option
        self.setFocusProxy(self._options.get(chosen.card_id if chosen else "", self._rows))

    def refresh(self) -> None:
        """Show the cards as they are now."""
        saved = self._model.saved
        if saved.options != self._shown:
            self._shown = saved.options
            self._build()
        chosen = saved.option
        self._showing = True
        if chosen is not None:
            self._options[chosen.card_id].setChecked(True)
        self._showing = False

    def _build(self) -> None:
        items: list[Item] = []
        self._options = {}
        for place, one in enumerate(self._model.saved.options):
            row = OptionRow(one.label, one.detail, key=number_key(place))
            if one.off:
                row.set_off(f"{one.off}.")
            row.toggled.connect(partial(self._toggle, one.card_id))
            self._options[one.card_id] = row
            items += [row, 8]
        self._rows.set_items(items)

    def _toggle(self, card_id: str, on: bool) -> None:
        if on and not self._showing:
            self._model.saved.pick(card_id)


class ChargingBody(Column):
    """A saved card on its way to the bank: nothing is keyed, so there is nothing to watch but the answer."""

    def __init__(self, model: PaymentViewModel) -> None:
        payment, attempt = model.payment, model.attempt
        assert payment is not None and attempt is not None, "there is a charge"
        self.head = AmountHead(payment, attempt)
        self.head.set_badge(_("Charging"), "paper-plane-right")
        self.droppable: list[QWidget] = []
        card = attempt.card.label if attempt.card else _("the saved card")
        words = Column(
            Paragraph(_("The saved {card} is being charged").format(card=card), "medium", "text"),
            Paragraph(_("Sent once. The bank is being asked; this screen changes by itself.")),
        )
        line = Row(Icon("credit-card", "icon_large"), (words, 1), gap=12)
        super().__init__(self.head, 20, Card(line, margins=14), margins=(16, 20, 20, 20))

    def refresh(self) -> None:
        """Nothing of it changes before the answer."""
