"""What an agent did in a rehearsal, as the record has it, and what can be said of it: yes or no each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from agentdesk.domain.money import Money
from agentdesk.domain.payment import MONEY_AT_RISK, AttemptState

#: The queue of every rehearsal's call: nobody takes it for a real one.
QUEUE = "Drill"
KEYPAD, LINK = "keypad", "link"
#: Times a number may be asked for before another way to pay is offered.
MOST_ASKED = 3


@dataclass(frozen=True, slots=True)
class Try:
    """One try to take a payment. `asked`: how often the number was asked for, `slow`: slowly."""

    route: str
    state: AttemptState
    started_at: datetime
    sent_at: datetime | None = None
    ended_at: datetime | None = None
    asked: int = 0
    failed: int = 0
    slow: bool = False


@dataclass(frozen=True, slots=True)
class Taking:
    """A payment of the call; `stopped`: the duplicate guard held it back."""

    customer_id: str
    amount: Money
    made_at: datetime
    tries: tuple[Try, ...] = ()
    stopped: bool = False

    @property
    def approved(self) -> int:
        """How often it was charged."""
        return sum(one.state is AttemptState.APPROVED for one in self.tries)


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise to pay of the call."""

    amount: Money
    due_on: date


@dataclass(frozen=True, slots=True)
class Record:
    """What is on record of one rehearsal.

    `caller` is the customer who really rings, `amount` what they want to pay, or back; `rest` and `rest_on`
    what they promise. `choices` are the customers the agent put on the call, in order; None: taken off.
    `refused`: starts of a payment that the guards refused, by code. `typed`: card numbers were typed.
    """

    caller: str
    amount: Money
    customer_id: str | None
    rest: Money | None = None
    rest_on: date | None = None
    choices: tuple[tuple[datetime, str | None], ...] = ()
    takings: tuple[Taking, ...] = ()
    refused: frozenset[str] = frozenset()
    typed: bool = False
    promises: tuple[Promised, ...] = ()
    refunds_asked: tuple[Money, ...] = ()
    refunded: tuple[Money, ...] = ()
    line_ended_at: datetime | None = None
    wrapped_up_at: datetime | None = None

    @property
    def tries(self) -> Iterator[Try]:
        """Every try of every payment, in order."""
        return (one for taking in self.takings for one in taking.tries)

    def any_try(self, *states: AttemptState, route: str = "") -> bool:
        """Say whether there is a try in one of the states, by this route where one is named."""
        return any(one.state in states and route in ("", one.route) for one in self.tries)


# ---------------------------------------------------------------- what the caller can have noticed
def always(_record: Record) -> bool:
    """Say yes: the caller's first words."""
    return True


def approved(record: Record) -> bool:
    """Say whether something was charged."""
    return record.any_try(AttemptState.APPROVED)


def declined(record: Record) -> bool:
    """Say whether the bank said no."""
    return record.any_try(AttemptState.DECLINED)


def keying(record: Record) -> bool:
    """Say whether card entry was opened."""
    return any(one.route == KEYPAD for one in record.tries)


def failed_once(record: Record) -> bool:
    """Say whether a number did not come through."""
    return any(one.failed >= 1 for one in record.tries)


def not_secured(record: Record) -> bool:
    """Say whether card entry ended before a field was asked for."""
    return any(
        one.route == KEYPAD and one.state is AttemptState.NOT_SENT and not one.asked for one in record.tries
    )


def failed_slowly(record: Record) -> bool:
    """Say whether it did not come through slowly either."""
    return any(one.failed >= 1 and one.slow for one in record.tries)


def line_dead(record: Record) -> bool:
    """Say whether the line is down before the agent finished."""
    return record.line_ended_at is not None and record.wrapped_up_at is None


def unsure(record: Record) -> bool:
    """Say whether nobody knows what became of a charge."""
    return record.any_try(AttemptState.UNKNOWN, AttemptState.PENDING)


def link_out(record: Record) -> bool:
    """Say whether a link was sent."""
    return any(one.route == LINK for one in record.tries)


def found(record: Record) -> bool:
    """Say whether the call is the caller's own."""
    return record.customer_id == record.caller


def asked_back(record: Record) -> bool:
    """Say whether a supervisor was asked for a refund."""
    return bool(record.refunds_asked)


def made_promise(record: Record) -> bool:
    """Say whether a promise was written down."""
    return bool(record.promises)


# ---------------------------------------------------------------- what is scored
def paid(record: Record) -> bool:
    """Say whether exactly what the caller wanted was taken."""
    took = [one.amount.minor for one in record.takings if one.approved]
    return sum(took) == record.amount.minor


def own_account(record: Record) -> bool:
    """Say whether a payment was begun, and none for anybody but the caller."""
    begun = [one.customer_id == record.caller for one in record.takings]
    return found(record) and bool(begun) and all(begun)


def charged_once(record: Record) -> bool:
    """Say whether there is one charge."""
    return sum(one.approved for one in record.takings) == 1


def not_twice(record: Record) -> bool:
    """Say whether there is at most one charge."""
    return sum(one.approved for one in record.takings) <= 1


def nothing_typed(record: Record) -> bool:
    """Say whether no card number was typed."""
    return not record.typed


def same_payment(record: Record) -> bool:
    """Say whether all tries are of one payment."""
    return len(record.takings) == 1


def other_card(record: Record) -> bool:
    """Say whether a card was approved after another was declined."""
    states = [one.state for one in record.tries]
    if AttemptState.DECLINED not in states:
        return False
    return AttemptState.APPROVED in states[states.index(AttemptState.DECLINED) :]


def keyed_slowly(record: Record) -> bool:
    """Say whether the caller was asked to key slowly."""
    return any(one.slow for one in record.tries)


def few_tries(record: Record) -> bool:
    """Say whether the number was asked for, and not again and again."""
    return 0 < sum(one.asked for one in record.tries) <= MOST_ASKED


def asked_again(record: Record) -> bool:
    """Say whether the number was asked for again in one card entry."""
    return any(one.asked > 1 for one in record.tries)


def link_after_keypad(record: Record) -> bool:
    """Say whether a payment that the keypad could not take went on with a link."""
    routes = [[one.route for one in taking.tries] for taking in record.takings]
    return any(LINK in one and KEYPAD in one[: one.index(LINK)] for one in routes)


def link_paid(record: Record) -> bool:
    """Say whether a link was paid before the call was finished."""
    return record.any_try(AttemptState.APPROVED, route=LINK)


def keypad_once(record: Record) -> bool:
    """Say whether the card that the bank wants confirmed was keyed once."""
    return [one.route for one in record.tries].count(KEYPAD) == 1


def waited(record: Record) -> bool:
    """Say whether a charge was sent, and nothing new begun while nobody knew what became of it."""
    sent = any(one.sent_at is not None for one in record.tries)
    return sent and not record.refused and not _begun_meanwhile(record)


def outcome_known(record: Record) -> bool:
    """Say whether a charge was sent and its outcome known when the call was finished."""
    sent = [one for one in record.tries if one.sent_at is not None]
    return bool(sent) and not any(one.state in MONEY_AT_RISK for one in sent)


def not_again(record: Record) -> bool:
    """Say whether what was paid was not begun again."""
    return same_payment(record) and not record.refused and not any(one.stopped for one in record.takings)


def account_changed_first(record: Record) -> bool:
    """Say whether the caller's account was put on the call before any payment was begun."""
    put = [at for at, customer_id in record.choices if customer_id == record.caller]
    first = min((one.made_at for one in record.takings), default=None)
    return bool(put) and (first is None or put[0] <= first)


def promised(record: Record) -> bool:
    """Say whether the rest is promised, as the caller said it."""
    return any((one.amount, one.due_on) == (record.rest, record.rest_on) for one in record.promises)


def asked_for_all(record: Record) -> bool:
    """Say whether a supervisor was asked for all that the caller wants back."""
    return record.amount in record.refunds_asked


def not_in_parts(record: Record) -> bool:
    """Say whether a supervisor was asked, and the limit not got round by giving parts back."""
    return asked_back(record) and not record.refunded


def _begun_meanwhile(record: Record) -> bool:
    """Say whether another payment was made while a charge was out."""
    out = [(one.sent_at, one.ended_at) for one in record.tries if one.sent_at is not None]
    return any(
        sent_at <= taking.made_at and (ended_at is None or taking.made_at < ended_at)
        for sent_at, ended_at in out
        for taking in record.takings
    )
