"""The refund: money going back, which can fail even after it was done.

A refund is of one charge. Reply, webhook and look-up all become the same events; every one of them is
evidence, so nothing a person does leaves a state: a new try is a new refund with a new key.
"""

from enum import StrEnum


class RefundState(StrEnum):
    """Where the money that goes back is."""

    SENDING = "sending"  # committed to disk with its key, and from here on money may be moving
    PENDING = "pending"  # the provider has it: not done yet
    DONE = "done"
    FAILED = "failed"  # nothing was given back; after `done`: it came back to us
    UNKNOWN = "unknown"  # we cannot tell; only evidence leaves this state
    NOT_SENT = "not_sent"  # proven that there is no such refund


class RefundEvent(StrEnum):
    """What can be learnt about a refund."""

    DONE = "done"
    PENDING = "pending"
    FAILED = "failed"
    REFUSED = "refused"  # a definite answer that the request was not executed
    NO_ANSWER = "no_answer"  # time-out after sending, 5xx, lost reply, crash
    ABSENT = "absent"  # proven absent at the processor after its look-up lag


_S, _E = RefundState, RefundEvent

STEPS: dict[tuple[RefundState, RefundEvent], RefundState] = {
    (_S.SENDING, _E.DONE): _S.DONE,
    (_S.SENDING, _E.PENDING): _S.PENDING,
    (_S.SENDING, _E.FAILED): _S.FAILED,
    (_S.SENDING, _E.REFUSED): _S.NOT_SENT,
    (_S.SENDING, _E.NO_ANSWER): _S.UNKNOWN,
    (_S.PENDING, _E.DONE): _S.DONE,
    (_S.PENDING, _E.FAILED): _S.FAILED,
    (_S.UNKNOWN, _E.DONE): _S.DONE,
    (_S.UNKNOWN, _E.PENDING): _S.PENDING,
    (_S.UNKNOWN, _E.FAILED): _S.FAILED,
    (_S.UNKNOWN, _E.ABSENT): _S.NOT_SENT,
    (_S.DONE, _E.FAILED): _S.FAILED,  # a reversal: the bank gave the money back to us
    # it exists after all, and is flagged for a person
    (_S.NOT_SENT, _E.DONE): _S.DONE,
    (_S.NOT_SENT, _E.PENDING): _S.PENDING,
}

#: What a person may decide where no evidence ends a refund, and the event their word is.
DECISIONS: dict[RefundState, RefundEvent] = {_S.DONE: _E.DONE, _S.NOT_SENT: _E.ABSENT}
#: While a refund is in one of these, money may have gone back or may still go.
MONEY_AT_RISK = frozenset({_S.SENDING, _S.PENDING, _S.UNKNOWN})
#: A refund in one of these takes its amount from what can still be refunded.
HOLDS_AMOUNT = MONEY_AT_RISK | {_S.DONE}
#: Nothing more is expected, though a refund that is done can fail later.
ENDED = frozenset({_S.DONE, _S.FAILED, _S.NOT_SENT})


def next_state(state: RefundState, event: RefundEvent) -> RefundState | None:
    """Return the state the event leads to; None where it changes nothing."""
    return STEPS.get((state, event))


def is_reversal(state: RefundState, event: RefundEvent) -> bool:
    """Say whether money that people were told had gone back came back to us."""
    return state is RefundState.DONE and event is RefundEvent.FAILED


def is_broken_promise(state: RefundState, event: RefundEvent) -> bool:
    """Say whether money that people were told is on its way, or may be, did not go back."""
    promised = state in (RefundState.PENDING, RefundState.UNKNOWN)
    return promised and next_state(state, event) in (RefundState.FAILED, RefundState.NOT_SENT)


def is_late_success(state: RefundState, event: RefundEvent) -> bool:
    """Say whether money goes back after people were told that there is no such refund."""
    return state is RefundState.NOT_SENT and event in (RefundEvent.DONE, RefundEvent.PENDING)
