"""The theme answers from the tokens, and changes reach what is on screen."""

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QFontInfo, QFontMetricsF, QPalette
from PySide6.QtWidgets import QApplication

import agentdesk.desk
from agentdesk.desk.icons import pixmap
from agentdesk.desk.theme import NAMES, load_tokens, theme
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.text import Text

pytestmark = pytest.mark.usefixtures("dressed")

_COLOR = re.compile(r"#[0-9A-Fa-f]{6}\b|#[0-9A-Fa-f]{8}\b")
_BUILT_IN_COLOR = re.compile(r"GlobalColor|Qt\.(white|black|red|green|blue|gray)\b|QColor\(\s*[\"'0-9]")


@pytest.mark.parametrize("name", NAMES)
def test_the_style_sheet_has_no_name_left(name: str) -> None:
    theme.choose(name)
    assert "$" not in theme.style_sheet()
    assert "rgba(" in theme.style_sheet()


def test_a_role_that_is_no_token_is_an_error() -> None:
    with pytest.raises(KeyError):
        theme.color("mauve")
    with pytest.raises(KeyError):
        theme.px("huge")
    with pytest.raises(ValueError, match="no such theme"):
        theme.choose("mauve")
    with pytest.raises(ValueError, match="no such text size"):
        theme.set_text_scale(2.0)


def test_inter_is_loaded_with_tabular_figures() -> None:
    for style in ("body", "medium", "strong", "heading"):
        font = theme.font(style)
        assert QFontInfo(font).family() == font.family()
        widths = {QFontMetricsF(font).horizontalAdvance(figure) for figure in "0123456789"}
        assert len(widths) == 1, style
    assert theme.font("heading").family() == "Inter Display"
    assert theme.font("heading").pixelSize() == 20


def test_a_reference_stays_one_word() -> None:
    plain = theme.font("body")
    plain.unsetFeature(plain.Tag("tnum"))
    hyphen = QFontMetricsF(theme.font("body")).horizontalAdvance("-")
    assert hyphen == QFontMetricsF(plain).horizontalAdvance("-")


def test_a_change_of_theme_reaches_text_and_palette(dressed: QApplication) -> None:
    text = Text("Accounts", role="danger")
    before = text.palette().color(QPalette.ColorRole.WindowText)
    theme.choose("dark")
    assert text.palette().color(QPalette.ColorRole.WindowText) == theme.color("danger") != before
    assert dressed.palette().color(QPalette.ColorRole.Window) == theme.color("window")


def test_text_size_grows_text_and_controls_but_not_corners() -> None:
    button, text = Button("Ask", key="F8"), Text("Ask")
    before = button.sizeHint(), text.height(), theme.radius("card")
    theme.set_text_scale(1.3)
    assert button.height() == round(32 * 1.3)
    assert button.sizeHint().width() > before[0].width()
    assert text.height() == round(20 * 1.3)
    assert theme.radius("card") == before[2]


def test_an_icon_has_ink_in_the_colour_of_its_role() -> None:
    image = pixmap("check-circle-fill", 40, "success").toImage()
    inked = [(x, y) for x in range(40) for y in range(40) if image.pixelColor(x, y).alpha() == 255]
    assert len(inked) > 500  # the 40 px circle, not the 11-of-16 ink of an unscaled icon
    assert image.pixelColor(*inked[0]).name() == theme.color("success").name()


def test_no_colour_is_written_outside_the_tokens() -> None:
    folder = Path(agentdesk.desk.__file__).parent
    files = list(folder.rglob("*.py"))
    assert len(files) > 15
    found = {
        path.name: hits
        for path in files
        if (hits := _COLOR.findall(text := path.read_text("utf-8")) + _BUILT_IN_COLOR.findall(text))
    }
    assert found.keys() <= {"theme.py"}, found


def test_sizes_stand_on_the_smallest_text_allowed() -> None:
    kind = load_tokens()["type"]
    sizes = [
        value[0]
        for value in kind.values()
        if isinstance(value, list) and len(value) == 3 and value[2] in (400, 500, 600)
    ]
    assert min(sizes) >= kind["min_px"]
