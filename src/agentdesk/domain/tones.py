"""The tone doctor: what may have gone wrong with a field's keys, and what to do next.

It knows what the provider tells: how many keys arrived, the brand, why the field was refused. Never a
digit, so it cannot tell a slip of the finger from one key heard twice while another was lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agentdesk.domain.capture import CardField, FieldProblem

#: Bad tries of one field after which another way to pay is offered.
MANY_TRIES = 3

_NUMBER_KEYS = {"amex": 15, "diners-club": 14, "visa": 16, "mastercard": 16, "discover": 16, "jcb": 16}
_FEWEST, _MOST = 14, 19  # of a card number whose brand is not known (ISO/IEC 7812-1)
_USUAL = 16
_EXPIRY_KEYS = 4


class Trouble(StrEnum):
    """What a field's last try looks like."""

    SILENT = "silent"  # no key arrived
    BROKE_OFF = "broke_off"  # some keys, and then none for too long
    TOO_FEW = "too_few"  # refused with fewer keys than it has: at least one was lost
    TOO_MANY = "too_many"  # refused with more keys than it has: at least one came twice
    WRONG = "wrong"  # refused with the right number of keys, or with keys that nobody counted
    CARD = "card"  # a brand that is not taken
    UNCLEAR = "unclear"


class Remedy(StrEnum):
    """What to do next; one key each."""

    AGAIN = "again"
    SLOWLY = "slowly"
    OTHER_CARD = "other_card"
    OTHER_ROUTE = "other_route"


@dataclass(frozen=True, slots=True)
class BadTry:
    """One try of a field that failed. `keys` arrived; None where nobody counted them."""

    problem: FieldProblem
    keys: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What the doctor says of a field; `keys` arrived in the last try, `expected` are needed where known."""

    trouble: Trouble
    remedy: Remedy
    keys: int | None
    expected: int | None


def keys_needed(card_field: CardField, brand: str | None) -> int | None:
    """Return how many keys a field takes; None where that is not known, or not to be counted."""
    fewest, most = _span(card_field, brand)
    return fewest if fewest == most else None


def places(card_field: CardField, brand: str | None) -> int | None:
    """Return how many places to show; the usual number of a card whose brand is not known."""
    return _USUAL if card_field is CardField.NUMBER and not brand else keys_needed(card_field, brand)


def diagnose(
    card_field: CardField, brand: str | None, tries: Sequence[BadTry], *, slow: bool
) -> Finding | None:
    """Return what the bad tries of a field tell; None where there was none.

    `slow`: the caller was already asked to key slowly.
    """
    if not tries:
        return None
    last = tries[-1]
    trouble = _trouble(last, _span(card_field, brand))
    remedy = Remedy.OTHER_ROUTE if len(tries) >= MANY_TRIES else _remedy(trouble, len(tries), slow=slow)
    return Finding(trouble, remedy, last.keys, keys_needed(card_field, brand))


def _span(card_field: CardField, brand: str | None) -> tuple[int, int]:
    """Return the fewest and the most keys a field can have."""
    if card_field is CardField.EXPIRY:
        return _EXPIRY_KEYS, _EXPIRY_KEYS
    if card_field is not CardField.NUMBER:
        return 0, _MOST
    known = _NUMBER_KEYS.get((brand or "").lower())
    return (known, known) if known else (_FEWEST, _MOST)


def _trouble(last: BadTry, span: tuple[int, int]) -> Trouble:
    if last.problem is FieldProblem.BRAND_REFUSED:
        return Trouble.CARD
    if last.problem is FieldProblem.TIMED_OUT and last.keys is not None:
        return Trouble.BROKE_OFF if last.keys else Trouble.SILENT
    if last.problem is not FieldProblem.INVALID:
        return Trouble.UNCLEAR
    fewest, most = span
    if not last.keys:  # a provider that reports no keys still refuses
        return Trouble.WRONG
    if last.keys < fewest:
        return Trouble.TOO_FEW
    return Trouble.TOO_MANY if last.keys > most else Trouble.WRONG


def _remedy(trouble: Trouble, bad: int, *, slow: bool) -> Remedy:
    if trouble is Trouble.CARD:
        return Remedy.OTHER_CARD
    first_is_free = trouble in (Trouble.WRONG, Trouble.SILENT, Trouble.UNCLEAR)
    if first_is_free and bad == 1:
        return Remedy.AGAIN
    return Remedy.OTHER_ROUTE if slow else Remedy.SLOWLY
