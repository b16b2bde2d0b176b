"""The exercises, the rehearsal that goes on, and its score; nothing of the call is played here."""

from datetime import date

from PySide6.QtCore import QObject, Signal

from agentdesk.desk import days
from agentdesk.desk.command import Command
from agentdesk.desk.hub_errors import may_be_done
from agentdesk.desk.session import ConnectionState, Session
from agentdesk.domain.errors import AgentDeskError
from agentdesk.domain.exercises import EXERCISES, RULES, ExerciseCode
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.people import Permission
from agentdesk.i18n import _
from agentdesk.wire.payments import PaymentIntent
from agentdesk.wire.rehearsals import Cast, NewRehearsal, Rehearsal, Rehearsals


class RehearseViewModel(QObject):
    """What can be practised. Signals: `changed()`; `begun()`: the caller is on the line; `scored()`."""

    changed = Signal()
    begun = Signal()
    scored = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.room: Rehearsals | None = None
        self.result: Rehearsal | None = None
        """The rehearsal that was scored last on this desk, until it is put away."""
        self.everybody: list[Rehearsal] = []
        self.error: AgentDeskError | None = None
        self._key, self._wish = "", ExerciseCode.PLAIN
        self._seen: object = None
        client = session.client
        self.load = Command(session.tasks, client.rehearsals, self)
        self.load_everybody = Command(session.tasks, client.rehearsal_results, self)
        self.send = Command(session.tasks, self._send, self)
        self.leave_it = Command(session.tasks, client.leave_rehearsal, self)
        self._listen()
        if self.in_test_mode:
            self.refresh()

    @property
    def in_test_mode(self) -> bool:
        """Whether no real money can move here."""
        return bool(self.session.readiness and self.session.readiness.test_mode)

    @property
    def here(self) -> bool:
        """Whether somebody plays callers on this hub."""
        return self.in_test_mode and self.room is not None and self.room.here

    @property
    def current(self) -> Rehearsal | None:
        """The rehearsal that goes on."""
        return self.room.current if self.room else None

    @property
    def is_trainer(self) -> bool:
        """Whether this person sees how everybody did."""
        return self.session.may(Permission.SEE_PAYMENT_LOG)

    @property
    def today(self) -> date:
        """This computer's day by the hub's clock."""
        return self.session.clock.today()

    @property
    def why_not(self) -> str:
        """Why no exercise can be started now; empty where one can."""
        if lost := self.session.connection.why_not:
            return lost
        if self.current is not None and not self._unanswered:
            return _("One goes on already")
        return _("You have a call") if self.session.call is not None else ""

    @property
    def _unanswered(self) -> bool:
        """Whether nobody said what became of the last press, and no caller came by it."""
        return bool(self._key) and (self.current is None or self.current.call_id is None)

    def start(self, exercise: ExerciseCode) -> None:
        """Have the caller of an exercise put through."""
        if self.why_not or self.send.is_running:
            return
        if not self._key or exercise is not self._wish:
            self._key, self._wish = new_ulid(), exercise
        self.error = None
        self.send.start(exercise)
        self.changed.emit()

    def leave(self) -> None:
        """End the rehearsal that goes on, without a score."""
        if self.current is not None:
            self.leave_it.start(self.current.rehearsal_id)

    def put_away(self) -> None:
        """Show the score no more."""
        self.result = None
        self.changed.emit()

    def refresh(self) -> None:
        """Ask how far it is."""
        self.load.restart()

    # --- inside

    def _listen(self) -> None:
        session = self.session
        self.load.done.connect(self._take)
        self.load.failed.connect(self._miss)
        self.load_everybody.done.connect(self._take_everybody)
        self.load_everybody.failed.connect(self._miss)
        self.send.done.connect(self._take_begun)
        self.send.failed.connect(self._miss_start)
        self.leave_it.done.connect(self.refresh)
        self.leave_it.failed.connect(self._miss)
        session.call_changed.connect(self._follow)
        session.payment_changed.connect(self._follow)
        session.customer_changed.connect(self._follow)
        session.connection_changed.connect(self._reconnect)

    async def _send(self, exercise: ExerciseCode) -> Rehearsal:
        new = NewRehearsal(key=self._key, exercise=exercise)
        return await self.session.client.start_rehearsal(new)

    def _take(self, room: Rehearsals) -> None:
        before, self.room, self.error = self.current, room, None
        if before is not None and room.current is None:
            self._key = ""
            self._end(before)
        if self._key and not self._unanswered:
            self._key = ""  # the answer was lost, and the caller came
            self.begun.emit()
        if self.is_trainer:
            self.load_everybody.restart()
        self.changed.emit()

    def _end(self, before: Rehearsal) -> None:
        last = (one.last for one in self.room.exercises if one.last) if self.room else ()
        done = next((one for one in last if one.rehearsal_id == before.rehearsal_id), None)
        if done is not None:
            self.result = done
            self.scored.emit()

    def _take_everybody(self, rows: list[Rehearsal]) -> None:
        self.everybody = [one for one in rows if one.score is not None]
        self.changed.emit()

    def _take_begun(self, _made: Rehearsal) -> None:
        self._key, self.result = "", None
        self.refresh()
        self.begun.emit()

    def _miss_start(self, error: AgentDeskError) -> None:
        if not may_be_done(error):
            self._key = ""  # the hub said no: the next press is a new decision
        self._miss(error)

    def _miss(self, error: AgentDeskError) -> None:
        self.error = error
        self.changed.emit()

    def _reconnect(self) -> None:
        if self.in_test_mode and self.session.connection.state is ConnectionState.LIVE:
            self.refresh()
        self.changed.emit()

    def _follow(self, _new: object = None) -> None:
        """Ask again when the call of the rehearsal went on by more than a key of the caller's."""
        if self.current is None and not self._key:
            self.changed.emit()
            return
        seen = _outline(self.session)
        if seen != self._seen:
            self._seen = seen
            self.refresh()


def _outline(session: Session) -> object:
    """Return what of the call the caller could have noticed."""
    call = session.call
    on_call = call and (call.call_id, call.state, call.customer_id, call.line_ended_at)
    promise = session.customer.promise.promise_id if session.customer and session.customer.promise else ""
    return on_call, promise, [_outline_of(payment) for payment in session.payments.values()]


def _outline_of(payment: PaymentIntent) -> object:
    tries = [
        (one.state, [(field.state, field.tries) for field in one.capture.fields] if one.capture else None)
        for one in payment.attempts
    ]
    return payment.intent_id, tries, payment.refund_request and payment.refund_request.request_id


# ---------------------------------------------------------------- words
def title(code: ExerciseCode) -> str:
    """Return the name of an exercise."""
    return _(EXERCISES[code].title)


def practises(code: ExerciseCode) -> str:
    """Return what an exercise is good for."""
    return _(EXERCISES[code].practises)


def said(rehearsal: Rehearsal, today: date) -> str:
    """Return what the caller says now, or in brackets what happens."""
    lines = EXERCISES[rehearsal.exercise].lines
    return filled(lines[min(rehearsal.line, len(lines) - 1)][1], rehearsal.cast, today)


def verdicts(rehearsal: Rehearsal, today: date) -> list[tuple[bool, str]]:
    """Return each rule that was scored: whether it was kept, and what is to be said of that."""
    scored = [(one.passed, RULES[one.rule]) for one in rehearsal.score or () if one.rule in RULES]
    return [
        (passed, filled(rule.right if passed else rule.wrong, rehearsal.cast, today))
        for passed, rule in scored
    ]


def points(rehearsal: Rehearsal) -> str:
    """Return `3 of 4 right`."""
    score = rehearsal.score or []
    passed = sum(one.passed for one in score)
    return _("{passed} of {all} right").format(passed=passed, all=len(score))


def filled(text: str, cast: Cast, today: date) -> str:
    """Return a text of an exercise with who rings and what they want."""
    return _(text).format(
        name=cast.name,
        account=cast.account,
        number=cast.number,
        other=cast.other,
        amount=cast.amount,
        rest=cast.rest or "",
        owed=cast.owed or "",
        day=days.words(cast.rest_on, today) if cast.rest_on else "",
    )
