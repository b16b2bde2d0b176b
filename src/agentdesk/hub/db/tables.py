"""The tables. Every rule of money that a database can hold is a constraint here or in the first migration.

No column can hold a card number. Amounts are minor units; instants are aware and UTC."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, LargeBinary, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from agentdesk.hub.db.base import Base, states
from agentdesk.hub.db.plans import PaymentPlan


# ---------------------------------------------------------------- people
class User(Base):
    """A local account; the hash is argon2id. `limit_minor` is their largest payment, None: no ceiling."""

    __tablename__ = "user_account"
    user_id: Mapped[str] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)  # lower case
    name: Mapped[str]
    role: Mapped[str]
    limit_minor: Mapped[int | None]
    may_refund: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    password_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    disabled_at: Mapped[datetime | None]


class UserSession(Base):
    """A session; only the SHA-256 of its token is kept."""

    __tablename__ = "user_session"
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.user_id"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignInTry(Base):
    """Failed sign-ins of a name, known or not, so that the delay grows the same for both."""

    __tablename__ = "sign_in_try"
    username: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    blocked_until: Mapped[datetime]


class AuditEntry(Base):
    """What a person did; append-only, each entry carries the hash of the one before it."""

    __tablename__ = "audit_entry"
    entry_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[str | None]
    address: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    result: Mapped[str]
    detail: Mapped[dict[str, Any]]
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    entry_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)


# ---------------------------------------------------------------- calls
class Call(Base):
    """A telephone call; `call_ref` is the telephony vendor's id of the caller's leg."""

    __tablename__ = "call"
    call_id: Mapped[str] = mapped_column(primary_key=True)
    call_ref: Mapped[str | None] = mapped_column(unique=True)
    state: Mapped[str]
    number: Mapped[str | None]
    queue: Mapped[str | None]
    user_id: Mapped[str | None] = mapped_column(ForeignKey("user_account.user_id"))
    customer_id: Mapped[str | None]
    matches: Mapped[list[dict[str, Any]]]
    match_problem: Mapped[str | None]
    caller_check: Mapped[dict[str, Any] | None]  # result, codes, who, when; never an answer
    help: Mapped[dict[str, Any] | None]  # when a supervisor was called, why, who comes; None: not or over
    recording: Mapped[bool] = mapped_column(server_default=text("true"))
    unrecorded_since: Mapped[datetime | None]  # the recorder did not start again; None: it did, or it is seen
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    line_ended_at: Mapped[datetime | None]
    wrapped_up_at: Mapped[datetime | None]
    disposition: Mapped[str | None]
    note: Mapped[str | None]
    __table_args__ = (
        states("ringing connected held wrap_up ended"),
        Index("ix_call_not_ended", "state", postgresql_where=text("state <> 'ended'")),
        Index(
            "ix_call_unrecorded", "unrecorded_since", postgresql_where=text("unrecorded_since is not null")
        ),
    )


# ---------------------------------------------------------------- payments
class PaymentIntent(Base):
    """One thing a caller agreed to pay. `key` is the desk's: one press, one intent.

    `whole`: all of a debt over two cards, in both halves; the second names the first in `split_of`.
    `instalment` is the number of it in the payment plan that takes it by itself.
    """

    __tablename__ = "payment_intent"
    intent_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    reference: Mapped[str] = mapped_column(unique=True)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.call_id"), index=True)
    customer_id: Mapped[str] = mapped_column(index=True)
    customer_name: Mapped[str]
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.user_id"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    allocations: Mapped[list[dict[str, Any]]]
    whole: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'::jsonb"))
    split_of: Mapped[str | None] = mapped_column(ForeignKey("payment_intent.intent_id"), index=True)
    plan_id: Mapped[str | None] = mapped_column(ForeignKey(PaymentPlan.plan_id))
    instalment: Mapped[int | None]
    receipt_email: Mapped[str | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        CheckConstraint("amount_minor > 0", "amount_positive"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", "currency_code"),
        CheckConstraint("split_of is null or whole <> '[]'::jsonb", "split_of_a_whole"),
        CheckConstraint("(plan_id is null) = (instalment is null)", "instalment_of_a_plan"),
        Index(
            "uq_payment_intent_instalment",
            "plan_id",
            "instalment",
            unique=True,
            postgresql_where=text("plan_id is not null"),
        ),
        Index("ix_payment_intent_log", "created_at", "intent_id"),
    )


class Attempt(Base):
    """One try. `charge_key` is the idempotency key, committed before the first byte is sent.

    A trigger copies `state` into the attempt's debts, whose partial unique index lets one attempt at a
    time hold a debt. `to_confirm`: it ended without the provider's last word, which is still asked for.
    `ended_at` stays where it is at risk again. `charged_minor`: what a supervisor accepted as charged, where
    it is not what was agreed; `charged_currency` where it is not the payment's.
    """

    __tablename__ = "attempt"
    attempt_id: Mapped[str] = mapped_column(primary_key=True)
    intent_id: Mapped[str] = mapped_column(ForeignKey("payment_intent.intent_id"), index=True)
    key: Mapped[str]
    number: Mapped[int]
    route: Mapped[str]
    live: Mapped[bool | None]  # of real money; None: from before this was kept
    saved_card_id: Mapped[str | None] = mapped_column(index=True)  # its row names an attempt: no circle
    state: Mapped[str]
    charge_key: Mapped[str] = mapped_column(unique=True)
    provider_ids: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    charged_minor: Mapped[int | None]
    charged_currency: Mapped[str | None]
    card_brand: Mapped[str | None]
    card_last4: Mapped[str | None]
    authorization_code: Mapped[str | None]
    decline: Mapped[dict[str, Any] | None]
    not_sent_reason: Mapped[str | None]
    late_success: Mapped[bool] = mapped_column(server_default=text("false"))
    alarm: Mapped[str | None]
    alarm_at: Mapped[datetime | None]  # also of a late success
    alarm_closed_at: Mapped[datetime | None]
    decision: Mapped[dict[str, Any] | None]  # a supervisor's word; `final` once it counts
    to_confirm: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    is_news: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # see `news`
    asked: Mapped[int] = mapped_column(server_default=text("0"))
    next_ask_at: Mapped[datetime | None]
    started_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("intent_id", "number"),
        UniqueConstraint("intent_id", "key"),
        states("open sending approved declined pending unknown not_sent"),
        CheckConstraint("state = 'open' or state = 'not_sent' or sent_at is not null", "sent_first"),
        CheckConstraint("charged_minor > 0", "charged_positive"),
        CheckConstraint(
            "charged_currency is null or (charged_minor is not null and charged_currency ~ '^[A-Z]{3}$')",
            "charged_currency_of_an_amount",
        ),
        CheckConstraint("card_last4 is null or card_last4 ~ '^[0-9]{4}$'", "last_four_only"),
        Index(
            "ix_attempt_live",
            "state",
            postgresql_where=text("state in ('open','sending','pending','unknown')"),
        ),
        Index("ix_attempt_news", "intent_id", postgresql_where=text("is_news")),
        Index(
            "ix_attempt_alarm_open",
            "alarm_at",
            postgresql_where=text("(alarm is not null or late_success) and alarm_closed_at is null"),
        ),
    )


class AttemptDebt(Base):
    """What an attempt would pay: `invoice:<id>` or `account:<customer>`. `holding` follows the attempt.

    Only one that is at risk again, while another holds the debt, goes without: its state is asked, too.
    """

    __tablename__ = "attempt_debt"
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.attempt_id"), primary_key=True)
    debt: Mapped[str] = mapped_column(primary_key=True, index=True)
    holding: Mapped[bool] = mapped_column(server_default=text("true"))
    __table_args__ = (
        Index("uq_attempt_debt_one_at_risk", "debt", unique=True, postgresql_where=text("holding")),
    )


class DuplicateStop(Base):
    """A payment held back by another's try, and what a supervisor said; the newest one of a payment counts.

    `passed_at` is when the payment went on. Permission is for this payment and this one try before it.
    """

    __tablename__ = "duplicate_stop"
    stop_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Identity())  # replicas' clocks differ: this tells the newest
    intent_id: Mapped[str] = mapped_column(ForeignKey("payment_intent.intent_id"), index=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.attempt_id"), index=True)
    stopped_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("user_account.user_id"))
    allowed: Mapped[bool | None]
    reason: Mapped[str | None]
    passed_at: Mapped[datetime | None]
    __table_args__ = (
        CheckConstraint(
            "allowed is null or (asked_at is not null and decided_at is not null and decided_by is not null"
            " and reason is not null and reason <> '')",
            "decided_with_a_reason",
        ),
    )


class CaptureSession(Base):
    """The card session of an attempt. `fields` maps a field to its progress; never a digit.

    `watched_at`: when the agent's desk last told that it shows it; None: it has never told.
    """

    __tablename__ = "capture_session"
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.attempt_id"), primary_key=True)
    state: Mapped[str]
    session_id: Mapped[str | None] = mapped_column(unique=True)
    call_ref: Mapped[str]
    fields: Mapped[dict[str, Any]]
    commands: Mapped[int] = mapped_column(server_default=text("0"))  # numbers the vendor keys
    recorder_paused_at: Mapped[datetime | None]
    recorder_resumed_at: Mapped[datetime | None]
    tones_masked_at: Mapped[datetime | None]
    secured_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None]
    close_cause: Mapped[str | None]
    provider_closed_at: Mapped[datetime | None]
    deadline_at: Mapped[datetime | None]
    watched_at: Mapped[datetime | None]
    __table_args__ = (states("securing collecting collected tokenising tokenised cancelling closed spent"),)


class PaymentLink(Base):
    """The provider's page of an attempt whose customer pays by themselves; never a digit of a card.

    Whoever has `url` can pay: it goes to `sent_to` and nowhere else. `looks` numbers the regular looks.
    """

    __tablename__ = "payment_link"
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.attempt_id"), primary_key=True)
    state: Mapped[str]
    session_id: Mapped[str | None] = mapped_column(unique=True)
    url: Mapped[str | None]
    way: Mapped[str] = mapped_column(server_default="text")
    sent_to: Mapped[str]
    resend_key: Mapped[str | None]  # of the last press that sent it again
    to_send: Mapped[bool] = mapped_column(default=False, server_default=text("false"))  # a job has to
    message_id: Mapped[str | None] = mapped_column(unique=True)
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    problem: Mapped[str | None]
    looks: Mapped[int] = mapped_column(server_default=text("0"))
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    close_reason: Mapped[str | None]
    __table_args__ = (
        states("opening open closing closed"),
        CheckConstraint("way in ('text', 'email', 'qr')", "way"),
    )


class PaymentEvent(Base):
    """What was learnt or done about a payment; append-only, evidence unique by source and id."""

    __tablename__ = "payment_event"
    event_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    intent_id: Mapped[str] = mapped_column(ForeignKey("payment_intent.intent_id"), index=True)
    attempt_id: Mapped[str | None] = mapped_column(ForeignKey("attempt.attempt_id"))
    at: Mapped[datetime]
    kind: Mapped[str]
    title: Mapped[str]
    detail: Mapped[str]
    source: Mapped[str]
    evidence_key: Mapped[str | None] = mapped_column(unique=True)
    data: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))


class Refund(Base):
    """Money going back of one charge. `refund_key` is the idempotency key, committed before the first byte.

    A trigger lets the refunds of a charge that are not failed or not sent add up to no more than it took.
    `done_at` beside a failed state: it was done, and the money came back. `gave_minor` as `charged_minor`.
    """

    __tablename__ = "refund"
    refund_id: Mapped[str] = mapped_column(primary_key=True)
    intent_id: Mapped[str] = mapped_column(ForeignKey("payment_intent.intent_id"), index=True)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.attempt_id"), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.user_id"))
    key: Mapped[str]
    refund_key: Mapped[str] = mapped_column(unique=True)
    reference: Mapped[str] = mapped_column(unique=True)
    amount_minor: Mapped[int]
    gave_minor: Mapped[int | None]
    reason: Mapped[str]
    state: Mapped[str]
    provider_ids: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    why: Mapped[str | None]  # it failed or was not sent, in words
    alarm: Mapped[str | None]
    decision: Mapped[dict[str, Any] | None]  # as an attempt's, and so is `to_confirm`
    to_confirm: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    asked: Mapped[int] = mapped_column(server_default=text("0"))
    next_ask_at: Mapped[datetime | None]
    sent_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("intent_id", "key"),
        CheckConstraint("amount_minor > 0", "amount_positive"),
        CheckConstraint("gave_minor > 0", "gave_positive"),
        states("sending pending done failed unknown not_sent"),
    )


class WriteBack(Base):
    """An update owed; one of each kind for each reference."""

    __tablename__ = "write_back"
    write_back_id: Mapped[str] = mapped_column(primary_key=True)
    intent_id: Mapped[str | None] = mapped_column(ForeignKey("payment_intent.intent_id"), index=True)
    call_id: Mapped[str | None] = mapped_column(ForeignKey("call.call_id"))
    refund_id: Mapped[str | None] = mapped_column(ForeignKey("refund.refund_id"))
    kind: Mapped[str]
    reference: Mapped[str]
    customer_id: Mapped[str]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str]
    detail: Mapped[str]
    tries: Mapped[int] = mapped_column(server_default=text("0"))
    next_try_at: Mapped[datetime | None]
    overdue_at: Mapped[datetime | None]  # when the alarm was raised: not done in the time it may take
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("kind", "reference"),
        states("queued done parked"),
        Index("ix_write_back_not_done", "created_at", postgresql_where=text("state <> 'done'")),
        Index(
            "ix_write_back_line",
            "customer_id",
            "kind",
            "created_at",
            postgresql_where=text("state = 'queued'"),
        ),
    )


# ---------------------------------------------------------------- messages
class Event(Base):
    """What desks are told. `user_id` None: everybody. Kept for a day, for resuming."""

    __tablename__ = "event"
    event_id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    user_id: Mapped[str | None]
    kind: Mapped[str]
    data: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
