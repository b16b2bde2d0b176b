"""The state tables together, as one debt lives through them: card session or link, attempt, write-back.

The hub couples them in four places, which `Try` repeats: a session that ends without a token closes its
attempt, a token commits the charge, a page that is over says how, an approval owes a write-back.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agentdesk.domain import capture, link, payment, write_back
from agentdesk.domain.capture import CaptureEvent, CaptureState
from agentdesk.domain.link import LinkEvent, LinkState
from agentdesk.domain.payment import HOLDS_DEBT, MONEY_AT_RISK, AttemptEvent, AttemptState
from agentdesk.domain.write_back import WriteBackEvent, WriteBackState

#: What people can do. Everything else is told by a provider, or by its silence.
CAPTURE_COMMANDS = (CaptureEvent.ASKED, CaptureEvent.SUBMITTED, CaptureEvent.CANCEL)
COMMANDS = (AttemptEvent.CHARGE, AttemptEvent.CLOSED)
#: Its page may yet be paid, or made.
PAGE_LIVE = link.LIVE | {LinkState.OPENING}
#: What a provider says of a page that is over; its silence, too, once the page has expired.
HOW_A_PAGE_ENDS = (
    AttemptEvent.CLOSED,
    AttemptEvent.APPROVED,
    AttemptEvent.DECLINED,
    AttemptEvent.PENDING,
    AttemptEvent.NO_ANSWER,
    AttemptEvent.DIFFERS,
)
NO_MONEY = frozenset({AttemptState.DECLINED, AttemptState.NOT_SENT})


@dataclass(frozen=True)
class Try:
    """One attempt with its card session, or the page of its link, and what it owes."""

    session: CaptureState | None = CaptureState.SECURING
    page: LinkState | None = None
    attempt: AttemptState = AttemptState.OPEN
    owed: WriteBackState | None = None

    def capture(self, event: CaptureEvent) -> "Try":
        """Return what a word about the card session leads to; the attempt follows."""
        session = capture.next_state(self.session, event) if self.session else None
        if session is None or event is CaptureEvent.CHARGED:
            return self
        if session is CaptureState.TOKENISED:
            return self.send()
        after = replace(self, session=session)
        return after.money(AttemptEvent.CLOSED) if session is CaptureState.CLOSED else after

    def page_is(self, event: LinkEvent, said: AttemptEvent = AttemptEvent.CLOSED) -> "Try":
        """Return what a word about the page leads to; where it is over, `said` is how it ended."""
        page = link.next_state(self.page, event) if self.page else None
        if page is None:
            return self
        after = replace(self, page=page)
        return after.money(said) if page is LinkState.CLOSED else after

    def send(self) -> "Try":
        """Commit the charge with the token that came: the token is spent, or dropped where it may not be."""
        sent = self.money(AttemptEvent.CHARGE)
        if sent == self:
            return self.capture(CaptureEvent.FAILED)
        return replace(sent, session=CaptureState.SPENT)

    def money(self, event: AttemptEvent) -> "Try":
        """Return what news or a command about the money leads to; an approval owes a write-back."""
        attempt = payment.next_state(self.attempt, event) or self.attempt
        owes = attempt is AttemptState.APPROVED and self.owed is None
        return replace(self, attempt=attempt, owed=WriteBackState.QUEUED if owes else self.owed)

    def write(self, event: WriteBackEvent) -> "Try":
        """Return what became of the write-back."""
        if self.owed is None:
            return self
        return replace(self, owed=write_back.next_state(self.owed, event) or self.owed)

    @property
    def ended(self) -> bool:
        """Whether nothing more is expected, and nothing is owed."""
        done = self.owed in (None, WriteBackState.DONE)
        over = self.session in capture.ENDED or self.page is LinkState.CLOSED
        return over and self.attempt in payment.ENDED and done


# ---------------------------------------------------------------- every path there is
def _next(here: Try) -> Iterator[Try]:
    yield from (here.capture(event) for event in CaptureEvent)
    yield from (here.page_is(event) for event in LinkEvent)
    yield from (here.page_is(LinkEvent.ENDED, said) for said in HOW_A_PAGE_ENDS)
    yield from (here.money(event) for event in AttemptEvent if event not in COMMANDS)
    yield from (here.write(event) for event in WriteBackEvent)


def _reachable(start: Try) -> set[Try]:
    found, waiting = {start}, [start]
    while waiting:
        for after in _next(waiting.pop()):
            if after not in found:
                found.add(after)
                waiting.append(after)
    return found


BY_LINK = Try(session=None, page=LinkState.OPENING)
EVERYWHERE = _reachable(Try()) | _reachable(BY_LINK)


def test_every_state_of_all_is_reached_together() -> None:
    for start in (Try(), BY_LINK):
        assert {one.owed for one in _reachable(start)} == {None, *WriteBackState}
    assert {one.attempt for one in _reachable(Try())} == set(AttemptState)
    assert {one.attempt for one in _reachable(BY_LINK)} == set(AttemptState) - {AttemptState.SENDING}
    assert {one.session for one in EVERYWHERE} == {None, *CaptureState} - {CaptureState.TOKENISED}
    assert {one.page for one in EVERYWHERE} == {None, *LinkState}


def test_everything_can_end_from_everywhere() -> None:
    for here in EVERYWHERE:
        assert any(after.ended for after in _reachable(here)), here


def test_no_command_moves_money_that_may_have_moved() -> None:
    for here in EVERYWHERE:
        if here.attempt in MONEY_AT_RISK:
            assert all(here.money(command) == here for command in COMMANDS), here
            assert all(here.capture(command).attempt is here.attempt for command in CAPTURE_COMMANDS), here
            assert here.page_is(LinkEvent.CLOSE).attempt is here.attempt, here


def test_money_at_risk_never_leads_back_to_a_charge() -> None:
    for here in EVERYWHERE:
        if here.attempt in MONEY_AT_RISK:
            after = {one.attempt for one in _reachable(here)} - {here.attempt}
            assert after.isdisjoint({AttemptState.OPEN, AttemptState.SENDING}), here


def test_a_write_back_is_owed_exactly_where_money_was_taken() -> None:
    for here in EVERYWHERE:
        assert (here.owed is not None) is (here.attempt is AttemptState.APPROVED), here


def test_no_attempt_stays_open_after_its_card_session_or_page() -> None:
    for here in EVERYWHERE:
        assert here.attempt is not AttemptState.OPEN or _may_take_a_card(here), here


def _may_take_a_card(here: Try) -> bool:
    return here.session in capture.LIVE or here.page in PAGE_LIVE


# ---------------------------------------------------------------- one debt, and a processor that knows
class Debt(RuleBasedStateMachine):
    """One debt with the tries to pay it, and what the processor really did with each charge.

    Its words may be lost, late, repeated and in any order; they are never lies.
    """

    def __init__(self) -> None:
        super().__init__()
        self.tries: list[Try] = []
        self.truth: list[AttemptEvent | None] = []  # None: nothing was sent
        self.made: set[int] = set()  # the tries whose page the provider made
        self.payable: set[int] = set()  # those whose page the customer may have, until the provider ends it

    def _becomes(self, after: Try, really: AttemptEvent) -> None:
        sent = after.attempt is AttemptState.SENDING and self.truth[-1] is None
        self.tries[-1] = after
        self.truth[-1] = really if sent else self.truth[-1]

    def _free(self) -> bool:
        """Whether the domain lets a person start another try."""
        states = {one.attempt for one in self.tries}
        return not states & HOLDS_DEBT and AttemptState.APPROVED not in states

    @initialize(how=st.sampled_from((Try(), BY_LINK)))
    def first(self, how: Try) -> None:
        self.start(how)

    @precondition(_free)
    @rule(how=st.sampled_from((Try(), BY_LINK)))
    def start(self, how: Try) -> None:
        self.tries.append(how)
        self.truth.append(None)

    @precondition(lambda self: self.tries[-1].page and len(self.tries) - 1 not in self.made)
    @rule(event=st.sampled_from((LinkEvent.OPENED, LinkEvent.OPENED, LinkEvent.FAILED)))
    def page_is_made_or_not(self, event: LinkEvent) -> None:
        """Nobody has the address of one that was wanted closed before, or was never made."""
        self.tries[-1], place = self.tries[-1].page_is(event), len(self.tries) - 1
        self.made |= {place} if event is LinkEvent.OPENED else set()
        self.payable |= {place} if self.tries[-1].page is LinkState.OPEN else set()

    @precondition(lambda self: self.tries[-1].page in PAGE_LIVE)
    @rule()
    def page_is_wanted_closed(self) -> None:
        self.tries[-1] = self.tries[-1].page_is(LinkEvent.CLOSE)

    @precondition(lambda self: self.payable)
    @rule(really=st.sampled_from((AttemptEvent.APPROVED, AttemptEvent.DECLINED, AttemptEvent.PENDING)))
    def customer_pays(self, really: AttemptEvent) -> None:
        """Whoever has the address pays while the page is there, also while we want it closed."""
        self.truth[self.payable.pop()] = really

    @precondition(lambda self: self.made)
    @rule(silent=st.booleans(), data=st.data())
    def page_is_over(self, silent: bool, data: st.DataObject) -> None:
        """The provider says how it ended; or the page has expired, and the provider cannot tell."""
        place = data.draw(st.sampled_from(sorted(self.made)))
        self.payable.discard(place)
        said = AttemptEvent.NO_ANSWER if silent else self.truth[place] or AttemptEvent.CLOSED
        if self.tries[place].page in link.LIVE:
            self.tries[place] = self.tries[place].page_is(LinkEvent.ENDED, said)

    @precondition(lambda self: self.tries[-1].session)
    @rule(
        event=st.sampled_from(CaptureEvent),
        really=st.sampled_from(
            (AttemptEvent.APPROVED, AttemptEvent.DECLINED, AttemptEvent.PENDING, AttemptEvent.REFUSED)
        ),
    )
    def word_of_the_session(self, event: CaptureEvent, really: AttemptEvent) -> None:
        self._becomes(self.tries[-1].capture(event), really)

    @precondition(lambda self: self.tries[-1].session)
    @rule(really=st.sampled_from((AttemptEvent.APPROVED, AttemptEvent.DECLINED, AttemptEvent.PENDING)))
    def card_is_keyed_and_sent(self, really: AttemptEvent) -> None:
        """The straight way, so that most runs come to the money."""
        for event in (CaptureEvent.SECURED, CaptureEvent.ALL_IN, CaptureEvent.SUBMITTED, CaptureEvent.TOKEN):
            self._becomes(self.tries[-1].capture(event), really)

    @precondition(lambda self: AttemptEvent.PENDING in self.truth)
    @rule(really=st.sampled_from((AttemptEvent.APPROVED, AttemptEvent.DECLINED)))
    def bank_decides(self, really: AttemptEvent) -> None:
        self.truth[self.truth.index(AttemptEvent.PENDING)] = really

    @rule(data=st.data())
    def processor_speaks(self, data: st.DataObject) -> None:
        """A reply, a webhook or a look-up, of any try, now or again."""
        place = data.draw(st.integers(0, len(self.tries) - 1))
        really, one = self.truth[place], self.tries[place]
        if really in (None, AttemptEvent.REFUSED) and one.attempt is AttemptState.UNKNOWN:
            really = AttemptEvent.ABSENT  # a look-up, after the processor's lag
        if really is None:
            return
        if one.page in PAGE_LIVE:  # what is said of a page makes us look at it
            self.tries[place] = one.page_is(LinkEvent.ENDED, really)
        else:
            self.tries[place] = one.money(really)

    @rule(data=st.data())
    def silence(self, data: st.DataObject) -> None:
        """Of a charge that was sent; before that only the page of a link can end without a word."""
        place = data.draw(st.integers(0, len(self.tries) - 1))
        if self.truth[place] is not None and self.tries[place].page not in PAGE_LIVE:
            self.tries[place] = self.tries[place].money(AttemptEvent.NO_ANSWER)

    @rule(command=st.sampled_from(COMMANDS), data=st.data())
    def somebody_insists(self, command: AttemptEvent, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(self.tries) - 1))
        before = self.tries[place]
        if before.attempt is not AttemptState.OPEN:
            assert before.money(command) == before

    @precondition(lambda self: any(one.owed for one in self.tries))
    @rule(event=st.sampled_from(WriteBackEvent))
    def write_back_goes_on(self, event: WriteBackEvent) -> None:
        place = next(n for n, one in enumerate(self.tries) if one.owed)
        before = self.tries[place].owed
        self.tries[place] = self.tries[place].write(event)
        assert before is not WriteBackState.DONE or self.tries[place].owed is WriteBackState.DONE

    @invariant()
    def at_most_one_try_holds_the_debt(self) -> None:
        assert sum(one.attempt in HOLDS_DEBT for one in self.tries) <= 1

    @invariant()
    def the_debt_is_charged_at_most_once(self) -> None:
        assert self.truth.count(AttemptEvent.APPROVED) <= 1
        assert sum(one.owed is not None for one in self.tries) <= 1

    @invariant()
    def nobody_is_told_not_charged_of_a_charge(self) -> None:
        for one, really in zip(self.tries, self.truth, strict=True):
            if one.attempt in NO_MONEY:
                assert really not in (AttemptEvent.APPROVED, AttemptEvent.PENDING), one

    @invariant()
    def nothing_is_approved_that_was_not_charged(self) -> None:
        for one, really in zip(self.tries, self.truth, strict=True):
            assert one.attempt is not AttemptState.APPROVED or really is AttemptEvent.APPROVED

    @invariant()
    def a_session_that_is_over_leaves_no_attempt_open(self) -> None:
        for one in self.tries:
            assert (one.attempt is AttemptState.OPEN) is _may_take_a_card(one)

    def teardown(self) -> None:
        """Whatever happened, one answer of the processor to each try is the end of all doubt."""
        for place, really in enumerate(self.truth):
            decided = AttemptEvent.APPROVED if really is AttemptEvent.PENDING else really
            if decided is not None:
                unsure = self.tries[place].money(AttemptEvent.NO_ANSWER)
                refused = decided is AttemptEvent.REFUSED and unsure.attempt is AttemptState.UNKNOWN
                known = unsure.money(AttemptEvent.ABSENT if refused else decided)
                assert known.attempt in payment.ENDED, known


TestDebt = Debt.TestCase
TestDebt.settings = settings(
    max_examples=200,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
