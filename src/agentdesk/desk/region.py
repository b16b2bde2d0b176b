"""A region of the window: head, what stays in place, what scrolls, action bar."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from agentdesk.desk.theme import theme, wear_sheet
from agentdesk.desk.widgets.action_bar import ActionBar
from agentdesk.desk.widgets.box import Column, Item, Look, Margins, fills
from agentdesk.desk.widgets.focus import in_reading_order
from agentdesk.desk.widgets.frame import RegionHead
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.i18n import _

#: Below this height of a region its help is dropped (window 800 less the bars above and below).
_LOW = 724
#: What scrolls is at least so high; where it would be less, what is `pinned` or at the `foot` scrolls too.
_LEAST_BODY = 140


class Region(Column):
    """One of the three parts of the window; F6 moves between them.

    From top to bottom: head (title, note, controls), `pinned` (never scrolls away), `body` (scrolls),
    `foot` (stays), and `action_bar` where asked for. F1 shows `help_text`. What is put into `droppable`
    hides in a low window. In a large text in a small window `pinned` and `foot` scroll with the body.
    """

    def __init__(
        self,
        title: str,
        help_text: str,
        *controls: QWidget,
        ground: str = "surface",
        margin: int = 16,
        sides: str = "",
        actions: bool = False,
    ) -> None:
        self.title, self.help_text = title, help_text
        self.note = Paragraph("", align="right")
        self.head = RegionHead(title, self.note, *controls, margin=margin)
        self.pinned, self.body, self.foot = Column(), Column(), Column()
        self.action_bar = ActionBar() if actions else None
        self.droppable: list[QWidget] = []
        self._above, self._below = Column(), Column()
        self._staying = (Column(self.pinned), Column(self.foot))
        self._scrolls = False
        self._scroll = scrolling(Column(self._above, (self.body, 1), self._below))
        super().__init__(
            self.head,
            self._staying[0],
            (self._scroll, 1),
            self._staying[1],
            self.action_bar,
            margins=(0, int("r" in sides), 0, int("l" in sides)),
            look=Look(ground, sides=sides),
        )
        self.setAccessibleName(title)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    @property
    def is_low(self) -> bool:
        """Whether there is too little room for help."""
        return self.height() < theme.px(_LOW)

    @property
    def room(self) -> int:
        """How high the body can be before it scrolls."""
        beside = sum(_height(part, self.width()) for part in (self._above, self._below))
        return self._scroll.viewport().height() - beside

    def set_note(self, text: str) -> None:
        """Say at the right of the head what this is about."""
        self.note.setText(text)

    def set_body(self, *items: Item, margins: Margins = 0, gap: int = 0) -> None:
        """Replace what scrolls."""
        self.body.set_items([Column(*items, ..., margins=margins, gap=gap)])

    def take_focus(self) -> None:
        """Focus the first part that takes the keyboard, else the region itself."""
        part = next(in_reading_order(self), None)
        (part or self._scroll).setFocus(Qt.FocusReason.TabFocusReason)

    def hold_focus(self) -> None:
        """Focus the region itself."""
        self._scroll.setFocus(Qt.FocusReason.OtherFocusReason)

    def land_focus(self) -> None:
        """Move the focus from the region itself to the first part of the body, if there is one."""
        part = next(in_reading_order(self.body), None)
        if part is not None and (self._scroll.hasFocus() or self.hasFocus()):
            part.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Drop the help where there is no room."""
        for widget in self.droppable:
            widget.setVisible(not self.is_low)
        self._fit()

    def event(self, event: QEvent) -> bool:
        """Look again whether all fits when something in the region takes more or less room."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        stays = (self.head, self.pinned, self.foot, self.action_bar)
        taken = sum(_height(part, self.width()) for part in stays if part)
        scrolls = self.height() - taken < theme.px(_LEAST_BODY)
        if scrolls == self._scrolls:
            return
        self._scrolls = scrolls
        now = self.window().focusWidget()
        for part, place in zip((self.pinned, self.foot), self._places(), strict=True):
            place.add(part)
            part.show()
        if now is not None and self.isAncestorOf(now):
            now.setFocus(Qt.FocusReason.OtherFocusReason)

    def _places(self) -> tuple[Column, Column]:
        return (self._above, self._below) if self._scrolls else self._staying


def _height(part: QWidget, width: int) -> int:
    return part.heightForWidth(width) if part.hasHeightForWidth() else part.sizeHint().height()


class _Area(QScrollArea):
    """Its bar stands over the margin of what scrolls, so that nothing moves aside when the bar comes.

    Qt holds the place of the bar all the time, and what scrolls is spread over that place.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        bar = self.verticalScrollBar()
        wear_sheet(bar)
        bar.hide()
        bar.rangeChanged.connect(self._show_bar)
        theme.changed.connect(self._spread)
        self._spread()

    def _show_bar(self, _least: int, most: int) -> None:
        self.verticalScrollBar().setVisible(most > 0)

    def _spread(self) -> None:
        self.setViewportMargins(0, 0, -self.verticalScrollBar().sizeHint().width(), 0)


def scrolling(content: QWidget) -> QScrollArea:
    """Put content into an area that scrolls up and down only."""
    area = _Area()
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    area.setAccessibleName(_("More below"))
    area.viewport().setAutoFillBackground(False)
    area.setWidget(fills(content))
    content.setAutoFillBackground(False)
    return area
