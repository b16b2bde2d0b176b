"""What waits between calls: calls that ring, open work, the day."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from functools import partial

from PySide6.QtCore import QObject, Signal

from agentdesk.desk import times
from agentdesk.desk.command import Command
from agentdesk.desk.counting import counting, payment_kind
from agentdesk.desk.session import Session
from agentdesk.desk.standing import link_words
from agentdesk.domain.errors import AgentDeskError
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.refund import RefundState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.i18n import _, listed
from agentdesk.wire.calls import Call
from agentdesk.wire.links import LinkOut
from agentdesk.wire.payments import AgentDay, Attempt, DecisionOut, PaymentIntent, Refund, WriteBack
from agentdesk.wire.readiness import LampState, Part
from agentdesk.wire.refunds import RefundRequest

#: Badges of a payment whose money is decided, and of which something is not written down.
_OWED = ("parked", "posting")
_KINDS = {
    WriteBackKind.ACCOUNTS: _("Accounts entry"),
    WriteBackKind.CUSTOMER_RECORD: _("Note"),
    WriteBackKind.RECEIPT: _("Receipt"),
}


class WaitingViewModel(QObject):
    """Answers calls and opens work."""

    changed = Signal()
    failed = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.since = session.clock.now()
        self.error: AgentDeskError | None = None
        self.answer_call = Command(session.tasks, self._answer, self)
        self.answer_call.failed.connect(self._fail)
        self.put_away_command = Command(session.tasks, self._put_away, self)
        self.put_away_command.failed.connect(self._miss_put_away)
        session.ringing_changed.connect(self.changed)
        session.day_changed.connect(self._forget_error)
        session.failed.connect(self._fail)

    @property
    def ringing(self) -> list[Call]:
        """Calls that may be answered, oldest first."""
        return self.session.ringing

    @property
    def day(self) -> AgentDay | None:
        """The day so far; None until the hub has told."""
        return self.session.day

    @property
    def line_is_down(self) -> bool:
        """Whether calls may not come up by themselves."""
        lamps = self.session.readiness.lamps if self.session.readiness else []
        return any(one.part is Part.CALL_LINE and one.state is LampState.DOWN for one in lamps)

    def answer(self) -> None:
        """Take the call that rings longest."""
        if self.ringing:
            self._forget_error()
            self.answer_call.start(self.ringing[0].call_id)

    @property
    def ended(self) -> list[PaymentIntent]:
        """Payments that ended after their call, until they are put away."""
        return self.day.ended if self.day else []

    @property
    def answered(self) -> list[PaymentIntent]:
        """Payments of which a refund that this person asked for was decided, until they are put away."""
        return self.day.answered if self.day else []

    def put_away(self, payment: PaymentIntent) -> None:
        """See no more of a payment that ended."""
        if payment.state is not None:
            self.put_away_command.start(
                partial(self.session.client.put_away, payment.intent_id, payment.state)
            )

    def put_answer_away(self, asked: RefundRequest) -> None:
        """See no more of what was said to a refund that this person asked for."""
        self.put_away_command.start(partial(self.session.client.put_answer_away, asked.request_id))

    def put_first_away(self) -> None:
        """See no more of the first of those."""
        answers = [one.refund_request for one in self.answered if one.refund_request]
        if self.ended:
            self.put_away(self.ended[0])
        elif answers:
            self.put_answer_away(answers[0])

    @property
    def first(self) -> PaymentIntent | None:
        """The payment that is listed first; None where none is."""
        listed_ones = [*self.day.open_work, *self.ended, *self.answered] if self.day else []
        return listed_ones[0] if listed_ones else None

    def open_first(self) -> None:
        """Show the payment that is listed first."""
        if self.first is not None:
            self.open(self.first)

    def open(self, payment: PaymentIntent) -> None:
        """Show a payment that needs an eye."""
        self.session.open_payment(payment)

    async def _answer(self, call_id: str) -> None:
        await self.session.answer(call_id)

    async def _put_away(self, tell: Callable[[], Awaitable[PaymentIntent]]) -> None:
        self.session.take_payment(await tell())
        self.session.load_day.restart()

    def _miss_put_away(self, error: AgentDeskError) -> None:
        self._fail(error)
        if error.code != "hub_unreachable":
            self.session.load_day.restart()  # it is another by now

    def _forget_error(self) -> None:
        # a day that came means that the hub answers again
        self.error = None
        self.changed.emit()

    def _fail(self, error: AgentDeskError) -> None:
        self.error = error
        self.changed.emit()
        self.failed.emit(error)


def work_badge(payment: PaymentIntent) -> str:
    """Return the badge's kind: money first, then what could not be written down."""
    if payment.state in (AttemptState.UNKNOWN, AttemptState.PENDING):
        return payment.state.value
    if _unsure_refund(payment):
        return "unknown"
    if payment.state in (None, AttemptState.OPEN, AttemptState.SENDING):
        return payment_kind(payment)
    if _decided(payment) or _alarm(payment):
        return payment.state.value
    return _waits_for(payment)


def _waits_for(payment: PaymentIntent) -> str:
    if _is_posting(payment):
        return "posting"
    if _stuck(payment):
        return "parked"
    return "asked" if _waiting_request(payment) else "queued"


def _is_posting(payment: PaymentIntent) -> bool:
    """Say whether the accounts do not have the payment yet; its own posting is owed before its refunds'."""
    postings = [one.state for one in payment.write_backs if one.kind is WriteBackKind.ACCOUNTS]
    return bool(postings) and postings[0] is not WriteBackState.DONE


def work_title(payment: PaymentIntent) -> str:
    """Return what the row is about."""
    stuck = _stuck(payment)
    who = f"{payment.customer_name}, {payment.short_reference}"
    if work_badge(payment) == "asked" or (work_badge(payment) == "unknown" and _unsure_refund(payment)):
        return _("Refund for {who}").format(who=who)
    return (
        _("{kind} for {who}").format(kind=_KINDS[stuck.kind], who=who)
        if stuck and work_badge(payment) in _OWED
        else who
    )


def work_detail(payment: PaymentIntent, now: datetime) -> str:
    """Return where it stands, with its times."""
    stuck, refund, today = _stuck(payment), _unsure_refund(payment), times.local_day(now)
    if refund is not None:
        return _("Sent {second}, we keep asking whether {amount} went back").format(
            second=times.second_of(refund.sent_at, today), amount=refund.amount
        )
    if work_badge(payment) in _OWED and stuck:
        return stuck.detail
    if said := _for_a_person(payment, today):
        return said
    if link := _open_link(payment):
        return link_words(link, now)
    last = payment.attempts[-1] if payment.attempts else None
    return _attempt_words(last, today) if last else _("Not started")


def _for_a_person(payment: PaymentIntent, today: date) -> str:
    """Return what a supervisor decided or has to; empty where that is nothing."""
    if said := _decided(payment):
        return _("{by} decided it at {minute}. Tell the caller").format(
            by=listed(said.by), minute=times.minute_of(said.at, today)
        )
    if alarm := _alarm(payment):
        return _("{alarm} A supervisor has to look.").format(alarm=alarm)
    if asked := _waiting_request(payment):
        return _("{by} asked to refund {amount}. A supervisor has to decide; nothing was sent.").format(
            by=asked.asked_by, amount=asked.amount
        )
    return ""


def _attempt_words(attempt: Attempt, today: date) -> str:
    sent = (
        _("Sent {second}").format(second=times.second_of(attempt.sent_at, today))
        if attempt.sent_at
        else _("Not sent yet")
    )
    check = attempt.check
    if check is None:
        return sent
    if check.next_at is None:
        return _("{sent}, we keep asking").format(sent=sent)
    return _("{sent}, next check {second}").format(sent=sent, second=times.second_of(check.next_at, today))


def _open_link(payment: PaymentIntent) -> LinkOut | None:
    attempt = counting(payment)
    return attempt.link if attempt and attempt.state is AttemptState.OPEN else None


def _decided(payment: PaymentIntent) -> DecisionOut | None:
    """Return what supervisors decided of the payment, for the caller has to be told."""
    said = (one.decision for one in payment.attempts if one.decision and one.decision.final)
    return next(said, None)


def _alarm(payment: PaymentIntent) -> str | None:
    """Return what of the payment, or of its refunds, is not as it was told."""
    late = _("Approved after all; it had been told as not charged.")
    return next((one.alarm or late for one in payment.attempts if one.alarm_open), None)


def _waiting_request(payment: PaymentIntent) -> RefundRequest | None:
    asked = payment.refund_request
    return asked if asked is not None and asked.allowed is None else None


def _unsure_refund(payment: PaymentIntent) -> Refund | None:
    return next((one for one in payment.refunds if one.state is RefundState.UNKNOWN), None)


def _stuck(payment: PaymentIntent) -> WriteBack | None:
    parked = [one for one in payment.write_backs if one.state is WriteBackState.PARKED]
    return parked[0] if parked else None
