"""The person and what they owe."""

from datetime import datetime

from babel import Locale, UnknownLocaleError
from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.numbers import readable
from agentdesk.desk.screens.customer.view_model import CustomerViewModel
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.badge import Badge, badge_of
from agentdesk.desk.widgets.box import Column, Row
from agentdesk.desk.widgets.button import IconButton
from agentdesk.desk.widgets.key_cap import printed
from agentdesk.desk.widgets.shapes import Avatar, Icon, initials
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.domain.call import CheckResult
from agentdesk.i18n import _, language, ngettext
from agentdesk.wire.customers import Customer

REFRESH_KEY = "Ctrl B"
_STALE = {
    ("customer_records",): _("Customer records do not answer. You may take payments; notes are sent later."),
    ("accounts",): _("The accounts do not answer. You may take payments; they are posted later."),
}
_OLD = _("The balance may have changed. {key} reads it now; taking a card reads it first.").format(
    key=printed(REFRESH_KEY)
)
_NEVER_READ = _(
    "The accounts do not answer, and what this customer owes was never read. Nothing can be taken yet."
)
_ROOM_FOR_AVATAR = 310
_STALE_BOTH = _("Customer records and accounts do not answer. You may take payments; the rest is sent later.")


class Person(Column):
    """Name, account, how to reach them."""

    def __init__(self, customer: Customer, *, matched: bool, check: CheckResult | None = None) -> None:
        self.droppable: list[QWidget] = []
        account = (
            _("Account {account}").format(account=customer.account) if customer.account else _("No account")
        )
        words = Column(Paragraph(customer.name, "title", "text"), Paragraph(account))
        self._avatar = Avatar(initials(customer.name), 40)
        head = Row(self._avatar, (words, 1), _badge(customer, matched, check), gap=12)
        super().__init__(head, 12, margins=(16, 16))
        for phone in customer.phones[:2]:
            self.add(_line("phone", readable(phone)))
        for icon, text in (("envelope-simple", customer.email), ("house", customer.address)):
            if text:
                self.add(_line(icon, text))
        if customer.language:
            language = _line(
                "translate", _("Prefers {language}").format(language=_language(customer.language))
            )
            self.droppable.append(language)
            self.add(language)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the room to the name and the account where there is little."""
        self._avatar.setVisible(event.size().width() >= theme.px(_ROOM_FOR_AVATAR))


class Balance(Row):
    """What is owed, how much of it is late, and when that was read. Signal `wanted()`: to be read again."""

    wanted = Signal()

    def __init__(self, model: CustomerViewModel, customer: Customer, now: datetime) -> None:
        self._customer, self._badge = customer, _money_badge(model, customer, now)
        stale = self._ages = "accounts" in customer.stale or model.is_old
        figure = Column(
            Text(_("Balance to pay"), "caption", "text_3"),
            Text(
                str(customer.balance) if customer.balance else _("Not known"),
                "heading",
                "text_2" if stale else "text",
            ),
            Paragraph(_what_is_open(model, customer), "caption") if customer.balance else None,
            Paragraph(_on_account(customer), "caption") if customer.posting_on_account else None,
        )
        self._refresh = IconButton("arrow-clockwise", _("Read the balance again"))
        self._refresh.setToolTip(_("Read the balance again ({key})").format(key=printed(REFRESH_KEY)))
        as_of = (
            _("As of {minute}").format(minute=times.minute(customer.account_as_of))
            if customer.account_as_of
            else _("Never read")
        )
        age = Row(..., Text(as_of, "caption", "warning" if stale else "text_2"), self._refresh, gap=2)
        badge = Row(..., self._badge, 4) if self._badge else None
        super().__init__((figure, 1), 8, Column(badge, age, gap=4), margins=(12, 12, 8, 16))
        self._refresh.clicked.connect(self.wanted)

    def set_reading(self, on: bool) -> None:
        """Show that it is being read, or not any more."""
        self._refresh.set_busy(_("Reading the balance") if on else None)

    def grow_old(self, now: datetime) -> None:
        """Keep the age true while it shows."""
        if self._ages and self._badge is not None and self._customer.account_as_of is not None:
            self._badge.set_badge(*_age_badge(self._customer.account_as_of, now))


def _what_is_open(model: CustomerViewModel, customer: Customer) -> str:
    if model.being_checked:
        return _("{being_checked} of it is being checked").format(being_checked=model.being_checked)
    if model.held_elsewhere:
        return _("{held_elsewhere} of it is held by another payment").format(
            held_elsewhere=model.held_elsewhere
        )
    count = len(customer.open_items)
    some = ngettext("{count} open invoice", "{count} open invoices", count).format(count=count)
    invoices = some if count else _("No open invoice")
    if not model.paid_now:
        return (
            _("{posting} of it is paid, being posted").format(posting=model.posting)
            if model.posting
            else invoices
        )
    return invoices + (_(", after this payment") if model.paid_is_in else _(", before this payment"))


def _on_account(customer: Customer) -> str:
    paid = customer.posting_on_account
    return _("{posting} on account is paid, being posted").format(posting=paid) if paid else ""


def owed(model: CustomerViewModel, customer: Customer) -> str:
    """Return what is owed as it is said aloud, with its age where that shows amber."""
    return ", ".join(filter(None, (_balance(model, customer), _on_account(customer))))


def _balance(model: CustomerViewModel, customer: Customer) -> str:
    if customer.balance is None:
        return _("balance not known")
    if customer.account_as_of is not None and ("accounts" in customer.stale or model.is_old):
        age = times.age(customer.account_as_of, model.session.clock.now())
        return _("balance {balance}, read {age} ago").format(balance=customer.balance, age=age)
    if model.posting:
        return _("balance {balance}, {posting} of it is paid, being posted").format(
            balance=customer.balance, posting=model.posting
        )
    late = (
        _(", {overdue} of it overdue").format(overdue=customer.overdue)
        if customer.overdue and customer.overdue.minor > 0
        else ""
    )
    return _("balance {balance}{late}").format(balance=customer.balance, late=late)


def stale_words(model: CustomerViewModel, customer: Customer, now: datetime) -> tuple[str, str] | None:
    """Return title and sentence of the banner where a copy, or what is old, is shown; else None."""
    if not customer.stale:
        if not model.is_old or customer.account_as_of is None:
            return None
        return _("Read {age} ago").format(age=times.age(customer.account_as_of, now)), _OLD
    read = [customer.record_as_of] if "customer_records" in customer.stale else []
    if "accounts" in customer.stale and customer.account_as_of:
        read.append(customer.account_as_of)
    is_known = "accounts" not in customer.stale or customer.account_as_of is not None
    why = _STALE.get(tuple(customer.stale), _STALE_BOTH) if is_known else _NEVER_READ
    if not read:
        return _("The balance is not known"), why
    return _("Copy from {minute}, {age} old").format(
        minute=times.minute(min(read)), age=times.age(min(read), now)
    ), why


def _badge(customer: Customer, matched: bool, check: CheckResult | None) -> Badge | None:
    if customer.closed:
        return Badge("danger", _("Closed"), "prohibit")
    if check is CheckResult.PASSED:
        return Badge("success", _("Verified"), "check-circle-fill")
    if check is CheckResult.FAILED:
        return Badge("danger", _("Not verified"), "x-circle-fill")
    if not matched:
        return None
    badge = Badge("info", _("Matched"), "phone")
    badge.setToolTip(_("The caller’s number is one of this customer’s. It does not prove who speaks."))
    return badge


def _money_badge(model: CustomerViewModel, customer: Customer, now: datetime) -> Badge | None:
    if customer.account_as_of and ("accounts" in customer.stale or model.is_old):
        return Badge(*_age_badge(customer.account_as_of, now))
    if model.being_checked or model.held_elsewhere:
        return badge_of("held")
    if model.paid_now or model.posting or customer.posting_on_account:
        is_in = model.paid_now and model.paid_is_in
        paid = ("success", _("{paid_now} paid").format(paid_now=model.paid_now), "check-circle-fill")
        return Badge(*paid) if is_in else badge_of("posting")
    if customer.overdue and customer.overdue.minor > 0:
        return Badge("danger", _("{overdue} overdue").format(overdue=customer.overdue), "warning-fill")
    if customer.credit and customer.credit.minor > 0:
        return Badge("info", _("{credit} in credit").format(credit=customer.credit), "info")
    return None


def _age_badge(read_at: datetime, now: datetime) -> tuple[str, str, str]:
    return "warning", _("{age} old").format(age=times.age(read_at, now)), "clock-counter-clockwise"


def _line(icon: str, text: str) -> Row:
    return Row(Icon(icon, "icon", "text_3"), (Paragraph(text), 1), gap=8, margins=(2, 0))


def _language(code: str) -> str:
    try:
        return Locale.parse(code.replace("-", "_")).get_language_name(language()) or code
    except (UnknownLocaleError, ValueError):
        return code
