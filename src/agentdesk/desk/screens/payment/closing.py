"""What the end of a payment suggests for the wrap-up: a reason and a note."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from agentdesk.desk.counting import counting, rest_words, taken
from agentdesk.desk.screens.payment.cards import SAVED
from agentdesk.desk.screens.payment.form import LINK
from agentdesk.domain.payment import AttemptState
from agentdesk.i18n import _, listed
from agentdesk.wire.links import LinkOut
from agentdesk.wire.model import Amount
from agentdesk.wire.payments import Attempt, PaymentIntent

if TYPE_CHECKING:
    from agentdesk.desk.screens.payment.view_model import PaymentViewModel

#: Reasons that fit, best first; the first that the queue knows is suggested.
_WHOLE = ("bill_paid", "payment_taken")
_PART = ("part_payment", "payment_taken")
_REFUSED = ("payment_declined",)
_DROPPED = ("call_dropped",)


class Closing:
    """Suggests once for each outcome; what the agent chose or typed stays."""

    def __init__(self, model: PaymentViewModel) -> None:
        self._model = model
        self._for: tuple[object, ...] = ()

    def suggest(self) -> None:
        """Fill in the wrap-up form from the payment that shows, once its account is read."""
        model = self._model
        payment, attempt, form = model.payment, model.attempt, model.wrap_up
        if payment is None or attempt is None or model.session.call is None or model.session.customer is None:
            return
        told = (attempt.attempt_id, model.session.line_is_open, note := self._of_call())
        if told == self._for:
            return
        self._for = told
        form.suggest(self._fitting(attempt), note)

    def _fitting(self, attempt: Attempt) -> str:
        model = self._model
        wanted: tuple[str, ...]
        if attempt.state is AttemptState.APPROVED:
            wanted = _PART if self._leaves_open() else _WHOLE
        elif attempt.state is AttemptState.DECLINED:
            wanted = _REFUSED
        else:
            wanted = () if model.session.line_is_open else _DROPPED
        return next((code for code in wanted if code in model.wrap_up.dispositions), "")

    def _of_call(self) -> str:
        """Return what happened to each payment of the call."""
        mine = [(one, counting(one)) for one in self._model.session.payments_of_call]
        return " ".join(note(one, attempt) for one, attempt in mine if attempt is not None)

    def _leaves_open(self) -> bool:
        session = self._model.session
        if session.customer is None:
            return False
        paid = Counter[str]()
        for one in session.payments_of_call:
            if one.state == AttemptState.APPROVED:
                if _is_less(one.amount, taken(one)):
                    return True
                paid.update({part.invoice_id: part.amount.minor for part in one.allocations})
        return any(
            item.outstanding.minor > (0 if item.posting else paid[item.invoice_id])
            for item in session.customer.open_items
        )


def _is_less(agreed: Amount, took: Amount) -> bool:
    return took.currency == agreed.currency and took.minor < agreed.minor


_HOW = {
    LINK: _("{amount} by secure link for {invoices}"),
    SAVED: _("{amount} by saved card for {invoices}"),
}


def note(payment: PaymentIntent, attempt: Attempt) -> str:
    """Return what happened in words for the next person; never more of a card than its last four."""
    how = _HOW.get(attempt.route, _("{amount} by card on the keypad for {invoices}"))
    what = how.format(amount=attempt.charged or payment.amount, invoices=joined(payment))
    reference = _("Reference {short_reference}.").format(short_reference=payment.short_reference)
    card = attempt.card.label if attempt.card else _("Card")
    if attempt.state is AttemptState.APPROVED:
        approved = _("Took {what}. {card}, approved. {reference}")
        if attempt.authorization_code:
            approved = _("Took {what}. {card}, approved, code {code}. {reference}")
        if attempt.charged:
            reference = f"{rest_words(payment.amount.money, attempt.charged.money)} {reference}"
        return approved.format(what=what, card=card, code=attempt.authorization_code, reference=reference)
    if attempt.state is AttemptState.DECLINED:
        return _("Tried {what}. {card}, declined, nothing was charged. {reference}").format(
            what=what, card=card, reference=reference
        )
    if attempt.state is AttemptState.NOT_SENT:
        return _("Tried {what}. Not sent, nothing was charged. {reference}").format(
            what=what, reference=reference
        )
    if attempt.link and attempt.state is AttemptState.OPEN:
        return _link_note(attempt.link).format(
            amount=payment.amount, payment=joined(payment), reference=reference
        )
    return _("Tried {what}. The bank has not answered; it is being checked. {reference}").format(
        what=what, reference=reference
    )


def _link_note(link: LinkOut) -> str:
    if link.sent_at is None:
        return _("Made a link for {amount} for {payment}; it has not gone out. {reference}")
    if link.problem:
        return _("Sent a link for {amount} for {payment}; it may not have arrived. {reference}")
    return _("Sent a link for {amount} for {payment}. {reference}")


def joined(payment: PaymentIntent) -> str:
    """Return the invoices in words, `NW-20931 and NW-21407`."""
    numbers = [part.number for part in payment.allocations]
    if not numbers:
        return _("the account")
    return listed(numbers)
