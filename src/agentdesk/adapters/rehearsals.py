"""The port of rehearsals: a pretend caller who plays a part, where a hub has somebody to play it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from agentdesk.domain.exercises import ExerciseCode


@dataclass(frozen=True, slots=True)
class PlaceCall:
    """Put a caller through to one agent, by user name. `number` in E.164; None: it is withheld.

    The same key places one call.
    """

    key: str
    exercise: ExerciseCode
    number: str | None
    queue: str
    agent: str


class RehearsalPort(Protocol):
    """Plays callers. Everything of them is pretended: their line, their cards, their bank."""

    name: str

    async def numbers(self) -> Sequence[str]:
        """Return the numbers of the customers who may be played. Raises VendorError."""
        ...

    async def place(self, call: PlaceCall) -> str:
        """Place a call and return the phone system's reference of it. Raises VendorError."""
        ...

    async def hang_up(self, call_ref: str) -> None:
        """End a call that was placed. Raises VendorError."""
        ...
