"""The lamps as rows, each one that is not ready with its reason and its key; and all of them in a drawer."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.region import scrolling
from agentdesk.desk.screens.readiness.lines import Line, Remedy
from agentdesk.desk.screens.readiness.view_model import ReadinessViewModel
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Card, Column, Look, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.drawer import Drawer, DrawerWhile
from agentdesk.desk.widgets.lamp import STATES, LampShape
from agentdesk.desk.widgets.notices import Banner, Toast
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _

#: The key and the words of each remedy, wherever it is offered.
KEYS = {Remedy.LOOK: (_("Look again now"), "Ctrl L"), Remedy.COPY: (_("Copy it for IT"), "Ctrl I")}
ALL_KEY = "F11"
TEST_MODE = _("Test mode: no real money moves")
TEST_WORDS = _("Only test cards work. Ask your supervisor if you expected live calls.")

Do = Mapping[Remedy, Callable[[], object]]


def rows(shown: Sequence[Line], do: Do) -> Card:
    """Return the lines under each other; what a row's button does is in `do`."""
    return Card(*(_row(line, i > 0, do) for i, line in enumerate(shown)))


def _row(line: Line, below: bool, do: Do) -> Row:
    state = Text(line.word, "medium", STATES[line.state][0])
    words = Column(Row((Paragraph(line.name, "medium", "text"), 1), state, gap=12))
    if line.reason:
        words.add(Paragraph(line.reason, role="text"))
    words.add(Paragraph(line.detail, "caption"))
    if line.remedy is not None:
        words.add(4)
        words.add(Row(_button(line, line.remedy, do[line.remedy]), ...))
    row = Row(
        LampShape(line.state),
        (words, 1),
        margins=(8, 16),
        gap=12,
        look=Look(sides="t" if below else ""),
    )
    row.setAccessibleName(f"{line.name}: {line.word}")
    row.setAccessibleDescription(" ".join(part for part in (line.reason, line.detail) if part))
    return row


def _button(line: Line, remedy: Remedy, press: Callable[[], object]) -> Button:
    words, key = KEYS[remedy]
    button = Button(words, "link", key=key, fires=False)
    button.setAccessibleName(f"{words}: {line.name}")
    button.clicked.connect(press)
    return button


def copy(diagnosis: str, over: QWidget) -> None:
    """Put the diagnosis where it can be pasted, and say so."""
    QGuiApplication.clipboard().setText(diagnosis)
    words = _("Copied for IT")
    toast = Toast(words, _("Paste it into your message to them."), "clipboard-text", "neutral")
    toast.show_over(over.window())
    announce(over, words)


class ReadinessPlace:
    """Opens all lamps over the window, and does what the keys of its rows say, open or not."""

    def __init__(self, model: ReadinessViewModel, over: QWidget) -> None:
        self._model, self._over = model, over
        self._drawer = DrawerWhile(over, lambda: ReadinessDrawer(model, self.do), self._close)
        model.setParent(over)
        model.looked.connect(lambda words: announce(over, words))
        self.do: Do = {Remedy.LOOK: model.look, Remedy.COPY: self.copy}

    def open(self) -> None:
        """Show every lamp with what is known of it."""
        self._drawer.show(True)

    def copy(self) -> None:
        """Copy the diagnosis for IT."""
        copy(self._model.diagnosis, self._over)

    def _close(self) -> None:
        self._drawer.show(False)


class ReadinessDrawer(Drawer):
    """Every lamp; Esc closes it."""

    def __init__(self, model: ReadinessViewModel, do: Do) -> None:
        self._model, self._do = model, do
        self._checked, self._rows = Text("", role="text_2"), Column()
        self._look, self._copy = (
            Button(words, kind, key=key, fires=False)
            for kind, (words, key) in zip(("secondary", "ghost"), KEYS.values(), strict=True)
        )
        self._look.clicked.connect(do[Remedy.LOOK])
        self._copy.clicked.connect(do[Remedy.COPY])
        readiness = model.session.readiness
        test = readiness is not None and readiness.test_mode
        banner = Column(16, Banner("warning", "warning-fill", TEST_MODE, TEST_WORDS)) if test else None
        body = scrolling(Column(self._checked, 12, self._rows, banner, ..., margins=(8, 20, 20, 20)))
        super().__init__(_("Is everything ready?"), body, (self._copy, ..., self._look))
        model.changed.connect(self._show)
        model.look_command.running.connect(self._show_busy)
        self._show_busy(model.look_command.is_running)
        self._show()

    def _show(self) -> None:
        readiness = self._model.session.readiness
        self._checked.setText(checked(max(lamp.checked_at for lamp in readiness.lamps)) if readiness else "")
        self._rows.set_items([rows(self._model.lines, self._do)])

    def _show_busy(self, running: bool) -> None:
        self._look.set_busy(_("Looking") if running else None)


def checked(at: datetime) -> str:
    """Return when it was looked last."""
    return _("Checked at {second}").format(second=times.second(at))
