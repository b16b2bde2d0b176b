"""The payments of the call at its end, each with what is true of its money now."""

from datetime import datetime

from agentdesk.desk.counting import taken
from agentdesk.desk.session import Session
from agentdesk.desk.standing import Standing, standing
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.badge import KINDS, badge_of
from agentdesk.desk.widgets.box import Card, Column, Look, Row
from agentdesk.desk.widgets.frame import SectionHead
from agentdesk.desk.widgets.text import MoneyLabel, Paragraph
from agentdesk.i18n import _, listed, ngettext
from agentdesk.wire.payments import PaymentIntent

#: Badges of payments of which no money can have moved.
_STILL = frozenset({"capturing", "declined", "draft", "held", "link", "not_sent"})


class CallPayments(Column):
    """One row for each payment of the call, money first; nothing where there was none.

    A badge that becomes another while it is looked at is spoken.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._shown: list[tuple[PaymentIntent, Standing]] = []
        session.clock.ticked.connect(self._tick)
        self.refresh()

    def refresh(self) -> None:
        """Show the payments as they are now."""
        now = self._session.clock.now()
        lines = [(one, standing(one, now)) for one in tried(self._session)]
        if lines == self._shown:
            return
        before = {one.intent_id: stood.kind for one, stood in self._shown}
        self._shown = lines
        card = Card(*(_row(one, stood, i > 0) for i, (one, stood) in enumerate(lines)))
        head = SectionHead(_("Payments of this call"), _("as it is now"))
        self.set_items([head, 4, card, 20] if lines else [])
        for one, stood in lines:
            if self.isVisible() and before.get(one.intent_id, stood.kind) != stood.kind:
                announce(self, f"{taken(one)}: {KINDS[stood.kind].word}. {stood.words}")

    def _tick(self, _now: datetime) -> None:
        if self.isVisible():
            self.refresh()


def tried(session: Session) -> list[PaymentIntent]:
    """Return the payments of the call that were tried or stopped, the oldest first."""
    return [one for one in session.payments_of_call if one.attempts or one.stop]


def counted(session: Session) -> str:
    """Return how many payments the call has, in words."""
    count = len(tried(session))
    if not count:
        return _("No payment on this call")
    return ngettext("{count} payment on this call", "{count} payments on this call", count).format(
        count=count
    )


def _row(payment: PaymentIntent, stood: Standing, below: bool) -> Row:
    paid_for = listed([part.number for part in payment.allocations]) or _("On account")
    row = Row(
        (
            Column(
                Row(badge_of(stood.kind), ...),
                Paragraph(f"{paid_for}, {payment.short_reference}", "medium", "text"),
                Paragraph(stood.words, role="text"),
                gap=4,
            ),
            1,
        ),
        12,
        MoneyLabel(taken(payment).money, moved=stood.kind not in _STILL),
        margins=(10, 16),
        look=Look(sides="t" if below else ""),
    )
    row.setAccessibleName(f"{taken(payment)}: {KINDS[stood.kind].word}. {stood.words}")
    return row
