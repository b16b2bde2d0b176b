"""The bar at the bottom of the payment region: what can be pressed, why not, and a question in its place."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStackedLayout, QWidget

from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Column, Look, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.flow import Flow
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph, Text, text_width
from agentdesk.i18n import _

#: Below this width a question in the action bar stands above its answers.
_ROOM_FOR_QUESTION = 560


class ActionBar(QWidget):
    """The bar at the bottom of the payment region. Signals `confirmed()`, `kept()`.

    `set_actions` shows quiet actions left, a reason, and the one main button. `confirm` puts a
    question in their place; Esc keeps things as they are.
    """

    confirmed = Signal()
    kept = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._reason, self._above = Text(), Paragraph("", align="right")
        self._presses = Row(margins=(4, 20), gap=8, least="action_bar")
        self._question = Column(margins=(0, 20), look=Look("danger_tint", sides="t"))
        above = Column(self._above, margins=(8, 20, 0, 20))
        self._actions = Column(above, self._presses, look=Look("surface", sides="t"))
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._actions)
        self._stack.addWidget(self._question)
        # not Fixed: quiet actions that go on in the next line need more than the hint
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.setAccessibleName(_("Actions"))
        self._buttons: list[QWidget] = []
        self._asked: list[QWidget] = []
        self._answers: list[QWidget] = []
        self._meaning = ""
        self._meant: Paragraph | None = None
        self._fitted: tuple[object, ...] = ()
        above.hide()
        self._due = QTimer(self, singleShot=True)  # a part must not be hidden while it is being shown
        self._due.timeout.connect(self._fit)
        theme.changed.connect(self._due.start)

    def set_actions(self, left: Sequence[QWidget], reason: str, main: QWidget | None) -> None:
        """Show actions at the left, words, and the main button; a question in progress ends."""
        if self.is_asking():
            self._keep()
        self._reason = Text(reason, role="text_2", align="right", elide=True)
        beside = Column(self._reason)  # keeps its room when hidden
        self._presses.set_items(
            [Flow(*left, gap=8) if left else None, (beside, 1), *([4, main] if main else [])]
        )
        self._buttons = [*left, *([main] if main else [])]
        self._fit()
        self._stack.setCurrentWidget(self._actions)

    def set_reason(self, reason: str) -> None:
        """Show other words beside the main button, which keeps the focus."""
        self._reason.setText(reason)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the words above the buttons where they do not fit beside them."""
        self._due.start()

    def confirm(self, question: str, meaning: str, keep: str, go: str, *, go_icon: str | None = "x") -> None:
        """Ask in place: `keep` (Esc) is the safe choice and has the focus, `go` does it.

        What it means is cut to its first sentence where more does not fit beside the answers.
        """
        stay = Button(keep, key="Esc")
        act = Button(go, icon=go_icon)
        stay.clicked.connect(self._keep)
        act.clicked.connect(self._confirm)
        self._meaning, self._meant, self._answers = meaning, Paragraph(meaning, role="text"), [stay, act]
        above = _asked(question, Paragraph(meaning, role="text"), 8)
        self._asked = [above, _asked(question, self._meant, 0)]
        beside = Column(self._asked[1])  # keeps its room when empty
        answers = Row((beside, 1), stay, act, gap=8, margins=(4, 0), least="action_bar")
        self._question.set_items([self._asked[0], answers])
        self._fit()
        self._stack.setCurrentWidget(self._question)
        stay.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, f"{question} {meaning}", assertive=True)

    def is_asking(self) -> bool:
        """Say whether a question stands in the bar."""
        return self._stack.currentWidget() is self._question

    def _fit(self) -> None:
        if self._reason.parentWidget() is None:
            return  # shown without a parent it would be a window, and ours would lose the keyboard
        words = self._reason.text()
        widths = [max(button.sizeHint().width(), button.minimumWidth()) for button in self._buttons]
        fitted = (words, widths, self.width(), self._reason, self._meant)
        if fitted == self._fitted:
            return
        self._fitted = fitted
        least = max(widths[:-1], default=0) + sum(widths[-1:])  # the quiet ones can stand below each other
        self._presses.set_across(least + theme.px(56) <= self.width())
        beside = sum(width + theme.px(8) for width in widths) + theme.px(52)
        narrow = bool(words) and beside + text_width(words, "body") > self.width()
        self._above.setText(words)
        self._reason.setVisible(not narrow)
        self._above.parentWidget().setVisible(narrow)
        self._fit_question()

    def _fit_question(self) -> None:
        if self._meant is None:
            return
        small = self.width() < theme.px(_ROOM_FOR_QUESTION)
        answers = sum(answer.sizeHint().width() + theme.px(8) for answer in self._answers)
        room = self.width() - answers - theme.px(40 + 20 + 12)
        first, _, more = self._meaning.partition(". ")
        whole = not more or text_width(self._meaning, "body") <= room
        self._meant.setText(self._meaning if whole else f"{first}.")
        for asked, shows in zip(self._asked, (small, not small), strict=False):
            asked.setVisible(shows)

    def _keep(self) -> None:
        self._stack.setCurrentWidget(self._actions)
        self.kept.emit()

    def _confirm(self) -> None:
        self._stack.setCurrentWidget(self._actions)
        self.confirmed.emit()


def _asked(question: str, meaning: Paragraph, top: int) -> Row:
    words = Column(Paragraph(question, "strong", "danger"), meaning)
    return Row(Icon("warning-fill", "icon_large", "danger"), (words, 1), gap=12, margins=(top, 0, 0, 0))
