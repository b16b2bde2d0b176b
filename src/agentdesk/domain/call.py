"""Calls: who is on the line, and how a call ends."""

from enum import StrEnum

from agentdesk.i18n import N_


class CallState(StrEnum):
    """Where a call is."""

    RINGING = "ringing"
    CONNECTED = "connected"
    HELD = "held"
    WRAP_UP = "wrap_up"  # the line is down, the agent is finishing
    ENDED = "ended"


class CheckResult(StrEnum):
    """How a caller check ended; a call without one was not checked."""

    PASSED = "passed"
    FAILED = "failed"


#: Coded results of a call that an agent can choose from at wrap-up.
DISPOSITIONS = {
    "payment_taken": N_("Payment taken"),
    "payment_declined": N_("Payment declined"),
    "promise_to_pay": N_("Promised to pay"),
    "enquiry": N_("Enquiry, no payment"),
    "wrong_number": N_("Wrong number"),
    "call_dropped": N_("Call dropped"),
}
