"""What a Payments create request may say, checked as Twilio and its Pay Connector check it."""

from decimal import Decimal, InvalidOperation

from agentdesk.sandbox import pay_fields
from agentdesk.sandbox.pay_session import Terms
from agentdesk.sandbox.twilio_errors import TwilioError

BRANDS = frozenset("visa mastercard amex maestro discover optima jcb diners-club enroute".split())
DECIMALS = {"usd": 2, "gbp": 2, "eur": 2, "cad": 2, "aud": 2, "chf": 2, "sek": 2, "jpy": 0}
"""The currencies that the Pay Connector of this account takes, with their decimals."""

MAX_TIMEOUT_S = 600
CHOICES = {
    "Input": {"dtmf"},
    "PaymentMethod": {"credit-card", "ach-debit"},
    "TokenType": {"one-time", "reusable", "payment-method"},
    "PostalCode": {"true", "false"},
    "SecurityCode": {"true", "false"},
    "Confirmation": {"false"},  # reading the last four back is not played here
    "RequireMatchingInputs": {""},  # nor is keying everything twice
}


def read(form: dict[str, str], connectors: list[str]) -> Terms:
    """Return the terms of a session; raise TwilioError for what Twilio or the connector refuses.

    The connector is Stripe's: it makes payment-method tokens and does not charge.
    """
    for name, allowed in CHOICES.items():
        if form.get(name) and form[name] not in allowed:
            raise TwilioError(64020, f"{name}={form[name]}")
    brands = tuple(form.get("ValidCardTypes", "visa mastercard amex").split())
    if not brands or not BRANDS.issuperset(brands):
        raise TwilioError(64020, "ValidCardTypes")
    connector = form.get("PaymentConnector") or "Default"
    if connector not in connectors:
        raise TwilioError(64004, connector)
    _check_connector_can(form)
    return Terms(
        connector=connector,
        method="credit-card",
        fields=_fields(form),
        brands=brands,
        min_postcode=_integer(form, "MinPostalCodeLength", 0, pay_fields.MAX_POSTCODE),
        timeout_s=_integer(form, "Timeout", 5, MAX_TIMEOUT_S),
    )


def _check_connector_can(form: dict[str, str]) -> None:
    if form.get("PaymentMethod") == "ach-debit":
        raise TwilioError(64013, "ach-debit")
    currency = (form.get("Currency") or "usd").lower()
    amount = _amount(form.get("ChargeAmount") or "0", currency)
    if currency not in DECIMALS:
        raise TwilioError(64011, currency)
    if amount > 0:
        raise TwilioError(64007)
    if form.get("TokenType", "reusable") != "payment-method":
        raise TwilioError(64006, form.get("TokenType", "reusable"))


def _amount(text: str, currency: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise TwilioError(64003, text) from None
    decimals = -int(amount.normalize().as_tuple().exponent) if amount.is_finite() else 99
    if not amount.is_finite() or not 0 <= amount < 1_000_000 or decimals > DECIMALS.get(currency, 2):
        raise TwilioError(64003, text)
    return amount


def _fields(form: dict[str, str]) -> tuple[str, ...]:
    wanted = {
        pay_fields.NUMBER: "true",
        pay_fields.EXPIRY: "true",
        pay_fields.CODE: form.get("SecurityCode") or "true",
        pay_fields.POSTCODE: form.get("PostalCode") or "true",
    }
    return tuple(field for field, flag in wanted.items() if flag == "true")


def _integer(form: dict[str, str], name: str, default: int, highest: int) -> int:
    text = form.get(name) or str(default)
    if not text.isdecimal() or int(text) > highest:
        raise TwilioError(64020, f"{name}={text}")
    return int(text)
