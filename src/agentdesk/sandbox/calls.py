"""A phone call as the network knows it: legs, recorder, what each side hears, text messages."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from agentdesk.sandbox.pay_session import PaySession

LegStatus = Literal["ringing", "in-progress", "completed"]
RecorderState = Literal["in-progress", "paused", "completed"]


@dataclass
class Leg:
    """One side of a call; only the caller's leg can key a card."""

    sid: str
    caller: str
    called: str
    direction: str
    status: LegStatus
    created: datetime
    updated: datetime
    parent_sid: str | None = None
    started: datetime | None = None
    ended: datetime | None = None

    def becomes(self, status: LegStatus, at: datetime) -> None:
        """Move to a status at a time."""
        self.status, self.updated = status, at
        if status == "in-progress":
            self.started = at
        elif status == "completed":
            self.ended = at


@dataclass(frozen=True)
class Sound:
    """Something heard on the line: a tone with its key, a flat tone, speech, silence for blocked speech."""

    at: str
    sound: Literal["tone", "flat-tone", "speech", "silence"]
    key: str = ""


@dataclass
class Recording:
    """The telephony recorder of one call and what it has on tape."""

    sid: str
    created: datetime
    updated: datetime
    state: RecorderState = "in-progress"
    tape: list[Sound] = field(default_factory=list)


@dataclass(frozen=True)
class Text:
    """A text message on the caller's phone."""

    sid: str
    at: datetime
    sender: str
    to: str
    body: str


@dataclass
class Autopilot:
    """A caller who keys each field of a card as soon as it is asked, and what befalls them.

    `cards`: the one in hand first; after each that was given comes the next, and the last one stays.
    `slips`: how the numbers they key go wrong, one after the other. `hangs_up`: half way through the number,
    or while the bank is asked. `bank`: how it treats what they give, see stripe_routes. `recorder_fails`: how
    often the recorder of their call is not there when it is to pause.
    """

    cards: list[str]
    gap_ms: int
    slips: list[str] = field(default_factory=list)
    hangs_up: Literal["", "keying", "charging"] = ""
    bank: Literal["", "slow", "silent"] = ""
    recorder_fails: int = 0
    pays_links: bool = False

    @property
    def card(self) -> str:
        """Return the name of the card in hand."""
        return self.cards[0]

    def next_card(self) -> None:
        """Take the next card, if there is one more."""
        if len(self.cards) > 1:
            del self.cards[0]


@dataclass
class Call:
    """One call into the contact centre."""

    caller: Leg
    queue: str
    agent: str = ""
    agent_leg: Leg | None = None
    held: bool = False
    recording: Recording | None = None
    session: PaySession | None = None
    heard_by_agent: list[Sound] = field(default_factory=list)
    autopilot: Autopilot | None = None
    quiet_until: float = 0.0
    doubles_next_tone: bool = False
    doubles_tones: bool = False

    @property
    def sid(self) -> str:
        """Return the identifier of the caller's leg, which names the call."""
        return self.caller.sid

    @property
    def legs(self) -> list[Leg]:
        """Return the caller's leg and, once answered, the agent's."""
        return [self.caller] + ([self.agent_leg] if self.agent_leg else [])

    @property
    def secured(self) -> bool:
        """Say whether tones are flattened because a card field is being keyed."""
        return self.session is not None and bool(self.session.asked)
