"""The open link as a QR code over the window: for a customer at the desk, and for no longer than needed."""

from datetime import datetime, timedelta

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from agentdesk.desk import times
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Column, Look, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.drawer import Scrim, cast_shadow
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _

#: A code that is left on a screen could be scanned by whoever passes.
SHOWN_FOR = timedelta(minutes=2)
_SIDE, _TOP = 320, 60


class QrCode(QObject):
    """Shows the picture when it is there; takes it away when the link or the payment region is not."""

    def __init__(self, model: PaymentViewModel, region: QWidget) -> None:
        super().__init__(region)
        self._model, self._region = model, region
        self.sheet: QrSheet | None = None
        self._attempt_id = ""
        self._until = model.session.clock.now()
        model.link.qr_command.done.connect(self._show)
        model.changed.connect(self._check)
        model.session.clock.ticked.connect(self._check)
        region.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the picture away with the region: another page, wrap-up, sign-out."""
        if event.type() == QEvent.Type.Hide:
            self._leave()
        return False

    def _show(self, picture: bytes) -> None:
        self._leave()
        payment, attempt = self._model.payment, self._model.attempt
        if payment is None or attempt is None or not self._region.isVisible():
            return
        if attempt.attempt_id != self._model.link.qr_of:
            return  # another payment shows by now: this would be paid under its amount
        self._attempt_id, self._until = attempt.attempt_id, self._model.session.clock.now() + SHOWN_FOR
        self.sheet = QrSheet(picture, str(payment.amount), self._until)
        self.sheet.left.connect(self._leave)
        self.sheet.show_over(self._region.window())
        self._check()

    def _check(self) -> None:
        attempt, now = self._model.attempt, self._model.session.clock.now()
        is_same = attempt is not None and attempt.attempt_id == self._attempt_id
        if self.sheet is not None and (not is_same or self._model.link.why_not_qr or now >= self._until):
            self._leave()

    def _leave(self) -> None:
        sheet, self.sheet = self.sheet, None
        if sheet is not None:
            sheet.leave()


class QrSheet(Column):
    """The picture with its amount; Esc closes it. Signal `left()`."""

    left = Signal()

    def __init__(self, picture: bytes, amount: str, until: datetime) -> None:
        self._close = Button(_("Close"), key="Esc", fires=False)
        super().__init__(
            Row(Text(_("Pay {amount}").format(amount=amount), "title"), ..., self._close),
            8,
            Paragraph(
                _("Let the customer scan this. They pay on the payment provider’s page, on their phone.")
            ),
            16,
            Row(..., _Picture(picture), ...),
            16,
            Paragraph(
                _("It closes by itself at {second}. The link stays open after that.").format(
                    second=times.second(until)
                )
            ),
            margins=20,
            width="command_box",
            look=Look("raised", "line_strong", radius="overlay"),
        )
        self._close.clicked.connect(self.left)
        self._scrim: Scrim | None = None
        self._before: QWidget | None = None
        self.setAccessibleName(_("QR code to pay {amount}").format(amount=amount))

    def show_over(self, window: QWidget) -> None:
        """Float over the window and take the focus."""
        self._before = window.focusWidget()
        self._scrim = Scrim(window)
        self._scrim.pressed.connect(self.left)
        self._scrim.escaped.connect(self.left)
        self._scrim.resized.connect(self._place)
        self._scrim.show()
        self.setParent(self._scrim)
        cast_shadow(self, "overlay")
        self._place()
        self.show()
        self._close.setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, self.accessibleName())

    def leave(self) -> None:
        """Go away and give the focus back."""
        if self._scrim is None:
            return
        scrim, self._scrim = self._scrim, None
        self._close.clearFocus()  # hiding what has the focus would look for the next part, under the scrim
        if self._before is not None and isValid(self._before):
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        scrim.hide()
        scrim.deleteLater()

    def _place(self) -> None:
        room = self.parentWidget()
        self.resize(self.width(), self.heightForWidth(self.width()) or self.sizeHint().height())
        self.adjustSize()
        top = min(theme.px(_TOP), max(0, room.height() - self.height()))
        self.move((room.width() - self.width()) // 2, top)


class _Picture(QWidget):
    """Black on white in every theme: a camera has to read it."""

    def __init__(self, picture: bytes) -> None:
        super().__init__()
        self._pixmap = QPixmap()
        self._pixmap.loadFromData(picture)
        self.setAccessibleName(_("QR code of the payment link"))
        self.setFixedSize(QSize(theme.px(_SIDE), theme.px(_SIDE)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it over the whole square; its quiet zone is part of the picture."""
        side = min(self.width(), self.height())
        QPainter(self).drawPixmap(QRect(0, 0, side, side), self._pixmap)
