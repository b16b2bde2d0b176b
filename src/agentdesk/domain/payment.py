"""The attempt's outcome: which steps money can take, and what holds a debt.

One payment intent is one thing a caller agreed to pay; it has one or more attempts. Reply, webhook
and lookup all become the same events; what the table does not list is recorded and changes nothing.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum


class AttemptState(StrEnum):
    """Where an attempt's money is. The last five are the five outcomes."""

    OPEN = "open"  # the card is being collected; nothing was sent to the processor
    SENDING = "sending"  # committed to disk, and from here on money may be moving
    APPROVED = "approved"
    DECLINED = "declined"
    PENDING = "pending"  # the provider says: not decided yet
    UNKNOWN = "unknown"  # we cannot tell; only evidence leaves this state
    NOT_SENT = "not_sent"  # proven that nothing was charged


class AttemptEvent(StrEnum):
    """What can be learnt about an attempt's money."""

    CHARGE = "charge"  # a person decided to charge; the only command here
    CLOSED = "closed"  # the capture ended (cancelled, expired, failed) before anything was sent
    APPROVED = "approved"
    DECLINED = "declined"
    PENDING = "pending"
    REFUSED = "refused"  # a definite answer that the request was not executed
    NO_ANSWER = "no_answer"  # time-out after sending, 5xx, lost reply, crash
    ABSENT = "absent"  # proven absent at the processor after its look-up lag
    DIFFERS = "differs"  # the processor shows a charge of ours that is not as agreed: for a person to judge


_S, _E = AttemptState, AttemptEvent

STEPS: dict[tuple[AttemptState, AttemptEvent], AttemptState] = {
    (_S.OPEN, _E.CHARGE): _S.SENDING,
    (_S.OPEN, _E.CLOSED): _S.NOT_SENT,
    (_S.OPEN, _E.APPROVED): _S.APPROVED,  # a link: the customer pays without us
    (_S.OPEN, _E.PENDING): _S.PENDING,
    (_S.OPEN, _E.DECLINED): _S.DECLINED,  # and so is the page: nobody can try again on it
    (_S.OPEN, _E.NO_ANSWER): _S.UNKNOWN,  # its page is over, and the provider cannot tell how
    (_S.OPEN, _E.DIFFERS): _S.UNKNOWN,
    (_S.SENDING, _E.APPROVED): _S.APPROVED,
    (_S.SENDING, _E.DECLINED): _S.DECLINED,
    (_S.SENDING, _E.PENDING): _S.PENDING,
    (_S.SENDING, _E.REFUSED): _S.NOT_SENT,
    (_S.SENDING, _E.NO_ANSWER): _S.UNKNOWN,
    (_S.PENDING, _E.APPROVED): _S.APPROVED,
    (_S.PENDING, _E.DECLINED): _S.DECLINED,
    (_S.PENDING, _E.NO_ANSWER): _S.UNKNOWN,
    (_S.UNKNOWN, _E.APPROVED): _S.APPROVED,
    (_S.UNKNOWN, _E.DECLINED): _S.DECLINED,
    (_S.UNKNOWN, _E.PENDING): _S.PENDING,
    (_S.UNKNOWN, _E.ABSENT): _S.NOT_SENT,
    # money wins: a late success leaves any "nothing charged" state, and is flagged for a person
    (_S.DECLINED, _E.APPROVED): _S.APPROVED,
    (_S.NOT_SENT, _E.APPROVED): _S.APPROVED,
    # so does money that may yet move: what people were told before does not leave the debt free
    (_S.DECLINED, _E.PENDING): _S.PENDING,
    (_S.NOT_SENT, _E.PENDING): _S.PENDING,
    (_S.DECLINED, _E.DIFFERS): _S.UNKNOWN,
    (_S.NOT_SENT, _E.DIFFERS): _S.UNKNOWN,
}

#: What a person may decide where no evidence ends an attempt, and the event their word is.
DECISIONS: dict[AttemptState, AttemptEvent] = {
    _S.APPROVED: _E.APPROVED,
    _S.DECLINED: _E.DECLINED,
    _S.NOT_SENT: _E.ABSENT,
}
#: While an attempt is in one of these, no other attempt for the same debt may start.
HOLDS_DEBT = frozenset({_S.OPEN, _S.SENDING, _S.PENDING, _S.UNKNOWN})
#: While an attempt is in one of these, money may have moved or may still move.
MONEY_AT_RISK = frozenset({_S.SENDING, _S.PENDING, _S.UNKNOWN})
#: People were told that nothing was charged.
NO_CHARGE = frozenset({_S.DECLINED, _S.NOT_SENT})
#: So often a bank is asked for one payment.
MAX_ATTEMPTS = 3
#: Nothing more is expected; only word of a charge can still change the two that took no money.
ENDED = frozenset({_S.APPROVED, _S.DECLINED, _S.NOT_SENT})


def next_state(state: AttemptState, event: AttemptEvent) -> AttemptState | None:
    """Return the state the event leads to; None where it changes nothing."""
    return STEPS.get((state, event))


class DeclineKind(StrEnum):
    """Why a bank said no, in one vocabulary for all vendors (reference: psp.md §7)."""

    INSUFFICIENT_FUNDS = "insufficient_funds"
    LIMIT = "limit"
    EXPIRED_CARD = "expired_card"
    SECURITY_CODE = "security_code"
    ADDRESS = "address"
    BAD_NUMBER = "bad_number"
    NOT_SUPPORTED = "not_supported"
    AUTHENTICATION_REQUIRED = "authentication_required"
    CALL_ISSUER = "call_issuer"
    SENSITIVE = "sensitive"  # lost, stolen, fraud: never shown, never said
    TRY_LATER = "try_later"
    DUPLICATE = "duplicate"
    GENERIC = "generic"


class Advice(StrEnum):
    """What the agent can offer next."""

    SAME_CARD_LATER = "same_card_later"
    FIX_DETAIL = "fix_detail"
    OTHER_CARD = "other_card"
    SEND_LINK = "send_link"
    STOP = "stop"


ADVICE = {
    DeclineKind.INSUFFICIENT_FUNDS: Advice.OTHER_CARD,
    DeclineKind.LIMIT: Advice.OTHER_CARD,
    DeclineKind.EXPIRED_CARD: Advice.OTHER_CARD,
    DeclineKind.SECURITY_CODE: Advice.FIX_DETAIL,
    DeclineKind.ADDRESS: Advice.OTHER_CARD,
    DeclineKind.BAD_NUMBER: Advice.FIX_DETAIL,
    DeclineKind.NOT_SUPPORTED: Advice.OTHER_CARD,
    DeclineKind.AUTHENTICATION_REQUIRED: Advice.SEND_LINK,
    DeclineKind.CALL_ISSUER: Advice.OTHER_CARD,
    DeclineKind.SENSITIVE: Advice.OTHER_CARD,
    DeclineKind.TRY_LATER: Advice.SAME_CARD_LATER,
    DeclineKind.DUPLICATE: Advice.STOP,
    DeclineKind.GENERIC: Advice.OTHER_CARD,
}


def attempts_left(tried: Iterable[AttemptState]) -> int:
    """Return how often the bank may still be asked; a try that sent it nothing uses none of that up."""
    return max(0, MAX_ATTEMPTS - sum(_reached_bank(state) for state in tried))


def may_try(tried: Sequence[tuple[AttemptState, Advice | None]], *, by_link: bool) -> bool:
    """Say whether one more try may start after these, oldest first, each with what its bank advised.

    A link may follow the last one, too, where the bank wants the card holder to confirm: its own wish. Where
    the bank knows the payment already, nothing may: it may have been paid.
    """
    asked = [advice for state, advice in tried if _reached_bank(state)]
    if Advice.STOP in asked:
        return False
    return len(asked) < MAX_ATTEMPTS or (by_link and asked[-1] is Advice.SEND_LINK)


def _reached_bank(state: AttemptState) -> bool:
    return state not in (AttemptState.OPEN, AttemptState.NOT_SENT)
