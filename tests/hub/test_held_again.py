"""A charge that the provider shows after it was told as not charged holds its debt again, whoever told so."""

import pytest

from agentdesk.adapters.base import MoneyEvidence
from agentdesk.domain.errors import Conflict
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.hub import outcomes
from agentdesk.wire.model import Amount
from tests.hub.test_decisions import bank_is_down, bank_is_up, decide, supervisor, word
from tests.hub.test_work import unknown
from tests.hub.till import Till, refused, with_settings

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.allow_log("evidence differs|look-up failed|look-up by reference failed|late success"),
]
AMOUNT, LESS = Money(12336, "GBP"), Money(10000, "GBP")
PENDING, APPROVED = AttemptEvent.PENDING, AttemptEvent.APPROVED


async def denied(till: Till, outcome: str = "not_sent") -> str:
    """Return an attempt that two supervisors decided was not charged; the debt is free."""
    attempt_id = await unknown(till)
    bank_is_down(till)
    for who in (await supervisor(till), await supervisor(till)):
        await decide(till, who, attempt_id, word(outcome))
    assert await till.holding() == [False]
    return attempt_id


async def looked(till: Till, attempt_id: str, event: AttemptEvent, amount: Money = AMOUNT) -> MoneyEvidence:
    """Let a look-up show something."""
    shown = till.bank.says(event, attempt_id, amount, seen_via="lookup")
    bank_is_up(till, shown)
    await outcomes.ask_processor(till.hub, attempt_id)
    return shown


async def cannot_start(till: Till, intent_id: str) -> str:
    """Return why no other try starts."""
    return (await refused(Conflict, till.start(intent_id))).code


@pytest.mark.parametrize("minutes", [0, 30])
@pytest.mark.parametrize("outcome", ["declined", "not_sent"])
async def test_after_supervisors_said_no(till: Till, outcome: str, minutes: int) -> None:
    with_settings(till, duplicate_minutes=minutes)
    attempt_id = await denied(till, outcome)
    await looked(till, attempt_id, PENDING)
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.ended_at, attempt.decision) == (AttemptState.PENDING, None, None)
    assert await till.holding() == [True]
    assert await cannot_start(till, (await till.show(attempt_id)).intent_id) == "step_not_possible"
    assert await cannot_start(till, await till.intent()) == "already_being_paid"
    await looked(till, attempt_id, APPROVED)
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.late_success) == (AttemptState.APPROVED, True)
    assert "a supervisor had decided that it was not" in str(attempt.alarm)


@pytest.mark.parametrize("told", [AttemptEvent.REFUSED, AttemptEvent.ABSENT])
async def test_after_the_provider_itself_had_denied_it(till: Till, told: AttemptEvent) -> None:
    attempt_id = await unknown(till) if told is AttemptEvent.ABSENT else await till.sending()
    await till.learn(attempt_id, told)
    assert await till.holding() == [False]
    await till.learn(attempt_id, PENDING, seen_via="webhook")
    assert await till.holding() == [True]
    assert await cannot_start(till, await till.intent()) == "already_being_paid"
    await till.learn(attempt_id, AttemptEvent.DECLINED)  # and so it comes to an end
    assert await till.holding() == [False]


async def test_an_old_word_after_the_banks_no_is_none(till: Till) -> None:
    attempt_id = await till.sending()
    await till.learn(attempt_id, AttemptEvent.DECLINED)
    await till.learn(attempt_id, PENDING, seen_via="webhook")
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.alarm) == (AttemptState.DECLINED, None)
    assert await till.holding() == [False]


@pytest.mark.parametrize("outcome", ["declined", "not_sent"])
async def test_of_another_amount_it_is_unknown_until_somebody_accepts_it(till: Till, outcome: str) -> None:
    attempt_id = await denied(till, outcome)
    await looked(till, attempt_id, APPROVED, LESS)
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.alarm_open) == (AttemptState.UNKNOWN, True)
    assert await till.holding() == [True]
    asked = len(till.bank.asked)
    await till.ask(attempt_id)
    assert len(till.bank.asked) == asked + 1
    assert await cannot_start(till, await till.intent()) == "already_being_paid"
    attempt = await decide(till, await supervisor(till), attempt_id, word(charged=Amount.of(LESS)))
    assert (attempt.state, attempt.charged) == (AttemptState.APPROVED, Amount.of(LESS))


async def test_what_was_overruled_once_takes_two_new_words(till: Till) -> None:
    attempt_id = await denied(till)
    await till.learn(attempt_id, APPROVED, amount=LESS)
    bank_is_down(till)
    for left in (AttemptState.UNKNOWN, AttemptState.NOT_SENT):
        assert (await decide(till, await supervisor(till), attempt_id, word("not_sent"))).state is left


async def test_a_second_try_that_was_let_start_is_not_charged(till: Till) -> None:
    first = await denied(till)
    second = await till.submitted_of((await till.show(first)).intent_id, till.who)
    await looked(till, first, PENDING)
    assert sorted(await till.holding()) == [False, True]  # the database holds it for the second
    assert await till.token(second) is None
    assert (await till.attempt(second)).state is AttemptState.NOT_SENT
    assert await till.holding() == [False, False]
    for intent_id in ((await till.show(first)).intent_id, await till.intent()):  # the state holds it
        assert await cannot_start(till, intent_id) in ("step_not_possible", "already_being_paid")


async def test_the_link_of_a_second_try_is_closed(till: Till) -> None:
    first = await denied(till)
    link = await till.link((await till.show(first)).intent_id)
    await looked(till, first, PENDING)
    await till.work()
    attempt = await till.attempt(link)
    assert (attempt.state, attempt.not_sent_reason) == (
        AttemptState.NOT_SENT,
        "Another try of it may be charged after all.",
    )
