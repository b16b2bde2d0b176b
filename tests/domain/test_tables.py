"""What must hold of the state tables, whatever rows they have."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain import capture, link, payment, refund, saved_card, write_back
from agentdesk.domain.capture import CaptureEvent, CaptureState
from agentdesk.domain.link import LinkEvent, LinkState
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.domain.refund import RefundEvent, RefundState
from agentdesk.domain.saved_card import SavedCardEvent, SavedCardState
from agentdesk.domain.write_back import WriteBackEvent, WriteBackState

Steps = Mapping[tuple[Any, Any], Any]

TABLES = [
    pytest.param(payment.STEPS, AttemptState, AttemptEvent, payment.ENDED, id="attempt"),
    pytest.param(capture.STEPS, CaptureState, CaptureEvent, capture.ENDED, id="capture"),
    pytest.param(link.STEPS, LinkState, LinkEvent, {LinkState.CLOSED}, id="link"),
    pytest.param(refund.STEPS, RefundState, RefundEvent, refund.ENDED, id="refund"),
    pytest.param(saved_card.STEPS, SavedCardState, SavedCardEvent, saved_card.ENDED, id="saved-card"),
    pytest.param(write_back.STEPS, WriteBackState, WriteBackEvent, {WriteBackState.DONE}, id="write-back"),
]
NEXT = [
    pytest.param(payment.next_state, payment.STEPS, AttemptState, AttemptEvent, id="attempt"),
    pytest.param(capture.next_state, capture.STEPS, CaptureState, CaptureEvent, id="capture"),
    pytest.param(link.next_state, link.STEPS, LinkState, LinkEvent, id="link"),
    pytest.param(refund.next_state, refund.STEPS, RefundState, RefundEvent, id="refund"),
    pytest.param(saved_card.next_state, saved_card.STEPS, SavedCardState, SavedCardEvent, id="saved-card"),
    pytest.param(write_back.next_state, write_back.STEPS, WriteBackState, WriteBackEvent, id="write-back"),
]


def reachable(steps: Steps, start: Any) -> set[Any]:
    """Return the states that events can lead to from a state, itself included."""
    found, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        for (state, _), after in steps.items():
            if state == here and after not in found:
                found.add(after)
                waiting.append(after)
    return found


@pytest.mark.parametrize(("steps", "states", "events", "ended"), TABLES)
def test_every_state_is_reachable_and_every_event_is_used(
    steps: Steps, states: type[StrEnum], events: type[StrEnum], ended: set[StrEnum]
) -> None:
    assert reachable(steps, next(iter(states))) == set(states)
    assert {event for _, event in steps} == set(events)


@pytest.mark.parametrize(("steps", "states", "events", "ended"), TABLES)
def test_every_state_can_end(
    steps: Steps, states: type[StrEnum], events: type[StrEnum], ended: set[StrEnum]
) -> None:
    for state in states:
        assert reachable(steps, state) & ended, f"{state} never ends"


@pytest.mark.parametrize(("next_state", "steps", "states", "events"), NEXT)
def test_what_the_table_does_not_list_changes_nothing(
    next_state: Callable[[Any, Any], Any], steps: Steps, states: type[StrEnum], events: type[StrEnum]
) -> None:
    for state in states:
        for event in events:
            assert next_state(state, event) == steps.get((state, event))


def test_no_command_leaves_unknown() -> None:
    leaving = {event for state, event in payment.STEPS if state is AttemptState.UNKNOWN}
    assert leaving == {
        AttemptEvent.APPROVED,
        AttemptEvent.DECLINED,
        AttemptEvent.PENDING,
        AttemptEvent.ABSENT,
    }


def test_nothing_leads_back_to_before_sending() -> None:
    for state in AttemptState:
        if state is not AttemptState.OPEN:
            assert AttemptState.OPEN not in reachable(payment.STEPS, state)
            assert AttemptState.SENDING not in reachable(payment.STEPS, state) - {state}


def test_only_the_command_to_charge_puts_a_card_at_risk() -> None:
    into_sending = {step for step, after in payment.STEPS.items() if after is AttemptState.SENDING}
    assert into_sending == {(AttemptState.OPEN, AttemptEvent.CHARGE)}


def test_an_attempt_with_money_at_risk_holds_the_debt() -> None:
    assert payment.MONEY_AT_RISK < payment.HOLDS_DEBT
    assert payment.HOLDS_DEBT.isdisjoint(payment.ENDED)
    assert set(AttemptState) == payment.HOLDS_DEBT | payment.ENDED


def test_silence_never_says_that_nothing_was_charged() -> None:
    for state in AttemptState:
        after = payment.next_state(state, AttemptEvent.NO_ANSWER)
        assert after in (None, AttemptState.UNKNOWN)


def test_approval_always_wins_and_is_never_undone() -> None:
    for state in AttemptState:
        if state is not AttemptState.APPROVED:
            assert payment.next_state(state, AttemptEvent.APPROVED) is AttemptState.APPROVED
    assert reachable(payment.STEPS, AttemptState.APPROVED) == {AttemptState.APPROVED}


def test_absence_is_believed_only_of_an_unknown_attempt() -> None:
    assert [state for state, event in payment.STEPS if event is AttemptEvent.ABSENT] == [AttemptState.UNKNOWN]


SHOWN = (AttemptEvent.APPROVED, AttemptEvent.PENDING, AttemptEvent.DIFFERS)
DENIED = (AttemptEvent.DECLINED, AttemptEvent.REFUSED, AttemptEvent.ABSENT)


@pytest.mark.parametrize("state", AttemptState)
@pytest.mark.parametrize("event", SHOWN)
def test_a_charge_that_the_provider_shows_never_leaves_the_debt_free(
    state: AttemptState, event: AttemptEvent
) -> None:
    after = payment.next_state(state, event) or state
    assert after in payment.HOLDS_DEBT | {AttemptState.APPROVED}


@given(st.lists(st.sampled_from(AttemptEvent)))
def test_there_is_no_way_from_a_charge_that_was_shown_to_a_new_attempt_but_a_later_no(
    events: list[AttemptEvent],
) -> None:
    """Whatever people were told or decided before it was shown."""
    state, shown = AttemptState.OPEN, False
    for event in events:
        state = payment.next_state(state, event) or state
        shown = event in SHOWN or (shown and event not in DENIED)
        assert not shown or state in payment.HOLDS_DEBT | {AttemptState.APPROVED}


@given(st.lists(st.sampled_from(AttemptEvent)))
def test_whatever_order_news_comes_in_the_last_word_is_the_money(events: list[AttemptEvent]) -> None:
    state = AttemptState.OPEN
    for event in [AttemptEvent.CHARGE, *events]:
        state = payment.next_state(state, event) or state
    assert (state is AttemptState.APPROVED) is (AttemptEvent.APPROVED in events)


@given(st.lists(st.sampled_from(AttemptEvent)))
def test_a_charge_that_was_sent_is_called_not_sent_only_on_proof(events: list[AttemptEvent]) -> None:
    state = AttemptState.SENDING
    for event in events:
        state = payment.next_state(state, event) or state
    if state is AttemptState.NOT_SENT:
        assert {AttemptEvent.REFUSED, AttemptEvent.ABSENT} & set(events)


def test_a_token_is_spent_only_from_a_session_that_has_one() -> None:
    into = {state for (state, _), after in capture.STEPS.items() if after is CaptureState.SPENT}
    assert into == {CaptureState.TOKENISED}


def test_a_token_that_comes_after_a_cancel_is_dropped() -> None:
    after = capture.next_state(CaptureState.CANCELLING, CaptureEvent.TOKEN)
    assert after is CaptureState.CLOSED


def test_the_line_is_masked_until_the_card_is_a_token_or_the_session_is_over() -> None:
    assert set(CaptureState) - capture.LIVE == capture.ENDED | {CaptureState.TOKENISED}


def test_every_kind_of_decline_has_advice() -> None:
    assert set(payment.ADVICE) == set(payment.DeclineKind)
    assert set(payment.ADVICE.values()) == set(payment.Advice)


# ---------------------------------------------------------------- refunds
def test_only_evidence_of_the_refund_leaves_its_unknown() -> None:
    leaving = {event for state, event in refund.STEPS if state is RefundState.UNKNOWN}
    assert leaving == {RefundEvent.DONE, RefundEvent.PENDING, RefundEvent.FAILED, RefundEvent.ABSENT}


def test_no_refund_is_ever_sent_a_second_time() -> None:
    assert RefundState.SENDING not in refund.STEPS.values()


def test_silence_never_says_that_nothing_was_refunded() -> None:
    for state in RefundState:
        assert refund.next_state(state, RefundEvent.NO_ANSWER) in (None, RefundState.UNKNOWN)


def test_absence_is_believed_only_of_an_unknown_refund() -> None:
    assert [state for state, event in refund.STEPS if event is RefundEvent.ABSENT] == [RefundState.UNKNOWN]


def test_a_refund_that_may_have_moved_money_holds_its_amount() -> None:
    assert refund.MONEY_AT_RISK < refund.HOLDS_AMOUNT
    assert set(RefundState) == refund.MONEY_AT_RISK | refund.ENDED
    assert refund.MONEY_AT_RISK.isdisjoint(refund.ENDED)
    assert set(RefundState) - refund.HOLDS_AMOUNT == {RefundState.FAILED, RefundState.NOT_SENT}


def test_a_failed_refund_is_the_end_of_it() -> None:
    assert reachable(refund.STEPS, RefundState.FAILED) == {RefundState.FAILED}


@pytest.mark.parametrize("state", RefundState)
@pytest.mark.parametrize("event", RefundEvent)
def test_reversals_and_late_refunds_are_told_apart(state: RefundState, event: RefundEvent) -> None:
    after = refund.next_state(state, event)
    assert refund.is_reversal(state, event) is (state is RefundState.DONE and after is RefundState.FAILED)
    assert refund.is_late_success(state, event) is (state is RefundState.NOT_SENT and after is not None)
    promised = state in (RefundState.PENDING, RefundState.UNKNOWN)
    assert refund.is_broken_promise(state, event) is (
        promised and after in (RefundState.FAILED, RefundState.NOT_SENT)
    )


@given(st.lists(st.sampled_from(RefundEvent)))
def test_whatever_order_news_of_a_refund_comes_in_its_failure_is_the_last_word(
    events: list[RefundEvent],
) -> None:
    """Once the provider has taken the refund up; before that a refusal or absence may have closed it."""
    state = RefundState.PENDING
    for event in events:
        state = refund.next_state(state, event) or state
    if RefundEvent.FAILED in events:
        assert state is RefundState.FAILED
    else:
        assert state is (RefundState.DONE if RefundEvent.DONE in events else RefundState.PENDING)


@given(st.lists(st.sampled_from(RefundEvent)))
def test_a_refund_that_was_sent_is_called_not_sent_only_on_proof(events: list[RefundEvent]) -> None:
    state = RefundState.SENDING
    for event in events:
        state = refund.next_state(state, event) or state
    if state is RefundState.NOT_SENT:
        assert {RefundEvent.REFUSED, RefundEvent.ABSENT} & set(events)
