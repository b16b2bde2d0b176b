"""Refunds: most are done at once, some later, some fail after they were accepted."""

from agentdesk.sandbox import cards
from agentdesk.sandbox.stripe_account import Account
from agentdesk.sandbox.stripe_errors import StripeError
from agentdesk.sandbox.stripe_forms import Form, metadata, one_of, whole
from agentdesk.sandbox.stripe_objects import refund
from agentdesk.sandbox.stripe_settlement import book
from agentdesk.sandbox.stripe_store import Obj

REASONS = ("duplicate", "fraudulent", "requested_by_customer")
LATER_S = 5.0


def create(account: Account, form: Form) -> Obj:
    """Give back a charge, all that is left of it or `amount` minor units."""
    charge = _charge(account, form)
    left = charge["amount"] - charge["amount_refunded"]
    if left <= 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise StripeError.invalid(message, code="charge_already_refunded")
    amount = whole(form, "amount") if "amount" in form else left
    if not 0 < amount <= left:
        message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})."
        raise StripeError.invalid(message, param="amount")
    made = account.store.add(refund(charge, amount, one_of(form, "reason", REASONS), metadata(form)))
    does = cards.by_name(account.card(charge["payment_method"]).name).does
    if does != "refund_pending":
        _succeed(account, made)
    _move(charge, amount)
    account.events.emit("refund.created", made)
    account.events.emit("charge.refunded", charge)
    if does in ("refund_pending", "refund_fails"):
        account.box.tasks.start(_finish_later(account, made, fails=does == "refund_fails"))
    return made


def _charge(account: Account, form: Form) -> Obj:
    charge = _named(account, form)
    if not charge["captured"]:
        message = f"Charge {charge['id']} took no money that could be given back."
        raise StripeError.invalid(message, code="charge_not_refundable")
    return charge


def _named(account: Account, form: Form) -> Obj:
    if intent_id := form.get("payment_intent"):
        intent = account.store.get("payment_intent", intent_id, "payment_intent")
        if intent["latest_charge"] is None:
            message = "This PaymentIntent does not have a successful charge to refund."
            raise StripeError.invalid(message, param="payment_intent")
        return account.store.get("charge", intent["latest_charge"])
    if charge_id := form.get("charge"):
        return account.store.get("charge", charge_id, "charge")
    raise StripeError.invalid("One of the following params should be provided: payment_intent or charge.")


def _move(charge: Obj, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] >= charge["amount"]


def _succeed(account: Account, made: Obj) -> None:
    made["status"] = "succeeded"
    made["balance_transaction"] = book(account, "refund", made, -made["amount"])["id"]


async def _finish_later(account: Account, made: Obj, *, fails: bool) -> None:
    await account.clock.sleep(LATER_S)
    if not fails:
        _succeed(account, made)
        account.events.emit("refund.updated", made, {"status": "pending"})
        return
    charge = account.store.get("charge", made["charge"])
    _move(charge, -made["amount"])
    made |= {"status": "failed", "failure_reason": "expired_or_canceled_card"}
    made["failure_balance_transaction"] = book(account, "refund_failure", made, made["amount"])["id"]
    account.events.emit("refund.updated", made, {"status": "succeeded"})
    account.events.emit("refund.failed", made)


def page(account: Account, form: Form) -> Obj:
    """List refunds, newest first, of all charges or one."""
    wanted = {name: form[name] for name in ("charge", "payment_intent") if name in form}
    return account.store.page(
        "refund", "/v1/refunds", form, lambda row: all(row[k] == v for k, v in wanted.items())
    )
