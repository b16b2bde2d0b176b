"""Saved cards: from the caller's consent until the processor has let go, and why one cannot be charged."""

from datetime import date
from enum import StrEnum

from agentdesk.domain.card import CardSummary


class SavedCardState(StrEnum):
    """Where a card is that a caller agreed to have kept."""

    AGREED = "agreed"  # the caller agreed; the payment it came with is not over
    KEEPING = "keeping"  # the payment was approved, and the processor is asked to keep the card
    KEPT = "kept"
    LETTING_GO = "letting_go"  # not offered any more; the processor has not confirmed
    NOT_KEPT = "not_kept"
    GONE = "gone"


class SavedCardEvent(StrEnum):
    """What can happen to it."""

    AGREED = "agreed"  # once more, after it was taken back
    PAID = "paid"
    UNPAID = "unpaid"
    KEPT = "kept"
    REFUSED = "refused"  # the processor will not keep it
    WITHDRAWN = "withdrawn"  # the customer wants it gone, or a newer one takes its place
    GONE = "gone"  # the processor does not have it (any more)


_S, _E = SavedCardState, SavedCardEvent

STEPS: dict[tuple[SavedCardState, SavedCardEvent], SavedCardState] = {
    (_S.AGREED, _E.AGREED): _S.AGREED,
    (_S.NOT_KEPT, _E.AGREED): _S.AGREED,
    (_S.AGREED, _E.PAID): _S.KEEPING,
    (_S.AGREED, _E.UNPAID): _S.NOT_KEPT,
    (_S.AGREED, _E.WITHDRAWN): _S.NOT_KEPT,
    (_S.KEEPING, _E.KEPT): _S.KEPT,
    (_S.KEEPING, _E.REFUSED): _S.NOT_KEPT,
    (_S.KEEPING, _E.WITHDRAWN): _S.LETTING_GO,
    (_S.KEPT, _E.WITHDRAWN): _S.LETTING_GO,
    (_S.KEPT, _E.GONE): _S.GONE,
    (_S.LETTING_GO, _E.GONE): _S.GONE,
    # it was being kept while the customer withdrew: what arrived late has to go again
    (_S.GONE, _E.KEPT): _S.LETTING_GO,
}
ENDED = frozenset({_S.NOT_KEPT, _S.GONE})


def next_state(state: SavedCardState, event: SavedCardEvent) -> SavedCardState | None:
    """Return the state the event leads to; None where it changes nothing."""
    return STEPS.get((state, event))


def is_expired(card: CardSummary, today: date) -> bool:
    """Say whether the month on the card is over; one whose expiry is not known is not."""
    if card.exp_month is None or card.exp_year is None:
        return False
    return (card.exp_year, card.exp_month) < (today.year, today.month)


def label(card: CardSummary) -> str:
    """Return it as people read it: `Visa ending 4242, 08/28`."""
    if card.exp_month is None or card.exp_year is None:
        return str(card)
    return f"{card}, {card.exp_month:02}/{card.exp_year % 100:02}"
