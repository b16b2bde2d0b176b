"""The form of what is said at a step of a call."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Script:
    """Words to say, and pairs of what may happen and what to do."""

    say: str
    hints: tuple[tuple[str, str], ...] = ()
