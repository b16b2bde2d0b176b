"""The banner over every page: who rings or waits on the line, and the one key that goes there."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from agentdesk.desk.calling import caller
from agentdesk.desk.keys import Keys
from agentdesk.desk.screens.incoming.view_model import IncomingViewModel, Notice, Want
from agentdesk.desk.show import Show
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Column, Look, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.drawer import scrims
from agentdesk.desk.widgets.focus import is_typing
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.domain.call import CallState
from agentdesk.domain.people import Role
from agentdesk.i18n import _
from agentdesk.wire.calls import Call

#: Works from a field, too: nobody types it.
INCOMING_KEY = "Alt Enter"
_ICONS = {
    Want.RINGING: "phone-call",
    Want.ON_THE_LINE: "phone-call-fill",
    Want.TO_WRAP_UP: "pencil-simple",
    Want.FAILED: "warning-circle",
}
_ROLES = {Want.ON_THE_LINE: "warning", Want.FAILED: "danger", Want.TO_WRAP_UP: "neutral"}
_LOUD = (Want.RINGING, Want.ON_THE_LINE, Want.FAILED)


class IncomingBanner(Column):
    """Shows where the waiting screen, which has the call that rings in large, does not.

    Signal `connected()`: another call of mine shows now, and its page has to.
    """

    connected = Signal()

    def __init__(
        self, model: IncomingViewModel, over: QWidget, keys: Keys, is_waiting: Callable[[], bool]
    ) -> None:
        self._model, self._is_waiting = model, is_waiting
        self._title, self._text = Paragraph("", "strong", "text"), Paragraph("", "body", "text")
        self._press = Button("", "primary", key=INCOMING_KEY, fires=False)
        self._press.clicked.connect(model.press)
        self._key = keys.add(over, _("Answer"), INCOMING_KEY, model.press, minor=True)
        self._icon = Icon("phone-call", "icon_large", "accent_text")
        self._bar = Row(
            self._icon, (Column(self._title, self._text), 1), self._press, margins=(8, 16), gap=12
        )
        self._told: object = None
        self._rings = ""
        self._before: QWidget | None = None
        self._shown_call = model.session.call.call_id if model.session.call else ""
        super().__init__(self._bar)
        model.setParent(self)
        self.refresh = Show(self._show, self).ask
        model.changed.connect(self.refresh)
        model.session.call_changed.connect(self._follow)
        self._show_key(None)
        self.hide()

    def _show(self) -> None:
        notice = self._model.notice
        rings = notice.call_id if notice is not None and notice.want is Want.RINGING else ""
        if rings and rings != self._rings:
            self._call_for_the_agent()
        self._rings = rings
        self._show_key(notice)
        if notice is None or (rings and self._is_waiting()):
            self._leave()
            return
        self._dress(notice)
        self.show()
        told = (notice.want, notice.call_id)
        if told != self._told:
            self._told = told
            announce(self, f"{notice.title}. {notice.text}", assertive=notice.want in _LOUD)
            self._offer(notice)

    def _show_key(self, notice: Notice | None) -> None:
        if notice is None:
            self._key.hide()
        else:
            self._key.set_on_unless(notice.off, notice.press)

    def _dress(self, notice: Notice) -> None:
        role = _ROLES.get(notice.want, "accent")
        look = f"{role}_tint"
        self._bar.set_look(Look(look, sides="b"))
        self._icon.set_icon(_ICONS[notice.want], "accent_text" if role == "accent" else role)
        self._title.setText(notice.title)
        self._text.setText(notice.text)
        self.setAccessibleName(notice.title)
        self.setAccessibleDescription(notice.text)
        self._press.setText(notice.press)
        self._press.set_kind("secondary" if notice.want is Want.TO_WRAP_UP else "primary")
        self._press.set_busy(_("Answering") if self._model.answer.is_running else None)
        self._press.set_on_unless(notice.off)

    def _call_for_the_agent(self) -> None:
        """Let the window blink in the task bar, and be heard, while it is behind others."""
        if self._is_agent and not self.window().isActiveWindow():
            QApplication.alert(self.window())
            QApplication.beep()

    @property
    def _is_agent(self) -> bool:
        person = self._model.session.person
        return person is not None and person.role is Role.AGENT

    def _offer(self, notice: Notice) -> None:
        """Let Enter answer where the agent types nothing, decides nothing, and has no call."""
        now = QApplication.focusWidget()
        busy = bool(scrims(self.window())) or is_typing() or self._model.session.call is not None
        if notice.want is Want.RINGING and self._is_agent and not busy:
            self._before = now
            self._press.setFocus(Qt.FocusReason.OtherFocusReason)

    def _leave(self) -> None:
        self._told = None
        if self._press.hasFocus() and self._before is not None and isValid(self._before):
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._before = None
        self.hide()

    def _follow(self, call: Call | None) -> None:
        """Bring a call that shows for the first time to the front, and the window over the others."""
        before, self._shown_call = self._shown_call, call.call_id if call else ""
        if call is None or call.call_id == before:
            return
        self.connected.emit()
        if call.state is CallState.WRAP_UP:
            return
        announce(self, _("Call connected: {call}").format(call=caller(call)), assertive=True)
        if not self.window().isActiveWindow():
            self.window().setWindowState(self.window().windowState() & ~Qt.WindowState.WindowMinimized)
            self.window().raise_()
            QApplication.alert(self.window())
