"""All we may ever know of a card, and the guard that refuses more."""

import re
import string
import unicodedata
from dataclasses import dataclass
from itertools import accumulate

from agentdesk.i18n import _


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
        return _("{brand} ending {last4}").format(
            brand=brand_name(self.brand), last4=self.last4 or _("unknown")
        )


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
    return _BRANDS.get((brand or "").lower(), _("Card"))


#: Digits with at most two separators between them, as people write or paste a long number.
_RUN = re.compile(r"\d(?:[ \-./]{0,2}\d){11,}")
#: The groups from here on with up to three separators between them, as a column or a list has them.
_GROUPS = re.compile(r"(?<!\d)(?=([2-6]\d{0,3}(?:[\s,.:;_/\-]{1,3}\d{1,6}){2,18})(?!\d))")
_SPACE = re.compile(r"[^\S\t-\r]")
_DASH = re.compile(r"[\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
_UNSEEN = re.compile(r"[\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_WORD = re.compile(r"\w+", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
#: A telephone number with its country: + or 00 and at most 13 digits. One German or Indonesian mobile in
#: ten has the prefix, length and check digit of an old 13-digit card.
#: A group 00 inside a longer number is none.
_SEPARATOR = r"[\s,.:;_/\-]"
_IN_A_NUMBER = "".join(rf"(?<!\d{_SEPARATOR}{{{count}}})" for count in (1, 2, 3))
_PHONE = re.compile(
    rf"(?<![\w+])(?:\+|{_IN_A_NUMBER}00)[ ]?\d(?:[ \-./]{{0,2}}\d){{6,12}}"
    r"(?![ \-./]{0,2}\d)"
)
#: A list of numbers of the same length, and nothing else that could belong to them on either side.
_LIST = re.compile(
    rf"(?<!\d){_IN_A_NUMBER}(\d{{4,10}})(?:[\s,;]{{1,3}}\d{{4,10}})+(?!\d)(?!{_SEPARATOR}{{1,3}}\d)"
)
#: Numbers of a list that are all different and this close count something: of 30,000 card numbers in groups
#: of four one has its groups so close together.
_SERIES_SPREAD = 200
#: The last number of a line and the first of the next.
_HALVES = re.compile(r"(?<!\d)(?=(\d(?:[ \-]?\d){3,14})\n(\d(?:[ \-]?\d){3,14})(?!\d))")
_SHORTEST = 13
_SHORTEST_SPLIT = 15  # a bank's sort code above an account number has 14 digits
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

    Digits of any script count, with spaces, dots or dashes between them, or in even groups with up to
    three of any separators, or in two parts with a line break between them. Vendor identifiers (long words
    with letters in them, UUIDs), telephone numbers with their country and lists of consecutive numbers do
    not. Takes time in proportion to the length.
    """
    if text.isascii() and sum(map(text.count, string.digits)) < _SHORTEST:
        return False  # nearly every text: the rest of this takes much longer
    lines = "\n".join(filter(None, map(str.strip, _plain(text).splitlines())))
    every = _LIST.sub(_without_series, _UUID.sub(" x ", lines))
    if any(_parts_make_card(*found.groups()) for found in _HALVES.finditer(every)):
        return True
    numbers = _PHONE.sub(" x ", every)
    if any(_even_groups_hold_card(found[1]) for found in _GROUPS.finditer(numbers)):
        return True
    words = _PHONE.sub(" x ", _WORD.sub(_without_identifier, numbers))
    if _GROUPED.search(words):
        return True
    return any(_holds_card(re.sub(r"\D", "", run[0])) for run in _RUN.finditer(words))


def _plain(text: str) -> str:
    """Return the text with ASCII digits, spaces and dashes, and without what nobody sees."""
    if text.isascii():
        return text
    shown = _DASH.sub("-", _SPACE.sub(" ", _UNSEEN.sub("", text)))
    return "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in shown)


def _without_identifier(match: re.Match[str]) -> str:
    word = match[0]
    return " x " if len(word) >= _IDENTIFIER_LENGTH and not word.isdecimal() else word


def _without_series(match: re.Match[str]) -> str:
    numbers = re.findall(r"\d+", match[0])
    alike = len({*map(len, numbers)}) == 1 and len({*numbers}) == len(numbers)
    counting = alike and int(max(numbers)) - int(min(numbers)) < _SERIES_SPREAD
    return " x " if counting else match[0]


def _parts_make_card(first: str, second: str) -> bool:
    """Say whether a card number begins at the end of one line and ends with a group of the next.

    The groups of a date are not evenly sized.
    """
    before, after = re.findall(r"\d+", first), re.findall(r"\d+", second)
    if not _evenly_sized([*map(len, before)]):
        return False
    for count in range(1, len(after) + 1):
        card = "".join(before + after[:count])
        if len(card) >= _SHORTEST_SPLIT and _evenly_sized([*map(len, after[:count])]) and _is_card(card):
            return True
    return False


def _even_groups_hold_card(text: str) -> bool:
    """Say whether the first groups, evenly sized and separated alike, are a card number.

    Amounts, dates and times in a list mix their separators; what is longer than four digits is a number
    by itself.
    """
    parts = re.split(r"(\D+)", text)
    groups, separators = parts[::2], [one.strip() for one in parts[1::2]]
    card = groups[0]
    for count in range(1, len(groups)):
        if separators[count - 1] != separators[0] or len(card) > 19:
            return False
        card += groups[count]
        if len(card) >= _SHORTEST and _is_card(card) and _evenly_sized([*map(len, groups[: count + 1])]):
            return True
    return False


def _evenly_sized(sizes: list[int]) -> bool:
    even = set(sizes[:-1]) <= {sizes[0]} and sizes[-1] <= sizes[0]
    return even or sizes in ([4, 6, 5], [4, 6, 4])


def _is_card(digits: str) -> bool:
    return bool(_PREFIXES.match(digits)) and _luhn(digits)


def _holds_card(digits: str) -> bool:
    """Say whether any part is a card number; the sums up to each digit make every check one subtraction."""
    if len(digits) < _SHORTEST:
        return False
    sums = _running_sums(digits)
    return any(
        (sums[end % 2][end] - sums[end % 2][start]) % 10 == 0 and _PREFIXES.match(digits[start:end])
        for start in range(len(digits) - _SHORTEST + 1)
        if digits[start] in "23456"
        for end in range(start + _SHORTEST, min(start + 19, len(digits)) + 1)
    )


def _running_sums(digits: str) -> tuple[list[int], list[int]]:
    """Return the check sums before each place, for numbers that end before an even and an odd place."""
    values = [int(d) for d in digits]
    doubled = [2 * v - 9 * (v > 4) for v in values]
    odd_plain = [v if at % 2 else d for at, (v, d) in enumerate(zip(values, doubled, strict=True))]
    even_plain = [d if at % 2 else v for at, (v, d) in enumerate(zip(values, doubled, strict=True))]
    return list(accumulate(odd_plain, initial=0)), list(accumulate(even_plain, initial=0))


def _luhn(digits: str) -> bool:
    odd = [int(d) for d in digits[-1::-2]]
    even = [2 * int(d) for d in digits[-2::-2]]
    return (sum(odd) + sum(d - 9 if d > 9 else d for d in even)) % 10 == 0
