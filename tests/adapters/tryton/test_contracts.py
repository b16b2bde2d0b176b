"""Tryton keeps the contracts of the CRM and of the ledger."""

from tests.adapters.contract_accounting import AccountingContract
from tests.adapters.contract_crm import CrmContract


class TestCrm(CrmContract):
    """Customer records in Tryton."""


class TestAccounting(AccountingContract):
    """The ledger in Tryton."""
