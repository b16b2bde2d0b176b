"""What waits for a supervisor, and what they answer."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from agentdesk.domain.payment import AttemptState
from agentdesk.domain.refund import RefundState
from agentdesk.wire.calls import Help
from agentdesk.wire.model import Amount, Instant, Wire
from agentdesk.wire.page import Page
from agentdesk.wire.payment_log import PaymentRow
from agentdesk.wire.payments import WriteBack
from agentdesk.wire.plans import PaymentPlan

_Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]
_Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=80)]


class WorkKind(StrEnum):
    """Why a person is needed."""

    UNKNOWN = "unknown"  # the look-ups have not told the outcome
    ALARM = "alarm"  # evidence differs, money came twice or late
    PARKED = "parked"  # the other side refused a write-back or asked a question
    OVERDUE = "overdue"  # a write-back still waits
    REFUND = "refund"  # somebody asks for a refund over their limit
    HELP = "help"  # an agent calls a supervisor to a call
    DUPLICATE = "duplicate"  # an agent asks to take what may be a second payment
    UNRECORDED = "unrecorded"  # the recorder did not start again after card entry
    PLAN = "plan"  # a payment plan stands still, by the hub itself: somebody resumes or cancels it


class WorkItem(Wire):
    """One thing that waits. `payment` None: the note of a call, in `write_back`, or a call itself.

    `call_id` is that call, and `help` what is known of who is called to it; None otherwise.
    `plan` is the payment plan that stands still, and `payment` its instalment that was not paid, or None.
    """

    key: str
    kind: WorkKind
    since: Instant
    detail: str
    customer_name: str
    agent_name: str
    payment: PaymentRow | None
    write_back: WriteBack | None
    call_id: str | None = None
    help: Help | None = None
    plan: PaymentPlan | None = None


class WorkList(Page[WorkItem]):
    """What waits, oldest first, on one page; `count` is all of it where there is more."""

    count: int
    as_of: Instant


class Decision(Wire):
    """What became of a payment, as a supervisor saw it. `key` as in NewPaymentIntent.

    `reference` is the provider's own id of the charge, needed for approved: the provider is asked for it
    first, and its answer counts. `charged` is what was taken where that is not the amount agreed: it counts
    only as the provider itself shows it.
    """

    key: str = Field(min_length=16, max_length=64)
    outcome: Literal[AttemptState.APPROVED, AttemptState.DECLINED, AttemptState.NOT_SENT]
    reference: _Reference | None = None
    charged: Amount | None = None
    seen: _Words
    reason: _Words


class RefundOutcome(Wire):
    """What became of a refund, as a supervisor saw it. `key` as in NewPaymentIntent.

    `reference` is the provider's own id of the refund, needed for done. `gave` is what went back where that
    is not the amount asked for: it counts only as the provider itself shows it.
    """

    key: str = Field(min_length=16, max_length=64)
    outcome: Literal[RefundState.DONE, RefundState.NOT_SENT]
    reference: _Reference | None = None
    gave: Amount | None = None
    seen: _Words
    reason: _Words


class CloseAlarm(Wire):
    """Why an alarm needs no more; `seen` are the words the person saw, None: not compared."""

    reason: _Words
    seen: str | None = Field(default=None, max_length=4000)


class DoneByHand(Wire):
    """Where the other system shows what a person wrote there, and why it was done by hand."""

    reference: _Reference
    reason: _Words
