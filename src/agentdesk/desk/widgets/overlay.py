"""What floats over the window, near its top, until Esc."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractSlider, QScrollArea, QScrollBar, QWidget
from shiboken6 import isValid

from agentdesk.desk.theme import theme, wear_sheet
from agentdesk.desk.widgets.box import Column, Item, Look
from agentdesk.desk.widgets.drawer import Scrim, cast_shadow

_TOP = 120
_STEPS = {
    Qt.Key.Key_PageUp: QAbstractSlider.SliderAction.SliderPageStepSub,
    Qt.Key.Key_PageDown: QAbstractSlider.SliderAction.SliderPageStepAdd,
    Qt.Key.Key_Home: QAbstractSlider.SliderAction.SliderToMinimum,
    Qt.Key.Key_End: QAbstractSlider.SliderAction.SliderToMaximum,
}


class Overlay(Column):
    """A card over a scrim. Signal `left()`: it went away, and what had the keyboard has it again."""

    left = Signal()

    def __init__(self, *items: Item, margins: int = 0) -> None:
        look = Look("raised", "line_strong", radius="overlay")
        super().__init__(*items, margins=margins, width="command_box", look=look)
        self._scrim: Scrim | None = None
        self._before: QWidget | None = None

    def show_over(self, window: QWidget, first: QWidget) -> None:
        """Float over the window and put the keyboard into `first`."""
        for other in window.findChildren(Overlay):
            other.leave()  # one at a time: what had the keyboard before the first gets it back after the last
        self._before = window.focusWidget()
        self._scrim = Scrim(window)
        self._scrim.pressed.connect(self.leave)
        self._scrim.escaped.connect(self.leave)
        self._scrim.show()
        self.setParent(self._scrim)
        self._scrim.resized.connect(self.place)
        cast_shadow(self, "overlay")
        self.place()
        self.show()
        self.raise_()
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def leave(self) -> None:
        """Go away and give the focus back."""
        if self._scrim is None:
            return
        scrim, self._scrim = self._scrim, None
        if (inside := self.window().focusWidget()) is not None:
            inside.clearFocus()  # hiding what has the focus would look for the next part, under the scrim
        if self._before is not None and isValid(self._before):
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        for widget in (scrim, self):
            widget.hide()
            widget.deleteLater()
        self.left.emit()

    def place(self) -> None:
        """Take the height that the content needs, in the middle of the window's width."""
        window = self.parentWidget()
        self.resize(self.width(), self.heightForWidth(self.width()) or self.sizeHint().height())
        self.adjustSize()
        top = min(theme.px(_TOP), max(0, window.height() - self.height()))
        self.raise_()
        self.move((window.width() - self.width()) // 2, top)


def scroll(bar: QScrollBar, event: QKeyEvent) -> bool:
    """Scroll by Page Up and Down, Home and End; False for another key."""
    step = _STEPS.get(Qt.Key(event.key()))
    if step is not None:
        bar.triggerAction(step)
    return step is not None


class Room(QScrollArea):
    """As high as the lines, up to what the window leaves."""

    def __init__(self, lines: QWidget) -> None:
        super().__init__()
        self.setWidget(lines)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        wear_sheet(self.verticalScrollBar())
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        lines.setAutoFillBackground(False)

    def fit(self, most: int) -> None:
        """Take the height of the lines, at most so many pixels."""
        lines = self.widget()
        lines.layout().activate()
        width = theme.px("command_box")
        self.setFixedHeight(min(most, max(lines.heightForWidth(width), lines.sizeHint().height())))
