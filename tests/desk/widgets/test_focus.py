"""What has the keyboard is in sight, whole."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.region import scrolling
from agentdesk.desk.screens.payments.tabs import Tabs
from agentdesk.desk.widgets.box import Column
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.focus import follow_focus, in_reading_order
from agentdesk.desk.widgets.frame import TopBar
from agentdesk.desk.widgets.inputs import NoteEdit


def _page_names(names: tuple[str, ...]) -> TopBar:
    bar = TopBar(names, "Priya Nair", "PN")
    bar.page.connect(bar.set_page)
    bar.set_page(names[0])
    return bar


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


@pytest.mark.parametrize("make", [Tabs, _page_names])
def test_tab_goes_to_the_chosen_of_several_names_and_the_arrows_to_the_others(
    make: Callable[[tuple[str, ...]], QWidget], qtbot: QtBot
) -> None:
    row = make(("One", "Two", "Three"))
    qtbot.addWidget(row)
    row.show()
    row.activateWindow()
    qtbot.waitUntil(row.isActiveWindow)
    names = {one.accessibleName(): one for one in row.findChildren(QPushButton)}

    def stops() -> list[str]:
        return [name for name in ("One", "Two", "Three") if names[name] in in_reading_order(row)]

    assert stops() == ["One"]
    names["Three"].click()
    assert stops() == ["Three"]
    names["Three"].setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(names["Three"], Qt.Key.Key_Left)
    assert names["Two"].hasFocus() and names["Two"].isChecked()
    assert stops() == ["Two"]


def _in_sight(note: NoteEdit, area: QScrollArea) -> bool:
    top = note.edit.mapTo(area.viewport(), QPoint(0, 0)).y()
    return note.edit.hasFocus() and top >= 0 and top + note.edit.height() <= area.viewport().height()
