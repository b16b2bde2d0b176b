"""One charge and its refunds, through the refund's table and the write-backs', beside a provider that knows.

The hub couples the two, which `Back` repeats: a refund that is done owes its posting, and one that comes back
after that owes the reversal.
"""

from dataclasses import dataclass, replace

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agentdesk.domain import refund, write_back
from agentdesk.domain.refund import HOLDS_AMOUNT, RefundEvent, RefundState, is_reversal
from agentdesk.domain.write_back import WriteBackEvent, WriteBackState

CHARGED = 10
#: Of the provider: money went, or may yet.
GOES = frozenset({RefundEvent.DONE, RefundEvent.PENDING})
NOT_GIVEN = frozenset({RefundState.FAILED, RefundState.NOT_SENT})
#: How each truth is told in the end.
ENDS_AS = {
    RefundEvent.DONE: RefundState.DONE,
    RefundEvent.FAILED: RefundState.FAILED,
    RefundEvent.REFUSED: RefundState.NOT_SENT,
}


@dataclass(frozen=True)
class Back:
    """One refund, and what it owes the ledger."""

    minor: int
    state: RefundState = RefundState.SENDING
    posting: WriteBackState | None = None
    reversal: WriteBackState | None = None

    def learn(self, event: RefundEvent) -> "Back":
        """Return what news of the money leads to."""
        state = refund.next_state(self.state, event)
        if state is None:
            return self
        owes = state is RefundState.DONE and self.posting is None
        undoes = is_reversal(self.state, event)
        return replace(
            self,
            state=state,
            posting=WriteBackState.QUEUED if owes else self.posting,
            reversal=WriteBackState.QUEUED if undoes else self.reversal,
        )


class GivingBack(RuleBasedStateMachine):
    """The refunds of one charge, and all that the provider really did with each, in order.

    Its words may be lost, late, repeated and in any order; they are never lies. It would give back anything.
    """

    def __init__(self) -> None:
        super().__init__()
        self.backs: list[Back] = []
        self.truth: list[list[RefundEvent]] = []

    def _left(self) -> int:
        return CHARGED - sum(one.minor for one in self.backs if one.state in HOLDS_AMOUNT)

    @precondition(lambda self: self._left() > 0)
    @rule(
        minor=st.integers(1, CHARGED),
        really=st.sampled_from(
            (RefundEvent.DONE, RefundEvent.PENDING, RefundEvent.FAILED, RefundEvent.REFUSED)
        ),
    )
    def give_back(self, minor: int, really: RefundEvent) -> None:
        """At most what the domain says is left; it is sent, whatever we hear of it."""
        self.backs.append(Back(min(minor, self._left())))
        self.truth.append([really])

    @precondition(lambda self: any(RefundEvent.PENDING is known[-1] for known in self.truth))
    @rule(really=st.sampled_from((RefundEvent.DONE, RefundEvent.FAILED)))
    def bank_decides(self, really: RefundEvent) -> None:
        next(known for known in self.truth if known[-1] is RefundEvent.PENDING).append(really)

    @precondition(lambda self: any(RefundEvent.DONE is known[-1] for known in self.truth))
    @rule()
    def money_comes_back(self) -> None:
        next(known for known in self.truth if known[-1] is RefundEvent.DONE).append(RefundEvent.FAILED)

    @precondition(lambda self: self.backs)
    @rule(data=st.data())
    def provider_speaks(self, data: st.DataObject) -> None:
        """A reply, a webhook or a look-up of any refund: what is so, or what was."""
        place = data.draw(st.integers(0, len(self.backs) - 1))
        said = data.draw(st.sampled_from(self.truth[place]))
        unsure = self.backs[place].state is RefundState.UNKNOWN
        if said is RefundEvent.REFUSED and unsure:
            said = RefundEvent.ABSENT  # a look-up, after the processor's lag
        self.backs[place] = self.backs[place].learn(said)

    @precondition(lambda self: self.backs)
    @rule(data=st.data())
    def silence(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(self.backs) - 1))
        self.backs[place] = self.backs[place].learn(RefundEvent.NO_ANSWER)

    @precondition(lambda self: any(one.posting for one in self.backs))
    @rule(event=st.sampled_from(WriteBackEvent), data=st.data())
    def write_backs_go_on(self, event: WriteBackEvent, data: st.DataObject) -> None:
        place = data.draw(st.sampled_from([n for n, one in enumerate(self.backs) if one.posting]))
        one = self.backs[place]
        if one.posting is WriteBackState.DONE and one.reversal:  # it comes after what it undoes
            after = write_back.next_state(one.reversal, event) or one.reversal
            self.backs[place] = replace(one, reversal=after)
        elif one.posting:
            after = write_back.next_state(one.posting, event) or one.posting
            self.backs[place] = replace(one, posting=after)

    @invariant()
    def no_more_goes_back_than_was_charged(self) -> None:
        pairs = zip(self.backs, self.truth, strict=True)
        assert sum(one.minor for one, known in pairs if known[-1] in GOES) <= CHARGED

    @invariant()
    def nobody_is_told_not_given_back_of_what_goes(self) -> None:
        for one, known in zip(self.backs, self.truth, strict=True):
            assert one.state not in NOT_GIVEN or known[-1] not in GOES, (one, known)

    @invariant()
    def nothing_is_done_that_did_not_go(self) -> None:
        for one, known in zip(self.backs, self.truth, strict=True):
            assert one.state is not RefundState.DONE or RefundEvent.DONE in known, (one, known)

    @invariant()
    def the_ledger_is_owed_what_went_and_what_came_back(self) -> None:
        for one in self.backs:
            assert one.state is not RefundState.DONE or one.posting is not None, one
            came_back = one.state is RefundState.FAILED and one.posting is not None
            assert (one.reversal is not None) is came_back, one

    def teardown(self) -> None:
        """Whatever happened, one more answer to each refund is the end of all doubt."""
        for one, known in zip(self.backs, self.truth, strict=True):
            unsure = one.learn(RefundEvent.NO_ANSWER)
            is_absent = known[-1] is RefundEvent.REFUSED and unsure.state is RefundState.UNKNOWN
            last = RefundEvent.DONE if known[-1] is RefundEvent.PENDING else known[-1]
            ended = unsure.learn(RefundEvent.ABSENT if is_absent else last)
            assert ended.state is ENDS_AS[last], (one, known)


TestGivingBack = GivingBack.TestCase
TestGivingBack.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
