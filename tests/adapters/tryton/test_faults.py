"""Tryton behind a network that loses requests and answers, a busy database and a session that ended."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from agentdesk.adapters.base import Misconfigured, NeedsDecision, NotSent, OutcomeUnknown, Rejected
from agentdesk.adapters.records import Activity, Posting, PostingState
from agentdesk.adapters.tryton.accounting import TrytonAccounting
from agentdesk.adapters.tryton.client import Tryton
from agentdesk.adapters.tryton.config import TrytonConfig
from agentdesk.adapters.tryton.crm import TrytonCrm
from agentdesk.cli.demo.tryton import TrytonServer
from agentdesk.domain.ids import new_ulid, now
from tests.adapters.contract_accounting import outstanding_of, payment, pounds, today
from tests.adapters.tryton.contract_overlap import OverlapContract
from tests.faulty_proxy import Fault, FaultyProxy, FirstOfEach, faulty_proxy, no_fault
from tests.tryton_server import config_of

pytestmark = pytest.mark.anyio

MOST_TRIES = 20


@pytest.fixture
async def proxy(tryton_server: TrytonServer) -> AsyncIterator[FaultyProxy]:
    """A proxy that passes everything until a test gives it a fault."""
    async with faulty_proxy(tryton_server.url) as running:
        yield running


@pytest.fixture
def config(tryton_server: TrytonServer, proxy: FaultyProxy) -> TrytonConfig:
    """Tryton as reached through the proxy."""
    return TrytonConfig.model_validate(config_of(tryton_server, proxy.url))


@pytest.fixture
async def far(config: TrytonConfig) -> AsyncIterator[TrytonAccounting]:
    """The ledger through the proxy, signed in."""
    adapter = TrytonAccounting(config)
    await adapter.check()
    yield adapter
    await adapter.aclose()


@pytest.fixture
async def direct(tryton_server: TrytonServer) -> AsyncIterator[Tryton]:
    """A look at the ledger's own records."""
    client = Tryton(TrytonConfig.model_validate(config_of(tryton_server)))
    yield client
    await client.aclose()


async def until_done(act: Callable[[], Awaitable[Posting]]) -> Posting:
    """Act as the hub's worker does: again after each unsure or unsent try."""
    for _ in range(MOST_TRIES):
        try:
            return await act()
        except (NotSent, OutcomeUnknown):
            continue
    raise AssertionError("it never came through")


@pytest.mark.parametrize("fault", ["lose request", "lose answer"])
async def test_a_payment_is_booked_exactly_once_though_every_step_is_lost_once(
    fault: Fault, far: TrytonAccounting, proxy: FaultyProxy, direct: Tryton, debtor: str
) -> None:
    item = (await far.open_items(debtor))[0]
    paid = payment(debtor, [(item, pounds(100))])
    proxy.fault = losing = FirstOfEach(fault)
    booked = await until_done(lambda: far.post_payment(paid))
    assert (booked.state, booked.amount) == (PostingState.POSTED, pounds(100))
    rows = await direct.search("account.payment", [["reference", "=", paid.reference]], ["state", "amount"])
    assert [(row["state"], row["amount"]) for row in rows] == [("succeeded", pounds(100).to_decimal())]
    assert await outstanding_of(far, debtor, item.number) == item.outstanding - pounds(100)
    steps = {"create", "submit", "execute", "succeed", "post"}
    assert {method.rpartition(".")[2] for method in losing.hurt} >= steps


async def test_a_refund_is_booked_exactly_once_though_every_answer_is_lost_once(
    far: TrytonAccounting, proxy: FaultyProxy, direct: Tryton, debtor: str
) -> None:
    item = (await far.open_items(debtor))[0]
    paid = payment(debtor, [(item, item.outstanding)])
    await far.post_payment(paid)
    after_payment = await far.account(debtor)
    reference = f"RFD-{new_ulid()}"
    proxy.fault = losing = FirstOfEach("lose answer")
    await until_done(lambda: far.post_refund(reference, paid.reference, pounds(300), today(), "Billed twice"))
    of_ours = [["reference", "=", reference]]
    assert len(await direct.search("account.invoice", of_ours, ["state"])) == 1
    assert len(await direct.search("account.payment", of_ours, ["state"])) == 1
    assert (await far.account(debtor)).balance == after_payment.balance
    steps = {"model.account.invoice.create", "model.account.invoice.post", "model.account.payment.approve"}
    assert losing.hurt >= steps


async def test_a_void_is_done_though_every_answer_is_lost_once(
    far: TrytonAccounting, proxy: FaultyProxy, direct: Tryton, debtor: str
) -> None:
    before = await far.account(debtor)
    item = (await far.open_items(debtor))[0]
    paid = payment(debtor, [(item, pounds(400))])
    await far.post_payment(paid)
    proxy.fault = losing = FirstOfEach("lose answer")
    voided = await until_done(lambda: far.void(paid.reference, "charged back"))
    assert voided.state is PostingState.VOID
    assert (await far.account(debtor)).balance == before.balance
    lines = await direct.search(
        "account.move.line", [["party", "=", int(debtor)]], ["debit", "credit", "move.state"]
    )
    assert {line["move"]["state"] for line in lines} == {"posted"}
    assert sum(line["debit"] - line["credit"] for line in lines) == before.balance.to_decimal()
    assert losing.hurt >= {"model.account.payment.fail", "model.account.move.post"}


async def test_a_note_whose_answer_was_lost_is_found_and_not_written_again(
    config: TrytonConfig, proxy: FaultyProxy, direct: Tryton, debtor: str
) -> None:
    crm = TrytonCrm(config)
    await crm.check()
    activity = Activity(f"PMT-{new_ulid()}", now(), "Call", "paid")
    proxy.fault = FirstOfEach("lose answer")
    with pytest.raises(OutcomeUnknown):
        await crm.log_activity(debtor, activity)
    logged = await crm.log_activity(debtor, activity)
    of_ours = [["message", "like", f"%{activity.reference}%"]]
    assert [str(row["id"]) for row in await direct.search("ir.note", of_ours, ["id"])] == [logged]
    await crm.aclose()


async def test_a_busy_database_is_asked_again(far: TrytonAccounting, proxy: FaultyProxy, debtor: str) -> None:
    item = (await far.open_items(debtor))[0]
    paid = payment(debtor, [(item, pounds(100))])
    proxy.fault = busy = FirstOfEach("busy")
    with pytest.raises(OutcomeUnknown):  # a proxy can say so of what was created: the caller looks first
        await far.post_payment(paid)
    assert (await far.post_payment(paid)).state is PostingState.POSTED
    assert busy.hurt


async def test_a_database_that_stays_busy_makes_nothing(
    far: TrytonAccounting, proxy: FaultyProxy, debtor: str
) -> None:
    item = (await far.open_items(debtor))[0]
    paid = payment(debtor, [(item, pounds(100))])
    proxy.fault = lambda method, _body: "busy" if method == "POST" else None
    with pytest.raises(OutcomeUnknown):
        await far.post_payment(paid)
    proxy.fault = no_fault
    assert await far.find_posting(paid.reference) is None


async def test_an_ended_session_is_opened_again(config: TrytonConfig, debtor: str) -> None:
    ledger = TrytonAccounting(config)
    item = (await ledger.open_items(debtor))[0]
    await ledger._tryton._post("common.db.logout", [], ledger._tryton._session)
    assert (await ledger.post_payment(payment(debtor, [(item, pounds(100))]))).state is PostingState.POSTED
    await ledger.aclose()


async def test_a_wrong_password_or_key_is_for_an_administrator(config: TrytonConfig) -> None:
    for wrong in ({"password": "not it"}, {"key": "not it"}):
        ledger = TrytonAccounting(TrytonConfig.model_validate({**config.model_dump(), **wrong}))
        with pytest.raises(Misconfigured):
            await ledger.open_items("2")
        assert (await ledger.check()).state == "down"
        await ledger.aclose()


async def test_a_journal_that_is_not_there_is_for_an_administrator(config: TrytonConfig) -> None:
    ledger = TrytonAccounting(config.model_copy(update={"payment_journal": "No such journal"}))
    with pytest.raises(Misconfigured, match="No such journal"):
        await ledger.account("2")
    await ledger.aclose()


async def test_a_server_that_is_gone_is_down(config: TrytonConfig, unused_url: str) -> None:
    crm = TrytonCrm(config.model_copy(update={"base_url": unused_url}))
    assert (await crm.check()).state == "down"
    with pytest.raises(NotSent):
        await crm.find_by_phone("+442079460958")
    await crm.aclose()


async def test_the_overpay_question_is_passed_on_and_never_answered(
    far: TrytonAccounting, direct: Tryton, debtor: str
) -> None:
    item = (await far.open_items(debtor))[0]
    await far.reserve(payment(debtor, [(item, item.outstanding)]))
    with pytest.raises(NeedsDecision) as asked:
        await far.post_payment(payment(debtor, [(item, item.outstanding)]))
    assert (asked.value.vendor_code or "").endswith(".overpay")
    assert await direct.call("model.res.user.warning.search_count", []) == 0


async def test_a_payment_of_a_closed_month_is_refused(
    far: TrytonAccounting, direct: Tryton, debtor: str
) -> None:
    (closed,) = await direct.search(
        "account.period", [["state", "=", "closed"]], ["end_date"], order=[("end_date", "DESC")], limit=1
    )
    item = (await far.open_items(debtor))[0]
    paid = payment(debtor, [(item, pounds(100))], on=closed["end_date"])
    with pytest.raises(Rejected, match="reopen the period"):
        await far.post_payment(paid)
    assert (await far.void(paid.reference, "closed month")).state is PostingState.VOID


async def test_two_under_one_reference_are_for_a_person(
    far: TrytonAccounting, direct: Tryton, debtor: str
) -> None:
    item = (await far.open_items(debtor))[0]
    paid = payment(debtor, [(item, pounds(100))])
    await far.reserve(paid)
    (row,) = await direct.search("account.payment", [["reference", "=", paid.reference]], ["id"])
    await direct.call("model.account.payment.copy", [row["id"]], {"reference": paid.reference})
    with pytest.raises(NeedsDecision):
        await far.find_posting(paid.reference)
    with pytest.raises(NeedsDecision):
        await far.post_payment(paid)


class TestOverlap(OverlapContract):
    """Two writers of a real ledger."""
