"""What shows over the whole window while somebody rehearses: stripes, words, and what the caller says."""

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from agentdesk.desk.keys import Keys
from agentdesk.desk.screens.rehearse.view_model import RehearseViewModel, said, title
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Column, Look, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _

LEAVE_KEY = "Ctrl Shift R"
_FRAME, _STRIPE = 6, 9


class RehearsalBanner(Column):
    """Stands above everything while a rehearsal goes on, and draws a striped frame round the window."""

    def __init__(self, model: RehearseViewModel, over: QWidget, keys: Keys) -> None:
        self._model, self._over = model, over
        self._title = Text("", "strong", "warning", elide=True)
        self._said = Paragraph("", "body", "text")
        leave = Button(_("Leave rehearsal"), "ghost", key=LEAVE_KEY, fires=False)
        words = Column(self._title, self._said, gap=2)
        inside = Row(
            Icon("warning-fill", "icon_large", "warning"),
            (words, 1),
            leave,
            margins=(8, 16, 8, 16),
            gap=12,
            look=Look("warning_tint", sides="b"),
        )
        super().__init__(inside, margins=(_FRAME, 0, 0, 0))
        self._frame = Stripes(over)
        self._last = ""
        leave.clicked.connect(model.leave)
        keys.add(self, _("Leave rehearsal"), LEAVE_KEY, model.leave, minor=True)
        model.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        rehearsal = self._model.current
        self.setVisible(rehearsal is not None)
        self._frame.setVisible(rehearsal is not None)
        if rehearsal is None:
            self._last = ""
            return
        self._frame.raise_()
        name = _("Rehearsal, nothing here is real: {title}").format(title=title(rehearsal.exercise))
        words = self._words()
        self._title.setText(name)
        self._said.setText(words)
        self.setAccessibleName(name)
        self.setAccessibleDescription(words)
        if words != self._last:
            announce(self, words if self._last else f"{name}. {words}", assertive=not self._last)
            self._last = words

    def _words(self) -> str:
        rehearsal = self._model.current
        assert rehearsal is not None
        if rehearsal.call_id is None:
            return _("The caller is being put through …")
        text = said(rehearsal, self._model.today)
        if text.startswith("["):
            return text.strip("[]")
        return _("The caller says: “{words}”").format(words=text)


class Stripes(QWidget):
    """A frame of slanted stripes along the edges of its parent; it takes no press and no key."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        parent.installEventFilter(self)
        self.resize(parent.size())
        theme.changed.connect(self.update)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the parent."""
        if event.type() == QEvent.Type.Resize and watched is self.parent():
            self.resize(self.parentWidget().size())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the stripes along the edges."""
        painter, wide, step = QPainter(self), theme.px(_FRAME), theme.px(_STRIPE)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge, inside = QPainterPath(), QPainterPath()
        edge.addRect(QRectF(self.rect()))
        inside.addRect(QRectF(self.rect().adjusted(wide, wide, -wide, -wide)))
        painter.setClipPath(edge.subtracted(inside))
        painter.fillRect(self.rect(), theme.color("warning_tint"))
        painter.setPen(QPen(theme.color("warning"), step))
        for x in range(-self.height(), self.width() + step, 2 * step + 4):
            painter.drawLine(QPointF(x, self.height()), QPointF(x + self.height(), 0))
