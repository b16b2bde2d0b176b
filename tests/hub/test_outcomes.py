"""Money evidence: every outcome, and what arrives late, twice, early or about something else."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from agentdesk.adapters.base import Decline, NotSent, OutcomeUnknown, RateLimited, Rejected
from agentdesk.domain.capture import CaptureEvent
from agentdesk.domain.ids import now
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent, AttemptState, DeclineKind
from agentdesk.hub import outcomes
from agentdesk.hub.db.query import lock_attempt
from agentdesk.hub.db.tables import Attempt, AttemptDebt, Event, WriteBack
from tests.hub.till import Till
from tests.until import WITHIN_S

pytestmark = pytest.mark.anyio


async def test_approved_charge_is_kept_and_owed_to_everybody(till: Till) -> None:
    attempt_id = await till.paid(receipt_email="amara@example.com")
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.authorization_code) == (AttemptState.APPROVED, "A1B2C3")
    assert attempt.ended_at
    assert sorted(row.kind for row in await till.rows(WriteBack)) == [
        "accounts",
        "customer_record",
        "receipt",
    ]
    assert [row.holding for row in await till.rows(AttemptDebt)] == [False]


async def test_declined_charge_frees_the_debt_and_owes_nothing(till: Till) -> None:
    attempt_id = await till.sending()
    decline = Decline(DeclineKind.SENSITIVE, raw_code="stolen_card")
    await till.learn(attempt_id, AttemptEvent.DECLINED, decline=decline)
    attempt = await till.attempt(attempt_id)
    assert attempt.state == AttemptState.DECLINED
    assert attempt.decline
    assert attempt.decline.kind is DeclineKind.GENERIC  # why it is sensitive is never shown
    assert await till.rows(WriteBack) == []
    assert [row.holding for row in await till.rows(AttemptDebt)] == [False]


@pytest.mark.allow_log("charge not executed")
@pytest.mark.parametrize("error", [NotSent("no route"), Rejected("bad token")])
async def test_charge_that_was_not_executed_is_not_sent(till: Till, error: Exception) -> None:
    attempt_id = await till.sending()
    till.bank.fails["charge"] = error
    await till.charge(attempt_id)
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, bool(attempt.not_sent_reason)) == (AttemptState.NOT_SENT, True)


@pytest.mark.allow_log("charge without an answer")
@pytest.mark.parametrize("error", [OutcomeUnknown("time-out"), RateLimited()])
async def test_charge_without_an_answer_is_unknown_holds_the_debt_and_is_looked_up(
    till: Till, error: Exception
) -> None:
    attempt_id = await till.sending()
    till.bank.fails["charge"] = error
    await till.charge(attempt_id)
    attempt = await till.attempt(attempt_id)
    assert attempt.state == AttemptState.UNKNOWN
    assert attempt.check
    assert attempt.check.next_at
    assert [row.holding for row in await till.rows(AttemptDebt)] == [True]
    assert len(await till.jobs("ask_processor")) == 2  # the one deferred with the intent, and the ladder's


async def test_charge_is_committed_before_it_is_sent(till: Till) -> None:
    attempt_id = await till.sending()

    async def look() -> None:
        seen.append((await till.row(Attempt, attempt_id)).state)

    seen: list[str] = []
    till.bank.meanwhile["charge"] = look
    await till.charge(attempt_id)
    assert seen == ["sending"]


@pytest.mark.allow_log("charge held back")
async def test_charge_is_not_sent_once_its_outcome_is_being_looked_up(till: Till) -> None:
    """A machine that slept between commit and sending: people were told otherwise meanwhile."""
    attempt_id = await till.sending()
    await till.learn(attempt_id, AttemptEvent.NO_ANSWER)
    await till.charge(attempt_id)
    assert till.bank.asked == []


@pytest.mark.parametrize("gone", [AttemptState.SENDING, AttemptState.UNKNOWN])
async def test_lost_charge_is_found(till: Till, gone: AttemptState) -> None:
    attempt_id = await till.sending()
    if gone is AttemptState.UNKNOWN:
        await till.learn(attempt_id, AttemptEvent.NO_ANSWER)
    till.bank.known = [
        till.bank.says(AttemptEvent.APPROVED, attempt_id, Money(12336, "GBP"), seen_via="lookup")
    ]
    await outcomes.ask_processor(till.hub, attempt_id)
    assert (await till.attempt(attempt_id)).state == AttemptState.APPROVED


async def _sent_long_ago(till: Till, attempt_id: str) -> None:
    await till.change(Attempt, attempt_id, sent_at=now() - timedelta(minutes=10))


async def test_absence_proves_nothing_before_the_lag_is_over(till: Till) -> None:
    attempt_id = await till.sending()
    for _ in range(8):
        await till.ask(attempt_id)
    assert (await till.attempt(attempt_id)).state == AttemptState.UNKNOWN


async def test_look_ups_that_a_person_asks_for_between_the_planned_ones_prove_nothing(till: Till) -> None:
    attempt_id = await till.sending()
    await _sent_long_ago(till, attempt_id)
    for _ in range(8):
        await outcomes.ask_processor(till.hub, attempt_id)
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.check and attempt.check.asked) == (AttemptState.UNKNOWN, 0)


@pytest.mark.allow_log("charge held back: it is too late")
async def test_process_that_stood_still_until_the_look_up_sends_nothing_any_more(till: Till) -> None:
    attempt_id = await till.sending()
    late = now() - timedelta(seconds=outcomes.FOLLOW_AFTER_S)
    await till.change(Attempt, attempt_id, sent_at=late)
    await till.charge(attempt_id)
    assert till.bank.asked == []
    assert (await till.attempt(attempt_id)).state == AttemptState.UNKNOWN
    assert await till.jobs("ask_processor")


@pytest.mark.allow_log("evidence differs")
@pytest.mark.parametrize("missing", ["amount", "our_ref"])
async def test_approval_that_does_not_say_how_much_or_of_what_is_an_alarm(till: Till, missing: str) -> None:
    attempt_id = await till.sending()
    await till.learn(attempt_id, AttemptEvent.APPROVED, **{missing: None})
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.alarm_open) == (AttemptState.SENDING, True)
    assert await till.rows(WriteBack) == []


async def test_absence_is_proven_by_several_look_ups_after_the_lag(till: Till) -> None:
    attempt_id = await till.sending()
    await _sent_long_ago(till, attempt_id)
    for _ in range(5):
        await till.ask(attempt_id)
        assert (await till.attempt(attempt_id)).state == AttemptState.UNKNOWN  # it may be under way
    await till.ask(attempt_id)
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.not_sent_reason) == (
        AttemptState.NOT_SENT,
        "The payment provider has no such charge.",
    )


@pytest.mark.allow_log("look-up failed")
async def test_look_up_that_fails_proves_nothing_and_is_repeated(till: Till) -> None:
    attempt_id = await till.sending()
    await _sent_long_ago(till, attempt_id)
    for _ in range(6):
        till.bank.fails["find"] = NotSent("down")
        await till.ask(attempt_id)
    attempt = await till.attempt(attempt_id)
    assert attempt.state == AttemptState.UNKNOWN
    assert attempt.check
    assert attempt.check.asked == 5  # the first, which found it sending, planned them


async def test_pending_payment_that_a_look_up_does_not_find_goes_on_being_looked_up(till: Till) -> None:
    attempt_id = await till.sending()
    await till.learn(attempt_id, AttemptEvent.PENDING)
    await _sent_long_ago(till, attempt_id)
    for _ in range(6):
        await till.change(Attempt, attempt_id, next_ask_at=now())
        before = len(await till.jobs("ask_processor"))
        await outcomes.ask_processor(till.hub, attempt_id)
        assert len(await till.jobs("ask_processor")) == before + 1
    assert (await till.attempt(attempt_id)).state == AttemptState.PENDING


async def test_look_ups_that_say_nothing_new_do_not_fill_the_time_line(till: Till) -> None:
    attempt_id = await till.sending()
    await till.learn(attempt_id, AttemptEvent.PENDING)
    before = await till.titles(attempt_id)
    for _ in range(3):
        await till.learn(attempt_id, AttemptEvent.PENDING, seen_via="lookup")
    assert await till.titles(attempt_id) == before


async def test_same_evidence_twice_is_one_line(till: Till) -> None:
    attempt_id = await till.sending()
    for _ in range(2):
        await till.learn(attempt_id, AttemptEvent.APPROVED, event_id="evt_1", seen_via="webhook")
    assert (await till.titles(attempt_id)).count("Approved") == 1
    assert len(await till.rows(WriteBack)) == 2


async def test_reply_after_the_webhook_adds_what_the_webhook_did_not_know(till: Till) -> None:
    attempt_id = await till.sending()
    await till.learn(
        attempt_id, AttemptEvent.APPROVED, seen_via="webhook", authorization_code=None, event_id="evt_1"
    )
    await till.learn(attempt_id, AttemptEvent.APPROVED)
    assert (await till.attempt(attempt_id)).authorization_code == "A1B2C3"


async def test_same_answer_again_is_in_the_time_line_and_tells_nobody(till: Till) -> None:
    attempt_id = await till.paid()
    told = len(await till.rows(Event))
    await till.learn(attempt_id, AttemptEvent.APPROVED, seen_via="webhook", event_id="evt_9")
    assert "The same answer again" in await till.titles(attempt_id)
    assert len(await till.rows(Event)) == told


@pytest.mark.parametrize("late", [AttemptEvent.DECLINED, AttemptEvent.PENDING, AttemptEvent.NO_ANSWER])
async def test_nothing_takes_an_approval_back(till: Till, late: AttemptEvent) -> None:
    attempt_id = await till.paid()
    await till.learn(attempt_id, late)
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.alarm) == (AttemptState.APPROVED, None)
    assert "The same answer again" not in await till.titles(attempt_id)


@pytest.mark.allow_log("evidence differs|late success")
@pytest.mark.parametrize("told", [AttemptEvent.DECLINED, AttemptEvent.REFUSED])
async def test_late_success_wins_is_flagged_and_written_back(till: Till, told: AttemptEvent) -> None:
    attempt_id = await till.sending()
    await till.learn(attempt_id, told)
    await till.learn(attempt_id, AttemptEvent.APPROVED)
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.late_success, attempt.alarm) == (AttemptState.APPROVED, True, None)
    assert attempt.not_sent_reason is None  # no word of "not charged" beside an approval
    assert len(await till.rows(WriteBack)) == 2
    assert "Approved after all, it had been told as not charged" in await till.titles(attempt_id)


@pytest.mark.allow_log("late success")
async def test_money_for_an_attempt_that_was_closed_unsent_is_recorded(till: Till) -> None:
    attempt_id = await till.start(await till.intent())
    await till.capture(attempt_id, CaptureEvent.FAILED, reason="The caller had too many tries.")
    assert (await till.attempt(attempt_id)).state == AttemptState.NOT_SENT
    await till.learn(attempt_id, AttemptEvent.APPROVED)
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.late_success) == (AttemptState.APPROVED, True)


async def _submit_and_charge(till: Till, attempt_id: str) -> None:
    """Submit and charge."""
    await till.submit(attempt_id)
    assert await till.token(attempt_id)
    await till.charge(attempt_id)


@pytest.mark.allow_log("late success|two charges")
async def test_two_charges_of_one_payment_are_an_alarm_and_posted_once(till: Till) -> None:
    first = await till.sending()
    await till.learn(first, AttemptEvent.DECLINED)
    second = await till.start((await till.show(first)).intent_id)
    await till.key_card(second)
    await _submit_and_charge(till, second)
    await till.learn(first, AttemptEvent.APPROVED)
    shown = await till.show(first)
    assert [one.state for one in shown.attempts] == [AttemptState.APPROVED, AttemptState.APPROVED]
    assert "refund" in str(shown.attempts[0].alarm)
    assert len([row for row in await till.rows(WriteBack) if row.kind == "accounts"]) == 1


@pytest.mark.allow_log("late success|two charges")
async def test_late_success_on_a_debt_another_payment_has_paid_is_an_alarm(till: Till) -> None:
    first = await till.sending()
    await till.learn(first, AttemptEvent.DECLINED)
    other = await till.paid()
    await till.learn(first, AttemptEvent.APPROVED)
    attempt = await till.attempt(first)
    assert (attempt.state, attempt.late_success) == (AttemptState.APPROVED, True)
    assert (await till.show(other)).short_reference in str(attempt.alarm)
    assert len([row for row in await till.rows(WriteBack) if row.kind == "accounts"]) == 2  # money is booked


@pytest.mark.allow_log("late success|two charges")
async def test_late_success_while_another_attempt_holds_the_debt_is_recorded(till: Till) -> None:
    first = await till.sending()
    await till.learn(first, AttemptEvent.DECLINED)
    other = await till.sending()
    await till.learn(first, AttemptEvent.APPROVED)
    assert (await till.attempt(first)).late_success
    await till.charge(other)
    assert "refund" in str((await till.attempt(other)).alarm)


@pytest.mark.allow_log("late success|two charges")
async def test_two_charges_for_one_debt_that_are_learnt_at_once_are_an_alarm(till: Till) -> None:
    first = await till.sending()
    await till.learn(first, AttemptEvent.DECLINED)
    other = await till.sending()
    async with till.hub.sessions.begin() as session:
        late = till.bank.says(AttemptEvent.APPROVED, first, Money(12336, "GBP"))
        await outcomes.apply(till.hub, session, await lock_attempt(session, first), late)
        await session.flush()
        learning = asyncio.create_task(till.learn(other, AttemptEvent.APPROVED))
        async with asyncio.timeout(WITHIN_S):
            while not (learning.done() or await session.scalar(text(_SOMEBODY_WAITS))):
                pass
    await learning
    assert "One of the two needs a refund" in str((await till.attempt(other)).alarm)


_SOMEBODY_WAITS = (
    "select exists (select from pg_locks join pg_database on oid = database"
    " where not granted and datname = current_database())"
)


@pytest.mark.allow_log("evidence differs")
@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"amount": Money(12337, "GBP")}, "£123.37"),
        ({"amount": Money(12336, "EUR")}, "€123.36"),
        ({"our_ref": "pa_other"}, "another payment"),
        ({"live": True}, "live side"),
    ],
)
async def test_evidence_that_differs_is_an_alarm_and_never_an_update(
    till: Till, more: dict[str, object], words: str
) -> None:
    attempt_id = await till.sending()
    await till.learn(attempt_id, AttemptEvent.APPROVED, **more)
    attempt = await till.attempt(attempt_id)
    assert attempt.state == AttemptState.SENDING
    assert words in str(attempt.alarm)
    assert await till.rows(WriteBack) == []


@pytest.mark.allow_log("evidence differs|late success")
async def test_a_charge_that_is_not_decided_after_it_was_told_as_not_sent_is_an_alarm_and_followed(
    till: Till,
) -> None:
    attempt_id = await till.sending()
    await till.learn(attempt_id, AttemptEvent.REFUSED)
    await till.learn(attempt_id, AttemptEvent.PENDING, seen_via="webhook")
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.alarm_open) == (AttemptState.PENDING, True)
    till.bank.known = [till.bank.says(AttemptEvent.PENDING, attempt_id, seen_via="lookup")]
    assert len(await till.jobs("ask_processor")) == 2  # that of the charge, and one that goes on
    await outcomes.ask_processor(till.hub, attempt_id)
    assert (await till.titles(attempt_id)).count("Evidence differs") == 1
    till.bank.known = [
        till.bank.says(AttemptEvent.APPROVED, attempt_id, Money(12336, "GBP"), seen_via="lookup")
    ]
    await outcomes.ask_processor(till.hub, attempt_id)
    assert (await till.attempt(attempt_id)).late_success


@pytest.mark.allow_log("evidence differs")
async def test_second_charge_of_one_attempt_is_an_alarm(till: Till) -> None:
    attempt_id = await till.paid()
    await till.learn(attempt_id, AttemptEvent.APPROVED, provider_ids={"payment_intent": "pi_other"})
    attempt = await till.attempt(attempt_id)
    assert "second charge" in str(attempt.alarm)
    assert attempt.state == AttemptState.APPROVED


async def test_agent_is_told_of_every_change(till: Till) -> None:
    attempt_id = await till.sending()
    before = (await till.show(attempt_id)).version
    await till.learn(attempt_id, AttemptEvent.PENDING)
    await till.learn(attempt_id, AttemptEvent.APPROVED)
    assert (await till.show(attempt_id)).version == before + 2
