"""Speak one line through the screen reader, and of notices that stand somewhere only those that are new."""

from collections.abc import Hashable, Mapping

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget


def announce(widget: QWidget, text: str, assertive: bool = False) -> None:
    """Say the text; `assertive` interrupts (secured, not secured, an outcome)."""
    event = QAccessibleAnnouncementEvent(widget, text)
    level = QAccessible.AnnouncementPoliteness
    event.setPoliteness(level.Assertive if assertive else level.Polite)
    QAccessible.updateAccessibility(event)


class News:
    """Speaks each notice once while it stands, though its words change, as an age does."""

    def __init__(self) -> None:
        self._standing: set[Hashable] = set()

    def tell(self, widget: QWidget, notices: Mapping[Hashable, str], *, assertive: bool = False) -> None:
        """Take what stands there now, by what it is about."""
        for key, text in notices.items():
            if key not in self._standing:
                announce(widget, text, assertive)
        self._standing = set(notices)
