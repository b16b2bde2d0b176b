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
    """Says what became of payments that ended meanwhile, one after the other; the list keeps them."""

    def __init__(self, session: Session) -> None:
        super().__init__("info", "info", "", "", _("Close"), flush=True)
        self._session = session
        self._known = _keys(session.day) if session.day else None
        self._unread: list[PaymentIntent] = []
        self.hide()
        self.pressed.connect(self._close)
        session.day_changed.connect(self._look)

    def _look(self, day: AgentDay) -> None:
        now, known = _keys(day), self._known
        self._known = now
        new = [one for one in day.ended if known is not None and _key(one) not in known]
        for payment in new:
            announce(self.window(), ". ".join(self._words(payment)))
        # between calls the list says it, and stays
        busy = self._session.call is not None or self._session.payment is not None
        self._unread = [one for one in [*self._unread, *new] if _key(one) in now] if busy else []
        self._show()

    def _close(self) -> None:
        self._unread = self._unread[1:]
        self._show()

    def _show(self) -> None:
        if self._unread:
            self.set_words(*self._words(self._unread[0]))
        self.setVisible(bool(self._unread))

    def _words(self, payment: PaymentIntent) -> tuple[str, str]:
        stood = standing(payment, self._session.clock.now())
        title = _("{amount} of {name}: {state}").format(
            amount=taken(payment), name=payment.customer_name, state=KINDS[stood.kind].word
        )
        return title, f"{stood.words} {what_to_do(payment, self._session.day)}"


def _key(payment: PaymentIntent) -> tuple[str, object]:
    return payment.intent_id, payment.state


def _keys(day: AgentDay) -> set[tuple[str, object]]:
    return {_key(one) for one in day.ended}
