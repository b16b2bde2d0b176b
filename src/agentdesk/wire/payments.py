"""Payment intents, attempts, capture sessions and what was written back."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from agentdesk.domain.card import CardSummary, brand_name
from agentdesk.domain.contact import EMAIL, LONGEST_EMAIL
from agentdesk.domain.link import LinkWay
from agentdesk.domain.payment import Advice, AttemptState, DeclineKind, may_try
from agentdesk.domain.refund import RefundState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.i18n import _
from agentdesk.wire.captures import CaptureOut
from agentdesk.wire.links import LinkOut
from agentdesk.wire.model import Amount, Instant, Wire
from agentdesk.wire.refunds import RefundRequest
from agentdesk.wire.saved_cards import Consent

#: An address as domain.contact knows one.
Email = Annotated[str, StringConstraints(max_length=LONGEST_EMAIL, pattern=EMAIL)]


class AllocationIn(Wire):
    """How much of the payment goes to one invoice."""

    invoice_id: str = Field(max_length=64)
    amount: Amount


class NewPaymentIntent(Wire):
    """What the caller agreed to pay. Empty allocations: the hub shares the amount, oldest due first.

    `on_account`: it pays no invoice. `whole`: all that is paid over two cards, of which the amount is what
    the first one pays. `split_of`: the payment of the first card; the amount is all that it left.
    `key` is made by the desk when the form opens: sending it twice makes one intent.
    `receipt_email` None: no receipt.
    """

    key: str = Field(min_length=16, max_length=64)
    call_id: str = Field(max_length=64)
    customer_id: str = Field(max_length=64)
    amount: Amount
    allocations: list[AllocationIn] = Field(default=[], max_length=100)
    on_account: bool = False
    whole: list[AllocationIn] = Field(default=[], max_length=100)
    split_of: str | None = Field(default=None, max_length=64)
    receipt_email: Email | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = (self.allocations, self.on_account, self.whole, self.split_of)
        if sum(bool(kind) for kind in kinds) > 1:
            raise ValueError("only one of allocations, on_account, whole and split_of")
        return self


class NewAttempt(Wire):
    """One more try; `key` as in NewPaymentIntent: one press, one attempt.

    `send_by` and `send_to` are for links only: the telephone number, None for the caller's, or the email
    address. `saved_card` is the id of the card to charge, for that route only.
    """

    key: str = Field(min_length=16, max_length=64)
    route: str = Field(max_length=40)
    send_by: LinkWay = LinkWay.TEXT
    send_to: str | None = Field(default=None, max_length=254)
    saved_card: str | None = Field(default=None, max_length=64)


class CardOut(Wire):
    """All we may show of a card."""

    brand: str | None
    last4: str | None

    @property
    def label(self) -> str:
        """The card in words, `Visa ending 4242`."""
        return str(CardSummary(self.brand, self.last4))

    @property
    def said(self) -> str:
        """The card as its holder knows it, `Visa card ending 4242`."""
        words = _("{brand} card ending {last4}")
        return words.format(brand=brand_name(self.brand), last4=self.last4 or _("unknown"))

    @property
    def short(self) -> str:
        """The card where there is little room, `Visa 4242`."""
        return f"{brand_name(self.brand)} {self.last4 or ''}".strip()


class DeclineOut(Wire):
    """A bank's no, as far as the agent may know it. `say` is what to tell the caller."""

    kind: DeclineKind
    advice: Advice
    title: str
    say: str
    retry_same_card: bool


class CheckOut(Wire):
    """How an unknown outcome is being looked up; `next_at` None when a person must decide."""

    since: Instant
    asked: int
    next_at: Instant | None
    person_from: Instant | None


class DecisionOut(Wire):
    """What supervisors said of an outcome that no provider told; `by` names them, in order.

    Not `final`: it is not charged by the word of one, and a second has to confirm it.
    """

    outcome: AttemptState
    reference: str | None
    seen: str
    reason: str
    by: list[str]
    at: Instant
    final: bool


class Attempt(Wire):
    """One try against one provider. `ended_at` when its outcome was known.

    `charged` is what the provider took where that is not what was agreed, and a supervisor accepted it.

    `alarm_open`: an alarm or a late success that no supervisor has closed. `consent`: the caller agreed to
    have this card kept; None where nobody did.
    """

    attempt_id: str
    number: int
    route: str
    state: AttemptState
    charged: Amount | None = None
    card: CardOut | None
    capture: CaptureOut | None
    link: LinkOut | None = None
    decline: DeclineOut | None
    check: CheckOut | None
    not_sent_reason: str | None
    authorization_code: str | None
    late_success: bool
    alarm: str | None
    alarm_open: bool = False
    consent: Consent | None = None
    decision: DecisionOut | None = None
    started_at: Instant
    sent_at: Instant | None
    ended_at: Instant | None


class WriteBack(Wire):
    """An update owed to another system. `detail` says in words where it stands.

    `overdue_at`: when the alarm was raised that it was not done in time; it stays when it is done at last.
    """

    write_back_id: str
    kind: WriteBackKind
    state: WriteBackState
    detail: str
    tries: int
    next_try_at: Instant | None
    done_at: Instant | None
    overdue_at: Instant | None = None


class AllocationOut(Wire):
    """What goes to which invoice."""

    invoice_id: str
    number: str
    amount: Amount


class Refund(Wire):
    """Money going back of a payment.

    `reversed`: it was done and then the money came back to us. `why` says in words why it failed or was
    not sent. `check` is set while its outcome is being looked up.
    """

    refund_id: str
    reference: str
    amount: Amount
    reason: str
    asked_by: str
    state: RefundState
    reversed: bool
    why: str | None
    alarm: str | None
    check: CheckOut | None
    sent_at: Instant
    done_at: Instant | None
    write_backs: list[WriteBack]


class EarlierPayment(Wire):
    """A payment that stands in the way of another: its try that holds the debt, or that took the money."""

    intent_id: str
    short_reference: str
    amount: Amount
    numbers: list[str]
    agent_name: str
    route: str
    state: AttemptState
    card: CardOut | None
    started_at: Instant
    sent_at: Instant | None
    ended_at: Instant | None


class Stop(Wire):
    """Why a payment may not start yet, and what a supervisor said.

    `can_ask`: the payment before is over, so a supervisor may allow this one. `allowed` None: not decided.
    `allowed_until` is when the permission ends, where there is one.
    """

    stop_id: str
    earlier: EarlierPayment
    same_invoices: list[str]
    stopped_at: Instant
    can_ask: bool
    asked_at: Instant | None
    allowed: bool | None
    decided_by: str | None
    decided_at: Instant | None
    reason: str | None
    allowed_until: Instant | None


class StopDecision(Wire):
    """A supervisor's word on a payment that may be a second one."""

    allow: bool
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=400)]


class PaymentIntent(Wire):
    """Everything about one thing the caller agreed to pay.

    `state` is that of the attempt that counts: the approved one, else the last; None before the first.
    `write_backs` are those of the payment itself; a refund has its own. `refund_request` is the newest wish
    for a refund over somebody's limit. `refunded` is what went back, None
    where nothing did; `refundable` the most that one refund can still give back, None where nothing was
    taken.
    `stop` is what kept the next try from starting; None where nothing did.
    `whole` is what both cards of a split pay, `split_of` the first card's payment, in the second one's.
    `plan` is the short reference of the payment plan that took it by itself; None: somebody took it.
    """

    intent_id: str
    reference: str
    short_reference: str
    call_id: str
    customer_id: str
    customer_name: str
    agent: str
    agent_name: str
    amount: Amount
    allocations: list[AllocationOut]
    whole: list[AllocationOut] = []
    split_of: str | None = None
    receipt_email: str | None
    state: AttemptState | None
    attempts: list[Attempt]
    attempts_left: int
    write_backs: list[WriteBack]
    refunds: list[Refund] = []
    refund_request: RefundRequest | None = None
    refunded: Amount | None = None
    refundable: Amount | None = None
    stop: Stop | None = None
    plan: str | None = None
    created_at: Instant
    version: int

    def may_try(self, *, by_link: bool) -> bool:
        """Say whether the count of its tries lets one more start."""
        tried = [(one.state, one.decline.advice if one.decline else None) for one in self.attempts]
        return may_try(tried, by_link=by_link)


class TimelineKind(StrEnum):
    """Which icon a line gets."""

    CALL = "call"
    SECURED = "secured"
    KEYPAD = "keypad"
    LINK = "link"
    SENT = "sent"
    APPROVED = "approved"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"
    ACCOUNTS = "accounts"
    CUSTOMER_RECORD = "customer_record"
    RECEIPT = "receipt"
    REFUND = "refund"
    ALARM = "alarm"
    NOTE = "note"


class TimelineItem(Wire):
    """One thing that happened, oldest first in a payment; `source` is where we know it from."""

    at: Instant
    kind: TimelineKind
    title: str
    detail: str
    source: str


class PaymentDetail(Wire):
    """A payment with its whole time line."""

    payment: PaymentIntent
    timeline: list[TimelineItem]


class AgentDay(Wire):
    """The agent's own day, for the waiting screen. `open_work` are payments that need an eye, money first.

    `ended` are payments that ended after their call and that the agent has not put away, the oldest first.
    `taken_elsewhere` are those of them whose debt another payment took money for, or may have; of one that
    took money itself: while an alarm of the other waits for a supervisor. `answered` are payments of which
    they asked for a refund that was allowed or refused since, until they put that away.
    """

    taken: Amount
    taken_count: int
    declined_count: int
    open_work: list[PaymentIntent]
    ended: list[PaymentIntent] = []
    taken_elsewhere: list[str] = []
    answered: list[PaymentIntent] = []


class PutAway(Wire):
    """The state in which the agent saw a payment that they want to see no more."""

    state: AttemptState


class ReceiptIn(Wire):
    """Where a receipt goes. Each address gets it once, and once more for each `key` a person's press made."""

    email: Email
    key: str | None = Field(default=None, min_length=16, max_length=64)
