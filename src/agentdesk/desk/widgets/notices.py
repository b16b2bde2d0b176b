"""Words that stand in a region: banner, strip, toast, loading, empty, error in a part."""

import time

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Box, Card, Column, Look, Row
from agentdesk.desk.widgets.button import Button, IconButton
from agentdesk.desk.widgets.drawer import cast_shadow
from agentdesk.desk.widgets.shapes import Icon, Shape
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.domain.errors import AgentDeskError
from agentdesk.i18n import _

#: A part says nothing for this long, then shows that it loads, then that it failed (milliseconds).
LOADING_AFTER, FAILED_AFTER = 150, 8000
_TICK = 500


class Banner(Row):
    """A notice about its region: icon, strong title, one sentence, at most one button. Signal `pressed()`.

    `flush` is the margin of the region that it stands across, without round corners; 0: a box in it.
    """

    pressed = Signal()

    def __init__(
        self, role: str, icon: str, title: str, text: str, action: str | None = None, *, flush: int = 0
    ) -> None:
        self._title = Paragraph("", "strong", role)
        self._text = Paragraph("", "body", "text")
        words = Column(self._title, self._text)
        self._button = button = Button(action) if action else None
        if flush:
            look = Look(f"{role}_tint", sides="b")
        else:
            look = Look(f"{role}_tint", f"{role}_line", radius="card")
        super().__init__(
            Icon(icon, "icon", role) if flush else Icon(icon, "icon_large", role),
            (words, 1),
            button,
            margins=(10, flush) if flush else (10, 12, 10, 14),
            gap=12,
            look=look,
        )
        self.set_words(title, text)
        if button:
            button.clicked.connect(self.pressed)

    def set_on_unless(self, reason: str) -> None:
        """Let the button be pressed, or say on it why it cannot be."""
        assert self._button is not None, "a banner with something to press"
        self._button.set_on_unless(reason)

    def set_words(self, title: str, text: str) -> None:
        """Say something else in the same place."""
        self._title.setText(title)
        self._text.setText(text)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)


def parted(error: AgentDeskError) -> tuple[str, str]:
    """Return the first sentence of an error, and what follows it."""
    title, _dot, rest = error.text.partition(". ")
    return title, rest


class ErrorNote(Column):
    """Says in its region what went wrong with what was asked, aloud too and once; empty while nothing did.

    Signal `pressed()`: the way out that was shown with it.
    """

    pressed = Signal()

    def __init__(self, *, flush: int = 0) -> None:
        super().__init__()
        self._error: AgentDeskError | None = None
        self._flush = flush

    def set_error(self, error: AgentDeskError | None, way_out: str | None = None) -> None:
        """Show another error, or none; `way_out` is what can be pressed then."""
        if error is self._error:
            return
        self._error = error
        self.clear()
        if error is not None:
            banner = Banner("danger", "warning-circle", *parted(error), way_out, flush=self._flush)
            banner.pressed.connect(self.pressed)
            self.set_items([banner] if self._flush else [12, banner])
            announce(self, error.text, assertive=True)


class Strip(Row):
    """A quiet line that states a fact, such as what is locked."""

    def __init__(self, icon: str, text: str) -> None:
        self._words = Paragraph(text)
        super().__init__(Icon(icon), (self._words, 1), margins=(8, 12), gap=10)
        self._relook()
        self.setAccessibleName(text)
        theme.changed.connect(self._relook)

    def set_text(self, text: str) -> None:
        """State another fact."""
        self._words.setText(text)
        self.setAccessibleName(text)

    def _relook(self) -> None:
        line = "neutral_line" if theme.high_contrast else None
        self.set_look(Look("neutral_tint", line, radius="control"))


class Toast(Row):
    """A passing note over the bottom of its parent, for six seconds; never for money or errors."""

    def __init__(
        self, title: str, detail: str = "", icon: str = "check-circle-fill", role: str = "success"
    ) -> None:
        self._close = IconButton("x", _("Close"))
        super().__init__(
            Icon(icon, "icon_large", role),
            Column(Text(title, "medium"), Text(detail, "caption", "text_2") if detail else None),
            ...,
            self._close,
            margins=(10, 12, 10, 16),
            gap=12,
            look=Look("raised", "line_strong", radius="card"),
        )
        self._title, self._detail = title, detail
        self.setAccessibleName(title)
        self.setAccessibleDescription(detail)
        self._close.clicked.connect(self.leave)

    def show_over(self, parent: QWidget) -> None:
        """Float over the bottom centre of the parent until its time is up."""
        self.setParent(parent)
        cast_shadow(self, "overlay")
        self.adjustSize()
        gap = theme.px("x4")
        self.move((parent.width() - self.width()) // 2, parent.height() - self.height() - gap)
        self.show()
        self.raise_()
        announce(self, f"{self._title}. {self._detail}".rstrip())
        QTimer.singleShot(theme.ms("toast_stays"), self, self.leave)

    def leave(self) -> None:
        """Take the note away."""
        self.hide()
        self.deleteLater()


class _Bar(Shape):
    def __init__(self, width: int, height: int, radius: int) -> None:
        self._radius = radius
        super().__init__(width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a grey shape."""
        painter = self.pen()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("line" if theme.high_contrast else "neutral_tint"))
        painter.drawRoundedRect(QRectF(0, 0, *self._size), self._radius, self._radius)


def skeleton_row(width: int, *, height: int = 48) -> Box:
    """Make the grey shape of a row that is on its way."""
    lines = Column(_Bar(width, 12, 4), _Bar(round(width * 0.6), 8, 4), gap=6)
    return Row(_Bar(24, 24, 12), lines, ..., _Bar(48, 12, 4), gap=10, height=height)


class Loading(Column):
    """Grey rows that wait for data: nothing for 150 ms, then shapes with the seconds, then `failed()`."""

    failed = Signal()

    def __init__(self, what: str, widths: tuple[int, ...] = (110, 84, 120), *, row_height: int = 40) -> None:
        self._what = what
        self._caption = Text("", "caption", "text_2")
        super().__init__(*(skeleton_row(w, height=row_height) for w in widths), ..., self._caption)
        self._started = time.monotonic()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self.show_elapsed(0)

    def start(self) -> None:
        """Begin to wait, out of sight at first."""
        self._started = time.monotonic()
        self.hide()
        self._timer.start(LOADING_AFTER)

    def stop(self) -> None:
        """End the waiting."""
        self._timer.stop()
        self.hide()

    def show_elapsed(self, seconds: int) -> None:
        """Show how long it has taken."""
        self._caption.setText(f"{self._what}, {seconds} s")
        self.setAccessibleName(self._caption.text())

    def _tick(self) -> None:
        elapsed = round((time.monotonic() - self._started) * 1000)
        if elapsed >= FAILED_AFTER:
            self.stop()
            self.failed.emit()
            return
        self._timer.setInterval(_TICK)
        self.show_elapsed(elapsed // 1000)
        self.show()


class EmptyState(Column):
    """What will be here, and the one thing to do. Signal `pressed()`."""

    pressed = Signal()

    def __init__(
        self,
        icon: str,
        title: str,
        text: str,
        action: str | None = None,
        *,
        action_icon: str | None = None,
        small: bool = False,
    ) -> None:
        kind = "link" if small else "secondary"
        button = Button(action, kind, icon=action_icon) if action else None
        style = "strong" if small else "title"
        size = 24 if small else "x8"
        super().__init__(
            ...,
            Row(..., Icon(icon, size, "text_3"), ...),
            8 if small else 12,
            Paragraph(title, style, "text", align="center"),
            0 if small else 4,
            Paragraph(text, "body", "text_2", align="center"),
            (0 if small else 12) if button else None,
            Row(..., button, ...) if button else None,
            ...,
            margins=(0, 32),
        )
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        if button:
            button.clicked.connect(self.pressed)


class PartError(Card):
    """An error that stays in its part: what, what it means for the money, a code. Signal `retry()`."""

    retry = Signal()

    def __init__(self, title: str, text: str, code: str = "") -> None:
        button = Button(_("Try again"))
        words = Column(
            Text(title, "strong"),
            Paragraph(
                _("{text} Code {code}").format(text=text, code=code) if code else text, "body", "text_2"
            ),
        )
        row = Row(
            Icon("warning-circle", "icon_large", "danger"), (words, 1), button, gap=12, margins=(12, 14)
        )
        super().__init__(row)
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        button.clicked.connect(self.retry)
