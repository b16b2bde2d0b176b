"""What became of the money: the outcome block, the check ladder, the next steps."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from agentdesk.desk import icons
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.badge import KINDS, badge_of
from agentdesk.desk.widgets.box import Box, Card, Column, Divider, Item, Look, Row, Rows, widens
from agentdesk.desk.widgets.key_cap import key_cap_width, paint_key_cap
from agentdesk.desk.widgets.notices import Strip
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.side import placed
from agentdesk.desk.widgets.text import (
    Paragraph,
    Text,
    let_wrap,
    paint_two_texts,
    text_width,
    two_texts_height,
)
from agentdesk.desk.widgets.timeline import Entry, Timeline
from agentdesk.i18n import _

_FIGURES = re.compile(r"\d")


class OutcomeBlock(Row):
    """The one block that says taken, not taken or not known; a new outcome is spoken at once."""

    def __init__(self) -> None:
        super().__init__(margins=(16, 20), gap=14)
        self._said = ""
        self._shown: object = None

    def set_outcome(
        self,
        outcome: str,
        title: str,
        proof: str,
        *,
        right_label: str = "",
        right: str = "",
        large: bool = False,
    ) -> None:
        """Show an outcome with one line of proof; `right` is a reference, or an amount with `large`."""
        shown = (outcome, title, proof, right_label, right, large)
        if shown == self._shown:
            return
        self._shown, kind = shown, KINDS[outcome]
        self.set_look(Look(f"{kind.role}_tint", f"{kind.role}_line", radius="card"))
        heading = Paragraph(title, "heading", "text" if kind.role == "neutral" else kind.role)
        words = widens(Column(heading, Paragraph(proof, role="text")))
        end = right and Column(  # a part that is made and not put in could die while Qt walks over all parts
            Text(right_label, "caption", "text_3", align="right"),
            Text(right, "title" if large else "medium", align="right"),
        )
        self.set_items([Icon(kind.icon, "icon_outcome", kind.role), (words, 1), end or None])
        self.setAccessibleName(title)
        self.setAccessibleDescription(proof)
        said = _FIGURES.sub("", title + proof)
        if self._said != said:
            self._said = said  # an age that grows is shown each second, and no news
            announce(self, f"{title}. {proof}", assertive=True)


@dataclass(frozen=True)
class Figure:
    """One figure with its label above and its meaning below."""

    label: str
    value: str
    detail: str = ""


class Figures(Row):
    """A row of figures in one box; `set_figures` keeps their places."""

    def __init__(self, figures: Sequence[Figure] = ()) -> None:
        super().__init__(look=Look("surface", "line_strong", radius="card"), fill=True)
        self._cells: list[tuple[Text, Text, Paragraph]] = []
        self.set_figures(figures)

    def set_figures(self, figures: Sequence[Figure]) -> None:
        """Show other values."""
        if len(figures) != len(self._cells):
            self._build(len(figures))
        for cell, figure in zip(self._cells, figures, strict=True):
            for text, words in zip(cell, (figure.label, figure.value, figure.detail), strict=True):
                text.setText(words)

    def _build(self, count: int) -> None:
        self._cells = [
            (Text("", "caption", "text_3"), Text("", "heading"), Paragraph("", "caption"))
            for _ in range(count)
        ]
        items: list[Item] = []
        for i, cell in enumerate(self._cells):
            items += [Divider(height=56)] if i else []
            items.append((widens(Column(*cell, ..., margins=(12, 16))), 1))
        self.set_items(items)


class CheckLadder(Column):
    """While an outcome is unknown: three figures, what was asked and answered, what is locked."""

    def __init__(self) -> None:
        self._figures = Figures()
        self._timeline = Timeline(gap=8)
        self._locked = Strip("lock-fill", "")
        title = Row(Text(_("What we have done"), "strong"), ..., badge_of("unknown"), height=28)
        super().__init__(
            self._figures,
            16,
            title,
            4,
            Card(self._timeline, margins=(12, 16, 4, 16)),
            12,
            self._locked,
        )
        self.setAccessibleName(_("What we have done"))

    def set_ladder(self, figures: Sequence[Figure], steps: Sequence[Entry], locked: str) -> None:
        """Show checking for, next check in, how it goes on; the steps oldest first; what is locked."""
        self.set_figures(figures)
        self._timeline.set_entries(steps)
        self._locked.set_text(locked)
        self._locked.setVisible(bool(locked))

    def set_figures(self, figures: Sequence[Figure]) -> None:
        """Move the figures on, each second."""
        self._figures.set_figures(figures)


@dataclass(frozen=True)
class Step:
    """Something the agent can do next; `refused` keeps it in place, off, with its reason."""

    key: str
    """Names the step in the signal."""
    icon: str
    title: str
    detail: str
    shortcut: str | None = None
    refused: bool = False


class NextSteps(Rows):
    """Steps in order; the first is framed and is the action bar's button. Signal `chosen(key)`."""

    chosen = Signal(str)

    def __init__(self, steps: Sequence[Step] = ()) -> None:
        super().__init__(self._row, gap=8)
        self.set_steps(steps)

    def set_steps(self, steps: Sequence[Step]) -> None:
        """Show other steps. Their keys are the view's and the action bar's; here they are only shown."""
        self.show_values((step, i == 0) for i, step in enumerate(steps))

    def _row(self, shown: tuple[Step, bool]) -> "StepRow":
        step, first = shown
        row = StepRow(step, first=first)
        row.clicked.connect(lambda: self.chosen.emit(step.key))
        return row


class StepRow(QPushButton):
    """One next step."""

    def __init__(self, step: Step, *, first: bool) -> None:
        super().__init__()
        self.step, self._first = step, first and not step.refused
        self.setEnabled(not step.refused)
        self.setAccessibleName(step.title)
        self.setAccessibleDescription(step.detail)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        let_wrap(self)
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Return the size of the row."""
        words = max(text_width(self.step.title, "medium"), text_width(self.step.detail, "caption"))
        return QSize(words + theme.px(140), theme.px(56))

    def minimumSizeHint(self) -> QSize:
        """Return a width at which words wrap."""
        return QSize(theme.px(200), theme.px(56))

    def heightForWidth(self, width: int) -> int:
        """Return the height of the wrapped words, or of the row."""
        words = (self.step.title, self.step.detail)
        needed = two_texts_height(words, self._words_area(width, 0).width()) + theme.px("x4")
        return max(theme.px(56), needed)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the row."""
        painter = QPainter(self)
        self._paint_box(painter)
        off = not self.isEnabled()
        ink = "text_disabled" if off else "accent_text" if self._first else "text_2"
        icons.paint(painter, self.rect(), theme.px("x4"), self.step.icon, "icon_large", ink)
        roles = ("text_disabled", "text_3") if off else ("text", "text_2")
        words = self._words_area(self.width(), self.height())
        paint_two_texts(painter, words, (self.step.title, self.step.detail), roles)
        self._paint_end(painter, off)

    def _words_area(self, width: int, height: int) -> QRect:
        left = theme.px("x4") + theme.px("icon_large") + theme.px("x3")
        area = QRect(left, 0, width - left - theme.px(80 if self.step.shortcut else 40), height)
        return placed(area, QRect(0, 0, width, height))

    def _paint_box(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        stroke = 2 if self._first else 1
        fill = "accent_tint" if self._first else "hover" if self.underMouse() else "surface"
        painter.setPen(QPen(theme.color("accent" if self._first else "line_strong"), stroke))
        painter.setBrush(theme.color(fill))
        half, radius = stroke / 2, theme.radius("card") - stroke / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius)

    def _paint_end(self, painter: QPainter, off: bool) -> None:
        x = self.width() - theme.px("x4") - theme.px("icon")
        if not off:
            icons.paint(painter, self.rect(), x, "caret-right", role="text_3")
        if key := self.step.shortcut:
            x -= theme.px("x3") + key_cap_width(key)
            paint_key_cap(painter, self.rect(), x, key, "text_disabled" if off else "text_2")


class WriteBackRow(Column):
    """One write-back of a payment: where, what was written or when it is tried next, its state.

    What was written goes below the whole row where it does not fit beside its state. `word` replaces the
    usual word of the state.
    """

    def __init__(
        self,
        icon: str,
        title: str,
        detail: str,
        state: str,
        *,
        time: str = "",
        action: Box | None = None,
        first: bool = False,
        word: str = "",
    ) -> None:
        self._detail = detail
        self._beside = Text(detail, "caption", "text_2", elide=True)
        self._below = Paragraph(detail, "caption")
        ends: list[Item] = [Text(time, role="text_3") if time else None, action, badge_of(state, word)]
        self._ends = [one for one in ends if isinstance(one, QWidget)]
        words = Column(Text(title, "medium"), self._beside)
        self._head = Row(Icon(icon, "icon_large"), (words, 1), *self._ends, gap=12)
        below = Row((self._below, 1), margins=(2, 0, 0, 32))
        super().__init__(self._head, below, margins=(8, 16), look=Look(sides="" if first else "t"))
        self._put(True)
        self.setAccessibleName(f"{title}: {word or KINDS[state].word}")
        self.setAccessibleDescription(detail)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put what was written where it fits."""
        gaps = theme.px(2 * 16 + 20 + 12)
        ends = sum(one.sizeHint().width() + theme.px(12) for one in self._ends)
        self._put(text_width(self._detail, "caption") <= event.size().width() - gaps - ends)

    def _put(self, beside: bool) -> None:
        self._beside.setVisible(beside)
        self._below.parentWidget().setVisible(not beside)
