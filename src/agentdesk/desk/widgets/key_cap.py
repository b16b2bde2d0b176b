"""Key caps: a key as printed on the keyboard, alone or inside the button it fires."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.side import placed
from agentdesk.desk.widgets.text import text_width
from agentdesk.i18n import _, pgettext

_KEY_NAMES = {"Enter": "Return"}
#: Keys whose names are not the same on every keyboard.
_PRINTED = {
    "Ctrl": _("Ctrl"),
    "Shift": _("Shift"),
    "Enter": _("Enter"),
    "Up": pgettext("key", "Up"),
    "Down": pgettext("key", "Down"),
}


def key_sequence(key: str) -> QKeySequence:
    """Turn a key as people read it, `Ctrl Shift H`, into Qt's."""
    return QKeySequence("+".join(_KEY_NAMES.get(part, part) for part in key.split(" ")))


def printed(key: str) -> str:
    """Return a key as the reader's keyboard has it: `Strg K`, `Entrée`."""
    return " ".join(_PRINTED.get(part, part) for part in key.split(" "))


def key_cap_width(key: str) -> int:
    """Return the width of a key cap."""
    return text_width(printed(key), "label") + 2 * theme.px(6)


def paint_key_cap(
    painter: QPainter,
    frame: QRect | QRectF,
    x: float,
    key: str,
    role: str = "text_2",
    *,
    on_solid: bool = False,
) -> None:
    """Draw a key cap at `x` of a frame, in the middle of its height; mirrored where all is.

    On an accent button it is a lighter patch instead of a box.
    """
    height, radius = theme.px("key_cap"), theme.radius("badge")
    middle = frame.y() + (frame.height() - height) // 2
    area = placed(QRectF(x, middle, key_cap_width(key), height), frame)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if on_solid and not theme.high_contrast:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("on_solid", 0.18))
        painter.drawRoundedRect(area, radius, radius)
    else:
        painter.setPen(QPen(theme.color("on_solid" if on_solid else "line_strong"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush if on_solid else theme.color("sunken"))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    painter.setFont(theme.font("label"))
    painter.setPen(theme.color("on_solid" if on_solid else role))
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, printed(key))


class KeyCap(QWidget):
    """A key as printed on the keyboard; grey when it does nothing now."""

    def __init__(self, key: str, *, off: bool = False) -> None:
        super().__init__()
        self._key, self._off = key, off
        self.setAccessibleName(_("Key {key}").format(key=printed(key)))
        self._rescale()
        theme.changed.connect(self._rescale)

    def set_key(self, key: str, *, off: bool = False) -> None:
        """Show another key, grey or not."""
        self._key, self._off = key, off
        self.setAccessibleName(_("Key {key}").format(key=printed(key)))
        self._rescale()
        self.update()

    def set_off(self, off: bool) -> None:
        """Grey the cap, or not."""
        self._off = off
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cap."""
        role = "text_disabled" if self._off else "text_2"
        paint_key_cap(QPainter(self), self.rect(), 0, self._key, role)

    def _rescale(self) -> None:
        self.setFixedSize(key_cap_width(self._key), theme.px("key_cap"))
        self.update()
