"""Lamps: whether each part a payment needs is there."""

from enum import StrEnum
from typing import Self

from agentdesk.domain.link import LinkWay
from agentdesk.domain.policy import Lookup, Policy
from agentdesk.wire.model import Amount, Instant, Wire
from agentdesk.wire.plans import PlanRules
from agentdesk.wire.saved_cards import SavedCardRules


class Part(StrEnum):
    """What a lamp stands for, in the order of the status bar, which leaves the call line out."""

    PAYMENTS = "payments"
    KEYPAD = "keypad"
    CUSTOMER_RECORDS = "customer_records"
    ACCOUNTS = "accounts"
    RECORDER = "recorder"
    CALL_LINE = "call_line"


class LampState(StrEnum):
    """How a part is."""

    READY = "ready"
    SLOW = "slow"
    NOT_ASKED = "not_asked"  # the hub has just started
    DOWN = "down"


class Lamp(Wire):
    """One lamp. `detail` says in words what was seen, `since` when it changed to this state."""

    part: Part
    state: LampState
    detail: str
    since: Instant
    checked_at: Instant


class Readiness(Wire):
    """The state of the whole. `test_mode` is true where no real money can move.

    `promise_days` is how far ahead a customer may promise to pay. `wrap_up_s` is how long an agent may take
    after a call before they are warned; 0: as long as they need. `saved_cards` None: no card is kept here.
    `plans` None: no payment plan is made here.
    `stale_after_s` is how long ago a balance may have been read before it is shown as old.
    """

    business: str
    version: str
    test_mode: bool
    currency: str
    now: Instant
    lamps: list[Lamp]
    routes: list["RouteInfo"]
    queues: list["QueueInfo"]
    promise_days: int = 30
    wrap_up_s: int = 0
    stale_after_s: int = 600
    amounts: "AmountRules"
    saved_cards: SavedCardRules | None = None
    plans: PlanRules | None = None


class AmountRules(Wire):
    """How much may be taken, by the firm's policy; `least` and `most` one for each currency that has one."""

    lookup: Lookup
    parts: bool
    part_percent: int
    split: bool
    least: list[Amount]
    most: list[Amount]

    @classmethod
    def of(cls, policy: Policy) -> Self:
        """Wrap a policy for the wire."""
        return cls.model_validate(policy)

    @property
    def policy(self) -> Policy:
        """The rules as the domain knows them."""
        least, most = tuple(one.money for one in self.least), tuple(one.money for one in self.most)
        return Policy(self.lookup, self.parts, self.part_percent, self.split, least, most)


class WayInfo(Wire):
    """How a link can reach the customer. `off_reason` as in RouteInfo."""

    way: LinkWay
    off_reason: str | None


class RouteInfo(Wire):
    """A way to pay. `off_reason` says why it cannot be chosen; None where it can. `ways` are a link's.

    `allowed`: the firm takes payments this way, also while that is off.
    """

    route: str
    title: str
    detail: str
    off_reason: str | None
    allowed: bool = True
    ways: list[WayInfo] = []


class DispositionInfo(Wire):
    """A wrap-up reason; `note_required`: it cannot be given without a note."""

    code: str
    words: str
    note_required: bool = False


class CheckItem(Wire):
    """Something to ask a caller for."""

    code: str
    words: str


class CallerCheckInfo(Wire):
    """What a caller is asked, and how many must be right.

    `required`: without it, as after a check that was not passed, only a link to the contact details on
    file may be sent.
    """

    items: list[CheckItem]
    must_pass: int
    required: bool


class QueueInfo(Wire):
    """A queue's wrap-up reasons, in the order they are shown, and its caller check; None: callers are not
    checked.
    """

    queue: str
    dispositions: list[DispositionInfo]
    caller_check: CallerCheckInfo | None = None
