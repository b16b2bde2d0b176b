"""A charge that the provider shows under the id we know, while our own mark on it is gone."""

import pytest

from agentdesk.domain.errors import Conflict
from agentdesk.domain.payment import MONEY_AT_RISK, AttemptEvent, AttemptState
from agentdesk.hub.db.tables import Attempt
from tests.hub.test_decisions import AMOUNT, bank_is_up, decide, supervisor, word
from tests.hub.test_work import unknown
from tests.hub.till import Till, refused

pytestmark = [pytest.mark.anyio, pytest.mark.allow_log("evidence differs")]


@pytest.mark.parametrize("before", [AttemptEvent.NO_ANSWER, AttemptEvent.PENDING])
async def test_nobody_can_say_that_it_was_not_charged_and_one_can_record_that_it_was(
    till: Till, before: AttemptEvent
) -> None:
    attempt_id, ruth = await unknown(till), await supervisor(till)
    await till.learn(attempt_id, before)
    nameless = till.bank.says(AttemptEvent.APPROVED, attempt_id, AMOUNT, our_ref=None, seen_via="lookup")
    bank_is_up(till, nameless)
    for who in (ruth, await supervisor(till)):
        error = await refused(Conflict, decide(till, who, attempt_id, word("declined")))
        assert error.code == "decision_charged"
        error = await refused(Conflict, decide(till, who, attempt_id, word("not_sent")))
        never = before is AttemptEvent.PENDING  # what the provider has was sent
        assert error.code == ("step_not_possible" if never else "decision_charged")
    assert (await till.attempt(attempt_id)).state in MONEY_AT_RISK
    for wrong in (word(), word(reference=f"pi_{attempt_id}", charged={"minor": 100, "currency": "GBP"})):
        await refused(Conflict, decide(till, ruth, attempt_id, wrong))
    attempt = await decide(till, ruth, attempt_id, word(reference=f"pi_{attempt_id}"))
    assert (attempt.state, attempt.alarm_open) == (AttemptState.APPROVED, True)
    await till.ask(attempt_id)
    assert (await till.row(Attempt, attempt_id)).to_confirm is False
