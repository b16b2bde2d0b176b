"""The frame of the window: top bar, status bar, region heads, action bar, keys."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStackedLayout, QWidget

from agentdesk.desk import icons
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.badge import Badge
from agentdesk.desk.widgets.box import Column, Item, Look, Row, Rows
from agentdesk.desk.widgets.flow import Flow
from agentdesk.desk.widgets.focus import stop_at
from agentdesk.desk.widgets.key_cap import KeyCap, key_cap_width, paint_key_cap
from agentdesk.desk.widgets.lamp import Lamp
from agentdesk.desk.widgets.shapes import Avatar, Mark
from agentdesk.desk.widgets.side import placed, write
from agentdesk.desk.widgets.text import Paragraph, Text, shorten, text_width
from agentdesk.i18n import _

#: The status bar's lamps, in the order that never changes.
LAMPS = (_("Payments"), _("Keypad"), _("Customer records"), _("Accounts"), _("Recorder"))


class RegionHead(Row):
    """The head of a region: title left, state or actions right; `set_current` marks the focused region."""

    def __init__(self, title: str, *right: Item, margin: int = 16) -> None:
        super().__init__(
            Text(title, "strong"),
            ...,
            *right,
            margins=(0, margin),
            gap=8,
            least="region_head",
            look=Look(sides="b"),
        )
        self.setAccessibleName(title)

    def set_current(self, current: bool) -> None:
        """Draw the focus line on the top edge, or not."""
        self.set_look(Look(sides="b", top="focus" if current else None))


class SectionHead(Row):
    """The title of a group, with words at the right that may change."""

    def __init__(self, title: str, right: str | QWidget = "") -> None:
        self.right = Paragraph(right, align="right") if isinstance(right, str) else right
        super().__init__(Text(title, "strong"), ..., self.right, gap=8, least=28)

    def set_right(self, text: str) -> None:
        """Show other words at the right."""
        if isinstance(self.right, Paragraph):
            self.right.setText(text)


class TabButton(QPushButton):
    """A page of the window, with a count of what waits there."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._words, self._count = text, 0
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)
        theme.changed.connect(self.updateGeometry)

    def set_count(self, count: int) -> None:
        """Show how much waits; 0 shows nothing."""
        self._count = count
        self.setAccessibleDescription(_("{count} waiting").format(count=count) if count else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of word and count."""
        count = theme.px(6) + text_width(str(self._count), "label") if self._count else 0
        return QSize(2 * theme.px(10) + text_width(self._words, "medium") + count, theme.px("chip"))

    def minimumSizeHint(self) -> QSize:
        """Return the size hint: a tab never cuts its word."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tab."""
        painter, on, x = QPainter(self), self.isChecked(), theme.px(10)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if on or self.underMouse():
            boxed = on and theme.high_contrast
            painter.setPen(QPen(theme.color("control_line"), 1) if boxed else Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("neutral_tint" if on else "hover"))
            radius = theme.radius("control")
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        width = text_width(self._words, "medium")
        self._write(painter, x, self._words, "medium", "text" if on else "text_2")
        if self._count:
            self._write(painter, x + width + theme.px(6), str(self._count), "label", "warning")

    def _write(self, painter: QPainter, x: int, words: str, style: str, role: str) -> None:
        painter.setFont(theme.font(style))
        painter.setPen(theme.color(role))
        area = placed(self.rect().adjusted(x, 0, 0, 0), self.rect())
        write(painter, area, words)


class FindButton(QPushButton):
    """Opens the search; looks like a field and names its key."""

    def __init__(self, text: str = _("Find or do anything"), key: str = "Ctrl K", width: int = 264) -> None:
        super().__init__(text)
        self._words, self._key, self._width = text, key, width
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)
        self.setToolTip(text)
        theme.changed.connect(self.updateGeometry)

    def set_narrow(self, narrow: bool) -> None:
        """Take less room in a narrow window."""
        self._width = 232 if narrow else 264
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the size with all its words."""
        around = theme.px(10) + theme.px("icon") + 2 * theme.px("x2") + theme.px(6)
        needed = around + text_width(self._words, "body") + key_cap_width(self._key)
        return QSize(max(needed, theme.px(self._width)), theme.px("control"))

    def minimumSizeHint(self) -> QSize:
        """Return a width that still shows the key; the words may end in dots."""
        return QSize(key_cap_width(self._key) + theme.px(80), theme.px("control"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field."""
        painter, x = QPainter(self), theme.px(10)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("line_strong"), 1))
        painter.setBrush(theme.color("sunken"))
        radius = theme.radius("control")
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        icons.paint(painter, self.rect(), x, "magnifying-glass", role="text_3")
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text_3"))
        words = self.rect().adjusted(x + theme.px("icon") + theme.px("x2"), 0, 0, 0)
        cap = self.width() - theme.px(6) - key_cap_width(self._key)
        words.setRight(cap - theme.px("x2"))
        words = placed(words, self.rect())
        write(painter, words, shorten(painter, self._words, words.width()))
        paint_key_cap(painter, self.rect(), cap, self._key)


class PersonButton(QPushButton):
    """Who is signed in; opens their menu."""

    def __init__(self, person: str, initials: str) -> None:
        super().__init__()
        self._name = Text(person, "medium", "text_2")
        self._row = Row(Avatar(initials, 28), self._name, gap=8)
        self._row.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layout = QStackedLayout(self)
        layout.addWidget(self._row)
        self.setFlat(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(_("{person}, menu").format(person=person))
        self.setToolTip(_("{person}: looks, text size, sign out").format(person=person))

    def set_narrow(self, narrow: bool) -> None:
        """Leave the name out in a narrow window."""
        self._name.setVisible(not narrow)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the size of avatar and name."""
        return self._row.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw nothing of its own."""


class TopBar(Row):
    """Mark, pages, find box, test mode, what the agent is doing, who.

    Signals `page(name)`, `find()`, `account()`: the person's menu is asked for.
    """

    page = Signal(str)
    find = Signal()
    account = Signal()

    def __init__(self, pages: Sequence[str], person: str, initials: str) -> None:
        self._tabs = {name: TabButton(name) for name in pages}
        self.state = Badge("neutral", "", None)
        self.state.hide()
        self._find, self.person = FindButton(), PersonButton(person, initials)
        self._test = Badge("warning", _("Test mode: no real money"), "warning-fill")
        self._test.hide()
        super().__init__(
            Mark(),
            Text("Agent Desk", "strong"),
            12,
            *self._tabs.values(),
            ...,
            self._find,
            8,
            self._test,
            4,
            self.state,
            self.person,
            margins=(0, 16),
            gap=8,
            height="top_bar",
            look=Look("surface", sides="b"),
        )
        self._find.clicked.connect(self.find)
        self.person.clicked.connect(self.account)
        for name, tab in self._tabs.items():
            tab.clicked.connect(lambda _=False, name=name: self.page.emit(name))

    def set_page(self, name: str) -> None:
        """Mark the page that shows."""
        self._tabs[name].setChecked(True)
        stop_at(self._tabs[name], self._tabs.values())

    def set_count(self, name: str, count: int) -> None:
        """Show how much waits on a page."""
        self._tabs[name].set_count(count)

    def set_state(self, role: str, word: str, icon: str) -> None:
        """Show what the person is doing: `On a call`, `Available`, `Supervisor`."""
        self.state.set_badge(role, word, icon)
        self.state.show()

    def set_test_mode(self, on: bool) -> None:
        """Say that nothing here is real, or stop saying so."""
        self._test.setVisible(on)

    def set_narrow(self, narrow: bool) -> None:
        """Shorten words for windows under 1400 px."""
        self._find.set_narrow(narrow)
        self.person.set_narrow(narrow)
        word = _("Test mode") if narrow else _("Test mode: no real money")
        self._test.set_badge("warning", word, "warning-fill")


class StatusBar(Row):
    """The lamps in their order, how fresh the picture is, the clock."""

    def __init__(self) -> None:
        self._lamps = {name: Lamp(name, "idle", _("not known")) for name in LAMPS}
        self._fresh = Text("", "caption", "text_2", align="right", elide=True)
        self._clock = Text("", "caption", "text_2")
        super().__init__(
            Flow(*self._lamps.values(), gap=16, between=4),
            (self._fresh, 1),
            12,
            self._clock,
            margins=(6, 16),
            gap=4,
            look=Look("surface", sides="t"),
        )
        self.setAccessibleName(_("Status"))

    def set_lamp(self, name: str, state: str, word: str, detail: str = "") -> None:
        """Show the state of one of LAMPS; states as in lamp.STATES."""
        self._lamps[name].set_state(state, word, detail)

    def set_fresh(self, text: str, role: str = "text_2") -> None:
        """Show `Live, last event 0.2 s ago`, or what is wrong with the line."""
        self._fresh.setText(text)
        self._fresh.set_role(role)

    def set_clock(self, text: str) -> None:
        """Show the time."""
        self._clock.setText(text)


class KeyLine(NamedTuple):
    """What a key does now, and whether it does."""

    text: str
    key: str
    on: bool = True


class KeysNow(Column):
    """The list of keys that work now, at the foot of the call region."""

    def __init__(self, lines: Sequence[KeyLine] = ()) -> None:
        self._lines = Rows(_KeyRow, _KeyRow.set_line)
        head = Row(Text(_("Keys now"), "strong"), ..., KeyCap("F1"), Text(_("all"), role="text_2"), gap=6)
        super().__init__(head, 6, self._lines, margins=(12, 16), look=Look(sides="t"))
        self.setAccessibleName(_("Keys now"))
        self.set_keys(lines)

    def set_keys(self, lines: Sequence[KeyLine]) -> None:
        """Show other keys."""
        self._lines.show_values(lines)


class _KeyRow(Row):
    def __init__(self, line: KeyLine) -> None:
        self._words, self._cap = Text(), KeyCap(line.key)
        super().__init__(self._words, ..., self._cap, height=28)
        self.set_line(line)

    def set_line(self, line: KeyLine) -> None:
        self._words.setText(line.text)
        self._words.set_role("text_2" if line.on else "text_disabled")
        self._cap.set_key(line.key, off=not line.on)
