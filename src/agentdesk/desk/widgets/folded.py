"""What stands for a region that is folded: a strip with its name from top to bottom; a press opens it."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

from agentdesk.desk import icons
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.box import Look, paint_look
from agentdesk.desk.widgets.side import is_leftwards, placed, write
from agentdesk.desk.widgets.text import shorten, text_width
from agentdesk.i18n import _


class Folded(QPushButton):
    """A strip; `side` is where it touches what shows, `r` or `l`."""

    def __init__(self, title: str, icon: str, side: str) -> None:
        super().__init__(title)
        self._title, self._icon, self._side, self._about = title, icon, side, ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.set_about("")
        theme.changed.connect(self.updateGeometry)

    def set_about(self, about: str) -> None:
        """Write whom or what the region is about beside its title."""
        self._about = about
        named = _("{region}: {about}").format(region=self._title, about=about)
        self.setAccessibleName(named if about else self._title)
        self.setAccessibleDescription(_("Folded. A press opens it."))
        self.setToolTip(self.accessibleName())
        self.update()

    def sizeHint(self) -> QSize:
        """Return the width of a strip."""
        return QSize(theme.px("region_head"), theme.px("region_head"))

    def minimumSizeHint(self) -> QSize:
        """Return the size hint."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the icon where the head of the region is, and the words below it, turned."""
        painter, head, size = QPainter(self), theme.px("region_head"), theme.px("icon_large")
        fill = theme.color("hover" if self.underMouse() else "surface")
        paint_look(self, painter, Look(sides=self._side), fill)
        place = QRect(0, 0, self.width(), head)
        icons.paint(painter, place, (self.width() - size) // 2, self._icon, "icon_large")
        if is_leftwards():  # read from top to bottom, too
            painter.translate(0, self.height())
            painter.rotate(-90)
        else:
            painter.translate(self.width(), head)
            painter.rotate(90)
        self._write(painter, 0, self._title, "strong", "text")
        x = text_width(self._title, "strong") + theme.px(12)
        self._write(painter, x, self._about, "body", "text_2")

    def _write(self, painter: QPainter, x: int, words: str, style: str, role: str) -> None:
        painter.setFont(theme.font(style))
        painter.setPen(theme.color(role))
        room = self.height() - theme.px("region_head") - theme.px(12) - x
        strip = QRect(0, 0, self.height() - theme.px("region_head"), self.width())
        area = placed(QRect(x, 0, room, self.width()), strip)
        write(painter, area, shorten(painter, words, room))
