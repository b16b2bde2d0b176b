"""What can be pressed on a screen but is not found by its name or key."""

from PySide6.QtWidgets import QAbstractButton, QWidget

from agentdesk.desk.widgets.drawer import scrims
from agentdesk.desk.widgets.frame import TopBar
from agentdesk.desk.widgets.overlay import Overlay
from agentdesk.desk.window import Window


def not_found(window: Window) -> list[str]:
    """Return the names of what shows, is on, and is neither in the command box nor part of what has keys."""
    if window.shell is None:
        return []  # nobody is signed in: a form of two fields, walked with Tab and sent with Enter
    actions = window.shell._actions()
    known = {one.title for one in actions} | {one.key for one in actions if one.key}
    pressed = [one for one in window.findChildren(QAbstractButton) if one.isVisible() and one.isEnabled()]
    return [
        f"{type(one).__name__} {one.accessibleName()!r}"
        for one in pressed
        if not known & _said(one) and not _has_keys_of_its_own(one, window)
    ]


def _said(one: QAbstractButton) -> set[str]:
    """Return its words, and its key as a reader is told it or as its cap shows it."""
    cap = one.key() if hasattr(one, "key") else ""
    return {one.accessibleName(), one.accessibleDescription() or one.accessibleName(), cap or ""} - {""}


def _has_keys_of_its_own(one: QAbstractButton, window: Window) -> bool:
    holders = list(_holders(one))
    if any(isinstance(holder, TopBar) for holder in holders):
        return True  # its pages are under Go to, Ctrl K is the box itself, F12 the menu
    floating = scrims(window)
    if any(scrim.findChild(Overlay) for scrim in floating):
        return True  # F1, Ctrl K: Tab stays in what floats, Esc ends it, and then all below is found again
    return bool(floating) and not set(floating) & set(holders)  # below a drawer nothing can be pressed


def _holders(one: QWidget) -> list[QWidget]:
    holder, found = one.parentWidget(), []
    while holder is not None:
        found.append(holder)
        holder = holder.parentWidget()
    return found
