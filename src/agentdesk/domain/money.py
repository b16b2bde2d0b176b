"""Money: integer minor units and an ISO 4217 currency."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from agentdesk.domain.errors import Invalid
from agentdesk.i18n import LEFTWARDS, language

#: ISO 4217 minor units that are not two (list one, amendment 176).
_EXPONENTS = dict.fromkeys(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
) | dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)
_SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$", "JPY": "¥"}
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_WITH_CODE = re.compile(r"([A-Z]{3}) ?[\d.,]+\Z|[\d.,]+ ?([A-Z]{3})\Z", re.ASCII)
#: How a language marks thousands and decimals where it is not `1,234.50`, by CLDR; the currency follows.
_MARKS = {"de": (".", ","), "es": (".", ","), "fr": ("\u202f", ",")}
_SPACES = str.maketrans("\u00a0 ", "\u202f\u202f")  # what people type for the mark of thousands


def exponent(currency: str) -> int:
    """Return how many decimal digits the currency has."""
    return _EXPONENTS.get(currency, 2)


def symbol(currency: str) -> str:
    """Return the symbol people write before the amount, or the code and a space where there is none."""
    return _SYMBOLS.get(currency, currency + " ")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units; negative means money going back."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if isinstance(self.minor, bool) or not isinstance(self.minor, int):
            raise TypeError("minor units are a whole number")
        if not _CURRENCY.match(self.currency):
            raise Invalid("currency_unknown", currency=self.currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Read what a person typed, in the language spoken: `123.36`, `1,234`, `£5`, `GBP 5`; `1.234,50 €`.

        Raises Invalid `amount_not_a_number`, `amount_too_precise`, or `currency_mismatch` where another
        currency is named.
        """
        named = named_currency(text)
        if named is not None and named != currency:
            raise Invalid("currency_mismatch", expected=currency, got=named)
        match = _amount(_bare(text.strip(), currency))
        if not match:
            raise Invalid("amount_not_a_number")
        sign, whole, fraction = match[1], re.sub(r"\D", "", match[2]), match[3] or ""
        digits = exponent(currency)
        if len(fraction) > digits:
            raise Invalid("amount_too_precise", currency=currency, digits=digits)
        minor = int(whole + fraction.ljust(digits, "0"))
        return cls(-minor if sign else minor, currency)

    @classmethod
    def from_decimal(cls, value: Decimal, currency: str) -> Self:
        """Convert an exact major-unit amount.

        Raises Invalid where it has more digits than the currency, or is no number at all.
        """
        if not value.is_finite():
            raise Invalid("amount_not_a_number")
        scaled = value.scaleb(exponent(currency))
        if scaled != scaled.to_integral_value():
            raise Invalid("amount_too_precise", currency=currency, digits=exponent(currency))
        return cls(int(scaled), currency)

    def to_decimal(self) -> Decimal:
        """Return the amount in major units, with exactly the currency's digits."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    @property
    def number(self) -> str:
        """The amount without its currency and sign, marked as in the language spoken: `1,234.50`."""
        english = f"{abs(self.to_decimal()):,.{exponent(self.currency)}f}"
        thousands, decimal = _marks()
        return english.translate(str.maketrans(",.", thousands + decimal))

    def __str__(self) -> str:
        """Write as people read it: `£1,234.50`, `1.234,50 £`; with a true minus for money going back."""
        sign = "\u2212" if self.minor < 0 else ""
        if language() in _MARKS:
            return f"{sign}{self.number}\u00a0{symbol(self.currency).strip()}"
        whole = f"{sign}{symbol(self.currency)}{self.number}"
        # the marks keep signs on their side among letters that run leftwards
        return f"\u200e{whole}\u200e" if language() in LEFTWARDS else whole

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise Invalid("currency_mismatch", expected=self.currency, got=other.currency)
        return other


def decimal_sign() -> str:
    """Return what parts a number from its decimals in the language spoken."""
    return _marks()[1]


def _marks() -> tuple[str, str]:
    return _MARKS.get(language(), (",", "."))


def _bare(text: str, currency: str) -> str:
    """Return a typed amount without its currency, before or after it."""
    for mark in (currency, symbol(currency).strip()):
        text = text.removeprefix(mark).strip()
        if language() in _MARKS:
            text = text.removesuffix(mark).strip()
    return text


def _amount(bare: str) -> re.Match[str] | None:
    thousands, decimal = (re.escape(mark) for mark in _marks())
    if language() == "fr":
        bare = bare.translate(_SPACES)
    pattern = rf"(-?)(\d{{1,3}}(?:{thousands}\d{{3}}){{1,3}}|\d{{1,12}})(?:{decimal}(\d{{1,3}}))?\Z"
    return re.match(pattern, bare, re.ASCII)


def named_currency(text: str) -> str | None:
    """Return the currency that a typed amount names, by its code or its symbol; None where it names none."""
    match = _WITH_CODE.match(text.strip().upper())
    if match:
        return match[1] or match[2]
    return next((one for one, mark in _SYMBOLS.items() if mark in text), None)


def total(amounts: "list[Money]", currency: str) -> Money:
    """Add amounts of one currency; an empty list is zero."""
    result = Money(0, currency)
    for amount in amounts:
        result += amount
    return result
