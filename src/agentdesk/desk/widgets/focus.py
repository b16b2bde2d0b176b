"""The keyboard: a ring around the part that has it, and Tab in the order of reading."""

from collections.abc import Iterable, Iterator
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QLayout, QLineEdit, QPlainTextEdit, QScrollArea, QWidget
from shiboken6 import isValid

from agentdesk.desk.theme import theme

_FOLLOW = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Hide, QEvent.Type.Show)
#: These show focus by their own border (app.qss); a region's body by the line above its head.
_OWN_BORDER = (QLineEdit, QPlainTextEdit, QScrollArea)
#: Pixels that stay in sight above and below what has the keyboard: its ring.
_AROUND = 8


class FocusRing(QWidget):
    """A ring around one part, above its window, clear of the pointer."""

    def __init__(self, target: QWidget) -> None:
        super().__init__(target.window())
        self._target = target
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        parent: QWidget | None = target
        while parent is not None:
            parent.installEventFilter(self)
            parent = None if parent.isWindow() else parent.parentWidget()
        target.destroyed.connect(self.deleteLater)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay around the part while it or what holds it moves."""
        if event.type() in _FOLLOW and isValid(self):
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring."""
        width = theme.px("focus_ring")
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("focus"), width))
        area = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        radius = theme.radius("control") + width
        painter.drawRoundedRect(area, radius, radius)

    def _place(self) -> None:
        target = self._target
        if not isValid(target) or not target.isVisible():
            self.hide()
            return
        out = theme.px("focus_ring") + theme.px("focus_gap")
        corner = target.mapTo(target.window(), QPoint(0, 0))
        self.setGeometry(QRect(corner, target.size()).adjusted(-out, -out, out, out))
        self.show()
        self.raise_()


class FocusFollower(QObject):
    """Puts a ring around what has the focus, in any window."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._ring: FocusRing | None = None
        app.focusChanged.connect(self.follow)

    def follow(self, _old: QWidget | None, new: QWidget | None) -> None:
        """Move the ring to the part that has the focus now, and scroll it into sight."""
        if self._ring is not None and isValid(self._ring):
            self._ring.hide()
            self._ring.deleteLater()
        shows = new is not None and not isinstance(new, _OWN_BORDER)
        self._ring = FocusRing(new) if shows and new.focusPolicy() != Qt.FocusPolicy.NoFocus else None
        if new is not None:  # a part just made has its place after the next layout
            QTimer.singleShot(0, new, partial(bring_into_view, new))

    def ring(self) -> FocusRing | None:
        """Return the ring that shows now."""
        return self._ring


def follow_focus(app: QApplication) -> FocusFollower:
    """Show the focus ring in every window of the application."""
    return FocusFollower(app)


def move_focus(within: QWidget, following: bool) -> bool:
    """Give the keyboard to the next part in the order of reading, or the one before; False where none is.

    Qt's own order is that in which parts were made, and screens make parts again all the time.
    """
    now = within.window().focusWidget()
    parts = list(in_reading_order(within, now))
    if not parts:
        return False
    place = parts.index(now) if now in parts else (-1 if following else 0)
    part = parts[(place + (1 if following else -1)) % len(parts)]
    reason = Qt.FocusReason.TabFocusReason if following else Qt.FocusReason.BacktabFocusReason
    part.setFocus(reason)
    bring_into_view(part)
    return True


def stop_at(chosen: QWidget, names: Iterable[QWidget]) -> None:
    """Let Tab reach the chosen one of several names; Left and Right go on from it.

    Qt's own stop is the one that had the keyboard last, whatever was chosen since.
    """
    for name in names:
        name.setFocusPolicy(Qt.FocusPolicy.TabFocus if name is chosen else Qt.FocusPolicy.NoFocus)


def has_gone(part: QWidget) -> bool:
    """Say whether a part cannot have the keyboard any more."""
    return not isValid(part) or not part.isVisible() or not part.isEnabled()


def is_typing() -> bool:
    """Say whether the keyboard is in a field."""
    return isinstance(QApplication.focusWidget(), QLineEdit | QPlainTextEdit)


def in_reading_order(part: QWidget, also: QWidget | None = None) -> Iterator[QWidget]:
    """Yield what Tab can reach in a part, as its layouts are read, and `also` where it shows."""
    for one in showing(part):
        reachable = one.focusPolicy() & Qt.FocusPolicy.TabFocus or one is also
        if reachable and one.isEnabled() and one.focusProxy() is None:
            yield one


def showing(part: QWidget) -> Iterator[QWidget]:
    """Yield a part and all in it that shows, as its layouts are read."""
    if not part.isVisible():
        return
    yield part
    placed = list(_placed(part.layout()))
    others = [one for one in part.children() if isinstance(one, QWidget) and not one.isWindow()]
    for child in [*placed, *(one for one in others if one not in placed)]:
        yield from showing(child)


def _placed(layout: QLayout | None) -> Iterator[QWidget]:
    for i in range(layout.count() if layout else 0):
        item = layout.itemAt(i)
        if (widget := item.widget()) is not None:
            yield widget
        else:
            yield from _placed(item.layout())


def bring_into_view(part: QWidget) -> None:
    """Scroll whatever holds the part until the part shows."""
    holder = part.parentWidget()
    while holder is not None:
        if isinstance(holder, QScrollArea) and holder.widget().isAncestorOf(part):
            # not ensureWidgetVisible: of a text it shows the caret alone
            middle = part.mapTo(holder.widget(), part.rect().center())
            holder.ensureVisible(middle.x(), middle.y(), part.width() // 2, part.height() // 2 + _AROUND)
        holder = holder.parentWidget()
