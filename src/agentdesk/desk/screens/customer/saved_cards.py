"""The customer's saved cards: which there are, why one is off, and letting one go."""

from agentdesk.desk.screens.customer.view_model import CustomerViewModel
from agentdesk.desk.widgets.box import Column, Item, Look, Row
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.shapes import Icon
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.domain.plan import STANDS
from agentdesk.i18n import _
from agentdesk.wire.customers import Customer
from agentdesk.wire.saved_cards import SavedCard


class SavedCards(Column):
    """One row for each; removing one asks once more in its place."""

    def __init__(self, model: CustomerViewModel, customer: Customer) -> None:
        self._model, self._plan = model, customer.plan
        self.keep: Button | None = None
        """Where the keyboard goes while a removal is asked about."""
        self.asked = ""
        rows: list[Item] = [self._row(one) for one in customer.saved_cards]
        error = Paragraph(model.remove_error.text, role="danger") if model.remove_error else None
        head = Text(_("Saved cards"), "label", "text_2")
        super().__init__(*([12, head, 2, *rows] if rows else []), error)
        self.setAccessibleName(_("Saved cards"))

    def _row(self, card: SavedCard) -> Column:
        asked = self._model.removing == card.card_id
        words = Column(Paragraph(card.label, "medium", "text"))
        if card.off_reason:
            words.add(Paragraph(card.off_reason, "caption", "warning"))
        press = None if asked else self._press(card)
        row = Row(Icon("credit-card"), (words, 1), press, gap=8)
        question = [6, self._question(card), 6] if asked else []
        return Column(row, *question, margins=(4, 0))

    def _press(self, card: SavedCard) -> Button:
        remove = Button(_("Remove"), "link")
        remove.setAccessibleName(_("Remove the saved {card}").format(card=card.label))
        remove.clicked.connect(lambda: self._model.ask_to_remove(card.card_id))
        return remove

    def _question(self, card: SavedCard) -> Column:
        keep, remove = Button(_("Keep it"), "secondary"), Button(_("Remove"), "danger")
        keep.clicked.connect(lambda: self._model.ask_to_remove(None))
        remove.clicked.connect(self._model.remove_card)
        remove.setAccessibleName(_("Remove the saved {card} now").format(card=card.label))
        if self._model.remove_command.is_running:
            remove.adjustSize()
            remove.set_busy(_("Removing"))
        asked = _("Remove the saved {card}? It is gone at once and cannot be charged any more.")
        self.keep, self.asked = keep, asked.format(card=card.label)
        words = Column(Paragraph(_("It is gone at once and cannot be charged any more.")))
        if self._plan is not None and self._plan.state in STANDS and self._plan.card_id == card.card_id:
            paused = _("The payment plan on it is paused.")
            self.asked = f"{self.asked} {paused}"
            words.add(Paragraph(paused, role="warning"))
        return Column(
            words, 6, Row(keep, remove, ..., gap=8), margins=(8, 10), look=Look("sunken", radius="control")
        )
