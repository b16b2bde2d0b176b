"""Webhooks: verified, kept once without cardholder data, and applied in the same transaction."""

import asyncio
import json
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from sqlalchemy import text

from agentdesk.adapters.base import (
    CallEvidence,
    CaptureEvidence,
    Evidence,
    Ignored,
    MessageEvidence,
    RawWebhook,
    RefundedTotal,
    Rejected,
    TokenRef,
)
from agentdesk.domain.call import CallState
from agentdesk.domain.capture import CaptureEvent
from agentdesk.domain.errors import Invalid, NotAllowed, NotFound
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.domain.refund import RefundEvent
from agentdesk.hub import webhooks
from agentdesk.hub.db.inbox import WebhookMessage, WebhookRefusal
from agentdesk.hub.db.tables import Call, WriteBack
from tests.hub.till import Till

pytestmark = pytest.mark.anyio


async def _receive(till: Till, *evidence: Evidence, target: str = "", body: bytes = b"message") -> None:
    till.post.evidence[body] = evidence
    await webhooks.receive(till.hub, "post", target, RawWebhook("http://hub/webhooks/post", {}, body))


def _token(attempt_id: str) -> CaptureEvidence:
    return CaptureEvidence(
        CaptureEvent.TOKEN, "keypad", f"token-{attempt_id}", token=TokenRef("bank", "pm_1")
    )


async def test_token_is_kept_then_charged(till: Till) -> None:
    attempt_id = await till.submitted()
    await _receive(till, _token(attempt_id), target=attempt_id)
    await till.hub.finish()
    assert (await till.attempt(attempt_id)).state == AttemptState.APPROVED
    (message,) = await till.rows(WebhookMessage)
    assert (message.provider, message.target, message.kind) == ("post", attempt_id, "CaptureEvidence")


async def test_same_message_twice_at_once_is_charged_once(till: Till) -> None:
    attempt_id = await till.submitted()
    await asyncio.gather(*(_receive(till, _token(attempt_id), target=attempt_id) for _ in range(3)))
    await till.hub.finish()
    assert [one[0] for one in till.bank.asked] == ["charge"]
    assert len(await till.rows(WebhookMessage)) == 1
    async with till.hub.sessions() as session:
        (again,) = await webhooks.not_used(session)
    assert (again.provider, again.reason, again.count) == ("post", "duplicate", 2)


async def test_same_message_at_another_address_is_no_news(till: Till) -> None:
    attempt_id = await till.sending()
    told = till.bank.says(AttemptEvent.APPROVED, attempt_id, Money(12336, "GBP"), seen_via="webhook")
    for target in ("", "x"):
        await _receive(till, told, target=target)
    assert len(await till.rows(WebhookMessage)) == 1
    assert [(row.reason, row.count) for row in await till.rows(WebhookRefusal)] == [("duplicate", 1)]


async def test_charge_that_never_starts_is_followed_by_a_job(till: Till) -> None:
    """The process dies between the commit and the first byte."""
    attempt_id = await till.sending()
    (job,) = await till.jobs("ask_processor")
    assert job["attempt_id"] == attempt_id


@pytest.mark.allow_log("background work failed|look-up")
async def test_charge_that_breaks_off_is_followed_by_its_job(till: Till) -> None:
    attempt_id = await till.submitted()
    till.bank.fails["charge"] = RuntimeError("not an answer of a vendor")
    await _receive(till, _token(attempt_id), target=attempt_id)
    await till.hub.finish()
    assert (await till.attempt(attempt_id)).state == AttemptState.SENDING
    assert len(await till.jobs("ask_processor")) == 1


async def test_money_that_arrives_before_the_reply_counts_once(till: Till) -> None:
    attempt_id = await till.submitted()

    async def webhook() -> None:
        told = till.bank.says(
            AttemptEvent.APPROVED, attempt_id, Money(12336, "GBP"), seen_via="webhook", event_id="evt_1"
        )
        await _receive(till, told, body=b"paid")

    till.bank.meanwhile["charge"] = webhook
    await _receive(till, _token(attempt_id), target=attempt_id)
    await till.hub.finish()
    assert (await till.titles(attempt_id)).count("Approved") == 1
    assert len(await till.rows(WriteBack)) == 2


@pytest.mark.allow_log("not ours")
async def test_what_is_not_ours_is_kept_and_changes_nothing(till: Till) -> None:
    await _receive(till, till.bank.says(AttemptEvent.APPROVED, "pa_none", Money(1, "GBP")), body=b"1")
    await _receive(till, _token("pa_none"), target="pa_none", body=b"2")
    await _receive(till, Ignored("post", "invoice.created", "evt_9"), body=b"3")
    await _receive(till, till.bank.says_of_refund(RefundEvent.DONE, "rf_none", Money(1, "GBP")), body=b"4")
    total = RefundedTotal("bank", "evt_7", "pa_none", Money(1, "GBP"), datetime.now(UTC))
    await _receive(till, total, body=b"5")
    await _receive(till, MessageEvidence("texts", "evt_8", "SM1", True), target="pa_none", body=b"6")
    assert [row.kind for row in await till.rows(WebhookMessage)] == [
        "MoneyEvidence",
        "CaptureEvidence",
        "ignored:invoice.created",
        "RefundEvidence",
        "RefundedTotal",
        "MessageEvidence",
    ]
    async with till.hub.sessions() as session:
        counted = {(row.provider, row.reason): row.count for row in await webhooks.not_used(session)}
    assert counted == {
        ("bank", "not_ours"): 3,
        ("keypad", "not_ours"): 1,
        ("post", "ignored"): 1,
        ("texts", "not_ours"): 1,
    }


@pytest.mark.parametrize("late", [AttemptEvent.PENDING, AttemptEvent.DECLINED])
async def test_messages_in_the_wrong_order_take_no_approval_back(till: Till, late: AttemptEvent) -> None:
    attempt_id = await till.sending()
    for number, event in enumerate((AttemptEvent.APPROVED, late)):
        told = till.bank.says(event, attempt_id, Money(12336, "GBP"), seen_via="webhook")
        await _receive(till, told, body=str(number).encode())
    assert (await till.attempt(attempt_id)).state is AttemptState.APPROVED
    assert len(await till.rows(WriteBack)) == 2


async def test_call_that_arrives_is_matched_after_the_commit(till: Till) -> None:
    await _receive(till, CallEvidence("CA1", CallState.RINGING, "1", till.records.number))
    await till.hub.finish()
    (call,) = await till.rows(Call)
    assert call.customer_id == "cus_1"
    assert len(await till.jobs("match_call")) == 1


async def test_message_that_could_not_be_applied_is_not_kept_so_that_it_may_come_again(till: Till) -> None:
    attempt_id = await till.submitted()
    async with till.hub.sessions.begin() as session:
        await session.execute(text("alter table attempt rename to attempt_away"))
    with pytest.raises(Exception, match="attempt"):
        await _receive(till, _token(attempt_id), target=attempt_id)
    async with till.hub.sessions.begin() as session:
        await session.execute(text("alter table attempt_away rename to attempt"))
    assert await till.rows(WebhookMessage) == []
    await _receive(till, _token(attempt_id), target=attempt_id)
    await till.hub.finish()
    assert (await till.attempt(attempt_id)).state == AttemptState.APPROVED


# ---------------------------------------------------------------- refused
async def test_refusals_are_counted_and_nothing_else_is_kept(till: Till) -> None:
    for _ in range(2):
        with pytest.raises(NotAllowed):
            await webhooks.receive(till.hub, "post", "", RawWebhook("http://hub", {}, b"forged"))
    with pytest.raises(Invalid):
        await webhooks.receive(till.hub, "post", "", RawWebhook("http://hub", {}, b"unreadable"))
    with pytest.raises(NotFound):
        await webhooks.receive(till.hub, "nobody", "", RawWebhook("http://hub", {}, b"forged"))
    counted = {row.reason: row.count for row in await till.rows(WebhookRefusal)}
    assert counted == {"signature": 2, "unreadable": 1}
    assert await till.rows(WebhookMessage) == []


@pytest.mark.parametrize("code", ["wrong_mode", "wrong_account"])
async def test_message_of_the_other_mode_or_another_account_is_refused_and_counted(
    till: Till, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    def not_for_us(_raw: RawWebhook) -> list[Evidence]:
        raise Rejected("somebody else's", vendor_code=code)

    monkeypatch.setattr(till.post, "receive", not_for_us)
    with pytest.raises(NotAllowed) as refused:
        await webhooks.receive(till.hub, "post", "", RawWebhook("http://hub", {}, b"x"))
    assert refused.value.code == code
    (counted,) = await till.rows(WebhookRefusal)
    assert (counted.reason, counted.count) == (code, 1)
    assert await till.rows(WebhookMessage) == []


# ---------------------------------------------------------------- what is kept
def test_cardholder_data_of_a_form_is_not_kept() -> None:
    body = urlencode(
        {
            "Sid": "PK1",
            "Required": "",
            "ExpirationDate": "1229",
            "PaymentCardPostalCode": "LS1 4AP",
            "SecurityCode": "xxx",
            "PaymentToken": "pm_1",
            "PaymentCardNumber": "xxxxxxxxxxxx4242",
        }
    ).encode()
    kept = webhooks.scrubbed(body)
    assert "PK1" in kept
    assert "4242" in kept
    for secret in ("1229", "LS1", "xxx&", "pm_1"):
        assert secret not in kept


def test_cardholder_data_of_json_is_not_kept() -> None:
    card = {"exp_month": 12, "exp_year": 2029, "last4": "4242", "checks": {"cvc_check": "pass"}}
    holder = {"name": "Amara Okafor", "email": "a@example.com", "address": {"postal_code": "LS1 4AP"}}
    body = {"id": "evt_1", "data": [{"card": card, "billing_details": holder}]}
    kept = json.loads(webhooks.scrubbed(json.dumps(body).encode()))
    assert kept == {"id": "evt_1", "data": [{"card": {"last4": "4242", "checks": {}}}]}


@pytest.mark.parametrize("body", ['{"note": "%s"}', "Digits=%s", "%s"])
@pytest.mark.parametrize("between", ["", " ", "-"])
def test_body_that_holds_something_like_a_card_number_is_not_kept(body: str, between: str) -> None:
    assert "4242" not in webhooks.scrubbed((body % between.join(["4242"] * 4)).encode())
