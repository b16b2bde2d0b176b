"""Payment intents and charges: what happens when one is confirmed, captured, cancelled."""

from typing import Any

from agentdesk.sandbox import issuer, stripe_objects
from agentdesk.sandbox.stripe_account import Account
from agentdesk.sandbox.stripe_errors import StripeError, unexpected_state
from agentdesk.sandbox.stripe_forms import Form, flag, mapping, metadata, one_of, text, whole
from agentdesk.sandbox.stripe_settlement import book
from agentdesk.sandbox.stripe_store import Obj

KEPT = (
    "customer",
    "description",
    "receipt_email",
    "statement_descriptor",
    "statement_descriptor_suffix",
)
CAPTURE = ("automatic", "automatic_async", "manual")
CANCEL_REASONS = ("abandoned", "duplicate", "fraudulent", "requested_by_customer")
CONFIRMABLE = ("requires_payment_method", "requires_confirmation")
CANCELLABLE = (*CONFIRMABLE, "requires_action", "requires_capture")
MESSAGES = {
    "insufficient_funds": "Your card has insufficient funds.",
    "card_velocity_exceeded": "Your card was declined for making repeated or too large payments.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
    "payment_intent_authentication_failure": "The cardholder could not be authenticated.",
}


def create(account: Account, form: Form) -> Obj:
    """Make a payment intent and, with `confirm=true`, charge it at once."""
    amount, currency = money(form)
    if form.get("customer"):
        account.store.get("customer", form["customer"], "customer")
    _check_confirmation_only(form)
    intent = stripe_objects.payment_intent(amount, currency, **{k: form[k] for k in KEPT if form.get(k)})
    intent["metadata"] = metadata(form)
    intent["setup_future_usage"] = one_of(form, "setup_future_usage", ("off_session", "on_session"))
    intent["capture_method"] = one_of(form, "capture_method", CAPTURE, "automatic")
    if automatic := mapping(form, "automatic_payment_methods"):
        enabled, redirects = flag(automatic, "enabled"), automatic.get("allow_redirects", "always")
        intent["automatic_payment_methods"] = {"enabled": enabled, "allow_redirects": redirects}
    method = _method(account, intent, form)
    intent = account.store.add(intent)
    intent["client_secret"] = account.store.ids.token(f"{intent['id']}_secret_")
    account.events.emit("payment_intent.created", intent)
    if method:
        intent |= {"payment_method": method["id"], "status": "requires_confirmation"}
    return confirm(account, form, intent["id"]) if flag(form, "confirm") else intent


def money(form: Form) -> tuple[int, str]:
    """Read amount and currency; refuse an unknown currency and an amount below the least."""
    amount, currency = whole(form, "amount"), text(form, "currency").lower()
    if currency not in stripe_objects.CURRENCIES:
        raise StripeError.invalid(f"Invalid currency: {currency}.", param="currency")
    if amount < stripe_objects.LEAST.get(currency, 1):
        message = "Amount must be at least the minimum charge amount of the currency."
        raise StripeError.invalid(message, code="amount_too_small", param="amount")
    if amount > 99_999_999:
        raise StripeError.invalid(
            "Amount must be no more than 99999999.", code="amount_too_large", param="amount"
        )
    return amount, currency


def _check_confirmation_only(form: Form) -> None:
    """Refuse what means something only while confirming, such as the MOTO flag."""
    if flag(form, "confirm"):
        return
    for name in ("off_session", "error_on_requires_action"):
        if name in form:
            raise StripeError.invalid(f"`{name}` can only be used with `confirm=true`.", param=name)
    if "moto" in mapping(mapping(form, "payment_method_options"), "card"):
        param = "payment_method_options[card][moto]"
        raise StripeError.invalid(f"`{param}` can only be used when confirming.", param=param)


def retrieve(account: Account, form: Form, intent_id: str) -> Obj:
    """Return a payment intent."""
    return account.store.get("payment_intent", intent_id)


def _method(account: Account, intent: Obj, form: Form) -> Obj | None:
    token = form.get("payment_method") or intent["payment_method"]
    return account.usable(token, intent["customer"]) if token else None


def confirm(account: Account, form: Form, intent_id: str) -> Obj:
    """Ask the issuer to pay, with a new card or the one the intent has; a decline is raised (402)."""
    intent = account.store.get("payment_intent", intent_id)
    if intent["status"] not in CONFIRMABLE:
        raise unexpected_state(intent, "confirmed")
    phoned = _is_phoned(intent, form)
    _is_away(form)
    method = _method(account, intent, form)
    if method is None:
        message = "You cannot confirm this PaymentIntent because it's missing a payment method."
        raise StripeError.invalid(message, code="payment_intent_unexpected_state", payment_intent=intent)
    intent |= {"payment_method": method["id"], "status": "requires_confirmation", "last_payment_error": None}
    card = account.card(method["id"])
    decision = issuer.decide(card, intent["amount"], account.clock.now(), phoned=phoned)
    return _act(account, intent, decision, form)


def _is_phoned(intent: Obj, form: Form) -> bool:
    """Say whether it is a phone order, which cannot keep its card for the customer's own session."""
    moto = flag(mapping(mapping(form, "payment_method_options"), "card"), "moto")
    if moto and intent["setup_future_usage"] == "on_session":
        param = "payment_method_options[card][moto]"
        message = f"`{param}` can be set to true only when setup_future_usage is either off_session or null."
        raise StripeError.invalid(message, param=param)
    return moto


def _is_away(form: Form) -> bool:
    """Say whether its customer is not there to authenticate: true, or one of the older words for it."""
    value = one_of(form, "off_session", ("true", "false", "one_off", "recurring"), "false")
    return value != "false"


def _act(account: Account, intent: Obj, decision: issuer.Decision, form: Form) -> Obj:
    if decision.outcome == "declined":
        raise decline(account, intent, decision)
    if decision.outcome == "requires_action":
        return _ask_cardholder(account, intent, decision, form)
    if decision.outcome == "processing":
        return _wait(account, intent, decision)
    account.answer_lost = decision.outcome == "lost"
    return approve(account, intent)


def _charge(account: Account, intent: Obj, **fields: Any) -> Obj:
    method = account.method(intent["payment_method"])
    charge = account.store.add(stripe_objects.charge(intent, method, **fields))
    intent["latest_charge"] = charge["id"]
    return charge


def approve(account: Account, intent: Obj) -> Obj:
    """Charge the card: money is taken, or reserved when capture is manual."""
    charge = _charge(account, intent)
    return _succeed(account, intent, charge)


def _succeed(account: Account, intent: Obj, charge: Obj) -> Obj:
    # six characters that the bank gives and people read to each other
    charge["payment_method_details"]["card"]["authorization_code"] = account.store.ids.token("", 6).upper()
    charge |= {"paid": True, "status": "succeeded", "outcome": _outcome("authorized", None)}
    method = account.method(intent["payment_method"])
    if intent["setup_future_usage"] and intent["customer"]:
        method["customer"] = intent["customer"]
    if not intent["setup_future_usage"]:  # else it can still be attached once the charge is over
        account.spend(method)
    intent |= {"next_action": None, "processing": None}
    account.events.emit("charge.succeeded", charge)
    if intent["capture_method"] == "manual":
        intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        account.changed("payment_intent.amount_capturable_updated", intent)
        return intent
    return _take(account, intent, charge, intent["amount"])


def _take(account: Account, intent: Obj, charge: Obj, amount: int) -> Obj:
    charge |= {"captured": True, "amount_captured": amount}
    charge["balance_transaction"] = book(account, "charge", charge, amount)["id"]
    intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
    account.changed("payment_intent.succeeded", intent)
    return intent


def _outcome(kind: str, reason: str | None) -> Obj:
    network = "approved_by_network" if kind == "authorized" else "declined_by_network"
    message = "Payment complete." if kind == "authorized" else "The bank did not return any further details."
    return {
        "network_status": network,
        "reason": reason,
        "risk_level": "normal",
        "risk_score": 20,
        "seller_message": message,
        "type": kind,
    }


def decline(account: Account, intent: Obj, decision: issuer.Decision) -> StripeError:
    """Record a failed charge and return the error that tells of it."""
    message = MESSAGES.get(decision.decline_code, "Your card was declined.")
    failed = _outcome("issuer_declined", decision.decline_code)
    fields = {
        "failure_code": decision.code,
        "failure_message": message,
        "outcome": failed,
        "status": "failed",
    }
    charge = _charge(account, intent, **fields)
    account.events.emit("charge.failed", charge)
    return _fail(account, intent, decision, message, charge["id"])


def _fail(
    account: Account, intent: Obj, decision: issuer.Decision, message: str, charge: str | None
) -> StripeError:
    error = StripeError(
        402,
        "card_error",
        message,
        charge=charge,
        code=decision.code,
        decline_code=decision.decline_code or None,
        advice_code=decision.advice_code or None,
        payment_method=account.method(intent["payment_method"]),
    )
    intent |= {"status": "requires_payment_method", "payment_method": None, "next_action": None}
    intent |= {"processing": None, "last_payment_error": dict(error.error)}
    account.changed("payment_intent.payment_failed", intent)
    error.error |= {"payment_intent": intent}
    return error


def _ask_cardholder(account: Account, intent: Obj, decision: issuer.Decision, form: Form) -> Obj:
    if _is_away(form):
        raise decline(account, intent, decision)
    if flag(form, "error_on_requires_action"):
        raise _fail(account, intent, decision, MESSAGES["authentication_required"], None)
    intent |= {"status": "requires_action", "next_action": _next_action(account, intent, form)}
    account.changed("payment_intent.requires_action", intent)
    return intent


def _next_action(account: Account, intent: Obj, form: Form) -> Obj:
    if not form.get("return_url"):
        return {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}
    where = {"return_url": form["return_url"], "url": f"{account.box.frame_url}/frame/bank/{intent['id']}"}
    return {"type": "redirect_to_url", "redirect_to_url": where}


def authenticate(account: Account, intent_id: str, cardholder_agrees: bool) -> Obj:
    """Finish a 3-D Secure challenge: charge the card, or raise what the failure is reported as."""
    intent = account.store.get("payment_intent", intent_id)
    if intent["status"] != "requires_action":
        raise unexpected_state(intent, "authenticated")
    if cardholder_agrees:
        return approve(account, intent)
    code = "payment_intent_authentication_failure"
    raise _fail(account, intent, issuer.Decision("declined", code), MESSAGES[code], None)


def _wait(account: Account, intent: Obj, decision: issuer.Decision) -> Obj:
    charge = _charge(account, intent)
    intent |= {"status": "processing", "processing": {"type": "card", "card": {}}}
    account.changed("payment_intent.processing", intent)
    account.box.tasks.start(_settle_late(account, intent, charge, decision))
    return intent


async def _settle_late(account: Account, intent: Obj, charge: Obj, decision: issuer.Decision) -> None:
    await account.clock.sleep(decision.settles_after_s)
    if decision.settles_as == "approved":
        _succeed(account, intent, charge)
        return
    charge |= {"status": "failed", "failure_code": decision.code}
    account.events.emit("charge.failed", charge)
    _fail(account, intent, decision, "Your card was declined.", charge["id"])


def capture(account: Account, form: Form, intent_id: str) -> Obj:
    """Take reserved money, all of it or `amount_to_capture`; the rest is released."""
    intent = account.store.get("payment_intent", intent_id)
    if intent["status"] != "requires_capture":
        raise unexpected_state(intent, "captured")
    amount = whole(form, "amount_to_capture") if "amount_to_capture" in form else intent["amount_capturable"]
    if not 0 < amount <= intent["amount_capturable"]:
        message = "The amount to capture is greater than the capturable amount."
        raise StripeError.invalid(message, code="amount_too_large", param="amount_to_capture")
    charge = account.store.get("charge", intent["latest_charge"])
    _take(account, intent, charge, amount)
    charge["amount_refunded"] = charge["amount"] - amount
    account.events.emit("charge.captured", charge)
    return intent


def cancel(account: Account, form: Form, intent_id: str) -> Obj:
    """Cancel a payment intent that has taken no money; reserved money is released."""
    intent = account.store.get("payment_intent", intent_id)
    if intent["status"] not in CANCELLABLE:
        raise unexpected_state(intent, "canceled")
    reason = one_of(form, "cancellation_reason", CANCEL_REASONS)
    if intent["status"] == "requires_capture":
        charge = account.store.get("charge", intent["latest_charge"])
        charge |= {"refunded": True, "amount_refunded": charge["amount"]}
        account.events.emit("charge.refunded", charge)
    intent |= {"status": "canceled", "canceled_at": account.clock.unix(), "cancellation_reason": reason}
    intent |= {"amount_capturable": 0, "next_action": None}
    account.changed("payment_intent.canceled", intent)
    return intent


def page(account: Account, form: Form) -> Obj:
    """List payment intents, newest first."""
    url, customer = "/v1/payment_intents", form.get("customer")
    return account.store.page("payment_intent", url, form, lambda row: customer in (None, row["customer"]))


def charges(account: Account, form: Form) -> Obj:
    """List charges, newest first."""
    wanted = {name: form[name] for name in ("payment_intent", "customer") if name in form}
    return account.store.page(
        "charge", "/v1/charges", form, lambda row: all(row[k] == v for k, v in wanted.items())
    )


def charge(account: Account, form: Form, charge_id: str) -> Obj:
    """Return a charge."""
    return account.store.get("charge", charge_id)
