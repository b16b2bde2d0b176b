"""The demo company in Tryton: chart, years, journals, and the user the hub signs in as."""

from __future__ import annotations

import datetime as dt
import secrets
from decimal import Decimal
from typing import Any

from proteus import Model, Wizard

COMPANY = "Northwind Energy"
HUB_LOGIN = "agentdesk"
# the least that reads customers and bills, takes payments, gives credit notes and pays refunds out
HUB_GROUPS = ("Accounting", "Payment", "Payment Approval")


class Books:
    """The records that the bills and payments of the seed refer to."""

    def __init__(self, config: Any, today: dt.date) -> None:
        self.config = config
        self.today = today
        self.currency = _pounds()
        self.country = _britain()
        self.company = _company(config, self.currency)
        self.receivable, self.payable = _chart(self.company)
        for year in (today.year - 1, today.year, today.year + 1):
            _fiscal_year(self.company, year)
        self.revenue = _account(self.company, ("type.revenue", "=", True))
        self.bank = _account(self.company, ("code", "=", "1.1.1"))
        self.sales_journal = _journal("REV")
        self.card_journal, self.debit_journal = self._payment_journals()
        self.term = _term()

    def _payment_journals(self) -> tuple[Any, Any]:
        """Card payments wait in a clearing account for the payout; direct debits reach the bank."""
        in_transit = Model.get("account.account")(
            name="Card payments in transit", code="1.1.9", type=self.bank.type, company=self.company
        )
        in_transit.reconcile = True
        in_transit.save()
        statements = Model.get("account.statement.journal")
        statements(
            name="Bank", journal=_journal("STA"), account=self.bank, validation="balance",
            currency=self.currency, company=self.company,
        ).save()  # fmt: skip
        return self._payment_journal("Card by phone", in_transit), self._payment_journal(
            "Direct debit", self.bank
        )

    def _payment_journal(self, name: str, clearing: Any) -> Any:
        journal = Model.get("account.payment.journal")(
            name=name, process_method="manual", company=self.company, currency=self.currency
        )
        journal.clearing_account = clearing
        journal.clearing_journal = _journal("CASH")
        journal.save()
        return journal

    def ended_account(self, end: dt.date) -> Any:
        """Return a receivable account on which Tryton takes no line after `end`."""
        account = Model.get("account.account")(
            name="Receivables, supply book closed",
            code="1.2.9",
            type=self.receivable.type,
            company=self.company,
        )
        account.reconcile = account.party_required = True
        account.end_date = end
        account.save()
        return account

    def close_periods(self, until: dt.date) -> None:
        """Close every month that ended by `until`, so that nothing more is posted there."""
        periods = Model.get("account.period").find([("end_date", "<=", until)], order=[("start_date", "ASC")])
        Model.get("account.period").click(periods, "close")


def _pounds() -> Any:
    currencies = Model.get("currency.currency")
    pounds = currencies(name="Pound sterling", code="GBP", numeric_code="826", symbol="£", digits=2)
    pounds.rounding = Decimal("0.01")
    pounds.save()
    return pounds


def _britain() -> Any:
    britain = Model.get("country.country")(name="United Kingdom", code="GB", code3="GBR", code_numeric="826")
    britain.save()
    return britain


def _company(config: Any, currency: Any) -> Any:
    party = Model.get("party.party")(name=COMPANY)
    party.save()
    wizard = Wizard("company.company.config")
    wizard.execute("company")
    wizard.form.party = party
    wizard.form.currency = currency
    wizard.execute("add")
    config.set_context(Model.get("res.user").get_preferences(True, {}))
    (company,) = Model.get("company.company").find([])
    return company


def _chart(company: Any) -> tuple[Any, Any]:
    """Make the universal chart that the account module ships; its group accounts are closed."""
    (template,) = Model.get("account.account.template").find(
        [("name", "=", "Universal Chart of Accounts")], limit=1
    )
    wizard = Wizard("account.create_chart")
    wizard.execute("account")
    wizard.form.account_template = template
    wizard.form.company = company
    wizard.execute("create_account")
    receivable = _account(company, ("type.receivable", "=", True), ("party_required", "=", True))
    payable = _account(company, ("type.payable", "=", True), ("party_required", "=", True))
    wizard.form.account_receivable = receivable
    wizard.form.account_payable = payable
    wizard.execute("create_properties")
    return receivable, payable


def _account(company: Any, *conditions: tuple[str, str, object]) -> Any:
    usable = [("company", "=", company.id), ("closed", "!=", True), *conditions]
    return Model.get("account.account").find(usable, limit=1)[0]


def _journal(code: str) -> Any:
    (journal,) = Model.get("account.journal").find([("code", "=", code)], limit=1)
    return journal


def _fiscal_year(company: Any, year: int) -> None:
    fiscal_year = Model.get("account.fiscalyear")(name=str(year), company=company)
    fiscal_year.start_date, fiscal_year.end_date = dt.date(year, 1, 1), dt.date(year, 12, 31)
    fiscal_year.move_sequence = _strict_sequence(company, f"Moves {year}", "Account Move")
    numbers = fiscal_year.invoice_sequences[0] if fiscal_year.invoice_sequences else None
    numbers = numbers or fiscal_year.invoice_sequences.new()
    bills = _strict_sequence(company, f"Bills {year}", "Invoice", f"NB-{year % 100}")
    numbers.out_invoice_sequence = numbers.in_invoice_sequence = bills
    numbers.out_credit_note_sequence = numbers.in_credit_note_sequence = bills
    fiscal_year.save()
    fiscal_year.click("create_period")


def _strict_sequence(company: Any, name: str, kind: str, prefix: str = "") -> Any:
    (of_type,) = Model.get("ir.sequence.type").find([("name", "=", kind)], limit=1)
    sequence = Model.get("ir.sequence.strict")(name=name, sequence_type=of_type, company=company)
    sequence.prefix = prefix
    sequence.padding = 5
    sequence.save()
    return sequence


def _term() -> Any:
    term = Model.get("account.invoice.payment_term")(name="30 days")
    line = term.lines.new()
    line.type = "remainder"
    line.relativedeltas.new().days = 30
    term.save()
    return term


def make_user(company: Any, name: str, login: str, groups: tuple[str, ...] = (), password: str = "") -> Any:
    """Create a user of the company in the named groups."""
    user = Model.get("res.user")(name=name, login=login)
    user.password = password or secrets.token_urlsafe(18)
    user.companies.append(Model.get("company.company")(company.id))
    user.company = company
    for group in Model.get("res.group").find([("name", "in", groups)]):
        user.groups.append(group)
    user.save()
    return user


def hub_access(company: Any) -> dict[str, str]:
    """Create the hub's user; return its application key (REST) and its password (JSON-RPC)."""
    password = secrets.token_urlsafe(18)
    user = make_user(company, "Agent Desk hub", HUB_LOGIN, HUB_GROUPS, password)
    application = Model.get("res.user.application")(user=user, application="rest")
    application.save()
    return {"user": HUB_LOGIN, "password": password, "key": application.key}
