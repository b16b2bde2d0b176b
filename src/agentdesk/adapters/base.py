"""The ports: what the hub asks of payment vendors, and what all vendors' answers mean.

No type here can hold a card number. Records and accounts are in records.py, links in links.py, saved cards
in cards.py, recorder and phone system in telephony.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from agentdesk.domain.call import CallState
from agentdesk.domain.capture import CaptureEvent, CardField, FieldProblem
from agentdesk.domain.card import CardSummary
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent, DeclineKind
from agentdesk.domain.refund import RefundEvent

SeenVia = Literal["reply", "webhook", "lookup", "decision"]  # the last: a supervisor's word


# ---------------------------------------------------------------- errors: what a caller may conclude
class VendorError(Exception):
    """Base of everything a vendor call can raise. Never carries a request body.

    `vendor_code` and `detail` are for the log and for IT; `detail` is scrubbed of card-like text.
    """

    def __init__(self, detail: str = "", *, vendor_code: str | None = None) -> None:
        super().__init__(detail)
        self.detail, self.vendor_code = detail, vendor_code


class NotSent(VendorError):
    """Proven not received (name look-up, connect or TLS failed). Retry with the same key."""


class RateLimited(VendorError):
    """Answered 429: this request was not executed, which says nothing of a copy that a network made of it.

    `retry_after` in seconds, None where not said.
    """

    def __init__(self, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Rejected(VendorError):
    """A definite refusal of the request: nothing happened; the same request will be refused again."""


class Misconfigured(Rejected):
    """Credentials, connector or permission: an administrator must act."""


class NeedsDecision(Rejected):
    """The other side asks a question or sees a conflict that only a person may answer."""


class OutcomeUnknown(VendorError):
    """Sent, and no trustworthy answer (time-out, reset, 5xx). Look it up; same key only."""


class BadSignature(VendorError):
    """A webhook that is not authentic: answer 403, store nothing but a count."""


# ---------------------------------------------------------------- evidence
@dataclass(frozen=True, slots=True)
class Decline:
    """A bank's no. The raw code and text are for the log, never for the agent."""

    kind: DeclineKind
    raw_code: str | None = None
    hard: bool = False  # the bank says: do not try this card again


@dataclass(frozen=True, slots=True)
class TokenRef:
    """The provider's stand-in for a card; `customer` is theirs whom it is kept for, None: it is not kept."""

    provider: str
    value: str
    customer: str | None = None


@dataclass(frozen=True, slots=True)
class MoneyEvidence:
    """One authoritative sighting of an attempt's money: a reply, a webhook or a look-up.

    `our_ref` is the attempt id the vendor stored for us; `amount` what the vendor says moved.
    `event_id` is the vendor's own (or a digest of the body) and removes duplicates. `note` is what a
    supervisor saw, and why they decided.
    """

    event: AttemptEvent
    provider: str
    seen_via: SeenVia
    event_id: str
    our_ref: str | None = None
    provider_ids: Mapping[str, str] = field(default_factory=dict)
    amount: Money | None = None
    card: CardSummary | None = None
    decline: Decline | None = None
    authorization_code: str | None = None
    occurred_at: datetime | None = None
    live: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RefundEvidence:
    """One authoritative sighting of a refund: a reply, a webhook or a look-up.

    `our_ref` is the refund id the vendor stored for us; `amount` what the vendor says goes back. `reason`
    says in words why it failed.
    """

    event: RefundEvent
    provider: str
    seen_via: SeenVia
    event_id: str
    our_ref: str | None = None
    provider_ids: Mapping[str, str] = field(default_factory=dict)
    amount: Money | None = None
    reason: str | None = None
    live: bool | None = None


@dataclass(frozen=True, slots=True)
class RefundedTotal:
    """One sighting of all that was refunded of a charge at an instant, by us or by anybody else.

    What failed by then is not in it.
    """

    provider: str
    event_id: str
    attempt_id: str
    total: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class CaptureEvidence:
    """One sighting of a card session: which field, how far, what is missing, how it ended.

    `digits` counts the keys pressed so far in the field; None where the vendor does not say, and
    always None for the security code. `missing` is None where the vendor said nothing of it. `reason`
    says in words why the session ended.
    """

    event: CaptureEvent
    provider: str
    event_id: str
    session_id: str | None = None
    call_ref: str | None = None
    field: CardField | None = None
    digits: int | None = None
    problem: FieldProblem | None = None
    missing: tuple[CardField, ...] | None = None
    card: CardSummary | None = None
    token: TokenRef | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CallEvidence:
    """One sighting of a telephone call. `call_ref` is the telephony vendor's id of the caller's leg."""

    call_ref: str
    state: CallState
    event_id: str
    from_number: str | None = None
    to_number: str | None = None
    queue: str | None = None
    agent: str | None = None
    transferred: bool = False  # to `agent`, who may be nobody we know


@dataclass(frozen=True, slots=True)
class MessageEvidence:
    """One sighting of a text message we sent: it reached the phone, or never will."""

    provider: str
    event_id: str
    message_id: str
    delivered: bool


@dataclass(frozen=True, slots=True)
class Ignored:
    """An authentic webhook of a kind we do not use: stored, counted, nothing else."""

    provider: str
    kind: str
    event_id: str


Evidence = (
    MoneyEvidence
    | RefundEvidence
    | RefundedTotal
    | CaptureEvidence
    | CallEvidence
    | MessageEvidence
    | Ignored
)


@dataclass(frozen=True, slots=True)
class RawWebhook:
    """A webhook as it came. `public_url` is the URL the vendor called: configured, never from Host."""

    public_url: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes


# ---------------------------------------------------------------- requests
@dataclass(frozen=True, slots=True)
class OpenCapture:
    """Open a card session on the caller's leg; `key_gap_s` is the longest gap between two keys."""

    attempt_id: str
    idempotency_key: str
    call_ref: str
    callback_url: str
    description: str
    fields: tuple[CardField, ...]
    brands: tuple[str, ...]
    key_gap_s: int


@dataclass(frozen=True, slots=True)
class SessionRef:
    """An open card session."""

    attempt_id: str
    session_id: str
    call_ref: str
    callback_url: str


@dataclass(frozen=True, slots=True)
class Charge:
    """Charge a token once; `keep`: its card can be kept afterwards, for its holder agreed to that.

    `holder_away`: nobody is on the line or at a screen; the holder of a kept card agreed to this beforehand.
    """

    attempt_id: str
    idempotency_key: str
    amount: Money
    token: TokenRef
    description: str
    reference: str
    keep: bool = False
    holder_away: bool = False


@dataclass(frozen=True, slots=True)
class Find:
    """Ask what became of a charge. `provider_ids` are those already known, perhaps none.

    `reference`: an id that a person read at the processor; only that charge is asked for.
    """

    attempt_id: str
    provider_ids: Mapping[str, str]
    sent_at: datetime
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """Give back all or part of a charge once. `charge_ids` are the provider's ids of the charge."""

    refund_id: str
    idempotency_key: str
    charge_ids: Mapping[str, str]
    amount: Money
    reference: str


@dataclass(frozen=True, slots=True)
class FindRefund:
    """Ask what became of a refund. `provider_ids` are those of the refund already known, perhaps none."""

    refund_id: str
    charge_ids: Mapping[str, str]
    provider_ids: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Health:
    """Whether an outside system answers, in words for the status bar; `took_s` seconds of the check."""

    state: Literal["ready", "slow", "down"]
    detail: str
    took_s: float


# ---------------------------------------------------------------- ports
class CapturePort(Protocol):
    """Gets the card from the caller to the provider; the hub never sees it."""

    name: str

    async def open(self, request: OpenCapture) -> str:
        """Open a session and return its id."""
        ...

    async def request_field(self, session: SessionRef, card_field: CardField, *, key: str) -> None:
        """Start listening for a field; asking again replaces what was keyed."""
        ...

    async def submit(self, session: SessionRef, *, key: str) -> None:
        """Ask for a token; it arrives as evidence."""
        ...

    async def cancel(self, session: SessionRef, *, key: str) -> None:
        """End the session; nothing is charged by it. One that has ended, or whose call has, is no error."""
        ...

    async def check(self) -> Health:
        """Say whether the service answers."""
        ...


class ProcessorPort(Protocol):
    """Moves money on a token and knows what happened.

    `find_lag` is how long after sending an empty look-up proves nothing; `live`: it moves real money.
    """

    name: str
    live: bool
    find_lag: timedelta

    async def charge(self, request: Charge) -> MoneyEvidence:
        """Charge the token. A decline is returned, not raised.

        Raises NotSent, Rejected (nothing happened), RateLimited or OutcomeUnknown.
        """
        ...

    async def find(self, query: Find) -> Sequence[MoneyEvidence]:
        """Return what the processor knows of the attempt; empty where it knows nothing (yet).

        Raises Rejected where a person's reference names no charge.
        """
        ...

    async def refund(self, request: Refund) -> RefundEvidence:
        """Give money back. One that fails at once is returned, not raised. Raises as `charge` does."""
        ...

    async def find_refund(self, query: FindRefund) -> Sequence[RefundEvidence]:
        """Return what the processor knows of the refund; empty where it knows nothing (yet)."""
        ...

    async def check(self) -> Health:
        """Say whether the service answers."""
        ...


class WebhookPort(Protocol):
    """Turns a raw signed request into evidence."""

    name: str

    def receive(self, raw: RawWebhook) -> Sequence[Evidence]:
        """Verify on the raw bytes, then read. Raises BadSignature, or Rejected for an unreadable body."""
        ...
