"""An agent's whole day in words and pictures, read inside the desk."""

import math
import re
from collections.abc import Iterator

from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import (
    QImage,
    QImageReader,
    QKeyEvent,
    QPainter,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from agentdesk.assets import asset
from agentdesk.desk.theme import theme, wear_sheet
from agentdesk.desk.widgets.box import Divider, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.key_cap import printed
from agentdesk.desk.widgets.overlay import Overlay, scroll
from agentdesk.desk.widgets.text import Text
from agentdesk.i18n import _

JOURNEY, JOURNEY_KEY = _("The whole day, with pictures"), "Shift F1"
_KEY = re.compile(r"`([^`]+)`")
_STYLES = {0: "script", 1: "heading", 2: "title"}
_WIDEST, _AROUND, _MARGIN, _MEASURE = 1000, 40, 28, 760


class JourneyOverlay(Overlay):
    """Takes most of the window until Esc."""

    def __init__(self) -> None:
        self._page, close = JourneyPage(JOURNEY), Button(_("Close"), key="Esc", fires=False)
        close.clicked.connect(self.leave)
        head = Row(Text(JOURNEY, "title"), ..., close, margins=(12, 20))
        super().__init__(head, Divider(), (self._page, 1), margins=(0, 1, 8, 1))
        self.setAccessibleName(JOURNEY)
        theme.changed.connect(self._place_again)

    def open_over(self, window: QWidget) -> None:
        """Float over the window and take the keyboard."""
        self.show_over(window, self._page)

    def place(self) -> None:
        """Leave a rim of the window to be seen."""
        room, rim = self.parentWidget().rect(), theme.px(_AROUND)
        self.setFixedWidth(min(theme.px(_WIDEST), room.width() - 2 * rim))
        self.resize(self.width(), room.height() - 2 * rim)
        self.move((room.width() - self.width()) // 2, rim)
        self.raise_()

    def _place_again(self) -> None:
        if self.parentWidget() is not None:
            self.place()


class JourneyPage(QTextBrowser):
    """Scrolls with the arrows, Page Up and Down, Home and End; written anew in another look or width."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._shown: Journey | None = None
        self._top = 0
        self.verticalScrollBar().valueChanged.connect(self._note_top)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # shown now and then it would change the width, which changes the height
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setOpenLinks(False)
        self.viewport().setAutoFillBackground(False)
        wear_sheet(self.verticalScrollBar())
        theme.changed.connect(self._write)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the pictures."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._write()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the ends, too."""
        if not scroll(self.verticalScrollBar(), event):
            super().keyPressEvent(event)

    def _write(self) -> None:
        top = self._top
        before, self._shown = self._shown, Journey(self, self.viewport().width(), self.devicePixelRatioF())
        self.setDocument(self._shown)
        if before is not None:
            before.deleteLater()
        self._shown.size()  # lays all of it out: the scroll bar knows its end
        place = self._shown.documentLayout().blockBoundingRect(self._shown.findBlockByNumber(top))
        self.verticalScrollBar().setValue(math.ceil(place.top()) if top else 0)
        self._top = top

    def _note_top(self) -> None:
        """Remember the paragraph at the top: once fonts or width are other ones it cannot be asked for."""
        self._top = self.cursorForPosition(QPoint(0, 0)).blockNumber()


class Journey(QTextDocument):
    """The guide, dressed for one look and one width in pixels."""

    def __init__(self, parent: QTextBrowser, width: int, ratio: float) -> None:
        super().__init__(parent)
        self._ratio = ratio
        self._room = max(1, width - 2 * theme.px(_MARGIN))
        self.setDocumentMargin(theme.px(_MARGIN))
        self.setDefaultFont(theme.font("script"))
        self.setMarkdown(_KEY.sub(lambda key: f"`{printed(key[1])}`", text()))
        for block in _blocks(self):
            self._dress(block)

    def loadResource(self, kind: int, name: QUrl) -> object:
        """Return a picture as large as it is drawn; asked for when it comes into sight."""
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return None
        image = QImage(str(asset(f"help/{name.toString()}")))
        wide = round(self._room * self._ratio)
        return _framed(image.scaledToWidth(wide, Qt.TransformationMode.SmoothTransformation))

    def _dress(self, block: QTextBlock) -> None:
        style = _STYLES[block.blockFormat().headingLevel()]
        cursor = QTextCursor(block)
        shape = block.blockFormat()
        shape.setLineHeight(theme.line_height(style), QTextBlockFormat.LineHeightTypes.MinimumHeight.value)
        shape.setTopMargin(theme.px("x6" if shape.headingLevel() == 2 else 0))
        shape.setBottomMargin(theme.px("x2" if block.textList() else "x3"))
        fragments = _fragments(block)
        if not any(was.isImageFormat() for _start, _length, was in fragments):
            shape.setRightMargin(max(0, self._room - theme.px(_MEASURE)))
        cursor.setBlockFormat(shape)
        for start, length, was in fragments:
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.setCharFormat(self._picture(was) if was.isImageFormat() else _words(was, style))

    def _picture(self, was: QTextCharFormat) -> QTextCharFormat:
        picture = was.toImageFormat()
        name = picture.name().replace("-light.", f"-{_look()}.")
        size = QImageReader(str(asset(f"help/{name}"))).size()
        picture.setName(name)
        picture.setWidth(self._room)
        picture.setHeight(self._room * size.height() / size.width())
        return picture


def text() -> str:
    """Return the guide as written, in Markdown."""
    return asset("help/journey.md").read_text(encoding="utf-8")


def _words(was: QTextCharFormat, style: str) -> QTextCharFormat:
    is_key = was.fontFixedPitch()
    words = QTextCharFormat()
    font = theme.font(style)
    if was.fontWeight() > font.weight():
        font.setWeight(theme.font("strong").weight())
    words.setFont(theme.font("title") if is_key else font)
    words.setForeground(theme.color("text"))
    if is_key:
        words.setBackground(theme.color("sunken"))
    return words


def _framed(image: QImage) -> QImage:
    """Draw a line around a picture: its ground may be that of the page."""
    picture = image.convertToFormat(QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    painter.setPen(theme.color("line_strong"))
    painter.drawRect(picture.rect().adjusted(0, 0, -1, -1))
    painter.end()
    return picture


def _look() -> str:
    return "dark" if theme.color("window").lightness() < 128 else "light"


def _blocks(document: QTextDocument) -> Iterator[QTextBlock]:
    block = document.begin()
    while block.isValid():
        yield block
        block = block.next()


def _fragments(block: QTextBlock) -> list[tuple[int, int, QTextCharFormat]]:
    """Return place, length and format of each: dressing one changes what a walk would meet next."""
    found, walk = [], block.begin()
    while not walk.atEnd():
        one = walk.fragment()
        found.append((one.position(), one.length(), one.charFormat()))
        walk += 1
    return found
