"""Signing in again in place: the session goes on, and nothing of what is worked on is lost."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.command import Command
from agentdesk.desk.session import Session
from agentdesk.desk.widgets.box import Column, Item
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.drawer import Drawer, DrawerWhile
from agentdesk.desk.widgets.inputs import LineEdit
from agentdesk.desk.widgets.notices import ErrorNote, Toast
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.domain.errors import AgentDeskError
from agentdesk.i18n import _

RENEW_KEY = "Ctrl Shift L"


class RenewModel(QObject):
    """Signs the same person in again while they work on; the password is never kept."""

    changed = Signal()
    renewed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.is_open = False
        self.error: AgentDeskError | None = None
        self.send = Command(session.tasks, session.renew, self)
        self.send.done.connect(lambda _: self._done())
        self.send.failed.connect(self._miss)

    def ask(self) -> None:
        """Ask for the password."""
        self.is_open, self.error = True, None
        self.changed.emit()

    def close(self) -> None:
        """Ask no more."""
        self.is_open, self.error = False, None
        self.changed.emit()

    def submit(self, password: str) -> None:
        """Sign in again."""
        if password:
            self.error = None
            self.send.start(password)

    def _done(self) -> None:
        self.close()
        self.renewed.emit()

    def _miss(self, error: AgentDeskError) -> None:
        self.error = error
        self.changed.emit()


class RenewDrawer(Drawer):
    """Asks for the password over what is worked on. Esc closes it."""

    def __init__(self, model: RenewModel) -> None:
        self._model = model
        person = model.session.person
        self.password = LineEdit(_("Password"), secret=True)
        self._error = ErrorNote()
        self._go = Button(_("Sign in again"), "primary", key="Ctrl Enter", large=True, fires=False)
        self.main = self._go
        leave = Button(_("Later"), "ghost")
        who = _("You go on as {name}. What you are working on stays as it is.")
        inside = Column(
            Paragraph(who.format(name=person.name if person else ""), role="text"),
            16,
            self.password,
            self._error,
            ...,
            margins=(8, 20, 20, 20),
        )
        foot: list[Item] = [leave, ..., self._go]
        super().__init__(_("Sign in again"), inside, foot, large_foot=True)
        self.first = self.password.edit
        leave.clicked.connect(self.closed)
        self._go.clicked.connect(self._send)
        self.password.accepted.connect(self._send)
        model.changed.connect(self._show)
        model.send.running.connect(self._show_busy)

    def _show(self) -> None:
        self._error.set_error(self._model.error)

    def _show_busy(self, running: bool) -> None:
        self._go.set_busy(_("Signing in") if running else None)

    def _send(self) -> None:
        self._model.submit(self.password.text())


class RenewPlace:
    """Opens the drawer over a window while the view model asks."""

    def __init__(self, model: RenewModel, over: QWidget) -> None:
        self._model, self._over = model, over
        self._form = DrawerWhile(over, lambda: RenewDrawer(model), model.close)
        model.setParent(over)
        model.changed.connect(lambda: self._form.show(model.is_open))
        model.renewed.connect(self._say)

    def _say(self) -> None:
        ends = self._model.session.ends_at
        words = _("Until {minute}.").format(minute=times.minute(ends)) if ends else ""
        Toast(_("Signed in again"), words).show_over(self._over.window())
