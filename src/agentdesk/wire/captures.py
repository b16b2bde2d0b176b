"""Card sessions: the fields a caller keys, how far they are, and what is wrong with them; never a digit."""

from enum import StrEnum

from agentdesk.domain.capture import CaptureState, CardField, CloseCause, FieldProblem
from agentdesk.domain.tones import Remedy, Trouble
from agentdesk.wire.model import Instant, Wire


class FieldState(StrEnum):
    """How far one field is."""

    WAITING = "waiting"  # an earlier field must be in first
    READY = "ready"
    LIVE = "live"  # the caller is keying it
    DONE = "done"
    FAILED = "failed"


class ReadBack(StrEnum):
    """What a caller hears again before the card is charged."""

    AMOUNT = "amount"
    CARD = "card"


class Submit(Wire):
    """The press that charges: what the caller had said yes to, and when their agent ticked it."""

    read_back: dict[ReadBack, Instant] = {}


class FindingOut(Wire):
    """What the tone doctor says of a failed field.

    `keys` arrived in the last try, `expected` are needed; None where not told or not known.
    """

    trouble: Trouble
    remedy: Remedy
    keys: int | None
    expected: int | None


class FieldOut(Wire):
    """One field of the card session.

    `digits` counts the keys pressed so far (None where not told, always for the security code),
    `length` how many there will be (None where not known yet); `brand` is what the provider
    makes of a number that is being keyed. `deadline` is when the field times out, later where the caller
    keys slowly. `finding` only where it failed.
    """

    field: CardField
    state: FieldState
    digits: int | None
    length: int | None
    problem: FieldProblem | None
    asked_at: Instant | None
    deadline: Instant | None
    done_at: Instant | None
    tries: int
    brand: str | None = None
    slow: bool = False
    finding: FindingOut | None = None


class CaptureOut(Wire):
    """The card session. `secured_at` is set only when the recorder and the provider both acknowledged.

    `close_cause` is why we closed it; None where the provider did. `provider_closed_at` is set only where
    the provider said that its session is over. `deadline` is when it closes by itself unless the agent asks
    for a field or submits; None while it is not the agent's turn.
    """

    state: CaptureState
    secured_at: Instant | None
    recorder_paused_at: Instant | None
    recorder_resumed_at: Instant | None
    tones_masked_at: Instant | None
    closed_at: Instant | None
    close_reason: str | None
    close_cause: CloseCause | None = None
    provider_closed_at: Instant | None = None
    deadline: Instant | None = None
    fields: list[FieldOut]
    can_submit: bool
