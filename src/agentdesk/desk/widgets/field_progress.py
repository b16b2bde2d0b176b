"""The fields a caller keys on the phone: their state, never their digits."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Card, Column, Look, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.flow import Flow
from agentdesk.desk.widgets.focus import bring_into_view
from agentdesk.desk.widgets.shapes import Dots, Icon, Ring
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _

FieldState = Literal["waiting", "ready", "live", "done", "failed"]
#: Below this width of a row its words wrap.
_NARROW = 560
_DIGITS = re.compile(r"\d(?:[ \-.]?\d){4,}")
_ICONS = {
    "waiting": ("circle-dashed", "text_3"),
    "ready": ("circle-dashed", "text_3"),
    "done": ("check-circle-fill", "success"),
    "failed": ("x-circle-fill", "danger"),
}

_STATES = {
    "waiting": _("waiting"),
    "ready": _("ready"),
    "done": _("done"),
    "failed": _("failed"),
}


@dataclass(frozen=True)
class FieldRow:
    """One field as it stands. No part of it may hold more than four digits in a row."""

    key: str
    """`card_number`, `expiry`, `security_code`: names the field in signals."""
    title: str
    state: FieldState
    detail: str = ""
    """Waiting: why. Done: brand and last four. Failed: what to do."""
    places: tuple[int, ...] = ()
    """Groups of places to key; empty shows `keying` without a count (security code)."""
    keyed: int = 0
    time: str = ""
    """Done: when. Live: `Collecting 8 s`."""
    left: float = 1.0
    """Live: how much of the time-out is left, 0 to 1."""
    can_redo: bool = True
    """Done: whether it may be keyed again."""
    wait: str = ""
    """Done: why not just now."""

    def __post_init__(self) -> None:
        if any(_DIGITS.search(text) for text in (self.title, self.detail)):
            raise ValueError("a field shows the last four digits at most")

    @property
    def count(self) -> str:
        """`3 of 4`, or `keying` where a count would say too much."""
        return (
            _("{keyed} of {places}").format(keyed=self.keyed, places=sum(self.places))
            if self.places
            else _("keying")
        )


class FieldProgress(Card):
    """Rows for the fields. Signals `ask(key)`, `reset(key)`, `redo(key)`.

    The screen around it binds F8 and F9: it knows which field is next. `room` is the width that there is for
    it; where that is not known, its rows start narrow.
    """

    ask = Signal(str)
    reset = Signal(str)
    redo = Signal(str)

    def __init__(self, rows: Sequence[FieldRow] = (), *, room: int = 0) -> None:
        self._is_narrow = room < theme.px(_NARROW)
        super().__init__()
        self._look = QTimer(self, singleShot=True)
        self._look.timeout.connect(self._bring)
        self.setAccessibleName(_("Card entry"))
        self._rows: dict[str, _Row] = {}
        self.set_rows(rows)

    def set_rows(self, rows: Sequence[FieldRow]) -> None:
        """Show the fields; rows stay in place, and only what changed is rebuilt and spoken."""
        if [row.key for row in rows] != list(self._rows):
            self.clear()
            self._rows = {
                row.key: _Row(self, row, self._is_narrow, first=i == 0) for i, row in enumerate(rows)
            }
            for widget in self._rows.values():
                self.add(widget)
        for row in rows:
            self._rows[row.key].show_field(row)

    def keep_in_sight(self) -> None:
        """Scroll to the field that is keyed or failed, once every part has its place."""
        self._look.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Scroll anew: with the width the rows change their height."""
        self.keep_in_sight()

    def showEvent(self, event: QShowEvent) -> None:
        """Scroll, and again whenever there is another room to show it in."""
        viewport = next((one.viewport() for one in _scrolls_over(self)), None)
        if viewport is not None:
            viewport.installEventFilter(self)
        self.keep_in_sight()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Scroll anew where the room changes."""
        if event.type() == QEvent.Type.Resize:
            self.keep_in_sight()
        return False

    def _bring(self) -> None:
        row = next((one for one in self._rows.values() if one.is_urgent), None)
        if row is not None and row.isVisible():
            bring_into_view(row)


def _scrolls_over(part: QWidget) -> Iterator[QScrollArea]:
    holder = part.parentWidget()
    while holder is not None:
        if isinstance(holder, QScrollArea):
            yield holder
        holder = holder.parentWidget()


class _Row(Row):
    def __init__(self, progress: FieldProgress, field: FieldRow, narrow: bool, *, first: bool) -> None:
        super().__init__(margins=(0, 16), gap=14)
        self._progress, self._field, self._sides = progress, field, "" if first else "t"
        self._count: Text | None = None
        self._narrow = narrow
        self._build()

    @property
    def is_urgent(self) -> bool:
        """Whether the agent has to see it: the caller keys it, or it failed."""
        return self._field.state in ("live", "failed")

    def show_field(self, field: FieldRow) -> None:
        """Show the field's new state, in place where only its count or clock moved."""
        before, self._field = self._field, field
        if field == before:
            return
        if field.state == before.state == "live" and field.places == before.places:
            self._tick(before)
        elif field.state == before.state != "live":
            self._amend(before)
        else:
            self._rebuild()
            self._speak()
            self._progress.keep_in_sight()

    def _rebuild(self) -> None:
        focus = self.window().focusWidget()
        held = focus is not None and self.isAncestorOf(focus)
        self._build()
        if held and self._button.isEnabled():
            self._button.setFocus()

    def _build(self) -> None:
        field = self._field
        live = field.state == "live"
        tall = "row_capture_live" if live else "row_capture"
        self.set_least(0 if self._narrow else tall)
        fill, edge = ("accent_tint", "accent_text") if live else (None, None)
        self.set_look(Look(fill=fill, edge=edge, sides=self._sides))
        lead, title, more = self._lead(), self._title(), self._more()
        if self._narrow:  # what follows the title takes the whole width below it
            head = Row((title, 1), *self._actions(), gap=8)
            self.set_items([lead, (Column(head, 4, *more, margins=(10, 0)), 1)])
        else:
            words = Column(title, 4 if live else 0, *more, margins=(6, 0))
            self.set_items([lead, (words, 1), *self._actions()])
        self._name()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap the words and leave out what only decorates where there is little room."""
        narrow = event.size().width() < theme.px(_NARROW)
        if narrow != self._narrow:
            self._narrow = narrow
            QTimer.singleShot(0, self, self._rebuild)  # not while what holds it shares out the room

    def _lead(self) -> QWidget:
        if self._field.state == "live":
            self._ring = Ring(self._field.left, 24)
            return self._ring
        icon, role = _ICONS[self._field.state]
        return Icon(icon, 24, role)

    def _title(self) -> QWidget:
        field = self._field
        live = field.state == "live"
        words = _("{title}: the caller is keying").format(title=field.title) if live else field.title
        role = "text_2" if field.state in ("waiting", "ready") else "text"
        style = "strong" if live else "medium"
        self._head = Paragraph(words, style, role)
        return self._head

    def _more(self) -> list[QWidget]:
        field = self._field
        if field.state == "live":
            return [self._live_line()]
        words = field.detail or _usual_detail(field)
        role = {"waiting": "text_3", "failed": "danger"}.get(field.state, "text_2")
        self._words = Paragraph(words, "body", role)
        return [self._words]

    def _live_line(self) -> QWidget:
        field = self._field
        number = sum(field.places) > 6
        self._dots = Dots(field.places, field.keyed) if field.places else None
        self._count = Text(_count_words(field), "body", "text_2")
        self._clock = Text(field.time, "medium", "accent_text")
        if not field.time:  # showing it here, where it has no parent yet, would open a window
            self._clock.hide()
        line = Flow(self._dots, self._count, gap=8 if number else 16, between=4)
        return Column(line, self._clock, gap=4) if self._narrow else line

    def _actions(self) -> list[QWidget]:
        field, progress = self._field, self._progress
        if field.state == "live":
            icon = None if self._narrow else "arrow-counter-clockwise"
            again = Button(_("Reset"), icon=icon, key="F9", fires=False)
            again.clicked.connect(lambda: progress.reset.emit(field.key))
            self._button = again
            return [again] if self._narrow else [self._clock, again]
        if field.state == "done":
            redo = Button(_("Redo"), "ghost", icon="arrow-counter-clockwise")
            redo.clicked.connect(lambda: progress.redo.emit(field.key))
            redo.setAccessibleName(_("Redo: {title}").format(title=field.title))
            self._button, self._clock = redo, Text(field.time, role="text_3")
            if not field.can_redo:  # showing it here, where it has no parent yet, would open a window
                redo.hide()
            self._explain_redo()
            return [self._clock, redo]
        ask = Button(_("Ask again") if field.state == "failed" else _("Ask"), key="F8", fires=False)
        ask.clicked.connect(lambda: progress.ask.emit(field.key))
        self._button = ask
        if field.state == "waiting":
            ask.set_off(field.detail)
        return [ask]

    def _explain_redo(self) -> None:
        self._button.set_on_unless(self._field.wait)

    def _amend(self, before: FieldRow) -> None:
        """Show other words of the same state."""
        field = self._field
        self._head.setText(field.title)
        self._words.setText(field.detail or _usual_detail(field))
        if field.state == "done":
            self._clock.setText(field.time)
            self._button.setVisible(field.can_redo)
            self._explain_redo()
        elif field.state == "waiting":
            self._button.set_off(field.detail)
        self._name()
        if field.detail != before.detail:
            self._speak()

    def _tick(self, before: FieldRow) -> None:
        field = self._field
        self._ring.set_fraction(field.left)
        self._clock.setText(field.time)
        self._clock.setVisible(bool(field.time))
        if self._dots:
            self._dots.set_filled(field.keyed)
        if self._count:
            self._count.setText(_count_words(field))
        self._name()
        if field.keyed != before.keyed and field.places:
            announce(self, f"{field.title}: {field.count}")

    def _name(self) -> None:
        field = self._field
        state = field.count if field.state == "live" else _STATES[field.state]
        self.setAccessibleName(f"{field.title}: {state}")
        self.setAccessibleDescription(field.detail)

    def _speak(self) -> None:
        field = self._field
        if field.state == "done":
            announce(
                self,
                _("{title} accepted, {detail}").format(title=field.title, detail=field.detail)
                if field.detail
                else _("{title} accepted").format(title=field.title),
            )
        elif field.state == "failed":
            announce(self, f"{field.title}. {field.detail}")
        elif field.state == "live":
            announce(self, _("{title}: the caller is keying").format(title=field.title))


def _usual_detail(field: FieldRow) -> str:
    return {"ready": _("Ready to ask"), "done": _("In, not shown")}.get(field.state, "")


def _count_words(field: FieldRow) -> str:
    if not field.places:
        return _("Not counted, not shown")
    return field.count if sum(field.places) > 6 else _("{count} keyed").format(count=field.count)
