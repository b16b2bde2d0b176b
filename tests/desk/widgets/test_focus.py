"""What has the keyboard is in sight, whole."""

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from agentdesk.desk.region import scrolling
from agentdesk.desk.widgets.box import Column
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.focus import follow_focus
from agentdesk.desk.widgets.inputs import NoteEdit


def test_part_that_gets_the_keyboard_below_what_shows_is_scrolled_into_sight_whole(
    qtbot: QtBot, qapp: QApplication
) -> None:
    note = NoteEdit()
    area = scrolling(Column(400, note, 400))
    qtbot.addWidget(area)
    follower = follow_focus(qapp)
    area.resize(400, 200)
    area.show()
    area.activateWindow()
    note.edit.setFocus()
    qtbot.waitUntil(lambda: _in_sight(note, area))
    qapp.focusChanged.disconnect(follower.follow)


def test_a_region_that_keeps_the_keyboard_has_no_ring_across_it(qtbot: QtBot, qapp: QApplication) -> None:
    button = Button("Finish")
    area = scrolling(Column(button))
    qtbot.addWidget(area)
    follower = follow_focus(qapp)
    area.show()
    area.activateWindow()
    button.setFocus()
    qtbot.waitUntil(lambda: follower.ring() is not None)
    area.setFocus()
    qtbot.waitUntil(area.hasFocus)
    assert follower.ring() is None
    qapp.focusChanged.disconnect(follower.follow)


def _in_sight(note: NoteEdit, area: QScrollArea) -> bool:
    top = note.edit.mapTo(area.viewport(), QPoint(0, 0)).y()
    return note.edit.hasFocus() and top >= 0 and top + note.edit.height() <= area.viewport().height()
