"""Rows keep what did not change, with its focus, and change or replace the rest."""

import pytest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from agentdesk.desk.widgets.box import Rows

pytestmark = pytest.mark.usefixtures("dressed")


def _shown(rows: Rows) -> list[str]:
    return [rows.layout().itemAt(i).widget().text() for i in range(rows.layout().count())]


def _open(qtbot: QtBot, rows: Rows) -> Rows:
    qtbot.addWidget(rows)
    rows.show_values(["a", "b", "c"])
    with qtbot.waitExposed(rows):
        rows.show()
    return rows


def test_a_row_whose_value_stays_is_kept_with_its_focus(qtbot: QtBot, dressed: QApplication) -> None:
    rows = _open(qtbot, Rows(QLineEdit))
    kept = rows.layout().itemAt(1).widget()
    kept.setFocus()
    rows.show_values(["x", "b", "c", "d"])
    assert _shown(rows) == ["x", "b", "c", "d"]
    assert rows.layout().itemAt(1).widget() is kept
    assert rows.focusWidget() is kept
    assert all(rows.layout().itemAt(i).widget().isVisible() for i in range(4))


@pytest.mark.parametrize("values", [[], ["a"], ["c", "b"], ["a", "x", "y", "z", "c"]], ids=len)
def test_rows_show_the_values_in_their_order(values: list[str], qtbot: QtBot) -> None:
    made = _open(qtbot, Rows(QLineEdit))
    changed = _open(qtbot, Rows(QLineEdit, QLineEdit.setText))
    for rows in (made, changed):
        rows.show_values(values)
        assert _shown(rows) == values


def test_a_row_that_can_change_is_not_made_anew(qtbot: QtBot) -> None:
    rows = _open(qtbot, Rows(QLineEdit, QLineEdit.setText))
    before = rows.layout().itemAt(0).widget()
    rows.show_values(["z", "b", "c"])
    assert rows.layout().itemAt(0).widget() is before
    assert _shown(rows) == ["z", "b", "c"]
