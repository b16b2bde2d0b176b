"""The fields of a card as a caller keys them: length, check, mask, and what the caller hears."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from agentdesk.sandbox import cards

NUMBER, EXPIRY, CODE, POSTCODE = (
    "payment-card-number",
    "expiration-date",
    "security-code",
    "postal-code",
)
FIELDS = (NUMBER, EXPIRY, CODE, POSTCODE)
MAX_POSTCODE = 10

PROMPTS = {
    NUMBER: "Please key the long number on the front of the card.",
    EXPIRY: "Please key the expiry date: two digits for the month, two for the year.",
    CODE: "Please key the security code.",
    POSTCODE: "Please key the digits of the billing postcode, then press hash.",
}
PARAMETERS = {
    NUMBER: "PaymentCardNumber",
    EXPIRY: "ExpirationDate",
    CODE: "SecurityCode",
    POSTCODE: "PaymentCardPostalCode",
}


@dataclass(frozen=True)
class Fault:
    """Why an entry is refused: Twilio's ErrorType and, for an unknown card, its PayErrorCode."""

    error_type: str
    pay_error_code: str = ""


def expected_length(field: str, keyed: str, brand: str) -> int | None:
    """Return how many digits end the entry by themselves; None when only # or a pause ends it."""
    if field == NUMBER:
        return cards.number_length(cards.brand_of(keyed))
    if field == CODE:
        return cards.cvc_length(brand)
    return 4 if field == EXPIRY else None


def mask(field: str, digits: str, finished: bool) -> str:
    """Return what a callback may show of an entry."""
    if field == NUMBER:
        return "x" * (len(digits) - 4) + digits[-4:] if finished else "x" * len(digits)
    return "x" * len(digits) if field == CODE else digits


def check_number(digits: str, allowed_brands: Collection[str]) -> Fault | None:
    """Return what is wrong with a card number, None when it is a known test card of an allowed brand."""
    brand = cards.brand_of(digits)
    if not brand or len(digits) != cards.number_length(brand) or not cards.passes_luhn(digits):
        return Fault("invalid-card-number")
    if brand not in allowed_brands:
        return Fault("invalid-card-type")
    # A number that is nobody's test card may be somebody's real one: never keep it (Twilio: 64022).
    return None if cards.by_number(digits) else Fault("invalid-card-number", "64022")


def check_expiry(digits: str, today: datetime) -> Fault | None:
    """Return what is wrong with a date keyed as MMYY."""
    if len(digits) != 4 or not 1 <= int(digits[:2]) <= 12:
        return Fault("invalid-date")
    past = (2000 + int(digits[2:]), int(digits[:2])) < (today.year, today.month)
    return Fault("invalid-date") if past else None


def check_code(digits: str, brand: str) -> Fault | None:
    """Return what is wrong with a security code."""
    return None if len(digits) == cards.cvc_length(brand) else Fault("invalid-security-code")


def check_postcode(digits: str, min_length: int) -> Fault | None:
    """Return what is wrong with a postcode."""
    return None if max(min_length, 1) <= len(digits) <= MAX_POSTCODE else Fault("invalid-postal-code")
