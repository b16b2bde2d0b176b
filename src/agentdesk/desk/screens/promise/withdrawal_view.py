"""The form over the window that takes back a promise: what it was, why it was never meant."""

from PySide6.QtWidgets import QWidget

from agentdesk.desk.region import scrolling
from agentdesk.desk.screens.promise.view_model import line
from agentdesk.desk.screens.promise.withdrawal import LONGEST, WithdrawalViewModel
from agentdesk.desk.widgets.box import Column
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.drawer import Drawer, DrawerWhile
from agentdesk.desk.widgets.inputs import LineEdit
from agentdesk.desk.widgets.notices import ErrorNote, Strip, Toast
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _


class WithdrawalDrawer(Drawer):
    """Floats over the window. Esc closes it and the promise stands."""

    def __init__(self, model: WithdrawalViewModel) -> None:
        self._model = model
        self.reason = LineEdit(
            _("Why it was never meant"), placeholder=_("Written down for the wrong customer")
        )
        self.reason.edit.setMaxLength(LONGEST)
        self._error = ErrorNote()
        leave = Button(_("Leave"), "ghost")
        self._why = Text("", role="text_2")
        self._go = Button(_("Withdraw it"), "primary", key="Ctrl Enter", large=True, fires=False)
        self.main = self._go
        foot = [leave, ..., self._why, self._go]
        super().__init__(_("Withdraw a promise"), self._body(), foot, large_foot=True)
        self.first = self.reason.edit
        leave.clicked.connect(self.closed)
        self._go.clicked.connect(self._send)
        self.reason.accepted.connect(self._send)
        self.reason.changed.connect(lambda _text: self._show())
        model.changed.connect(self._show)
        model.send.running.connect(self._show_busy)
        self._show()

    def _body(self) -> QWidget:
        model = self._model
        assert model.promise is not None, "the form opens only for a promise"
        meant = _("Only for a promise nobody made. A caller who promises something else makes a new one.")
        what = _("The reason goes to the customer record. The promise it replaced, if any, stands again.")
        return scrolling(
            Column(
                Strip("calendar-check", line(model.promise, model.session.clock.today())),
                16,
                Paragraph(meant),
                16,
                self.reason,
                16,
                Paragraph(what),
                self._error,
                ...,
                margins=(8, 20, 20, 20),
            )
        )

    def _show_busy(self, running: bool) -> None:
        self._go.set_busy(_("Withdrawing") if running else None)

    def _show(self) -> None:
        problem = self._model.problem(self.reason.text())
        self._why.setText("" if self._model.send.is_running else problem)
        self._go.set_on_unless(problem)
        self._error.set_error(self._model.error)

    def _send(self) -> None:
        self._model.withdraw(self.reason.text())


class WithdrawalPlace:
    """Opens the form over a window while the view model says so, and says when a promise was withdrawn."""

    def __init__(self, model: WithdrawalViewModel, over: QWidget) -> None:
        self._model, self._over = model, over
        self._form = DrawerWhile(over, lambda: WithdrawalDrawer(model), model.close)
        model.setParent(over)
        model.changed.connect(lambda: self._form.show(model.promise is not None))
        model.withdrawn.connect(self._say)

    def ask(self) -> None:
        """Open the form, or say why nothing can be withdrawn."""
        if why := self._model.why_not:
            toast = Toast(_("Nothing to withdraw"), f"{why}.", "calendar-check", "neutral")
            toast.show_over(self._over.window())
        self._model.open()

    def leave(self) -> None:
        """Close the form, if it is open; the promise stands."""
        if self._model.promise is not None:
            self._model.close()

    def _say(self) -> None:
        words = _("The customer record will say why.")
        Toast(_("Promise withdrawn"), words, "calendar-check").show_over(self._over.window())
