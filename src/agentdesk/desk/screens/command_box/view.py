"""The box that floats over the window: type, choose with the arrows, Enter."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from agentdesk.desk import icons
from agentdesk.desk.screens.command_box.view_model import CommandBoxViewModel, Line, marks
from agentdesk.desk.screens.customer.view_model import LONGEST_SEARCH
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.badge import KINDS, BadgeKind, badge_size, paint_badge_in
from agentdesk.desk.widgets.box import Column, Look, Row
from agentdesk.desk.widgets.inputs import LineEdit
from agentdesk.desk.widgets.key_cap import KeyCap, key_cap_width, paint_key_cap, printed
from agentdesk.desk.widgets.overlay import Overlay, Room
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.side import direction, placed, write
from agentdesk.desk.widgets.text import Paragraph, Text, shorten
from agentdesk.i18n import _

_TYPING_MS = 250
_ROW = 36
#: What the window keeps of its height: above and below the box, its field and its foot.
_CHROME = 120 + 60 + 104
_NOTHING = _("Nothing fits. Try a name, an account or what you want to do.")
_BADGES = KINDS | {"on_call": BadgeKind("info", "phone-call-fill", _("On this call"))}


class CommandBox(Overlay):
    """Ctrl K: every customer, payment, action and place by name, with its key."""

    def __init__(self, model: CommandBoxViewModel) -> None:
        self._model = model
        self.field = LineEdit(
            placeholder=_("Find or do anything"),
            name=_("Find or do anything"),
            icon="magnifying-glass",
            large=True,
        )
        self.field.edit.bare = True
        self.field.edit.setMaxLength(LONGEST_SEARCH)
        self._lines = Column(margins=(4, 8))
        self._room = Room(self._lines)
        super().__init__(
            Row((self.field, 1), KeyCap("Esc"), gap=12, margins=(10, 16), look=Look(sides="b")),
            self._room,
            _foot(),
        )
        model.setParent(self)
        self.setAccessibleName(_("Find or do anything"))
        self._rows: list[LineRow] = []
        self._at = 0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_TYPING_MS)
        self._timer.timeout.connect(model.find)
        self.field.changed.connect(self._type)
        self.field.accepted.connect(self._run)
        model.changed.connect(self._show)
        self._show()

    def open_over(self, window: QWidget) -> None:
        """Float over the window and take the keyboard."""
        self.show_over(window, self.field.edit)

    def place(self) -> None:
        """Leave some of the window to be seen below."""
        self._room.fit(self.parentWidget().height() - theme.px(_CHROME))
        super().place()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose among the lines; the keyboard stays in the field."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step and self._rows:
            self._choose((self._at + step) % len(self._rows))
        else:
            super().keyPressEvent(event)

    # --- inside

    def _type(self, text: str) -> None:
        self._at = 0
        self._model.type(text)
        self._timer.start()

    def _show(self) -> None:
        chosen = self._rows[self._at].line if self._at < len(self._rows) else None
        lines = self._model.lines
        self._rows = [LineRow(line, self._model.text) for line in lines]
        items: list[QWidget] = []
        for before, row in zip([None, *lines], self._rows, strict=False):
            if before is None or before.group != row.line.group:
                items.append(Row(Text(row.line.group, "label", "text_2"), margins=(6, 12, 2, 12)))
            items.append(row)
            row.clicked.connect(lambda _=False, row=row: self._press(row))
        self._lines.set_items([*items, *self._words()])
        same = [place for place, line in enumerate(lines) if chosen and line.title == chosen.title]
        self._choose(same[0] if same and self._at else 0, spoken=False)
        if self.isVisible():
            self.place()

    def _words(self) -> list[QWidget]:
        words = [self._model.error] if self._model.error else []
        if not self._rows and not words:
            asking = self._model.is_asking or self._timer.isActive()
            words = [
                _("Looking …")
                if asking
                else _("Nothing fits. Try a name, an account or what you want to do.")
            ]
        return [Row((Paragraph(text), 1), margins=(8, 12)) for text in words]

    def _choose(self, place: int, *, spoken: bool = True) -> None:
        self._at = place
        for number, row in enumerate(self._rows):
            row.set_chosen(number == place)
        if place < len(self._rows):
            row = self._rows[place]
            QTimer.singleShot(0, row, lambda: self._room.ensureWidgetVisible(row, 0, theme.px(28)))
            if spoken:
                announce(self.field.edit, row.accessibleName())

    def _run(self) -> None:
        if self._at < len(self._rows):
            self._press(self._rows[self._at])

    def _press(self, row: "LineRow") -> None:
        if row.line.why_off:
            announce(self.field.edit, row.line.why_off, assertive=True)
            return
        self.leave()
        QTimer.singleShot(0, row.line.run)  # what had the keyboard has it again by then


class LineRow(QPushButton):
    """One line: icon, title with what was typed in accent, detail, then badge or key."""

    def __init__(self, line: Line, typed: str) -> None:
        super().__init__()
        self.line, self._marks = line, marks(typed, line.title)
        self._chosen = False
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        word = _BADGES[line.badge].word if line.badge in _BADGES else ""
        parts = (
            line.title,
            line.detail,
            word,
            line.why_off,
            line.key and _("key {key}").format(key=printed(line.key)),
        )
        self.setAccessibleName(", ".join(part for part in parts if part))

    def set_chosen(self, chosen: bool) -> None:
        """Mark the line that Enter runs."""
        self._chosen = chosen
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the row."""
        return QSize(theme.px(200), theme.px(_ROW))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._chosen or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent_tint" if self._chosen else "hover"))
            painter.drawRoundedRect(QRectF(self.rect()), theme.radius("control"), theme.radius("control"))
        size, x = theme.px("icon"), theme.px("x3")
        ink = "text_disabled" if self.line.why_off else "accent_text" if self._chosen else "text_2"
        icons.paint(painter, self.rect(), x, self.line.icon, role=ink)
        end = self._paint_end(painter)
        self._paint_words(
            painter, QRect(x + size + theme.px("x2"), 0, end - x - size - theme.px(16), self.height())
        )

    def _paint_end(self, painter: QPainter) -> int:
        """Draw badge or key; return where it starts."""
        right = self.width() - theme.px("x3")
        if self.line.badge in _BADGES:
            kind = _BADGES[self.line.badge]
            width = badge_size(kind.word, kind.icon).width()
            right -= width
            paint_badge_in(painter, placed(QRect(right, 0, width, self.height()), self.rect()), kind)
        elif self.line.key:
            right -= key_cap_width(self.line.key)
            role = "text_disabled" if self.line.why_off else "text_2"
            paint_key_cap(painter, self.rect(), right, self.line.key, role)
        return right

    def _paint_words(self, painter: QPainter, area: QRect) -> None:
        x, left = area.x(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute
        painter.setFont(theme.font("medium"))
        whole = QRect(x, 0, painter.fontMetrics().horizontalAdvance(self.line.title), area.height())
        moved = placed(whole, self.rect()).x() - x
        parts = split(self.line.title, self._marks)
        if direction(self.line.title) == Qt.TextFlag.TextForceRightToLeft:
            parts.reverse()
        for part, marked in parts:
            role = "text_disabled" if self.line.why_off else "accent_text" if marked else "text"
            painter.setPen(theme.color(role))
            room = QRect(x + moved, 0, max(0, area.right() - x), area.height())
            painter.drawText(room, left | Qt.AlignmentFlag.AlignVCenter | direction(part), part)
            x += painter.fontMetrics().horizontalAdvance(part)
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text_2"))
        x += theme.px(10)
        room = QRect(x, 0, max(0, area.right() - x), area.height())
        rest = self.line.why_off or self.line.detail
        write(painter, placed(room, self.rect()), shorten(painter, rest, room.width()))


def split(title: str, places: list[tuple[int, int]]) -> list[tuple[str, bool]]:
    """Cut a title into its parts, each with whether it is marked."""
    parts: list[tuple[str, bool]] = []
    at = 0
    for start, stop in places:
        parts += [(title[at:start], False), (title[max(at, start) : stop], True)]
        at = max(at, stop)
    return [part for part in [*parts, (title[at:], False)] if part[0]]


def _foot() -> Row:
    return Row(
        *(KeyCap("Up"), KeyCap("Down"), Text(_("choose"), "caption", "text_2"), 8),
        *(KeyCap("Enter"), Text(_("open"), "caption", "text_2")),
        ...,
        Icon("shield-check", "icon_small", "text_2"),
        Paragraph(_("Card-like numbers are refused here"), "caption"),
        gap=6,
        least=40,
        margins=(4, 16),
        look=Look(sides="t"),
    )
