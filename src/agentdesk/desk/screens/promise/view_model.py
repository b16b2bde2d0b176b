"""A promise to pay: whether one can be taken, what is wrong with it, and writing it down once."""

from datetime import date, timedelta

from PySide6.QtCore import QObject, Signal

from agentdesk.desk import days
from agentdesk.desk.command import Command
from agentdesk.desk.hub_errors import may_be_done
from agentdesk.desk.screens.wrap_up.view_model import PROMISE, WrapUpViewModel
from agentdesk.desk.session import Session
from agentdesk.domain.errors import AgentDeskError
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.money import Money, total
from agentdesk.domain.promise import WITHDRAWABLE, PromiseState
from agentdesk.i18n import _
from agentdesk.wire.model import Amount
from agentdesk.wire.promises import NewPromise, Promise

_REASON = "promise_to_pay"
#: How far ahead the ready-made days are.
_AHEAD = {_("In a week"): 7, _("In two weeks"): 14, _("In four weeks"): 28}


class PromiseViewModel(QObject):
    """The form of one promise; `changed` when it opens, closes, or what it says changes."""

    changed = Signal()
    made = Signal(object)
    """Promise that was just written down."""

    def __init__(self, session: Session, wrap_up: WrapUpViewModel) -> None:
        super().__init__()
        self.session, self._wrap_up = session, wrap_up
        self.is_open = False
        self.error: AgentDeskError | None = None
        self._key, self._for = "", ("", "")
        self.send = Command(session.tasks, self._send, self)
        self.send.done.connect(self._take)
        self.send.failed.connect(self._miss)
        for signal in (session.call_changed, session.customer_changed):
            signal.connect(self._follow)
        session.payment_changed.connect(self.changed)
        session.connection_changed.connect(self.changed)

    @property
    def standing(self) -> Promise | None:
        """The customer's newest promise, where it is open or was not kept."""
        return standing_of(self.session)

    @property
    def owed(self) -> Money | None:
        """What is owed, less what was paid and is not in the balance yet; None where it is not known."""
        customer = self.session.customer
        if customer is None or customer.balance is None:
            return None
        balance = customer.balance.money
        posting = [customer.posting_on_account, *(one.posting for one in customer.own_items)]
        paid = [one.money for one in posting if one]
        return Money(max(0, balance.minor - total(paid, balance.currency).minor), balance.currency)

    @property
    def why_not(self) -> str:
        """Why no promise can be taken; empty where one can."""
        session = self.session
        if session.call is None:
            return _("Promises are taken on a call")
        if lost := session.connection.why_not:
            return lost
        if session.live_attempt is not None:
            return _("A card entry is open")
        if session.customer is None:
            return _("Choose the customer first")
        if self.owed is None:
            return _("What is owed is not known")
        return "" if self.owed.minor > 0 else _("Nothing is owed")

    @property
    def today(self) -> date:
        """This computer's day by the hub's clock."""
        return self.session.clock.today()

    @property
    def latest(self) -> date:
        """The last day that may be promised."""
        readiness = self.session.readiness
        return self.today + timedelta(days=readiness.promise_days if readiness else 0)

    @property
    def ready_made(self) -> dict[str, date]:
        """Days that are promised often, as far as they are allowed."""
        found = {words: self.today + timedelta(days=ahead) for words, ahead in _AHEAD.items()}
        return {words: day for words, day in found.items() if day <= self.latest}

    def open(self) -> None:
        """Open the form: a new decision, so a new key."""
        if self.is_open or self.why_not:
            return
        self.is_open, self.error, self._key, self._for = True, None, new_ulid(), self._subject
        self.changed.emit()

    def close(self) -> None:
        """Close the form; nothing is written down."""
        self.is_open, self.error = False, None
        self.changed.emit()

    def amount_problem(self, amount: Money) -> str:
        """Return why this much cannot be promised; empty where it can."""
        over = self.owed is not None and amount.minor > self.owed.minor
        return (
            _("{amount} is more than the {owed} owed.").format(amount=amount, owed=self.owed) if over else ""
        )

    def day_problem(self, due_on: date) -> str:
        """Return why this day cannot be promised; empty where it can."""
        if due_on < self.today:
            return _("{words} is over. Choose today or a later day.").format(
                words=days.words(due_on, self.today)
            )
        if due_on > self.latest:
            return _("Too far away. Choose {words} or an earlier day.").format(
                words=days.words(self.latest, self.today)
            )
        return ""

    def problem(self, amount: Money | None, due_on: date | None) -> str:
        """Return why this cannot be written down; empty where it can."""
        if self.why_not:
            return self.why_not
        if amount is None:
            return _("Type the amount")
        if due_on is None:
            return _("Type the day")
        return self.amount_problem(amount) or self.day_problem(due_on)

    def keep(self, amount: Money, due_on: date) -> None:
        """Write the promise down, once."""
        if self.is_open and not self.problem(amount, due_on):
            self.error = None
            self.send.start(amount, due_on)

    # --- inside

    @property
    def _subject(self) -> tuple[str, str]:
        call = self.session.call
        return (call.call_id if call else "", self.session.customer_id or "")

    async def _send(self, amount: Money, due_on: date) -> Promise:
        call_id, customer_id = self._for
        new = NewPromise(key=self._key, call_id=call_id, amount=Amount.of(amount), due_on=due_on)
        return await self.session.client.promise(customer_id, new)

    def _take(self, promise: Promise) -> None:
        if self._subject == self._for:  # else another call shows by now
            reason = _REASON if _REASON in self._wrap_up.dispositions else ""
            due = days.words(promise.due_on, self.today)
            note = _("Promised {amount} by {due}. Reference {short_reference}.").format(
                amount=promise.amount, due=due, short_reference=promise.short_reference
            )
            self._wrap_up.suggest(reason, note, PROMISE)
            self.session.load_customer.restart(True)
        self.close()
        self.made.emit(promise)

    def _miss(self, error: AgentDeskError) -> None:
        if not may_be_done(error):
            self._key = new_ulid()  # the hub said no: the next press is a new decision
        if self.is_open:
            self.error = error
        self.changed.emit()

    def _follow(self, _new: object = None) -> None:
        """Close the form when another call or customer shows: it was about the one before."""
        if self.is_open and self._subject != self._for:
            self.close()
        self.changed.emit()


def standing_of(session: Session) -> Promise | None:
    """Return the customer's newest promise, where it is open or was not kept."""
    promise = session.customer.promise if session.customer else None
    return promise if promise is not None and promise.state in WITHDRAWABLE else None


def line(promise: Promise, today: date) -> str:
    """Say what stands promised, in one line."""
    what = _("{amount} by {words}").format(amount=promise.amount, words=days.words(promise.due_on, today))
    if promise.state is PromiseState.BROKEN:
        return _("Promised {what}, not kept: {paid} of it was paid here.").format(
            what=what, paid=promise.paid
        )
    so_far = _(" {paid} of it is paid.").format(paid=promise.paid) if promise.paid.minor else ""
    return _("Promised {what}, {distance}.{so_far}").format(
        what=what, distance=days.distance(promise.due_on, today), so_far=so_far
    )
