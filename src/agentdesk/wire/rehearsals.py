"""Rehearsals: exercises with a pretended caller, and how an agent did."""

from datetime import date

from pydantic import Field

from agentdesk.domain.exercises import ExerciseCode
from agentdesk.wire.model import Amount, Instant, Wire


class NewRehearsal(Wire):
    """Which exercise to start; `key` as in NewPaymentIntent: one press, one caller."""

    key: str = Field(min_length=16, max_length=64)
    exercise: ExerciseCode


class Cast(Wire):
    """Who rings and what they want, for the words of the exercise.

    `number` of the bill or payment; `other`: whose telephone or account it is instead.
    """

    name: str
    account: str
    number: str
    amount: Amount
    other: str = ""
    owed: Amount | None = None
    rest: Amount | None = None
    rest_on: date | None = None


class ScoredRule(Wire):
    """How one rule of the exercise came out."""

    rule: str
    passed: bool


class Rehearsal(Wire):
    """One rehearsal. `call_id` None: the call has not come. `line`: the place of what the caller says now.

    `score` None: it goes on, or the agent left it (`ended_at`).
    """

    rehearsal_id: str
    exercise: ExerciseCode
    user_id: str
    person: str
    cast: Cast
    started_at: Instant
    ended_at: Instant | None
    call_id: str | None
    line: int
    score: list[ScoredRule] | None


class ExerciseInfo(Wire):
    """An exercise as this person has it. `off_code`: the error that starting it would be; None: none."""

    exercise: ExerciseCode
    off_code: str | None
    last: Rehearsal | None


class Rehearsals(Wire):
    """What can be practised. `here`: this hub is in test mode and has somebody who plays callers."""

    here: bool
    exercises: list[ExerciseInfo]
    current: Rehearsal | None
