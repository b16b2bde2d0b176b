"""What the action bar offers in each state: quiet presses left, words, at most one main press."""

from collections.abc import Callable
from dataclasses import replace

from agentdesk.desk.screens.payment.cards import SAVED
from agentdesk.desk.screens.payment.form import LINK, Form
from agentdesk.desk.screens.payment.link_steps import next_steps, outlook
from agentdesk.desk.screens.payment.place import Place
from agentdesk.desk.screens.payment.press import (
    BACK_KEY,
    CANCEL_KEY,
    ELSEWHERE_KEY,
    LEAVE_KEY,
    Actions,
    Press,
)
from agentdesk.desk.screens.payment.saved_presses import (
    charge_press,
    consent_press,
    offered,
    saved_form,
    saved_press,
)
from agentdesk.desk.screens.payment.stopping import StopState
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.domain.capture import CardField
from agentdesk.domain.link import LinkWay
from agentdesk.i18n import _, listed, ngettext
from agentdesk.wire.captures import FieldState
from agentdesk.wire.payments import PaymentIntent, Stop

FIELD_WORDS = {
    CardField.NUMBER: _("card number"),
    CardField.EXPIRY: _("expiry date"),
    CardField.SECURITY_CODE: _("security code"),
}
#: The same where they stand alone.
FIELD_TITLES = {
    CardField.NUMBER: _("Card number"),
    CardField.EXPIRY: _("Expiry date"),
    CardField.SECURITY_CODE: _("Security code"),
}


def actions(model: PaymentViewModel) -> Actions:
    """Return what may be pressed now."""
    return _BY_PLACE[model.place](model)


def _form(model: PaymentViewModel) -> Actions:
    why, form = model.form.why_not, model.form
    take = Press(
        "take",
        _("Take {amount}").format(amount=form.amount) if form.amount else _("Take"),
        _("Take payment"),
        "F4",
        "lock-key",
        "primary",
        why,
        _("Securing") if model.start_payment.is_running else None,
    )
    words = why or _what_for(form)
    route = form.chosen_route
    if route is not None and route.route == LINK:
        card = (replace(take, off=form.why_no_card),) if form.why_no_card else ()
        return Actions(_no_payment(model), words, _link(model, "primary"), elsewhere=card)
    main = saved_press(model, "F4", "primary") if route is not None and route.route == SAVED else take
    return Actions((*_offered_link(model), *_no_payment(model)), words, main)


def _no_payment(model: PaymentViewModel) -> tuple[Press, ...]:
    leave = Press("leave", _("No payment"), key=LEAVE_KEY, shows_key=False)
    return (leave,) if model.session.call else ()


def _what_for(form: Form) -> str:
    """Say what the next card pays."""
    choice = form.choice
    if form.rest is not None:
        return _("Second of two cards")
    if choice is not None and choice.is_split:
        return _("First of two cards, {for_second} on the second").format(for_second=choice.for_second)
    if choice is not None and choice.on_account:
        return _("On account")
    count = len(choice.parts) if choice else 0
    return ngettext("{count} invoice", "{count} invoices", count).format(count=count)


def _link(model: PaymentViewModel, kind: str) -> Press:
    """Open the form of a link."""
    words = _("Send a link")
    if kind == "primary" and model.link.amount:
        words = _("Send a link for {amount}").format(amount=model.link.amount)
    return Press(
        "link",
        words,
        _("Send link"),
        "F7",
        "link-simple",
        kind,
        model.link.why_not,
    )


def _offered_link(model: PaymentViewModel) -> tuple[Press, ...]:
    return (_link(model, "ghost"),) if model.link.offered else ()


_LINK_WORDS = {LinkWay.TEXT: _("Send link"), LinkWay.EMAIL: _("Email link"), LinkWay.QR: _("Make a QR code")}


def _link_form(model: PaymentViewModel) -> Actions:
    busy = _("Sending") if model.link.send_command.is_running else None
    why = model.link.why_not_send
    words = _("{way} for {amount}").format(way=_LINK_WORDS[model.link.way], amount=model.link.amount)
    send = Press("send", words, _("Send link"), "F7", "link-simple", "primary", why, busy)
    return Actions((Press("back", _("Back"), key=BACK_KEY),), why, send)


def _link_open(model: PaymentViewModel) -> Actions:
    expire = Press("expire", _("Expire link"), "", CANCEL_KEY, "x", "danger", model.link.why_not_expire)
    keyed, link = _link_keys(model), model.link.out
    assert link is not None, "an open link shows"
    if model.session.call is None:
        return Actions((_close(), expire), elsewhere=keyed)
    if not model.session.line_is_open:
        return Actions((expire,), _finish_words(model), _finish(model, "primary"), keyed)
    leave = Press("leave", _("Finish the call"), key=LEAVE_KEY, icon="phone-disconnect", kind="secondary")
    return Actions((expire,), outlook(link), leave, keyed)


def _link_keys(model: PaymentViewModel) -> tuple[Press, ...]:
    """Return the presses of the steps of an open link."""
    steps = next_steps(model, model.link.out) if model.link.out else []
    keys = {"resend": "F7", "move": "F3", "qr": "F2"}
    return tuple(
        Press(one.key, one.title, key=keys[one.key], off=one.detail if one.refused else "") for one in steps
    )


def _stopped(model: PaymentViewModel) -> Actions:
    stopping = model.stopping
    payment, stop, state = stopping.payment, stopping.stop, stopping.state
    if payment is None or stop is None or state is None:
        return Actions()
    left = (Press("change", _("Change the amount"), _("Change the amount"), "F3"),)
    press = _stop_press(model, payment, state)
    off = press.off if press else model.session.connection.why_not
    return Actions(left, off or _stop_words(stop, state), press)


def _stop_words(stop: Stop, state: StopState) -> str:
    if state is StopState.BUSY:
        return _("Taking a payment is off")
    return _("Waiting for a supervisor") if state is StopState.ASKED else ""


def _stop_press(model: PaymentViewModel, payment: PaymentIntent, state: StopState) -> Press | None:
    stopping, off = model.stopping, model.session.connection.why_not
    if state in (StopState.PAID, StopState.EXPIRED):
        busy = _("Asking") if stopping.ask_command.is_running else None
        words = _("Ask a supervisor") if state is StopState.PAID else _("Ask again")
        return Press("ask", words, _("Ask a supervisor"), "F2", "hand-palm", "primary", off, busy)
    if state in (StopState.ALLOWED, StopState.FREE):
        running = model.start_attempt.is_running
        if stopping.by_saved_card:
            return charge_press("go_on", payment.amount, running=running, off=off)
        return _go_on(payment, off, by_link=stopping.by_link, running=running)
    if stopping.stop is not None and stopping.link_is_open:
        words = _("Go to the link")
        return Press("to_link", words, words, "F2", "link-simple", "secondary", off)
    return None


def _go_on(payment: PaymentIntent, off: str, *, by_link: bool, running: bool) -> Press:
    if by_link:
        words, busy = (
            _("Send link for {amount}").format(amount=payment.amount),
            _("Sending") if running else None,
        )
        return Press("go_on", words, _("Send link"), "F7", "link-simple", "primary", off, busy)
    words, busy = _("Take {amount}").format(amount=payment.amount), _("Securing") if running else None
    return Press("go_on", words, _("Take payment"), "F4", "lock-key", "primary", off, busy)


def _nobody(model: PaymentViewModel) -> Actions:
    return Actions(_no_payment(model))


def _securing(model: PaymentViewModel) -> Actions:
    return Actions((_cancel(model),), _("Card entry opens when the line is secured"), _submit(model))


def _capture(model: PaymentViewModel) -> Actions:
    words = _missing(model) or _("Everything is in")
    elsewhere = (*_for_hard(model), *consent_press(model))
    return Actions((_cancel(model),), words, _submit(model), elsewhere=elsewhere)


def _for_hard(model: PaymentViewModel) -> tuple[Press, ...]:
    """Return what the tone doctor advises where a field is hard to key."""
    if model.keying.can_link:
        return (Press("link_instead", _("Send a link"), _("Send a link"), "F7", "link-simple", "secondary"),)
    if model.keying.can_slow:
        return (Press("slowly", _("Ask slowly"), _("Ask slowly"), "F9", "hourglass", "secondary"),)
    return ()


def _cancel(model: PaymentViewModel) -> Press:
    sent = _("It is being submitted") if model.submit_command.is_running else ""
    off = model.session.connection.why_not or sent
    return Press("cancel", _("Cancel payment"), key=CANCEL_KEY, icon="x", kind="danger", off=off)


def _submit(model: PaymentViewModel) -> Press:
    amount = model.payment.amount if model.payment else ""
    busy = _("Submitting") if model.submit_command.is_running or model.place is Place.SENDING else None
    off = "" if model.can_submit or busy else _missing(model) or _("Not yet")
    return Press(
        "submit",
        _("Submit {amount}").format(amount=amount),
        _("Submit"),
        "F10",
        "paper-plane-right",
        "primary",
        off,
        busy,
    )


def _missing(model: PaymentViewModel) -> str:
    fields = model.capture.fields if model.capture else []
    open_ones = [FIELD_WORDS[field.field] for field in fields if field.state is not FieldState.DONE]
    if len(open_ones) > 2:
        return _("Needs all {count} fields").format(count=len(open_ones))
    return _("Needs {fields}").format(fields=listed(open_ones)) if open_ones else ""


def _cancelling(model: PaymentViewModel) -> Actions:
    return Actions((), _("Waiting until the card entry is closed"))


def _sending(model: PaymentViewModel) -> Actions:
    return Actions((), _("Submitted once; the bank is being asked"), _submit(model))


def _out_of_sight(model: PaymentViewModel) -> Actions:
    return Actions((), _("Nothing can be done until the connection is back"))


def _approved(model: PaymentViewModel) -> Actions:
    if model.session.live_attempt is not None:
        return Actions((_cancel(model),), _("Another card entry is still open; cancel it"))
    if model.session.call is None:
        return Actions((_close(),))
    why, rest = model.in_call.why_not_another, model.in_call.rest
    if rest is not None and model.session.line_is_open:
        words = _("Take the rest, {amount}").format(amount=rest.amount)
        main = Press("another", words, _("Take the rest"), "F4", "credit-card", "primary", why)
        return Actions((_finish(model, "secondary"),), why or _("On a second card"), main)
    if rest is not None:
        words, off = _("Send a link for the rest, {amount}"), model.in_call.why_not_rest_by_link
        words = words.format(amount=rest.amount)
        link = Press("rest_link", words, _("Send link"), "F7", "link-simple", "secondary", off)
        return Actions((link,), _finish_words(model), _finish(model, "primary"))
    another = Press("another", _("Take another payment"), key="F4", icon="plus", off=why)
    left = (another,) if model.session.line_is_open else ()
    return Actions(left, _finish_words(model), _finish(model, "primary"))


def _finish(model: PaymentViewModel, kind: str) -> Press:
    busy = _("Finishing") if model.wrap_up.finish_call.is_running else None
    return Press(
        "finish",
        _("Finish"),
        _("Finish"),
        "Ctrl Enter",
        "check",
        kind,
        model.session.connection.why_not or model.wrap_up.why_not,
        busy,
    )


def _finish_words(model: PaymentViewModel) -> str:
    why = model.wrap_up.why_not
    return why or (_("You can end the call now") if model.session.line_is_open else _("The line is closed"))


def _checking(model: PaymentViewModel) -> Actions:
    if model.session.call is None:
        return Actions((_close(),), _("Taking a payment is off"))
    if not model.session.line_is_open:
        return Actions((), _finish_words(model), _finish(model, "secondary"))
    words = _("Finish the call, keep checking")
    leave = Press("leave", words, key=LEAVE_KEY, icon="phone-disconnect", kind="secondary", shows_key=False)
    return Actions((), _("Taking a payment is off"), leave)


def _declined(model: PaymentViewModel) -> Actions:
    return _ended(model, _again_words(model), "lock-key")


def _not_sent(model: PaymentViewModel) -> Actions:
    return _ended(model, _("Try again"), "arrow-clockwise")


def _ended(model: PaymentViewModel, words: str, icon: str) -> Actions:
    link = (_link(model, "secondary"),) if model.link.offered and not model.link.why_not else ()
    if model.link.must_confirm and link:
        return _confirm_by_link(model)
    if model.session.call is None:
        return Actions((_close(), *link))
    if not model.session.line_is_open:
        return Actions(link, _finish_words(model), _finish(model, "primary"))
    stop = Press("leave", _("Stop and wrap up"), key=LEAVE_KEY)
    if model.why_not_again:
        stop = Press("leave", _("Stop and wrap up"), key=LEAVE_KEY, kind="secondary")
        return Actions((), model.why_not_again, stop, elsewhere=(*link, _other_amount(model)))
    busy = _("Securing") if model.start_attempt.is_running else None
    again = Press("again", words, words, "F4", icon, "primary", "", busy)
    elsewhere = (*link, *offered(model), _other_amount(model))
    return Actions((stop,), _recorder(model), again, elsewhere=elsewhere)


def _other_amount(model: PaymentViewModel) -> Press:
    return Press("another", _("Take another amount"), key="F3", off=model.in_call.why_not_another)


def _confirm_by_link(model: PaymentViewModel) -> Actions:
    """Offer the link first: at the bank's page the card holder can do what the phone cannot."""
    busy = _("Sending") if model.link.send_command.is_running else None
    send = Press("send_now", _("Send a link"), _("Send link"), "F7", "link-simple", "primary", "", busy)
    words = _("Send it somewhere else")
    form = (Press("link", words, key=ELSEWHERE_KEY),) if model.link.known_to else ()
    if model.session.call is None:
        return Actions((_close(),), main=send, elsewhere=form)
    if not model.session.line_is_open:
        finish = _finish(model, "secondary")
        return Actions((finish,), _finish_words(model), send)
    card = Press("again", _("Try another card"), _("Try another card"), "F4", off=model.why_not_again)
    return Actions(
        (Press("leave", _("Stop and wrap up"), key=LEAVE_KEY),),
        _recorder(model),
        send,
        elsewhere=(*form, card, *offered(model), _other_amount(model)),
    )


def _again_words(model: PaymentViewModel) -> str:
    return _("Key the card again") if model.may_retry_card else _("Try another card")


def _recorder(model: PaymentViewModel) -> str:
    capture = model.capture
    if capture is None or capture.recorder_paused_at is None:
        return ""
    return (
        _("The recorder is on again") if capture.recorder_resumed_at else _("The recorder is starting again")
    )


def _close() -> Press:
    return Press("leave", _("Close"), key=LEAVE_KEY, icon="x")


_BY_PLACE: dict[Place, Callable[[PaymentViewModel], Actions]] = {
    Place.NOBODY: _nobody,
    Place.LOADING: _nobody,
    Place.NO_ACCOUNT: _form,
    Place.CHOOSE: _form,
    Place.STOPPED: _stopped,
    Place.SECURING: _securing,
    Place.CAPTURE: _capture,
    Place.CANCELLING: _cancelling,
    Place.SENDING: _sending,
    Place.OUT_OF_SIGHT: _out_of_sight,
    Place.APPROVED: _approved,
    Place.CHECKING: _checking,
    Place.LINK_FORM: _link_form,
    Place.SAVED_FORM: saved_form,
    Place.LINK: _link_open,
    Place.DECLINED: _declined,
    Place.NOT_SENT: _not_sent,
}
