"""The form over the window that takes a call the phone system does not tell of."""

from PySide6.QtWidgets import QWidget

from agentdesk.desk.keys import Keys
from agentdesk.desk.region import scrolling
from agentdesk.desk.screens.by_hand.view_model import LONGEST, ByHandViewModel
from agentdesk.desk.widgets.box import Card, Column
from agentdesk.desk.widgets.button import Button, Chip
from agentdesk.desk.widgets.choices import CheckRow
from agentdesk.desk.widgets.drawer import Drawer, DrawerWhile
from agentdesk.desk.widgets.flow import Flow
from agentdesk.desk.widgets.inputs import LineEdit
from agentdesk.desk.widgets.notices import ErrorNote, Strip
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _

TAKE_BY_HAND = _("Take a call by hand")
_KEY = "Ctrl N"
_MEANT = _(
    "For a caller who is on your phone and does not show here. The customer comes up as with any other call."
)
_NO_CARD = _("No card can be keyed: the desk cannot make that line safe. A link or a promise can be taken.")


class ByHandDrawer(Drawer):
    """Floats over the window. Esc closes it, and no call was told."""

    def __init__(self, model: ByHandViewModel) -> None:
        self._model = model
        self.number = LineEdit(_("Their number"), placeholder="+44 20 7946 0958")
        self.number.edit.setMaxLength(LONGEST)
        self._withheld = CheckRow(_("The number is withheld"), last=True)
        self._queues = {queue: Chip(queue, tick=True) for queue in model.queues}
        self._error = ErrorNote()
        leave = Button(_("Leave"), "ghost")
        self._why = Text("", role="text_2")
        self._go = Button(
            _("Take the call"), "primary", icon="phone-call", key="Ctrl Enter", large=True, fires=False
        )
        self.main = self._go
        super().__init__(TAKE_BY_HAND, self._body(), [leave, ..., self._why, self._go], large_foot=True)
        self.first = self.number.edit
        leave.clicked.connect(self.closed)
        self._go.clicked.connect(self._send)
        self.number.accepted.connect(self._send)
        self.number.changed.connect(lambda _text: self._show())
        self._withheld.toggled.connect(lambda _on: self._show())
        for queue, chip in self._queues.items():
            chip.clicked.connect(lambda _on=False, queue=queue: self._choose(queue))
        model.changed.connect(self._show)
        model.send.running.connect(self._show_busy)
        self._show()

    def _body(self) -> QWidget:
        queue = [Text(_("Queue"), "label", "text_2"), 4, Flow(*self._queues.values(), gap=6), 16]
        parts = [
            Paragraph(_MEANT),
            16,
            self.number,
            8,
            Card(self._withheld),
            16,
            *(queue if self._queues else []),
        ]
        return scrolling(
            Column(*parts, Strip("lock-fill", _NO_CARD), self._error, ..., margins=(8, 20, 20, 20))
        )

    def _choose(self, queue: str) -> None:
        for name, chip in self._queues.items():
            chip.setChecked(name == queue and chip.isChecked())

    def _show_busy(self, running: bool) -> None:
        self._go.set_busy(_("Taking it") if running else None)

    def _show(self) -> None:
        withheld = self._withheld.isChecked()
        self.number.edit.setEnabled(not withheld)
        problem = self._model.problem(self.number.text(), withheld)
        self._why.setText("" if self._model.send.is_running else problem)
        self._go.set_on_unless(problem)
        self._error.set_error(self._model.error)

    def _send(self) -> None:
        queue = next((name for name, chip in self._queues.items() if chip.isChecked()), "")
        self._model.take(self.number.text(), self._withheld.isChecked(), queue)


class ByHandPlace:
    """Opens the form over a window while the view model says so; its key says why it cannot."""

    def __init__(self, model: ByHandViewModel, over: QWidget, keys: Keys) -> None:
        self._model = model
        self._form = DrawerWhile(over, lambda: ByHandDrawer(model), model.close)
        self._key = keys.add(over, TAKE_BY_HAND, _KEY, model.open, minor=True)
        model.setParent(over)
        model.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        self._show_key()
        self._form.show(self._model.is_open)

    def _show_key(self) -> None:
        if not self._model.may:
            self._key.hide()
        else:
            self._key.set_on_unless(self._model.why_not)
