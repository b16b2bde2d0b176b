"""What was typed and what fits: customers, payments, and what can be done now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from agentdesk.desk import times
from agentdesk.desk.command import Command
from agentdesk.desk.counting import badge_kind, payment_kind
from agentdesk.desk.screens.customer.view_model import LONGEST_SEARCH, SHORTEST_SEARCH, CustomerViewModel
from agentdesk.desk.session import Session
from agentdesk.domain.card import looks_like_pan
from agentdesk.domain.errors import AgentDeskError
from agentdesk.domain.people import Permission
from agentdesk.i18n import _
from agentdesk.wire.customers import Match, Matches
from agentdesk.wire.payment_log import PaymentLogPage, PaymentRow
from agentdesk.wire.payments import PaymentIntent

MOST_OF_A_GROUP = 5
CUSTOMERS, PAYMENTS = _("Customers"), _("Payments")
#: The groups of actions, in the order they are shown.
DO, HERE, GO, SETTINGS = _GROUPS = (_("Do"), _("On this screen"), _("Go to"), _("This desk"))


@dataclass(frozen=True)
class Action:
    """Something that can be done now, under its name. `why_off`: why it cannot, empty where it can.

    `detail` says where on the screen it stands, and is searched, too.
    """

    title: str
    run: Callable[[], object]
    group: str = DO
    key: str = ""
    why_off: str = ""
    icon: str = "keyboard"
    detail: str = ""


@dataclass(frozen=True)
class Line:
    """A line of the box. `badge` is an outcome or `on_call`; `group` starts with its first line."""

    group: str
    icon: str
    title: str
    run: Callable[[], object]
    detail: str = ""
    key: str = ""
    badge: str = ""
    why_off: str = ""


@dataclass(frozen=True)
class Opening:
    """How a payment opens: `show` where its own call, or no call, is; `look` beside what shows, by its id.

    `why_not` says why nothing else may show now; empty where it may.
    """

    show: Callable[[PaymentIntent], object]
    look: Callable[[str], object]
    why_not: Callable[[], str]


class CommandBoxViewModel(QObject):
    """Follows what is typed. Signal: `changed()`."""

    changed = Signal()

    def __init__(
        self, session: Session, customers: CustomerViewModel, opening: Opening, actions: Sequence[Action]
    ) -> None:
        super().__init__()
        self._session, self._customers, self._actions = session, customers, actions
        self._opening = opening
        self.text, self.error = "", ""
        self._matches: Matches | None = None
        self._rows: list[PaymentRow] = []
        self._ask_customers = Command(session.tasks, session.client.search_customers, self)
        self._ask_log = Command(session.tasks, self._log_of, self)
        self._ask_customers.done.connect(self._take_matches)
        self._ask_log.done.connect(self._take_log)
        for asking in (self._ask_customers, self._ask_log):
            asking.failed.connect(self._fail)

    @property
    def is_asking(self) -> bool:
        """Whether the hub is being asked."""
        return self._ask_customers.is_running or self._ask_log.is_running

    def type(self, text: str) -> None:
        """Show at once what fits among the actions, and ask the hub for the rest; `find` does that."""
        self.text, self.error = text.strip(), ""
        self._matches, self._rows = None, []
        self.changed.emit()

    def find(self) -> None:
        """Ask the hub for customers and payments; what looks like a card is never sent."""
        words = self.text
        if not SHORTEST_SEARCH <= len(words) <= LONGEST_SEARCH or looks_like_pan(words):
            self._ask_customers.cancel()
            self._ask_log.cancel()
            return
        self._ask_customers.restart(words)
        if self._session.may(Permission.SEE_PAYMENT_LOG):
            self._ask_log.restart(words)

    @property
    def lines(self) -> list[Line]:
        """What fits what was typed: customers, payments, then what can be done and where one can go."""
        found = [*self._customer_lines(), *self._payment_lines()] if self.text else []
        fitting = [one for one in self._actions if fits(self.text, f"{one.title} {one.detail}")]
        ordered = sorted(fitting, key=lambda one: (_GROUPS.index(one.group), bool(one.why_off)))
        return found + [
            Line(one.group, one.icon, one.title, one.run, one.detail, one.key, why_off=one.why_off)
            for one in ordered
        ]

    # --- inside

    def _customer_lines(self) -> list[Line]:
        rows = self._matches.rows[:MOST_OF_A_GROUP] if self._matches else []
        return [self._customer_line(match) for match in rows]

    def _customer_line(self, match: Match) -> Line:
        here = self._session.call is not None and match.customer_id == self._session.customer_id
        detail = ", ".join(part for part in (match.account, match.detail) if part)
        why = "" if here else self._customers.why_fixed
        badge = "on_call" if here else ""

        def choose() -> None:
            if not here:
                self._customers.choose(match.customer_id)

        return Line(CUSTOMERS, "user", match.name, choose, detail, badge=badge, why_off=why)

    def _payment_lines(self) -> list[Line]:
        day = self._session.day
        known = {one.intent_id: one for one in (day.open_work if day else [])} | self._session.payments
        mine = [self._own_line(one) for one in known.values() if fits(self.text, _words(one))]
        rest = [self._log_line(row) for row in self._rows if row.intent_id not in known]
        return [*mine, *rest][:MOST_OF_A_GROUP]

    def _own_line(self, payment: PaymentIntent) -> Line:
        return self._payment_line(payment, payment_kind(payment), lambda: self._open(payment))

    def _open(self, payment: PaymentIntent) -> None:
        self._opening.show(payment) if self._is_here(payment) else self._opening.look(payment.intent_id)

    def _is_here(self, payment: PaymentIntent) -> bool:
        """Say whether it may take the place of what shows: on a call only one of the same call."""
        call = self._session.call
        return payment.call_id == call.call_id if call else self._session.is_me(payment.agent)

    def _log_line(self, row: PaymentRow) -> Line:
        badge = badge_kind(row.state, by_link=row.route == "link")
        return self._payment_line(row, badge, lambda: self._opening.look(row.intent_id))

    def _payment_line(self, one: PaymentIntent | PaymentRow, badge: str, run: Callable[[], object]) -> Line:
        day = times.day_and_minute(one.created_at, self._session.clock.today())
        detail = f"{one.customer_name}, {one.amount}, {day}"
        why = self._opening.why_not()
        return Line(PAYMENTS, "credit-card", one.short_reference, run, detail, badge=badge, why_off=why)

    async def _log_of(self, words: str) -> PaymentLogPage:
        return await self._session.client.payment_log(q=words, limit=MOST_OF_A_GROUP)

    def _take_matches(self, found: Matches) -> None:
        self._matches = found
        self.changed.emit()

    def _take_log(self, page: PaymentLogPage) -> None:
        self._rows = page.rows
        self.changed.emit()

    def _fail(self, error: AgentDeskError) -> None:
        self.error = error.text
        self.changed.emit()


def fits(text: str, title: str) -> bool:
    """Say whether every word typed is somewhere in the title, in any order."""
    return all(word in title.casefold() for word in text.casefold().split())


def marks(text: str, title: str) -> list[tuple[int, int]]:
    """Return where the words typed stand in the title, as starts and ends in order."""
    small = title.casefold()
    if len(small) != len(title):  # a letter that folds to two: the places would be off
        return []
    found = [(at, at + len(word)) for word in text.casefold().split() if (at := small.find(word)) >= 0]
    return sorted(found)


def _words(payment: PaymentIntent) -> str:
    return f"{payment.short_reference} {payment.customer_name} {payment.amount}"
