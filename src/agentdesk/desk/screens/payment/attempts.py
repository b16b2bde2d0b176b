"""The table of one payment's tries: card, what happened, when, outcome."""

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from agentdesk.desk import times
from agentdesk.desk.counting import badge_kind
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.badge import KINDS, badge_of
from agentdesk.desk.widgets.box import Card, Column, Item, Look, Row, widest
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.i18n import _
from agentdesk.wire.payments import Attempt, PaymentIntent

#: What the columns are wide at least, at 100 %; what happened takes the rest.
_LEAST = (60, 124, 0, 68, 92)
_HEAD = (_("Attempt"), _("Card"), _("What happened"), _("Time"), _("Outcome"))
#: Below this width the card stands over what happened.
_NARROW = 500


class AttemptsTable(Card):
    """One row for each try, oldest first."""

    def __init__(self, payment: PaymentIntent) -> None:
        self._beside: list[QWidget] = []
        self._over = [Column(Text(_card(one))) for one in payment.attempts]
        rows = [_cells(one, over) for one, over in zip(payment.attempts, self._over, strict=True)]
        head = [Text(word, "label", "text_3") for word in _HEAD]
        columns = zip(zip(head, *rows, strict=True), _LEAST, strict=True)
        self._widths = [widest(cells, least) if least else None for cells, least in columns]
        super().__init__(self._row(head, height="row_table_head", look=Look("sunken", sides="b")))
        for one, cells in zip(payment.attempts, rows, strict=True):
            last = one is payment.attempts[-1]
            row = self._row(cells, margins=(9, 12), look=Look(sides="" if last else "b"))
            row.setAccessibleName(_said(one))
            self.add(row)
        self.setAccessibleName(_("Attempts"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the words the room of the card's column where there is little."""
        narrow = event.size().width() < theme.px(_NARROW)
        for card in self._beside:
            card.setVisible(not narrow)
        for card in self._over:
            card.setVisible(narrow)

    def _row(self, cells: Sequence[QWidget], **options: object) -> Row:
        items: list[Item] = []
        for cell, width in zip(cells, self._widths, strict=True):
            items.append(Row(cell, ..., width=width) if width else (cell, 1))
        card = items[1]
        assert isinstance(card, QWidget), "the card's column has a width"
        self._beside.append(card)
        return Row(*items, **({"margins": (0, 12), "gap": 8} | options))


def _cells(attempt: Attempt, over: Column) -> list[QWidget]:
    happened = attempt.decline.title if attempt.decline else attempt.not_sent_reason or ""
    return [
        Text(str(attempt.number), "medium"),
        Text(_card(attempt)),
        Column(over, Paragraph(happened)),
        Text(times.second(attempt.ended_at) if attempt.ended_at else "", role="text_2"),
        badge_of(_kind(attempt)),
    ]


def _card(attempt: Attempt) -> str:
    return attempt.card.short if attempt.card else _("None")


def _kind(attempt: Attempt) -> str:
    return badge_kind(attempt.state, by_link=attempt.link is not None)


def _said(attempt: Attempt) -> str:
    return _("Attempt {number}, {card}: {text}").format(
        number=attempt.number, card=_card(attempt), text=KINDS[_kind(attempt)].word
    )
