"""The invoices a caller can pay: tick what this payment is for."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QSizePolicy

from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.badge import KINDS, badge_size, paint_badge_in
from agentdesk.desk.widgets.box import Card, Look, paint_look
from agentdesk.desk.widgets.shapes import paint_check
from agentdesk.desk.widgets.side import placed, write
from agentdesk.desk.widgets.text import shorten, text_width
from agentdesk.domain.money import Money
from agentdesk.i18n import _

#: Least widths of the columns at 100 %: number, due, amount; what it is for takes the rest.
_NUMBER, _DUE, _AMOUNT = 84, 132, 80
_HEAD = (_("Invoice"), _("Due"), _("To pay"))
_GAP = 12
#: What the rest must be for words to be of use; below it they are left to the tool tip.
_TEXT_LEAST = 40


@dataclass(frozen=True)
class InvoiceLine:
    """One open invoice. `held` says why it cannot be paid now; it stays in view, locked."""

    key: str
    number: str
    text: str
    due: str
    amount: Money
    overdue: bool = False
    held: str = ""
    badge: str = "held"
    """The kind of badge a line that cannot be paid wears: `held`, `currency`, `plan` or `posting`."""


class InvoiceTable(Card):
    """A table to tick. Signal `changed()`; `chosen()` are the keys in order."""

    changed = Signal()

    def __init__(self, lines: Sequence[InvoiceLine] = ()) -> None:
        super().__init__()
        self.setAccessibleName(_("Open invoices"))
        self._head = _Head()
        self._rows: list[_InvoiceRow] = []
        self._head.clicked.connect(self._choose_all)
        self.set_lines(lines)
        theme.changed.connect(self._fit)

    def set_lines(self, lines: Sequence[InvoiceLine], chosen: Sequence[str] = ()) -> None:
        """Show other invoices, with these ticked."""
        self._head.setParent(None)
        self._rows = [_InvoiceRow(line, last=i == len(lines) - 1) for i, line in enumerate(lines)]
        self.set_items([self._head, *self._rows])
        self._head.show()
        for row in self._rows:
            row.setChecked(row.line.key in chosen and not row.line.held)
            row.toggled.connect(self._tell)
        self._fit()
        self._follow()

    def chosen(self) -> list[str]:
        """Return the keys of the ticked invoices."""
        return [row.line.key for row in self._rows if row.isChecked()]

    def set_locked(self, why: str) -> None:
        """Lock all ticks and say why; an empty text unlocks them."""
        self._head.setEnabled(not why)
        self._head.setAccessibleDescription(why)
        for row in self._rows:
            row.setEnabled(not why and not row.line.held)
            row.setAccessibleDescription(why or row.line.held)

    def _fit(self) -> None:
        """Give the columns of all rows one width, in which every cell but the text is whole."""
        cells = zip(_least(_HEAD, "label"), *(row.needs() for row in self._rows), strict=True)
        columns = zip((_NUMBER, _DUE, _AMOUNT), cells, strict=True)
        number, due, amount = (max(theme.px(least), *widths) for least, widths in columns)
        for row in (self._head, *self._rows):
            row.fit((number, due, amount))

    def _choose_all(self) -> None:
        on = self._head.isChecked()
        for row in self._rows:
            row.blockSignals(True)
            row.setChecked(on and not row.line.held)
            row.blockSignals(False)
            row.update()
        self._tell()

    def _tell(self) -> None:
        self._follow()
        self.changed.emit()

    def _follow(self) -> None:
        payable = [row for row in self._rows if not row.line.held]
        self._head.setChecked(bool(payable) and all(row.isChecked() for row in payable))


class _Line(QCheckBox):
    """A row of the table that is one check box."""

    def __init__(self, height: str) -> None:
        super().__init__()
        self._tall = height
        self._widths = (0, 0, 0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._rescale()
        theme.changed.connect(self._rescale)

    def sizeHint(self) -> QSize:
        """Return the height of the row and room for its columns."""
        return QSize(theme.px(460), theme.px(self._tall))

    def minimumSizeHint(self) -> QSize:
        """Return a width at which number, due and amount are whole."""
        return QSize(sum(self._widths) + theme.px("icon") + 5 * theme.px(_GAP), theme.px(self._tall))

    def fit(self, widths: tuple[int, int, int]) -> None:
        """Give number, due and amount other widths."""
        if widths != self._widths:
            self._widths = widths
            self.updateGeometry()
            self.update()

    def hitButton(self, pos: QPoint) -> bool:
        """Take a press anywhere on the row."""
        return self.rect().contains(pos)

    def columns(self) -> tuple[QRectF, ...]:
        """Return the areas of box, number, text, due and amount."""
        gap, side, h = theme.px(_GAP), theme.px("icon"), self.height()
        for_number, for_due, for_amount = self._widths
        amount = QRectF(self.width() - gap - for_amount, 0, for_amount, h)
        due = QRectF(amount.left() - gap - for_due, 0, for_due, h)
        box = QRectF(gap, (h - side) / 2, side, side)
        number = QRectF(box.right() + gap, 0, for_number, h)
        text = QRectF(number.right() + gap, 0, due.left() - number.right() - 2 * gap, h)
        if text.width() < theme.px(_TEXT_LEAST):
            text = QRectF()
        return tuple(placed(area, self.rect()) for area in (box, number, text, due, amount))

    def write(
        self, painter: QPainter, area: QRectF, text: str, style: str, role: str, *, right: bool = False
    ) -> None:
        """Write one cell, shortened to its column."""
        if area.isEmpty():
            return
        painter.setFont(theme.font(style))
        painter.setPen(theme.color(role))
        write(painter, area, shorten(painter, text, area.width()), at_end=right)

    def _rescale(self) -> None:
        self.setFixedHeight(theme.px(self._tall))
        self.update()


class _Head(_Line):
    def __init__(self) -> None:
        super().__init__("row_table_head")
        self.setAccessibleName(_("All invoices"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the head."""
        painter = QPainter(self)
        paint_look(self, painter, Look("sunken", sides="b"))
        box, number, text, due, amount = self.columns()
        paint_check(painter, box, self.isChecked(), self.isEnabled())
        for area, words in zip((number, due, text), (*_HEAD[:2], _("For")), strict=True):
            self.write(painter, area, words, "label", "text_3")
        self.write(painter, amount, _HEAD[2], "label", "text_3", right=True)


class _InvoiceRow(_Line):
    def __init__(self, line: InvoiceLine, *, last: bool) -> None:
        super().__init__("row")
        self.line, self._last = line, last
        self.setEnabled(not line.held)
        self.setToolTip(line.held or line.text)
        self.setAccessibleName(
            _("Invoice {number}, {text}, {amount}, due {due}").format(
                number=line.number, text=line.text, amount=line.amount, due=line.due
            )
        )
        self.setAccessibleDescription(line.held)

    def needs(self) -> tuple[int, ...]:
        """Return the px that number, due and amount need."""
        kind, line = KINDS[self.line.badge], self.line
        number, amount = _least((line.number, str(line.amount)), "medium")
        due = badge_size(kind.word, kind.icon).width() if line.held else text_width(line.due, "body")
        return number, due, amount

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the row."""
        painter, line, off = QPainter(self), self.line, not self.isEnabled()
        fill = "selected" if self.isChecked() else "hover" if self.underMouse() and not off else "surface"
        paint_look(self, painter, Look(fill, sides="" if self._last else "b"))
        box, number, text, due, amount = self.columns()
        paint_check(painter, box, self.isChecked(), not off)
        quiet = "text_3" if line.held else "text_2"
        self.write(painter, number, line.number, "medium", "text_3" if line.held else "text")
        self.write(painter, text, line.text, "body", quiet)
        if line.held:
            paint_badge_in(painter, due.toRect(), KINDS[line.badge])
        else:
            self.write(painter, due, line.due, "body", "danger" if line.overdue else "text_2")
        self.write(painter, amount, str(line.amount), "medium", "text_3" if line.held else "text", right=True)


def _least(words: Sequence[str], style: str) -> tuple[int, ...]:
    return tuple(text_width(one, style) for one in words)
