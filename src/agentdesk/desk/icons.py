"""Icons: one set (Phosphor, as QtAwesome ships it), drawn in a colour role, kept per theme and scale."""

import json
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPainter, QPixmap, QTransform

from agentdesk.desk.theme import load_tokens, theme
from agentdesk.desk.widgets.side import is_leftwards, placed

#: A glyph is drawn at 7/8 of its square, as the set's own metrics want it, times the token's ink.
_INK = 0.875 * load_tokens()["size"]["icon_scale"]


def pixmap(name: str, size: str | float = "icon", role: str = "text_2", ratio: float = 1.0) -> QPixmap:
    """Return a Phosphor icon, such as `check-circle-fill`, in a colour role; `size` as in Theme.px.

    One that points to a side points to the other one where the language runs leftwards.
    """
    flipped = is_leftwards() and ("left" in name or "right" in name)
    return _draw(name, theme.px(size), theme.color(role).rgba(), ratio, flipped)


def paint(
    painter: QPainter,
    frame: QRect | QRectF,
    x: float,
    name: str,
    size: str | float = "icon",
    role: str = "text_2",
) -> None:
    """Draw an icon at `x` of a frame, in the middle of its height; mirrored where all is."""
    side = theme.px(size)
    square = placed(QRectF(x, frame.y() + (frame.height() - side) // 2, side, side), frame)
    image = pixmap(name, size, role, painter.device().devicePixelRatioF())
    painter.drawPixmap(round(square.x()), round(square.y()), image)


@lru_cache(maxsize=1024)
def _draw(name: str, px: int, rgba: int, ratio: float, flipped: bool) -> QPixmap:
    family, signs = _set()
    side = round(px * ratio)
    image = QPixmap(side, side)
    ink = QColor.fromRgba(rgba)
    image.fill(QColor(ink.red(), ink.green(), ink.blue(), 0))
    font = QFont(family)
    font.setPixelSize(round(side * _INK))
    painter = QPainter(image)
    painter.setFont(font)
    painter.setPen(ink)
    painter.drawText(image.rect(), Qt.AlignmentFlag.AlignCenter, chr(int(signs[name], 16)))
    painter.end()
    if flipped:
        image = image.transformed(QTransform().scale(-1, 1))
    image.setDevicePixelRatio(ratio)
    return image


@cache
def _set() -> tuple[str, dict[str, str]]:
    """Load the font and where each sign is in it.

    Found, not imported: QtAwesome's own code brings in all of Qt by another name, a fifth of a second.
    """
    found = find_spec("qtawesome")
    assert found is not None and found.origin is not None, "it is installed with the desk"
    folder = Path(found.origin).parent / "fonts"
    font = QFontDatabase.addApplicationFont(str(next(folder.glob("phosphor-[0-9]*.ttf"))))
    signs: dict[str, str] = json.loads(next(folder.glob("phosphor-charmap-*.json")).read_text())
    return QFontDatabase.applicationFontFamilies(font)[0], signs
