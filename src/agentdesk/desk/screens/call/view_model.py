"""What the call region knows: how long, what is recorded, and which step of the script it is."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from agentdesk.desk import times
from agentdesk.desk.counting import counting, taken
from agentdesk.desk.numbers import readable
from agentdesk.desk.proof import Proof, only_to_file, proof
from agentdesk.desk.screens.call import tries
from agentdesk.desk.screens.call.check_model import CheckModel
from agentdesk.desk.screens.call.script import Script
from agentdesk.desk.screens.call.scripts import SCRIPTS
from agentdesk.desk.screens.call.stages import STAGES, stage
from agentdesk.desk.screens.call.steps import Step, aside, discreet
from agentdesk.desk.screens.payment.actions import FIELD_WORDS
from agentdesk.desk.screens.payment.form import LINK
from agentdesk.desk.screens.payment.keying import refused_before
from agentdesk.desk.session import Session
from agentdesk.desk.widgets.lamp import LAMP_WORDS
from agentdesk.domain.call import CallState
from agentdesk.domain.capture import LIVE, CloseCause
from agentdesk.domain.card import brand_name
from agentdesk.domain.money import Money
from agentdesk.domain.payment import Advice, AttemptState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.i18n import _, listed
from agentdesk.wire.calls import Call
from agentdesk.wire.captures import CaptureOut, FieldState
from agentdesk.wire.payments import Attempt, PaymentIntent, Stop
from agentdesk.wire.readiness import Part

#: Name, lamp state and word of one line.
Line = tuple[str, str, str]
#: Where an American Express card has its code, and where every other one has it.
_CODE_IN_FRONT = (_("the four digits on the front of the card"), _("above the card number, at the right"))
_CODE_AT_BACK = (
    _("the last three digits on the back of the card"),
    _("on the signature strip, at its right end"),
)
_RECEIPT_WORDS = {
    WriteBackState.DONE: _(" The receipt was sent to your email."),
    WriteBackState.QUEUED: _(" The receipt will come to your email."),
    WriteBackState.PARKED: _(" The receipt has not gone out yet."),
}
_WHY_CLOSED: dict[CloseCause | None, str] = {
    CloseCause.HELD: _("“It is closed whenever I put a call on hold.”"),
    CloseCause.TRANSFERRED: _("“It is closed whenever a call is passed on.”"),
    CloseCause.HUNG_UP: _("“It is closed whenever the line goes down.”"),
    CloseCause.OUT_OF_SIGHT: _("“It is closed whenever my computer loses its connection.”"),
}
_UNSEEN_CALL: list[Line] = [(_("Recording"), "idle", _("not known")), (_("Tones"), "idle", _("not known"))]
_UNSEEN_LAMPS: list[Line] = [
    (name, "idle", _("not known")) for name in (_("Phone line"), _("Recorder"), _("Keypad"))
]


class CallViewModel(QObject):
    """Follows the session: the call, its payment, what is about to be taken.

    `can_link` says whether a link can be sent for it now.
    """

    changed = Signal()

    def __init__(self, session: Session, can_link: Callable[[], bool]) -> None:
        super().__init__()
        self._can_link = can_link
        self.session, self.check = session, CheckModel(session)
        self.check.setParent(self)
        self._greeted = ""
        """The call whose caller was greeted, as far as the agent told."""
        self._since, self._link_was_over = session.clock.now(), False
        self._had_call = session.call is not None
        session.call_changed.connect(self._take_call)
        session.clock.ticked.connect(self._tick)
        for signal in (session.payment_changed, session.customer_changed, session.readiness_changed):
            signal.connect(self.changed)
        session.shown_payment_changed.connect(self.changed)
        session.draft_changed.connect(self._take_draft)
        session.connection_changed.connect(self.changed)
        self.check.changed.connect(self.changed)

    @property
    def call(self) -> Call | None:
        """My call."""
        return self.session.call

    @property
    def title(self) -> str:
        """What the timer counts."""
        if self.call is None:
            return _("Waiting for a call")
        words = {CallState.WRAP_UP: _("Call ended after"), CallState.HELD: _("On hold, call time")}
        return words.get(self.call.state, _("Call in progress"))

    @property
    def timer(self) -> str:
        """The time of the call, or of waiting."""
        now = self.session.clock.now()
        if self.call is None:
            return times.running(self._since, now)
        return times.running(self.call.answered_at or self.call.started_at, self.call.line_ended_at or now)

    @property
    def note(self) -> str:
        """Queue and stage, for the head."""
        if self.call is None:
            return _("Available")
        return _("{queue}, step {step} of {stages}").format(
            queue=self.call.queue or _("No queue"), step=stage(self.step), stages=len(STAGES)
        )

    @property
    def where(self) -> str:
        """Direction and queue."""
        return (
            _("Inbound, {queue} queue").format(queue=self.call.queue)
            if self.call and self.call.queue
            else _("Inbound")
        )

    @property
    def number(self) -> str:
        """The caller's number as people write it, or that it is withheld."""
        return (readable(self.call.number) if self.call.number else _("Number withheld")) if self.call else ""

    @property
    def lines(self) -> list[Line]:
        """Recording and tones on a call; what is ready before one; whether another call of mine waits."""
        return [*self._seen, *self._other_calls]

    @property
    def _other_calls(self) -> list[Line]:
        count = len(self.session.others)
        if count > 1:
            return [(_("{count} more calls of yours").format(count=count), "idle", _("wait"))]
        return [(_("Another call of yours"), "idle", _("waits"))] if count else []

    @property
    def _seen(self) -> list[Line]:
        # without a connection nothing is known
        if self.session.connection.is_lost:
            return _UNSEEN_CALL if self.call else _UNSEEN_LAMPS
        if self.call is None:
            return self._waiting_lines()
        capture = self._capture
        if capture and capture.secured_at and capture.state in LIVE:
            return _secured_lines(capture)
        if not self.session.line_is_open:
            return [(_("Recording"), "idle", _("ended")), (_("Tones"), "idle", _("line is closed"))]
        if not self.call.has_line:  # told by hand, without the phone system's reference
            return _UNSEEN_CALL
        return [self._recording(capture), (_("Tones"), "idle", _("heard, not masked"))]

    def _recording(self, capture: CaptureOut | None) -> Line:
        if self.is_unrecorded:
            return _("Recording"), "down", _("off, did not start again")
        if capture is None or capture.recorder_paused_at is None or capture.state in LIVE:
            return _("Recording"), "recording", _("on")
        if capture.recorder_resumed_at is None:
            return _("Recording"), "slow", _("starting again")
        words = _("on since {second}").format(second=times.second(capture.recorder_resumed_at))
        return _("Recording"), "recording", words

    @property
    def is_unrecorded(self) -> bool:
        """Whether the line goes on and nothing of it is recorded: the recorder did not start again."""
        call = self.call
        return call is not None and call.has_line and not call.recording and self.session.line_is_open

    @property
    def step(self) -> Step:
        """Which words are due."""
        if self.call is None:
            return Step.RINGING
        line_down = not self.session.line_is_open
        if self.call.customer_id is None:
            return Step.WRAP_UP if line_down else Step.IDENTIFY
        first = None if line_down else self._opening or self._aside
        return first or self._step_of(self._attempt, line_down=line_down)

    def _step_of(self, attempt: Attempt | None, *, line_down: bool) -> Step:
        if attempt is None and not line_down:
            return self._first_step
        step = self._try_step(attempt, line_down=line_down) if attempt else Step.WRAP_UP
        if step in (Step.HUNG_UP, Step.WRAP_UP) and self._can_link():
            return Step.HUNG_UP_OFFER
        return discreet(step) if only_to_file(self.session) else step

    @property
    def _aside(self) -> Step | None:
        """Return what is said apart from where the payment is: of what stops it, or of a saved card."""
        if self._stop is not None:
            return tries.stop_step(self._stop)
        return None if self.session.connection.is_lost else aside(self.session.draft)

    @property
    def _opening(self) -> Step | None:
        """Return the words that come before anything of the account; None where it may be spoken of."""
        if self._attempt is not None and self._stop is None:
            return None  # what is being paid is known to who pays
        if not self.is_greeted:
            return Step.GREET
        if self.check.policy is not None and self.check.check is None:
            return Step.VERIFY
        if proof(self.session) is not Proof.FAILED:
            return None
        return Step.UNPROVEN if self._links else Step.UNPROVEN_NO_LINK

    @property
    def is_greeted(self) -> bool:
        """Whether the agent is past the greeting: said so, asked for a name, or has done more already."""
        call, session = self.call, self.session
        if call is None or call.customer_id is None:
            return False
        by_number = [one.customer_id for one in call.matches if one.exact] == [call.customer_id]
        further = self.check.ticked or self.check.check or session.payments_of_call
        return self._greeted == call.call_id or not by_number or bool(further)

    def go_on(self) -> None:
        """Show the words after the greeting: it was said."""
        if self.call is not None and self.step is Step.GREET:
            self._greeted = self.call.call_id
            self.changed.emit()

    def _try_step(self, attempt: Attempt, *, line_down: bool) -> Step:
        if line_down and attempt.state is not AttemptState.APPROVED:
            return tries.hung_up_step(attempt)
        if self.session.connection.is_lost and attempt.state in (AttemptState.OPEN, AttemptState.SENDING):
            return Step.OUT_OF_SIGHT
        again = tries.may_try_again(self._payment)
        now, by_link = self.session.clock.now(), self._must_confirm(attempt)
        step = tries.attempt_step(attempt, now, may_try_again=again, by_link=by_link)
        if step is not Step.READY:
            return Step.OTHER_CARD if step is Step.BY_LINK and not self._links else step
        if attempt.attempt_id in self.session.submitted:
            return Step.SENDING
        return Step.SAME_CARD if refused_before(self.session.payments_of_call, attempt) else step

    @property
    def _links(self) -> bool:
        """Whether links can be sent at all: the hub lists every way to pay, also those that are off."""
        routes = self.session.readiness.routes if self.session.readiness else []
        return any(one.route == LINK and one.off_reason is None for one in routes)

    def _must_confirm(self, attempt: Attempt) -> bool:
        decline = attempt.decline
        return self._links and decline is not None and decline.advice is Advice.SEND_LINK

    @property
    def _first_step(self) -> Step:
        customer = self.session.customer
        if customer is not None and customer.closed:
            return Step.ACCOUNT_CLOSED
        draft = self.session.draft
        if draft is None:
            return Step.LOOKING
        return Step.REST if draft.is_rest else Step.WHAT_TO_PAY

    @property
    def script(self) -> Script:
        """The words, filled in."""
        script, words = SCRIPTS[self.step], _Words(self._words())
        say = script.say.format_map(words)
        hints = tuple((case, what.format_map(words)) for case, what in script.hints)
        return Script(say, hints)

    @property
    def _payment(self) -> PaymentIntent | None:
        return self.session.shown_payment if self.call else None

    @property
    def _attempt(self) -> Attempt | None:
        return counting(self._payment) if self._payment else None

    @property
    def _capture(self) -> CaptureOut | None:
        return self._attempt.capture if self._attempt else None

    @property
    def _stop(self) -> Stop | None:
        """What stops the payment; None where it can go on."""
        stop = self._payment.stop if self._payment else None
        over = (AttemptState.DECLINED, AttemptState.NOT_SENT)
        return None if stop is None or stop.allowed or stop.earlier.state in over else stop

    def _words(self) -> dict[str, str]:
        session, payment, attempt = self.session, self._payment, self._attempt
        draft, rules = session.draft, session.readiness.saved_cards if session.readiness else None
        invoices = [one.number for one in payment.allocations] if payment else draft.invoices if draft else []
        whole = draft.whole if draft and not payment else None
        amount = str(taken(payment)) if payment else str(draft.amount) if draft else ""
        card = attempt.card if attempt else None
        code, code_place = _CODE_IN_FRONT if card and brand_name(card.brand) == "Amex" else _CODE_AT_BACK
        before = payment.stop.earlier if payment and payment.stop else None
        return {
            "before": str(before.amount) if before else "",
            "before_at": times.minute(before.ended_at or before.started_at) if before else "",
            "before_reference": before.short_reference if before else "",
            "agent": session.person.name.split()[0] if session.person else "",
            "business": session.readiness.business if session.readiness else "",
            "amount": amount,
            "agreed": str(payment.amount) if payment else "",
            "rest": _rest_words(payment.amount.money, taken(payment).money) if payment else "",
            "for_what": (_(" on this card, of {whole}").format(whole=whole) if whole else "")
            + (_(" for {invoices}").format(invoices=listed(invoices)) if invoices else ""),
            "consent": rules.words if rules else "",
            "wanted": ", ".join(f"**{one}**" for one in self.check.wanted),
            "card": (draft and draft.card) or (card.said if card else _("card")),
            "code": code,
            "code_place": code_place,
            "reference": payment.short_reference if payment else "",
            "receipt": _receipt_words(payment) if payment else "",
            "why_closed": _why_closed(attempt),
            "decline": attempt.decline.say if attempt and attempt.decline else "",
            **_field_words(attempt),
        }

    def _waiting_lines(self) -> list[Line]:
        lamps = {lamp.part: lamp for lamp in (self.session.readiness.lamps if self.session.readiness else [])}
        named = (
            (Part.CALL_LINE, _("Phone line")),
            (Part.RECORDER, _("Recorder")),
            (Part.KEYPAD, _("Keypad")),
        )
        return [
            (name, lamps[part].state.value, LAMP_WORDS[lamps[part].state.value])
            if part in lamps
            else (name, "idle", _("not known"))
            for part, name in named
        ]

    def _tick(self, now: datetime) -> None:
        over = tries.link_is_over(self._attempt, now)
        if over is not self._link_was_over:
            self._link_was_over = over
            self.changed.emit()

    def _take_draft(self, chosen: bool) -> None:
        """Take it for the greeting's end that the agent chose what is paid."""
        if chosen and self.call is not None:
            self._greeted = self.call.call_id
        self.changed.emit()

    def _take_call(self, call: Call | None) -> None:
        if (call is not None) != self._had_call:
            self._had_call, self._since = call is not None, self.session.clock.now()
        self.changed.emit()


class _Words(dict[str, str]):
    def __missing__(self, key: str) -> str:
        raise KeyError(f"a script asks for {key}, which nobody fills in")


def _why_closed(attempt: Attempt | None) -> str:
    """Return what to answer who asks why the card entry was closed: what the caller has noticed, too."""
    cause = attempt.capture.close_cause if attempt and attempt.capture else None
    return _WHY_CLOSED.get(cause, _("“It is closed whenever I leave this screen.”"))


def _field_words(attempt: Attempt | None) -> dict[str, str]:
    """Return the field that is due and the brand that is being keyed, as they are said."""
    fields = attempt.capture.fields if attempt and attempt.capture else []
    first = next((one for one in fields if one.state is not FieldState.DONE), None)
    brand = brand_name(first.brand) if first and first.brand else _("this card")
    return {"field": FIELD_WORDS[first.field] if first else _("card"), "brand": brand}


def _rest_words(agreed: Money, took: Money) -> str:
    """Return what the caller hears of the difference, where another amount was taken than was agreed."""
    if took.currency != agreed.currency:
        return _(" A colleague sets that right; please do not pay it again.")
    if took < agreed:
        return _(" {rest} stays open.").format(rest=agreed - took)
    return _(" {rest} stays on your account, or goes back to you.").format(rest=took - agreed)


def _receipt_words(payment: PaymentIntent) -> str:
    states = [one.state for one in payment.write_backs if one.kind is WriteBackKind.RECEIPT]
    return _RECEIPT_WORDS[states[-1]] if states else ""


def _secured_lines(capture: CaptureOut) -> list[Line]:
    masked, paused = capture.tones_masked_at, capture.recorder_paused_at
    return [
        (
            _("Tones masked"),
            "secured",
            _("since {second}").format(second=times.second(masked)) if masked else _("yes"),
        ),
        (
            _("Recording paused"),
            "secured",
            _("since {second}").format(second=times.second(paused)) if paused else _("yes"),
        ),
    ]
