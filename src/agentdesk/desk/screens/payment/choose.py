"""The form of a new payment: what to pay, how, where the receipt goes, what was checked."""

from dataclasses import dataclass
from datetime import date, datetime

from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.screens.payment.choice import Choice, why_held
from agentdesk.desk.screens.payment.link import EMAIL
from agentdesk.desk.screens.payment.routes import Routes
from agentdesk.desk.screens.payment.stopped import busy_words
from agentdesk.desk.screens.payment.stopping import has_open_link
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.widgets.box import Card, Column, Item, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.choices import ResultRow
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.inputs import LineEdit, MoneyEdit
from agentdesk.desk.widgets.invoice_table import InvoiceLine, InvoiceTable
from agentdesk.desk.widgets.notices import Banner, EmptyState, Strip
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.customers import Customer, OpenItem
from agentdesk.wire.payments import EarlierPayment
from agentdesk.wire.readiness import LampState, Part

NOT_AN_EMAIL = "That is not an email address. Nothing was sent. Type it like name@example.com."
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


class ChooseBody(Column):
    """Invoices, amount, route, receipt, checks; in reading order."""

    def __init__(self, model: PaymentViewModel) -> None:
        self._model = model
        choice = model.form.choice
        assert choice is not None, "a customer is chosen"
        self._notices = Column()
        self._open = SectionHead("What to pay")
        self.table = InvoiceTable()
        self._held = Column(gap=4)
        self.amount = MoneyEdit(choice.currency, label="Amount to take", limit=self._limit)
        self._error = self.amount.take_error()
        self._what, self._left = Paragraph("", "medium", "text"), Paragraph("")
        self._checks = Column()
        self._ready = Column(20, SectionHead("Ready to take"), 4, Card(self._checks))
        self.receipt = Receipt(model)
        self._routes = Routes(model)
        self._lines: list[InvoiceLine] = []
        self._held_shown: list[Held] = []
        self._showing = False
        super().__init__(*self._items(), margins=(16, 20, 20, 20))
        self.table.changed.connect(self._tick)
        self.amount.changed.connect(self._type)
        self.droppable: list[QWidget] = [self._ready]
        self.refresh()

    def _items(self) -> list[Item]:
        beside = Column(self._what, self._left)
        return [
            self._notices,
            self._open,
            4,
            self.table,
            self._held,
            10,
            Row(self.amount, (Column(12, beside), 1), gap=16),
            self._error,
            18,
            SectionHead("How to pay"),
            4,
            self._routes,
            12,
            self.receipt,
            self._ready,
        ]

    def refresh(self) -> None:
        """Show the account as it is now; what was chosen stays."""
        choice = self._model.form.choice
        if choice is None:
            return
        self._showing = True
        self._show_notices(choice)
        self._show_invoices(choice)
        self._show_amount(choice)
        self._routes.refresh()
        self.receipt.refresh()
        rows = checks(self._model)
        self._checks.set_items([ResultRow(*row, last=i == len(rows) - 1) for i, row in enumerate(rows)])
        self._showing = False

    def _show_notices(self, choice: Choice) -> None:
        self._notices.set_items(
            [item for notice in notices(self._model, choice.customer) for item in (notice, 12)]
        )

    def _show_invoices(self, choice: Choice) -> None:
        today = self._model.session.clock.now().astimezone().date()
        lines = [invoice_line(item, today) for item in choice.items]
        self._open.set_right(f"{len(lines)} open")
        if lines != self._lines or self.table.chosen() != choice.chosen:
            focus = self._focused_row()
            self._lines = lines
            self.table.set_lines(lines, choice.chosen)
            self._focus_row(focus)
        self.table.set_locked(choice.customer.closed)
        self.tick(self._model.session.clock.now())

    def tick(self, now: datetime) -> None:
        """Say what holds an invoice, and since when."""
        choice = self._model.form.choice
        shown = held_words(choice.items, now) if choice else []
        if shown != self._held_shown:
            self._held_shown = shown
            self._held.set_items([item for one in shown for item in (8, self._held_notice(one))])

    def _held_notice(self, one: Held) -> QWidget:
        if not one.title:
            return Strip("lock-fill", one.text)
        banner = Banner(one.role, one.icon, one.title, one.text, "Go to it" if one.link else None)
        banner.pressed.connect(lambda: self._model.stopping.open_link(one.link))
        return banner

    def _show_amount(self, choice: Choice) -> None:
        self.amount.setEnabled(not choice.customer.closed)
        if not self.amount.edit.hasFocus():
            self._set_amount(choice)
        if choice.customer.closed:
            self._what.setText("Nothing can be taken")
            self._left.setText("The account is closed")
            return
        parts = len(choice.parts)
        some = f", {' and '.join(choice.part_paid)} in part" if choice.part_paid else ""
        self._what.setText(f"{parts} invoice{'' if parts == 1 else 's'}{some}")
        left = choice.left_open
        self._left.setText(f"{left} stays open after this" if left.minor else "Nothing stays open after this")

    def _tick(self) -> None:
        if not self._showing:
            self._model.form.tick(self.table.chosen())
            choice = self._model.form.choice
            if choice is not None:
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


class Receipt(Card):
    """Where the receipt goes, and changing it in place."""

    def __init__(self, model: PaymentViewModel) -> None:
        self._model = model
        self._shown: object = ()
        self._editing = False
        super().__init__()
        self.setAccessibleName("Receipt")

    def refresh(self) -> None:
        """Show the address, unless it is being changed."""
        email = self._model.form.receipt_email
        if not self._editing and self._shown != (email,):
            self._shown = (email,)
            self._show(email)

    def _show(self, email: str | None) -> None:
        change = Button("Change" if email else "Add an address", "link")
        change.setAccessibleName(
            "Change where the receipt goes" if email else "Add an address for the receipt"
        )
        change.clicked.connect(self._edit)
        words = Text("Receipt to" if email else "No receipt", role="text_2")
        address = Paragraph(email or "", "medium", "text")
        self.set_items([Row(Icon("receipt"), words, (address, 1), change, gap=8, margins=(7, 12))])

    def _edit(self) -> None:
        self._editing = True
        self.field = LineEdit(name="Email for the receipt", placeholder="name@example.com")
        self.field.set_text(self._model.form.receipt_email or "")
        use, none = Button("Use this address"), Button("No receipt", "ghost")
        self.field.accepted.connect(self._use)
        use.clicked.connect(self._use)
        none.clicked.connect(lambda: self._keep(None))
        self.set_items([Row((self.field, 1), use, none, gap=8, margins=(8, 12))])
        self.field.edit.setFocus()
        self.field.edit.selectAll()

    def _use(self) -> None:
        email = self.field.text().strip()
        if EMAIL.match(email):
            self._keep(email)
        else:
            self.field.set_error(NOT_AN_EMAIL)

    def _keep(self, email: str | None) -> None:
        self._editing, self._shown = False, ()
        self._model.form.set_receipt(email)
        self.refresh()


def notices(model: PaymentViewModel, customer: Customer) -> list[QWidget]:
    """Return what must be known before the table: closed, old figures, credit."""
    shown: list[QWidget] = []
    now, read = model.session.clock.now(), customer.account_as_of
    if customer.closed:
        text = "Nothing can be taken for it. Ask a supervisor."
        shown.append(Banner("danger", "prohibit", "This account is closed", text))
    if "accounts" in customer.stale and read is not None:
        text = "The accounts do not answer. You may take payments; they are posted later."
        title = f"What is owed was read at {times.minute(read)}, {times.age(read, now)} ago"
        shown.append(Banner("warning", "clock-counter-clockwise", title, text))
    if customer.credit is not None and customer.credit.minor > 0:
        shown.append(Strip("info", f"{customer.credit} in credit on this account; the accounts set it off."))
    return shown


def held_words(items: list[OpenItem], now: datetime) -> list[Held]:
    """Say what holds the invoices: each payment that is checked or has an open link once, then the rest."""
    holders = {one.holder.intent_id: one.holder for one in items if one.holder is not None}
    loud = [one for one in holders.values() if one.state in _CHECKED or has_open_link(one)]
    told = {one.intent_id for one in loud}
    rest = [one for one in items if why_held(one) and not (one.holder and one.holder.intent_id in told)]
    return [
        *(_loud(one, now) for one in loud),
        *(Held(f"{one.number}: {why_held(one)}") for one in rest),
    ]


def _loud(holder: EarlierPayment, now: datetime) -> Held:
    _, title, text = busy_words(holder, now)
    what = f"{' and '.join(holder.numbers)}: " if holder.numbers else ""
    if has_open_link(holder):
        return Held(what + text, title, "info", "link-simple", holder.intent_id)
    say = "Say: “The bank has not said yes or no yet. Please do not pay again.”"
    return Held(f"{what}{text} {say}", title, "warning", "question-fill")


def nothing_owed(customer: Customer, read: str) -> EmptyState:
    """Make what shows where nothing is open."""
    credit = f" {customer.credit} in credit." if customer.credit and customer.credit.minor > 0 else ""
    return EmptyState(
        "check-circle", "Nothing to pay", f"{customer.name} has no open invoice, read at {read}.{credit}"
    )


def invoice_line(item: OpenItem, today: date) -> InvoiceLine:
    """Return an invoice as its row."""
    days = (item.due_on - today).days
    return InvoiceLine(
        item.invoice_id,
        item.number,
        item.description,
        due_words(item.due_on, days),
        item.outstanding.money,
        overdue=days < 0,
        held=why_held(item),
        badge="posting" if item.paid_posting else "held",
    )


def due_words(due: date, days: int) -> str:
    """Say when something is due: `Overdue 10 days`, `Due today`, `24 Nov, in 3 days`, `8 Dec`."""
    if days < 0:
        return f"Overdue {-days} day{'' if days == -1 else 's'}"
    if days == 0:
        return "Due today"
    day = f"{due.day} {due:%b}"
    return f"{day}, in {days} day{'' if days == 1 else 's'}" if days <= _SOON_DAYS else day


def checks(model: PaymentViewModel) -> list[tuple[str, str, str]]:
    """Return what was checked before taking: result, statement, source."""
    choice = model.form.choice
    if choice is None:
        return []
    read = choice.customer.account_as_of
    as_of = f"read {times.minute(read)}" if read else "never read"
    if choice.customer.closed:
        return [("failed", "The account is closed", as_of)]
    free = ("ok" if choice.parts else "open", "No payment is open for these invoices", as_of)
    return [free, _limit_check(choice), *_line_check(model)]


def _limit_check(choice: Choice) -> tuple[str, str, str]:
    if choice.limit is None:
        return "ok", "You have no limit", ""
    over = choice.amount is not None and choice.amount.minor > choice.limit.minor
    return "failed" if over else "ok", f"{'Over' if over else 'Inside'} your limit of {choice.limit}", "yours"


def _line_check(model: PaymentViewModel) -> list[tuple[str, str, str]]:
    readiness = model.session.readiness
    lamps = {lamp.part: lamp for lamp in readiness.lamps} if readiness else {}
    parts = [lamps[part] for part in (Part.KEYPAD, Part.RECORDER) if part in lamps]
    if not parts:
        return []
    worst = max(parts, key=lambda lamp: list(LampState).index(lamp.state))
    checked = f"checked {times.minute(worst.checked_at)}"
    name = "Keypad" if worst.part is Part.KEYPAD else "Recorder"
    if worst.state is LampState.READY:
        return [("ok", "Keypad and recorder answer", checked)]
    if worst.state is LampState.SLOW:
        return [("slow", f"{name} answers slowly", checked)]
    return [("failed", f"{name} does not answer", checked)]
