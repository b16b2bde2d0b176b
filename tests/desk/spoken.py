"""What a screen reader is told of a screen, asked of Qt as its bridge asks, and what is wrong with it."""

from collections import Counter
from collections.abc import Iterator

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QPlainTextEdit, QScrollArea, QWidget

from agentdesk.desk.widgets.drawer import scrims
from agentdesk.desk.widgets.focus import FocusFollower, in_reading_order
from agentdesk.desk.window import Window
from agentdesk.domain.card import looks_like_pan

#: Roles that say nothing of what a part is or does.
_SILENT = {QAccessible.Role.NoRole, QAccessible.Role.Client, QAccessible.Role.Pane}


def faults(window: Window) -> list[str]:
    """Return what a reader could not say, or would say wrongly."""
    nodes = list(_nodes(QAccessible.queryAccessibleInterface(window)))
    return [
        *_unnamed(nodes),
        *_without_role(nodes),
        *_twice(window),
        *_without_reason(window),
        *_digits(nodes),
    ]


def out_of_order(window: Window, follower: FocusFollower) -> list[str]:
    """Return the steps of Tab that go up instead of on, and the parts whose focus cannot be seen."""
    wrong, before = [], None
    for part in list(in_reading_order(_top(window))):
        part.setFocus(Qt.FocusReason.TabFocusReason)
        if not part.hasFocus():
            wrong.append(f"{_told(part)} does not take the focus")
        elif not isinstance(part, QLineEdit | QPlainTextEdit) and not _has_ring(part, follower):
            wrong.append(f"{_told(part)} shows no focus")
        if before is not None and _scroll(before) is _scroll(part) and _goes_up(before, part):
            wrong.append(f"from {_told(before)} up to {_told(part)}")
        before = part
    return wrong


def _top(window: Window) -> QWidget:
    """Return what floats over all else, if anything does: Tab stays in it."""
    return next(iter(scrims(window)), window)


def _scroll(part: QWidget) -> QWidget | None:
    holder = part.parentWidget()
    while holder is not None and not isinstance(holder, QScrollArea):
        holder = holder.parentWidget()
    return holder


def _group(part: QWidget) -> str:
    """Return the name of what holds the part: a reader says it on the way in."""
    holder = part.parentWidget()
    while holder is not None and not holder.accessibleName():
        holder = holder.parentWidget()
    return holder.accessibleName() if holder else ""


def _nodes(node: QAccessibleInterface | None) -> Iterator[QAccessibleInterface]:
    if node is None or not node.isValid() or node.state().invisible:
        return
    yield node
    for i in range(node.childCount()):
        yield from _nodes(node.child(i))


def _unnamed(nodes: list[QAccessibleInterface]) -> list[str]:
    return [
        f"no name: {type(node.object()).__name__}"
        for node in nodes
        if isinstance(node.object(), QWidget) and _takes_tab(node.object()) and not _name(node)
    ]


def _without_role(nodes: list[QAccessibleInterface]) -> list[str]:
    return [f"no role: {_name(node)}" for node in nodes if node.role() in _SILENT and _name(node)]


def _twice(window: Window) -> list[str]:
    told = Counter(
        f"{type(part).__name__} {_told(part)} in {_group(part)!r}" for part in in_reading_order(_top(window))
    )
    return [f"{count} times: {one}" for one, count in told.items() if count > 1]


def _without_reason(window: Window) -> list[str]:
    buttons = [one for one in window.findChildren(QAbstractButton) if one.isVisible() and not one.isEnabled()]
    return [f"off without a reason: {_told(one)}" for one in buttons if not one.accessibleDescription()]


def _digits(nodes: list[QAccessibleInterface]) -> list[str]:
    texts = (node.text(kind) for node in nodes for kind in (_TEXT.Name, _TEXT.Description, _TEXT.Value))
    return [f"like a card number: {text}" for text in texts if looks_like_pan(text)]


_TEXT = QAccessible.Text


def _name(node: QAccessibleInterface) -> str:
    return node.text(_TEXT.Name)


def _told(part: QWidget) -> str:
    node = QAccessible.queryAccessibleInterface(part)
    return f"{node.role().name} {_name(node)!r}"


def _takes_tab(part: QWidget) -> bool:
    return bool(part.focusPolicy() & Qt.FocusPolicy.TabFocus) and part.isEnabled()


def _has_ring(part: QWidget, follower: FocusFollower) -> bool:
    ring = follower.ring()
    return ring is not None and ring.isVisible() and ring.geometry().contains(_place(part))


def _goes_up(before: QWidget, after: QWidget) -> bool:
    return _place(after).bottom() <= _place(before).top() and _place(after).left() < _place(before).right()


def _place(part: QWidget) -> QRect:
    return QRect(part.mapTo(part.window(), QPoint(0, 0)), part.size())
