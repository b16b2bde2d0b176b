"""Calls: the phone system's word in every order, who has the call, the screen pop, the wrap-up."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

import pytest

from agentdesk.adapters.base import CallEvidence, NotSent
from agentdesk.adapters.records import Match
from agentdesk.domain.call import CallState
from agentdesk.domain.errors import AgentDeskError, Conflict, Invalid, NotFound, Unavailable
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.payment import AttemptEvent
from agentdesk.domain.people import Role
from agentdesk.domain.write_back import WriteBackState
from agentdesk.hub import calls, captures
from agentdesk.hub.db.tables import AuditEntry, Call, Event, WriteBack
from agentdesk.wire import calls as wire
from agentdesk.wire.calls import NewCall, WrapUp
from tests.hub.till import Till

pytestmark = pytest.mark.anyio
ENDED = WrapUp(disposition="enquiry", note="All well.")


async def _told(till: Till, state: CallState, ref: str = "CA1", **more: Any) -> str | None:
    evidence = CallEvidence(ref, state, new_ulid(), **{"from_number": till.records.number} | more)
    async with till.hub.sessions.begin() as session:
        return await calls.apply(till.hub, session, evidence)


async def _ringing(till: Till, **more: Any) -> str:
    call_id = await _told(till, CallState.RINGING, **more)
    assert call_id
    await calls.match(till.hub, call_id)
    return call_id


async def _shown(till: Till, call_id: str) -> wire.Call:
    """Return any call, as a supervisor sees it."""
    return await calls.show(till.hub, replace(till.who, role=Role.SUPERVISOR), call_id)


async def _heard(till: Till) -> list[tuple[str | None, str]]:
    """Return who was told what so far; None: everybody."""
    return [(row.user_id, row.kind) for row in await till.rows(Event)]


async def _refused(error: type[AgentDeskError], work: Awaitable[Any]) -> str:
    with pytest.raises(error) as refused:
        await work
    return refused.value.code


# ---------------------------------------------------------------- one card session at a time
async def test_while_card_entry_is_live_no_other_call_is_taken(till: Till) -> None:
    attempt_id = await till.start(await till.intent())
    ringing = await _ringing(till)
    answered = calls.answer(till.hub, till.who, ringing)
    assert await _refused(Conflict, answered) == "card_entry_elsewhere"
    told = calls.told_by_hand(till.hub, till.who, NewCall(call_ref="CA9"))
    assert await _refused(Conflict, told) == "card_entry_elsewhere"
    assert (await _shown(till, ringing)).state is CallState.RINGING
    await captures.cancel(till.hub, till.who, attempt_id)
    assert (await calls.answer(till.hub, till.who, ringing)).agent == "usr_1"


async def test_call_without_number_and_reference_is_refused(till: Till) -> None:
    new = NewCall(queue="billing", number="", call_ref="")
    assert await _refused(Invalid, calls.told_by_hand(till.hub, till.who, new)) == "call_without_number"
    assert await till.rows(Call) == []


async def test_call_by_hand_may_have_no_number_where_that_is_said(till: Till) -> None:
    shown = await calls.told_by_hand(till.hub, till.who, NewCall(withheld=True, queue="billing"))
    assert (shown.agent, shown.number, shown.customer_id, shown.has_line) == ("usr_1", None, None, False)
    assert shown.match_problem is not None and "withheld" in shown.match_problem


async def test_call_by_hand_is_on_no_line_of_ours(till: Till) -> None:
    shown = await calls.told_by_hand(till.hub, till.who, NewCall(number="0161 496 0134"))
    assert (shown.customer_id, shown.has_line, shown.recording) == ("cus_1", False, False)


# ---------------------------------------------------------------- the phone system's word
async def test_call_that_rings_is_shown_to_everybody_with_its_customer(till: Till) -> None:
    call_id = await _ringing(till, queue="billing")
    async with till.hub.sessions() as session:
        (shown,) = await calls.current(session, await till.colleague())
    assert (shown.call_id, shown.customer_id, shown.queue) == (call_id, "cus_1", "billing")
    assert shown.state is CallState.RINGING


async def test_first_two_words_at_once_are_one_call(till: Till) -> None:
    made = await asyncio.gather(
        _told(till, CallState.RINGING), _told(till, CallState.CONNECTED, agent="priya")
    )
    assert len([one for one in made if one]) == 1
    (call,) = await till.rows(Call)
    assert (call.state, call.user_id) == (CallState.CONNECTED, "usr_1")


async def test_call_answered_at_the_phone_is_its_agents(till: Till) -> None:
    call_id = await _ringing(till)
    await _told(till, CallState.CONNECTED, agent="Priya")
    assert (await _shown(till, call_id)).agent == "usr_1"


async def test_call_answered_by_somebody_we_do_not_know_stays_with_every_desk(till: Till) -> None:
    call_id = await _ringing(till)
    for state in (CallState.CONNECTED, CallState.HELD, CallState.CONNECTED):
        await _told(till, state, agent="nobody")
    async with till.hub.sessions() as session:
        assert [one.call_id for one in await calls.current(session, await till.colleague())] == [call_id]
    taken = await calls.answer(till.hub, till.who, call_id)
    assert (taken.state, taken.agent) == (CallState.CONNECTED, "usr_1")
    assert till.phone.asked == []  # it is connected already


# ---------------------------------------------------------------- whose call it is
async def test_call_is_known_to_everybody_only_until_it_is_taken(till: Till) -> None:
    call_id = await _ringing(till)
    assert set(await _heard(till)) == {(None, "call")}
    before = len(await _heard(till))
    await calls.answer(till.hub, till.who, call_id)
    await calls.choose_customer(till.hub, till.who, call_id, "cus_1")
    await _told(till, CallState.ENDED)
    await calls.wrap_up(till.hub, till.who, call_id, ENDED)
    mine = ("usr_1", "call")
    assert (await _heard(till))[before:] == [(None, "call_gone"), mine, mine, mine, mine]


async def test_call_that_rings_out_is_gone_for_everybody(till: Till) -> None:
    await _ringing(till)
    before = len(await _heard(till))
    await _told(till, CallState.ENDED)
    assert (await _heard(till))[before:] == [(None, "call_gone")]


@pytest.mark.allow_log("phone system did not connect")
async def test_call_that_is_not_connected_is_everybodys_again(till: Till) -> None:
    call_id = await _ringing(till)
    till.phone.fails["answer"] = NotSent("down")
    await _refused(Unavailable, calls.answer(till.hub, till.who, call_id))
    assert (await _heard(till))[-1] == (None, "call")


async def test_call_of_somebody_else_is_not_there(till: Till) -> None:
    other = await till.colleague()
    call_id = await _ringing(till)
    assert (await calls.show(till.hub, other, call_id)).number == till.records.number
    await calls.answer(till.hub, till.who, call_id)
    assert await _refused(NotFound, calls.show(till.hub, other, call_id)) == "call_unknown"
    assert (await calls.show(till.hub, till.who, call_id)).agent == "usr_1"
    assert (await _shown(till, call_id)).agent == "usr_1"


async def test_words_in_the_wrong_order_do_not_revive_a_call(till: Till) -> None:
    call_id = await _ringing(till)
    await _told(till, CallState.ENDED)
    for late in (CallState.CONNECTED, CallState.RINGING):
        await _told(till, late, agent="priya")
    assert (await _shown(till, call_id)).state is CallState.ENDED


async def test_answered_call_that_ends_waits_for_its_wrap_up(till: Till) -> None:
    call_id = await till.call()
    await till.hang_up(call_id)
    shown = await _shown(till, call_id)
    assert (shown.state, shown.recording) == (CallState.WRAP_UP, False)
    assert shown.line_ended_at


async def test_queue_that_looks_like_a_card_number_is_not_kept(till: Till) -> None:
    call_id = await _ringing(till, queue=" ".join(["4242"] * 4))
    assert (await _shown(till, call_id)).queue is None


# ---------------------------------------------------------------- the screen pop
async def test_several_people_on_one_number_are_never_guessed(till: Till) -> None:
    till.records.matches.append(Match("cus_2", "Chidi Okafor", None, "Leeds", exact=True))
    shown = await _shown(till, await _ringing(till))
    assert shown.customer_id is None
    assert len(shown.matches) == 2


@pytest.mark.allow_log("screen pop failed")
@pytest.mark.parametrize(
    ("number", "down", "words"),
    [
        (None, False, "withheld"),
        ("+441614960999", False, "Nobody"),
        ("+441614960134", True, "do not answer"),
    ],
)
async def test_why_nobody_was_found_is_said(till: Till, number: str | None, down: bool, words: str) -> None:
    if down:
        till.records.fails["find_by_phone"] = NotSent("down")
    shown = await _shown(till, await _ringing(till, from_number=number))
    assert words in str(shown.match_problem)
    assert shown.customer_id is None


async def test_customer_chosen_by_hand_stays(till: Till) -> None:
    call_id = await _told(till, CallState.RINGING)
    assert call_id
    await till.change(Call, call_id, customer_id="cus_9")
    await calls.match(till.hub, call_id)
    assert (await _shown(till, call_id)).customer_id == "cus_9"
    assert till.records.asked == []


# ---------------------------------------------------------------- answering
async def test_call_is_taken_by_one_person_and_connected(till: Till) -> None:
    call_id = await _ringing(till)
    shown = await calls.answer(till.hub, till.who, call_id)
    assert (shown.agent, shown.state) == ("usr_1", CallState.CONNECTED)
    assert till.phone.asked == [("answer", "CA1", "priya")]
    other = await till.colleague()
    assert await _refused(Conflict, calls.answer(till.hub, other, call_id)) == "call_not_yours"
    assert [row.action for row in await till.rows(AuditEntry)] == ["call.answer"]


@pytest.mark.allow_log("phone system did not connect")
async def test_call_the_phone_system_does_not_connect_rings_on(till: Till) -> None:
    call_id = await _ringing(till)
    till.phone.fails["answer"] = NotSent("down")
    assert await _refused(Unavailable, calls.answer(till.hub, till.who, call_id)) == "phone_unavailable"
    shown = await _shown(till, call_id)
    assert (shown.state, shown.agent) == (CallState.RINGING, None)


async def test_call_told_by_a_link_is_mine_and_audited(till: Till) -> None:
    new = NewCall(number="0161 496 0134", call_ref="CA7")
    shown = await calls.told_by_hand(till.hub, till.who, new)
    assert (shown.agent, shown.number, shown.customer_id) == ("usr_1", "+441614960134", "cus_1")
    again = await calls.told_by_hand(till.hub, till.who, new)
    assert again.call_id == shown.call_id
    assert [row.action for row in await till.rows(AuditEntry)] == ["call.tell", "call.tell"]


async def test_link_does_not_take_a_call_from_somebody(till: Till) -> None:
    shown = await calls.told_by_hand(till.hub, till.who, NewCall(call_ref="CA7"))
    other = await till.colleague()
    work = calls.told_by_hand(till.hub, other, NewCall(call_ref="CA7"))
    assert await _refused(Conflict, work) == "call_not_yours"
    assert (await _shown(till, shown.call_id)).agent == "usr_1"


async def test_link_with_a_wrong_number_is_refused(till: Till) -> None:
    assert await _refused(Invalid, calls.told_by_hand(till.hub, till.who, NewCall(number="12"))) == (
        "phone_invalid"
    )
    assert await till.rows(Call) == []


# ---------------------------------------------------------------- customer and wrap-up
async def test_customer_is_chosen_by_the_calls_agent(till: Till) -> None:
    call_id = await till.call(customer=None)
    shown = await calls.choose_customer(till.hub, till.who, call_id, "cus_1")
    assert shown.customer_id == "cus_1"
    other = await till.colleague()
    work = calls.choose_customer(till.hub, other, call_id, None)
    assert await _refused(Conflict, work) == "call_not_yours"
    nobody = calls.choose_customer(till.hub, till.who, call_id, "cus_2")
    assert await _refused(NotFound, nobody) == "customer_unknown"


async def test_live_card_entry_holds_customer_and_wrap_up(till: Till) -> None:
    call_id = await till.call()
    await till.start(await till.intent(call_id=call_id))
    choose = calls.choose_customer(till.hub, till.who, call_id, None)
    assert await _refused(Conflict, choose) == "note_live_payment"
    assert await _refused(Conflict, calls.wrap_up(till.hub, till.who, call_id, ENDED)) == "note_live_payment"


async def test_wrap_up_keeps_the_note_and_owes_it_to_the_customer_record(till: Till) -> None:
    call_id = await till.call()
    await till.hang_up(call_id)
    shown = await calls.wrap_up(till.hub, till.who, call_id, ENDED)
    assert shown.state is CallState.ENDED
    await till.work()
    (activity,) = till.records.logged.values()
    assert (activity.subject, "All well." in activity.body) == ("Call: Enquiry, no payment", True)
    assert [row.state for row in await till.rows(WriteBack)] == [WriteBackState.DONE]


async def test_wrap_up_twice_changes_nothing(till: Till) -> None:
    call_id = await till.call()
    await calls.wrap_up(till.hub, till.who, call_id, ENDED)
    await calls.wrap_up(till.hub, till.who, call_id, ENDED.model_copy(update={"note": "Something else."}))
    assert (await till.row(Call, call_id)).note == "All well."
    assert len(await till.rows(WriteBack)) == 1


@pytest.mark.parametrize(
    ("disposition", "code"), [("", "disposition_required"), ("nonsense", "reason_unknown")]
)
async def test_wrap_up_needs_a_reason_of_the_queue(till: Till, disposition: str, code: str) -> None:
    wrap = WrapUp(disposition=disposition, note="")
    call_id = await till.call()
    assert await _refused(Invalid, calls.wrap_up(till.hub, till.who, call_id, wrap)) == code


async def test_calls_of_others_and_of_nobody(till: Till) -> None:
    stranger = replace(till.who, user_id="usr_none")
    call_id = await till.call()
    assert await _refused(Conflict, calls.wrap_up(till.hub, stranger, call_id, ENDED)) == "call_not_yours"
    assert await _refused(NotFound, _shown(till, "call_none")) == "call_unknown"
    async with till.hub.sessions() as session:
        assert await calls.current(session, stranger) == []


async def test_customer_whose_money_may_have_moved_on_this_call_stays(till: Till) -> None:
    call_id = await till.call()
    attempt_id = await till.sending(call_id=call_id)
    shown = (await till.show(attempt_id)).short_reference
    for chosen in (None, "cus_1"):
        moved = calls.choose_customer(till.hub, till.who, call_id, chosen)
        if chosen is None:
            with pytest.raises(Conflict, match=shown) as refused:
                await moved
            assert refused.value.code == "customer_fixed"
        else:
            assert (await moved).customer_id == chosen  # nothing changes
    await till.learn(attempt_id, AttemptEvent.DECLINED)
    assert (await calls.choose_customer(till.hub, till.who, call_id, None)).customer_id is None
