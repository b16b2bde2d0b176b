"""The call and script region: time, what is heard, what to say, what the keys do."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QResizeEvent

from agentdesk.desk.keys import Keys
from agentdesk.desk.region import Region
from agentdesk.desk.screens.call.check_view import CheckPart
from agentdesk.desk.screens.call.steps import Step
from agentdesk.desk.screens.call.view_model import CallViewModel
from agentdesk.desk.show import Show
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Column, Divider, Look, Row, Rows
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.frame import KeyLine, KeysNow
from agentdesk.desk.widgets.lamp import LampRow
from agentdesk.desk.widgets.notices import EmptyState
from agentdesk.desk.widgets.script import IfThisHappens, ScriptQuote
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _

_HELP = _(
    "Here is the call: how long it runs, whether it is recorded, whether the caller’s tones are heard. "
    "Read the words in the box aloud; they change with each step. Under them stands what to do if."
)
_UNRECORDED = _("The recorder did not start again. This call is not recorded; the supervisors know.")
NEXT_KEY = "Alt W"
#: How many keys stand under the words to say from a height on; F1 has them all.
_KEYS_SHOWN = ((560, 4), (480, 2), (0, 0))


class CallView(Region):
    """Follows the call by itself."""

    def __init__(self, model: CallViewModel, keys: Keys) -> None:
        super().__init__(_("Call and script"), _HELP, sides="l")
        self._model, self._keys = model, keys
        model.setParent(self)
        self._what, self._timer = Text("", "caption", "text_3"), Text("", "heading")
        self._where = Paragraph("", "caption", align="right")
        self._number = Text("", "medium", align="right")
        self._lines = Rows(lambda line: LampRow(*line), lambda row, line: row.set_state(*line))
        self._quote, self._hints = ScriptQuote(), IfThisHappens()
        self._empty = EmptyState(
            "chat-text", _("The script starts with the call"), _("What to say shows here, step by step.")
        )
        self._next = Button(_("Next words"), "link", key=NEXT_KEY, fires=False)
        self._next.clicked.connect(self._go_on)
        self._next_row = Row(..., self._next)
        self._next_key = keys.add(self, _("Next words to say"), NEXT_KEY, self._go_on, minor=True)
        self._say = Column(self._quote, 8, self._next_row, 12)
        self.check = CheckPart(model.check, keys)
        self._script = Column(self._say, self.check, self._hints, ..., margins=16)
        self._keys_now = KeysNow()
        self._was_unrecorded = False
        self._build()
        model.changed.connect(Show(self._show, self).ask)
        model.session.clock.ticked.connect(self._tick)
        self._keys_due = QTimer(self, singleShot=True)  # what comes next changes many keys, one after another
        self._keys_due.timeout.connect(self._show_keys)
        keys.changed.connect(self._keys_due.start)
        self._fit_due = QTimer(self, singleShot=True)  # when every part has its size
        self._fit_due.timeout.connect(self._fit_hints)
        self._show()
        self._show_keys()

    def _build(self) -> None:
        head = Row(Column(self._what, self._timer), ..., Column(self._where, self._number))
        self.pinned.set_items(
            [Column(head, 8, Divider(), 6, self._lines, margins=(12, 16, 8, 16), look=Look(sides="b"))]
        )
        self.body.set_items([self._script, (self._empty, 1)])
        self.foot.set_items([self._keys_now])

    def _show(self) -> None:
        model = self._model
        self.set_note(model.note)
        self._what.setText(model.title)
        self._timer.setText(model.timer)
        self._where.setText(model.where if model.call else "")
        self._number.setText(model.number)
        self._lines.show_values(model.lines)
        if model.is_unrecorded and not self._was_unrecorded:
            announce(self._lines, _UNRECORDED, assertive=True)
        self._was_unrecorded = model.is_unrecorded
        script = model.script
        self._script.setVisible(bool(script.say or script.hints))
        self._empty.setVisible(not (script.say or script.hints))
        self._say.setVisible(bool(script.say))
        self._quote.set_words(script.say)
        greets = model.step is Step.GREET
        self._next_row.setVisible(greets)
        self._next_key.set_on() if greets else self._next_key.hide()
        self._hints.set_pairs(script.hints)
        self._fit_due.start()

    @property
    def hints(self) -> Sequence[tuple[str, str]]:
        """What may happen now, and what to do then; in a low window not all of it shows."""
        return self._model.script.hints

    def take_focus(self) -> None:
        """Go to the words to say: a screen reader reads what has the keyboard."""
        if self._quote.isVisible():
            self._quote.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().take_focus()

    def event(self, event: QEvent) -> bool:
        """Look again how much help fits when something in the region takes more or less room."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit_due.start()
        return super().event(event)

    def _go_on(self) -> None:
        self._model.go_on()
        self._show()  # at once, to be spoken
        announce(self._quote, self._quote.accessibleName())

    def _fit_hints(self) -> None:
        margin = theme.px(16)
        width = self._script.width() - 2 * margin
        above = sum(part.heightForWidth(width) for part in (self._say, self.check) if part.isVisible())
        self._hints.fit(width, self.room - 2 * margin - above)

    def _show_keys(self) -> None:
        now = [key for key in self._keys.now() if not key.minor]
        room = self.height() - (self.check.height() if self.check.isVisible() else 0)
        count = next(count for height, count in _KEYS_SHOWN if room >= theme.px(height))
        self._keys_now.setVisible(count > 0)
        self._keys_now.set_keys([KeyLine(key.name, key.key, key.on) for key in now[:count]])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the room to the words to say where there is little."""
        super().resizeEvent(event)
        self._keys_due.start()
        self._fit_due.start()

    def _tick(self, _instant: datetime) -> None:
        self._timer.setText(self._model.timer)
