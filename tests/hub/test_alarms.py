"""Alarms: what is raised, what a supervisor settles, and what comes again."""

import pytest
from sqlalchemy import select

from agentdesk.domain.errors import Conflict
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent
from agentdesk.hub import decisions
from agentdesk.hub.db.tables import AuditEntry
from agentdesk.wire.work import WorkKind
from tests.hub.test_decisions import supervisor
from tests.hub.test_work import listed
from tests.hub.till import Till

pytestmark = pytest.mark.anyio


@pytest.mark.allow_log("evidence differs")
async def test_an_open_alarm_is_not_covered_by_the_next(till: Till) -> None:
    attempt_id = await till.paid()
    for amount in (100, 200, 100):
        await till.learn(attempt_id, AttemptEvent.APPROVED, amount=Money(amount, "GBP"))
    alarm = str((await till.attempt(attempt_id)).alarm)
    assert (alarm.count("£1.00"), alarm.count("£2.00")) == (1, 1)


@pytest.mark.allow_log("evidence differs")
async def test_alarm_is_closed_with_a_reason_and_stays_in_the_time_line(till: Till) -> None:
    attempt_id, who = await till.paid(), await supervisor(till)
    await till.learn(attempt_id, AttemptEvent.APPROVED, provider_ids={"payment_intent": "pi_other"})
    assert [item.kind for item in await listed(till)] == [WorkKind.ALARM]
    async with till.hub.sessions.begin() as session:
        await decisions.close_alarm(session, who, attempt_id, "Refunded there")
    attempt = await till.attempt(attempt_id)
    assert attempt.alarm
    assert not attempt.alarm_open
    assert await listed(till) == []
    assert {"Evidence differs", "Alarm closed by Sam"} <= set(await till.titles(attempt_id))
    async with till.hub.sessions() as session:
        entry = await session.scalar(select(AuditEntry).where(AuditEntry.action == "alarm.close"))
    assert entry
    assert (entry.user_id, entry.detail["reason"]) == (who.user_id, "Refunded there")
    async with till.hub.sessions.begin() as session:
        with pytest.raises(Conflict):
            await decisions.close_alarm(session, who, attempt_id, "Again")
        with pytest.raises(Conflict):
            await decisions.close_alarm(session, till.who, attempt_id, "Refunded there")
        again = await decisions.close_alarm(session, who, attempt_id, "Refunded there")  # its answer was lost
    assert again.version == (await till.show(attempt_id)).version
    assert (await till.titles(attempt_id)).count("Alarm closed by Sam") == 1


@pytest.mark.allow_log("evidence differs")
async def test_an_alarm_nobody_saw_is_not_closed_with_the_one_before_it(till: Till) -> None:
    attempt_id, who = await till.paid(), await supervisor(till)
    await till.learn(attempt_id, AttemptEvent.APPROVED, amount=Money(100, "GBP"))
    seen = (await till.attempt(attempt_id)).alarm
    await till.learn(attempt_id, AttemptEvent.APPROVED, amount=Money(200, "GBP"))
    async with till.hub.sessions.begin() as session:
        with pytest.raises(Conflict) as refused:
            await decisions.close_alarm(session, who, attempt_id, "Refunded there", seen)
    assert refused.value.code == "alarm_changed"
    attempt = await till.attempt(attempt_id)
    assert attempt.alarm_open
    async with till.hub.sessions.begin() as session:
        await decisions.close_alarm(session, who, attempt_id, "Both refunded there", attempt.alarm)
    assert not (await till.attempt(attempt_id)).alarm_open


@pytest.mark.allow_log("evidence differs")
async def test_closed_alarm_comes_again_only_with_something_new(till: Till) -> None:
    attempt_id, who = await till.paid(), await supervisor(till)
    for amount, is_open in ((100, True), (100, False), (200, True)):
        await till.learn(attempt_id, AttemptEvent.APPROVED, amount=Money(amount, "GBP"))
        assert (await till.attempt(attempt_id)).alarm_open is is_open
        if is_open:
            async with till.hub.sessions.begin() as session:
                await decisions.close_alarm(session, who, attempt_id, "Seen")
