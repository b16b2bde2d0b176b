"""What floats or slides in at the right: drawer, scrim, shadow."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPoint, QPropertyAnimation, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGraphicsDropShadowEffect, QWidget

from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.box import Column, Item, Look, Row, Stacking
from agentdesk.desk.widgets.button import Button, IconButton
from agentdesk.desk.widgets.focus import move_focus
from agentdesk.desk.widgets.side import is_leftwards, placed
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.i18n import _

_SLIDE = 8


class Drawer(Column):
    """480 px at the right: head, body, foot. Signals `closed()`, `stepped(-1 or 1)`.

    Reading: put it into a Row beside the table, with `steps`. Deciding: `decide_over(window)` floats
    it over a scrim. Esc closes it and touches nothing else; Ctrl Enter presses `main` where there is one, and
    nothing below: make that button with `fires=False`. The keyboard begins at `first`, else at the top.
    """

    main: Button | None = None
    first: QWidget | None = None

    closed = Signal()
    stepped = Signal(int)

    def __init__(
        self,
        title: str,
        body: QWidget,
        foot: Sequence[Item] = (),
        *,
        steps: bool = False,
        large_foot: bool = False,
    ) -> None:
        close = IconButton("x", _("Close"), key="Esc")
        moves = [IconButton("caret-up", _("Previous")), IconButton("caret-down", _("Next"))] if steps else []
        self.title = Paragraph(title, "strong", "text")
        head = Row((self.title, 1), *moves, close, margins=(0, 16, 0, 20), gap=8, least="region_head")
        tall = "action_bar" if large_foot else "drawer_foot"
        bottom = Stacking(*foot, margins=(4, 20), gap=8, least=tall, look=Look(sides="t")) if foot else None
        super().__init__(head, (body, 1), bottom, width="drawer", look=Look("raised", sides="l"))
        self._scrim: Scrim | None = None
        self.setAccessibleName(title)
        close.clicked.connect(self.closed)
        for move, by in zip(moves, (-1, 1), strict=False):
            move.clicked.connect(lambda _=False, by=by: self.stepped.emit(by))

    def share(self) -> None:
        """Leave at least half of the room to the list beside it."""
        self.setFixedWidth(min(theme.px("drawer"), self.parentWidget().width() // 2))

    def decide_over(self, window: QWidget) -> None:
        """Float over the window's ground, else over all of it, dimming it; focus moves inside."""
        grounds = (one for one in window.findChildren(DrawerGround) if one.isVisible())
        self._scrim = Scrim(next(grounds, window))
        self.setParent(self._scrim)
        cast_shadow(self, "drawer")
        self._scrim.resized.connect(self._place)
        self._scrim.escaped.connect(self.closed)
        self._scrim.goes = self.main is not None
        self._scrim.went.connect(self._press_main)
        self._scrim.show()
        self._place()
        self.show()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if first := self.first or self.nextInFocusChain():
            first.setFocus(Qt.FocusReason.OtherFocusReason)
        slide_in(self, QPoint(-_SLIDE if is_leftwards() else _SLIDE, 0))

    def _press_main(self) -> None:
        if self.main is not None and self.isVisible():
            self.main.click()

    def leave(self) -> None:
        """Take the drawer and its scrim away."""
        self.hide()
        if self._scrim is not None:
            self._scrim.hide()
            self._scrim.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step on Up and Down."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step:
            self.stepped.emit(step)
        else:
            super().keyPressEvent(event)

    def _place(self) -> None:
        if self._scrim is not None:
            width = theme.px("drawer")
            area = QRect(self._scrim.width() - width, 0, width, self._scrim.height())
            self.setGeometry(placed(area, self._scrim.rect()))


class DrawerGround(Column):
    """The room of a window between its bars, whichever show: all that a drawer covers."""


class DrawerWhile:
    """Keeps one drawer over a window for as long as what it decides is asked."""

    def __init__(self, over: QWidget, make: Callable[[], Drawer], close: Callable[[], object]) -> None:
        self._over, self._make, self._close = over, make, close
        self._drawer: Drawer | None = None

    def show(self, asked: bool) -> None:
        """Open the drawer if it is asked and not open, take it away if it is asked no more."""
        if asked and self._drawer is None:
            self._drawer = drawer = self._make()
            drawer.closed.connect(self._close)
            drawer.decide_over(self._over.window())
        elif not asked and self._drawer is not None:
            drawer, self._drawer = self._drawer, None
            drawer.leave()


class Scrim(QWidget):
    """Dims its parent while something over it must be decided; put that something into the scrim.

    Tab stays inside. Signals `escaped()`: Esc, and where it `goes` `went()`: Ctrl Enter, neither of which
    anything below gets; `pressed()`; `resized()`.
    """

    goes = False
    went = Signal()

    escaped = Signal()
    pressed = Signal()
    resized = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._cover()
        parent.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the parent's size."""
        if isinstance(event, QResizeEvent):
            self._cover()
        return False

    def event(self, event: QEvent) -> bool:
        """Claim the keys before any shortcut below does: two of one key would cancel each other out."""
        if event.type() == QEvent.Type.ShortcutOverride and (_is_escape(event) or self._is_go(event)):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tell of Esc and Ctrl Enter; other keys go no further."""
        if _is_escape(event):
            self.escaped.emit()
        elif self._is_go(event):
            self.went.emit()

    def _is_go(self, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.isAutoRepeat():
            return False
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        return self.goes and enter and bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)

    def focusNextPrevChild(self, following: bool) -> bool:
        """Go round inside."""
        return move_focus(self, following)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the press, also what the part inside left over: what lies below is out of reach."""
        if self.childAt(event.position().toPoint()) is None:
            self.pressed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the dimming."""
        QPainter(self).fillRect(self.rect(), theme.color("scrim"))

    def _cover(self) -> None:
        self.setGeometry(self.parentWidget().rect())
        self.raise_()
        self.resized.emit()


def scrims(window: QWidget) -> list[Scrim]:
    """Return what dims a window now, the topmost last."""
    return [one for one in window.findChildren(Scrim) if one.isVisible()]


def _is_escape(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape


def cast_shadow(widget: QWidget, name: str) -> None:
    """Give a floating part its shadow."""
    offset, blur, color = theme.shadow(name)
    effect = QGraphicsDropShadowEffect(widget)
    effect.setOffset(0, offset)
    effect.setBlurRadius(blur)
    effect.setColor(color)
    widget.setGraphicsEffect(effect)


def slide_in(widget: QWidget, offset: QPoint) -> None:
    """Move a floating part in from an offset of a few pixels."""
    move = QPropertyAnimation(widget, b"pos", widget)
    move.setDuration(theme.ms("reveal"))
    move.setEasingCurve(QEasingCurve.Type.OutCubic)
    move.setStartValue(widget.pos() + offset)
    move.setEndValue(widget.pos())
    move.start(QPropertyAnimation.DeletionPolicy.DeleteWhenStopped)
