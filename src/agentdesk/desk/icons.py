"""Icons: one set (Phosphor), drawn in a colour role, kept per theme and scale."""

from functools import lru_cache

import qtawesome
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QPixmap

from agentdesk.desk.theme import load_tokens, theme

_INK = load_tokens()["size"]["icon_scale"]


def pixmap(name: str, size: str | float = "icon", role: str = "text_2", ratio: float = 1.0) -> QPixmap:
    """Return a Phosphor icon, such as `check-circle-fill`, in a colour role; `size` as in Theme.px."""
    return _draw(name, theme.px(size), theme.color(role).rgba(), ratio)


@lru_cache(maxsize=1024)
def _draw(name: str, px: int, rgba: int, ratio: float) -> QPixmap:
    icon = qtawesome.icon(f"ph.{name}", color=QColor.fromRgba(rgba), scale_factor=_INK)
    return icon.pixmap(QSize(px, px), ratio)
