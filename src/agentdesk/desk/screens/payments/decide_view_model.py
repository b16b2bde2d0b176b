"""Deciding what became of a payment that no look-up could tell."""

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Command
from agentdesk.desk.session import Session
from agentdesk.desk.widgets.badge import KINDS
from agentdesk.domain.errors import AgentDeskError
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.money import Money
from agentdesk.domain.payment import MONEY_AT_RISK, AttemptState
from agentdesk.i18n import _, after_colon
from agentdesk.wire.model import Amount
from agentdesk.wire.payments import Attempt, PaymentIntent
from agentdesk.wire.work import Decision

SOURCES = (_("Provider’s own page"), _("Bank statement"), _("Provider’s support"))
_OUTCOMES = {
    None: (_("Keep checking"), _("Nothing changes; the provider is asked again every 5 min")),
    AttemptState.APPROVED: (
        _("It was charged: post it"),
        _("Accounts, record and receipt follow by themselves"),
    ),
    AttemptState.DECLINED: (_("The bank said no: free the debt"), _("Needs proof and a second supervisor")),
    AttemptState.NOT_SENT: (_("It was never sent: free the debt"), _("Needs proof and a second supervisor")),
}
_SHORTEST = 3


class DecideViewModel(QObject):
    """One payment to decide. Signals: `changed`; `ended(words)` when there is nothing left to do here."""

    changed = Signal()
    ended = Signal(str)

    def __init__(self, session: Session, payment: PaymentIntent, attempt: Attempt) -> None:
        super().__init__()
        self.session, self.payment, self.attempt = session, payment, attempt
        self.outcome: AttemptState | None = None
        """None: keep checking."""
        self.source, self.seen, self.reference, self.reason = SOURCES[0], "", "", ""
        self.charged: Money | None = payment.amount.money
        """What was charged, as typed; None where that is no amount."""
        self._opened_in = attempt.state
        self.error: AgentDeskError | None = None
        self._key = new_ulid()  # one panel, one decision
        self.decide = Command(session.tasks, self._decide, self)
        self.look_up = Command(session.tasks, self._look_up, self)
        for command in (self.decide, self.look_up):
            command.done.connect(self.take)
            command.failed.connect(self._miss)

    def outcomes(self) -> dict[AttemptState | None, tuple[str, str]]:
        """Return what can be decided, the safest first, with what follows from it."""
        able = [None, AttemptState.APPROVED]
        if self.attempt.state in MONEY_AT_RISK:
            able.append(AttemptState.DECLINED)
        if self.attempt.state is AttemptState.UNKNOWN:  # what is pending is at the provider
            able.append(AttemptState.NOT_SENT)
        return {one: words for one, words in _OUTCOMES.items() if one in able}

    def choose(self, outcome: AttemptState | None) -> None:
        """Choose an outcome, or to keep checking."""
        self.outcome, self.error = outcome, None
        self.changed.emit()

    def fill(self, **words: str) -> None:
        """Take what was typed or chosen: source, seen, reference, reason."""
        for name, text in words.items():
            setattr(self, name, text)
        self.changed.emit()

    def type_charged(self, amount: Money | None) -> None:
        """Take what was charged, as the provider shows it."""
        self.charged = amount
        self.changed.emit()

    @property
    def asks_amount(self) -> bool:
        """Whether what was charged has to be typed: the provider shows something else than was agreed."""
        differs = self.error is not None and self.error.code == "decision_other_amount"
        asks = self.attempt.alarm_open or differs or self.other is not None
        return self.outcome is AttemptState.APPROVED and asks

    @property
    def other(self) -> Money | None:
        """What was charged, where that is not what was agreed."""
        agreed = self.payment.amount.money
        return self.charged if self.charged is not None and self.charged != agreed else None

    @property
    def missing(self) -> str:
        """What is still needed before the decision can be recorded; empty where nothing."""
        if self.outcome is None:
            return ""
        if another := self._needs_another:
            return another
        if self.outcome is AttemptState.APPROVED and len(self.reference.strip()) < _SHORTEST:
            return _("Needs the provider’s reference")
        if self.asks_amount and self.charged is None:
            return _("Needs the amount that was charged")
        if len(self.seen.strip()) < _SHORTEST:
            return _("Needs what you saw")
        return "" if len(self.reason.strip()) >= _SHORTEST else _("Needs a reason")

    @property
    def _needs_another(self) -> str:
        """Why it takes somebody else's word; empty where mine counts."""
        me = self.session.person
        if me is not None and me.user_id == self.payment.agent:
            return _("Another supervisor has to decide: you took it")
        return _("Another supervisor has to confirm it") if self.said_by_me else ""

    @property
    def said_by_me(self) -> bool:
        """Whether I said this before, so that only a second person can."""
        said, me = self.attempt.decision, self.session.person
        return bool(said and not said.final and me and said.outcome is self.outcome and me.name in said.by)

    def take(self, payment: PaymentIntent) -> None:
        """Use a newer form of the payment; `ended` where it needs no decision any more."""
        before = self.attempt.decision
        same = (one for one in payment.attempts if one.attempt_id == self.attempt.attempt_id)
        self.payment, self.attempt, self.error = payment, next(same), None
        said = self.attempt.decision
        if self.attempt.state not in {*MONEY_AT_RISK, self._opened_in}:
            self.ended.emit(_how_it_ended(self.attempt))
        elif said and said != before and self.said_by_me:
            self.ended.emit(_("Recorded. A second supervisor has to confirm it; the debt stays locked."))
        else:
            self.changed.emit()

    def _miss(self, error: AgentDeskError) -> None:
        self.error = error
        self.changed.emit()

    async def _decide(self) -> PaymentIntent:
        assert self.outcome is not None, "keeping on needs no word"
        decision = Decision(
            key=self._key,
            outcome=self.outcome,  # type: ignore[arg-type]
            reference=self.reference.strip() or None,
            charged=Amount.of(self.other) if self.other and self.asks_amount else None,
            seen=f"{self.source}: {self.seen.strip()}",
            reason=self.reason.strip(),
        )
        return await self.session.client.decide(self.attempt.attempt_id, decision)

    async def _look_up(self) -> PaymentIntent:
        return await self.session.client.look_up(self.attempt.attempt_id)


def _how_it_ended(attempt: Attempt) -> str:
    words = after_colon(KINDS[attempt.state.value].word)
    if attempt.decision is None:
        return _("The provider has answered: {words}. Its answer counts.").format(words=words)
    if attempt.charged is not None:
        return _("Recorded: {charged} was charged. Tell the caller, then settle the alarm.").format(
            charged=attempt.charged
        )
    return _("Recorded: {words}. The agent sees it now.").format(words=words)


def undecided(payment: PaymentIntent) -> Attempt | None:
    """Return the attempt that no look-up could tell, once that is a person's to decide or soon will be.

    Also one told as not charged, of which the provider shows something else.
    """
    waits = (one for one in payment.attempts if one.check is not None or _is_contradicted(one))
    return next(waits, None)


def _is_contradicted(attempt: Attempt) -> bool:
    told_no = attempt.state in (AttemptState.DECLINED, AttemptState.NOT_SENT)
    return told_no and attempt.alarm_open and attempt.alarm is not None
