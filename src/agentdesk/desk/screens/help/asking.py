"""The agent's side: one key calls a supervisor to the call; a bar says who comes, and takes why."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.command import Command
from agentdesk.desk.keys import Keys
from agentdesk.desk.session import Session
from agentdesk.desk.show import Show
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Column, Look, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.inputs import LineEdit
from agentdesk.desk.widgets.notices import parted
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.domain.errors import AgentDeskError
from agentdesk.i18n import _
from agentdesk.wire.calls import Help, NewHelp

_KEY = "Ctrl Shift H"
_LONGEST = 200


class AskingModel(QObject):
    """Signal `changed`: whether a supervisor is called to my call, who comes, or what is wrong with it."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.error: AgentDeskError | None = None
        self.send = Command(session.tasks, session.client.call_supervisor, self)
        self.leave = Command(session.tasks, session.client.end_help, self)
        for command in (self.send, self.leave):
            command.done.connect(session.take_call)
            command.failed.connect(self._miss)
        session.call_changed.connect(self._forget_error)
        session.connection_changed.connect(self.changed)

    @property
    def help(self) -> Help | None:
        """The call for a supervisor; None where none is open."""
        return self.session.call.help if self.session.call else None

    @property
    def why_not(self) -> str:
        """Why no supervisor can be called now; empty where one can."""
        if lost := self.session.connection.why_not:
            return lost
        asked = self.help
        return _("Called at {minute}").format(minute=times.minute(asked.asked_at)) if asked else ""

    def ask(self) -> None:
        """Call a supervisor, once."""
        if self.session.call is not None and not self.why_not:
            self._send("")

    def explain(self, reason: str) -> None:
        """Say why one was called."""
        if self.help is not None and reason.strip():
            self._send(reason.strip())

    def end(self) -> None:
        """Say that none is needed any more."""
        if self.session.call is not None and self.help is not None:
            self.leave.start(self.session.call.call_id)

    # --- inside

    def _send(self, reason: str) -> None:
        if self.session.call is not None:
            self.error = None
            self.send.start(self.session.call.call_id, NewHelp(reason=reason))

    def _miss(self, error: AgentDeskError) -> None:
        self.error = error
        self.changed.emit()

    def _forget_error(self) -> None:
        self.error = None
        self.changed.emit()


class AskingBar(Column):
    """Stands over the middle while a supervisor is called, and where one could not be."""

    def __init__(self, model: AskingModel, keys: Keys, owner: QWidget) -> None:
        self._model = model
        self._icon, self._title = Icon("hand-palm", "icon_large", "info"), Paragraph("", "strong", "text")
        self._words = Paragraph("", "body", "text")
        self._reason = LineEdit(
            placeholder=_("What it is about, if you like"), name=_("Why you call a supervisor")
        )
        self._reason.edit.setMaxLength(_LONGEST)
        self._end = Button(_("No longer needed"))
        words = Column(self._title, self._words, gap=2)
        row = Row(self._icon, (words, 1), self._end, gap=12)
        super().__init__(row, self._reason, margins=(8, 20), gap=8, look=Look("info_tint", sides="b"))
        model.setParent(self)
        self.setAccessibleName(_("Calling a supervisor"))
        self._key = keys.add(owner, _("Call a supervisor"), _KEY, model.ask)
        self._said: object = None
        self._reason.accepted.connect(lambda: model.explain(self._reason.text()))
        self._end.clicked.connect(model.end)
        model.send.running.connect(lambda _on: self._show())
        model.changed.connect(Show(self._show, self).ask)
        self.hide()
        self._show_key()

    def _show(self) -> None:
        asked, error = self._model.help, self._model.error
        self._show_key()
        self.setVisible(asked is not None or error is not None)
        self._end.setVisible(asked is not None)
        wants_reason = asked is not None and not asked.reason and asked.coming is None
        if not wants_reason and self._reason.text():
            self._reason.set_text("")
        self._reason.setVisible(wants_reason)
        title, words = self._told(asked, error)
        self._title.setText(title)
        self._words.setText(words)
        if (title, words) != self._said and self.isVisibleTo(self.parentWidget()):
            announce(self, f"{title}. {words}", assertive=bool(error or (asked and asked.coming)))
        self._said = (title, words)

    def _told(self, asked: Help | None, error: AgentDeskError | None) -> tuple[str, str]:
        if error is not None:
            return parted(error)
        if asked is None:
            return "", ""
        if asked.coming is not None and asked.coming_at is not None:
            title = _("{name} is coming").format(name=asked.coming)
            return title, _("Since {minute}").format(minute=times.minute(asked.coming_at))
        since = _("Called at {minute}. Nobody is coming yet.").format(minute=times.minute(asked.asked_at))
        return _("You called a supervisor"), f"{since} {asked.reason}".strip()

    def _show_key(self) -> None:
        model = self._model
        if model.session.call is None:
            self._key.hide()
        else:
            self._key.set_on_unless(model.why_not)
