"""Giving money back of the open payment: what is asked for, sent once, and what each refund says."""

from datetime import date

from PySide6.QtCore import QObject, Signal

from agentdesk.desk import times
from agentdesk.desk.command import Command
from agentdesk.desk.screens.payments.view_model import PaymentsViewModel
from agentdesk.desk.session import ConnectionState
from agentdesk.domain.errors import AgentDeskError
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.money import Money
from agentdesk.domain.people import Permission
from agentdesk.domain.refund import HOLDS_AMOUNT, RefundState
from agentdesk.i18n import _
from agentdesk.wire.model import Amount
from agentdesk.wire.payments import PaymentIntent, Refund
from agentdesk.wire.refunds import NewRefund, RefundDecision, RefundRequest


class RefundViewModel(QObject):
    """The open payment's refunds and the form for one more; `changed` when the form opens or closes."""

    changed = Signal()
    news = Signal(object)
    """Refund of the open payment that is new, or stands elsewhere than before."""

    def __init__(self, payments: PaymentsViewModel) -> None:
        super().__init__(payments)
        self._payments = payments
        self.session = payments.session
        self.is_open = False
        self.error: AgentDeskError | None = None
        self._key = self._intent_id = ""
        self._known: tuple[str, dict[str, object]] = "", {}
        self.send = Command(self.session.tasks, self._send, self)
        self.send.done.connect(self._take)
        self.send.failed.connect(self._miss)
        self.decide = Command(self.session.tasks, self._decide, self)
        self.settle = Command(self.session.tasks, self.session.client.settle_refund, self)
        self.settle.done.connect(payments.load_again)
        self.decide.done.connect(payments.load_again)
        payments.detail_changed.connect(self._follow)

    @property
    def left(self) -> Money | None:
        """What one refund can still give back; None where there is nothing."""
        detail = self._payments.detail
        left = detail.payment.refundable if detail else None
        return left.money if left and left.minor > 0 else None

    @property
    def plan(self) -> str | None:
        """The short reference of the payment plan that took the open payment; None where somebody did."""
        return self._payments.detail.payment.plan if self._payments.detail else None

    @property
    def may_refund(self) -> bool:
        """Whether this person may give something back of the open payment now."""
        ready = self.session.connection.state is ConnectionState.LIVE and not self.send.is_running
        return ready and self.session.may(Permission.REFUND) and self.left is not None

    def open(self) -> None:
        """Open the form for the open payment: a new decision, so a new key."""
        row = self._payments.row
        assert row is not None, "a refund is of the open payment"
        self._intent_id = row.intent_id
        self.is_open, self.error, self._key = True, None, new_ulid()
        self.changed.emit()

    def close(self) -> None:
        """Close the form; what was sent is followed."""
        self.is_open, self.error = False, None
        self.changed.emit()

    def amount_problem(self, amount: Money) -> str:
        """Return why this much cannot go back; empty where it can."""
        over = self.left is not None and amount.minor > self.left.minor
        return _("{left} can still be refunded.").format(left=self.left) if over else ""

    def must_ask(self, amount: Money | None) -> bool:
        """Say whether it is over the person's limit, with what went back before: a supervisor allows it."""
        limit = self.session.person.limit if self.session.person else None
        if limit is None or amount is None:
            return False
        return amount.currency != limit.currency or amount.minor + self._given_minor > limit.minor

    @property
    def _given_minor(self) -> int:
        detail = self._payments.detail
        refunds = detail.payment.refunds if detail else []
        return sum(one.amount.minor for one in refunds if one.state in HOLDS_AMOUNT)

    @property
    def waiting(self) -> RefundRequest | None:
        """The wish for a refund of the open payment that nobody has decided."""
        asked = self._payments.detail.payment.refund_request if self._payments.detail else None
        return asked if asked is not None and asked.allowed is None else None

    def is_own(self, asked: RefundRequest) -> bool:
        """Say whether this person asked for it."""
        return self.session.person is not None and asked.asked_by_id == self.session.person.user_id

    def may_allow(self, asked: RefundRequest) -> bool:
        """Say whether this person may let it go out; the hub holds it against their own limit, too."""
        return self.session.may(Permission.ALLOW_REFUND) and not self.is_own(asked)

    def is_undecided(self, refund: Refund) -> bool:
        """Say whether a refund that no look-up has told, or told otherwise, waits for this person's word."""
        person_from = refund.check.person_from if refund.check else None
        differs = refund.state is RefundState.PENDING and refund.alarm is not None
        waits = (refund.state is RefundState.UNKNOWN or differs) and self.session.may(
            Permission.DECIDE_OUTCOME
        )
        return waits and person_from is not None and person_from <= self.session.clock.now()

    def problem(self, amount: Money | None, reason: str) -> str:
        """Return why this cannot be sent; empty where it can."""
        if amount is None:
            return _("Type the amount to give back.")
        if self.must_ask(amount) and self.waiting is not None:
            return _("{asked_by} has asked for a refund already.").format(asked_by=self.waiting.asked_by)
        return self.amount_problem(amount) or ("" if reason.strip() else _("Say why."))

    # --- inside

    async def _send(self, amount: Money, reason: str) -> PaymentIntent:
        new = NewRefund(key=self._key, amount=Amount.of(amount), reason=reason.strip())
        client = self.session.client
        return await (client.ask_refund if self.must_ask(amount) else client.refund)(self._intent_id, new)

    async def _decide(self, request_id: str, allow: bool, why: str) -> PaymentIntent:
        word = RefundDecision(allow=allow, why=why)
        return await self.session.client.decide_refund(request_id, word)

    def _take(self, _payment: PaymentIntent) -> None:
        self.close()
        self._payments.load_again()

    def _miss(self, error: AgentDeskError) -> None:
        if self.is_open:
            self.error = error
            self.changed.emit()
        self._payments.load_again()  # the answer may be lost and the refund made: the list tells

    def _follow(self) -> None:
        """Close the form when another payment is opened, or there is nothing left to give back."""
        row = self._payments.row
        same = row is not None and row.intent_id == self._intent_id
        if self.is_open and not (same and (self.send.is_running or self.left is not None)):
            self.close()
        if self._payments.detail is not None:
            self._compare(self._payments.detail.payment)

    def _compare(self, payment: PaymentIntent) -> None:
        """Tell of the refunds that stand elsewhere than when this payment was last seen."""
        (intent_id, before), now = self._known, {one.refund_id: badge(one) for one in payment.refunds}
        self._known = payment.intent_id, now
        for one in payment.refunds:
            if intent_id == payment.intent_id and before.get(one.refund_id) != now[one.refund_id]:
                self.news.emit(one)


def badge(refund: Refund) -> tuple[str, str | None]:
    """Return the kind of badge of a refund, and its word where that is another than usual."""
    if refund.reversed:
        return "declined", _("Came back")
    return {
        RefundState.SENDING: ("pending", _("Sending")),
        RefundState.PENDING: ("pending", _("On its way")),
        RefundState.DONE: ("refunded", None),
        RefundState.FAILED: ("declined", _("Failed")),
        RefundState.UNKNOWN: ("unknown", None),
        RefundState.NOT_SENT: ("not_sent", None),
    }[refund.state]


def story(refund: Refund, today: date) -> str:
    """Say what happened, what it means for the money, and what to do."""
    why = f": {refund.why}" if refund.why else ""
    if refund.reversed:
        return _(
            "It was done, then the money came back to us{why}. The customer is still owed it; the accounts "
            "are set right by themselves. Call the customer, then refund again or pay another way."
        ).format(why=why)
    return {
        RefundState.SENDING: _("It is being sent. The money may be moving. Wait for the answer."),
        RefundState.PENDING: _(
            "The provider has it. The money goes back, which can take days. Nothing to do."
        ),
        RefundState.DONE: _done(refund, today),
        RefundState.FAILED: _(
            "It failed{why}. No money went back. Ask the customer how to pay them, or refund again."
        ).format(why=why),
        RefundState.UNKNOWN: _(
            "No answer came. The money may have gone back, so its amount stays held. "
            "Do not refund it another way: {asking}."
        ).format(asking=_asking(refund, today)),
        RefundState.NOT_SENT: _(
            "It was not sent{why}. No money went back. Refund again if still wanted."
        ).format(why=why),
    }[refund.state]


def _done(refund: Refund, today: date) -> str:
    if refund.done_at is None:
        return _("Done. The money went back; the customer’s bank may take days to show it. Nothing to do.")
    return _(
        "Done at {second}. The money went back; the customer’s bank may take days to show it. Nothing to do."
    ).format(second=times.second_of(refund.done_at, today))


def _asking(refund: Refund, today: date) -> str:
    next_at = refund.check.next_at if refund.check else None
    return (
        _("we ask the provider again at {second}").format(second=times.second_of(next_at, today))
        if next_at
        else _("we keep asking")
    )
