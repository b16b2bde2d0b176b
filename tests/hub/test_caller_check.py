"""The caller check: what is kept of it, whose it is, and what a caller who is not proven may not do."""

from collections.abc import Awaitable
from typing import Any

import pytest
from pydantic import ValidationError

from agentdesk.domain.call import CheckResult
from agentdesk.domain.errors import AgentDeskError, Conflict, Invalid
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.link import LinkWay
from agentdesk.hub import calls, link_messages, links, payments
from agentdesk.hub.caller_policy import CallerCheck
from agentdesk.hub.db.engine import Sessions
from agentdesk.hub.db.tables import Attempt, AuditEntry, Call, WriteBack
from agentdesk.hub.settings import Settings
from agentdesk.wire import calls as wire
from agentdesk.wire.calls import NewCallerCheck, WrapUp
from agentdesk.wire.payments import NewAttempt, PaymentIntent
from tests.hub.till import Till

pytestmark = pytest.mark.anyio
ITEMS = {"post_code": "Post code", "birth_date": "Date of birth", "last_bill": "Amount of the last bill"}
ELSEWHERE = "+447400123456"


@pytest.fixture
async def till(database_url: str, sessions: Sessions) -> Till:
    """Give an agent of a hub whose callers are checked."""
    till = Till(
        database_url,
        sessions,
        caller_check={"items": ITEMS, "must_pass": 2},
        link={"ways": [LinkWay.TEXT, LinkWay.QR]},
    )
    await till.open()
    return till


async def _strict(till: Till, required: bool = True) -> Till:
    check = {"items": ITEMS, "must_pass": 2, "required": required}
    return Till(till.url, till.hub.sessions, caller_check=check)


def _new(result: CheckResult, *passed: str, customer: str = "cus_1") -> NewCallerCheck:
    return NewCallerCheck(customer_id=customer, result=result, passed=list(passed))


async def _check(till: Till, call_id: str, result: CheckResult, *passed: str) -> wire.Call:
    return await calls.check(till.hub, till.who, call_id, _new(result, *passed))


async def _pay(
    till: Till, call_id: str, route: str, send_to: str | None = None, way: LinkWay = LinkWay.TEXT
) -> PaymentIntent:
    intent_id = await till.intent(call_id=call_id)
    new = NewAttempt(key=new_ulid(), route=route, send_to=send_to, send_by=way)
    return await payments.start_attempt(till.hub, till.who, intent_id, new)


async def _refused(error: type[AgentDeskError], work: Awaitable[Any]) -> str:
    with pytest.raises(error) as refused:
        await work
    return refused.value.code


# ---------------------------------------------------------------- what is kept
async def test_result_codes_agent_and_time_are_kept_and_told(till: Till) -> None:
    call_id = await till.call()
    shown = await _check(till, call_id, CheckResult.PASSED, "last_bill", "post_code")
    assert shown.caller_check
    assert (shown.caller_check.result, shown.caller_check.by) == (CheckResult.PASSED, "Priya Nair")
    assert shown.caller_check.passed == ["post_code", "last_bill"]  # in the policy's order
    (kept,) = await till.rows(Call)
    assert set(kept.caller_check or {}) == {"result", "passed", "by", "at"}
    entry = (await till.rows(AuditEntry))[-1]
    assert (entry.action, entry.result, entry.subject) == ("call.check", "passed", call_id)


async def test_the_last_check_counts_and_each_is_in_the_audit_log(till: Till) -> None:
    call_id = await till.call()
    await _check(till, call_id, CheckResult.FAILED, "post_code")
    shown = await _check(till, call_id, CheckResult.PASSED, "post_code", "birth_date")
    assert shown.caller_check
    assert shown.caller_check.result is CheckResult.PASSED
    told = [row.result for row in await till.rows(AuditEntry) if row.action == "call.check"]
    assert told == ["failed", "passed"]


async def test_a_check_that_the_policy_does_not_know_is_refused(till: Till) -> None:
    call_id = await till.call()
    few = _check(till, call_id, CheckResult.PASSED, "post_code", "post_code")
    assert await _refused(Invalid, few) == "check_too_few"
    other = _check(till, call_id, CheckResult.FAILED, "shoe_size")
    assert await _refused(Invalid, other) == "check_item_unknown"
    plain = Till(till.url, till.hub.sessions)
    nothing = calls.check(plain.hub, till.who, call_id, _new(CheckResult.FAILED))
    assert await _refused(Invalid, nothing) == "check_not_set_up"
    assert (await calls.show(till.hub, till.who, call_id)).caller_check is None


async def test_a_check_is_of_the_customer_and_call_it_was_made_for(till: Till) -> None:
    call_id = await till.call()
    other = calls.check(till.hub, till.who, call_id, _new(CheckResult.PASSED, *ITEMS, customer="cus_2"))
    assert await _refused(Conflict, other) == "customer_not_linked"
    theirs = await till.call(await till.colleague())
    assert await _refused(Conflict, _check(till, theirs, CheckResult.FAILED)) == "call_not_yours"


async def test_another_customer_of_the_call_is_not_checked(till: Till) -> None:
    call_id = await till.call()
    await _check(till, call_id, CheckResult.PASSED, "post_code", "birth_date")
    same = await calls.choose_customer(till.hub, till.who, call_id, "cus_1")
    assert same.caller_check
    nobody = await calls.choose_customer(till.hub, till.who, call_id, None)
    assert nobody.caller_check is None
    back = await calls.choose_customer(till.hub, till.who, call_id, "cus_1")
    assert back.caller_check is None


async def test_while_card_entry_is_live_nothing_is_checked(till: Till) -> None:
    call_id = await till.call()
    await till.start(await till.intent(call_id=call_id))
    assert await _refused(Conflict, _check(till, call_id, CheckResult.FAILED)) == "note_live_payment"


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ([], "Caller not checked."),
        ([(CheckResult.FAILED,)], "Caller check failed."),
        ([(CheckResult.PASSED, "post_code", "birth_date")], "Caller check passed: Post code, Date of birth."),
    ],
)
async def test_the_call_note_says_how_the_check_ended(
    till: Till, checks: list[tuple[Any, ...]], said: str
) -> None:
    call_id = await till.call()
    for one in checks:
        await _check(till, call_id, *one)
    await calls.wrap_up(till.hub, till.who, call_id, WrapUp(disposition="enquiry", note="All well."))
    (owed,) = await till.rows(WriteBack)
    assert owed.payload["body"] == f"All well. {said} Handled by Priya Nair."


# ---------------------------------------------------------------- what an unproven caller may not do
async def test_after_a_failed_check_no_card_is_taken(till: Till) -> None:
    call_id = await till.call()
    await _check(till, call_id, CheckResult.FAILED)
    assert await _refused(Conflict, _pay(till, call_id, "keypad")) == "caller_not_verified"
    assert await till.rows(Attempt) == []
    assert till.recorder.asked == []  # nothing was secured, nothing opened


async def test_after_a_failed_check_a_link_goes_to_what_is_on_file_and_nowhere_else(till: Till) -> None:
    call_id = await till.call()
    await _check(till, call_id, CheckResult.FAILED, "post_code")
    assert await _refused(Conflict, _pay(till, call_id, "link", ELSEWHERE)) == "link_only_to_file"
    assert await _refused(Conflict, _pay(till, call_id, "link", way=LinkWay.QR)) == "link_only_to_file"
    assert await till.rows(Attempt) == []
    shown = await _pay(till, call_id, "link", till.records.number)
    assert shown.attempts[0].link


async def test_after_a_failed_check_the_link_to_the_file_is_not_shown_on_the_screen(till: Till) -> None:
    call_id = await till.call()
    await _check(till, call_id, CheckResult.FAILED)
    await _pay(till, call_id, "link", till.records.number)
    attempt_id = (await till.rows(Attempt))[0].attempt_id
    await links.open_page(till.hub, attempt_id, 0)
    picture = link_messages.picture(till.hub, till.who, attempt_id)
    assert await _refused(Conflict, picture) == "link_only_to_file"
    await _check(till, call_id, CheckResult.PASSED, "post_code", "birth_date")
    assert await link_messages.picture(till.hub, till.who, attempt_id)


async def test_a_check_that_was_passed_or_is_not_required_stops_nothing(till: Till) -> None:
    assert (await _pay(till, await till.call(), "link", ELSEWHERE)).attempts[0].link
    await links.cancel(till.hub, till.who, (await till.rows(Attempt))[0].attempt_id)


async def test_where_it_is_required_nothing_is_taken_before_it_was_passed(till: Till) -> None:
    till = await _strict(till)
    call_id = await till.call()
    assert await _refused(Conflict, _pay(till, call_id, "keypad")) == "caller_not_checked"
    await _check(till, call_id, CheckResult.PASSED, "post_code", "birth_date")
    assert (await _pay(till, call_id, "keypad")).attempts[0].capture


async def test_a_failed_check_counts_after_the_policy_is_gone(till: Till) -> None:
    call_id = await till.call()
    await _check(till, call_id, CheckResult.FAILED)
    plain = Till(till.url, till.hub.sessions)
    assert await _refused(Conflict, _pay(plain, call_id, "keypad")) == "caller_not_verified"


# ---------------------------------------------------------------- the policy
def test_a_queue_may_have_a_check_of_its_own() -> None:
    own = {"Billing": {"items": {"post_code": "Post code"}, "must_pass": 1}}
    told = Settings(caller_check=CallerCheck(items=ITEMS, must_pass=2), caller_checks=own)
    assert [len(check.items) for queue in (None, "Sales", "Billing") if (check := told.check_of(queue))] == [
        3, 3, 1,
    ]  # fmt: skip
    assert Settings().check_of("Billing") is None


@pytest.mark.parametrize(
    "policy",
    [
        {"items": {}, "must_pass": 1},
        {"items": ITEMS, "must_pass": 0},
        {"items": ITEMS, "must_pass": 4},
        {"items": {"Post code": "Post code"}, "must_pass": 1},
        {"items": {f"item_{i}": "One" for i in range(10)}, "must_pass": 1},
    ],
)
def test_a_policy_that_cannot_be_kept_is_refused(policy: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(caller_check=policy)
