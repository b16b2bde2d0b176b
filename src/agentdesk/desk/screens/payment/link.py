"""Sending a payment link: which way, where to, why it cannot be, and what may be done with an open one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentdesk.desk.command import Command
from agentdesk.desk.screens.payment.form import LINK
from agentdesk.desk.screens.payment.recipients import Recipients
from agentdesk.domain.call import CallState
from agentdesk.domain.contact import is_email
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.link import LinkState, LinkWay
from agentdesk.domain.money import Money
from agentdesk.domain.payment import Advice, AttemptState
from agentdesk.i18n import _
from agentdesk.wire.links import LinkOut, Resend
from agentdesk.wire.readiness import RouteInfo

if TYPE_CHECKING:
    from agentdesk.desk.screens.payment.view_model import PaymentViewModel

_TITLES = {
    LinkWay.TEXT: _("Text message"),
    LinkWay.EMAIL: _("Email"),
    LinkWay.QR: _("QR code on this screen"),
}


@dataclass(frozen=True)
class Way:
    """How a link can go; `off` is why it cannot."""

    way: LinkWay
    title: str
    detail: str
    off: str


@dataclass(frozen=True)
class Move:
    """A link that is being replaced by one to somebody else; until it is closed nothing goes out."""

    attempt_id: str
    way: LinkWay
    to: str | None


class Link:
    """The link of the payment that shows; its form is open for one payment and one attempt only."""

    def __init__(self, model: PaymentViewModel) -> None:
        self._model = model
        self._asked_for: object = None
        self._chosen: LinkWay | None = None
        self._move: Move | None = None
        self._resend_key = new_ulid()
        self.qr_of = ""
        """The attempt whose picture was asked for."""
        self.to_whom = Recipients(model.session)
        tasks = model.session.tasks
        self.send_command = Command(tasks, self._send, model)
        self.resend_command = Command(tasks, self._resend, model)
        self.qr_command = Command(tasks, model.session.client.link_qr, model)
        model.cancel_command.failed.connect(self._stay)

    # ---------------------------------------------------------------- the form
    @property
    def offered(self) -> bool:
        """Whether links are spoken of here at all."""
        return self._route is not None

    @property
    def asking(self) -> bool:
        """Whether the form shows: where to send it."""
        if self._asked_for != self._subject:
            return False
        return not (self.why_not_resend if self.is_open else self.why_not)

    @property
    def amount(self) -> Money | None:
        """What a link would be for."""
        payment = self._model.payment
        return payment.amount.money if payment else self._model.form.amount

    @property
    def ways(self) -> list[Way]:
        """Every way a link can go, also those that are off."""
        told = self._route.ways if self._route else []
        whom = self.to_whom
        return [Way(one.way, _TITLES[one.way], whom.detail(one.way), whom.why_not(one)) for one in told]

    @property
    def way(self) -> LinkWay:
        """The way that is chosen, else the first whose recipient is known, else the first that can be."""
        able = [one.way for one in self.ways if not one.off]
        if self._chosen in able:
            return self._chosen
        known = [way for way in able if self.to_whom.is_known(way)]
        return next(iter(known or able), LinkWay.TEXT)

    @property
    def why_not(self) -> str:
        """Why no link can be sent; empty where one can."""
        model, route = self._model, self._route
        if route is None:
            return _("Payment links are not set up")
        if route.off_reason:
            return route.off_reason.rstrip(".")
        return model.form.why_no_link if model.attempt is None else model.why_no_further(by_link=True)

    @property
    def why_not_send(self) -> str:
        """Why the form cannot be sent as it is; empty where it can."""
        why = self.why_not_resend if self.is_open else self.why_not
        if why or self.way is LinkWay.QR:
            return why
        if self.way is LinkWay.TEXT:
            known = self.to_whom.is_known(LinkWay.TEXT) or self.to_whom.to(LinkWay.TEXT)
            return "" if known else _("Type the number to text")
        to = self.to_whom.to(LinkWay.EMAIL)
        if not to:
            return _("Type the address to write to")
        return "" if is_email(to) else _("That is not an email address")

    @property
    def must_confirm(self) -> bool:
        """Whether the bank wants the card holder to confirm, which only a page lets them do."""
        attempt = self._model.attempt
        decline = attempt.decline if attempt else None
        return decline is not None and decline.advice is Advice.SEND_LINK

    def ask(self) -> None:
        """Show the form."""
        if not self.why_not:
            self._open_form()

    @property
    def known_to(self) -> str:
        """Where it would go without asking; empty where nothing is known."""
        return self.to_whom.words(self.way)

    def ask_move(self) -> None:
        """Show the form of where an open link goes instead."""
        if self.is_open and not self.why_not_resend:
            self._open_form()

    def back(self) -> None:
        """Leave the form; nothing was sent."""
        self._asked_for = None
        self._model.changed.emit()

    def choose(self, way: LinkWay) -> None:
        """Send it this way."""
        self._chosen = way
        self._model.changed.emit()

    def type_number(self, number: str) -> None:
        """Text it to this number."""
        self.to_whom.number = number
        self._model.changed.emit()

    def type_address(self, address: str) -> None:
        """Write to this address."""
        self.to_whom.address = address
        self._model.changed.emit()

    # ---------------------------------------------------------------- sending
    def send(self) -> None:
        """Send the link; once. One that is open is closed first."""
        if not self.asking or self.why_not_send:
            return
        self._model.error = None
        attempt = self._model.attempt
        if self.is_open and attempt is not None:
            self._asked_for = None
            self._move = Move(attempt.attempt_id, self.way, self.to_whom.to(self.way))
            self._model.cancel_command.start(attempt.attempt_id)
            self._model.changed.emit()
        else:
            self.send_command.start(self.way, self.to_whom.to(self.way))

    def send_now(self) -> None:
        """Send it to the known number or address at once; ask where there is none."""
        if self.why_not:
            return
        self._forget_form()
        if self.why_not_send or not self.to_whom.is_known(self.way):
            self._open_form()
        else:
            self._model.error = None
            self.send_command.start(self.way, self.to_whom.to(self.way))

    def follow(self) -> None:
        """Send the new link once the one before can no longer be paid; give it up where that was paid."""
        move, attempt = self._move, self._model.attempt
        if move is None or self.send_command.is_running:
            return
        if attempt is None or attempt.attempt_id != move.attempt_id:
            self._move = None
        elif attempt.state is AttemptState.NOT_SENT:
            self.send_command.start(move.way, move.to)
        elif attempt.state is not AttemptState.OPEN:
            self._move = None

    def _stay(self, _error: object) -> None:
        self._move = None

    @property
    def moves_to(self) -> str:
        """Where the link that shows goes instead; empty where it stays."""
        attempt, move = self._model.attempt, self._move
        if move is None or attempt is None or attempt.attempt_id != move.attempt_id:
            return ""
        known = {LinkWay.TEXT: self.to_whom.callers_number, LinkWay.EMAIL: "", LinkWay.QR: _("this screen")}
        return move.to or known[move.way] or _("the caller")

    # ---------------------------------------------------------------- one that is open
    @property
    def out(self) -> LinkOut | None:
        """The link of the attempt that shows."""
        return self._model.attempt.link if self._model.attempt else None

    @property
    def is_open(self) -> bool:
        """Whether the attempt that shows is a link that may still be paid."""
        attempt = self._model.attempt
        return attempt is not None and attempt.link is not None and attempt.state is AttemptState.OPEN

    @property
    def why_not_expire(self) -> str:
        """Why the open link cannot be expired; empty where it can."""
        if self.out is None or self.out.state not in (LinkState.OPENING, LinkState.OPEN):
            return _("It is being expired")
        return self._model.session.connection.why_not

    @property
    def why_not_resend(self) -> str:
        """Why it cannot be sent or shown again, or to somebody else; empty where it can."""
        if not self.is_open or self.out is None or self.out.state is not LinkState.OPEN:
            return _("The link is not open")
        return self._model.session.connection.why_not

    @property
    def why_not_qr(self) -> str:
        """Why it cannot be shown as a QR code; empty where it can."""
        session, qr = self._model.session, next((one for one in self.ways if one.way is LinkWay.QR), None)
        if not session.line_is_open and any(one.state is not CallState.WRAP_UP for one in session.others):
            return _("Another caller is on the line")  # it is for who stands here, and nobody does
        return _("Payment links are not set up") if qr is None else qr.off or self.why_not_resend

    def expire(self) -> None:
        """Close the page; until the provider confirms it, it may still be paid."""
        attempt = self._model.attempt
        if self.is_open and attempt is not None and not self.why_not_expire:
            self._model.error = None
            self._model.cancel_command.start(attempt.attempt_id)

    def resend(self) -> None:
        """Send the same link to the same recipient again; show it again where it is a QR code."""
        attempt = self._model.attempt
        if self.out is not None and self.out.way is LinkWay.QR:
            self.show_qr()
        elif attempt is not None and not self.why_not_resend:
            self._model.error = None
            self.resend_command.start(attempt.attempt_id)

    def show_qr(self) -> None:
        """Fetch the link as a picture; the command's `done` has it."""
        attempt = self._model.attempt
        if attempt is not None and not self.why_not_qr:
            self._model.error = None
            if self.qr_command.start(attempt.attempt_id):
                self.qr_of = attempt.attempt_id

    # ---------------------------------------------------------------- what all of them need
    @property
    def _route(self) -> RouteInfo | None:
        return next((one for one in self._model.form.routes if one.route == LINK), None)

    @property
    def _subject(self) -> object:
        model = self._model
        call, attempt = model.session.call, model.attempt
        return call.call_id if call else None, attempt.attempt_id if attempt else None

    def _open_form(self) -> None:
        self._forget_form()
        self._asked_for = self._subject
        self._model.changed.emit()

    def _forget_form(self) -> None:
        self._chosen = None
        self.to_whom.forget()

    async def _send(self, way: LinkWay, to: str | None) -> None:
        try:
            intent_id = await self._model.agree()
            await self._model.start_try(intent_id, LINK, way, to)
        finally:
            self._move = None

    async def _resend(self, attempt_id: str) -> None:
        again = Resend(key=self._resend_key)
        self._model.session.take_payment(await self._model.session.client.resend_link(attempt_id, again))
        self._resend_key = new_ulid()  # a press that failed may have been kept: it is tried with the same key
