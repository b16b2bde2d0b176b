"""Disputes: a cardholder who asks the bank for the money back."""

from agentdesk.sandbox import cards, stripe_objects
from agentdesk.sandbox.stripe_account import Account
from agentdesk.sandbox.stripe_errors import StripeError
from agentdesk.sandbox.stripe_forms import Form
from agentdesk.sandbox.stripe_settlement import book
from agentdesk.sandbox.stripe_store import Obj

LATER_S = 20.0


class Disputes:
    """Watches for charges of the card whose holder disputes, and decides what the merchant closes."""

    def __init__(self, account: Account) -> None:
        self._account = account
        account.watchers.append(self._intent_moved)

    def _intent_moved(self, intent: Obj) -> None:
        if intent["status"] != "succeeded":
            return
        card = self._account.card(intent["payment_method"])
        if cards.by_name(card.name).does == "dispute":
            charge = self._account.store.get("charge", intent["latest_charge"])
            self._account.box.tasks.start(self._dispute_later(charge))

    async def _dispute_later(self, charge: Obj) -> None:
        account = self._account
        await account.clock.sleep(LATER_S)
        made = account.store.add(stripe_objects.dispute(charge, account.clock.unix()))
        taken = book(account, "adjustment", made, -made["amount"])
        made["balance_transactions"] = [dict(taken)]
        charge["disputed"] = True
        account.events.emit("charge.dispute.created", made)
        account.events.emit("charge.dispute.funds_withdrawn", made)

    def close(self, account: Account, form: Form, dispute_id: str) -> Obj:
        """Accept that a dispute is lost."""
        found = account.store.get("dispute", dispute_id)
        if found["status"] != "needs_response":
            raise StripeError.invalid("This dispute is already closed.")
        found["status"] = "lost"
        account.events.emit("charge.dispute.closed", found)
        return found
