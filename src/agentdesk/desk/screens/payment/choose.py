"""The form of a new payment: what to pay, how, where the receipt goes, what was checked."""

from datetime import datetime

from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.proof import Proof, only_to_file, proof
from agentdesk.desk.screens.payment.choice import Choice
from agentdesk.desk.screens.payment.press import RECEIPT_KEY
from agentdesk.desk.screens.payment.rest_body import RestToPay
from agentdesk.desk.screens.payment.routes import Routes
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.screens.payment.what import WhatToPay
from agentdesk.desk.widgets.announce import News
from agentdesk.desk.widgets.box import Card, Column, Item, Row, Rows
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.choices import ResultRow
from agentdesk.desk.widgets.email_edit import EmailEdit
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.notices import Banner, EmptyState, Strip
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _
from agentdesk.wire.customers import Customer
from agentdesk.wire.readiness import LampState, Part


class ChooseBody(Column):
    """Invoices, amount, route, `instead` of them, receipt, checks; in reading order."""

    def __init__(self, model: PaymentViewModel, instead: QWidget | None = None) -> None:
        self._model, self._instead = model, instead
        choice = model.form.choice
        assert choice is not None, "a customer is chosen"
        self._notices, self._moved, self._news = Column(), News(), News()
        rest = model.form.rest
        self.what: WhatToPay | RestToPay = WhatToPay(model, choice) if rest is None else RestToPay(rest)
        self._checks = Rows(lambda row: ResultRow(*row[0], last=row[1]))
        self._ready = Column(20, SectionHead(_("Ready to take")), 4, Card(self._checks))
        self.receipt = Receipt(model)
        self._routes = Routes(model)
        super().__init__(*self._items(), margins=(16, 20, 20, 20))
        self.droppable: list[QWidget] = [self._ready]
        self.refresh()

    def _items(self) -> list[Item]:
        return [
            self._notices,
            self.what,
            18,
            SectionHead(_("How to pay")),
            4,
            self._routes,
            self._instead,
            12,
            self.receipt,
            self._ready,
        ]

    def refresh(self) -> None:
        """Show the account as it is now; what was chosen stays."""
        choice = self._model.form.choice
        if choice is None:
            return
        self._show_notices(choice)
        if isinstance(self.what, WhatToPay):
            self.what.refresh(choice)
        self._routes.refresh()
        self.receipt.refresh()
        rows = checks(self._model)
        self._checks.show_values((row, i == len(rows)) for i, row in enumerate(rows, 1))

    def tick(self, now: datetime) -> None:
        """Say what holds an invoice, and since when."""
        if isinstance(self.what, WhatToPay):
            self.what.tick(now)

    def _show_notices(self, choice: Choice) -> None:
        moved, shown = moved_words(self._model), notices(self._model, choice.customer)
        first = [Banner("warning", "arrows-clockwise", *moved)] if moved else []
        self._notices.set_items([item for notice in [*first, *shown] for item in (notice, 12)])
        self._moved.tell(self, {moved: ". ".join(moved)} if moved else {}, assertive=True)
        told = {one.accessibleDescription() or one.accessibleName(): _said(one) for one in shown}
        self._news.tell(self, told)  # a title may hold an age


class Receipt(Card):
    """Where the receipt goes, and changing it in place."""

    def __init__(self, model: PaymentViewModel) -> None:
        self._model = model
        self._shown: object = ()
        self._editing = False
        super().__init__()
        self.setAccessibleName(_("Receipt"))

    def refresh(self) -> None:
        """Show the address, unless it is being changed."""
        email = self._model.form.receipt_email
        if not self._editing and self._shown != (email,):
            self._shown = (email,)
            self._show(email)

    def _show(self, email: str | None) -> None:
        words = _("Change") if email else _("Add an address")
        change = Button(words, "link", key=RECEIPT_KEY, fires=False)
        change.setAccessibleName(self.change_words)
        change.clicked.connect(self.edit)
        words = Text(_("Receipt to") if email else _("No receipt"), role="text_2")
        address = Paragraph(email or "", "medium", "text")
        self.set_items([Row(Icon("receipt"), words, (address, 1), change, gap=8, margins=(7, 12))])

    @property
    def change_words(self) -> str:
        """What the press that changes it does."""
        has_one = self._model.form.receipt_email
        return _("Change where the receipt goes") if has_one else _("Add an address for the receipt")

    def edit(self) -> None:
        """Let the address be typed; what is typed already stays."""
        if not self._editing:
            self._open_field()
        self.field.edit.setFocus()
        self.field.edit.selectAll()

    def _open_field(self) -> None:
        self._editing = True
        self.field = EmailEdit()
        self.field.set_text(self._model.form.receipt_email or "")
        use, none = Button(_("Use this address")), Button(_("No receipt"), "ghost")
        self.field.accepted.connect(self._use)
        use.clicked.connect(self._use)
        none.clicked.connect(lambda: self._keep(None))
        self.set_items([Row((self.field, 1), use, none, gap=8, margins=(8, 12))])

    def _use(self) -> None:
        if email := self.field.address():
            self._keep(email)

    def _keep(self, email: str | None) -> None:
        self._editing, self._shown = False, ()
        self._model.form.set_receipt(email)
        self.refresh()


def moved_words(model: PaymentViewModel) -> tuple[str, str] | None:
    """Say that a newer account made another amount of what was chosen; None where it did not."""
    form = model.form
    if form.moved_from is None:
        return None
    before = _("The account was read again; {before} was chosen.").format(before=form.moved_from)
    if form.amount is None or not form.amount.minor:
        return _("What was chosen cannot be paid now"), before
    return _("The amount is {amount} now").format(amount=form.amount), before


def notices(model: PaymentViewModel, customer: Customer) -> list[QWidget]:
    """Return what must be known before the table: closed, old figures, credit."""
    shown: list[QWidget] = []
    now, read = model.session.clock.now(), customer.account_as_of
    if customer.closed:
        text = _("Nothing can be taken for it. Ask a supervisor.")
        shown.append(Banner("danger", "prohibit", _("This account is closed"), text))
    if "accounts" in customer.stale and read is not None:
        text = _("The accounts do not answer. You may take payments; they are posted later.")
        title = _("What is owed was read at {minute}, {age} ago").format(
            minute=times.minute(read), age=times.age(read, now)
        )
        shown.append(Banner("warning", "clock-counter-clockwise", title, text))
    if customer.credit is not None and customer.credit.minor > 0:
        shown.append(
            Strip(
                "info",
                _("{credit} in credit on this account; the accounts set it off.").format(
                    credit=customer.credit
                ),
            )
        )
    return shown


def _said(notice: QWidget) -> str:
    return ". ".join(filter(None, (notice.accessibleName(), notice.accessibleDescription())))


def nothing_owed(customer: Customer, read: str) -> EmptyState:
    """Make what shows where nothing is open."""
    credit = (
        _(" {credit} in credit.").format(credit=customer.credit)
        if customer.credit and customer.credit.minor > 0
        else ""
    )
    return EmptyState(
        "check-circle",
        _("Nothing to pay"),
        _("{name} has no open invoice, read at {read}.{credit}").format(
            name=customer.name, read=read, credit=credit
        ),
    )


def checks(model: PaymentViewModel) -> list[tuple[str, str, str]]:
    """Return what was checked before taking: result, statement, source."""
    choice = model.form.choice
    if choice is None:
        return []
    read = choice.customer.account_as_of
    as_of = _("read {minute}").format(minute=times.minute(read)) if read else _("never read")
    if choice.customer.closed:
        return [("failed", _("The account is closed"), as_of)]
    return [
        _free_check(model, choice, as_of),
        *_caller_check(model),
        _limit_check(model, choice),
        *_line_check(model),
    ]


def _free_check(model: PaymentViewModel, choice: Choice, as_of: str) -> tuple[str, str, str]:
    rest = model.form.rest
    if rest is not None:
        return (
            "ok",
            _("The first card paid {amount}").format(amount=rest.first.amount),
            rest.first.short_reference,
        )
    if choice.on_account:
        return "ok", _("No invoice is paid: it stands to their credit"), as_of
    return "ok" if choice.parts else "open", _("No payment is open for these invoices"), as_of


def _caller_check(model: PaymentViewModel) -> list[tuple[str, str, str]]:
    session = model.session
    found, check = proof(session), session.call.caller_check if session.call else None
    if found is Proof.NOT_ASKED:
        return []
    if check is None:
        needed = _("needed for a card") if only_to_file(session) else _("not needed here")
        return [("open", _("Caller is not verified yet"), needed)]
    mine = session.person is not None and check.by == session.person.name
    words = _("by you at {minute}") if mine else _("by {by} at {minute}")
    by = words.format(by=check.by, minute=times.minute(check.at))
    if found is Proof.PASSED:
        return [("ok", _("Caller is verified"), by)]
    return [("failed", _("Caller is not verified: only a link to the details on file"), by)]


def _limit_check(model: PaymentViewModel, choice: Choice) -> tuple[str, str, str]:
    if choice.limit is None:
        return "ok", _("You have no limit"), ""
    # both cards of a split count as one; a rest was inside it with the first card, and nothing is ticked
    amount = model.form.amount if model.form.rest else choice.amount
    over = amount is not None and amount.minor > choice.limit.minor
    words = _("Over your limit of {limit}") if over else _("Inside your limit of {limit}")
    return "failed" if over else "ok", words.format(limit=choice.limit), _("yours")


def _line_check(model: PaymentViewModel) -> list[tuple[str, str, str]]:
    readiness = model.session.readiness
    lamps = {lamp.part: lamp for lamp in readiness.lamps} if readiness else {}
    parts = [lamps[part] for part in (Part.KEYPAD, Part.RECORDER) if part in lamps]
    if not parts:
        return []
    worst = max(parts, key=lambda lamp: list(LampState).index(lamp.state))
    checked = _("checked {minute}").format(minute=times.minute(worst.checked_at))
    name = _("Keypad") if worst.part is Part.KEYPAD else _("Recorder")
    if worst.state is LampState.READY:
        return [("ok", _("Keypad and recorder answer"), checked)]
    if worst.state is LampState.SLOW:
        return [("slow", _("{name} answers slowly").format(name=name), checked)]
    if worst.state is LampState.NOT_ASKED:
        return [("open", _("{name} was not asked yet").format(name=name), "")]
    return [("failed", _("{name} does not answer").format(name=name), checked)]
