"""Things to choose or tick: route cards, options, check rows, results of checks."""

from PySide6.QtCore import QPoint, QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QCheckBox, QRadioButton

from agentdesk.desk import icons
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.box import Look, Row
from agentdesk.desk.widgets.key_cap import key_cap_width, paint_key_cap
from agentdesk.desk.widgets.shapes import Icon, paint_check, paint_radio
from agentdesk.desk.widgets.side import placed, write
from agentdesk.desk.widgets.text import (
    Paragraph,
    Text,
    let_wrap,
    paint_two_texts,
    text_width,
    two_texts_height,
    wrap,
)
from agentdesk.i18n import _


class RouteCard(QRadioButton):
    """A way to pay: icon, title, one line. Radio cards of one parent exclude each other.

    `key` is only shown: the screen owns it.
    """

    def __init__(self, icon: str, title: str, detail: str, *, key: str = "", checked: bool = False) -> None:
        super().__init__()
        self._icon, self._title, self._detail, self._key = icon, title, detail, key
        self.setChecked(checked)
        let_wrap(self)
        self._name()
        theme.changed.connect(self.updateGeometry)

    def set_off(self, reason: str) -> None:
        """Switch off; the reason takes the place of the line."""
        self.setEnabled(False)
        self._detail = reason
        self._name()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of a card with its words."""
        words = max(text_width(self._title, "medium"), text_width(self._detail, "caption"))
        return QSize(words + 2 * theme.px("x3"), theme.px(92))

    def minimumSizeHint(self) -> QSize:
        """Return a width that still shows the icon and the mark; words wrap."""
        return QSize(theme.px(116), theme.px(92))

    def heightForWidth(self, width: int) -> int:
        """Return the height of icon and wrapped words, or of a card with two lines."""
        words = two_texts_height((self._title, self._detail), width - 2 * theme.px("x3"))
        return max(theme.px(92), words + theme.px("icon_large") + 3 * theme.px("x3"))

    def hitButton(self, pos: QPoint) -> bool:
        """Take a press anywhere on the card."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card."""
        painter, on, off = QPainter(self), self.isChecked(), not self.isEnabled()
        _paint_choice_box(painter, self)
        inner = self.rect().adjusted(*(m * theme.px("x3") for m in (1, 1, -1, -1)))
        ink = "text_disabled" if off else "accent_text" if on else "text_2"
        head, side = QRect(inner.topLeft(), QSize(inner.width(), theme.px("icon_large"))), theme.px("icon")
        icons.paint(painter, head, head.left(), self._icon, "icon_large", ink)
        x, top = head.right() + 1 - side, head.top() + (head.height() - side) / 2
        paint_radio(painter, placed(QRectF(x, top, side, side), head), on)
        if self._key:
            x -= theme.px("x2") + key_cap_width(self._key)
            paint_key_cap(painter, head, x, self._key, "text_disabled" if off else "text_2")
        roles = ("text_disabled" if off else "text", "text_2" if on else "text_3")
        words = (self._title, self._detail)
        # under the icon, in one line with those of the cards beside it
        inner.setRect(
            inner.x(),
            head.bottom() + 1 + theme.px("x3"),
            inner.width(),
            two_texts_height(words, inner.width()),
        )
        paint_two_texts(painter, inner, words, roles)

    def _name(self) -> None:
        self.setAccessibleName(self._title)
        self.setAccessibleDescription(self._detail)


class OptionRow(QRadioButton):
    """One option of a decision: radio mark, title, what follows from it.

    `key` is only shown: the screen owns it.
    """

    def __init__(self, title: str, detail: str, *, key: str = "", checked: bool = False) -> None:
        super().__init__()
        self._title, self._detail, self._key = title, detail, key
        self.setChecked(checked)
        let_wrap(self)
        self.setAccessibleName(title)
        self.setAccessibleDescription(detail)
        theme.changed.connect(self.updateGeometry)

    def set_off(self, reason: str) -> None:
        """Switch off; the reason takes the place of what follows."""
        self.setEnabled(False)
        self._detail = reason
        self.setAccessibleDescription(reason)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the size of the row."""
        words = max(text_width(self._title, "medium"), text_width(self._detail, "caption"))
        return QSize(words + theme.px("icon") + 3 * theme.px("x3"), theme.px(56))

    def minimumSizeHint(self) -> QSize:
        """Return a width at which words wrap."""
        return QSize(theme.px(120), theme.px(56))

    def heightForWidth(self, width: int) -> int:
        """Return the height of the wrapped words, or of the row."""
        words = two_texts_height((self._title, self._detail), self._words_area(width, 0).width())
        return max(theme.px(56), words + theme.px("x4"))

    def hitButton(self, pos: QPoint) -> bool:
        """Take a press anywhere on the row."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the row."""
        painter, off = QPainter(self), not self.isEnabled()
        _paint_choice_box(painter, self)
        side, x = theme.px("icon"), theme.px("x3")
        mark = placed(QRectF(x, (self.height() - side) / 2, side, side), self.rect())
        paint_radio(painter, mark, self.isChecked())
        if self._key:
            cap = self.width() - x - key_cap_width(self._key)
            paint_key_cap(painter, self.rect(), cap, self._key, "text_disabled" if off else "text_2")
        roles = ("text_disabled", "text_3" if self._key else "text_disabled") if off else ("text", "text_2")
        area = self._words_area(self.width(), self.height())
        paint_two_texts(painter, area, (self._title, self._detail), roles)

    def _words_area(self, width: int, height: int) -> QRect:
        left = 2 * theme.px("x3") + theme.px("icon")
        cap = key_cap_width(self._key) + theme.px("x3") if self._key else 0
        area = QRect(left, 0, width - left - cap - theme.px("x3"), height)
        return placed(area, QRect(0, 0, width, height))


class CheckRow(QCheckBox):
    """A thing to tick off: words at the left, when or why at the right; a hairline unless `last`."""

    def __init__(self, text: str, detail: str = "", *, checked: bool = False, last: bool = False) -> None:
        super().__init__()
        self._text, self._detail, self._last = text, detail, last
        self.setChecked(checked)
        let_wrap(self)
        self.setAccessibleName(text)
        self.setAccessibleDescription(detail)
        theme.changed.connect(self.updateGeometry)

    def set_detail(self, detail: str) -> None:
        """Show other words at the right."""
        self._detail = detail
        self.setAccessibleDescription(detail)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of both texts."""
        width = text_width(self._text, "body") + text_width(self._detail, "body")
        return QSize(width + theme.px("icon") + 5 * theme.px("x3"), theme.px(40))

    def minimumSizeHint(self) -> QSize:
        """Return a width at which words wrap."""
        return QSize(theme.px(200), theme.px(40))

    def heightForWidth(self, width: int) -> int:
        """Return the height of the wrapped words, or of the row."""
        lines = len(wrap(self._text, "body", self._room(width)))
        return max(theme.px(40), lines * theme.line_height("body") + 2 * theme.px(10))

    def _room(self, width: int) -> int:
        around = 2 * theme.px(14) + theme.px("icon") + 2 * theme.px("x3")
        return width - around - text_width(self._detail, "body")

    def hitButton(self, pos: QPoint) -> bool:
        """Take a press anywhere on the row."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw box and words."""
        painter, side, margin = QPainter(self), theme.px("icon"), theme.px(14)
        box = QRectF(margin, (self.height() - side) / 2, side, side)
        paint_check(painter, placed(box, self.rect()), self.isChecked(), self.isEnabled())
        painter.setFont(theme.font("body"))
        words = placed(self.rect().adjusted(margin + side + theme.px("x3"), 0, -margin, 0), self.rect())
        off = not self.isEnabled()
        painter.setPen(theme.color("text_disabled" if off else "text"))
        lines, height = wrap(self._text, "body", self._room(self.width())), theme.line_height("body")
        top = (self.height() - len(lines) * height) // 2
        for i, line in enumerate(lines):
            area = QRect(words.left(), top + i * height, words.width(), height)
            write(painter, area, line)
        painter.setPen(theme.color("text_disabled" if off else "text_2"))
        write(painter, words, self._detail, at_end=True)
        if not self._last:
            painter.fillRect(0, self.height() - 1, self.width(), 1, theme.color("line"))


class ResultRow(Row):
    """The result of one check: `ok`, `failed`, `open` (not yet) or `slow`, with its source at the right."""

    MARKS = {
        "ok": ("check-circle-fill", "success"),
        "failed": ("x-circle-fill", "danger"),
        "slow": ("warning-fill", "warning"),
        "open": ("circle-dashed", "text_3"),
    }

    _SAID = {"ok": _("ok"), "failed": _("failed"), "slow": _("slow"), "open": _("not yet")}

    def __init__(self, state: str, text: str, detail: str = "", *, last: bool = False) -> None:
        icon, role = self.MARKS[state]
        super().__init__(
            Icon(icon, "icon", role),
            (Paragraph(text, role="text"), 1),
            Text(detail, role="text_2"),
            margins=(8, 14),
            gap=10,
            look=Look(sides="" if last else "b"),
        )
        self.setAccessibleName(f"{text}: {self._SAID[state]}")
        self.setAccessibleDescription(detail)


def _paint_choice_box(painter: QPainter, button: QAbstractButton) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    on, off = button.isChecked(), not button.isEnabled()
    stroke = 2 if on else 1
    fill = "accent_tint" if on else "sunken" if off else "hover" if button.underMouse() else "surface"
    painter.setPen(QPen(theme.color("accent" if on else "line" if off else "line_strong"), stroke))
    painter.setBrush(theme.color(fill))
    half, radius = stroke / 2, theme.radius("card") - stroke / 2
    painter.drawRoundedRect(QRectF(button.rect()).adjusted(half, half, -half, -half), radius, radius)
