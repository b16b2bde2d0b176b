"""What scrolls: its edges stay where they are when the scroll bar comes."""

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.region import scrolling


def test_nothing_moves_aside_when_the_scroll_bar_comes(qtbot: QtBot) -> None:
    content = QWidget()
    area = scrolling(content)
    qtbot.addWidget(area)
    area.resize(400, 300)
    area.show()
    bar = area.verticalScrollBar()
    for height, scrolls in ((100, False), (900, True), (100, False)):
        content.setFixedHeight(height)
        qtbot.waitUntil(lambda scrolls=scrolls: bar.isVisible() is scrolls)
        assert content.width() == 400
