"""What a refused step says of a payment whose money may have moved: never that nothing was sent."""

import re
from collections.abc import Awaitable

import pytest

from agentdesk.adapters.base import OutcomeUnknown
from agentdesk.domain.capture import CaptureState, CardField
from agentdesk.domain.error_words import TEXT
from agentdesk.domain.errors import AgentDeskError
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.domain.people import Role
from agentdesk.hub import captures, decisions, link_messages, links, payments
from agentdesk.hub.auth import Who
from agentdesk.wire.payments import NewAttempt, ReceiptIn
from tests.hub.test_decisions import word
from tests.hub.till import Till

pytestmark = pytest.mark.anyio
_FALSE = ("nothing was sent", "nothing was charged", "nothing was refunded", "no money")


def _denies(words: str) -> bool:
    return any(one in words.lower() for one in _FALSE)


def _codes(words: str) -> set[str]:
    """Return what only a program says of a payment's state."""
    said = set(re.findall(r"the payment is (\w+)\.", words))
    return said & ({*AttemptState, *CaptureState} - {AttemptState.APPROVED, AttemptState.DECLINED})


async def _in_state(till: Till, state: AttemptState) -> str:
    """Return an attempt whose charge is out, or ended with money taken."""
    attempt_id = await till.sending()
    if state is AttemptState.PENDING:
        await till.learn(attempt_id, AttemptEvent.PENDING)
    elif state is not AttemptState.SENDING:
        if state is AttemptState.UNKNOWN:
            till.bank.fails["charge"] = OutcomeUnknown("lost")
        await till.charge(attempt_id)
    assert (await till.attempt(attempt_id)).state is state
    return attempt_id


async def _another(till: Till) -> None:
    """Try to take a payment of the same debt on another call."""
    await till.start(await till.intent())


def _steps(till: Till, supervisor: Who, intent_id: str, attempt_id: str) -> list[Awaitable[object]]:
    """Return every step that is not for a payment whose charge is out, and one of another payment."""
    hub, who = till.hub, till.who
    return [
        captures.ask_field(hub, who, attempt_id, CardField.NUMBER),
        till.submit(attempt_id),
        captures.cancel(hub, who, attempt_id),
        link_messages.resend(hub, who, attempt_id, new_ulid()),
        links.cancel(hub, who, attempt_id),
        payments.start_attempt(hub, who, intent_id, NewAttempt(key=new_ulid(), route="keypad")),
        decisions.decide(hub, supervisor, attempt_id, word()),
        till.give_back(supervisor, attempt_id, 99999),
    ]


@pytest.mark.allow_log("charge without an answer")
@pytest.mark.parametrize("state", ["sending", "pending", "unknown", "approved"])
async def test_refused_step_of_a_payment_does_not_deny_what_was_sent(till: Till, state: str) -> None:
    attempt_id = await _in_state(till, AttemptState(state))
    intent_id = (await till.show(attempt_id)).intent_id
    steps = _steps(till, await till.colleague(Role.SUPERVISOR), intent_id, attempt_id)
    if state != AttemptState.APPROVED:
        steps.append(payments.send_receipt(till.hub, till.who, intent_id, ReceiptIn(email="a@example.com")))
    for step in [*steps, _another(till)]:
        with pytest.raises(AgentDeskError) as refused:
            await step
        assert not _denies(refused.value.text), refused.value.text
        assert not _codes(refused.value.text), refused.value.text


@pytest.mark.parametrize(
    "code",
    "step_not_possible not_allowed already_being_paid already_paid possible_duplicate receipt_not_ready "
    "refund_nothing_taken refund_other_mode refund_none_left refund_too_much refund_over_limit "
    "database_unavailable database_unsure internal hub_unreachable not_signed_in decision_too_early "
    "decision_charged decision_pending decision_differs card_entry_elsewhere note_live_payment alarm_changed "
    "duplicate_decided not_your_own split_not_yet split_differs split_not_owed".split(),
)
def test_what_may_be_said_of_money_at_risk_denies_nothing(code: str) -> None:
    assert not _denies(TEXT[code])
