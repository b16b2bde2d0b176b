"""What the hub pushes to a desk: something changed, and its new form."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from agentdesk.wire.calls import Call
from agentdesk.wire.model import Wire
from agentdesk.wire.payments import PaymentIntent
from agentdesk.wire.readiness import Readiness


class CallChanged(Wire):
    """A call of this person, or one that anybody may take, appeared or changed."""

    kind: Literal["call"] = "call"
    call: Call


class CallGone(Wire):
    """A call that anybody could take was taken or has ended; whose it is concerns its agent alone."""

    kind: Literal["call_gone"] = "call_gone"
    call_id: str


class PaymentChanged(Wire):
    """A payment, its card session or one of its write-backs changed."""

    kind: Literal["payment"] = "payment"
    payment: PaymentIntent


class CustomerChanged(Wire):
    """Something about this customer is newer than what a screen may show: load it again."""

    kind: Literal["customer"] = "customer"
    customer_id: str


class WorkChanged(Wire):
    """What waits for a supervisor changed: ask for it again."""

    kind: Literal["work"] = "work"


class ReadinessChanged(Wire):
    """A lamp changed."""

    kind: Literal["readiness"] = "readiness"
    readiness: Readiness


Event = CallChanged | CallGone | PaymentChanged | CustomerChanged | WorkChanged | ReadinessChanged
EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])
