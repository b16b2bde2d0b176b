"""Telling of a payment that ended after its call, wherever the agent is."""

from agentdesk.desk.counting import taken
from agentdesk.desk.session import Session
from agentdesk.desk.standing import standing, what_to_do
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.badge import KINDS
from agentdesk.desk.widgets.notices import Banner
from agentdesk.i18n import _
from agentdesk.wire.payments import AgentDay, PaymentIntent


class EndedBanner(Banner):
    """Says once what became of a payment that ended while somebody was signed in; the list keeps it."""

    def __init__(self, session: Session) -> None:
        super().__init__("info", "info", "", "", _("Close"), flush=True)
        self._session = session
        self._known = _keys(session.day) if session.day else None
        self.hide()
        self.pressed.connect(self.hide)
        session.day_changed.connect(self._look)

    def _look(self, day: AgentDay) -> None:
        now, known = _keys(day), self._known
        self._known = now
        new = [one for one in day.ended if known is not None and _key(one) not in known]
        if not now:
            self.hide()
        for payment in new:
            self._say(payment)

    def _say(self, payment: PaymentIntent) -> None:
        stood = standing(payment, self._session.clock.now())
        title = _("{amount} of {name}: {state}").format(
            amount=taken(payment), name=payment.customer_name, state=KINDS[stood.kind].word
        )
        words = f"{stood.words} {what_to_do(payment)}"
        self.set_words(title, words)
        # between calls the list says it, and stays
        self.setVisible(self._session.call is not None or self._session.payment is not None)
        announce(self.window(), f"{title}. {words}")


def _key(payment: PaymentIntent) -> tuple[str, object]:
    return payment.intent_id, payment.state


def _keys(day: AgentDay) -> set[tuple[str, object]]:
    return {_key(one) for one in day.ended}
