"""What supervisors decide of a refund that stays unknown: by evidence, by two, and late truth wins."""

from datetime import timedelta
from typing import Any

import pytest

from agentdesk.adapters.base import FindRefund, NotSent, RefundEvidence
from agentdesk.domain.errors import AgentDeskError
from agentdesk.domain.ids import new_ulid, now
from agentdesk.domain.people import Role
from agentdesk.domain.refund import RefundEvent, RefundState
from agentdesk.hub import refund_decisions
from agentdesk.hub.auth import Who
from agentdesk.hub.db.tables import AuditEntry, Refund, WriteBack
from agentdesk.hub.jobs import sweeps
from agentdesk.wire import payments as wire
from agentdesk.wire.work import RefundOutcome
from tests.hub.test_sweeps import LONG_AGO, forget
from tests.hub.test_work import listed
from tests.hub.till import Till

pytestmark = [pytest.mark.anyio, pytest.mark.allow_log("look-up of a refund failed|refund without an answer")]


def word(outcome: str = "done", **more: Any) -> RefundOutcome:
    """Return what a supervisor says, under a new key."""
    told = {"key": new_ulid(), "outcome": outcome, "seen": "Provider's page, 10:30", "reason": "She waits"}
    return RefundOutcome(**{**told, "reference": "re_8K2" if outcome == "done" else None, **more})


async def ruth(till: Till) -> Who:
    """Return a supervisor."""
    return await till.colleague(Role.SUPERVISOR)


def down(till: Till) -> None:
    """Let the bank not answer look-ups of refunds."""

    async def find_refund(query: FindRefund) -> list[RefundEvidence]:
        raise NotSent("down")

    till.bank.find_refund = find_refund  # type: ignore[method-assign]


def up(till: Till, *known: RefundEvidence) -> None:
    """Let the bank answer them again, with this."""
    till.bank.__dict__.pop("find_refund", None)
    till.bank.refunds_known = list(known)


async def unknown(till: Till) -> tuple[str, wire.Refund]:
    """Return an attempt and a refund of it that nobody can tell of; the bank does not answer."""
    attempt_id = await till.paid()
    till.bank.refund_answer = RefundEvent.NO_ANSWER
    refund = await till.give_back(await ruth(till), attempt_id, 5000)
    await till.change(Refund, refund.refund_id, sent_at=now() - timedelta(hours=1))
    down(till)
    return attempt_id, refund


async def decide(till: Till, who: Who, refund: wire.Refund, said: RefundOutcome) -> wire.Refund:
    """Decide, and return the refund as it then is."""
    return (await refund_decisions.decide(till.hub, who, refund.refund_id, said)).refunds[-1]


async def why_not(till: Till, who: Who, refund: wire.Refund, said: RefundOutcome) -> str:
    """Return why a word does not count."""
    with pytest.raises(AgentDeskError) as refused:
        await decide(till, who, refund, said)
    return refused.value.code


async def test_that_it_went_back_is_one_persons_word_with_a_reference_and_is_posted(till: Till) -> None:
    attempt_id, refund = await unknown(till)
    assert await why_not(till, await ruth(till), refund, word(reference=None)) == "field_invalid"
    shown = await decide(till, await ruth(till), refund, word())
    assert (shown.state, shown.alarm) == (RefundState.DONE, None)
    assert [row.kind for row in await till.rows(WriteBack) if row.refund_id]
    assert "Sam decided: £50.00 went back" in await till.titles(attempt_id)
    assert [one.result for one in await till.rows(AuditEntry) if one.action == "refund.decide"] == ["done"]
    assert await listed(till) == []


async def test_that_nothing_went_back_takes_two_and_frees_the_amount(till: Till) -> None:
    attempt_id, refund = await unknown(till)
    first = await ruth(till)
    for said in (word("not_sent"), word("not_sent")):  # one person twice is one person
        assert (await decide(till, first, refund, said)).state is RefundState.UNKNOWN
    assert "second supervisor" in (await listed(till))[0].detail
    shown = await decide(till, await ruth(till), refund, word("not_sent"))
    assert (shown.state, shown.why) == (RefundState.NOT_SENT, "Supervisors found that nothing went back.")
    left = (await till.show(attempt_id)).refundable
    assert left
    assert left.minor == 12336


async def test_the_same_press_is_one_word(till: Till) -> None:
    _, refund = await unknown(till)
    who, said = await ruth(till), word("not_sent")
    for _ in range(2):
        await decide(till, who, refund, said)
    assert len([one for one in await till.rows(AuditEntry) if one.action == "refund.decide"]) == 1


async def test_nobody_decides_a_refund_of_their_own_or_too_early(till: Till) -> None:
    _, refund = await unknown(till)
    row = await till.row(Refund, refund.refund_id)
    own = Who(row.user_id, "sam", "Sam", Role.SUPERVISOR, None, "127.0.0.1", b"", now())
    assert await why_not(till, own, refund, word()) == "not_your_own"
    await till.change(Refund, refund.refund_id, sent_at=now())
    assert await why_not(till, await ruth(till), refund, word()) == "decision_too_early"


async def test_what_the_provider_answers_counts_before_any_word(till: Till) -> None:
    _, refund = await unknown(till)
    up(till)
    assert await why_not(till, await ruth(till), refund, word()) == "decision_differs"
    up(till, till.bank.says_of_refund(RefundEvent.PENDING, refund.refund_id, refund.amount.money))
    for said in (word(), word("not_sent")):
        assert await why_not(till, await ruth(till), refund, said) in ("refund_shown", "step_not_possible")
    done = till.bank.says_of_refund(RefundEvent.DONE, refund.refund_id, refund.amount.money)
    up(till, done)
    assert (await decide(till, await ruth(till), refund, word("not_sent"))).state is RefundState.DONE


@pytest.mark.allow_log("late refund")
@pytest.mark.parametrize("event", [RefundEvent.DONE, RefundEvent.PENDING])
async def test_late_truth_wins_over_two_words_and_is_flagged(till: Till, event: RefundEvent) -> None:
    attempt_id, refund = await unknown(till)
    for _ in range(2):
        await decide(till, await ruth(till), refund, word("not_sent"))
    assert (await till.row(Refund, refund.refund_id)).to_confirm
    seen = till.bank.says_of_refund(event, refund.refund_id, refund.amount.money, seen_via="lookup")
    up(till, seen)
    await till.ask_of_refund(refund.refund_id)
    shown = await till.refund(attempt_id)
    assert shown.state == event.value
    assert "goes back after all" in str(shown.alarm)


@pytest.mark.allow_log("a refund that a person saw is not there")
async def test_what_a_person_saw_and_the_provider_does_not_have_is_an_alarm_once(till: Till) -> None:
    attempt_id, refund = await unknown(till)
    await decide(till, await ruth(till), refund, word())
    up(till)
    for _ in range(6):
        await till.ask_of_refund(refund.refund_id)
    shown = await till.refund(attempt_id)
    assert (shown.state, "does not have it" in str(shown.alarm)) == (RefundState.DONE, True)
    assert f"Give £50.00 back there by hand: the accounts have it already, as {shown.reference}." in str(
        shown.alarm
    )
    assert not (await till.row(Refund, refund.refund_id)).to_confirm


async def test_a_provider_that_confirms_is_asked_no_more(till: Till) -> None:
    _, refund = await unknown(till)
    await decide(till, await ruth(till), refund, word())
    seen = till.bank.says_of_refund(
        RefundEvent.DONE, refund.refund_id, refund.amount.money, seen_via="lookup"
    )
    up(till, seen)
    await till.ask_of_refund(refund.refund_id)
    row = await till.row(Refund, refund.refund_id)
    assert (row.state, row.to_confirm, row.alarm) == ("done", False, None)


@pytest.mark.parametrize("says", [None, RefundEvent.FAILED])
async def test_a_word_that_was_confirmed_is_not_asked_about_for_ever(
    till: Till, says: RefundEvent | None
) -> None:
    _, refund = await unknown(till)
    for _ in range(2):
        shown = await decide(till, await ruth(till), refund, word("not_sent"))
    assert shown.state is RefundState.NOT_SENT
    up(till, *([till.bank.says_of_refund(says, refund.refund_id, seen_via="lookup")] if says else []))
    for _ in range(6):
        await till.ask_of_refund(refund.refund_id)
    row = await till.row(Refund, refund.refund_id)
    assert not row.to_confirm
    await forget(till)
    if row.next_ask_at is not None:
        await till.change(Refund, refund.refund_id, next_ask_at=now() - LONG_AGO)  # as time goes by
    await sweeps.sweep(till.hub)
    assert await till.jobs("ask_refund") == []
