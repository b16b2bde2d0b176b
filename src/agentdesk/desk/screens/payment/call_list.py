"""The payments of this call in a line, and going from one to the other."""

from functools import partial

from agentdesk.desk.counting import payment_kind
from agentdesk.desk.keys import Keys
from agentdesk.desk.region import Region
from agentdesk.desk.screens.payment.in_call import InCall
from agentdesk.desk.widgets.badge import KINDS
from agentdesk.desk.widgets.box import Look, Row
from agentdesk.desk.widgets.button import Chip
from agentdesk.desk.widgets.flow import Flow
from agentdesk.desk.widgets.text import Text
from agentdesk.domain.payment import AttemptState
from agentdesk.i18n import _, pgettext
from agentdesk.wire.payments import PaymentIntent

_WORDS = {
    AttemptState.OPEN: pgettext("a payment", "open"),
    AttemptState.SENDING: _("being sent"),
    AttemptState.APPROVED: _("approved"),
    AttemptState.DECLINED: _("declined"),
    AttemptState.PENDING: _("pending"),
    AttemptState.UNKNOWN: pgettext("a payment", "unknown"),
    AttemptState.NOT_SENT: _("not sent"),
}


class CallList(Row):
    """A chip for each payment; the one that shows is in. Hidden while there is only one."""

    def __init__(self, in_call: InCall, view: Region, keys: Keys) -> None:
        self._in_call = in_call
        self._flow = Flow(gap=8)
        self.chips: list[Chip] = []
        self._shown: object = None
        super().__init__(
            Text(_("This call"), "caption", "text_3"),
            (self._flow, 1),
            gap=12,
            margins=(8, 20),
            look=Look("surface", sides="t"),
        )
        self.setAccessibleName(_("Payments of this call"))
        self._keys = [
            keys.add(view, words, key, partial(self._step, by), minor=True)
            for words, key, by in (
                (_("Next payment"), "Ctrl PgDown", 1),
                (_("Payment before"), "Ctrl PgUp", -1),
            )
        ]
        self.hide()

    def refresh(self) -> None:
        """Show the payments as they are now."""
        listed, model = self._in_call.listed, self._in_call
        form = bool(listed) and model.has_form
        shown = model.shown_id
        lines = [(one.intent_id, _words(i, one), _icon(one)) for i, one in enumerate(listed, 1)]
        lines += [("", _("Second card") if model.is_rest else _("New payment"), "plus")] if form else []
        why = model.why_not_switch
        if (lines, shown, why) != self._shown:
            focused = next((i for i, chip in enumerate(self.chips) if chip.hasFocus()), len(lines))
            self._shown, self.chips = (lines, shown, why), [self._chip(*one, shown, why) for one in lines]
            self._flow.set_widgets(self.chips)
            for chip in self.chips[focused : focused + 1]:
                chip.setFocus()
        self.setVisible(bool(lines))
        for key in self._keys:
            if not lines:
                key.hide()
            else:
                key.set_on_unless(why)

    def _chip(self, intent_id: str, words: str, icon: str, shown: str, why: str) -> Chip:
        chip = Chip(words, icon=icon, checked=intent_id == shown)
        chip.setEnabled(not why or intent_id == shown)
        chip.setToolTip(why)
        chip.setAccessibleDescription(why)
        chip.clicked.connect(partial(self._press, intent_id))
        return chip

    def _press(self, intent_id: str, _checked: bool = False) -> None:
        self._shown = None  # a chip that was in stays in
        self._in_call.show(intent_id)
        self.refresh()

    def _step(self, by: int, _checked: bool = False) -> None:
        self._in_call.step(by)


def _words(number: int, payment: PaymentIntent) -> str:
    stopped = pgettext("a payment", "stopped")
    state = stopped if _is_stopped(payment) else _WORDS[payment.state or AttemptState.OPEN]
    return f"{number}. {payment.amount} {state}"


def _icon(payment: PaymentIntent) -> str:
    return KINDS["held" if _is_stopped(payment) else payment_kind(payment)].icon


def _is_stopped(payment: PaymentIntent) -> bool:
    return payment.stop is not None and not payment.attempts
