"""Balance transactions and payouts: what becomes of charged money."""

from agentdesk.sandbox.stripe_account import Account
from agentdesk.sandbox.stripe_forms import Form
from agentdesk.sandbox.stripe_objects import balance_transaction, payout
from agentdesk.sandbox.stripe_store import Obj

DAY = 86_400
FEE_PER_MILLE = 15
FEE_FIXED = 20
"""1.5 % and 20 minor units, a usual price for a domestic card."""


def book(account: Account, kind: str, source: Obj, amount: int) -> Obj:
    """Enter a movement of `amount` minor units, negative when money goes back; a charge costs a fee."""
    fee = amount * FEE_PER_MILLE // 1000 + FEE_FIXED if kind == "charge" else 0
    available = account.clock.unix() + 2 * DAY
    return account.store.add(balance_transaction(kind, source, amount, fee, available))


def pay_out(account: Account) -> list[Obj]:
    """Close the day: one payout per currency of everything not paid out yet, and its events."""
    waiting = [row for row in account.store.newest("balance_transaction") if row["status"] == "pending"]
    return [_pay_out(account, currency, waiting) for currency in sorted({row["currency"] for row in waiting})]


def _pay_out(account: Account, currency: str, waiting: list[Obj]) -> Obj:
    rows = [row for row in waiting if row["currency"] == currency]
    made = payout(currency, sum(row["net"] for row in rows), account.clock.unix() + DAY)
    paid = account.store.add(made)
    for row in rows:
        row["status"] = "available"
        account.payout_of[row["id"]] = paid["id"]
    for kind in ("payout.created", "payout.paid", "payout.reconciliation_completed"):
        account.events.emit(kind, paid)
    return paid


def transactions(account: Account, form: Form) -> Obj:
    """List balance transactions, newest first; `payout` picks those that one payout is made of."""
    wanted = {name: form[name] for name in ("type", "currency", "source") if name in form}
    payout_id = form.get("payout")

    def fits(row: Obj) -> bool:
        in_payout = payout_id in (None, account.payout_of.get(row["id"]))
        return in_payout and all(row[name] == value for name, value in wanted.items())

    return account.store.page("balance_transaction", "/v1/balance_transactions", form, fits)
