"""Customers, the payment methods they keep, and setup intents."""

from agentdesk.sandbox import stripe_objects
from agentdesk.sandbox.stripe_account import Account
from agentdesk.sandbox.stripe_errors import StripeError, unexpected_state
from agentdesk.sandbox.stripe_forms import Form, flag, metadata, one_of, text
from agentdesk.sandbox.stripe_store import Obj


def create(account: Account, form: Form) -> Obj:
    """Make a customer."""
    given = {name: form[name] for name in ("description", "email", "name", "phone") if form.get(name)}
    made = account.store.add(stripe_objects.customer(**given, metadata=metadata(form)))
    account.events.emit("customer.created", made)
    return made


def methods(account: Account, form: Form, customer: str | None = None) -> Obj:
    """List the payment methods kept with a customer, newest first."""
    owner = account.store.get("customer", customer or text(form, "customer"))["id"]
    url = f"/v1/customers/{owner}/payment_methods" if customer else "/v1/payment_methods"
    return account.store.page("payment_method", url, form, lambda row: row["customer"] == owner)


def method(account: Account, form: Form, token: str) -> Obj:
    """Return a payment method."""
    if account.box.vault.get(token) is None:
        return account.store.get("payment_method", token)
    return account.method(token)


def attach(account: Account, form: Form, token: str) -> Obj:
    """Keep a payment method with a customer."""
    owner = account.store.get("customer", text(form, "customer"), "customer")["id"]
    method(account, form, token)
    kept = account.usable(token, owner)
    kept["customer"] = owner
    account.events.emit("payment_method.attached", kept)
    return kept


def detach(account: Account, form: Form, token: str) -> Obj:
    """Let go of a payment method; it can never be charged again."""
    kept = account.store.get("payment_method", token)
    if kept["customer"] is None:
        raise StripeError.invalid("The payment method you provided is not attached to a customer.")
    previous, kept["customer"] = kept["customer"], None
    account.spend(kept)
    account.events.emit("payment_method.detached", kept, {"customer": previous})
    return kept


def create_setup(account: Account, form: Form) -> Obj:
    """Make a setup intent and, with `confirm=true`, keep the card at once."""
    if form.get("customer"):
        account.store.get("customer", form["customer"], "customer")
    usage = one_of(form, "usage", ("off_session", "on_session"), "off_session")
    given = {name: form[name] for name in ("customer", "description") if form.get(name)}
    made = stripe_objects.setup_intent(**given, usage=usage, metadata=metadata(form))
    if token := form.get("payment_method"):
        made |= {"payment_method": account.method(token)["id"], "status": "requires_confirmation"}
    made = account.store.add(made)
    made["client_secret"] = account.store.ids.token(f"{made['id']}_secret_")
    account.events.emit("setup_intent.created", made)
    return confirm_setup(account, form, made["id"]) if flag(form, "confirm") else made


def confirm_setup(account: Account, form: Form, setup_id: str) -> Obj:
    """Keep the card for later charges; nothing is charged now."""
    setup = account.store.get("setup_intent", setup_id)
    if setup["status"] not in ("requires_payment_method", "requires_confirmation"):
        raise unexpected_state(setup, "confirmed")
    token = form.get("payment_method") or setup["payment_method"]
    if not token:
        raise StripeError.invalid("You cannot confirm this SetupIntent without a payment method.")
    kept = account.usable(token, setup["customer"])
    setup |= {"payment_method": kept["id"], "status": "succeeded"}
    if setup["customer"]:
        kept["customer"] = setup["customer"]
    account.events.emit("setup_intent.succeeded", setup)
    return setup
