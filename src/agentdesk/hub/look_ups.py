"""When the processor is asked again of money nobody can tell of, and when its silence proves something."""

from collections.abc import Sequence
from datetime import datetime, timedelta

#: Seconds to wait before each look-up; after these, ASK_EVERY_S.
ASK_AFTER_S = (2, 5, 15, 60)
ASK_EVERY_S = 300
#: Absence is believed only after as many planned look-ups: where a machine slept, the money may be on its
#: way still.
ASKED_ENOUGH = 5


def wait(asked: int) -> timedelta:
    """Return how long to wait before the next look-up after so many."""
    return timedelta(seconds=ASK_AFTER_S[asked] if asked < len(ASK_AFTER_S) else ASK_EVERY_S)


def is_planned(due: datetime | None, asked_at: datetime) -> bool:
    """Say whether a look-up was due; one that a person asked for between two counts for nothing.

    `due` is None where none was planned.
    """
    return due is None or due <= asked_at


def proves_absence(
    found: Sequence[object] | None, asked: int, asked_at: datetime, believed_from: datetime
) -> bool:
    """Say whether a look-up proves that there is nothing; `found` is None where it failed.

    `believed_from` is when the processor's look-up lag is over: before it, finding nothing proves nothing.
    """
    return found is not None and not found and asked_at > believed_from and asked >= ASKED_ENOUGH
