"""Exercises and a rehearsal, for tests and pictures."""

from typing import Any

from agentdesk.domain.exercises import EXERCISES, ExerciseCode
from agentdesk.wire.rehearsals import Cast, ExerciseInfo, Rehearsal, Rehearsals, ScoredRule
from tests.desk.samples import at, gbp

CAST = Cast(name="Amara Okafor", account="NE 204 118", number="NW-20931", amount=gbp(6210))


def rehearsal(**changes: Any) -> Rehearsal:
    """One that goes on, with its caller on the line."""
    usual: dict[str, Any] = {
        "rehearsal_id": "reh_1",
        "exercise": ExerciseCode.LOST_ANSWER,
        "user_id": "usr_1",
        "person": "Priya Nair",
        "cast": CAST,
        "started_at": at(10, 38),
        "ended_at": None,
        "call_id": "call_1",
        "line": 0,
        "score": None,
    }
    return Rehearsal(**(usual | changes))


def scored(*wrong: str, **changes: Any) -> Rehearsal:
    """One that was finished, with these rules broken."""
    code = changes.get("exercise", ExerciseCode.LOST_ANSWER)
    score = [ScoredRule(rule=rule, passed=rule not in wrong) for rule in EXERCISES[code].rules]
    return rehearsal(**({"ended_at": at(10, 41), "score": score} | changes))


def room(*last: Rehearsal, **changes: Any) -> Rehearsals:
    """Everything can be practised but what needs a limit."""
    known = {one.exercise: one for one in last}
    off = {ExerciseCode.LARGE_REFUND: "rehearsal_needs_limit"}
    listed = [
        ExerciseInfo(exercise=code, off_code=off.get(code), last=known.get(code)) for code in ExerciseCode
    ]
    return Rehearsals(**({"here": True, "exercises": listed, "current": None} | changes))
