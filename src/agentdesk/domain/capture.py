"""The capture session: how a card gets from the caller to the provider, field by field."""

from enum import StrEnum


class CardField(StrEnum):
    """What the caller keys; the values are the words on our wire."""

    NUMBER = "number"
    EXPIRY = "expiry"
    SECURITY_CODE = "security_code"
    POSTCODE = "postcode"


class FieldProblem(StrEnum):
    """Why a field has to be asked for again."""

    TIMED_OUT = "timed_out"
    INVALID = "invalid"
    BRAND_REFUSED = "brand_refused"
    OTHER = "other"


class CaptureState(StrEnum):
    """Where the card session is."""

    SECURING = "securing"  # recorder and session asked for, not both acknowledged
    COLLECTING = "collecting"
    COLLECTED = "collected"  # every field is in
    TOKENISING = "tokenising"  # the provider was asked for a token
    TOKENISED = "tokenised"
    CANCELLING = "cancelling"
    CLOSED = "closed"  # ended without a token: cancelled, hung up, refused, timed out
    SPENT = "spent"  # the token was used for a charge


class CloseCause(StrEnum):
    """What made us close a card session; the provider's own reasons are words."""

    AGENT = "agent"
    LINK = "link"  # a payment link goes out instead
    DESK_CLOSED = "desk_closed"
    SIGNED_OUT = "signed_out"
    SCREEN_LOCKED = "screen_locked"
    ASLEEP = "asleep"  # the agent's computer
    HELD = "held"
    TRANSFERRED = "transferred"
    HUNG_UP = "hung_up"
    OUT_OF_SIGHT = "out_of_sight"  # the agent's desk was not heard any more


#: What a person decided: it ends even a card that is on its way to become a token. The others do not:
#: what was submitted goes on to its outcome.
DECIDED = frozenset({CloseCause.AGENT, CloseCause.LINK, CloseCause.DESK_CLOSED})


class CaptureEvent(StrEnum):
    """What can happen to a card session."""

    SECURED = "secured"
    ASKED = "asked"
    PROGRESS = "progress"
    FIELD_IN = "field_in"
    FIELD_BAD = "field_bad"
    ALL_IN = "all_in"
    SUBMITTED = "submitted"
    TOKEN = "token"
    FAILED = "failed"
    CANCEL = "cancel"
    ENDED = "ended"
    INTERRUPTED = "interrupted"  # call or desk went away: what was submitted goes on
    CHARGED = "charged"


_S, _E = CaptureState, CaptureEvent

STEPS: dict[tuple[CaptureState, CaptureEvent], CaptureState] = {
    (_S.SECURING, _E.SECURED): _S.COLLECTING,
    (_S.SECURING, _E.FAILED): _S.CLOSED,
    (_S.SECURING, _E.CANCEL): _S.CANCELLING,
    (_S.SECURING, _E.INTERRUPTED): _S.CANCELLING,
    (_S.SECURING, _E.ENDED): _S.CLOSED,
    (_S.COLLECTING, _E.ASKED): _S.COLLECTING,
    (_S.COLLECTING, _E.PROGRESS): _S.COLLECTING,
    (_S.COLLECTING, _E.FIELD_IN): _S.COLLECTING,
    (_S.COLLECTING, _E.FIELD_BAD): _S.COLLECTING,
    (_S.COLLECTING, _E.ALL_IN): _S.COLLECTED,
    (_S.COLLECTING, _E.FAILED): _S.CLOSED,
    (_S.COLLECTING, _E.ENDED): _S.CLOSED,
    (_S.COLLECTING, _E.CANCEL): _S.CANCELLING,
    (_S.COLLECTING, _E.INTERRUPTED): _S.CANCELLING,
    (_S.COLLECTED, _E.ASKED): _S.COLLECTING,  # a field is being asked for again
    (_S.COLLECTED, _E.FIELD_BAD): _S.COLLECTING,
    (_S.COLLECTED, _E.SUBMITTED): _S.TOKENISING,
    (_S.COLLECTED, _E.FAILED): _S.CLOSED,
    (_S.COLLECTED, _E.ENDED): _S.CLOSED,
    (_S.COLLECTED, _E.CANCEL): _S.CANCELLING,
    (_S.COLLECTED, _E.INTERRUPTED): _S.CANCELLING,
    (_S.TOKENISING, _E.TOKEN): _S.TOKENISED,
    (_S.TOKENISING, _E.FAILED): _S.CLOSED,
    (_S.TOKENISING, _E.ENDED): _S.CLOSED,
    (_S.TOKENISING, _E.CANCEL): _S.CANCELLING,
    (_S.TOKENISED, _E.CHARGED): _S.SPENT,
    (_S.TOKENISED, _E.CANCEL): _S.CLOSED,  # a token that is never charged moves no money
    (_S.TOKENISED, _E.FAILED): _S.CLOSED,
    (_S.CANCELLING, _E.ENDED): _S.CLOSED,
    (_S.CANCELLING, _E.FAILED): _S.CLOSED,
    (_S.CANCELLING, _E.TOKEN): _S.CLOSED,  # cancelled by a person: the late token is dropped
}

#: The caller's line is masked and the recorder paused while a session is in one of these.
LIVE = frozenset({_S.SECURING, _S.COLLECTING, _S.COLLECTED, _S.TOKENISING, _S.CANCELLING})
ENDED = frozenset({_S.CLOSED, _S.SPENT})


def next_state(state: CaptureState, event: CaptureEvent) -> CaptureState | None:
    """Return the state the event leads to; None where it changes nothing."""
    return STEPS.get((state, event))
