"""A refund of another amount than asked for: nothing moves by itself; a supervisor ends it by evidence."""

from typing import Any

import pytest

from agentdesk.adapters.base import RefundEvidence
from agentdesk.domain.errors import Conflict, Invalid
from agentdesk.domain.money import Money
from agentdesk.domain.refund import RefundEvent, RefundState
from agentdesk.domain.write_back import WriteBackKind
from agentdesk.hub import decisions, refund_decisions
from agentdesk.hub.db.tables import AuditEntry, Refund, WriteBack
from agentdesk.hub.payment_log import Filters, page
from agentdesk.wire import payments as wire
from agentdesk.wire.model import Amount
from tests.hub.test_refund_decisions import decide, down, ruth, unknown, up, why_not, word
from tests.hub.test_work import listed
from tests.hub.till import Till, refused

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.allow_log("evidence differs|look-up of a refund failed|refund without an answer"),
]
LESS, ASKED, MORE = Money(4000, "GBP"), Money(5000, "GBP"), Money(6000, "GBP")
DONE, FAILED, PENDING = RefundEvent.DONE, RefundEvent.FAILED, RefundEvent.PENDING


def shows(till: Till, refund: wire.Refund, event: RefundEvent, amount: Money, **more: Any) -> RefundEvidence:
    """Return what a look-up of a refund shows."""
    return till.bank.says_of_refund(event, refund.refund_id, amount, seen_via="lookup", **more)


async def differs(
    till: Till, amount: Money = LESS, event: RefundEvent = DONE
) -> tuple[str, wire.Refund, RefundEvidence]:
    """Return an attempt and a refund of it, of which the provider shows another amount, as it does."""
    attempt_id, refund = await unknown(till)
    seen = shows(till, refund, event, amount)
    up(till, seen)
    await till.ask_of_refund(refund.refund_id)
    shown = await till.refund(attempt_id)
    assert (shown.state, bool(shown.alarm)) == (RefundState.UNKNOWN, True)
    return attempt_id, refund, seen


def gave(amount: Money, **more: Any) -> Any:
    """Return the word that this much went back."""
    return word(gave=Amount.of(amount), **more)


async def nothing_moved(till: Till, refund: wire.Refund) -> None:
    row = await till.row(Refund, refund.refund_id)
    assert (row.state, row.gave_minor) == (RefundState.UNKNOWN, None)
    assert [one for one in await till.rows(WriteBack) if one.refund_id] == []


@pytest.mark.parametrize("amount", [LESS, MORE])
async def test_what_really_went_back_is_accepted_posted_and_shown(till: Till, amount: Money) -> None:
    attempt_id, refund, _ = await differs(till, amount)
    assert (
        f"The provider says {amount}, this refund is £50.00. Its amount is held."
        in (await listed(till))[0].detail
    )
    sam = await ruth(till)
    shown = await decide(till, sam, refund, gave(amount))
    assert (shown.state, shown.amount, shown.alarm) == (RefundState.DONE, Amount.of(amount), None)
    title = f"Sam accepted: {amount} went back, £50.00 was asked for"
    assert title in await till.titles(attempt_id)
    await till.work()
    assert [one.amount for one in till.ledger.refunds.values()] == [amount]
    assert f"Refund {amount}" in [one.subject for one in till.records.logged.values()]
    paid = await till.show(attempt_id)
    assert paid.refundable == Amount(minor=12336 - amount.minor, currency="GBP")
    assert paid.refunded == Amount.of(amount)
    said = [row for row in await till.rows(AuditEntry) if row.action == "refund.decide"][-1]
    assert (said.user_id, said.result) == (sam.user_id, "done")
    assert said.detail["gave"]["minor"] == amount.minor


async def test_its_alarm_stays_until_somebody_has_told_the_customer(till: Till) -> None:
    attempt_id, refund, _ = await differs(till)
    sam = await ruth(till)
    await decide(till, sam, refund, gave(LESS))
    (item,) = await listed(till)
    assert "The provider says £40.00, this refund is £50.00." in item.detail
    async with till.hub.sessions.begin() as session:
        await decisions.close_alarm(session, sam, attempt_id, "Amara knows, the rest goes tomorrow")
    await till.learn_of_refund(refund.refund_id, DONE, amount=LESS)  # what was accepted is no alarm any more
    assert await listed(till) == []
    await till.learn_of_refund(refund.refund_id, DONE, amount=MORE)
    assert (await till.refund(attempt_id)).alarm


async def test_what_is_left_can_go_back_and_no_more(till: Till) -> None:
    attempt_id, refund, _ = await differs(till)
    sam = await ruth(till)
    await decide(till, sam, refund, gave(LESS))
    till.bank.refund_answer = DONE
    too_much = await refused(Invalid, till.give_back(sam, attempt_id, 8337))
    assert (too_much.code, too_much.params["left"]) == ("refund_too_much", Money(8336, "GBP"))
    await till.give_back(sam, attempt_id, 8336)  # the database counts the same
    async with till.hub.sessions() as session:
        log = await page(session, Filters(), None, 10, "GBP")
    assert log.totals
    assert log.totals.refunded == Amount(minor=12336, currency="GBP")


async def test_only_what_the_provider_shows_this_moment_is_accepted(till: Till) -> None:
    _, refund, seen = await differs(till)

    async def why(decision: Any) -> str:
        return await why_not(till, await ruth(till), refund, decision)

    assert await why(word()) == "decision_other_amount"
    assert await why(gave(MORE)) == "decision_other_amount"
    assert await why(word("not_sent")) == "refund_shown"
    down(till)
    assert await why(gave(LESS)) == "decision_not_shown"
    up(till)
    assert await why(gave(LESS)) == "decision_differs"
    for known in (
        [shows(till, refund, DONE, LESS, our_ref="rf_other")],
        [shows(till, refund, DONE, LESS, live=True)],
        [shows(till, refund, PENDING, LESS)],
        [seen, shows(till, refund, DONE, LESS, provider_ids={"refund": "re_second"})],
    ):
        up(till, *known)
        assert await why(gave(LESS)) == "refund_shown"
    await nothing_moved(till, refund)


async def test_amounts_that_are_none_are_refused(till: Till) -> None:
    _, refund, _ = await differs(till)
    sam = await ruth(till)
    for said in (gave(Money(0, "GBP")), gave(Money(4000, "EUR")), gave(LESS, outcome="not_sent")):
        await refused(Invalid, refund_decisions.decide(till.hub, sam, refund.refund_id, said))
    await nothing_moved(till, refund)


async def test_the_amount_asked_for_wins_where_the_provider_shows_it_after_all(till: Till) -> None:
    _, refund, _ = await differs(till)
    up(till, shows(till, refund, DONE, ASKED))
    shown = await decide(till, await ruth(till), refund, gave(LESS))
    assert (shown.state, shown.amount) == (RefundState.DONE, Amount.of(ASKED))
    assert (await till.row(Refund, refund.refund_id)).gave_minor is None


async def test_silence_after_the_provider_showed_it_proves_nothing(till: Till) -> None:
    """What it shows no more was there: its amount stays held until people have looked."""
    attempt_id, refund, _ = await differs(till)
    up(till)
    for _look in range(7):
        await till.ask_of_refund(refund.refund_id)
    await nothing_moved(till, refund)
    assert (await till.show(attempt_id)).refundable == Amount(minor=7336, currency="GBP")
    for _person in range(2):
        shown = await decide(till, await ruth(till), refund, word("not_sent"))
    assert shown.state is RefundState.NOT_SENT


async def test_one_that_was_on_its_way_and_gave_another_amount_is_ended_in_the_same_way(till: Till) -> None:
    attempt_id, refund = await unknown(till)
    await till.learn_of_refund(refund.refund_id, PENDING)
    seen = shows(till, refund, DONE, LESS)
    up(till, seen)
    await till.ask_of_refund(refund.refund_id)
    assert (await till.refund(attempt_id)).state is RefundState.PENDING
    assert (await decide(till, await ruth(till), refund, gave(LESS))).amount == Amount.of(LESS)


async def test_two_supervisors_who_accept_it_at_once_owe_one_posting(till: Till) -> None:
    attempt_id, refund, _ = await differs(till)
    sam, said = await ruth(till), gave(LESS)

    async def sam_is_first() -> None:
        till.bank.meanwhile.clear()
        await refund_decisions.decide(till.hub, sam, refund.refund_id, said)

    till.bank.meanwhile["find_refund"] = sam_is_first
    assert (await decide(till, await ruth(till), refund, gave(LESS))).state is RefundState.DONE
    assert (await decide(till, sam, refund, said)).state is RefundState.DONE  # one press that comes twice
    owed = [one.kind for one in await till.rows(WriteBack) if one.refund_id]
    assert owed.count(WriteBackKind.ACCOUNTS) == 1
    assert len([one for one in await till.titles(attempt_id) if "accepted" in one]) == 1


async def test_what_failed_there_with_another_amount_is_ended_by_two(till: Till) -> None:
    attempt_id, refund, _ = await differs(till, LESS, FAILED)
    assert await why_not(till, await ruth(till), refund, word()) == "refund_shown"
    first = await decide(till, await ruth(till), refund, word("not_sent"))
    assert first.state is RefundState.UNKNOWN
    shown = await decide(till, await ruth(till), refund, word("not_sent"))
    assert (shown.state, shown.alarm) == (RefundState.NOT_SENT, None)
    assert (await till.show(attempt_id)).refundable == Amount(minor=12336, currency="GBP")
    assert not (await till.row(Refund, refund.refund_id)).to_confirm


async def test_what_failed_is_not_all_where_something_else_is_shown(till: Till) -> None:
    _, refund, seen = await differs(till, LESS, FAILED)
    up(till, seen, shows(till, refund, PENDING, LESS, provider_ids={"refund": "re_second"}))
    said = refund_decisions.decide(till.hub, await ruth(till), refund.refund_id, word("not_sent"))
    assert (await refused(Conflict, said)).code == "refund_shown"
