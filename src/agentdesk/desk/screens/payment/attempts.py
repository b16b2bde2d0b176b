"""The table of one payment's tries: card, what happened, when, outcome."""

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.badge import badge_of
from agentdesk.desk.widgets.box import Card, Column, Item, Look, Row
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.domain.payment import AttemptState
from agentdesk.i18n import _
from agentdesk.wire.payments import Attempt, PaymentIntent

_WIDTHS = (60, 124, 0, 68, 92)
_HEAD = (_("Attempt"), _("Card"), _("What happened"), _("Time"), _("Outcome"))
#: Below this width the card stands over what happened.
_NARROW = 500


class AttemptsTable(Card):
    """One row for each try, oldest first."""

    def __init__(self, payment: PaymentIntent) -> None:
        self._columns: list[QWidget] = []
        self._over: list[QWidget] = []
        last = payment.attempts[-1].attempt_id
        head = self._cells(
            [Text(word, "label", "text_3") for word in _HEAD],
            height="row_table_head",
            look=Look("sunken", sides="b"),
        )
        super().__init__(head, *(self._row(one, one.attempt_id == last) for one in payment.attempts))
        self.setAccessibleName(_("Attempts"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the words the room of the card's column where there is little."""
        narrow = event.size().width() < theme.px(_NARROW)
        for card in self._columns:
            card.setVisible(not narrow)
        for card in self._over:
            card.setVisible(narrow)

    def _row(self, attempt: Attempt, last: bool) -> Row:
        said = attempt.decline.title if attempt.decline else attempt.not_sent_reason or ""
        card = attempt.card.short if attempt.card else _("None")
        badges = {AttemptState.OPEN: "capturing", AttemptState.SENDING: "pending"}
        badge = badge_of(badges.get(attempt.state, attempt.state.value))
        end = times.second(attempt.ended_at) if attempt.ended_at else ""
        over = Column(Text(card))
        self._over.append(over)
        cells = [
            Text(str(attempt.number), "medium"),
            Text(card),
            Column(over, Paragraph(said)),
            Text(end, role="text_2"),
            badge,
        ]
        row = self._cells(cells, margins=(9, 12), look=Look(sides="" if last else "b"))
        row.setAccessibleName(
            _("Attempt {number}, {card}: {text}").format(number=attempt.number, card=card, text=badge.text())
        )
        return row

    def _cells(self, cells: Sequence[QWidget], **options: object) -> Row:
        items: list[Item] = []
        for cell, width in zip(cells, _WIDTHS, strict=True):
            items.append(Row(cell, ..., width=width) if width else (cell, 1))
        card = items[1]
        assert isinstance(card, QWidget), "the card's column has a width"
        self._columns.append(card)
        return Row(*items, **({"margins": (0, 12), "gap": 8} | options))
