"""Fields to type in: label above, error below, card-like text refused."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QSizePolicy

from agentdesk.desk import icons
from agentdesk.desk.theme import theme, wear_sheet
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Column, Row
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph, Text, text_width
from agentdesk.domain.card import looks_like_pan
from agentdesk.domain.errors import Invalid
from agentdesk.domain.money import Money, named_currency, symbol
from agentdesk.i18n import _

CARD_REFUSED = _(
    "That looked like a card number. It was removed and not kept; no payment was touched. "
    "Ask the caller to key it on the phone."
)
CARD_REFUSED_SHORT = _("That looked like a card number. It was removed and not kept.")
_LONGEST_AMOUNT = 32
NOT_AN_AMOUNT = _("That is not an amount. Nothing was sent. Type it like 123.36.")


class FieldError(Row):
    """The words under a field that say what is wrong; they wrap, and are hidden while nothing is."""

    def __init__(self, icon: str = "warning-fill") -> None:
        self._icon, self._words = (
            Icon(icon, "icon_small", "danger"),
            Paragraph("", "caption", "danger"),
        )
        super().__init__(self._icon, (self._words, 1), gap=6, margins=(4, 0, 0, 0))
        self.hide()

    def show_error(self, text: str, icon: str = "warning-fill") -> None:
        """Show an error, or hide the line when the text is empty."""
        self._icon.set_icon(icon)
        self._words.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))


class _Line(QLineEdit):
    """A line edit with something drawn inside its ends; `bare`: without a box."""

    def __init__(self) -> None:
        super().__init__()
        self.icon: str | None = None
        self.prefix = ""
        self.suffix = ""
        self.bare = self.wrong = False
        self.setFrame(False)
        palette = self.palette()
        palette.setBrush(QPalette.ColorRole.Base, Qt.BrushStyle.NoBrush)  # the box is drawn here
        self.setPalette(palette)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._restyle()
        theme.changed.connect(self._restyle)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box and the field, then icon, prefix and suffix."""
        if not self.bare:
            self._paint_box(QPainter(self))
        super().paintEvent(event)
        painter, inner = QPainter(self), self.rect().adjusted(theme.px(10), 0, -theme.px(10), 0)
        if self.icon:
            icons.paint(painter, self.rect(), inner.left(), self.icon, role="text_3")
        middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignAbsolute
        off = not self.isEnabled()
        painter.setPen(theme.color("text_disabled" if off else "text"))
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignLeft, self.prefix)
        painter.setPen(theme.color("text_3"))
        painter.setFont(theme.font("caption"))
        painter.drawText(inner, middle | Qt.AlignmentFlag.AlignRight, self.suffix)

    def _paint_box(self, painter: QPainter) -> None:
        focus, off = self.hasFocus(), not self.isEnabled()
        line = "line" if off else "focus" if focus else "danger" if self.wrong else "control_line"
        width = 2 if focus else 1
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color(line), width))
        painter.setBrush(theme.color("sunken" if off else "surface"))
        half, radius = width / 2, theme.radius("control") - width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius)
        if focus and self.wrong:  # both are seen
            painter.setPen(QPen(theme.color("danger"), 1))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5), radius, radius)

    def dress(self, *, icon: str | None = None, prefix: str = "", suffix: str = "") -> None:
        """Set what is drawn inside the ends."""
        self.icon, self.prefix, self.suffix = icon, prefix, suffix
        self._restyle()

    def set_wrong(self, wrong: bool) -> None:
        """Draw the box as one whose text is refused, or not."""
        self.wrong = wrong
        self.update()

    def needed(self) -> int:
        """Return the width at which the words in the empty field are whole."""
        around = self.textMargins().left() + self.textMargins().right() + theme.px("x2")
        return text_width(self.placeholderText(), "body") + around

    def _restyle(self) -> None:
        self.setFont(theme.font("body"))
        left = theme.px("icon") + theme.px("x2") if self.icon else 0
        left += text_width(self.prefix + " ", "body") if self.prefix else 0
        right = text_width(self.suffix, "caption") + theme.px("x1") if self.suffix else 0
        side = theme.px("x2") + 1
        if self.isRightToLeft():
            left, right = right, left
        self.setTextMargins(side + left, 0, side + right, 0)


class Refusals(QObject):
    """Tells that some field took a card number away: `happened()`, and nothing more."""

    happened = Signal()


refusals = Refusals()


class LineEdit(Column):
    """One line to type. Signals: `changed(text)`, `accepted()` on Enter, `card_refused()`.

    Card-like text is taken out at once and not kept.
    """

    changed = Signal(str)
    accepted = Signal()
    card_refused = Signal()

    def __init__(
        self,
        label: str = "",
        *,
        placeholder: str = "",
        name: str = "",
        icon: str | None = None,
        secret: bool = False,
        width: int | None = None,
        large: bool = False,
    ) -> None:
        self.edit = _Line()
        self.error = FieldError()
        self._width, self._large = width, large
        style, role = ("label", "text_2") if large else ("caption", "text_3")
        caption = Text(label, style, role) if label else None
        super().__init__(caption, 4 if caption else None, self.edit, self.error)
        self.edit.dress(icon=icon)
        self.edit.setPlaceholderText(placeholder)
        self.edit.setAccessibleName(name or label or placeholder)
        if secret:
            self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.setFocusProxy(self.edit)
        self._size_field()
        theme.changed.connect(self._size_field)
        self.edit.textChanged.connect(self._check)
        self.edit.returnPressed.connect(self.accepted)

    def text(self) -> str:
        """Return what was typed."""
        return self.edit.text()

    def set_text(self, text: str) -> None:
        """Put text in."""
        self.edit.setText(text)

    def set_error(self, text: str, icon: str = "warning-fill") -> None:
        """Show what is wrong; empty text ends the error."""
        self.edit.set_wrong(bool(text))
        self.edit.setAccessibleDescription(text)
        self.error.show_error(text, icon)
        if text:
            announce(self.edit, text)

    def _check(self, text: str) -> None:
        if looks_like_pan(text):
            self.edit.clear()
            self.set_error(CARD_REFUSED_SHORT, "shield-warning-fill")
            self.card_refused.emit()
            refusals.happened.emit()
            return
        if text and self.error.isVisibleTo(self):
            self.set_error("")
        self.changed.emit(text)

    def _size_field(self) -> None:
        self.edit.setFixedHeight(theme.px("control_large" if self._large else "control"))
        if self._width:
            self.setFixedWidth(max(theme.px(self._width), self.edit.needed()))


class MoneyEdit(Column):
    """An amount to type, with the currency's symbol before it. Signals: `changed()`, `card_refused()`.

    Text that is not an amount is refused with a message and `value()` is None. `limit(money)` may
    return a message for an amount that is not allowed. With `any_currency` the text may name another one.
    """

    changed = Signal()
    card_refused = Signal()

    def __init__(
        self,
        currency: str,
        *,
        label: str = "",
        name: str = _("Amount to take"),
        show_code: bool = True,
        width: int = 160,
        limit: Callable[[Money], str] | None = None,
        any_currency: bool = False,
    ) -> None:
        self.edit = _Line()
        self.error = FieldError()
        self._currency, self._limit, self._width = currency, limit, width
        self._is_any = any_currency
        caption = Text(label, "caption", "text_3") if label else None
        super().__init__(caption, 4 if caption else None, self.edit, self.error)
        self.edit.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # as amounts run in any language
        if not any_currency:
            self.edit.dress(prefix=symbol(currency).strip(), suffix=currency if show_code else "")
        self.edit.setAccessibleName(f"{label or name}, {currency}")
        self.edit.setMaxLength(_LONGEST_AMOUNT)
        self.setFocusProxy(self.edit)
        self._size_field()
        theme.changed.connect(self._size_field)
        self.edit.textEdited.connect(self._check)
        self.edit.editingFinished.connect(self._tidy)

    def value(self) -> Money | None:
        """Return the amount, or None when the text is empty, no amount, or not above zero."""
        try:
            text = self.edit.text()
            named = named_currency(text) if self._is_any else None
            money = Money.parse(text, named or self._currency)
        except Invalid:
            return None
        return money if money.minor > 0 else None

    def set_value(self, money: Money | None) -> None:
        """Show an amount; None empties the field."""
        self.edit.setText(self._words(money) if money else "")
        self._check()

    def set_error(self, text: str) -> None:
        """Show what is wrong; empty text ends the error."""
        self.edit.set_wrong(bool(text))
        self.edit.setAccessibleDescription(text)
        self.error.show_error(text)
        if text:
            announce(self.edit, text)

    def take_error(self) -> FieldError:
        """Give the error line to the caller, to place it under a row of fields."""
        self.layout().removeWidget(self.error)
        return self.error

    def _check(self) -> None:
        money, typed = self.value(), self.edit.text().strip()
        if looks_like_pan(typed):
            self.edit.clear()
            self.set_error(CARD_REFUSED_SHORT)
            self.card_refused.emit()
            refusals.happened.emit()
        elif money is None:
            self.set_error(_why_none(typed, self._currency) if typed else "")
        else:
            self.set_error(self._limit(money) if self._limit else "")
        self.changed.emit()

    def _tidy(self) -> None:
        money = self.value()
        if money is not None:
            self.edit.setText(self._words(money))

    def _words(self, money: Money) -> str:
        return str(money).strip("\u200e") if self._is_any else _plain(money)  # as a person would type it

    def _size_field(self) -> None:
        self.edit.setFixedSize(theme.px(self._width), theme.px("control"))


class NoteEdit(Column):
    """A text area that throws card-like text away and says so. Signals: `changed()`, `card_refused()`."""

    changed = Signal()
    card_refused = Signal()

    def __init__(
        self, name: str = _("Note"), *, placeholder: str = "", hint: str = "", height: int = 84
    ) -> None:
        self.edit = _Area(height)
        self.error = FieldError("shield-warning-fill")
        self._hint = Row(
            Icon("shield-check", "icon_small", "text_3"),
            (Paragraph(hint, "caption", "text_3"), 1),
            gap=6,
            margins=(6, 0, 0, 0),
        )
        super().__init__(self.edit, self._hint, self.error)
        self._has_hint = bool(hint)
        self._hint.setVisible(self._has_hint)
        self.edit.setPlaceholderText(placeholder)
        self.edit.setAccessibleName(name)
        self.edit.setAccessibleDescription(hint)
        self.setFocusProxy(self.edit)
        self.edit.textChanged.connect(self._check)

    def text(self) -> str:
        """Return what was typed."""
        return self.edit.toPlainText()

    def set_text(self, text: str) -> None:
        """Put text in; who types goes on as far from its end as before."""
        cursor = self.edit.textCursor()
        to_end = self._last_place() - cursor.position()
        self.edit.setPlainText(text)
        cursor.setPosition(max(0, self._last_place() - to_end))
        self.edit.setTextCursor(cursor)

    def _last_place(self) -> int:
        return self.edit.document().characterCount() - 1

    def _check(self) -> None:
        if looks_like_pan(self.text()):
            self._refuse()
            return
        if self.text() and self.error.isVisibleTo(self):
            self._show_error("")
        self.changed.emit()

    def _refuse(self) -> None:
        self.edit.document().setUndoRedoEnabled(False)  # undo would bring the digits back
        self.edit.clear()
        self.edit.document().setUndoRedoEnabled(True)
        self._show_error(CARD_REFUSED)
        announce(self.edit, CARD_REFUSED, assertive=True)
        self.card_refused.emit()
        refusals.happened.emit()

    def _show_error(self, text: str) -> None:
        self.edit.set_wrong(bool(text))
        self._hint.setVisible(self._has_hint and not text)
        self.error.show_error(text, "shield-warning-fill")


class _Area(QPlainTextEdit):
    """Plain text that leaves Tab to the focus order."""

    def __init__(self, height: int) -> None:
        super().__init__()
        self._tall = height
        self.setTabChangesFocus(True)
        wear_sheet(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._restyle()
        theme.changed.connect(self._restyle)

    def set_wrong(self, wrong: bool) -> None:
        """Draw the border of text that is refused, or not."""
        if bool(self.property("wrong")) != wrong:
            self.setProperty("wrong", wrong)
            self.style().unpolish(self)
            self.style().polish(self)

    def _restyle(self) -> None:
        self.setFont(theme.font("body"))
        self.setFixedHeight(theme.px(self._tall))


def _why_none(typed: str, currency: str) -> str:
    """Say why what was typed is no amount to take: none at all, zero, too many digits, another currency."""
    try:
        minor = Money.parse(typed, currency).minor
    except Invalid as error:
        return NOT_AN_AMOUNT if error.code == "amount_not_a_number" else error.text
    return Invalid("amount_zero").text if minor == 0 else NOT_AN_AMOUNT


def _plain(money: Money) -> str:
    return money.number
