"""All we may ever know of a card, and the guard that refuses more."""

import re
import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CardSummary:
    """Brand and last four digits; expiry only beside a provider's token."""

    brand: str | None = None
    last4: str | None = None
    exp_month: int | None = None
    exp_year: int | None = None

    def __post_init__(self) -> None:
        if self.last4 is not None and not (len(self.last4) == 4 and self.last4.isdecimal()):
            raise ValueError("a card is shown by its last four digits only")

    def __str__(self) -> str:
        return f"{brand_name(self.brand)} ending {self.last4 or 'unknown'}"


_BRANDS = {
    "visa": "Visa",
    "mastercard": "Mastercard",
    "amex": "Amex",
    "discover": "Discover",
    "jcb": "JCB",
    "diners": "Diners Club",
    "diners-club": "Diners Club",
    "maestro": "Maestro",
    "unionpay": "UnionPay",
}


def brand_name(brand: str | None) -> str:
    """Return the brand as people write it."""
    return _BRANDS.get((brand or "").lower(), "Card")


#: Digits with at most two separators between them, as people write or paste a long number.
_RUN = re.compile(r"\d(?:[ \-./\u00a0\u2013]{0,2}\d){11,}")
_WORD = re.compile(r"\w+", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
#: A telephone number with its country: + or 00 and at most 13 digits. One German or Indonesian mobile in
#: ten has the prefix, length and check digit of an old 13-digit card.
#: A group 00 inside a longer number is none.
_SEPARATOR = r"[ \-./\u00a0\u2013]"
_PHONE = re.compile(
    rf"(?<![\w+])(?:\+|(?<!\d{_SEPARATOR})(?<!\d{_SEPARATOR}{{2}})00)[ ]?\d(?:[ \-./]{{0,2}}\d){{6,12}}"
    r"(?![ \-./]{0,2}\d)"
)
#: Longer words with letters are identifiers of vendors (SIDs, ULIDs), never a typed card number.
_IDENTIFIER_LENGTH = 25
_GROUPED = re.compile(r"[3-6]\d{3}([ \-])\d{4}\1\d{4}\1\d{4}(?!\d)")
#: Issuer prefixes and the lengths issued under them (ISO/IEC 7812 ranges in public use).
_PREFIXES = re.compile(
    r"(?:4(?:\d{12}|\d{15}|\d{18})"
    r"|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12,15}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12,15}|62\d{14,17}|(?:50|5[6-9]|6\d)\d{10,17})\Z"
)


def looks_like_pan(text: str) -> bool:
    """Say whether the text holds something that could be a card number.

    Digits of any script count, with spaces, dots or dashes between them. Vendor identifiers
    (long words with letters in them, UUIDs) and telephone numbers with their country do not.
    """
    plain = _without_known_numbers(_ascii_digits(text))
    if _GROUPED.search(plain):
        return True
    return any(_holds_card(re.sub(r"\D", "", run[0])) for run in _RUN.finditer(plain))


def _ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in text)


def _without_known_numbers(text: str) -> str:
    def blank(match: re.Match[str]) -> str:
        word = match[0]
        return " x " if len(word) >= _IDENTIFIER_LENGTH and not word.isdecimal() else word

    return _PHONE.sub(" x ", _WORD.sub(blank, _UUID.sub(" x ", text)))


def _holds_card(digits: str) -> bool:
    return any(
        _PREFIXES.match(part) and _luhn(part)
        for start in range(len(digits) - 11)
        for length in range(13, 20)
        if len(part := digits[start : start + length]) == length
    )


def _luhn(digits: str) -> bool:
    odd = [int(d) for d in digits[-1::-2]]
    even = [2 * int(d) for d in digits[-2::-2]]
    return (sum(odd) + sum(d - 9 if d > 9 else d for d in even)) % 10 == 0
