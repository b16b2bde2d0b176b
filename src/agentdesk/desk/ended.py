"""Telling of a payment that ended after its call, or a refund that was decided, wherever the agent is."""

from agentdesk.desk.counting import taken
from agentdesk.desk.session import Session
from agentdesk.desk.standing import answer_kind, answer_words, standing, what_to_do
from agentdesk.desk.widgets.announce import announce
from agentdesk.desk.widgets.badge import KINDS
from agentdesk.desk.widgets.notices import Banner
from agentdesk.domain.payment import AttemptState
from agentdesk.i18n import _
from agentdesk.wire.payments import AgentDay, PaymentIntent
from agentdesk.wire.refunds import RefundRequest

Key = tuple[str, AttemptState | None]


class EndedBanner(Banner):
    """Says what ended or was answered meanwhile, one after the other; the list keeps it."""

    def __init__(self, session: Session) -> None:
        super().__init__("info", "info", "", "", _("Close"), flush=20)
        self._session = session
        self._now = self._told(session.day) if session.day else None
        self._unread: list[Key] = []
        self.hide()
        self.pressed.connect(self._close)
        session.day_changed.connect(self._look)

    def _look(self, day: AgentDay) -> None:
        now, known = self._told(day), self._now
        self._now = now
        new = [key for key in now if known is not None and key not in known]
        for key in new:
            announce(self.window(), ". ".join(now[key]))
        # between calls the list says it, and stays
        busy = self._session.call is not None or self._session.payment is not None
        self._unread = [key for key in [*self._unread, *new] if key in now] if busy else []
        self._show()

    def _close(self) -> None:
        self._unread = self._unread[1:]
        self._show()

    def _show(self) -> None:
        if self._unread and self._now:
            self.set_words(*self._now[self._unread[0]])
        self.setVisible(bool(self._unread))

    def _told(self, day: AgentDay) -> dict[Key, tuple[str, str]]:
        """Return title and words of each thing the day tells of, by what makes it another one."""
        told: dict[Key, tuple[str, str]] = {
            (one.intent_id, one.state): self._words(one, day) for one in day.ended
        }
        for payment in day.answered:
            if asked := payment.refund_request:
                told[asked.request_id, None] = _answer(payment.customer_name, asked)
        return told

    def _words(self, payment: PaymentIntent, day: AgentDay) -> tuple[str, str]:
        stood = standing(payment, self._session.clock.now())
        title = _("{amount} of {name}: {state}").format(
            amount=taken(payment), name=payment.customer_name, state=KINDS[stood.kind].word
        )
        return title, f"{stood.words} {what_to_do(payment, day)}"


def _answer(name: str, asked: RefundRequest) -> tuple[str, str]:
    state = KINDS[answer_kind(asked)].word
    title = _("Refund of {amount} for {name}: {state}")
    return title.format(amount=asked.amount, name=name, state=state), answer_words(asked)
