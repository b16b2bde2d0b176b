"""What every processor must do to give money back, and know afterwards.

A vendor's test module subclasses RefundContract and gives the fixtures `port` (a ProcessorPort), `caller`
(makes tokens from cards by name) and `trouble` (arms a fault for the next refund).
"""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from agentdesk.adapters.base import (
    FindRefund,
    OutcomeUnknown,
    ProcessorPort,
    RateLimited,
    Refund,
    Rejected,
)
from agentdesk.domain.ids import new_id
from agentdesk.domain.money import Money
from agentdesk.domain.refund import RefundEvent
from tests.adapters.caller import Caller
from tests.adapters.contract_processor import Trouble, a_charge


async def a_refund(port: ProcessorPort, caller: Caller, card: str = "visa-approves") -> Refund:
    """Return a refund of a part, £20.00, of a fresh charge of £123.36; it was not sent yet."""
    charged = await port.charge(await a_charge(caller, card))
    return another(charged.provider_ids, 2000)


def another(charge_ids: Mapping[str, str], minor: int) -> Refund:
    """Return a refund of a charge under a new key."""
    refund_id = new_id("rf")
    return Refund(
        refund_id=refund_id,
        idempotency_key=f"{refund_id}:refund",
        charge_ids=charge_ids,
        amount=Money(minor, "GBP"),
        reference=f"RFD-{refund_id}",
    )


def asking(refund: Refund, ids: Mapping[str, str] | None = None) -> FindRefund:
    """Return the question what became of a refund."""
    return FindRefund(refund.refund_id, refund.charge_ids, ids or {})


@pytest.mark.anyio
class RefundContract:
    """The contract."""

    async def test_gives_back_a_part_and_then_the_rest(self, port: ProcessorPort, caller: Caller) -> None:
        part = await a_refund(port, caller)
        rest = another(part.charge_ids, 12336 - 2000)
        for refund in (part, rest):
            reply = await port.refund(refund)
            assert (reply.event, reply.seen_via) == (RefundEvent.DONE, "reply")
            assert (reply.our_ref, reply.amount) == (refund.refund_id, refund.amount)
        with pytest.raises(Rejected):
            await port.refund(another(part.charge_ids, 1))

    async def test_more_than_is_left_is_refused(self, port: ProcessorPort, caller: Caller) -> None:
        part = await a_refund(port, caller)
        await port.refund(part)
        with pytest.raises(Rejected):
            await port.refund(another(part.charge_ids, 12336 - 1999))

    async def test_what_was_done_is_found_by_our_id_and_by_theirs(
        self, port: ProcessorPort, caller: Caller
    ) -> None:
        refund = await a_refund(port, caller)
        reply = await port.refund(refund)
        await port.refund(another(refund.charge_ids, 100))
        for query in (asking(refund), asking(refund, reply.provider_ids)):
            (found,) = await port.find_refund(query)
            assert (found.event, found.seen_via) == (RefundEvent.DONE, "lookup")
            assert (found.provider_ids, found.amount) == (reply.provider_ids, refund.amount)
            assert found.our_ref == refund.refund_id

    async def test_the_same_key_gives_back_once(self, port: ProcessorPort, caller: Caller) -> None:
        refund = await a_refund(port, caller)
        first, again = await port.refund(refund), await port.refund(refund)
        assert first.provider_ids == again.provider_ids
        assert len(await port.find_refund(asking(refund))) == 1

    async def test_the_same_key_for_another_amount_is_unknown(
        self, port: ProcessorPort, caller: Caller
    ) -> None:
        refund = await a_refund(port, caller)
        await port.refund(refund)
        with pytest.raises(OutcomeUnknown):
            await port.refund(replace(refund, amount=Money(1, "GBP")))

    async def test_what_was_never_sent_is_not_found(self, port: ProcessorPort, caller: Caller) -> None:
        assert list(await port.find_refund(asking(await a_refund(port, caller)))) == []

    async def test_one_that_takes_time_is_pending(self, port: ProcessorPort, caller: Caller) -> None:
        refund = await a_refund(port, caller, "visa-refund-pending")
        assert (await port.refund(refund)).event is RefundEvent.PENDING
        (found,) = await port.find_refund(asking(refund))
        assert found.event in (RefundEvent.PENDING, RefundEvent.DONE)

    @pytest.mark.parametrize("kind", ["drop_reply_after_executing", "error_500_after_executing"])
    async def test_a_lost_answer_is_unknown_and_then_found_once(
        self, port: ProcessorPort, caller: Caller, trouble: Trouble, kind: str
    ) -> None:
        refund = await a_refund(port, caller)
        trouble(kind)
        with pytest.raises(OutcomeUnknown):
            await port.refund(refund)
        (found,) = await port.find_refund(asking(refund))
        assert (found.event, found.amount) == (RefundEvent.DONE, refund.amount)

    @pytest.mark.parametrize(
        ("kind", "error"), [("rate_limited", RateLimited), ("error_500_before", OutcomeUnknown)]
    )
    async def test_trouble_before_executing_leaves_nothing(
        self, port: ProcessorPort, caller: Caller, trouble: Trouble, kind: str, error: type[Exception]
    ) -> None:
        refund = await a_refund(port, caller)
        trouble(kind)
        with pytest.raises(error):
            await port.refund(refund)
        assert list(await port.find_refund(asking(refund))) == []

    async def test_a_charge_that_took_no_money_is_refused(self, port: ProcessorPort, caller: Caller) -> None:
        declined = await port.charge(await a_charge(caller, "visa-declines"))
        for ids in (declined.provider_ids, {}):
            with pytest.raises(Rejected):
                await port.refund(another(ids, 100))
