"""Asking for money to go back: the wish, and the question put to a supervisor where it is over a limit."""

from typing import Annotated

from pydantic import Field, StringConstraints

from agentdesk.wire.model import Amount, Instant, Wire


class NewRefund(Wire):
    """Money to give back of a payment; `key` as in NewPaymentIntent: one press, one refund or one request."""

    key: str = Field(min_length=16, max_length=64)
    amount: Amount
    reason: str = Field(min_length=1, max_length=200, pattern=r"\S")


class RefundRequest(Wire):
    """A refund over somebody's limit that waits for a supervisor, and what they said.

    `asked_by_id` is a user id. `allowed` None: not decided; then `decided_by` and `why` are None, too. What
    was allowed is a refund of the payment.
    """

    request_id: str
    amount: Amount
    reason: str
    asked_by: str
    asked_by_id: str
    asked_at: Instant
    allowed: bool | None
    decided_by: str | None
    decided_at: Instant | None
    why: str | None


class RefundDecision(Wire):
    """A supervisor's word on a refund that somebody asked for."""

    allow: bool
    why: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]
