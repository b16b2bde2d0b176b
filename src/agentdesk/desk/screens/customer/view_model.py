"""Who the call is about: found by number, chosen, searched for; balance and history with their ages."""

from datetime import date, timedelta
from enum import StrEnum

from PySide6.QtCore import QObject, Signal

from agentdesk.desk.command import Command
from agentdesk.desk.counting import taken
from agentdesk.desk.screens.customer.kinds import KINDS, Filter
from agentdesk.desk.session import Session
from agentdesk.domain.call import CallState, CheckResult
from agentdesk.domain.card import looks_like_pan
from agentdesk.domain.errors import AgentDeskError, Invalid
from agentdesk.domain.money import Money, total
from agentdesk.domain.payment import MONEY_AT_RISK, NO_CHARGE, AttemptState
from agentdesk.domain.write_back import WriteBackKind
from agentdesk.i18n import _
from agentdesk.wire.customers import Customer, History, HistoryItem, HistoryKind, Match, Matches
from agentdesk.wire.payments import PaymentIntent

#: What the hub takes as words to search for.
SHORTEST_SEARCH, LONGEST_SEARCH = 2, 80
FIRST_ROWS, ROWS_WHERE_LOW, MORE_ROWS = 6, 3, 10


class Place(StrEnum):
    """What the region shows."""

    NOBODY = "nobody"  # no call
    SEVERAL = "several"  # the number fits several
    UNKNOWN = "unknown"  # the number fits nobody, is withheld, or could not be looked up
    SEARCH = "search"
    LOADING = "loading"
    FAILED = "failed"
    CUSTOMER = "customer"


class CustomerViewModel(QObject):
    """Follows the call's customer; searches; loads the history by itself."""

    changed = Signal()
    history_changed = Signal()
    results_changed = Signal()
    payment_wanted = Signal(str)
    """A payment of the history is to be shown."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.searching = self.too_short = False
        self.results: Matches | None = None
        self.search_error: AgentDeskError | None = None
        self.choose_error: AgentDeskError | None = None
        self.prefer_error: AgentDeskError | None = None
        self.remove_error: AgentDeskError | None = None
        self.removing: str | None = None
        """The saved card that the agent was asked about, whether it is to go."""
        self.history: History | None = None
        self.history_error: AgentDeskError | None = None
        self.filter = Filter.ALL
        self.first_rows = FIRST_ROWS
        self.rows_shown = FIRST_ROWS
        self._history_of: str | None = None
        self._was_old = False
        self.search_command = Command(session.tasks, session.client.search_customers, self)
        self.choose_command = Command(session.tasks, session.choose_customer, self)
        self.prefer_command = Command(session.tasks, session.client.prefer, self)
        self.remove_command = Command(session.tasks, session.client.withdraw_card, self)
        self.history_command = Command(session.tasks, session.client.history, self)
        self._listen()

    def _listen(self) -> None:
        self.search_command.done.connect(self._take_results)
        self.search_command.failed.connect(self._miss_results)
        self.choose_command.done.connect(lambda _: self.leave_search())
        self.choose_command.failed.connect(self._miss_choice)
        self.prefer_command.done.connect(lambda _: self.session.load_customer.restart())
        self.prefer_command.failed.connect(self._miss_preference)
        self.remove_command.done.connect(lambda _: self._removed(None))
        self.remove_command.failed.connect(self._removed)
        self.remove_command.running.connect(self.changed)
        self.history_command.done.connect(self._take_history)
        self.history_command.failed.connect(self._miss_history)
        self.session.call_changed.connect(self._refresh)
        self.session.customer_changed.connect(self._refresh)
        self.session.payment_changed.connect(self.changed)
        self.session.clock.ticked.connect(self._grow_old)

    # --- who

    @property
    def place(self) -> Place:
        """What the region shows now."""
        session = self.session
        if self.searching:
            return Place.SEARCH
        if session.customer is not None:
            return Place.CUSTOMER
        if session.customer_id is not None:
            return Place.FAILED if session.customer_error else Place.LOADING
        if session.call is None:
            return Place.NOBODY
        return Place.SEVERAL if session.call.matches else Place.UNKNOWN

    @property
    def matches(self) -> list[Match]:
        """The customers who have the caller's number; none is chosen for the agent."""
        return self.session.call.matches if self.session.call else []

    @property
    def why_nobody(self) -> str:
        """Why nobody was found by number and what to do, in words."""
        call = self.session.call
        if call is None:
            return ""
        if call.match_problem:
            return call.match_problem
        if call.number:
            return _("No customer has this number. Search by name, number, account, post code or invoice.")
        return _("The caller’s number is withheld. Search by name, number, account, post code or invoice.")

    @property
    def matched_by_number(self) -> bool:
        """Whether the caller's number is one of this customer's."""
        chosen = self.session.customer_id
        return any(match.exact and match.customer_id == chosen for match in self.matches)

    @property
    def why_fixed(self) -> str:
        """Why the customer of this call cannot be changed, as the hub has it; empty where it can."""
        tries = [one for payment in self.session.payments_of_call for one in payment.attempts]
        fixed = any(one.state not in NO_CHARGE for one in tries)
        return _("A payment of this call is for this customer") if fixed else ""

    @property
    def may_unlink(self) -> bool:
        """Whether the call has a customer who may be taken off it again."""
        call = self.session.call
        return call is not None and call.customer_id is not None and not self.why_fixed

    def search(self, text: str) -> None:
        """Look for customers; card-like text is refused, what is too short waits; neither is sent."""
        words = text.strip()
        self.too_short = 0 < len(words) < SHORTEST_SEARCH
        if looks_like_pan(words):
            self.search_command.cancel()
            self._miss_results(Invalid("card_number_refused"))
        elif len(words) >= SHORTEST_SEARCH:
            self.search_command.restart(words)
        else:
            self.search_command.cancel()
            self._take_results(None)

    def start_search(self) -> None:
        """Show the search."""
        self.searching, self.too_short = True, False
        self.results, self.search_error, self.choose_error = None, None, None
        self.changed.emit()

    def leave_search(self) -> None:
        """Go back to what was shown."""
        self.search_command.cancel()
        self.searching = False
        self.changed.emit()

    def choose(self, customer_id: str | None) -> None:
        """Say who the caller is, or None: that nobody chosen is right."""
        self.choose_error = None
        self.choose_command.start(customer_id)

    @property
    def check(self) -> CheckResult | None:
        """How the caller check of this customer ended; None where it was not done."""
        call = self.session.call
        done = call.caller_check if call and call.customer_id == self.session.customer_id else None
        return done.result if done else None

    def prefer(self, route: str) -> None:
        """Note the way to pay to offer first; the one that is noted already is forgotten."""
        customer = self.session.customer
        if customer is not None:
            self.prefer_error = None
            wanted = None if customer.preferred_route == route else route
            self.prefer_command.start(customer.customer_id, wanted)

    def ask_to_remove(self, card_id: str | None) -> None:
        """Ask whether a saved card is to go; None: it stays."""
        self.removing, self.remove_error = card_id, None
        self.changed.emit()

    def remove_card(self) -> None:
        """Let the card go that was asked about: its holder wants it."""
        if self.removing is not None:
            self.remove_error = None
            self.remove_command.start(self.removing)

    def refresh(self) -> None:
        """Read record and account again from the outside systems."""
        self.session.load_customer.restart(True)

    # --- money

    @property
    def paid_now(self) -> Money | None:
        """What was approved on this call for this customer; None where nothing."""
        payment = self.session.payment
        customer = self.session.customer
        if payment is None or customer is None or payment.state is not AttemptState.APPROVED:
            return None
        return taken(payment).money if payment.customer_id == customer.customer_id else None

    @property
    def paid_is_in(self) -> bool:
        """Whether the balance was read after that payment was posted to the accounts."""
        payment, customer = self.session.payment, self.session.customer
        if payment is None or customer is None or customer.account_as_of is None:
            return False
        owed = [one for one in payment.write_backs if one.kind is WriteBackKind.ACCOUNTS]
        return any(one.done_at is not None and customer.account_as_of > one.done_at for one in owed)

    @property
    def being_checked(self) -> Money | None:
        """What this customer may have been charged already, outcome not known; None where nothing."""
        return _sum([one.amount.money for one in self._payments if one.state in MONEY_AT_RISK])

    @property
    def posting(self) -> Money | None:
        """What was paid here, by whomever, and is not in the balance yet; None where nothing."""
        items = self.session.customer.own_items if self.session.customer else []
        return _sum([item.posting.money for item in items if item.posting])

    @property
    def held_elsewhere(self) -> Money | None:
        """What is open but held by a payment this desk knows nothing of; None where nothing."""
        items = self.session.customer.own_items if self.session.customer else []
        known = {None, *(one.short_reference for one in self._payments)}
        return _sum([item.outstanding.money for item in items if item.held_by not in known])

    @property
    def next_due(self) -> tuple[date, Money] | None:
        """The next day on which something is due, today at the soonest, and how much; None: nothing is."""
        today = self.session.clock.today()
        items = self.session.customer.own_items if self.session.customer else []
        due = [item for item in items if item.due_on >= today and item.outstanding.minor]
        if not due:
            return None
        day = min(item.due_on for item in due)
        amounts = [item.outstanding.money for item in due if item.due_on == day]
        return day, total(amounts, amounts[0].currency)

    @property
    def is_old(self) -> bool:
        """Whether the balance was read longer ago than the firm takes it for what is owed."""
        customer, readiness = self.session.customer, self.session.readiness
        if customer is None or customer.account_as_of is None or readiness is None:
            return False
        age = self.session.clock.now() - customer.account_as_of
        return age >= timedelta(seconds=readiness.stale_after_s)

    @property
    def _payments(self) -> list[PaymentIntent]:
        mine = self.session.customer_id
        return [one for one in self.session.payments.values() if one.customer_id == mine]

    # --- history

    @property
    def history_rows(self) -> list[HistoryItem]:
        """The lines that pass the filter, newest first, as many as are shown."""
        return self._filtered()[: self.rows_shown]

    @property
    def has_older(self) -> bool:
        """Whether more lines pass the filter."""
        return len(self._filtered()) > self.rows_shown

    @property
    def filters(self) -> list[Filter]:
        """What there are lines of, and all of them."""
        kinds = {row.kind for row in self.history.rows} if self.history else set()
        return [one for one in Filter if one is Filter.ALL or KINDS[one] & kinds]

    @property
    def newest_note(self) -> HistoryItem | None:
        """What was noted last of this customer, call or no call."""
        rows = self.history.rows if self.history else []
        return next((row for row in rows if row.kind is HistoryKind.NOTE), None)

    @property
    def may_open(self) -> bool:
        """Whether payments of the history can be opened: on a call with their customer."""
        return self.session.call is not None

    @property
    def newest_payment(self) -> str | None:
        """The newest payment of ours in the history; None where there is none to open."""
        rows = self.history.rows if self.history and self.may_open else []
        return next((row.intent_id for row in rows if row.intent_id), None)

    def open_newest_payment(self) -> None:
        """Show the newest payment of the history."""
        if self.newest_payment is not None:
            self.payment_wanted.emit(self.newest_payment)

    def next_filter(self) -> None:
        """Show the lines of the next kind, and all of them after the last."""
        known = self.filters
        place = known.index(self.filter) if self.filter in known else 0
        self.set_filter(known[(place + 1) % len(known)])

    def set_filter(self, chosen: Filter) -> None:
        """Show other lines."""
        self.filter, self.rows_shown = chosen, self.first_rows
        self.history_changed.emit()

    def show_older(self) -> None:
        """Show more lines."""
        self.rows_shown += MORE_ROWS
        self.history_changed.emit()

    def set_low(self, low: bool) -> None:
        """Start with fewer lines where there is less room."""
        wanted = ROWS_WHERE_LOW if low else FIRST_ROWS
        if wanted != self.first_rows:
            self.first_rows = self.rows_shown = wanted
            self.history_changed.emit()

    def load_history(self) -> None:
        """Ask for the past again."""
        if self._history_of is not None:
            self.history_error = None
            self.history_command.restart(self._history_of)
            self.history_changed.emit()

    # --- inside

    def _filtered(self) -> list[HistoryItem]:
        return [row for row in self.history.rows if row.kind in KINDS[self.filter]] if self.history else []

    def _refresh(self) -> None:
        call, wanted = self.session.call, self.session.customer_id
        if call is not None and call.state is CallState.ENDED:
            self.searching = False
        if wanted != self._history_of:
            self._history_of, self.history, self.history_error = wanted, None, None
            self.removing = self.remove_error = None
            self.filter, self.rows_shown = Filter.ALL, self.first_rows
            self.history_command.cancel()
            self.history_changed.emit()
        if wanted is not None and (customer := self.session.customer) is not None:
            self._load_history_of(customer)
        self.changed.emit()

    def _load_history_of(self, customer: Customer) -> None:
        # a customer read again is a customer about whom something is newer
        if self.history is None or self.history.as_of < customer.record_as_of:
            self.history_command.restart(customer.customer_id)

    def _grow_old(self) -> None:
        if self.is_old != self._was_old:
            self._was_old = self.is_old
            self.changed.emit()

    def _take_results(self, found: Matches | None) -> None:
        self.results, self.search_error = found, None
        self.results_changed.emit()

    def _miss_results(self, error: AgentDeskError) -> None:
        self.results, self.search_error = None, error
        self.results_changed.emit()

    def _miss_choice(self, error: AgentDeskError) -> None:
        self.choose_error = error
        self.changed.emit()

    def _miss_preference(self, error: AgentDeskError) -> None:
        self.prefer_error = error
        self.changed.emit()

    def _removed(self, error: AgentDeskError | None) -> None:
        self.removing, self.remove_error = None, error
        self.session.load_customer.restart()
        self.changed.emit()

    def _take_history(self, history: History) -> None:
        self.history, self.history_error = history, None
        if self.filter not in self.filters:
            self.filter = Filter.ALL
        self.history_changed.emit()

    def _miss_history(self, error: AgentDeskError) -> None:
        self.history_error = error
        self.history_changed.emit()


def _sum(amounts: list[Money]) -> Money | None:
    return total(amounts, amounts[0].currency) if amounts else None
