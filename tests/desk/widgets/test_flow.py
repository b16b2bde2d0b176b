"""A row that wraps."""

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.widgets.flow import Flow


def boxes(count: int) -> list[QWidget]:
    made = [QWidget() for _ in range(count)]
    for box in made:
        box.setFixedSize(40, 20)
    return made


def test_what_has_no_room_goes_on_in_the_next_line(qtbot: QtBot) -> None:
    parts = boxes(3)
    flow = Flow(*parts, gap=8)
    qtbot.addWidget(flow)
    flow.resize(100, flow.heightForWidth(100))
    flow.show()
    qtbot.waitUntil(lambda: [part.y() for part in parts] == [0, 0, 28])
    assert (flow.heightForWidth(136), flow.heightForWidth(135)) == (20, 48)


def test_what_is_hidden_takes_no_room(qtbot: QtBot) -> None:
    parts = boxes(3)
    flow = Flow(*parts, gap=8)
    qtbot.addWidget(flow)
    flow.show()
    parts[0].hide()
    assert flow.heightForWidth(88) == 20
    flow.resize(88, 20)
    qtbot.waitUntil(lambda: [part.x() for part in parts[1:]] == [0, 48])


def test_what_stands_in_a_line_is_level(qtbot: QtBot) -> None:
    low, high = boxes(2)
    high.setFixedHeight(32)
    flow = Flow(low, high, gap=8)
    qtbot.addWidget(flow)
    flow.resize(100, 32)
    flow.show()
    qtbot.waitUntil(lambda: (low.y(), high.y()) == (6, 0))
