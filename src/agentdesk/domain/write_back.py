"""The write-back: a durable update the hub owes to a CRM, the accounts or the customer."""

from enum import StrEnum


class WriteBackKind(StrEnum):
    """Where the update goes."""

    ACCOUNTS = "accounts"
    CUSTOMER_RECORD = "customer_record"
    RECEIPT = "receipt"


class WriteBackState(StrEnum):
    """Where the update is."""

    QUEUED = "queued"
    DONE = "done"
    PARKED = "parked"  # a person has to look: the other side asked a question or refused


class WriteBackEvent(StrEnum):
    """What can happen to a write-back."""

    WRITTEN = "written"
    RETRY = "retry"
    PARK = "park"
    REPLAY = "replay"


_S, _E = WriteBackState, WriteBackEvent

STEPS: dict[tuple[WriteBackState, WriteBackEvent], WriteBackState] = {
    (_S.QUEUED, _E.WRITTEN): _S.DONE,
    (_S.QUEUED, _E.RETRY): _S.QUEUED,
    (_S.QUEUED, _E.PARK): _S.PARKED,
    (_S.PARKED, _E.REPLAY): _S.QUEUED,
    (_S.PARKED, _E.WRITTEN): _S.DONE,  # found written after all
}


def next_state(state: WriteBackState, event: WriteBackEvent) -> WriteBackState | None:
    """Return the state the event leads to; None where it changes nothing."""
    return STEPS.get((state, event))
