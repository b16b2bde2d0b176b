"""Words on screen: one line, wrapped lines of a fixed height, money."""

import math
import re
from functools import lru_cache

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPalette,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.side import begin, direction, end, write
from agentdesk.domain.money import Money

_SIDES = {"left": begin, "right": end, "center": lambda: Qt.AlignmentFlag.AlignHCenter}
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_STRONG_WEIGHT = 600


class Text(QLabel):
    """One line of text in a style and a colour role.

    `elide` lets it shrink to what stands before its first comma, or end in an ellipsis.
    """

    def __init__(
        self,
        text: str = "",
        style: str = "body",
        role: str = "text",
        *,
        align: str = "left",
        elide: bool = False,
    ) -> None:
        super().__init__(text)
        self._style, self._role, self._elide = style, role, elide
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(_SIDES[align]() | Qt.AlignmentFlag.AlignVCenter)
        across = QSizePolicy.Policy.Ignored if elide else QSizePolicy.Policy.Preferred
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)
        self._restyle()
        theme.changed.connect(self._restyle)

    def set_role(self, role: str) -> None:
        """Change the colour role."""
        if role != self._role:
            self._role = role
            self._restyle()

    def is_elided(self) -> bool:
        """Say whether the text does not fit now."""
        return self.fontMetrics().horizontalAdvance(self.text()) > self.width()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line, shortened if it may be and must be."""
        words = self.text()
        if self._elide and self.is_elided():
            first = words.partition(",")[0]
            words = self.fontMetrics().elidedText(first, Qt.TextElideMode.ElideRight, self.width())
        tip = self.text() if words != self.text() else ""
        if tip != self.toolTip():
            self.setToolTip(tip)
        painter = QPainter(self)  # a label would turn round a number among words that run leftwards
        painter.setPen(theme.color(self._role))
        painter.drawText(self.rect(), self.alignment() | direction(words), words)

    def _restyle(self) -> None:
        self.setFont(theme.font(self._style))
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, theme.color(self._role))
        self.setPalette(palette)
        self.setFixedHeight(theme.line_height(self._style))


class Paragraph(QWidget):
    """Wrapped text with the fixed line height of its style; `**words**` are bold."""

    def __init__(
        self, text: str = "", style: str = "body", role: str = "text_2", *, align: str = "left"
    ) -> None:
        super().__init__()
        self._text, self._style, self._role, self._align = text, style, role, align
        self._heights: dict[int, int] = {}
        """Wrapped heights by width: layouts ask for them again and again."""
        self._document = QTextDocument(self)
        self._document.setDocumentMargin(0)
        self._document.setDefaultTextOption(_breaks_long_words())
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._restyle()
        theme.changed.connect(self._restyle)

    def text(self) -> str:
        """Return the words without marks."""
        return _BOLD.sub(r"\1", self._text)

    def setText(self, text: str) -> None:
        """Show other words."""
        if text != self._text:
            self._text = text
            self._restyle()

    def set_role(self, role: str) -> None:
        """Change the colour role."""
        if role != self._role:
            self._role = role
            self._restyle()

    def heightForWidth(self, width: int) -> int:
        """Return the height of the wrapped lines."""
        if width not in self._heights:
            self._compose()
            self._document.setTextWidth(width)
            self._heights[width] = math.ceil(self._document.size().height())
        return self._heights[width]

    def sizeHint(self) -> QSize:
        """Return one line of the whole text, up to a comfortable measure."""
        self._compose()
        width = min(self._one_line, theme.px("payment_region_min"))
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Return one line's height and a width that still reads."""
        return QSize(theme.px("x12"), theme.line_height(self._style))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines."""
        self._compose()
        painter = QPainter(self)
        painter.translate(0, -self._sinks)
        self._document.setTextWidth(self.width())
        self._document.drawContents(painter)

    def _restyle(self) -> None:
        self._heights.clear()
        self._is_composed = False
        self.setAccessibleName(self.text())
        self.updateGeometry()
        self.update()

    def _compose(self) -> None:
        # not before somebody asks: many a text changes again, or is hidden, before it is ever seen
        if self._is_composed:
            return
        self._is_composed = True
        self._document.setTextWidth(-1)
        self._document.setDefaultFont(theme.font(self._style))
        self._document.clear()
        self._write(QTextCursor(self._document))
        self._one_line = math.ceil(self._document.idealWidth())
        self._sinks = self._below_middle()

    def _below_middle(self) -> float:
        """Return how much lower a document stands in its lines than a Text, which keeps to the middle."""
        metrics, height = QFontMetricsF(theme.font(self._style)), theme.line_height(self._style)
        line = self._document.firstBlock().layout().lineAt(0)
        return line.y() + line.ascent() - (height - metrics.height()) / 2 - metrics.ascent()

    def _write(self, cursor: QTextCursor) -> None:
        block = QTextBlockFormat()
        fixed = QTextBlockFormat.LineHeightTypes.FixedHeight.value
        block.setLineHeight(theme.line_height(self._style), fixed)
        block.setAlignment(_SIDES[self._align]())
        if direction(self._text) == Qt.TextFlag.TextForceRightToLeft:
            block.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        cursor.setBlockFormat(block)
        plain = cursor.charFormat()
        plain.setForeground(theme.color(self._role))
        bold = cursor.charFormat()
        bold.setForeground(theme.color(self._role))
        bold.setFontWeight(_STRONG_WEIGHT)
        for i, part in enumerate(_BOLD.split(self._text)):
            cursor.insertText(part, bold if i % 2 else plain)


class MoneyLabel(Text):
    """An amount: right aligned, medium; grey when the money did not move, never coloured by sign."""

    def __init__(
        self,
        money: Money,
        *,
        moved: bool = True,
        style: str = "medium",
        align: str = "right",
        role: str = "text",
    ) -> None:
        super().__init__(str(money), style, role if moved else "text_3", align=align)


def text_width(text: str, style: str) -> int:
    """Return the width of one line in a style."""
    return _width(text, style, theme.text_scale)


@lru_cache(maxsize=4096)
def _width(text: str, style: str, scale: float) -> int:  # layouts ask for the same ones all the time
    return math.ceil(QFontMetricsF(theme.font(style)).horizontalAdvance(text))


def shorten(painter: QPainter, text: str, width: float) -> str:
    """Return the text, ending in an ellipsis where it is wider in the painter's font."""
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(0, int(width)))


def wrap(text: str, style: str, width: float) -> list[str]:
    """Return the lines of a text in a style; a word wider than the width is broken."""
    layout = QTextLayout(text, theme.font(style))
    layout.setTextOption(_breaks_long_words())
    layout.beginLayout()
    lines = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        lines.append(text[line.textStart() : line.textStart() + line.textLength()].rstrip())
    layout.endLayout()
    return lines


def two_texts_height(words: tuple[str, str], width: float, first: str = "medium") -> int:
    """Return the height of a wrapped title over a wrapped caption."""
    return sum(
        theme.line_height(style) * len(wrap(text, style, width))
        for text, style in zip(words, (first, "caption"), strict=True)
    )


def paint_two_texts(
    painter: QPainter, area: QRect, words: tuple[str, str], roles: tuple[str, str], first: str = "medium"
) -> None:
    """Draw a title over a caption, each wrapped, together in the middle of the area."""
    y = area.top() + (area.height() - two_texts_height(words, area.width(), first)) // 2
    for text, style, role in zip(words, (first, "caption"), roles, strict=True):
        painter.setFont(theme.font(style))
        painter.setPen(theme.color(role))
        for line in wrap(text, style, area.width()):
            write(painter, QRect(area.left(), y, area.width(), theme.line_height(style)), line)
            y += theme.line_height(style)


def _breaks_long_words() -> QTextOption:
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    return option


def let_wrap(widget: QWidget) -> None:
    """Let a painted part's height follow from its width: it has `heightForWidth`."""
    policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    widget.setSizePolicy(policy)
