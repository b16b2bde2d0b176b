"""The supervisor's side: who calls, to which call, since when; coming, and that it is done."""

from PySide6.QtCore import QObject, Signal

from agentdesk.desk import times
from agentdesk.desk.command import Command
from agentdesk.desk.screens.payments.work_view_model import WorkViewModel
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Column, Look, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.i18n import _
from agentdesk.wire.calls import Call
from agentdesk.wire.work import WorkItem

#: More would push the page away; they are in the list of what needs a person.
_MOST = 3


class ComingModel(QObject):
    """Follows who calls for a supervisor. Signal `changed`."""

    changed = Signal()

    def __init__(self, work: WorkViewModel) -> None:
        super().__init__()
        self.session, self._work = work.session, work
        self.note = ""
        """Why a press had no effect: a colleague was faster, it is over, or what went wrong."""
        self.come_command = Command(self.session.tasks, self.session.client.come, self)
        self.end_command = Command(self.session.tasks, self.session.client.end_help, self)
        self.come_command.done.connect(self._came)
        self.end_command.done.connect(lambda _call: work.refresh())
        for command in (self.come_command, self.end_command):
            command.failed.connect(lambda error: self._say(error.text))
        work.changed.connect(self.changed)

    @property
    def called(self) -> list[WorkItem]:
        """Whom nobody goes to yet, and whom I go to; oldest first."""
        return [one for one in self._work.called if _coming_id(one) is None or self.is_mine(one)]

    def is_mine(self, item: WorkItem) -> bool:
        """Say whether I am the one who comes."""
        return self.session.person is not None and _coming_id(item) == self.session.person.user_id

    def press(self, item: WorkItem) -> None:
        """Come, or say that it is done."""
        self.note = ""
        (self.end_command if self.is_mine(item) else self.come_command).start(item.call_id)

    def forget(self) -> None:
        """Take the note away."""
        self.note = ""
        self.changed.emit()

    # --- inside

    def _came(self, call: Call) -> None:
        person, help = self.session.person, call.help
        if help is None or help.coming is None:
            self._say(_("No supervisor is needed there any more."))
        elif person is None or help.coming_id != person.user_id:
            self._say(_("{name} is already coming.").format(name=help.coming))
        else:
            self._work.refresh()

    def _say(self, note: str) -> None:
        self.note = note
        self._work.refresh()
        self.changed.emit()


class ComingBar(Column):
    """Stands over every page while agents call for a supervisor."""

    def __init__(self, model: ComingModel) -> None:
        self._model = model
        self._buttons: dict[str, Button] = {}
        self._shown: object = None
        self._known: set[str] = set()
        self._chosen: str | None = None
        super().__init__(look=Look("warning_tint", sides="b"))
        model.setParent(self)
        self.setAccessibleName(_("Agents who call for a supervisor"))
        model.changed.connect(self._show)
        self.hide()

    def focus_on(self, item: WorkItem) -> None:
        """Put the keyboard on the press for this one, where it is still open; it stays beside the oldest."""
        self._chosen = item.key
        self._show()
        if (button := self._buttons.get(item.key)) is not None:
            button.setFocus()

    def _show(self) -> None:
        called, note = self._in_sight(), self._model.note
        shown = ([(one.key, one.help) for one in called], note)
        if shown == self._shown:
            return
        self._shown = shown
        self._buttons = {one.key: self._button(one) for one in called}
        self.set_items([*(self._row(one) for one in called), self._note(note) if note else None])
        self.setVisible(bool(called or note))
        if note:
            announce(self, note, assertive=True)
        for one in called:
            if one.key not in self._known:
                announce(self, f"{_title(one)}. {_about(one)}", assertive=True)
        self._known = {one.key for one in called}

    def _in_sight(self) -> list[WorkItem]:
        called = self._model.called
        return called[:_MOST] + [one for one in called[_MOST:] if one.key == self._chosen]

    def _note(self, note: str) -> Row:
        close = Button(_("Close"))
        close.clicked.connect(self._model.forget)
        return Row((Paragraph(note, role="text"), 1), close, margins=(8, 16), gap=12)

    def _row(self, item: WorkItem) -> Row:
        words = Column(Paragraph(_title(item), "strong", "text"), Paragraph(_about(item), role="text"), gap=2)
        icon = Icon("hand-palm", "icon_large", "warning")
        return Row(icon, (words, 1), self._buttons[item.key], margins=(8, 16), gap=12)

    def _button(self, item: WorkItem) -> Button:
        words = _("It is done") if self._model.is_mine(item) else _("I am coming")
        button = Button(words)
        button.setAccessibleName(f"{words}: {item.agent_name}")
        button.clicked.connect(lambda: self._model.press(item))
        return button


def _title(item: WorkItem) -> str:
    return _("{agent} calls for a supervisor").format(agent=item.agent_name)


def _about(item: WorkItem) -> str:
    since = _("since {minute}").format(minute=times.minute(item.since))
    who = f"{item.customer_name}, {since}" if item.customer_name else since
    return f"{who}. {item.help.reason}" if item.help and item.help.reason else who


def _coming_id(item: WorkItem) -> str | None:
    return item.help.coming_id if item.help else None
