"""Keeping the card that is being keyed: asking the caller, and what they said."""

from collections.abc import Callable

from PySide6.QtGui import QResizeEvent

from agentdesk.desk import times
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Card, Column, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.flow import Flow
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph, text_width
from agentdesk.i18n import _

Presses = Callable[[], list[Button]]


class SaveCard(Column):
    """One line of words and presses, in each of its states; empty where no card is kept."""

    def __init__(self, model: PaymentViewModel) -> None:
        self._model = model
        self._shown: object = ()
        super().__init__()
        self.refresh()

    def refresh(self) -> None:
        """Show how far it is now."""
        saved = self._model.saved
        busy = saved.agree_command.is_running or saved.take_back_command.is_running
        state = (saved.can_read, saved.reading, saved.consent, saved.can_take_back, busy)
        if state == self._shown:
            return
        before, self._shown = self._shown, state
        if saved.consent is not None:
            self._show_agreed()
        elif saved.reading:
            title, detail = _("Read the script to the caller"), _("What they answer is noted.")
            self._put(title, detail, "chat-text", "accent_text", self._answers)
        elif saved.can_read:
            title, detail = _("Save this card for next time?"), _("Only if they agree to what you read out.")
            self._put(title, detail, "credit-card", "text_2", self._offer)
        else:
            self.clear()
        if before != ():
            self._say()

    def _put(self, title: str, detail: str, icon: str, ink: str, make: Presses) -> None:
        self.set_items([12, _Line(title, detail, Icon(icon, "icon_large", ink), make)])

    def _offer(self) -> list[Button]:
        read = Button(_("Ask the caller"), key="F2", fires=False)
        read.clicked.connect(self._model.saved.read)
        return [read]

    def _answers(self) -> list[Button]:
        agreed = Button(_("The caller agreed"), key="F3", fires=False)
        none = Button(_("They do not want it"), "ghost")
        if self._model.saved.agree_command.is_running:
            agreed.adjustSize()
            agreed.set_busy(_("Noting"))
        agreed.clicked.connect(self._model.saved.agreed)
        none.clicked.connect(self._model.saved.not_agreed)
        return [none, agreed]

    def _undo(self) -> list[Button]:
        undo = Button(_("Do not save it"), "ghost")
        undo.clicked.connect(self._model.saved.take_back)
        return [undo] if self._model.saved.can_take_back else []

    def _show_agreed(self) -> None:
        consent = self._model.saved.consent
        assert consent is not None, "there is one"
        said = _("They agreed at {at}, words of version {wording}.")
        detail = said.format(at=times.second(consent.at), wording=consent.wording)
        title = _("This card is saved once it is paid")
        self._put(title, detail, "check-circle-fill", "success", self._undo)

    def _say(self) -> None:
        saved = self._model.saved
        if saved.consent is not None:
            announce(self, _("Noted: the caller agreed to have the card saved"))
        elif saved.reading:
            announce(self, _("Read the script to the caller, then press F3 if they agree"))


class _Line(Card):
    """Words, and the presses beside them, or below where there is little room: it starts narrow."""

    def __init__(self, title: str, detail: str, icon: Icon, make: Presses) -> None:
        self._words = max(text_width(title, "medium"), text_width(detail, "caption"))
        self._wide = [*make()]
        self._beside, self._below = Row(*self._wide, gap=12), Column(8, Flow(*make(), gap=8))
        self._beside.hide()
        words = Column(Paragraph(title, "medium", "text"), Paragraph(detail, "caption"))
        super().__init__(Row(icon, (words, 1), self._beside, gap=12), self._below, margins=(8, 14))
        self._below.setVisible(bool(self._wide))
        self.setAccessibleName(title)
        self.setAccessibleDescription(detail)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the presses where they fit."""
        presses = sum(one.sizeHint().width() + theme.px(12) for one in self._wide)
        fits = self._words + presses + theme.px(20 + 3 * 14) <= event.size().width()
        self._beside.setVisible(fits and bool(self._wide))
        self._below.setVisible(not fits and bool(self._wide))
