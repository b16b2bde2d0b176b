"""What to pay, as it shows: the open invoices, what holds some of them, the amount and what stays open."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from agentdesk import dates
from agentdesk.desk.screens.payment.choice import Choice, Pick, why_held, why_posting
from agentdesk.desk.screens.payment.picks import Picks, SplitRow
from agentdesk.desk.screens.payment.stopped import busy_words
from agentdesk.desk.screens.payment.stopping import has_open_link
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.widgets.announce import News
from agentdesk.desk.widgets.box import Column, Row
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.inputs import MoneyEdit
from agentdesk.desk.widgets.invoice_table import InvoiceLine, InvoiceTable
from agentdesk.desk.widgets.notices import Banner, Strip
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptState
from agentdesk.i18n import _, after_colon, listed, ngettext
from agentdesk.wire.customers import OpenItem
from agentdesk.wire.payments import EarlierPayment

_SOON_DAYS = 7
_CHECKED = (AttemptState.UNKNOWN, AttemptState.PENDING)


@dataclass(frozen=True)
class Held:
    """Why invoices cannot be paid now; without a title it is one quiet line. `link`: the payment to go to."""

    text: str
    title: str = ""
    role: str = ""
    icon: str = ""
    link: str = ""
    about: str = ""
    """The payment that holds them."""
    plan: str = ""
    """The payment plan that takes them."""

    @property
    def said(self) -> str:
        """What is spoken of it."""
        return f"{self.title}. {self.text}" if self.title else self.text


class WhatToPay(Column):
    """Ways to choose, invoices to tick and an amount to type; one sets the other.

    Signal `plan_wanted`: the payment plan that takes some of them is to be seen.
    """

    plan_wanted = Signal()

    def __init__(self, model: PaymentViewModel, choice: Choice) -> None:
        self._model = model
        self._open = SectionHead(_("What to pay"))
        self.picks = Picks(model.form, choice, self.pick)
        self.table = InvoiceTable()
        self._held = Column(gap=4)
        self.amount = MoneyEdit(choice.currency, label=_("Amount to take"), limit=self._limit)
        self.error = self.amount.take_error()
        self.what, self._left = Paragraph("", "medium", "text"), Paragraph("")
        self.split = SplitRow(model.form, choice.currency)
        self.lines: list[InvoiceLine] = []
        self._held_shown: list[Held] = []
        self._news = News()
        self._showing = False
        beside = Column(12, self.what, self._left, Row(self.split.start, ...))
        amount = Row(self.amount, (beside, 1), gap=16)
        super().__init__(
            self._open, 4, self.picks, 8, self.table, self._held, 10, amount, self.error, self.split
        )
        self.table.changed.connect(self._tick)
        self.amount.changed.connect(self._type)

    def refresh(self, choice: Choice) -> None:
        """Show the account as it is now; what was chosen stays."""
        self._showing = True
        self.picks.refresh(choice)
        self._show_invoices(choice)
        self._show_amount(choice)
        self.split.refresh(choice)
        self._showing = False

    def pick(self, pick: Pick) -> None:
        """Choose the amount in this way, and go on where it is typed or ticked."""
        choice = self._model.form.choice
        if choice is None or choice.why_not_pick(pick):
            return
        self._model.form.choose(pick)
        self._put_amount(choice)
        if pick is Pick.CHOSEN:
            self._focus_row(1)  # 0 is the head
        elif pick in (Pick.OTHER, Pick.ON_ACCOUNT):
            self.amount.edit.setFocus()
            self.amount.edit.selectAll()

    def tick(self, now: datetime) -> None:
        """Say what holds an invoice, and since when."""
        choice = self._model.form.choice
        shown = held_words(choice.items, choice.currency, now) if choice else []
        if shown != self._held_shown:
            self._held_shown = shown
            self._held.set_items([item for one in shown for item in (8, self._held_notice(one))])
            self._news.tell(self, {(one.title, one.about or one.text): one.said for one in shown})

    def _show_invoices(self, choice: Choice) -> None:
        today = self._model.session.clock.today()
        lines = [line for item in choice.items for line in invoice_lines(item, choice.currency, today)]
        count = sum(item.outstanding.minor > 0 for item in choice.items)
        self._open.set_right(_("{lines} open").format(lines=count))
        if lines != self.lines or self.table.chosen() != choice.chosen:
            focus = self._focused_row()
            self.lines = lines
            self.table.set_lines(lines, choice.chosen)
            self._focus_row(focus)
        self.table.set_locked(_("This account is closed") if choice.customer.closed else "")
        self.tick(self._model.session.clock.now())

    def _held_notice(self, one: Held) -> QWidget:
        if not one.title:
            return Strip("lock-fill", one.text)
        go = _("Go to it") if one.link else None
        banner = Banner(one.role, one.icon, one.title, one.text, _("Show the plan") if one.plan else go)
        banner.pressed.connect(
            self.plan_wanted if one.plan else lambda: self._model.stopping.open_link(one.link)
        )
        return banner

    def _show_amount(self, choice: Choice) -> None:
        fixed = bool(choice.why_not_pick(Pick.OTHER)) and not choice.on_account
        self.amount.setEnabled(not choice.customer.closed and not fixed)
        if not self.amount.edit.hasFocus():
            self._set_amount(choice)
        what, left = what_words(choice)
        self.what.setText(what)
        self._left.setText(left)

    def _tick(self) -> None:
        if not self._showing:
            self._model.form.tick(self.table.chosen())
            if self._model.form.choice is not None:
                self._put_amount(self._model.form.choice)

    def _put_amount(self, choice: Choice) -> None:
        self._showing = True
        self._set_amount(choice)
        self._showing = False

    def _set_amount(self, choice: Choice) -> None:
        # nothing chosen is an empty field: nobody typed a wrong amount
        wanted = choice.amount if choice.amount and choice.amount.minor > 0 else None
        if wanted != self.amount.value():
            self.amount.set_value(wanted)

    def _type(self) -> None:
        if not self._showing:
            self._model.form.type_amount(self.amount.value())

    def _limit(self, money: Money) -> str:
        problem = self._model.form.choice.problem_of(money) if self._model.form.choice else None
        return problem.text if problem else ""

    def _focused_row(self) -> int | None:
        rows = self.table.findChildren(QWidget)
        return next((i for i, row in enumerate(rows) if row.hasFocus()), None)

    def _focus_row(self, place: int | None) -> None:
        rows = self.table.findChildren(QWidget)
        if place is not None and place < len(rows):
            rows[place].setFocus()


def what_words(choice: Choice) -> tuple[str, str]:
    """Say what the amount pays, and what stays open."""
    if choice.customer.closed:
        return _("Nothing can be taken"), _("The account is closed")
    if choice.on_account:
        return _("On account, without an invoice"), _("The accounts set it off against what is owed")
    count = len(choice.parts)
    left = _("{left_open} stays open after this").format(left_open=choice.left_open)
    return (
        choice.shares or ngettext("{count} invoice", "{count} invoices", count).format(count=count),
        left if choice.left_open.minor else _("Nothing stays open after this"),
    )


def held_words(items: list[OpenItem], currency: str, now: datetime) -> list[Held]:
    """Say what holds the invoices: each payment that is checked or has an open link once, then the rest.

    `currency` is the account's.
    """
    holders = {one.holder.intent_id: one.holder for one in items if one.holder is not None}
    loud = [one for one in holders.values() if one.state in _CHECKED or has_open_link(one)]
    told = {one.intent_id for one in loud}
    rest = [
        one
        for one in items
        if one.outstanding.currency != currency
        or (one.held_by and not (one.holder and one.holder.intent_id in told))
    ]
    return [
        *(_loud(one, now) for one in loud),
        *(Held(f"{one.number}: {after_colon(why_held(one, currency))}") for one in rest),
        *_in_plan(items),
        *(Held(f"{one.number}: {why_posting(one)}") for one in items if one.posting),
    ]


def _in_plan(items: list[OpenItem]) -> list[Held]:
    taken = [one for one in items if one.plan and not one.held_by]
    if not taken:
        return []
    text = _(
        "{numbers}: taken automatically on the agreed days. To take a payment now, pause the plan first."
    )
    numbers, plan = listed([one.number for one in taken]), taken[0].plan or ""
    words = text.format(numbers=numbers)
    return [Held(words, _("A payment plan takes this"), "info", "calendar-check", about=plan, plan=plan)]


def _loud(holder: EarlierPayment, now: datetime) -> Held:
    _kind, title, text = busy_words(holder, now)
    what = f"{listed(holder.numbers)}: " if holder.numbers else ""
    if has_open_link(holder):
        return Held(what + text, title, "info", "link-simple", holder.intent_id, holder.intent_id)
    say = _("Say: “The bank has not said yes or no yet. Please do not pay again.”")
    return Held(f"{what}{text} {say}", title, "warning", "question-fill", about=holder.intent_id)


def invoice_lines(item: OpenItem, currency: str, today: date) -> list[InvoiceLine]:
    """Return an invoice as its rows: what was paid of it and is being posted, and what is left.

    `currency` is the account's.
    """
    days = (item.due_on - today).days
    left = InvoiceLine(
        item.invoice_id,
        item.number,
        item.description,
        due_words(item.due_on, days),
        item.outstanding.money,
        overdue=days < 0,
        held=why_held(item, currency),
        badge=_badge(item, currency),
    )
    if item.posting is None:
        return [left]
    paid = replace(left, amount=item.posting.money, held=why_posting(item), badge="posting")
    return [paid, left] if item.outstanding.minor > 0 else [paid]


def _badge(item: OpenItem, currency: str) -> str:
    if item.outstanding.currency != currency:
        return "currency"
    return "plan" if item.plan and not item.held_by else "held"


def due_words(due: date, days: int) -> str:
    """Say when something is due: `Overdue 10 days`, `Due today`, `24 Nov, in 3 days`, `8 Dec`."""
    if days < 0:
        return ngettext("Overdue {days} day", "Overdue {days} days", -days).format(days=-days)
    if days == 0:
        return _("Due today")
    day = dates.short(due)
    if days > _SOON_DAYS:
        return day
    return ngettext("{day}, in {days} day", "{day}, in {days} days", days).format(day=day, days=days)
