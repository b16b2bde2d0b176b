"""Shape the Stripe face's objects as the vendor's API description has them."""

from typing import Any

from agentdesk.sandbox.stripe_store import Obj
from agentdesk.sandbox.vault import VaultedCard

ZERO_DECIMAL = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split())
CURRENCIES = ZERO_DECIMAL | frozenset(
    "aed aud bgn brl cad chf czk dkk eur gbp hkd huf inr mxn myr nok nzd pln ron sek sgd thb usd zar".split()
)
# Least charge in minor units; https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
LEAST = {"gbp": 30, "jpy": 50, "usd": 50, "eur": 50, "sek": 300, "nok": 300, "dkk": 250, "pln": 200}


def billing(details: Obj | None = None) -> Obj:
    """Return billing details with every field present."""
    return {"address": None, "email": None, "name": None, "phone": None, **(details or {})}


def payment_intent(amount: int, currency: str, **fields: Any) -> Obj:
    """Make a payment intent that waits for a payment method; `amount` in minor units."""
    absent = (
        "application application_fee_amount canceled_at cancellation_reason customer description invoice "
        "last_payment_error latest_charge next_action on_behalf_of payment_method processing receipt_email "
        "review setup_future_usage shipping statement_descriptor statement_descriptor_suffix transfer_data "
        "transfer_group automatic_payment_methods"
    )
    return {
        "object": "payment_intent",
        "amount": amount,
        "currency": currency,
        **dict.fromkeys(absent.split()),
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "capture_method": "automatic",
        "confirmation_method": "automatic",
        "metadata": {},
        "payment_method_options": {"card": {"installments": None, "network": None}},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        **fields,
    }


def setup_intent(**fields: Any) -> Obj:
    """Make a setup intent that waits for a payment method."""
    absent = (
        "application cancellation_reason customer description flow_directions last_setup_error "
        "latest_attempt mandate next_action on_behalf_of payment_method single_use_mandate"
    )
    return {
        "object": "setup_intent",
        **dict.fromkeys(absent.split()),
        "metadata": {},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        "usage": "off_session",
        **fields,
    }


def charge(intent: Obj, method: Obj, **fields: Any) -> Obj:
    """Make the charge of a payment intent on a payment method."""
    absent = (
        "application application_fee application_fee_amount balance_transaction failure_balance_transaction "
        "failure_code failure_message invoice on_behalf_of outcome receipt_number receipt_url review "
        "source_transfer transfer_data transfer_group"
    )
    kept = ("amount", "currency", "customer", "description", "metadata", "receipt_email", "shipping")
    return {
        "object": "charge",
        **dict.fromkeys(absent.split()),
        **{name: intent[name] for name in kept},
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "NORTHWIND ENERGY",
        "captured": False,
        "disputed": False,
        "fraud_details": {},
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"type": "card", "card": _card_details(method["card"])},
        "refunded": False,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "pending",
        **fields,
    }


def _card_details(card: Obj) -> Obj:
    kept = (
        "brand",
        "checks",
        "country",
        "exp_month",
        "exp_year",
        "fingerprint",
        "funding",
        "last4",
        "wallet",
    )
    extra = {"installments": None, "mandate": None, "network": card["brand"], "three_d_secure": None}
    return {name: card[name] for name in kept} | extra


def refund(paid: Obj, amount: int, reason: str | None, metadata: dict[str, str]) -> Obj:
    """Make a refund of a charge; `amount` in minor units."""
    absent = "balance_transaction receipt_number source_transfer_reversal transfer_reversal"
    return {
        "object": "refund",
        **dict.fromkeys(absent.split()),
        "amount": amount,
        "charge": paid["id"],
        "currency": paid["currency"],
        "metadata": metadata,
        "payment_intent": paid["payment_intent"],
        "reason": reason,
        "status": "pending",
    }


def balance_transaction(kind: str, source: Obj, amount: int, fee: int, available_on: int) -> Obj:
    """Make a movement of the account's balance; `amount` and `fee` in minor units."""
    part = {"amount": fee, "application": None, "currency": source["currency"], "type": "stripe_fee"}
    return {
        "object": "balance_transaction",
        "amount": amount,
        "available_on": available_on,
        "currency": source["currency"],
        "description": source.get("description"),
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [{**part, "description": "Processing fees"}] if fee else [],
        "net": amount - fee,
        "reporting_category": kind,
        "source": source["id"],
        "status": "pending",
        "type": kind,
    }


def payout(currency: str, amount: int, arrival: int) -> Obj:
    """Make a payout to the bank; `amount` in minor units, `arrival` in seconds since 1970."""
    absent = (
        "balance_transaction description destination failure_balance_transaction failure_code "
        "failure_message original_payout reversed_by statement_descriptor"
    )
    return {
        "object": "payout",
        "amount": amount,
        "currency": currency,
        **dict.fromkeys(absent.split()),
        "arrival_date": arrival,
        "automatic": True,
        "metadata": {},
        "method": "standard",
        "reconciliation_status": "completed",
        "source_type": "card",
        "status": "paid",
        "type": "bank_account",
    }


def customer(**fields: Any) -> Obj:
    """Make a customer."""
    absent = "address currency default_source discount email name phone shipping description test_clock"
    return {
        "object": "customer",
        **dict.fromkeys(absent.split()),
        "balance": 0,
        "delinquent": False,
        "metadata": {},
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
        **fields,
    }


def payment_method(card: VaultedCard) -> Obj:
    """Make the payment method of a vaulted card; its id is the vault's token."""
    checks = {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": card.cvc_check}
    return {
        "id": card.token,
        "object": "payment_method",
        "billing_details": billing(),
        "card": {
            "brand": card.brand,
            "checks": checks,
            "country": "US",
            "exp_month": card.exp_month,
            "exp_year": card.exp_year,
            "fingerprint": card.fingerprint,
            "funding": "credit",
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "customer": None,
        "metadata": {},
        "type": "card",
    }


def event(kind: str, obj: Obj, version: str, request: Obj | None, previous: Obj | None) -> Obj:
    """Make an event that carries a snapshot of the object."""
    return {
        "object": "event",
        "api_version": version,
        "data": {"object": obj} | ({"previous_attributes": previous} if previous else {}),
        "pending_webhooks": 1,
        "request": request or {"id": None, "idempotency_key": None},
        "type": kind,
    }


def checkout_session(**fields: Any) -> Obj:
    """Make an open checkout session."""
    absent = (
        "after_expiration allow_promotion_codes billing_address_collection cancel_url client_reference_id "
        "consent consent_collection currency_conversion customer customer_creation customer_details "
        "customer_email invoice invoice_creation locale payment_intent payment_link "
        "payment_method_collection recovered_from setup_intent shipping_address_collection shipping_cost "
        "shipping_details submit_type subscription success_url"
    )
    return {
        "object": "checkout.session",
        **dict.fromkeys(absent.split()),
        "automatic_tax": {"enabled": False, "status": None},
        "custom_fields": [],
        "custom_text": {"shipping_address": None, "submit": None},
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted",
        **fields,
    }


def dispute(paid: Obj, at: int) -> Obj:
    """Make the dispute of a charge; `at` in seconds since 1970."""
    week = 7 * 86_400
    return {
        "object": "dispute",
        "amount": paid["amount_captured"],
        "balance_transactions": [],
        "charge": paid["id"],
        "currency": paid["currency"],
        "evidence": {},
        "evidence_details": {
            "due_by": at + week,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "metadata": {},
        "payment_intent": paid["payment_intent"],
        "reason": "fraudulent",
        "status": "needs_response",
    }
