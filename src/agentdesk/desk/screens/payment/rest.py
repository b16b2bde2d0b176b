"""The rest of a debt that is split over two cards: what the first card left for the second."""

from collections.abc import Iterable
from dataclasses import dataclass

from agentdesk.domain import policy
from agentdesk.domain.allocation import Allocation
from agentdesk.domain.money import Money, total
from agentdesk.domain.payment import HOLDS_DEBT, AttemptState
from agentdesk.wire.payments import AllocationOut, PaymentIntent


@dataclass(frozen=True)
class Rest:
    """What the second card pays; `first` is the payment of the first one."""

    first: PaymentIntent
    parts: list[Allocation]

    @property
    def amount(self) -> Money:
        """All that is left."""
        return total([part.amount for part in self.parts], self.first.amount.currency)


def rest_of(payment: PaymentIntent | None, known: Iterable[PaymentIntent]) -> Rest | None:
    """Return what is left of the split that a payment is the first half of.

    None where it is not one, has not paid, or nothing is left; and while money is at risk in either half.
    """
    if payment is None or not payment.whole or payment.split_of or payment.state != AttemptState.APPROVED:
        return None
    halves = [one for one in known if payment.intent_id in (one.intent_id, one.split_of)]
    tries = [(attempt.state, half) for half in halves for attempt in half.attempts]
    if any(state in HOLDS_DEBT for state, _ in tries):
        return None
    paid = [half for state, half in tries if state is AttemptState.APPROVED]
    parts = policy.rest(_parts(payment.whole), [part for half in paid for part in _parts(half.allocations)])
    return Rest(payment, parts) if parts else None


def _parts(told: list[AllocationOut]) -> list[Allocation]:
    return [Allocation(one.invoice_id, one.number, one.amount.money) for one in told]
