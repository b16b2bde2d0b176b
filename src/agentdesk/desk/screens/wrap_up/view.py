"""Wrap-up: a reason and a note, alone in the payment region's place or under an outcome."""

from datetime import datetime
from functools import partial
from itertools import zip_longest

from PySide6.QtGui import QShowEvent

from agentdesk.desk import times
from agentdesk.desk.keys import Keys
from agentdesk.desk.region import Region
from agentdesk.desk.screens.payment.press import BACK_KEY
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.screens.promise.view_model import PromiseViewModel
from agentdesk.desk.screens.wrap_up.payments import CallPayments, counted
from agentdesk.desk.screens.wrap_up.view_model import WrapUpViewModel
from agentdesk.desk.show import Show
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Column, Row
from agentdesk.desk.widgets.button import Button, Chip
from agentdesk.desk.widgets.flow import Flow
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.inputs import FieldError, NoteEdit
from agentdesk.desk.widgets.notices import Banner
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.domain.errors import AgentDeskError
from agentdesk.i18n import _

_HELP = _(
    "Choose why they called, by its key or a click, add a note if the next person should know something, "
    "and press Ctrl Enter. "
    "The note goes to the customer record. Card numbers are refused here."
)
_HINT = _("Card-like numbers are refused here.")
#: The reasons' keys, by their places; with more reasons than keys the last ones have none.
_REASON_KEYS = tuple(f"Ctrl {number}" for number in range(1, 10))
_FILLED = _("Filled in for you. Card-like numbers are refused here.")


class AfterCall(Row):
    """How long the wrap-up takes; over its time it says so, and ends nothing."""

    def __init__(self, model: WrapUpViewModel) -> None:
        self._model = model
        self._icon, self._words = Icon("timer", "icon", "text_2"), Paragraph("", "caption")
        self._warned = False
        super().__init__(self._icon, (self._words, 1), gap=6, margins=(0, 0, 8, 0))
        model.session.clock.ticked.connect(self._tick)
        model.changed.connect(Show(self._show, self).ask)
        self._show()

    def _tick(self, _now: datetime) -> None:
        self._show()

    def _show(self) -> None:
        model, over = self._model, self._model.is_over_time
        if model.after_call_s is None or self.parentWidget():  # shown without a parent it opens a window
            self.setVisible(model.after_call_s is not None)
        if model.after_call_s is None:
            self._warned = False
            return
        self._words.setText(self._said(model.after_call_s))
        self._words.set_role("warning" if over else "text_2")
        self._icon.set_icon("warning-fill" if over else "timer", "warning" if over else "text_2")
        if over and not self._warned:
            announce(self, self._words.text())
        self._warned = over

    def _said(self, seconds: int) -> str:
        since = _("{time} since the call ended").format(time=f"{seconds // 60:02}:{seconds % 60:02}")
        allowed = times.span(self._model.allowed_s)
        if self._model.is_over_time:
            return _(
                "{since}, more than the {allowed} for it. Nothing ends by itself; finish to be available."
            ).format(since=since, allowed=allowed)
        return (
            _("{since}, of the {allowed} for it").format(since=since, allowed=allowed)
            if self._model.allowed_s
            else since
        )


class WrapUpForm(Column):
    """Chips for the reason, each with its key, and a note; used under an outcome too."""

    def __init__(self, model: WrapUpViewModel, keys: Keys, *, filled: bool = False) -> None:
        self._model = model
        self._head = SectionHead(_("Wrap up"), _("Reason is required"))
        self._chips = Flow(gap=6)
        self._shown: dict[str, str] = {}
        self._buttons: dict[str, Chip] = {}
        self.note = NoteEdit(
            _("Note"), placeholder=_("Note for the next person"), hint=_FILLED if filled else _HINT
        )
        self._error = FieldError()
        parts = (self._head, 4, AfterCall(model), self._chips, 8, self.note, 4, self._error)
        super().__init__(*parts)
        self._keys = [
            keys.add(self, _("Reason"), key, partial(self._choose, place), minor=True)
            for place, key in enumerate(_REASON_KEYS)
        ]
        self.note.changed.connect(self._keep_note)
        model.changed.connect(Show(self._show, self).ask)
        model.failed.connect(self._say)
        self._show()

    def _show(self) -> None:
        if list(self._model.dispositions.items()) != list(self._shown.items()):
            self._shown = dict(self._model.dispositions)
            keyed = zip_longest(self._shown.items(), _REASON_KEYS[: len(self._shown)], fillvalue="")
            self._buttons = {code: self._chip(code, words, key) for (code, words), key in keyed}
            self._chips.set_widgets(list(self._buttons.values()))
            for key, words in zip_longest(self._keys, list(self._shown.values())[: len(self._keys)]):
                key.set_on(words) if words else key.hide()
        for code, chip in self._buttons.items():
            chip.setChecked(code == self._model.disposition)
        self._head.set_right(self._missing())
        if self.note.text() != self._model.note:
            self.note.set_text(self._model.note)
        self._error.show_error(self._model.error.text if self._model.error else "")

    def _missing(self) -> str:
        model = self._model
        if model.disposition not in model.dispositions:
            return _("Reason is required")
        return _("Note is required") if model.needs_note and not model.note.strip() else ""

    def _chip(self, code: str, words: str, key: str) -> Chip:
        chip = Chip(words, tick=True, key=key)
        chip.clicked.connect(lambda: self._model.choose(code))
        return chip

    def _choose(self, place: int, _checked: bool = False) -> None:
        self._model.choose(list(self._model.dispositions)[place])

    def _keep_note(self) -> None:
        self._model.type_note(self.note.text())

    def _say(self, error: AgentDeskError) -> None:
        announce(self._error, error.text, assertive=True)


class WrapUpView(Region):
    """The end of a call: what became of each of its payments, the wrap-up, a link to who hung up."""

    def __init__(self, payment: PaymentViewModel, promise: PromiseViewModel, keys: Keys) -> None:
        super().__init__(_("Payment"), _HELP, ground="window", margin=20, actions=True)
        self._model, self._in_call = payment.wrap_up, payment.in_call
        model = self._model
        model.setParent(self)
        self._finish = Button(_("Finish"), "primary", icon="check", key="Ctrl Enter", large=True, fires=False)
        self._finish.clicked.connect(model.finish)
        self._back = Button(_("Back to the payment"), "ghost", icon="arrow-left", key=BACK_KEY, fires=False)
        self._back.clicked.connect(lambda: model.session.wrap_up(False))
        self._promise = Button(_("Promise to pay"), "ghost", icon="calendar-check")
        self._promise.clicked.connect(promise.open)
        self._offer = Banner(
            "info",
            "link-simple",
            _("A link can still be sent"),
            _("What was chosen has not been paid. F7 asks where the link goes."),
            _("Send a link"),
        )
        self._offer.pressed.connect(self._in_call.link_after)
        self._offered = Column(16, self._offer)
        self._key = keys.add(self, _("Finish"), "Ctrl Enter", model.finish)
        self._back_key = keys.add(self, _("Back to the payment"), BACK_KEY, self._back.click, minor=True)
        self._link_key = keys.add(self, _("Send link"), "F7", self._in_call.link_after)
        self.form = WrapUpForm(model, keys)
        self.payments = CallPayments(model.session)
        self.set_body(self.payments, self.form, self._offered, margins=(16, 20))
        self._due = Show(self._show, self, only_seen=True)
        model.changed.connect(self._due.ask)
        payment.changed.connect(self._due.ask)
        model.finish_call.running.connect(lambda on: self._finish.set_busy(_("Finishing") if on else None))
        self._reason: str | None = None
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Show what came while another part stood here."""
        super().showEvent(event)
        self._due.run()

    def _show(self) -> None:
        call = self._model.session.call
        self.payments.refresh()
        self.set_note(counted(self._model.session) if call else _("No call"))
        reason, open_line = self._model.why_not, self._model.session.line_is_open
        words = reason or (_("The caller is still on the line") if open_line else _("The line is closed"))
        if self._reason is None:
            self.action_bar.set_actions([self._back, self._promise], words, self._finish)
        self.action_bar.set_reason(words)
        self._reason = words
        self._back.setVisible(open_line)
        self._back_key.set_on() if open_line else self._back_key.hide()
        self._offered.setVisible(self._in_call.may_link_after)
        self._link_key.set_on() if self._in_call.may_link_after else self._link_key.hide()
        self._finish.set_on_unless(reason)
        self._key.set_on_unless(reason)
