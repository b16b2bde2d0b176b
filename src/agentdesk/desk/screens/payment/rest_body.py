"""What a second card pays, as it shows: the rest of each invoice, and what the first one paid."""

from agentdesk.desk.counting import counting
from agentdesk.desk.screens.payment.rest import Rest
from agentdesk.desk.widgets.box import Card, Column, Look, Row
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.notices import Strip
from agentdesk.desk.widgets.text import MoneyLabel, Paragraph, Text
from agentdesk.i18n import _
from agentdesk.wire.payments import PaymentIntent


class RestToPay(Column):
    """Agreed with the first card: nothing of it is to be chosen again."""

    def __init__(self, rest: Rest) -> None:
        whole = {part.invoice_id: part.amount for part in rest.first.whole}
        rows = [
            Row(
                (Text(part.number, "medium"), 1),
                Paragraph(_of(str(part.amount), str(whole[part.invoice_id])), align="right"),
                MoneyLabel(part.amount),
                gap=12,
                margins=(0, 12),
                height="row",
                look=Look(sides="t" if i else ""),
            )
            for i, part in enumerate(rest.parts)
        ]
        amount = Column(
            Text(_("Amount to take"), "caption", "text_3"), Text(str(rest.amount), "amount"), gap=4
        )
        super().__init__(
            SectionHead(_("The rest, on a second card")),
            4,
            Card(*rows),
            10,
            amount,
            10,
            Strip("check-circle", paid_words(rest.first)),
        )


def paid_words(first: PaymentIntent) -> str:
    """Say what the first card paid."""
    attempt = counting(first)
    card = attempt.card.label if attempt is not None and attempt.card is not None else _("The first card")
    return _("{card} paid {amount}, reference {short_reference}.").format(
        card=card, amount=first.amount, short_reference=first.short_reference
    )


def _of(left: str, whole: str) -> str:
    return _("all of it") if left == whole else _("of {whole}").format(whole=whole)
