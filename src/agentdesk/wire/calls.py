"""Calls: screen pop and wrap-up."""

from typing import Annotated

from pydantic import Field, StringConstraints

from agentdesk.domain.call import CallState, CheckResult
from agentdesk.wire.customers import Match
from agentdesk.wire.model import Instant, Wire


class CallerCheck(Wire):
    """How the caller proved who they are: the items that were right, by code, and never an answer.

    `by` is the agent's name.
    """

    result: CheckResult
    passed: list[str]
    by: str
    at: Instant


class NewCallerCheck(Wire):
    """How a caller check ended; `customer_id` is whose record the answers were held against."""

    customer_id: str = Field(max_length=64)
    result: CheckResult
    passed: list[Annotated[str, StringConstraints(max_length=40)]] = Field(max_length=20)


class Help(Wire):
    """A supervisor was called to the call. `coming` is the name of who comes, `coming_id` their user id;
    None: nobody yet.
    """

    asked_at: Instant
    reason: str
    coming: str | None = None
    coming_id: str | None = None
    coming_at: Instant | None = None


class NewHelp(Wire):
    """Call a supervisor; `reason` may be told later."""

    reason: str = Field(default="", max_length=200)


class Call(Wire):
    """A call as the agent sees it.

    `number` is the caller's in E.164, None where withheld. `matches` are the customers found by number;
    `customer_id` is the one chosen (a single exact match is chosen by the hub). `agent` is the user id.
    `match_problem` says in words why nobody could be looked up; None otherwise. Without `has_line` the phone
    system does not have the caller: no card can be keyed. `recording` False on a line that is open: it never
    was, or the recorder did not start again after card entry.
    `caller_check` is of the customer who is chosen; None: not done.
    """

    call_id: str
    state: CallState
    number: str | None
    queue: str | None
    agent: str | None
    agent_name: str | None
    customer_id: str | None
    matches: list[Match]
    match_problem: str | None
    caller_check: CallerCheck | None = None
    started_at: Instant
    answered_at: Instant | None
    line_ended_at: Instant | None
    help: Help | None = None
    recording: bool
    has_line: bool = True
    payment_intent_ids: list[str]


class NewCall(Wire):
    """A call told by hand: `agentdesk call`, an `agentdesk://` link, or an agent whose phone line is down.

    `call_ref` is the telephony vendor's id of the caller's leg; without it no keypad payment is possible.
    `withheld`: there is no number, and that is known.
    """

    number: str | None = Field(default=None, max_length=40)
    withheld: bool = False
    queue: str | None = Field(default=None, max_length=80)
    call_ref: str | None = Field(default=None, max_length=64)


class LinkCustomer(Wire):
    """Choose whose call it is; None takes the customer off the call."""

    customer_id: str | None = Field(max_length=64)


class WrapUp(Wire):
    """How the call ended. `disposition` is a code of the queue; the note goes to the customer record."""

    disposition: str = Field(max_length=40)
    note: str = Field(default="", max_length=4000)
