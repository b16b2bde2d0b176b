"""Things to press: button, icon button, chip."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy

from agentdesk.desk import icons
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.fade import Fade
from agentdesk.desk.widgets.key_cap import key_cap_width, key_sequence, paint_key_cap, printed
from agentdesk.desk.widgets.shapes import paint_ring
from agentdesk.desk.widgets.side import placed, write
from agentdesk.desk.widgets.text import text_width

_TURN_MS = 40
_PRESSES = (
    QEvent.Type.Shortcut,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonRelease,
    QEvent.Type.MouseButtonDblClick,
)
_PRESS_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


@dataclass(frozen=True)
class _Colors:
    fill: str | None
    line: str | None
    text: str


_KINDS = {
    "primary": _Colors("accent", None, "on_solid"),
    "secondary": _Colors("surface", "line_strong", "text"),
    "ghost": _Colors(None, None, "text_2"),
    "danger": _Colors(None, None, "danger"),
    "link": _Colors(None, None, "accent_text"),
}
_HOVER = {"primary": "accent_hover", "link": None}
_PRESS = {"primary": "accent_press", "link": None}
_OFF_BOX = _Colors("sunken", "line", "text_disabled")
_OFF_BARE = _Colors(None, None, "text_disabled")


def _is_press_key(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.key() in _PRESS_KEYS


class Button(QPushButton):
    """A button; `kind` is primary, secondary, ghost, danger or link.

    `key` is shown in a cap and, unless `fires` is false, presses the button.
    Only the keyboard gives it focus, so a click leaves no ring.
    """

    def __init__(
        self,
        text: str,
        kind: str = "secondary",
        *,
        icon: str | None = None,
        key: str | None = None,
        large: bool = False,
        width: int | None = None,
        fires: bool = True,
    ) -> None:
        super().__init__()
        self._words, self._kind, self._icon, self._key = text, kind, icon, key
        self._large, self._fixed_width = large, width
        self._busy_words: str | None = None
        self._turn = 0.0
        self._fade = Fade(self)
        self._timer = QTimer(self)
        self._timer.setInterval(_TURN_MS)
        self._timer.timeout.connect(self._turn_ring)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setText(text)
        if key and fires:
            self.setShortcut(key_sequence(key))
        theme.changed.connect(self._rescale)

    def setText(self, text: str) -> None:
        """Show other words."""
        self._words, key = text, self.shortcut()
        super().setText(text.replace("&", "&&"))
        self.setShortcut(key)  # Qt drops it with the words
        self.setAccessibleName(text)
        self._rescale()

    def set_kind(self, kind: str) -> None:
        """Weigh more or less from now on."""
        self._kind = kind
        self.update()

    def words(self) -> str:
        """Return the words as shown."""
        return self._busy_words or self._words

    def key(self) -> str | None:
        """Return the key in the cap."""
        return self._key

    def set_off(self, reason: str) -> None:
        """Switch off and say why, to the pointer and to the screen reader."""
        self.setEnabled(False)
        self._explain(reason)

    def set_on(self) -> None:
        """Switch on."""
        self.setEnabled(True)
        self._explain("")

    def set_on_unless(self, reason: str) -> None:
        """Switch on, or off where there is a reason."""
        self.set_off(reason) if reason else self.set_on()

    def _explain(self, reason: str) -> None:
        if reason != self.accessibleDescription():
            self.setToolTip(reason)
            self.setAccessibleDescription(reason)

    def set_busy(self, words: str | None) -> None:
        """Show a ring and words ending in `ing`, keeping the width; None ends it.

        A busy button takes no press.
        """
        if words is not None and self.isVisible():
            self.setMinimumWidth(self.width())
        self._busy_words = words
        self.setAccessibleName(words or self._words)
        still = words is None or theme.ms("lamp_pulse") == 0
        self._timer.stop() if still else self._timer.start()
        self._rescale()

    def is_busy(self) -> bool:
        """Say whether the ring turns."""
        return self._busy_words is not None

    def click(self) -> None:
        """Press, unless busy."""
        if not self.is_busy():
            super().click()

    def event(self, event: QEvent) -> bool:
        """Swallow every press while busy: shortcut, pointer, Space and Enter."""
        if self.is_busy() and (event.type() in _PRESSES or _is_press_key(event)):
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let Enter press as Space does."""
        if event.key() in _PRESS_KEYS[1:]:
            self.click()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """Return the size the words, icon and key need."""
        width = 2 * self._padding() + sum(part for part, _ in self._parts()) + self._gaps()
        if self._fixed_width:
            width = max(width, theme.px(self._fixed_width))
        return QSize(width, self._tall())

    def minimumSizeHint(self) -> QSize:
        """Return the size hint: a button never cuts its words."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw box, icon, words and key cap."""
        painter, colors = QPainter(self), self._colors()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_box(painter, colors)
        parts = self._parts()
        x = (self.width() - sum(w for w, _ in parts) - self._gaps()) / 2
        if not self._centred():
            x = float(self._padding())
        for width, part in parts:
            part(painter, placed(QRectF(x, 0, width, self.height()), self.rect()), colors)
            x += width + self._gap_after(part)

    def _centred(self) -> bool:
        return self.width() > self.sizeHint().width() or bool(self._fixed_width) or self.is_busy()

    def _paint_box(self, painter: QPainter, colors: _Colors) -> None:
        fill, radius, area = self._fill(colors), theme.radius("control"), QRectF(self.rect())
        painter.setPen(QPen(theme.color(colors.line), 1) if colors.line else Qt.PenStyle.NoPen)
        painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
        if colors.line:
            area = area.adjusted(0.5, 0.5, -0.5, -0.5)
        if fill is not None or colors.line:
            painter.drawRoundedRect(area, radius, radius)

    def _fill(self, colors: _Colors) -> QColor | None:
        role = colors.fill
        if self.isEnabled() and not self.is_busy():
            if self.isDown():
                role = _PRESS.get(self._kind, "hover")
            elif self.underMouse():
                role = _HOVER.get(self._kind, "hover")
        return self._fade.towards(theme.color(role) if role else None)

    def _colors(self) -> _Colors:
        boxed = self._kind in ("primary", "secondary")
        if not self.isEnabled():
            return _OFF_BOX if boxed else _OFF_BARE
        if self._kind == "secondary" and theme.high_contrast:
            return _Colors("surface", "control_line", "text")
        return _KINDS[self._kind]

    def _parts(self) -> list:  # type: ignore[type-arg]
        parts = [(text_width(self.words(), self._style()), self._paint_words)]
        if self._icon or self.is_busy():
            parts.insert(0, (theme.px("icon"), self._paint_icon))
        if self._key and not self.is_busy():
            parts.append((key_cap_width(self._key), self._paint_key))
        return parts

    def _gap_after(self, part: object) -> int:
        return theme.px(10) if part == self._paint_words and self._key else theme.px("x2")

    def _gaps(self) -> int:
        return sum(self._gap_after(part) for _, part in self._parts()[:-1])

    def _paint_icon(self, painter: QPainter, area: QRectF, colors: _Colors) -> None:
        if self.is_busy():
            size = theme.px("icon")
            square = QRectF(area.x(), round((area.height() - size) / 2), size, size)
            paint_ring(painter, square, 0.3, colors.text, self._turn)
        else:
            icons.paint(painter, area, area.x(), self._icon or "", role=colors.text)

    def _paint_words(self, painter: QPainter, area: QRectF, colors: _Colors) -> None:
        painter.setFont(theme.font(self._style()))
        painter.setPen(theme.color(colors.text))
        write(painter, area, self.words())
        if self._kind == "link" and self.underMouse() and self.isEnabled():
            y = area.center().y() + theme.px("x2")
            painter.drawLine(area.left(), y, area.right(), y)

    def _paint_key(self, painter: QPainter, area: QRectF, colors: _Colors) -> None:
        on = self.isEnabled()
        role, solid = "text_2" if on else "text_disabled", on and self._kind == "primary"
        paint_key_cap(painter, area, area.x(), self._key or "", role, on_solid=solid)

    def _style(self) -> str:
        return "lead" if self._large else "medium"

    def _tall(self) -> int:
        if self._kind == "link":
            return theme.px("target_min")
        return theme.px("control_large" if self._large else "control")

    def _padding(self) -> int:
        if self._kind == "link":
            return 0
        return theme.px("x4" if self._large else "x3")

    def _turn_ring(self) -> None:
        self._turn = (self._turn + _TURN_MS / theme.ms("lamp_pulse")) % 1
        self.update()

    def _rescale(self) -> None:
        self.setFixedHeight(self._tall())
        if not self.is_busy():
            self.setMinimumWidth(0)
        self.updateGeometry()
        self.update()


class IconButton(Button):
    """A ghost button of one icon; the tool tip holds its name and key."""

    def __init__(
        self, icon: str, name: str, *, key: str | None = None, size: int | str = "target_min"
    ) -> None:
        self._side = size
        super().__init__("", "ghost", icon=icon)
        self._words = name  # said, not painted
        self.setAccessibleName(name)
        self.setToolTip(f"{name} ({printed(key)})" if key else name)
        if key:
            self.setShortcut(key_sequence(key))

    def sizeHint(self) -> QSize:
        """Return a square of at least the smallest target."""
        return QSize(theme.px(self._side), theme.px(self._side))

    def _parts(self) -> list:  # type: ignore[type-arg]
        return [(theme.px("icon"), self._paint_icon)]

    def _padding(self) -> int:
        return (theme.px(self._side) - theme.px("icon")) // 2

    def _tall(self) -> int:
        return theme.px(self._side)


class Chip(QPushButton):
    """A small choice that stays in. `caret`: it opens a list; `tick`: it shows a check mark while on.

    `key` is only shown: the screen owns it.
    """

    def __init__(
        self,
        text: str,
        *,
        icon: str | None = None,
        caret: bool = False,
        tick: bool = False,
        checked: bool = False,
        key: str = "",
    ) -> None:
        super().__init__(text.replace("&", "&&"))
        self._words, self._icon, self._caret, self._tick, self._key = text, icon, caret, tick, key
        self.setCheckable(True)
        self.setChecked(checked)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)
        self.setAccessibleDescription(key)
        self.toggled.connect(self.updateGeometry)
        theme.changed.connect(self.updateGeometry)

    def setText(self, text: str) -> None:
        """Show other words."""
        self._words = text
        super().setText(text.replace("&", "&&"))
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of icon, words and caret."""
        width = 2 * theme.px(9) + text_width(self._words, "label")
        width += theme.px("icon_small") + theme.px(6) if self._shown_icon() else 0
        width += theme.px("x3") + theme.px(6) if self._caret else 0
        width += key_cap_width(self._key) + theme.px(6) if self._key else 0
        return QSize(width, theme.px("chip"))

    def minimumSizeHint(self) -> QSize:
        """Return the size hint: a chip never cuts its words."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the chip."""
        painter, on = QPainter(self), self.isChecked()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = "accent_tint" if on else "hover" if self.underMouse() else "surface"
        stroke = 2 if on and theme.high_contrast else 1  # there is no tint there to tell what is chosen
        painter.setPen(QPen(theme.color("accent_line" if on else "line_strong"), stroke))
        painter.setBrush(theme.color(fill))
        radius = theme.radius("control")
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        role = "text_disabled" if not self.isEnabled() else "accent_text" if on else "text_2"
        x = theme.px(9)
        if icon := self._shown_icon():
            icons.paint(painter, self.rect(), x, icon, "icon_small", role)
            x += theme.px("icon_small") + theme.px(6)
        painter.setFont(theme.font("label"))
        painter.setPen(theme.color(role))
        width = text_width(self._words, "label")
        area = placed(QRect(x, 0, width, self.height()), self.rect())
        write(painter, area, self._words)
        x += width + theme.px(6)
        if self._caret:
            icons.paint(painter, self.rect(), x, "caret-down", "x3", "text_3")
        if self._key:
            paint_key_cap(painter, self.rect(), x, self._key)

    def _shown_icon(self) -> str | None:
        return self._icon or ("check-bold" if self._tick and self.isChecked() else None)
