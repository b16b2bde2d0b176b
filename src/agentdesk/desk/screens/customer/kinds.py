"""The kinds of lines that a customer's past is sorted by."""

from enum import StrEnum

from agentdesk.i18n import _
from agentdesk.wire.customers import HistoryKind


class Filter(StrEnum):
    """Which lines of the history show."""

    ALL = "all"
    PAYMENTS = "payments"
    REFUNDS = "refunds"
    INVOICES = "invoices"
    CALLS = "calls"
    NOTES = "notes"
    PROMISES = "promises"


FILTERS = {
    Filter.ALL: _("All"),
    Filter.PAYMENTS: _("Payments"),
    Filter.REFUNDS: _("Refunds"),
    Filter.INVOICES: _("Invoices"),
    Filter.CALLS: _("Calls"),
    Filter.NOTES: _("Notes"),
    Filter.PROMISES: _("Promises"),
}
#: The kinds of lines that show under each.
KINDS = {
    Filter.ALL: frozenset(HistoryKind),
    Filter.PAYMENTS: frozenset({HistoryKind.PAYMENT, HistoryKind.RETURNED}),
    Filter.REFUNDS: frozenset({HistoryKind.REFUND}),
    Filter.INVOICES: frozenset({HistoryKind.INVOICE}),
    Filter.CALLS: frozenset({HistoryKind.CALL}),
    Filter.NOTES: frozenset({HistoryKind.NOTE}),
    Filter.PROMISES: frozenset({HistoryKind.PROMISE}),
}
