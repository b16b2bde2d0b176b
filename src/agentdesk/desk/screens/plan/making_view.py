"""The form of a payment plan, over the window: what, from which card, when; then the caller is asked."""

from dataclasses import replace
from functools import partial

from PySide6.QtWidgets import QWidget

from agentdesk import dates
from agentdesk.desk import days
from agentdesk.desk.region import scrolling
from agentdesk.desk.screens.payment.cards import cards, why_off
from agentdesk.desk.screens.payment.what import due_words
from agentdesk.desk.screens.plan.making import PlanMaking
from agentdesk.desk.screens.plan.preview import Preview, asked
from agentdesk.desk.screens.plan.standing import RHYTHMS
from agentdesk.desk.screens.plan.terms import Terms, is_of_the_day
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Card, Column, Item
from agentdesk.desk.widgets.button import Button, Chip
from agentdesk.desk.widgets.choices import CheckRow, OptionRow
from agentdesk.desk.widgets.drawer import Drawer
from agentdesk.desk.widgets.email_edit import EmailEdit
from agentdesk.desk.widgets.flow import Flow
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.inputs import FieldError, LineEdit
from agentdesk.desk.widgets.notices import ErrorNote
from agentdesk.desk.widgets.script import ScriptQuote
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.domain.plan import Rhythm
from agentdesk.i18n import _
from agentdesk.wire.customers import OpenItem
from agentdesk.wire.saved_cards import SavedCard

_MOST_DIGITS = 2


class PlanForm(Drawer):
    """Floats over the window. Esc closes it and agrees on nothing; Ctrl Enter makes the plan."""

    def __init__(self, model: PlanMaking) -> None:
        self._model = model
        assert model.terms is not None, "the form opens with terms"
        self._invoices, self._cards = Card(), Column(gap=8)
        self._card_head = SectionHead(_("From the saved card"))
        self.ticks: dict[str, CheckRow] = {}
        self.options: dict[str, OptionRow] = {}
        self._listed: object = None
        self.count = LineEdit(_("Number of payments"), width=199)
        self.count.edit.setMaxLength(_MOST_DIGITS)
        self.day = LineEdit(_("First day"), placeholder=_("4/12, 2026-12-04 or +7"), width=224)
        self._day_words = Text("", "medium")
        self.rhythms = {rhythm: Chip(words) for rhythm, words in RHYTHMS.items()}
        self._wrong, self._wrong_said = FieldError(), ""
        self._preview = Preview(model.today)
        self.email = EmailEdit(_("Receipts by email, if wanted"))
        self._ask = ScriptQuote(title=_("Read out and ask"))
        self.agreed = CheckRow(_("The caller agreed"), last=True)
        self._yes = Column(self._ask, 8, Card(self.agreed))
        self._error = ErrorNote(flush=20)
        self._why = Paragraph("")
        self._go = Button(
            _("Make the plan"), "primary", icon="check", key="Ctrl Enter", large=True, fires=False
        )
        self.main = self._go
        foot: list[Item] = [(self._why, 1), self._go]
        super().__init__(_("Payment plan"), self._body(), foot, large_foot=True)
        self._fill(model.terms)
        self._listen()
        self._show()
        self.first = next(iter(self.ticks.values()), None)

    def _body(self) -> QWidget:
        form = scrolling(
            Column(
                SectionHead(_("Which invoices")),
                4,
                self._invoices,
                16,
                self._card_head,
                self._cards,
                16,
                SectionHead(_("When")),
                4,
                Flow(*self.rhythms.values(), gap=6),
                12,
                Flow(self.count, self.day, gap=16, between=8),
                6,
                self._day_words,
                self._wrong,
                12,
                self._preview,
                16,
                self.email,
                16,
                self._yes,
                12,
                Paragraph(
                    _("Nothing is taken now. Each payment is taken automatically on its day, without a call.")
                ),
                ...,
                margins=(8, 20, 20, 20),
            )
        )
        return Column((form, 1), self._error)  # in sight wherever the form is scrolled to

    def _fill(self, terms: Terms) -> None:
        self.count.set_text(str(terms.count or ""))
        self.day.set_text(dates.typed(terms.first_on) if terms.first_on else "")
        self.email.set_text(self._model.receipt)

    def _listen(self) -> None:
        model = self._model
        self.count.changed.connect(self._type_count)
        self.day.changed.connect(self._type_day)
        self.email.changed.connect(model.type_receipt)
        for field in (self.count, self.day, self.email):
            field.accepted.connect(self._go.click)
        for rhythm, chip in self.rhythms.items():
            chip.clicked.connect(partial(self._choose_rhythm, rhythm))
        self.agreed.clicked.connect(model.agree)
        self._go.clicked.connect(model.make)
        model.changed.connect(self._show)
        model.send.running.connect(self._show_busy)

    # --- what is chosen and typed

    def _tick(self, _checked: bool = False) -> None:
        on = [
            one for one in self._model.payable if (row := self.ticks.get(one.invoice_id)) and row.isChecked()
        ]
        if self._model.terms is not None:
            self._model.put(replace(self._model.terms, items=tuple(on)))

    def _choose_card(self, card_id: str, _checked: bool = False) -> None:
        card = next((one for one in cards(self._model.session) if one.card_id == card_id), None)
        if self._model.terms is not None and card is not None:
            self._model.put(replace(self._model.terms, card=card))

    def _choose_rhythm(self, rhythm: Rhythm, _checked: bool = False) -> None:
        self._model.choose_rhythm(rhythm)
        if self._model.terms is not None:
            self._put_day(self._model.terms)
        self._show()  # a chip that was in stays in

    def _type_count(self, text: str) -> None:
        if self._model.terms is not None:
            count = int(text) if text.isascii() and text.isdecimal() else None
            self._model.put(replace(self._model.terms, count=count))

    def _type_day(self, text: str) -> None:
        if self._model.terms is not None:
            self._model.put(replace(self._model.terms, first_on=days.read(text, self._model.today)))

    def _put_day(self, terms: Terms) -> None:
        if terms.first_on is not None and days.read(self.day.text(), self._model.today) != terms.first_on:
            self.day.set_text(dates.typed(terms.first_on))

    # --- showing

    def _show(self) -> None:
        model, terms = self._model, self._model.terms
        if terms is None:
            return  # it is being closed
        self._show_choices(terms)
        for rhythm, chip in self.rhythms.items():
            chip.setChecked(terms.rhythm is rhythm)
        first = terms.first_on
        self._day_words.setText(
            f"{days.alone(first, model.today)}, {days.distance(first, model.today)}" if first else ""
        )
        self._preview.show_terms(terms)
        self._show_wrong(terms)
        self._show_asking(terms)
        self._why.setText("" if model.send.is_running else model.problem)
        self._go.set_on_unless(model.problem)
        self._error.set_error(model.error)

    def _show_choices(self, terms: Terms) -> None:
        items = self._model.payable
        listed = (items, self._options(), terms.card is None)
        if listed != self._listed:
            self._listed = listed
            self._list(items)
        chosen = {one.invoice_id for one in terms.items}
        for invoice_id, row in self.ticks.items():
            row.setChecked(invoice_id in chosen)
        if terms.card is not None and (option := self.options.get(terms.card.card_id)):
            option.setChecked(True)

    def _options(self) -> list[tuple[SavedCard, str]]:
        session = self._model.session
        return [(one, why_off(session, one)) for one in cards(session)]

    def _list(self, items: list[OpenItem]) -> None:
        had = next((key for key, row in (self.ticks | self.options).items() if row.hasFocus()), "")
        self.ticks = {one.invoice_id: self._invoice(one, one is items[-1]) for one in items}
        self._invoices.set_items(list(self.ticks.values()))
        options = self._options()
        one = len(options) == 1 and self._model.terms is not None and self._model.terms.card is not None
        self.options = {} if one else {card.card_id: self._option(card, off) for card, off in options}
        self._card_head.set_right(options[0][0].label if one else "")
        self._cards.set_items(list(self.options.values()))
        if had:
            (self.ticks | self.options).get(had, self.count.edit).setFocus()

    def _option(self, card: SavedCard, off: str) -> OptionRow:
        option = OptionRow(card.label, _("Saved with {name}").format(name=card.agreed_by))
        if off:
            option.set_off(off)
        option.clicked.connect(partial(self._choose_card, card.card_id))
        return option

    def _invoice(self, item: OpenItem, last: bool) -> CheckRow:
        due = due_words(item.due_on, (item.due_on - self._model.today).days)
        words = _("{number}: {due}").format(number=item.number, due=due)
        row = CheckRow(words, str(item.outstanding), last=last)
        row.clicked.connect(self._tick)
        return row

    def _show_wrong(self, terms: Terms) -> None:
        error = self._model.broken
        words = error.text if error else ""
        if not words and terms.first_on is None and self.day.text().strip():
            words = _("That is not a day. Type it like 4/12, 2026-12-04 or +7.")
        by_day = terms.first_on is None or (error is not None and is_of_the_day(error))
        for field, mine in ((self.day, by_day), (self.count, not by_day)):
            field.edit.set_wrong(bool(words) and mine)
            field.edit.setAccessibleDescription(words if mine else "")
        self._wrong.show_error(words)
        if words and words != self._wrong_said:
            announce(self, words)
        self._wrong_said = words

    def _show_asking(self, terms: Terms) -> None:
        model, rules = self._model, self._model.rules
        ready = not model.unready and rules is not None
        self._yes.setVisible(ready)
        if ready and rules is not None:
            self._ask.set_words(asked(terms, rules, model.today))
        self.agreed.setChecked(model.agreed)

    def _show_busy(self, running: bool) -> None:
        self._go.set_busy(_("Writing it down") if running else None)
        self._show()
