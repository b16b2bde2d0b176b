"""Promises to pay."""

from datetime import date

from pydantic import Field

from agentdesk.domain.promise import PromiseState
from agentdesk.wire.model import Amount, Instant, Wire


class NewPromise(Wire):
    """What the caller promises; `key` as in NewPaymentIntent: one press, one promise."""

    key: str = Field(min_length=16, max_length=64)
    call_id: str = Field(max_length=64)
    amount: Amount
    due_on: date


class Promise(Wire):
    """A promise to pay; `paid` is what was paid here towards it, until its day or its replacement."""

    promise_id: str
    reference: str
    short_reference: str
    customer_id: str
    amount: Amount
    due_on: date
    state: PromiseState
    paid: Amount
    made_by: str
    made_at: Instant
