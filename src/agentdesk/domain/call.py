"""Calls: who is on the line, and how a call ends."""

from enum import StrEnum

from agentdesk.i18n import _


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
    "payment_taken": _("Payment taken"),
    "payment_declined": _("Payment declined"),
    "promise_to_pay": _("Promised to pay"),
    "enquiry": _("Enquiry, no payment"),
    "wrong_number": _("Wrong number"),
    "call_dropped": _("Call dropped"),
}
