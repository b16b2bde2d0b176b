"""Speak one line through the screen reader."""

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget


def announce(widget: QWidget, text: str, assertive: bool = False) -> None:
    """Say the text; `assertive` interrupts (secured, not secured, an outcome)."""
    event = QAccessibleAnnouncementEvent(widget, text)
    level = QAccessible.AnnouncementPoliteness
    event.setPoliteness(level.Assertive if assertive else level.Polite)
    QAccessible.updateAccessibility(event)
