"""What a supervisor decides: the provider's answer first, a person's word next, money always."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from agentdesk.adapters.base import Find, MoneyEvidence, NotSent, Rejected
from agentdesk.domain.errors import Conflict, Invalid, NotAllowed
from agentdesk.domain.ids import new_ulid, now
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.domain.people import Role
from agentdesk.hub import auth, days, decisions, outcomes
from agentdesk.hub.auth import Who
from agentdesk.hub.db.tables import Attempt, AttemptDebt, AuditEntry, User, WriteBack
from agentdesk.wire import payments as wire
from agentdesk.wire.work import Decision, WorkKind
from tests.hub.conftest import client_of
from tests.hub.test_work import listed, unknown
from tests.hub.till import Till

pytestmark = pytest.mark.anyio
AMOUNT = Money(12336, "GBP")
DOWN = pytest.mark.allow_log("look-up failed|look-up by reference failed")


def word(outcome: str = "approved", **more: Any) -> Decision:
    """Return what a supervisor says, under a new key."""
    told = {"key": new_ulid(), "outcome": outcome, "seen": "Provider's page, 10:30", "reason": "Caller waits"}
    return Decision(**{**told, "reference": "pi_8K2" if outcome == "approved" else None, **more})


async def supervisor(till: Till) -> Who:
    """Return a supervisor."""
    return await till.colleague(Role.SUPERVISOR)


async def decide(till: Till, who: Who, attempt_id: str, decision: Decision) -> wire.Attempt:
    """Decide, and return the attempt as the agent then sees it."""
    await decisions.decide(till.hub, who, attempt_id, decision)
    return await till.attempt(attempt_id)


def bank_is_down(till: Till) -> None:
    """Let the bank not answer the next look-ups."""

    async def find(query: Find) -> list[MoneyEvidence]:
        raise NotSent("down")

    till.bank.find = find  # type: ignore[method-assign]


def bank_is_up(till: Till, *known: MoneyEvidence) -> None:
    """Let the bank answer look-ups again, with this."""
    till.bank.__dict__.pop("find", None)
    till.bank.known = list(known)


async def audited(till: Till) -> list[tuple[str | None, str]]:
    """Return who decided, and how that went."""
    rows = [row for row in await till.rows(AuditEntry) if row.action == "payment.decide"]
    return [(row.user_id, row.result) for row in rows]


# ---------------------------------------------------------------- a person's word
@DOWN
async def test_charged_is_evidence_of_a_person_and_is_written_back(till: Till) -> None:
    attempt_id, who = await unknown(till), await supervisor(till)
    bank_is_down(till)
    attempt = await decide(till, who, attempt_id, word())
    assert (attempt.state, attempt.late_success, attempt.alarm_open) == (AttemptState.APPROVED, False, False)
    assert attempt.decision
    assert (attempt.decision.by, attempt.decision.final) == (["Sam"], True)
    assert attempt.decision.reference == "pi_8K2"
    assert sorted(row.kind for row in await till.rows(WriteBack)) == ["accounts", "customer_record"]
    assert "A supervisor decided: it was charged" in await till.titles(attempt_id)
    assert await audited(till) == [(who.user_id, "done")]
    assert await listed(till) == []


@DOWN
@pytest.mark.parametrize("outcome", ["declined", "not_sent"])
async def test_not_charged_takes_two_supervisors_and_then_frees_the_debt(till: Till, outcome: str) -> None:
    attempt_id, first, second = await unknown(till), await supervisor(till), await supervisor(till)
    bank_is_down(till)
    for _ in range(2):  # one person twice is one person
        attempt = await decide(till, first, attempt_id, word(outcome))
        assert attempt.state == AttemptState.UNKNOWN
        assert attempt.decision
        assert not attempt.decision.final
    assert [row.holding for row in await till.rows(AttemptDebt)] == [True]
    assert "second supervisor" in (await listed(till))[0].detail
    attempt = await decide(till, second, attempt_id, word(outcome))
    assert attempt.state == outcome
    assert attempt.decision
    assert (len(attempt.decision.by), attempt.decision.final) == (2, True)
    assert [row.holding for row in await till.rows(AttemptDebt)] == [False]
    assert await till.rows(WriteBack) == []
    waits = "waits for a second supervisor"
    assert [result for _, result in await audited(till)] == [waits, waits, "done"]


@pytest.mark.parametrize("outcome", ["approved", "declined", "not_sent"])
async def test_nobody_decides_a_payment_of_their_own(till: Till, outcome: str) -> None:
    attempt_id = await unknown(till)
    with pytest.raises(NotAllowed) as refused:
        await decisions.decide(till.hub, till.who, attempt_id, word(outcome))
    assert refused.value.code == "not_your_own"
    assert (await till.attempt(attempt_id)).decision is None


@DOWN
async def test_second_supervisor_who_says_otherwise_is_a_first_word_again(till: Till) -> None:
    attempt_id, first, second = await unknown(till), await supervisor(till), await supervisor(till)
    bank_is_down(till)
    await decide(till, first, attempt_id, word("declined"))
    attempt = await decide(till, second, attempt_id, word("not_sent"))
    assert attempt.state == AttemptState.UNKNOWN
    assert (await decide(till, first, attempt_id, word("not_sent"))).state == AttemptState.NOT_SENT


@DOWN
async def test_same_key_is_one_word(till: Till) -> None:
    attempt_id, who, said = await unknown(till), await supervisor(till), word()
    bank_is_down(till)
    shown = await asyncio.gather(*(decisions.decide(till.hub, who, attempt_id, said) for _ in range(3)))
    assert {one.state for one in shown} == {AttemptState.APPROVED}
    assert (await till.titles(attempt_id)).count("A supervisor decided: it was charged") == 1
    assert len(await audited(till)) == 1
    assert len(await till.rows(WriteBack)) == 2


@DOWN
async def test_two_supervisors_who_differ_at_once_are_one_outcome(till: Till) -> None:
    attempt_id, first, second = await unknown(till), await supervisor(till), await supervisor(till)
    bank_is_down(till)
    await decide(till, first, attempt_id, word("not_sent"))
    done = await asyncio.gather(
        decisions.decide(till.hub, first, attempt_id, word()),
        decisions.decide(till.hub, second, attempt_id, word("not_sent")),
        return_exceptions=True,
    )
    ended = await till.attempt(attempt_id)
    assert ended.state in (AttemptState.APPROVED, AttemptState.NOT_SENT)
    assert len([one for one in done if isinstance(one, wire.PaymentIntent) and one.state == ended.state]) >= 1


async def test_nothing_is_decided_before_the_look_ups_are_over(till: Till) -> None:
    attempt_id, who = await unknown(till, timedelta(minutes=4)), await supervisor(till)
    with pytest.raises(Conflict) as refused:
        await decide(till, who, attempt_id, word())
    assert refused.value.code == "decision_too_early"
    assert till.bank.asked == []


async def test_what_has_ended_is_not_decided(till: Till) -> None:
    attempt_id, who = await till.paid(), await supervisor(till)
    with pytest.raises(Conflict, match="approved"):
        await decide(till, who, attempt_id, word("declined"))


async def test_charged_needs_the_providers_reference(till: Till) -> None:
    with pytest.raises(Invalid, match="reference"):
        await decide(till, await supervisor(till), await unknown(till), word(reference=None))


@DOWN
async def test_pending_can_be_ended_but_not_said_to_be_unsent(till: Till) -> None:
    attempt_id, who = await till.sending(), await supervisor(till)
    await till.learn(attempt_id, AttemptEvent.PENDING)
    await till.change(Attempt, attempt_id, sent_at=now() - timedelta(minutes=20))
    bank_is_down(till)
    with pytest.raises(Conflict, match="not decided by the provider yet"):
        await decide(till, who, attempt_id, word("not_sent"))
    assert (await decide(till, who, attempt_id, word())).state == AttemptState.APPROVED


# ---------------------------------------------------------------- the provider's answer wins
@pytest.mark.parametrize("answer", [AttemptEvent.APPROVED, AttemptEvent.DECLINED])
async def test_provider_that_answers_is_right_whatever_the_person_says(
    till: Till, answer: AttemptEvent
) -> None:
    attempt_id, who = await unknown(till), await supervisor(till)
    bank_is_up(till, till.bank.says(answer, attempt_id, AMOUNT, seen_via="lookup"))
    said = word("declined" if answer is AttemptEvent.APPROVED else "approved")
    attempt = await decide(till, who, attempt_id, said)
    assert (attempt.state, attempt.decision) == (answer.value, None)
    assert await audited(till) == [(who.user_id, f"the provider says {answer}")]


async def test_provider_that_has_not_decided_is_not_overruled(till: Till) -> None:
    attempt_id, who = await unknown(till), await supervisor(till)
    bank_is_up(till, till.bank.says(AttemptEvent.PENDING, attempt_id, AMOUNT, seen_via="lookup"))
    with pytest.raises(Conflict) as refused:
        await decide(till, who, attempt_id, word("declined"))
    assert refused.value.code == "decision_pending"
    assert (await till.attempt(attempt_id)).state == AttemptState.PENDING  # what it answered is kept
    assert await audited(till) == [(who.user_id, "refused: decision_pending")]


@pytest.mark.allow_log("evidence differs")
async def test_a_charge_of_another_amount_is_not_said_to_be_no_charge(till: Till) -> None:
    attempt_id, ruth = await unknown(till), await supervisor(till)
    seen = till.bank.says(AttemptEvent.APPROVED, attempt_id, Money(100, "GBP"), seen_via="lookup")
    bank_is_up(till, seen)
    for who in (ruth, await supervisor(till)):
        with pytest.raises(Conflict) as refused:
            await decide(till, who, attempt_id, word("not_sent"))
        assert refused.value.code == "decision_charged"
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.alarm_open) == (AttemptState.UNKNOWN, True)
    assert [row.holding for row in await till.rows(AttemptDebt)] == [True]


@pytest.mark.parametrize("shown", [[], [{"our_ref": None}], [{"our_ref": "pa_other"}]])
async def test_reference_under_which_the_provider_shows_something_else_is_refused(
    till: Till, shown: list[dict[str, Any]]
) -> None:
    attempt_id, who = await unknown(till), await supervisor(till)
    told = [till.bank.says(AttemptEvent.APPROVED, attempt_id, AMOUNT, **more) for more in shown]

    async def find(query: Find) -> list[MoneyEvidence]:
        return told if query.reference else []

    till.bank.find = find  # type: ignore[method-assign]
    with pytest.raises(Conflict, match="pi_8K2"):
        await decide(till, who, attempt_id, word())
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.alarm) == (AttemptState.UNKNOWN, None)


async def test_reference_the_provider_does_not_know_is_refused(till: Till) -> None:
    attempt_id, who = await unknown(till), await supervisor(till)

    async def find(query: Find) -> list[MoneyEvidence]:
        if query.reference:
            raise Rejected("no such payment_intent")
        return []

    till.bank.find = find  # type: ignore[method-assign]
    with pytest.raises(Conflict, match="pi_8K2"):
        await decide(till, who, attempt_id, word())


async def test_charge_found_by_the_persons_reference_is_the_providers_evidence(till: Till) -> None:
    attempt_id, who = await unknown(till), await supervisor(till)
    told = till.bank.says(AttemptEvent.APPROVED, attempt_id, AMOUNT, seen_via="lookup")

    async def find(query: Find) -> list[MoneyEvidence]:
        return [told] if query.reference == "pi_8K2" else []

    till.bank.find = find  # type: ignore[method-assign]
    attempt = await decide(till, who, attempt_id, word())
    assert (attempt.state, attempt.authorization_code) == (AttemptState.APPROVED, "A1B2C3")
    assert attempt.decision is None


# ---------------------------------------------------------------- what comes later
@DOWN
@pytest.mark.allow_log("late success")
async def test_late_success_wins_over_two_supervisors_and_is_an_alarm(till: Till) -> None:
    attempt_id = await unknown(till)
    bank_is_down(till)
    for _ in range(2):
        await decide(till, await supervisor(till), attempt_id, word("not_sent"))
    await till.learn(attempt_id, AttemptEvent.APPROVED)
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.late_success, attempt.alarm_open) == (AttemptState.APPROVED, True, True)
    assert "a supervisor had decided" in str(attempt.alarm)
    assert attempt.not_sent_reason is None
    assert len(await till.rows(WriteBack)) == 2
    assert [item.kind for item in await listed(till)] == [WorkKind.ALARM]


@DOWN
@pytest.mark.allow_log("late success")
async def test_provider_is_asked_on_after_a_persons_word_until_it_answers(till: Till) -> None:
    attempt_id = await unknown(till)
    bank_is_down(till)
    for _ in range(2):
        await decide(till, await supervisor(till), attempt_id, word("declined"))
    planned = len(await till.jobs("ask_processor"))
    await till.change(Attempt, attempt_id, next_ask_at=now())
    await outcomes.ask_processor(till.hub, attempt_id)
    assert len(await till.jobs("ask_processor")) == planned + 1
    bank_is_up(till, till.bank.says(AttemptEvent.APPROVED, attempt_id, AMOUNT, seen_via="lookup"))
    await outcomes.ask_processor(till.hub, attempt_id)
    assert (await till.attempt(attempt_id)).late_success
    asked = len(till.bank.asked)
    await outcomes.ask_processor(till.hub, attempt_id)
    assert len(till.bank.asked) == asked


@pytest.mark.parametrize("outcome", ["declined", "not_sent"])
@pytest.mark.allow_log("look-up failed|evidence differs")
async def test_a_charge_that_is_not_decided_after_a_persons_no_is_one_alarm(till: Till, outcome: str) -> None:
    attempt_id = await unknown(till)
    bank_is_down(till)
    for who in (await supervisor(till), await supervisor(till)):
        await decide(till, who, attempt_id, word(outcome))
    for _ in range(2):
        bank_is_up(till, till.bank.says(AttemptEvent.PENDING, attempt_id, AMOUNT, seen_via="lookup"))
        await outcomes.ask_processor(till.hub, attempt_id)
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.alarm_open) == (AttemptState.PENDING, True)
    assert (await till.titles(attempt_id)).count("Evidence differs") == 1
    assert await till.holding() == [True]
    (item, _alarm) = await listed(till)
    assert "second supervisor" not in item.detail


@DOWN
async def test_provider_that_confirms_a_person_is_asked_no_more_and_adds_what_it_knows(till: Till) -> None:
    attempt_id = await unknown(till)
    bank_is_down(till)
    await decide(till, await supervisor(till), attempt_id, word())
    bank_is_up(till, till.bank.says(AttemptEvent.APPROVED, attempt_id, AMOUNT, seen_via="lookup"))
    await outcomes.ask_processor(till.hub, attempt_id)
    attempt = await till.attempt(attempt_id)
    assert (attempt.authorization_code, attempt.alarm, attempt.late_success) == ("A1B2C3", None, False)
    assert not (await till.row(Attempt, attempt_id)).to_confirm
    assert len(await till.rows(WriteBack)) == 2


@DOWN
@pytest.mark.allow_log("evidence differs")
async def test_charge_a_person_saw_and_the_provider_does_not_have_is_an_alarm(till: Till) -> None:
    attempt_id = await unknown(till)
    bank_is_down(till)
    await decide(till, await supervisor(till), attempt_id, word())
    bank_is_up(till)
    for _ in range(5):
        await till.ask(attempt_id)
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.alarm_open) == (AttemptState.APPROVED, True)
    assert "it was not charged; a supervisor had decided that it was" in str(attempt.alarm)
    reference = (await till.show(attempt_id)).reference
    assert f"Take its posting {reference} back in the accounts by hand" in str(attempt.alarm)
    assert not (await till.row(Attempt, attempt_id)).to_confirm


@DOWN
async def test_agent_finds_what_was_decided_today_among_their_open_work(till: Till) -> None:
    attempt_id = await unknown(till)
    bank_is_down(till)
    await decide(till, await supervisor(till), attempt_id, word())
    async with till.hub.sessions() as session:
        day = await days.agent_day(session, till.who, till.hub.settings)
    assert [one.attempts[0].decision is not None for one in day.open_work] == [True]


async def test_asking_the_provider_again_is_in_the_log(till: Till) -> None:
    attempt_id, who = await unknown(till), await supervisor(till)
    await decisions.look_up(till.hub, who, attempt_id)
    (entry,) = [row for row in await till.rows(AuditEntry) if row.action == "payment.look_up"]
    assert (entry.user_id, entry.detail) == (who.user_id, {"attempt_id": attempt_id})


# ---------------------------------------------------------------- the routes
@pytest.mark.allow_log("card number refused")
async def test_texts_with_a_card_number_go_no_further(admin_client: httpx.AsyncClient) -> None:
    number = " ".join(("5200", "8282", "8282", "8210"))
    body = word().model_dump(mode="json") | {"seen": f"card {number}"}
    answer = await admin_client.post("/v1/attempts/pa_1/decision", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "card_number_refused")


async def test_deciding_is_a_supervisors(hub_app: FastAPI, till: Till) -> None:
    async with till.hub.sessions.begin() as session:
        user = await session.get_one(User, till.who.user_id)
        token, _ = await auth.open_session(till.hub, session, user, "127.0.0.1")
    client = client_of(hub_app)
    client.headers["Authorization"] = f"Bearer {token}"
    bodies = {
        "/v1/attempts/pa_1/decision": word().model_dump(mode="json"),
        "/v1/attempts/pa_1/look-up": None,
        "/v1/attempts/pa_1/alarm/close": {"reason": "settled"},
        "/v1/write-backs/wb_1/done-by-hand": {"reference": "JNL-7", "reason": "posted"},
        "/v1/calls/call_1/help/coming": None,
    }
    for path, body in bodies.items():
        answer = await client.post(path, json=body)
        assert (path, answer.status_code) == (path, 403)
    assert (await client.get("/v1/work")).status_code == 403


@pytest.mark.parametrize("path", ["decision", "look-up", "alarm/close"])
async def test_attempt_that_is_not_there(admin_client: httpx.AsyncClient, path: str) -> None:
    bodies = {"decision": word().model_dump(mode="json"), "alarm/close": {"reason": "settled"}}
    answer = await admin_client.post(f"/v1/attempts/pa_none/{path}", json=bodies.get(path))
    assert (answer.status_code, answer.json()["code"]) == (404, "payment_unknown")
