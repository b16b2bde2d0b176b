"""A hub that plays a payment through, step by step, for tests of the payment region."""

from typing import Any

from agentdesk.domain.capture import CaptureState, CardField
from agentdesk.domain.errors import Conflict
from agentdesk.domain.link import LinkState
from agentdesk.domain.payment import AttemptState, attempts_left
from agentdesk.wire.captures import CaptureOut, FieldOut, FieldState
from agentdesk.wire.events import PaymentChanged
from agentdesk.wire.payments import (
    Attempt,
    NewAttempt,
    NewPaymentIntent,
    PaymentIntent,
    Stop,
)
from tests.desk import samples
from tests.desk.fake_hub import FakeHub

_ORDER = (CardField.NUMBER, CardField.EXPIRY, CardField.SECURITY_CODE)


def fields(*states: FieldState, **changes: Any) -> list[FieldOut]:
    """The three fields in these states; changes go to every live or failed one."""
    moving = (FieldState.LIVE, FieldState.FAILED)
    return [
        samples.field(field, state, **(changes if state in moving else {}))
        for field, state in zip(_ORDER, states, strict=True)
    ]


def capture(*states: FieldState, **changes: Any) -> CaptureOut:
    """A secured card session whose fields are in these states."""
    done = all(state is FieldState.DONE for state in states)
    state = CaptureState.COLLECTED if done else CaptureState.COLLECTING
    usual: dict[str, Any] = {"fields": fields(*states), "state": state, "can_submit": done}
    return samples.capture(**(usual | changes))


def keyed(*states: FieldState, **changes: Any) -> CaptureOut:
    """A secured card session; changes go to every live or failed field."""
    return capture(*states, fields=fields(*states, **changes))


def ready(**changes: Any) -> CaptureOut:
    """Every field is in."""
    return capture(FieldState.DONE, FieldState.DONE, FieldState.DONE, **changes)


def closed(**changes: Any) -> CaptureOut:
    """A card session that has ended without a token."""
    usual: dict[str, Any] = {"state": CaptureState.CLOSED, "closed_at": samples.at(10, 42, 50)}
    return capture(FieldState.DONE, FieldState.READY, FieldState.WAITING, **(usual | changes))


class ActingHub(FakeHub):
    """Starts attempts, takes fields and approves as the real one does; `tell` pushes a newer form."""

    stop: Stop | None = None
    """What keeps every try from starting."""

    async def create_payment(self, new: NewPaymentIntent) -> PaymentIntent:
        """Make one payment for each key."""
        await self._ask("create_payment", new)
        return self.take(
            samples.payment(
                intent_id=f"pi_{new.key}",
                amount=new.amount,
                receipt_email=new.receipt_email,
                created_at=samples.at(10, 42, len(self.payments)),
            )
        )

    async def start_attempt(self, intent_id: str, new: NewAttempt) -> PaymentIntent:
        """Secure the line, or send a link."""
        await self._ask("start_attempt", intent_id, new)
        payment = self.payments[intent_id]
        if self.stop is not None:
            self.change(payment, stop=self.stop)
            raise REFUSED
        number = len(payment.attempts) + 1
        if new.route == "link":
            made = samples.link(way=new.send_by, state=LinkState.OPENING, sent_at=None, delivered_at=None)
            linked = samples.linked(attempt_id=f"att_{number}", number=number, link=made)
            return self.change(payment, attempts=[*payment.attempts, linked])
        if new.route == "saved":
            saved = samples.attempt(
                AttemptState.SENDING,
                attempt_id=f"att_{number}",
                number=number,
                route="saved",
                capture=None,
                sent_at=samples.NOW,
            )
            attempts = [*payment.attempts, saved]
            return self.change(payment, stop=None, attempts=attempts)
        states = (FieldState.READY, FieldState.WAITING, FieldState.WAITING)
        attempt = samples.attempt(
            attempt_id=f"att_{number}", number=number, card=None, capture=capture(*states)
        )
        started = {"attempts": [*payment.attempts, attempt]}
        return self.change(payment, stop=None, **started)

    def tell(self, payment: PaymentIntent, **changes: Any) -> PaymentIntent:
        """Change a payment and push the event."""
        changed = self.change(payment, **changes)
        self.push(PaymentChanged(payment=changed))
        return changed

    def tell_attempt(self, attempt: Attempt) -> PaymentIntent:
        """Change the only attempt of the only payment and push the event."""
        payment = next(iter(self.payments.values()))
        return self.tell(payment, attempts=[attempt], state=attempt.state)

    def change(self, payment: PaymentIntent, **changes: Any) -> PaymentIntent:
        """Keep a newer version of a payment."""
        newer = {"version": payment.version + 1} | changes
        if "attempts" in changes and "state" not in changes:
            newer["state"] = changes["attempts"][-1].state
        if "attempts" in changes:
            newer["attempts_left"] = attempts_left(one.state for one in changes["attempts"])
        return self.take(payment.model_copy(update=newer))


OPEN = AttemptState.OPEN
REFUSED = Conflict(
    "possible_duplicate", agent="Tom Ellis", amount="£62.10", at="10:27", card="a card", reference="01JD-7Q47"
)
