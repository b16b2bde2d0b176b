"""The payments of one call: whether another can follow the one that shows, and starting it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from agentdesk.desk.screens.payment.form import LINK
from agentdesk.desk.screens.payment.place import Place
from agentdesk.desk.screens.payment.rest import Rest, rest_of
from agentdesk.i18n import _
from agentdesk.wire.payments import PaymentIntent

if TYPE_CHECKING:
    from agentdesk.desk.screens.payment.view_model import PaymentViewModel


class InCall(QObject):
    """Goes from one payment of the call to the next."""

    def __init__(self, model: PaymentViewModel) -> None:
        super().__init__(model)
        self._model = model
        model.session.customer_changed.connect(self._leave_other)

    def _leave_other(self) -> None:
        """Put a payment away that took nothing, of somebody whom the call turned out not to be about."""
        session, shown = self._model.session, self._model.session.shown_payment
        call = session.call
        if call is None or shown is None or shown.call_id != call.call_id:
            return
        if shown.customer_id != call.customer_id:
            self._model.renew_attempt_key()
            session.take_another()

    @property
    def rest(self) -> Rest | None:
        """What a second card has still to pay of the payment that shows."""
        return rest_of(self._model.payment, self._model.session.payments.values())

    @property
    def listed(self) -> list[PaymentIntent]:
        """The payments of this call that were tried or are stopped; none where there is no choice."""
        model = self._model
        mine = [one for one in model.session.payments_of_call if one.attempts or one.stop]
        return mine if len(mine) + self.has_form > 1 else []

    @property
    def has_form(self) -> bool:
        """Whether the form of one more payment is open beside those listed."""
        session, mine = self._model.session, self._model.session.payments_of_call
        if not mine:
            return False
        return mine[-1].intent_id == session.done_with or not (mine[-1].attempts or mine[-1].stop)

    @property
    def shown_id(self) -> str:
        """The id of the payment that shows; empty while the form of the next one does."""
        shown = self._model.session.shown_payment
        return shown.intent_id if shown is not None and (shown.attempts or shown.stop) else ""

    @property
    def is_rest(self) -> bool:
        """Whether the form of the next payment is a second card's."""
        return self._model.form.rest is not None

    @property
    def why_not_switch(self) -> str:
        """Why no other payment of the call can be shown now; empty where one can."""
        model = self._model
        if model.start_payment.is_running or model.start_attempt.is_running:
            return _("A payment is being started")
        return _("Card entry is live") if model.session.live_attempt is not None else ""

    def show(self, intent_id: str) -> None:
        """Show a payment of this call; without an id, the form of the next."""
        if not self.why_not_switch:
            session = self._model.session
            session.open_payment(session.payments.get(intent_id))

    def step(self, by: int) -> None:
        """Show the next payment of the list, or the one before; the form comes last."""
        places = [one.intent_id for one in self.listed] + ([""] if self.has_form else [])
        if places:
            here = places.index(self.shown_id) if self.shown_id in places else 0
            self.show(places[(here + by) % len(places)])

    @property
    def why_not_another(self) -> str:
        """Why no other payment can follow the one that shows; empty where it can."""
        model = self._model
        if model.place not in (Place.APPROVED, Place.DECLINED, Place.NOT_SENT):
            return _("This payment is not over")
        if model.session.live_attempt is not None:
            return _("A card entry is still open")
        if not model.session.line_is_open:
            return _("The call has ended")
        return model.session.connection.why_not

    def another(self) -> None:
        """Show the form of one more payment on this call: of the rest, where one is left of a split."""
        model = self._model
        if model.payment is not None and not self.why_not_another:
            rest = self.rest
            model.renew_attempt_key()
            model.session.take_another()
            model.form.fill(rest, reading=True)
            model.session.load_customer.restart(True)

    @property
    def why_not_rest_by_link(self) -> str:
        """Why what is left of a split cannot go by a link once the line is closed; empty where it can."""
        model = self._model
        if self.rest is None or model.session.call is None or model.session.line_is_open:
            return _("Nothing is left of a split")
        if model.session.customer is None:
            return _("What is owed is not known")
        if not model.link.offered:
            return _("Payment links are not set up")
        reason = next(one.off_reason for one in model.form.routes if one.route == LINK)
        return (reason or "").rstrip(".") or model.session.connection.why_not

    def rest_by_link(self) -> None:
        """Ask where the link for the rest goes: the caller agreed to it, and has hung up."""
        model, rest = self._model, self.rest
        if rest is not None and not self.why_not_rest_by_link:
            model.renew_attempt_key()
            model.session.take_another()
            model.form.fill(rest)
            model.form.choose_route(LINK)
            model.link.ask()
            model.session.load_customer.restart(True)

    @property
    def may_link_after(self) -> bool:
        """Whether a link can still be sent to a caller who has hung up."""
        model = self._model
        return model.session.call is not None and not model.session.line_is_open and not model.link.why_not

    def link_after(self) -> None:
        """Ask where the link goes for what was chosen before the caller hung up."""
        if self.may_link_after:
            self._model.link.ask()
            self._model.session.wrap_up(False)

    def go_back(self) -> None:
        """Show what to pay again: what is taken then is another payment."""
        model = self._model
        model.renew_attempt_key()
        model.session.take_another()
        model.form.renew()
        model.session.load_customer.restart(True)
