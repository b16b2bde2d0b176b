"""Parked write-backs: replayed or done by hand by a supervisor, once."""

import asyncio

import pytest

from agentdesk.adapters.base import (
    NeedsDecision,
)
from agentdesk.domain.errors import Conflict, NotFound
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.people import Role
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.hub import payments, write_backs
from agentdesk.hub.auth import Who
from agentdesk.hub.db.tables import AuditEntry, PaymentEvent, WriteBack
from agentdesk.hub.settings import Mail
from agentdesk.wire.payments import ReceiptIn
from agentdesk.wire.work import WorkKind
from tests.hub.mail_server import mail_server
from tests.hub.test_work import listed, parked_note
from tests.hub.till import Till, refused, with_settings

pytestmark = pytest.mark.anyio
ACCOUNTS, RECORD = WriteBackKind.ACCOUNTS, WriteBackKind.CUSTOMER_RECORD


async def _parked(till: Till) -> str:
    await till.paid()
    till.ledger.fails["post_payment"] = NeedsDecision("more than is open")
    return (await till.perform()).write_back_id


async def test_parked_one_is_replayed_by_a_supervisor(till: Till) -> None:
    write_back_id = await _parked(till)
    who = await till.colleague(Role.SUPERVISOR)
    async with till.hub.sessions.begin() as session:
        shown = await write_backs.replay(session, who, write_back_id)
    assert (shown.state, shown.tries) == (WriteBackState.QUEUED, 0)
    await till.work()
    assert (await till.owed()).state == WriteBackState.DONE


async def test_parked_call_note_is_replayed(till: Till) -> None:
    write_back_id = await parked_note(till)
    async with till.hub.sessions.begin() as session:
        assert (await write_backs.replay(session, till.who, write_back_id)).state == WriteBackState.QUEUED
    await till.work()
    assert (await till.row(WriteBack, write_back_id)).state == WriteBackState.DONE
    assert len(till.records.logged) == 1


async def test_replay_twice_at_once_is_one_replay(till: Till) -> None:
    write_back_id = await _parked(till)

    async def replay(who: Who) -> None:
        async with till.hub.sessions.begin() as session:
            await write_backs.replay(session, who, write_back_id)

    people = [till.who, await till.colleague(Role.SUPERVISOR)]
    results = await asyncio.gather(*map(replay, people), return_exceptions=True)
    assert len([one for one in results if isinstance(one, Conflict)]) == 1
    assert len([row for row in await till.rows(AuditEntry) if row.action == "write_back.replay"]) == 1


async def test_a_press_that_comes_twice_is_answered_twice_and_done_once(till: Till) -> None:
    """The first answer was lost: whoever did it is not told that it cannot be done."""
    write_back_id, who = await _parked(till), await till.colleague(Role.SUPERVISOR)
    before = len(await till.jobs("write_back"))
    for _ in range(2):
        async with till.hub.sessions.begin() as session:
            shown = await write_backs.replay(session, who, write_back_id)
        assert shown.state == WriteBackState.QUEUED
    assert len(await till.jobs("write_back")) == before + 1
    await till.change(WriteBack, write_back_id, state=WriteBackState.PARKED)
    for _ in range(2):
        async with till.hub.sessions.begin() as session:
            shown = await write_backs.mark_done(session, who, write_back_id, "JNL-7", "Period closed")
        assert shown.state == WriteBackState.DONE
    said = [row.action for row in await till.rows(AuditEntry)]
    assert (said.count("write_back.replay"), said.count("write_back.done_by_hand")) == (1, 1)
    for words in (("JNL-8", "Period closed"), ("JNL-7", "Another reason")):
        async with till.hub.sessions.begin() as session:
            with pytest.raises(Conflict):
                await write_backs.mark_done(session, who, write_back_id, *words)


async def test_only_what_is_parked_can_be_replayed_or_done_by_hand(till: Till) -> None:
    await till.paid()
    queued = (await till.owed()).write_back_id
    for write_back_id, error in ((queued, Conflict), ("wb_none", NotFound)):
        async with till.hub.sessions.begin() as session:
            with pytest.raises(error):
                await write_backs.replay(session, till.who, write_back_id)
            with pytest.raises(error):
                await write_backs.mark_done(session, till.who, write_back_id, "JNL-7", "posted")


async def test_replay_and_a_job_that_settles_are_no_deadlock(till: Till) -> None:
    write_back_id = await _parked(till)
    seen = await till.row(WriteBack, write_back_id)
    for _ in range(5):

        async def replay() -> None:
            async with till.hub.sessions.begin() as session:
                await write_backs.replay(session, till.who, write_back_id)

        async def settle() -> None:
            async with till.hub.sessions.begin() as session:
                await write_backs._settle(session, seen, write_backs.WriteBackEvent.PARK, "more than is open")

        results = await asyncio.gather(replay(), settle(), replay(), settle(), return_exceptions=True)
        assert {type(one) for one in results} <= {type(None), Conflict}


async def test_parked_one_is_done_by_hand_and_never_written_again(till: Till) -> None:
    write_back_id = await _parked(till)
    async with till.hub.sessions.begin() as session:
        shown = await write_backs.mark_done(session, till.who, write_back_id, "JNL-7", "Period closed")
    assert (shown.state, shown.detail) == (WriteBackState.DONE, "Done by hand by Priya Nair: JNL-7")
    assert shown.done_at
    before = len(till.ledger.asked)
    await write_backs.perform(till.hub, write_back_id)
    assert len(till.ledger.asked) == before
    told = [row for row in await till.rows(PaymentEvent) if row.title == shown.detail]
    assert [row.detail for row in told] == ["Period closed"]
    (entry,) = [row for row in await till.rows(AuditEntry) if row.action == "write_back.done_by_hand"]
    assert (entry.user_id, entry.detail) == ("usr_1", {"reference": "JNL-7", "reason": "Period closed"})


async def test_call_note_is_done_by_hand(till: Till) -> None:
    write_back_id = await parked_note(till)
    async with till.hub.sessions.begin() as session:
        done = await write_backs.mark_done(session, till.who, write_back_id, "NOTE-7", "Typed it")
    assert done.state == WriteBackState.DONE


async def test_parked_receipt_is_tried_again_when_it_is_asked_for_again(till: Till) -> None:
    attempt_id = await till.paid(receipt_email="amara@example.com")
    assert (await till.perform(WriteBackKind.RECEIPT)).state == WriteBackState.PARKED  # no mail server
    intent_id = (await till.show(attempt_id)).intent_id
    await payments.send_receipt(till.hub, till.who, intent_id, ReceiptIn(email="amara@example.com"))
    assert (await till.owed(WriteBackKind.RECEIPT)).state == WriteBackState.QUEUED


async def test_a_parked_receipt_needs_nobody_once_it_was_sent_elsewhere(till: Till) -> None:
    attempt_id = await till.paid(receipt_email="wrong@example.com")
    first = (await till.perform(WriteBackKind.RECEIPT)).write_back_id  # no mail server
    intent_id = (await till.show(attempt_id)).intent_id
    async with mail_server() as post:
        with_settings(
            till, mail=Mail(host="127.0.0.1", port=post.port, sender="pay@n.example", starttls=False)
        )
        again = ReceiptIn(email="amara@example.com", key=new_ulid())
        await payments.send_receipt(till.hub, till.who, intent_id, again)
        assert await _parked_receipts(till) == [first]  # until it has been sent
        await till.work()
        assert await _parked_receipts(till) == []
        assert len(post.mails) == 1
    told = (await till.show(attempt_id)).write_backs
    before, after = (one for one in told if one.kind is WriteBackKind.RECEIPT)
    assert (before.write_back_id, before.state, after.state) == (first, *[WriteBackState.DONE] * 2)
    assert before.detail == f"Not needed any more. {after.detail}"
    async with till.hub.sessions.begin() as session:
        await refused(Conflict, write_backs.replay(session, till.who, first))


async def _parked_receipts(till: Till) -> list[str]:
    rows = [one.write_back for one in await listed(till) if one.kind is WorkKind.PARKED]
    return [one.write_back_id for one in rows if one and one.kind is WriteBackKind.RECEIPT]
