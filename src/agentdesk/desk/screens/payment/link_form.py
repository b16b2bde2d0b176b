"""Where a payment link goes: by text, by mail, or onto this screen."""

from functools import partial

from PySide6.QtWidgets import QWidget

from agentdesk.desk.numbers import readable
from agentdesk.desk.proof import only_to_file
from agentdesk.desk.screens.payment.routes import number_key
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.widgets.box import Card, Column, Item, Row
from agentdesk.desk.widgets.button import Chip
from agentdesk.desk.widgets.choices import OptionRow
from agentdesk.desk.widgets.flow import Flow
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.inputs import LineEdit
from agentdesk.desk.widgets.notices import Strip
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.domain.link import LinkWay
from agentdesk.i18n import _

_WHAT = _(
    "The customer pays on the payment provider’s page. You never see or hear the card. While the link is "
    "open no card can be keyed for the same invoices, so it cannot be paid twice."
)
_QR = _(
    "Whoever scans the code can pay. Show it to the customer only; that you showed it is written down. "
    "Never type a card that somebody reads to you on that page."
)
_MOVE = _(
    "The link that is open is expired first. The new one goes out when the payment provider has confirmed "
    "that nobody can pay on the old one."
)


class LinkForm(Column):
    """The amount, the ways, and another number or address."""

    def __init__(self, model: PaymentViewModel) -> None:
        self._model = model
        link = model.link
        self._showing = False
        self.droppable: list[QWidget] = []
        whom = link.to_whom
        self.number = _line(_("Another number, if the caller gives one"), _("Number to text"), whom.number)
        self.address = _line(_("Another address, if they give one"), _("Address to write to"), whom.address)
        self.number.changed.connect(link.type_number)
        self.address.changed.connect(link.type_address)
        self._options: dict[LinkWay, OptionRow] = {}
        self._chips: dict[str, Chip] = {}
        self._known = self._on_file()
        self._typed = [Column(8, Card(Row(line, ...), margins=14)) for line in (self.number, self.address)]
        self._other = {
            LinkWay.TEXT: Column(self._known, self._typed[0]),
            LinkWay.EMAIL: Column(self._typed[1]),
            LinkWay.QR: Column(8, Strip("warning", _QR)),
        }
        for line in (self.number, self.address):
            line.accepted.connect(link.send)
        amount = Column(Text(_("Amount"), "caption", "text_3"), Text(str(link.amount), "amount"))
        super().__init__(
            Row(amount, (Column(Text(self._invoices(), "medium", elide=True)), 1), gap=24),
            20,
            *([Strip("info", _MOVE), 16] if link.is_open else []),
            SectionHead(_("How to send the link")),
            4,
            *self._ways(),
            16,
            Paragraph(_WHAT),
            margins=(16, 20, 20, 20),
        )
        self.refresh()
        self.setFocusProxy(self._first())

    def refresh(self) -> None:
        """Show the way that is chosen, and what it needs."""
        link, self._showing = self._model.link, True
        for one in link.ways:
            option, chosen = self._options[one.way], one.way is link.way and not one.off
            if one.off:
                option.set_off(one.off)
            option.setChecked(chosen)
            self._other[one.way].setVisible(chosen)
        to_file = only_to_file(self._model.session)
        self._known.setVisible(len(link.to_whom.on_file) > 1 or not to_file)  # of one nobody has to choose
        for card in self._typed:
            card.setVisible(not to_file)
        for number, chip in self._chips.items():
            chip.setChecked(number == link.to_whom.to(LinkWay.TEXT))
        self._showing = False

    def _ways(self) -> list[Item]:
        items: list[Item] = []
        for place, one in enumerate(self._model.link.ways):
            option = OptionRow(one.title, one.detail, key=number_key(place))
            option.toggled.connect(partial(self._toggle, one.way))
            self._options[one.way] = option
            items += [8 if place else None, option, self._other[one.way]]
        return items

    def _on_file(self) -> Column:
        """Return the numbers on file to pick, where the caller rings from none of them or has more."""
        for number in self._model.link.to_whom.others_on_file:
            self._chips[number] = chip = Chip(readable(number), tick=True)
            chip.clicked.connect(partial(self._pick, number))
        if not self._chips:
            return Column()
        flow = Flow(gap=6)
        flow.set_widgets(list(self._chips.values()))
        return Column(8, Paragraph(_("Numbers on file"), "caption"), 4, flow)

    def _pick(self, number: str, _checked: bool = False) -> None:
        """Text it to this number; pressed again, to the caller's own."""
        link = self._model.link
        again = number == link.to_whom.number
        self.number.set_text("" if again else readable(number))
        link.type_number("" if again else number)

    def _toggle(self, way: LinkWay, on: bool) -> None:
        if on and not self._showing:
            self._model.link.choose(way)

    def _first(self) -> QWidget:
        """Return where the keyboard goes: the field that must be filled in, else the chosen way."""
        link = self._model.link
        if link.why_not_send and link.way is not LinkWay.QR and not only_to_file(self._model.session):
            if link.way is LinkWay.TEXT and self._chips:
                return next(iter(self._chips.values()))
            return self.number if link.way is LinkWay.TEXT else self.address
        return self._options.get(link.way, self.number)

    def _invoices(self) -> str:
        payment, choice = self._model.payment, self._model.form.choice
        if payment is not None:
            return ", ".join(part.number for part in payment.allocations) or _("The account")
        return ", ".join(choice.numbers) if choice else ""


def _line(label: str, name: str, text: str) -> LineEdit:
    line = LineEdit(label, name=name, width=320)
    line.set_text(text)
    return line
