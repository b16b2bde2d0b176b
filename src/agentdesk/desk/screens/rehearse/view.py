"""The page of exercises: the score of the last one, the list, and for a trainer how everybody did."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.region import scrolling
from agentdesk.desk.screens.rehearse.view_model import (
    RehearseViewModel,
    points,
    practises,
    title,
    verdicts,
)
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.badge import Badge, BadgeKind
from agentdesk.desk.widgets.box import Card, Column, Item, Look, Row, widest
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.notices import Banner, EmptyState, Loading
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _
from agentdesk.wire.rehearsals import ExerciseInfo, Rehearsal

_HELP = _(
    "Choose an exercise and press Start. A pretended caller is put through to you, and what they say stands "
    "at the top of the window; you work as on any call. When you finish the call, your score comes here: "
    "what you did right, and what to do the next time. Nothing of it is real."
)
_NOT_HERE = _(
    "Rehearsals need a hub in test mode, where no real money can move, and a sandbox that plays the caller, "
    "the card and the bank. IT starts one with “agentdesk demo”, or sets “rehearsal” to “sandbox” and its "
    "address in the settings of a hub of its own."
)
#: Why an exercise cannot be started, by the error that starting it would be.
_OFF = {
    "rehearsal_needs_routes": _(
        "It needs the keypad and payment links by text, and one of them is not set up here."
    ),
    "rehearsal_needs_parts": _("Bills are not paid in part here."),
    "rehearsal_needs_limit": _("It is for people who may give money back up to a limit."),
    "rehearsal_needs_payment": _(
        "It needs a payment over your limit that can go back: somebody without a limit takes one first, "
        "in a rehearsal."
    ),
}
_NO_REASON = _("It cannot be started here.")
#: How many results a trainer sees at first.
_NEWEST = 6

_RIGHT = BadgeKind("success", "check-circle-fill", _("Right"))
_NEXT_TIME = BadgeKind("warning", "arrow-circle-right", _("Next time"))


class RehearseView(Column):
    """What can be practised and how it went."""

    title = _("Rehearse")
    help_text = _HELP

    def __init__(self, model: RehearseViewModel) -> None:
        self._model = model
        self._body = Column()
        self._shown: object = None
        self._starts: list[Button] = []
        self._all = False
        words = _("A pretended caller, no real money") if model.in_test_mode else ""
        note = Text(words, role="text_2")
        head = Row(Text(self.title, "heading"), ..., note, margins=(0, 20), height=56, look=Look(sides="b"))
        super().__init__(head, (scrolling(Column(self._body, ...)), 1), look=Look("window"))
        model.setParent(self)
        self.setAccessibleName(self.title)
        model.changed.connect(self._show)
        model.send.running.connect(self._show_busy)
        model.scored.connect(self._say_score)

    def showEvent(self, event: QShowEvent) -> None:
        """Show what came while another page stood here."""
        super().showEvent(event)
        self._show()

    def take_focus(self) -> None:
        """Focus the first thing that can be pressed."""
        first = next((one for one in self._starts if one.isEnabled()), None)
        (first or self).setFocus(Qt.FocusReason.OtherFocusReason)

    # --- inside

    def _show(self) -> None:
        model = self._model
        seen = (model.room, model.result, model.everybody, model.error, model.why_not, model.in_test_mode)
        if not self.isVisible() or seen == self._shown:
            return  # calls come and go while nobody looks here
        self._shown = seen
        had_focus = self.isAncestorOf(self.window().focusWidget() or self)
        self._starts = []
        self._body.set_items([Column(*self._items(), margins=(16, 20, 20, 20))])
        if had_focus:
            self.take_focus()

    def _items(self) -> list[Item]:
        model = self._model
        items: list[Item] = []
        if model.error:
            items = [Banner("danger", "warning-circle", _("That did not work"), model.error.text), 16]
        if not model.in_test_mode or (model.room is not None and not model.room.here):
            empty = EmptyState("prohibit", _("Nobody can rehearse on this hub"), _NOT_HERE)
            return [*items, Column(empty, margins=(80, 200))]
        if model.room is None:
            loading = Loading(_("Looking for the exercises"), row_height=56)
            loading.start()
            return [*items, loading] if not model.error else items
        items += self._going_on() + self._score() + self._everybody()
        rows = [self._row(one, below=i > 0) for i, one in enumerate(model.room.exercises)]
        return [*items, SectionHead(_("Exercises"), model.why_not), 4, Card(*rows)]

    def _going_on(self) -> list[Item]:
        current = self._model.current
        if current is None:
            return []
        words = _("You rehearse “{title}” now. Leaving it gives no score.").format(
            title=title(current.exercise)
        )
        leave = Button(_("Leave rehearsal"))
        leave.clicked.connect(self._model.leave)
        self._starts.append(leave)
        look = Look("warning_tint", "warning_line", radius="card")
        return [Row((Paragraph(words, role="text"), 1), leave, margins=12, gap=12, look=look), 20]

    def _score(self) -> list[Item]:
        result = self._model.result
        if result is None:
            return []
        again = Button(_("Practise it again"), "primary", icon="arrow-counter-clockwise")
        close = Button(_("Close"))
        again.clicked.connect(lambda: self._model.start(result.exercise))
        close.clicked.connect(self._model.put_away)
        again.set_on_unless(self._model.why_not)
        self._starts += [again, close]
        head = Row(
            Column(Text(title(result.exercise), "title"), Text(points(result), "strong", "text_2"), gap=2),
            ...,
            close,
            again,
            margins=(14, 16),
            gap=8,
        )
        lines = _verdicts(verdicts(result, self._model.today))
        return [SectionHead(_("How you did")), 4, Card(head, *lines), 20]

    def _row(self, info: ExerciseInfo, *, below: bool) -> Row:
        name = title(info.exercise)
        start = Button(_("Start"), width=88)
        start.setAccessibleName(_("Start {title}").format(title=name))
        start.clicked.connect(lambda: self._model.start(info.exercise))
        off = _OFF.get(info.off_code, _NO_REASON) if info.off_code else ""
        why = off or self._model.why_not
        start.set_on_unless(why)
        self._starts.append(start)
        words = Column(Text(name, "medium"), Paragraph(off or practises(info.exercise), "caption"), gap=2)
        edge = Look(sides="t" if below else "")
        return Row((words, 1), 12, self._last(info.last), 16, start, margins=(10, 16), look=edge)

    def _last(self, last: Rehearsal | None) -> QWidget:
        if last is None:
            return Text(_("Not practised yet"), "caption", "text_2")
        when = times.day_and_minute(last.ended_at or last.started_at, self._model.today)
        return Row(Text(when, "caption", "text_2"), _points_badge(last), gap=8)

    def _everybody(self) -> list[Item]:
        model = self._model
        if not model.is_trainer:
            return []
        head = SectionHead(_("How everybody did"), _("newest first"))
        if not model.everybody:
            none = Text(_("Nobody has finished one yet."), role="text_2")
            return [head, 4, Card(Row(none, ..., margins=16)), 20]
        shown = model.everybody if self._all else model.everybody[:_NEWEST]
        rows = [self._of_somebody(one, below=i > 0) for i, one in enumerate(shown)]
        older = [] if len(shown) == len(model.everybody) else [4, Row(self._older(), ...)]
        return [head, 4, Card(*rows), *older, 20]

    def _older(self) -> Button:
        older = Button(_("Show older"), "link")
        older.clicked.connect(self._show_all)
        self._starts.append(older)
        return older

    def _show_all(self) -> None:
        self._all, self._shown = True, None
        self._show()

    def _of_somebody(self, one: Rehearsal, *, below: bool) -> Row:
        missed = [words for passed, words in verdicts(one, self._model.today) if not passed]
        when = times.day_and_minute(one.ended_at or one.started_at, self._model.today)
        words = Column(
            Text(f"{one.person}: {title(one.exercise)}", "medium", elide=True),
            *(Paragraph(text, "caption") for text in missed),
            gap=2,
        )
        edge = Look(sides="t" if below else "")
        time = Text(when, "caption", "text_2")
        return Row((words, 1), 12, time, 8, _points_badge(one), margins=(10, 16), look=edge)

    def _show_busy(self, running: bool) -> None:
        for one in self._starts:
            if running:
                one.set_off(_("The caller is being put through …"))
        if not running:
            self._shown = None
            self._show()

    def _say_score(self) -> None:
        result = self._model.result
        if result is not None:
            missed = [words for passed, words in verdicts(result, self._model.today) if not passed]
            announce(self, " ".join([points(result) + ".", *missed]), assertive=True)


def _verdicts(told: Sequence[tuple[bool, str]]) -> list[Row]:
    marks = [_RIGHT if passed else _NEXT_TIME for passed, _words in told]
    labels = [Text(mark.word, "strong", mark.role) for mark in marks]
    width = widest(labels, 88)
    return [
        _verdict(mark, Row(label, ..., width=width), words)
        for mark, label, (_passed, words) in zip(marks, labels, told, strict=True)
    ]


def _verdict(mark: BadgeKind, label: Row, words: str) -> Row:
    row = Row(
        Icon(mark.icon, "icon", mark.role),
        label,
        (Paragraph(words, role="text"), 1),
        margins=(10, 16),
        gap=10,
        look=Look(sides="t"),
    )
    row.setAccessibleName(f"{mark.word}: {words}")
    return row


def _points_badge(one: Rehearsal) -> Badge:
    all_right = all(rule.passed for rule in one.score or [])
    icon = "check-circle-fill" if all_right else "arrow-circle-right"
    return Badge("success" if all_right else "warning", points(one), icon)
