"""Test and real money are kept apart: keys, charges, refunds and what is learnt of them."""

from datetime import timedelta
from typing import Any

import pytest

from agentdesk.adapters.base import Misconfigured
from agentdesk.domain.errors import Conflict
from agentdesk.domain.ids import new_ulid, now
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.domain.people import Role
from agentdesk.domain.refund import RefundEvent, RefundState
from agentdesk.hub import links, payments, vendors
from agentdesk.hub.db.tables import Attempt, PaymentLink, Refund, WriteBack
from agentdesk.hub.settings import Settings
from agentdesk.wire.payments import NewAttempt
from tests.hub.test_decisions import decide, word
from tests.hub.test_work import unknown
from tests.hub.till import Till, refused, with_settings

pytestmark = pytest.mark.anyio

_OTHERS = {
    "twilio": {
        "account_sid": f"AC{'0' * 32}",
        "auth_token": "t",
        "connector": "c",
        "messages_from": "+441614960000",
    },
    "tryton": {"base_url": "http://127.0.0.1:1", "database": "d", "key": "k", "user": "u", "password": "p"},
    "cti": {"secret": "s" * 40, "command_url": ""},
}


def _told(key: str, **more: Any) -> Settings:
    return Settings(vendors={**_OTHERS, "stripe": {"secret_key": key}}, **more)


@pytest.mark.parametrize("link", [None, {}])
@pytest.mark.parametrize(
    ("key", "test_mode"),
    [("sk_live_1", True), ("rk_live_1", True), ("sk_test_1", False), ("rk_test_1", False)],
)
async def test_a_key_of_the_other_mode_keeps_the_hub_from_starting(
    key: str, test_mode: bool, link: dict[str, str] | None
) -> None:
    with pytest.raises(Misconfigured, match=r"vendors\.stripe .* it does not start"):
        vendors.build(_told(key, test_mode=test_mode, link=link))


@pytest.mark.parametrize(
    ("key", "test_mode"),
    [("sk_live_1", False), ("rk_live_1", False), ("sk_test_1", True), ("rk_test_1", True)],
)
async def test_a_key_of_the_hubs_mode_lets_it_start(key: str, test_mode: bool) -> None:
    built = vendors.build(_told(key, test_mode=test_mode))
    assert built.processor.live is not test_mode
    await built.aclose()


async def test_a_key_that_says_no_mode_is_refused_and_not_shown() -> None:
    with pytest.raises(Misconfigured, match="a key begins with one of sk_test_") as raised:
        vendors.build(_told("pk_live_hunter2"))
    assert "hunter2" not in str(raised.value)


async def test_a_try_keeps_the_mode_it_was_started_in(till: Till) -> None:
    assert (await till.row(Attempt, await till.sending())).live is False


async def test_nothing_goes_back_of_a_charge_of_the_other_mode(till: Till) -> None:
    attempt_id = await till.paid()
    await till.change(Attempt, attempt_id, live=True)
    error = await refused(Conflict, till.give_back(await till.colleague(Role.SUPERVISOR), attempt_id, 100))
    assert error.code == "refund_other_mode"
    assert "refund" not in [what for what, *_ in till.bank.asked]


@pytest.mark.allow_log("not looked up: it is of the other mode")
async def test_silence_about_a_charge_of_the_other_mode_proves_nothing(till: Till) -> None:
    attempt_id = await till.sending()
    await till.change(Attempt, attempt_id, live=True, sent_at=now() - timedelta(hours=1), asked=9)
    await till.ask(attempt_id)
    assert (await till.attempt(attempt_id)).state is AttemptState.UNKNOWN
    assert "find" not in [what for what, *_ in till.bank.asked]


async def test_what_was_taken_in_the_other_mode_is_written_to_no_ledger_and_no_record(till: Till) -> None:
    attempt_id, ruth = await till.paid(), await till.colleague(Role.SUPERVISOR)
    await till.give_back(ruth, attempt_id, 100)
    with_settings(till, test_mode=False)
    await till.work()
    rows = await till.rows(WriteBack)
    assert [(row.kind, row.state) for row in rows] == [(row.kind, "parked") for row in rows]
    assert {row.kind for row in rows} == {"accounts", "customer_record"}
    assert len(rows) == 4
    assert "or the reverse. A supervisor will look." in rows[0].detail
    assert till.ledger.booked == till.ledger.refunds == till.records.logged == {}


async def test_the_note_of_a_link_of_the_other_mode_is_for_a_person(till: Till) -> None:
    attempt_id = await till.link()
    await till.told(till.pages.end(attempt_id, AttemptEvent.CLOSED), work=False)
    with_settings(till, test_mode=False)
    await till.work()
    assert till.records.logged == {}


@pytest.mark.allow_log("payment page not made: it is of the other mode")
async def test_no_page_is_made_for_a_payment_of_the_other_mode(till: Till) -> None:
    new = NewAttempt(key=new_ulid(), route="link")
    shown = await payments.start_attempt(till.hub, till.who, await till.intent(), new)
    attempt_id = shown.attempts[-1].attempt_id
    await till.change(Attempt, attempt_id, live=True)
    await till.work()
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, await till.holding()) == (AttemptState.NOT_SENT, [False])
    assert till.pages.asked == till.texts.asked == []


async def test_a_page_of_the_other_mode_is_sent_to_nobody(till: Till) -> None:
    new = NewAttempt(key=new_ulid(), route="link")
    shown = await payments.start_attempt(till.hub, till.who, await till.intent(), new)
    attempt_id = shown.attempts[-1].attempt_id
    await links.open_page(till.hub, attempt_id, 0)
    await till.change(Attempt, attempt_id, live=True)
    await till.work()
    assert till.texts.sent == []
    assert not (await till.row(PaymentLink, attempt_id)).to_send  # no sweep tries it again
    assert "or the reverse: it is not sent" in ((await till.link_of(attempt_id)).problem or "")
    assert await till.holding() == [True]


async def test_silence_about_a_refund_of_the_other_mode_proves_nothing(till: Till) -> None:
    attempt_id, ruth = await till.paid(), await till.colleague(Role.SUPERVISOR)
    till.bank.refund_answer = RefundEvent.NO_ANSWER
    refund = await till.give_back(ruth, attempt_id, 100)
    await till.change(Attempt, attempt_id, live=True)
    await till.change(Refund, refund.refund_id, sent_at=now() - timedelta(hours=1), asked=9)
    await till.ask_of_refund(refund.refund_id)
    assert (await till.refund(attempt_id)).state is RefundState.UNKNOWN
    assert "find_refund" not in [what for what, *_ in till.bank.asked]
    assert (await till.row(Refund, refund.refund_id)).next_ask_at > now()  # it is followed on


@pytest.mark.allow_log("not looked up: it is of the other mode")
async def test_of_the_other_mode_a_supervisors_word_counts_in_either_sense(till: Till) -> None:
    attempt_id, ruth = await unknown(till), await till.colleague(Role.SUPERVISOR)
    await till.change(Attempt, attempt_id, live=True)
    attempt = await decide(till, ruth, attempt_id, word())
    assert attempt.state is AttemptState.APPROVED
    assert "find" not in [what for what, *_ in till.bank.asked]


@pytest.mark.allow_log("evidence differs from the payment")
async def test_word_of_the_other_mode_is_an_alarm_wherever_the_hub_was_moved(till: Till) -> None:
    attempt_id = await till.sending()
    with_settings(till, test_mode=False)
    await till.learn(attempt_id, AttemptEvent.APPROVED, live=True)
    shown = await till.attempt(attempt_id)
    assert shown.state is AttemptState.SENDING
    assert "test answer" in (shown.alarm or "")


@pytest.mark.allow_log("evidence differs from the refund")
async def test_word_of_the_other_mode_about_a_refund_is_an_alarm(till: Till) -> None:
    attempt_id, ruth = await till.paid(), await till.colleague(Role.SUPERVISOR)
    till.bank.refund_answer = RefundEvent.PENDING
    refund = await till.give_back(ruth, attempt_id, 100)
    await till.learn_of_refund(refund.refund_id, RefundEvent.DONE, live=True)
    assert (await till.refund(attempt_id)).state is RefundState.PENDING
    assert "test answer" in ((await till.attempt(attempt_id)).alarm or "")
