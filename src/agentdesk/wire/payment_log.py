"""The payment log: its lines, its pages and what they add up to."""

from agentdesk.domain.payment import AttemptState
from agentdesk.domain.write_back import WriteBackState
from agentdesk.wire.model import Amount, Instant, Wire
from agentdesk.wire.payments import CardOut


class PaymentRow(Wire):
    """One line of the payment log. `write_backs` in the order accounts, customer record, receipt.

    `refunded` is what went back; None where nothing did. `plan` is the short reference of the payment plan
    that took it by itself; None: somebody took it.
    """

    intent_id: str
    short_reference: str
    created_at: Instant
    customer_name: str
    agent_name: str
    route: str | None
    card: CardOut | None
    amount: Amount
    state: AttemptState | None
    write_backs: list[WriteBackState | None]
    refunded: Amount | None = None
    plan: str | None = None


class PaymentTotals(Wire):
    """Counts and sums of everything the filters match; `refunded` None where nothing went back."""

    count: int
    approved_count: int
    approved: Amount
    at_risk_count: int
    at_risk: Amount
    sent_count: int
    refunded: Amount | None = None
    as_of: Instant


class PaymentLogPage(Wire):
    """A page of the log; `totals` only on the first page."""

    rows: list[PaymentRow]
    cursor: str | None
    totals: PaymentTotals | None
