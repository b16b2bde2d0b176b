"""A region of the window: head, what stays in place, what scrolls, action bar."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget

from agentdesk.desk.theme import theme, wear_sheet
from agentdesk.desk.widgets.action_bar import ActionBar
from agentdesk.desk.widgets.box import Column, Item, Look, Margins, fills
from agentdesk.desk.widgets.focus import in_reading_order
from agentdesk.desk.widgets.frame import RegionHead
from agentdesk.desk.widgets.text import Text
from agentdesk.i18n import _

#: Below this height of a region its help is dropped (window 800 less the bars above and below).
_LOW = 724


class Region(Column):
    """One of the three parts of the window; F6 moves between them.

    From top to bottom: head (title, note, controls), `pinned` (never scrolls away), `body` (scrolls),
    `foot` (stays), and `action_bar` where asked for. F1 shows `help_text`. What is put into `droppable`
    hides in a low window.
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
        self.note = Text("", "body", "text_2")
        self.head = RegionHead(title, self.note, *controls, margin=margin)
        self.pinned, self.body, self.foot = Column(), Column(), Column()
        self.action_bar = ActionBar() if actions else None
        self.droppable: list[QWidget] = []
        self._scroll = scrolling(self.body)
        super().__init__(
            self.head,
            self.pinned,
            (self._scroll, 1),
            self.foot,
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


def scrolling(content: QWidget) -> QScrollArea:
    """Put content into an area that scrolls up and down only."""
    area = QScrollArea()
    area.setFrameShape(QFrame.Shape.NoFrame)
    wear_sheet(area.verticalScrollBar())
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    area.setAccessibleName(_("More below"))
    area.viewport().setAutoFillBackground(False)
    area.setWidget(fills(content))
    content.setAutoFillBackground(False)
    return area
