"""What cannot be read on a screen: words with dots at their end, parts that got less room than they need."""

import sys
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.widgets.text import Text, shorten
from agentdesk.desk.window import Window
from agentdesk.i18n import _

_IGNORED = QSizePolicy.Policy.Ignored


def cut(window: Window) -> list[str]:
    """Return what cannot be read; empty where everything can, if need be by scrolling down."""
    fresh = window.shell.status_bar._fresh if window.shell else None  # says less where there is no room
    texts = [one for one in window.findChildren(Text) if one.isVisible() and one is not fresh]
    areas = [one for one in window.findChildren(QScrollArea) if one.isVisible() and one.widget()]
    wide = [one.accessibleName() for one in areas if one.widget().width() > one.viewport().width()]
    return [one.text() for one in texts if one.is_elided()] + wide + list(_squeezed(window))


def wait_for_none(found: Callable[[], list[str]], qtbot: QtBot) -> None:
    """Wait until nothing is wrong: Qt shares out room later than it is asked to."""

    def is_right() -> None:
        assert found() == []

    qtbot.waitUntil(is_right)


def shortened(window: Window) -> list[str]:
    """Return which words had to end in dots where a part paints them by itself.

    Not those of the find box, which says less where there is no room.
    """
    found: list[str] = []

    def note(painter: QPainter, text: str, width: float) -> str:
        words = shorten(painter, text, width)
        found.extend([text] if words != text and text != _("Find or do anything") else [])
        return words

    ours = [one for name, one in sys.modules.items() if name.startswith("agentdesk.desk")]
    with pytest.MonkeyPatch.context() as patch:
        for module in ours:
            if getattr(module, "shorten", None) is shorten:
                patch.setattr(module, "shorten", note)
        window.grab()
    return found


def _squeezed(window: Window) -> Iterator[str]:
    for part in window.findChildren(QWidget):
        if part.isVisible() and _is_placed(part):
            yield from _lacks(part)


def _is_placed(part: QWidget) -> bool:
    holder = part.parentWidget()
    return bool(holder and holder.layout() and holder.layout().indexOf(part) >= 0)


def _lacks(part: QWidget) -> Iterator[str]:
    least, policy, name = part.minimumSizeHint(), part.sizePolicy(), _name(part)
    if part.hasHeightForWidth():
        least.setHeight(part.heightForWidth(part.width()))
    least = least.boundedTo(part.maximumSize())
    if _holds_nothing(part) and policy.horizontalPolicy() != _IGNORED and part.width() < least.width():
        yield f"{name} is {part.width()} wide and needs {least.width()}"
    if _holds_nothing(part) and policy.verticalPolicy() != _IGNORED and part.height() < least.height():
        yield f"{name} is {part.height()} high and needs {least.height()}"
    if not part.size().isEmpty() and not part.parentWidget().rect().contains(part.geometry()):
        yield f"{name} at {part.geometry().getRect()} leaves {part.parentWidget().size().toTuple()}"


def _holds_nothing(part: QWidget) -> bool:
    return part.layout() is None


def _name(part: QWidget) -> str:
    words = part.accessibleName() or (part.text() if isinstance(part, Text) else "")
    return f"{type(part).__name__} {words!r} in {type(part.parentWidget()).__name__}"
