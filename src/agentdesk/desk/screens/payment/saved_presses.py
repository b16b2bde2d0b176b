"""What may be pressed about saved cards: opening the form, charging, and the caller's consent."""

from agentdesk.desk.screens.payment.press import BACK_KEY, Actions, Press
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.i18n import _


def saved_press(model: PaymentViewModel, key: str, kind: str) -> Press:
    """Open the form of a saved card; nothing is charged by it."""
    words = _("Use the saved card")
    if kind == "primary" and model.saved.amount:
        words = _("Use the saved card for {amount}").format(amount=model.saved.amount)
    why = model.saved.why_not
    return Press("saved", words, _("Use the saved card"), key, "credit-card", kind, why)


def offered(model: PaymentViewModel) -> tuple[Press, ...]:
    """Return the press that opens it after a try that took nothing; none where no card can be charged."""
    return () if model.saved.why_not else (saved_press(model, "F2", "secondary"),)


def charge_press(name: str, amount: object, *, running: bool, off: str = "") -> Press:
    """Charge what was read out."""
    words, busy = _("Charge {amount}").format(amount=amount), _("Charging") if running else None
    return Press(name, words, _("Charge it"), "F10", "paper-plane-right", "primary", off, busy)


def saved_form(model: PaymentViewModel) -> Actions:
    """Return what may be pressed while a saved card is read out."""
    saved = model.saved
    reason = _("To {card}, once they have said yes").format(card=saved.option.label) if saved.option else ""
    charge = charge_press("charge", saved.amount, running=saved.charge_command.is_running)
    return Actions((Press("no_saved", _("Back"), key=BACK_KEY),), reason, charge)


def consent_press(model: PaymentViewModel) -> tuple[Press, ...]:
    """Return the press that asks for the caller's consent to keep the card, then the one that notes it."""
    if model.saved.reading:
        words = _("The caller agreed")
        # not the key that asked: pressed twice by mistake it must not be anybody's yes
        return (Press("agreed", words, words, "F3", off=model.session.connection.why_not),)
    words = _("Save this card")
    return (Press("read", words, words, "F2"),) if model.saved.can_read else ()
