"""The phone network: calls ring, are answered, held and hung up, and carry keys and speech."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable

from agentdesk.sandbox.calls import Call, Leg, Recording, Sound, Text
from agentdesk.sandbox.clock import Clock, iso_ms
from agentdesk.sandbox.deliver import Deliver, Parcel
from agentdesk.sandbox.ids import Ids
from agentdesk.sandbox.journal import Journal
from agentdesk.sandbox.settings import Settings

CTI_BACKOFF_S = (1.0, 5.0, 15.0)
SIGNATURE_HEADER = "X-Sandbox-Signature"
KEYS = frozenset("0123456789*#")


class WrongState(Exception):
    """The call is not in a state in which this can happen."""


class Telephony:
    """All calls and text messages of one sandbox."""

    def __init__(
        self, settings: Settings, clock: Clock, ids: Ids, journal: Journal, deliver: Deliver
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._ids = ids
        self._journal = journal
        self._deliver = deliver
        self._calls: dict[str, Call] = {}
        self.texts: list[Text] = []
        self.readers: list[Callable[[Text], None]] = []

    def calls(self) -> list[Call]:
        """Return every call, oldest first."""
        return list(self._calls.values())

    def call(self, sid: str) -> Call | None:
        """Return the call whose caller's leg has this identifier."""
        return self._calls.get(sid)

    def leg(self, sid: str) -> Leg | None:
        """Return a leg of any call."""
        return next((leg for call in self._calls.values() for leg in call.legs if leg.sid == sid), None)

    def ring(self, caller: str, called: str, queue: str) -> Call:
        """Let a caller ring the contact centre."""
        call = self._dial(caller, called, queue)
        self._announce(call, "ringing")
        return call

    def put_through(self, caller: str, called: str, queue: str, agent: str) -> Call:
        """Connect a caller to one agent without ringing at anybody else's."""
        call = self._dial(caller, called, queue)
        self.answer(call, agent)
        return call

    def answer(self, call: Call, agent: str) -> None:
        """Connect an agent; the recorder starts."""
        if call.caller.status != "ringing":
            raise WrongState(f"the call is {call.caller.status}, not ringing")
        now = self._clock.now()
        call.agent = agent
        call.caller.becomes("in-progress", now)
        call.agent_leg = Leg(
            self._ids.sid("CA"), call.caller.called, agent, "outbound-dial", "ringing", now, now, call.sid
        )
        call.agent_leg.becomes("in-progress", now)
        call.recording = Recording(self._ids.sid("RE"), now, now)
        self._announce(call, "answered")

    def hold(self, call: Call, held: bool) -> None:
        """Put the caller on hold or take them off."""
        self._in_progress(call)
        call.held = held
        self._announce(call, "held" if held else "resumed")

    def transfer(self, call: Call, agent: str) -> None:
        """Pass the caller on to another agent; an open card session stays open until somebody ends it."""
        self._in_progress(call)
        call.agent, call.held = agent, False
        self._announce(call, "transferred")

    def hang_up(self, call: Call) -> None:
        """End the call on both sides; an open card session ends with it."""
        if call.caller.status == "completed":
            return
        now = self._clock.now()
        for leg in call.legs:
            leg.becomes("completed", now)
        if call.recording:
            call.recording.state, call.recording.updated = "completed", now
        if call.session:
            call.session.end("caller-hung-up")
        self._announce(call, "ended")

    def key(self, call: Call, key: str) -> None:
        """Press one key on the caller's phone; a caller who has gone quiet presses nothing."""
        self._in_progress(call)
        if key not in KEYS:
            raise WrongState("a phone has the keys 0 to 9, * and #")
        if call.quiet_until > asyncio.get_running_loop().time():
            return
        times, call.doubles_next_tone = (2 if call.doubles_next_tone or call.doubles_tones else 1), False
        for _ in range(times):
            self._press(call, key)

    def go_quiet(self, call: Call, seconds: float) -> None:
        """Let the caller press nothing for a while."""
        call.quiet_until = asyncio.get_running_loop().time() + self._clock.seconds(seconds)

    async def until_not_quiet(self, call: Call) -> None:
        """Wait until the caller is willing to press keys again."""
        while (wait := call.quiet_until - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(wait)

    def speak(self, call: Call) -> None:
        """Let the caller say digits aloud; the line blocks speech while a card field is asked."""
        self._in_progress(call)
        self._sound(call, Sound(self._now(), "silence" if call.secured else "speech"))

    def record(self, call: Call, state: str) -> Recording:
        """Pause ("paused") or resume ("in-progress") the recorder."""
        if not call.recording or call.recording.state == "completed":
            raise WrongState("nothing is being recorded")
        if state not in ("paused", "in-progress"):
            raise WrongState("a recorder can be paused or in-progress")
        call.recording.state = "paused" if state == "paused" else "in-progress"
        call.recording.updated = self._clock.now()
        self._journal.add("recorder", call=call.sid, state=state)
        return call.recording

    def text(self, sender: str, to: str, body: str) -> Text:
        """Deliver a text message to a phone."""
        text = Text(self._ids.sid("SM"), self._clock.now(), sender, to, body)
        self.texts.append(text)
        for reader in self.readers:
            reader(text)
        return text

    def signature(self, body: bytes) -> str:
        """Return what signs a call event, or a command to this network, in X-Sandbox-Signature."""
        return "sha256=" + hmac.new(self._settings.cti_secret.encode(), body, hashlib.sha256).hexdigest()

    def _dial(self, caller: str, called: str, queue: str) -> Call:
        now = self._clock.now()
        leg = Leg(self._ids.sid("CA"), caller, called, "inbound", "ringing", now, now)
        call = self._calls[leg.sid] = Call(leg, queue)
        return call

    def _press(self, call: Call, key: str) -> None:
        secured = call.secured
        self._sound(call, Sound(self._now(), "flat-tone") if secured else Sound(self._now(), "tone", key))
        if secured and call.session:
            call.session.key(key)

    def _sound(self, call: Call, sound: Sound) -> None:
        call.heard_by_agent.append(sound)
        if call.recording and call.recording.state == "in-progress":
            call.recording.tape.append(sound)

    def _in_progress(self, call: Call) -> None:
        if call.caller.status != "in-progress":
            raise WrongState(f"the call is {call.caller.status}, not in progress")

    def _now(self) -> str:
        return iso_ms(self._clock.now())

    def _announce(self, call: Call, event: str) -> None:
        """Post a call event to the hub, signed over the raw body."""
        facts = {
            "call_id": call.sid,
            "event": event,
            "from": call.caller.caller,
            "to": call.caller.called,
            "queue": call.queue,
            "at": self._now(),
            "agent": call.agent,
        }
        self._journal.add("call", **facts)
        if self._settings.cti_url:
            self._deliver.post(
                Parcel(
                    "cti",
                    f"{call.sid} {event}",
                    self._settings.cti_url,
                    json.dumps(facts).encode(),
                    "application/json",
                    self._sign,
                    CTI_BACKOFF_S,
                )
            )

    def _sign(self, _url: str, body: bytes) -> dict[str, str]:
        return {SIGNATURE_HEADER: self.signature(body)}
