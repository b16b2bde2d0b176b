"""A payment that another one stops: what stands in its way, asking a supervisor, and going on."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Command
from agentdesk.desk.screens.payment.cards import SAVED
from agentdesk.desk.screens.payment.form import LINK
from agentdesk.domain.errors import Conflict
from agentdesk.domain.payment import HOLDS_DEBT, AttemptState
from agentdesk.wire.payments import EarlierPayment, NewAttempt, PaymentDetail, PaymentIntent, Stop

if TYPE_CHECKING:
    from agentdesk.desk.screens.payment.view_model import PaymentViewModel

#: What the hub says where it has written down what is in the way.
_CODES = ("possible_duplicate", "already_being_paid")


class StopState(StrEnum):
    """What can be done about it."""

    BUSY = "busy"  # money is at risk in the other payment: nobody can let this one go on
    FREE = "free"  # the other payment ended and took nothing
    PAID = "paid"  # the other payment took the money: a supervisor may be asked
    ASKED = "asked"
    ALLOWED = "allowed"
    EXPIRED = "expired"
    REFUSED = "refused"


def stop_state(stop: Stop, now: datetime) -> StopState:
    """Say what can be done about a stop now."""
    if stop.earlier.state in HOLDS_DEBT:
        return StopState.BUSY
    if stop.earlier.state is not AttemptState.APPROVED:
        return StopState.FREE
    if stop.allowed is None:
        return StopState.ASKED if stop.asked_at else StopState.PAID
    if not stop.allowed:
        return StopState.REFUSED
    return StopState.ALLOWED if stop.allowed_until is None or now < stop.allowed_until else StopState.EXPIRED


def has_open_link(earlier: EarlierPayment) -> bool:
    """Say whether a payment waits for its customer to open a link."""
    return earlier.route == LINK and earlier.state is AttemptState.OPEN


class Stopping(QObject):
    """Follows the session's payment while it is stopped and was not set aside."""

    look_wanted = Signal(str)
    """A payment of another call is to be opened beside what shows, by its id."""

    def __init__(self, model: PaymentViewModel) -> None:
        super().__init__(model)
        self._model = model
        self.story: PaymentDetail | None = None
        """The payment before, where the agent asked to see it."""
        self._stopped: tuple[str, NewAttempt] | None = None
        """What was stopped: the payment, and its try."""
        self.ask_command = Command(model.session.tasks, self._ask, self)
        self.look_command = Command(model.session.tasks, self._look, self)

    @property
    def payment(self) -> PaymentIntent | None:
        """The payment that is stopped; None where none is, or its call or customer is no longer there."""
        session = self._model.session
        shown = session.shown_payment
        if shown is None or shown.stop is None:
            return None
        here = self._model.session.line_is_open and shown.customer_id == session.customer_id
        return shown if here else None

    @property
    def stop(self) -> Stop | None:
        """What stands in its way."""
        return self.payment.stop if self.payment else None

    @property
    def state(self) -> StopState | None:
        """What can be done about it; None where nothing is stopped."""
        return stop_state(self.stop, self._model.session.clock.now()) if self.stop else None

    @property
    def link_is_open(self) -> bool:
        """Whether what stands in the way is a link that can still be paid."""
        return self.stop is not None and has_open_link(self.stop.earlier)

    @property
    def by_link(self) -> bool:
        """Whether what was stopped here was a link: going on sends it."""
        return self._wanted is not None and self._wanted.route == LINK

    @property
    def by_saved_card(self) -> bool:
        """Whether what was stopped here was a saved card: going on charges it."""
        return self._wanted is not None and self._wanted.route == SAVED

    @property
    def _wanted(self) -> NewAttempt | None:
        if self._stopped is None or self.payment is None:
            return None
        intent_id, new = self._stopped
        return new if intent_id == self.payment.intent_id else None

    async def take(self, intent_id: str, error: Conflict, new: NewAttempt) -> bool:
        """Show what the hub wrote down; False where the refusal is about something else."""
        if error.code not in _CODES:
            return False
        self._stopped = intent_id, new
        session = self._model.session
        session.take_payment((await session.client.payment(intent_id)).payment)
        return self.stop is not None

    def ask(self) -> None:
        """Ask a supervisor."""
        if self.stop is not None and self.state in (StopState.PAID, StopState.EXPIRED):
            self.ask_command.start(self.stop.stop_id)

    def go_on(self) -> None:
        """Start the payment after all, in the way that was stopped."""
        if self.payment is not None and self.state in (StopState.ALLOWED, StopState.FREE):
            new = self._wanted
            keyed = new is None or new.route not in (LINK, SAVED)
            told = () if keyed or new is None else (new.route, new.send_by, new.send_to, new.saved_card)
            self._model.start_attempt.start(self.payment.intent_id, *told)

    def look(self) -> None:
        """Show what happened to the payment before, or no longer."""
        if self.story is not None:
            self.story = None
            self._model.changed.emit()
        elif self.stop is not None:
            self.look_command.start(self.stop.earlier.intent_id)

    def open_link(self, intent_id: str = "") -> None:
        """Go to the payment whose link is open: the one in the way, or the one named.

        Only this call's show in place of what shows; any other opens beside it.
        """
        intent_id = intent_id or (self.stop.earlier.intent_id if self.stop is not None else "")
        session = self._model.session
        if any(one.intent_id == intent_id for one in session.payments_of_call):
            session.open_payment(session.payments[intent_id])
        elif intent_id:
            self.look_wanted.emit(intent_id)

    def change(self) -> None:
        """Go back to what to pay: what is taken then is another payment."""
        if self.payment is not None:
            self.story = None
            self._model.in_call.go_back()

    async def _ask(self, stop_id: str) -> None:
        self._model.session.take_payment(await self._model.session.client.ask_supervisor(stop_id))

    async def _look(self, intent_id: str) -> None:
        self.story = await self._model.session.client.payment(intent_id)
