"""Keeping the card that is being keyed: asking the caller, and what they said."""

from agentdesk.desk import times
from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.box import Card, Column, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.i18n import _


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
            self._show_reading(busy=busy)
        elif saved.can_read:
            read = Button(_("Ask the caller"), key="F2", fires=False)
            read.clicked.connect(saved.read)
            title, detail = _("Save this card for next time?"), _("Only if they agree to what you read out.")
            self._put(title, detail, "credit-card", "text_2", read)
        else:
            self.clear()
        if before != ():
            self._say()

    def _put(self, title: str, detail: str, icon: str, ink: str, *presses: Button) -> None:
        words = Column(Paragraph(title, "medium", "text"), Paragraph(detail, "caption"))
        shown = Card(Row(Icon(icon, "icon_large", ink), (words, 1), *presses, gap=12), margins=(8, 14))
        shown.setAccessibleName(title)
        shown.setAccessibleDescription(detail)
        self.set_items([12, shown])

    def _show_reading(self, *, busy: bool) -> None:
        agreed = Button(_("The caller agreed"), key="F2", fires=False)
        none = Button(_("They do not want it"), "ghost")
        if busy:
            agreed.adjustSize()
            agreed.set_busy(_("Noting"))
        agreed.clicked.connect(self._model.saved.agreed)
        none.clicked.connect(self._model.saved.not_agreed)
        title, detail = _("Read the script to the caller"), _("What they answer is noted.")
        self._put(title, detail, "chat-text", "accent_text", none, agreed)

    def _show_agreed(self) -> None:
        consent = self._model.saved.consent
        assert consent is not None, "there is one"
        said = _("They agreed at {at}, words of version {wording}.")
        detail = said.format(at=times.second(consent.at), wording=consent.wording)
        undo = Button(_("Do not save it"), "ghost")
        undo.clicked.connect(self._model.saved.take_back)
        presses = [undo] if self._model.saved.can_take_back else []
        title = _("This card is saved once it is paid")
        self._put(title, detail, "check-circle-fill", "success", *presses)

    def _say(self) -> None:
        saved = self._model.saved
        if saved.consent is not None:
            announce(self, _("Noted: the caller agreed to have the card saved"))
        elif saved.reading:
            announce(self, _("Read the script to the caller, then press F2 if they agree"))
