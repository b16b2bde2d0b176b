"""The bank behind the test cards: what it answers to a charge."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from agentdesk.sandbox import cards
from agentdesk.sandbox.vault import VaultedCard

Outcome = Literal["approved", "declined", "requires_action", "processing", "lost"]

LIMIT = 2_000_000
"""The most one charge may be, in minor units; above it the issuer declines."""

LATE_S = 40.0


@dataclass(frozen=True)
class Decision:
    """An answer to a charge.

    "lost" means approved, but the processor must close the connection without answering.
    "processing" means that `settles_as` becomes true after `settles_after_s` seconds.
    """

    outcome: Outcome
    code: str = ""
    decline_code: str = ""
    advice_code: str = ""
    settles_after_s: float = 0.0
    settles_as: Outcome = "approved"


APPROVED = Decision("approved")
OWN_CODE = frozenset({"expired_card", "incorrect_cvc", "processing_error"})
"""Declines that Stripe reports as an error code of their own instead of card_declined."""

ADVICE = {
    "generic_decline": "try_again_later",
    "insufficient_funds": "try_again_later",
    "card_velocity_exceeded": "try_again_later",
    "processing_error": "try_again_later",
    "lost_card": "do_not_try_again",
    "stolen_card": "do_not_try_again",
    "expired_card": "do_not_try_again",
    "incorrect_cvc": "confirm_card_data",
}

NOT_DECLINES = {
    "approve": APPROVED,
    "dispute": APPROVED,
    "refund_pending": APPROVED,
    "refund_fails": APPROVED,
    "lost_answer": Decision("lost"),
    "late": Decision("processing", settles_after_s=LATE_S),
    "needs_3ds": Decision("requires_action", "authentication_required", "authentication_required"),
    "needs_3ds_unless_phoned": Decision(
        "requires_action", "authentication_required", "authentication_required"
    ),
}


def decide(card: VaultedCard, amount: int, at: datetime, *, phoned: bool = False) -> Decision:
    """Answer a charge of `amount` minor units at an instant; a card is good until its month is over.

    `phoned`: it is an order by telephone, which banks need not have authenticated.
    """
    if (card.exp_year, card.exp_month) < (at.year, at.month):
        return _decline("expired_card")
    if amount > LIMIT:
        return _decline("card_velocity_exceeded")
    if card.cvc_check == "fail":
        return _decline("incorrect_cvc")
    does = cards.by_name(card.name).does
    if phoned and does == "needs_3ds_unless_phoned":
        return APPROVED
    return NOT_DECLINES.get(does) or _decline(does)


def _decline(reason: str) -> Decision:
    code = reason if reason in OWN_CODE else "card_declined"
    return Decision("declined", code, reason, ADVICE[reason])
