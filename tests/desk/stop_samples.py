"""A payment that stands in the way of another, the stop it makes, and what supervisors said of an outcome."""

from typing import Any

from agentdesk.domain.payment import AttemptState
from agentdesk.wire.payments import DecisionOut, EarlierPayment, Stop
from tests.desk import samples


def earlier(**changes: Any) -> EarlierPayment:
    """A payment before: Tom took the first invoice on another call."""
    usual: dict[str, Any] = {
        "intent_id": "pay_01JD0000000000000001JD7Q47",
        "short_reference": "01JD-7Q47",
        "amount": samples.gbp(6210),
        "numbers": ["NW-20931"],
        "agent_name": "Tom Ellis",
        "route": "keypad",
        "state": AttemptState.APPROVED,
        "card": samples.VISA,
        "started_at": samples.at(10, 25, 2),
        "sent_at": samples.at(10, 27, 10),
        "ended_at": samples.at(10, 27, 12),
    }
    return EarlierPayment(**(usual | changes))


def stop(**changes: Any) -> Stop:
    """What keeps a payment from starting: a like one took the money."""
    usual: dict[str, Any] = {
        "stop_id": "stop_1",
        "earlier": earlier(),
        "same_invoices": [],
        "stopped_at": samples.at(10, 42),
        "can_ask": True,
        "asked_at": None,
        "allowed": None,
        "decided_by": None,
        "decided_at": None,
        "reason": None,
        "allowed_until": None,
    }
    return Stop(**(usual | changes))


def decision(outcome: AttemptState = AttemptState.APPROVED, **changes: Any) -> DecisionOut:
    """What two supervisors said."""
    usual: dict[str, Any] = {
        "outcome": outcome,
        "reference": None,
        "seen": "Provider’s own page: no such payment",
        "reason": "The caller waits",
        "by": ["Ruth Adeyemi", "Tom Ellis"],
        "at": samples.at(10, 58, 2),
        "final": True,
    }
    return DecisionOut(**(usual | changes))
