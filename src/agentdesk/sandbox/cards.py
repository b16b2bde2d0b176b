"""The vendors' published test cards: the only card numbers anywhere in this project."""

from dataclasses import dataclass

EXPIRY = "1234"
"""December 2034, keyed as MMYY; the issuers of test cards accept any date to come."""


@dataclass(frozen=True)
class TestCard:
    """One card a caller can hold; `does` names the issuer's behaviour (see issuer.py)."""

    name: str
    label: str
    brand: str
    number: str
    does: str
    cvc: str = "123"
    expiry: str = EXPIRY

    __test__ = False  # a card for tests, not a test case for pytest

    @property
    def last4(self) -> str:
        """Return the last four digits."""
        return self.number[-4:]


# Numbers: docs.stripe.com/testing, the fixtures of localstripe, and the card schemes' public test numbers.
CARDS = (
    TestCard("visa-approves", "The everyday card", "visa", "4242424242424242", "approve"),
    TestCard("visa-declines", "The bank says no", "visa", "4000000000000002", "generic_decline"),
    TestCard(
        "mastercard-answer-lost",
        "Charged, but the answer is lost",
        "mastercard",
        "5555555555554444",
        "lost_answer",
    ),
    TestCard("visa-late", "Approves 40 s late", "visa", "4111111111111111", "late"),
    TestCard(
        "amex-refused-brand",
        "Brand refused by the rule of this site",
        "amex",
        "378282246310005",
        "approve",
        cvc="1234",
    ),
    TestCard("visa-insufficient-funds", "Not enough money", "visa", "4000000000009995", "insufficient_funds"),
    TestCard("visa-lost", "Reported lost", "visa", "4000000000009987", "lost_card"),
    TestCard("visa-stolen", "Reported stolen", "visa", "4000000000009979", "stolen_card"),
    TestCard("visa-expired", "The issuer says expired", "visa", "4000000000000069", "expired_card"),
    TestCard("visa-cvc-fails", "Security code is wrong", "visa", "4000000000000127", "incorrect_cvc"),
    TestCard(
        "visa-processing-error", "The issuer is in trouble", "visa", "4000000000000119", "processing_error"
    ),
    TestCard(
        "visa-declines-later",
        "Can be kept, then declines",
        "visa",
        "4000000000000341",
        "generic_decline",
    ),
    TestCard("visa-needs-3ds", "The bank wants the cardholder", "visa", "4000002500003155", "needs_3ds"),
    TestCard(
        "visa-asks-holder-later",
        "Approves by phone, later its bank wants the cardholder",
        "visa",
        "4000002760003184",
        "needs_3ds_unless_phoned",
    ),
    TestCard("visa-disputed", "Approves, then disputed", "visa", "4000000000000259", "dispute"),
    TestCard("visa-refund-pending", "Refund takes its time", "visa", "4000000000007726", "refund_pending"),
    TestCard("visa-refund-fails", "Refund fails afterwards", "visa", "4000000000005126", "refund_fails"),
    TestCard("mastercard-approves", "A Mastercard that works", "mastercard", "5200828282828210", "approve"),
    TestCard("amex-approves", "An Amex that works", "amex", "371449635398431", "approve", cvc="1234"),
    TestCard("discover-approves", "A Discover that works", "discover", "6011111111111117", "approve"),
)

_BY_NAME = {card.name: card for card in CARDS}
_BY_NUMBER = {card.number: card for card in CARDS}


def by_name(name: str) -> TestCard:
    """Return a card by its name; raise KeyError for a name nobody knows."""
    return _BY_NAME[name]


def by_number(number: str) -> TestCard | None:
    """Return the known test card with this number, None for every other number."""
    return _BY_NUMBER.get(number)


def passes_luhn(number: str) -> bool:
    """Say whether the check digit fits (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def brand_of(number: str) -> str:
    """Return the brand by the first digits, in Twilio's words; "" when none fits."""
    ranges = (
        ("visa", ("4",)),
        ("mastercard", ("51", "52", "53", "54", "55", *(str(n) for n in range(2221, 2721)))),
        ("amex", ("34", "37")),
        ("discover", ("6011", "644", "645", "646", "647", "648", "649", "65")),
        ("diners-club", ("300", "301", "302", "303", "304", "305", "36", "38", "39")),
        ("jcb", tuple(str(n) for n in range(3528, 3590))),
        ("maestro", ("50", "56", "57", "58", "6304", "6759", "676")),
    )
    return next((brand for brand, starts in ranges if number.startswith(starts)), "")


def number_length(brand: str) -> int:
    """Return how many digits a number of this brand has."""
    return {"amex": 15, "diners-club": 14}.get(brand, 16)


def cvc_length(brand: str) -> int:
    """Return how many digits the security code of this brand has."""
    return 4 if brand == "amex" else 3
