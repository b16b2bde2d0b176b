"""Promises to pay."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from agentdesk.domain.promise import PromiseState
from agentdesk.wire.model import Amount, Instant, Wire


class NewPromise(Wire):
    """What the caller promises; `key` as in NewPaymentIntent: one press, one promise."""

    key: str = Field(min_length=16, max_length=64)
    call_id: str = Field(max_length=64)
    amount: Amount
    due_on: date


class Withdrawal(Wire):
    """Why a promise was never meant."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]


class Promise(Wire):
    """A promise to pay; `paid` is what was paid here towards it, until its day or its replacement.

    `why_withdrawn` is None unless it was withdrawn.
    """

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
    why_withdrawn: str | None = None
