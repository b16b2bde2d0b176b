"""What is painted stands mirrored in a language that runs leftwards; numbers do not turn round."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtWidgets import QApplication

from agentdesk.desk import icons
from agentdesk.desk.numbers import readable
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets import side
from agentdesk.desk.widgets.button import Chip
from agentdesk.desk.widgets.shapes import Progress

_LEFT, _RIGHT = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
_TO_THE_RIGHT, _TO_THE_LEFT = Qt.TextFlag.TextForceLeftToRight, Qt.TextFlag.TextForceRightToLeft


@pytest.fixture
def leftwards(dressed: QApplication) -> Iterator[None]:
    """Let the program run leftwards."""
    dressed.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    dressed.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def test_to_the_right_all_stays_where_it_is(dressed: QApplication) -> None:
    assert side.placed(QRect(3, 5, 10, 7), QRect(0, 0, 100, 20)) == QRect(3, 5, 10, 7)
    assert side.begin() & _LEFT
    assert side.end() & _RIGHT
    assert readable("+442079460958") == "+44 20 7946 0958"


@pytest.mark.usefixtures("leftwards")
def test_areas_stand_as_far_from_the_other_side() -> None:
    assert side.placed(QRect(23, 5, 10, 7), QRect(20, 0, 100, 20)) == QRect(107, 5, 10, 7)
    assert side.placed(QRectF(0, 0, 2.5, 1), QRectF(0, 0, 10, 1)) == QRectF(7.5, 0, 2.5, 1)
    assert side.begin() & _RIGHT
    assert side.end() & _LEFT


@pytest.mark.usefixtures("leftwards")
@pytest.mark.parametrize(
    ("words", "way"),
    [
        ("£123.36", _TO_THE_RIGHT),
        ("01JD-7Q0H", _TO_THE_RIGHT),
        ("No answer.", _TO_THE_RIGHT),
        ("شكرا", _TO_THE_LEFT),
        ("\u2068Amara\u2069 شكرا", _TO_THE_LEFT),
    ],
)
def test_words_keep_their_own_direction(words: str, way: Qt.TextFlag) -> None:
    assert side.direction(words) == way


@pytest.mark.usefixtures("leftwards")
def test_a_number_keeps_its_order_among_other_words() -> None:
    assert readable("+442079460958") == "\u2066\u200e+44 20 7946 0958\u200e\u2069"


@pytest.mark.usefixtures("leftwards")
def test_what_points_points_the_other_way() -> None:
    ink = theme.color("text_2").rgba()
    straight = icons._draw("caret-right", theme.px("icon"), ink, 1.0, False).toImage()
    assert icons.pixmap("caret-right").toImage() == straight.flipped(Qt.Orientation.Horizontal)
    assert (
        icons.pixmap("check").toImage() == icons._draw("check", theme.px("icon"), ink, 1.0, False).toImage()
    )


@pytest.mark.usefixtures("leftwards")
def test_progress_fills_from_the_right() -> None:
    bar = Progress(0.5, height=8)
    bar.resize(100, 8)
    image = bar.grab().toImage()
    assert image.pixelColor(75, 4) != image.pixelColor(25, 4)
    assert image.pixelColor(75, 4) == image.pixelColor(60, 4)
    bar.set_progress(0.25)
    assert bar.grab().toImage().pixelColor(60, 4) == image.pixelColor(25, 4)


@pytest.mark.usefixtures("leftwards")
def test_the_key_of_a_chip_stands_after_its_words() -> None:
    chip = Chip("Paid", key="F2")
    chip.resize(chip.sizeHint())
    beside_the_letters = chip.grab().toImage().pixelColor(theme.px(10) + 2, chip.height() // 2)
    assert beside_the_letters == theme.color("sunken")
