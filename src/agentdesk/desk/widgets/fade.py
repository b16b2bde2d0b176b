"""A colour that moves to the next one when a state changes, instead of jumping."""

from PySide6.QtCore import QAbstractAnimation, QVariantAnimation
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from agentdesk.desk.theme import theme


class Fade:
    """Keeps the colour a part paints; asked while painting, it repaints until it has arrived."""

    def __init__(self, widget: QWidget) -> None:
        self._widget = widget
        self._target: QColor | None = None
        self._painted = False
        self._move: QVariantAnimation | None = None

    def towards(self, color: QColor | None) -> QColor | None:
        """Return the colour to paint now on the way to this one; the first one is taken at once."""
        if color != self._target:
            before, self._target = self._now(), color
            if self._painted and theme.ms("state"):
                self._start(before, color)
            elif self._move is not None:
                self._move.stop()
        self._painted = True
        return self._now()

    def _now(self) -> QColor | None:
        moving = self._move is not None and self._move.state() == QAbstractAnimation.State.Running
        return self._move.currentValue() if moving else self._target

    def _start(self, before: QColor | None, after: QColor | None) -> None:
        if self._move is None:
            self._move = QVariantAnimation(self._widget)
            self._move.valueChanged.connect(self._repaint)
        self._move.stop()
        self._move.setDuration(theme.ms("state"))
        self._move.setStartValue(before if before is not None else _clear(after))
        self._move.setEndValue(after if after is not None else _clear(before))
        self._move.start()

    def _repaint(self) -> None:
        self._widget.update()


def _clear(color: QColor | None) -> QColor:
    """Return the colour without its substance, so that a fade from nothing does not darken."""
    clear = QColor(color) if color is not None else QColor()
    clear.setAlpha(0)
    return clear
