"""The guide through an agent's day: what it names exists, and the desk shows it in every look and size."""

import ast
import re
from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QImage, QTextDocument
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from agentdesk.assets import asset
from agentdesk.desk.help_overlay import HelpOverlay
from agentdesk.desk.journey import JOURNEY, JourneyOverlay, JourneyPage, text
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.overlay import Room
from agentdesk.desk.window import Window
from tests.desk.shots import STAGES
from tests.desk.walk import focused, press
from tests.rules.tree import SOURCE, modules

Enter = Callable[[], None]
PICTURES = re.findall(r"!\[[^]]+\]\((.+?)\)", text())
KEYS = sorted(set(re.findall(r"`([^`]+)`", text())))


def test_every_picture_is_one_that_the_shots_make() -> None:
    assert len(PICTURES) > 10
    assert {one.removesuffix("-light.png") for one in PICTURES} <= {stage.__name__ for stage in STAGES}


@pytest.mark.parametrize("look", ["light", "dark"])
def test_every_picture_is_there_in_both_looks(look: str) -> None:
    names = [one.replace("-light.", f"-{look}.") for one in PICTURES]
    assert [one for one in names if QImage(str(asset(f"help/{one}"))).isNull()] == []


def test_every_key_is_one_of_the_desk() -> None:
    written = _keys_of_the_desk()
    assert [key for key in KEYS if not any(re.fullmatch(one, key) for one in written)] == []
    assert {"F1", "F4", "F10", "Alt 1", "Shift F1"} <= set(KEYS)


def _keys_of_the_desk() -> set[str]:
    """Return a pattern for every text of the desk's code; a number filled in is any digit."""
    patterns = set()
    for module in modules(SOURCE / "desk").values():
        for one in ast.walk(module):
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                patterns.add(re.escape(one.value))
            elif isinstance(one, ast.JoinedStr):
                patterns.add("".join(_pattern(part) for part in one.values))
    return {one for one in patterns if len(one) < 20}


def _pattern(part: ast.expr) -> str:
    return re.escape(part.value) if isinstance(part, ast.Constant) else r"\d"


def shown(window: Window) -> JourneyPage:
    """Return the guide on the screen."""
    (overlay,) = [one for one in window.findChildren(JourneyOverlay) if one.isVisible()]
    return overlay.findChild(JourneyPage)


def top(page: JourneyPage) -> int:
    """Return the number of the paragraph at the top."""
    return page.cursorForPosition(QPoint(0, 0)).blockNumber()


def picture(page: JourneyPage, look: str) -> QImage:
    """Return the first picture as it is drawn."""
    image = page.document().resource(
        QTextDocument.ResourceType.ImageResource.value, QUrl(PICTURES[0].replace("light", look))
    )
    assert isinstance(image, QImage)
    return image


def test_shift_f1_opens_it_from_f1_and_esc_gives_the_focus_back(
    window: Window, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    press(window, "Ctrl+F")
    before = focused()
    press(window, "F1")
    press(window, "Shift+F1")
    page = shown(window)
    assert focused() is page
    assert page.accessibleName() == JOURNEY
    assert page.isReadOnly()
    qtbot.waitUntil(lambda: window.findChild(HelpOverlay) is None)
    qtbot.keyClick(page, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.findChild(JourneyOverlay) is None)
    assert focused() is before


def test_a_key_of_the_desk_closes_it(window: Window, enter: Enter, qtbot: QtBot) -> None:
    enter()
    press(window, "Shift+F1")
    press(window, "Shift+F1")
    shown(window)
    press(window, "Ctrl+F")
    qtbot.waitUntil(lambda: window.findChild(JourneyOverlay) is None)


def test_it_scrolls_by_keyboard(window: Window, enter: Enter, qtbot: QtBot) -> None:
    enter()
    press(window, "Shift+F1")
    page = shown(window)
    bar, places = page.verticalScrollBar(), [0]
    for key in (Qt.Key.Key_Down, Qt.Key.Key_PageDown, Qt.Key.Key_End):
        qtbot.keyClick(page, key)
        places.append(bar.value())
    assert places == sorted(set(places))
    assert bar.value() == bar.maximum()
    qtbot.keyClick(page, Qt.Key.Key_Home)
    assert bar.value() == 0


@pytest.mark.parametrize(("look", "files"), [("light", "light"), ("dark", "dark"), ("high_contrast", "dark")])
def test_pictures_are_those_of_the_look_and_fill_the_width(
    window: Window, enter: Enter, dressed: QApplication, look: str, files: str
) -> None:
    enter()
    press(window, "Shift+F1")
    page = shown(window)
    theme.choose(look)
    html = page.document().toHtml()
    assert f"-{files}.png" in html
    assert ("-light.png" in html, "-dark.png" in html) == (files == "light", files == "dark")
    ratio = page.devicePixelRatioF()
    assert 0.8 < picture(page, files).width() / ratio / page.viewport().width() < 1


def test_large_text_keeps_the_place_and_needs_no_sideways_scrolling(
    window: Window, enter: Enter, qtbot: QtBot, dressed: QApplication
) -> None:
    enter()
    window.resize(1280, 720)
    press(window, "Shift+F1")
    page, bar = shown(window), shown(window).verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    read, small = top(page), page.document().defaultFont().pixelSize()
    theme.set_text_scale(1.5)
    assert page.document().defaultFont().pixelSize() == round(small * 1.5)
    assert top(page) == read
    assert page.document().idealWidth() <= page.viewport().width()
    assert window.rect().contains(page.mapTo(window, page.rect().bottomRight()))


def test_f1_fits_a_low_window_and_scrolls(window: Window, enter: Enter, qtbot: QtBot) -> None:
    enter()
    window.resize(1280, 720)
    press(window, "F1")
    overlay = window.findChild(HelpOverlay)
    assert overlay.parentWidget().rect().contains(overlay.geometry())
    bar = overlay.findChild(Room).verticalScrollBar()
    qtbot.keyClick(focused(), Qt.Key.Key_PageDown)
    assert 0 < bar.value() <= bar.maximum()
