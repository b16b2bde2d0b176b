"""Two writers that both looked and saw nothing: the second creates what the first has finished meanwhile.

A ledger's suite is a subclass, with fixtures for both ways to it: straight, and through a proxy that holds a
request.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

import pytest

from agentdesk.adapters.base import NeedsDecision
from agentdesk.adapters.records import Activity, PostingState
from agentdesk.adapters.tryton.accounting import TrytonAccounting
from agentdesk.adapters.tryton.client import Tryton
from agentdesk.adapters.tryton.config import TrytonConfig
from agentdesk.adapters.tryton.crm import TrytonCrm
from agentdesk.domain.ids import new_ulid, now
from tests.adapters.contract_accounting import payment, pounds, today
from tests.faulty_proxy import FaultyProxy

T = TypeVar("T")


async def overlap(
    proxy: FaultyProxy, creates: str, far: Callable[[], Awaitable[T]], near: Callable[[], Awaitable[T]]
) -> tuple[T, "asyncio.Future[T]"]:
    """Hold what creates on the far way, finish on the near one, then let it go.

    Return what the near one gave, and the far one, which is under way again.
    """
    proxy.fault = lambda method, body: "hold request" if method == "POST" and creates in str(body) else None
    late = asyncio.ensure_future(far())
    await asyncio.wait_for(proxy.holding.wait(), 30)
    finished = await near()
    proxy.let_go.set()
    return finished, late


@pytest.mark.anyio
class OverlapContract:
    """Tests of writers whose lock was lost while they wrote."""

    @pytest.fixture
    async def far(self, config: TrytonConfig) -> AsyncIterator[TrytonAccounting]:
        """The ledger through the proxy."""
        adapter = TrytonAccounting(config)
        yield adapter
        await adapter.aclose()

    @pytest.fixture
    async def far_crm(self, config: TrytonConfig) -> AsyncIterator[TrytonCrm]:
        """The customer records through the proxy."""
        adapter = TrytonCrm(config)
        yield adapter
        await adapter.aclose()

    async def test_a_payment_on_account_is_booked_once(
        self, far: TrytonAccounting, accounting: TrytonAccounting, proxy: FaultyProxy, direct: Tryton,
        debtor: str,
    ) -> None:  # fmt: skip
        before = (await accounting.account(debtor)).balance
        paid = payment(debtor, [], amount=pounds(500))
        booked, late = await overlap(
            proxy,
            "account.payment.create",
            lambda: far.post_payment(paid),
            lambda: accounting.post_payment(paid),
        )
        with pytest.raises(NeedsDecision, match="twice"):
            await late
        rows = await direct.search("account.payment", [["reference", "=", paid.reference]], ["state"])
        assert booked.state is PostingState.POSTED
        assert sorted(row["state"] for row in rows) == ["draft", "succeeded"]
        assert (await accounting.account(debtor)).balance == before - pounds(500)

    async def test_a_refund_is_credited_once(
        self, far: TrytonAccounting, accounting: TrytonAccounting, proxy: FaultyProxy, direct: Tryton,
        debtor: str,
    ) -> None:  # fmt: skip
        item = (await accounting.open_items(debtor))[0]
        paid = payment(debtor, [(item, item.outstanding)])
        await accounting.post_payment(paid)
        back = f"RFD-{new_ulid()}", paid.reference, pounds(300), today(), "Billed twice"
        _, late = await overlap(
            proxy,
            "account.invoice.create",
            lambda: far.post_refund(*back),
            lambda: accounting.post_refund(*back),
        )
        with pytest.raises(NeedsDecision, match="twice"):
            await late
        of_ours = [["reference", "=", back[0]], ["type", "=", "out"]]
        notes = await direct.search("account.invoice", of_ours, ["state"])
        assert sorted(row["state"] for row in notes) == ["draft", "paid"]

    async def test_a_note_is_there_once(
        self, far_crm: TrytonCrm, crm: TrytonCrm, proxy: FaultyProxy, direct: Tryton, debtor: str
    ) -> None:
        activity = Activity(f"PMT-{new_ulid()}", now(), "Call", "paid")
        written, late = await overlap(
            proxy,
            activity.reference,
            lambda: far_crm.log_activity(debtor, activity),
            lambda: crm.log_activity(debtor, activity),
        )
        assert await late == written
        tagged = [["message", "like", f"[PMT:{activity.reference}]%"]]
        of_ours = [["resource", "=", f"party.party,{debtor}"], *tagged]
        assert [str(row["id"]) for row in await direct.search("ir.note", of_ours, ["id"])] == [written]
