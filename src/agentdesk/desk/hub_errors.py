"""The hub's errors, as it sent them."""

from typing import Any

from pydantic import ValidationError

from agentdesk.domain.errors import (
    TEXT,
    AgentDeskError,
    Conflict,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    TooMany,
    Unavailable,
)
from agentdesk.wire.problem import Problem

_ERRORS = {
    one.status: one for one in (Invalid, NotSignedIn, NotAllowed, NotFound, Conflict, TooMany, Unavailable)
}


def may_be_done(error: AgentDeskError) -> bool:
    """Say whether what was asked may have been done all the same: no answer came, or none that says no."""
    return isinstance(error, Unavailable) or error.code == "internal"


def error_of(status: int, body: bytes) -> AgentDeskError:
    """Rebuild the hub's error; what is not one of ours becomes `internal`."""
    try:
        problem = Problem.model_validate_json(body)
    except ValidationError:
        return AgentDeskError("internal", incident=f"HTTP {status}")
    params: dict[str, Any] = (problem.details[0] if problem.details else {}) | problem.params
    if problem.code not in TEXT:
        return AgentDeskError("internal", incident=params.get("incident", problem.code))
    try:
        return _ERRORS.get(status, AgentDeskError)(problem.code, **params)
    except KeyError:
        return AgentDeskError("internal", incident=problem.code)
