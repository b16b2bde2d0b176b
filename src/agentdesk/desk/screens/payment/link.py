"""Sending a payment link: where to, why it cannot be, and what may be done with one that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentdesk.desk.command import Command
from agentdesk.desk.screens.payment.form import LINK, LOST
from agentdesk.domain.link import LinkState
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.payments import LinkOut

if TYPE_CHECKING:
    from agentdesk.desk.screens.payment.view_model import PaymentViewModel


class Link:
    """The link of the payment that shows; its form is open for one payment and one attempt only."""

    def __init__(self, model: PaymentViewModel) -> None:
        self._model = model
        self._asked_for: object = None
        self.number = ""
        """Another number than the caller's, as typed; empty: the caller's."""
        self.send_command = Command(model.session.tasks, self._send, model)
        self.resend_command = Command(model.session.tasks, self._resend, model)

    @property
    def offered(self) -> bool:
        """Whether links are sent here at all."""
        return any(route.route == LINK for route in self._model.form.routes)

    @property
    def asking(self) -> bool:
        """Whether the form shows: where to send it."""
        return self._asked_for == self._subject and not self.why_not

    @property
    def out(self) -> LinkOut | None:
        """The link of the attempt that shows."""
        return self._model.attempt.link if self._model.attempt else None

    @property
    def amount(self) -> Money | None:
        """What a link would be for."""
        payment, choice = self._model.payment, self._model.form.choice
        return payment.amount.money if payment else choice.amount if choice else None

    @property
    def callers_number(self) -> str:
        """The caller's number by its last three digits; empty where it is not known here."""
        call = self._model.session.call
        return f"•••• {call.number[-3:]}" if call and call.number else ""

    @property
    def why_not(self) -> str:
        """Why no link can be sent; empty where one can."""
        model = self._model
        route = next((one for one in model.form.routes if one.route == LINK), None)
        if route is None:
            return "Payment links are not set up"
        if route.off_reason:
            return route.off_reason.rstrip(".")
        return model.form.why_not if model.attempt is None else model.why_no_further

    @property
    def why_not_send(self) -> str:
        """Why the form cannot be sent as it is; empty where it can."""
        if self.why_not:
            return self.why_not
        call = self._model.session.call
        needs = call is not None and not call.number and not self.number.strip()
        return "Type the number to text" if needs else ""

    def ask(self) -> None:
        """Show the form."""
        if not self.why_not:
            self._asked_for, self.number = self._subject, ""
            self._model.changed.emit()

    def back(self) -> None:
        """Leave the form; nothing was sent."""
        self._asked_for = None
        self._model.changed.emit()

    def type_number(self, number: str) -> None:
        """Text it to this number."""
        self.number = number
        self._model.changed.emit()

    def send(self) -> None:
        """Send the link; once."""
        if self.asking and not self.why_not_send:
            self._model.error = None
            self.send_command.start()

    @property
    def why_not_expire(self) -> str:
        """Why the open link cannot be expired; empty where it can."""
        if self.out is None or self.out.state not in (LinkState.OPENING, LinkState.OPEN):
            return "It is being expired"
        return LOST if self._model.is_lost else ""

    @property
    def why_not_resend(self) -> str:
        """Why its text cannot be sent again; empty where it can."""
        if self.out is None or self.out.state is not LinkState.OPEN:
            return "The link is not open"
        return LOST if self._model.is_lost else ""

    def expire(self) -> None:
        """Close the page; until the provider confirms it, it may still be paid."""
        attempt = self._model.attempt
        if attempt is not None and attempt.state is AttemptState.OPEN and not self.why_not_expire:
            self._model.error = None
            self._model.cancel_command.start(attempt.attempt_id)

    def resend(self) -> None:
        """Text the same link to the same number again."""
        attempt = self._model.attempt
        if attempt is not None and not self.why_not_resend:
            self._model.error = None
            self.resend_command.start(attempt.attempt_id)

    @property
    def _subject(self) -> object:
        model = self._model
        call, attempt = model.session.call, model.attempt
        return call.call_id if call else None, attempt.attempt_id if attempt else None

    async def _send(self) -> None:
        await self._model.start_link(self.number.strip() or None)

    async def _resend(self, attempt_id: str) -> None:
        self._model.session.take_payment(await self._model.session.client.resend_link(attempt_id))
