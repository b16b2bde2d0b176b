"""Wrap-up: a reason and a note, alone in the payment region's place or under an outcome."""

from agentdesk.desk.keys import Keys
from agentdesk.desk.region import Region
from agentdesk.desk.screens.wrap_up.view_model import WrapUpViewModel
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Column
from agentdesk.desk.widgets.button import Button, Chip
from agentdesk.desk.widgets.flow import Flow
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.inputs import FieldError, NoteEdit
from agentdesk.domain.errors import AgentDeskError

_HELP = (
    "Choose why they called, add a note if the next person should know something, and press Ctrl Enter. "
    "The note goes to the customer record. Card numbers are refused here."
)
_HINT = "Card-like numbers are refused here."
_FILLED = "Filled in for you. Card-like numbers are refused here."


class WrapUpForm(Column):
    """Chips for the reason and a note; used under an outcome too."""

    def __init__(self, model: WrapUpViewModel, *, filled: bool = False) -> None:
        self._model = model
        self._head = SectionHead("Wrap up", "Reason is required")
        self._chips = Flow(gap=6)
        self._shown: dict[str, str] = {}
        self._buttons: dict[str, Chip] = {}
        self.note = NoteEdit(
            "Note", placeholder="Note for the next person", hint=_FILLED if filled else _HINT
        )
        self._error = FieldError()
        super().__init__(self._head, 4, self._chips, 8, self.note, 4, self._error)
        self.note.changed.connect(self._keep_note)
        model.changed.connect(self._show)
        model.failed.connect(self._say)
        self._show()

    def _show(self) -> None:
        if list(self._model.dispositions.items()) != list(self._shown.items()):
            self._shown = dict(self._model.dispositions)
            self._buttons = {code: self._chip(code, words) for code, words in self._shown.items()}
            self._chips.set_widgets(list(self._buttons.values()))
        for code, chip in self._buttons.items():
            chip.setChecked(code == self._model.disposition)
        chosen = self._model.disposition in self._model.dispositions
        self._head.set_right("" if chosen else "Reason is required")
        if self.note.text() != self._model.note:
            self.note.set_text(self._model.note)
        self._error.show_error(self._model.error.text if self._model.error else "")

    def _chip(self, code: str, words: str) -> Chip:
        chip = Chip(words, tick=True)
        chip.clicked.connect(lambda: self._model.choose(code))
        return chip

    def _keep_note(self) -> None:
        self._model.note = self.note.text()

    def _say(self, error: AgentDeskError) -> None:
        announce(self._error, error.text, assertive=True)


class WrapUpView(Region):
    """The end of a call without a payment."""

    def __init__(self, model: WrapUpViewModel, keys: Keys) -> None:
        super().__init__("Payment", _HELP, ground="window", margin=20, actions=True)
        self._model = model
        model.setParent(self)
        self._finish = Button("Finish", "primary", icon="check", key="Ctrl Enter", large=True, fires=False)
        self._finish.clicked.connect(model.finish)
        self._back = Button("Back to the payment", "ghost", icon="arrow-left")
        self._back.clicked.connect(lambda: model.session.wrap_up(False))
        self._key = keys.add(self, "Finish", "Ctrl Enter", model.finish)
        self.form = WrapUpForm(model)
        self.set_body(self.form, margins=(16, 20))
        model.changed.connect(self._show)
        model.finish_call.running.connect(lambda on: self._finish.set_busy("Finishing" if on else None))
        self._reason: str | None = None
        self._show()

    def _show(self) -> None:
        call = self._model.session.call
        self.set_note("No payment on this call" if call else "No call")
        reason, open_line = self._model.why_not, self._model.line_is_open
        words = reason or ("The caller is still on the line" if open_line else "The line is closed")
        if self._reason is None:
            self.action_bar.set_actions([self._back], words, self._finish)
        self.action_bar.set_reason(words)
        self._reason = words
        self._back.setVisible(open_line)
        if reason:
            self._finish.set_off(reason)
            self._key.set_off(reason)
        else:
            self._finish.set_on()
            self._key.set_on()
