"""Making the page of a payment link and texting its address: keys, lost answers, numbers."""

import pytest

from agentdesk.adapters.base import (
    MessageEvidence,
    OutcomeUnknown,
    Rejected,
)
from agentdesk.domain.errors import Conflict, Invalid
from agentdesk.domain.ids import new_ulid
from agentdesk.domain.link import LinkState
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.hub import link_messages, links, payments
from agentdesk.hub.db.engine import Sessions
from agentdesk.hub.db.tables import Attempt, Call, PaymentLink
from agentdesk.wire import payments as wire
from tests.hub.till import Till, refused

pytestmark = pytest.mark.anyio
APPROVED, CLOSED, PENDING = AttemptEvent.APPROVED, AttemptEvent.CLOSED, AttemptEvent.PENDING


async def test_the_attempt_and_its_key_are_there_before_the_page_is_asked_for(till: Till) -> None:
    seen: list[tuple[str, list[bool]]] = []

    async def look() -> None:
        (attempt,) = await till.rows(Attempt)
        seen.append((attempt.charge_key, await till.holding()))

    till.pages.meanwhile["open"] = look
    attempt_id = await till.link()
    assert seen == [(f"{attempt_id}:charge", [True])]
    assert till.pages.asked[0] == ("open", f"{attempt_id}:charge")


async def test_the_page_is_texted_to_the_caller_once_its_address_is_kept(till: Till) -> None:
    kept: list[str] = []

    async def look() -> None:
        (row,) = await till.rows(PaymentLink)
        kept.append(row.url)

    till.texts.meanwhile["send"] = look
    attempt_id = await till.link()
    (message,) = till.texts.sent
    assert message.to == "+441614960134"
    assert message.body.startswith("Northwind Energy: pay £123.36 securely by ")
    assert message.body.endswith(f" at https://pay.example/cs-{attempt_id}")
    assert kept == [f"https://pay.example/cs-{attempt_id}"]
    link = await till.link_of(attempt_id)
    assert (link.state, link.sent_to, bool(link.sent_at)) == (LinkState.OPEN, "•••• 134", True)
    request = till.pages.made[f"cs-{attempt_id}"]
    assert (request.amount, request.expires_at) == (Money(12336, "GBP"), link.expires_at)
    assert request.thanks_url == "http://127.0.0.1:8790/thank-you"
    shown = (await till.show(attempt_id)).model_dump_json()
    assert "pay.example" not in shown  # whoever has the address can pay


async def test_the_agent_may_read_back_another_number(till: Till) -> None:
    await till.link(send_to="020 7946 0958")
    assert [one.to for one in till.texts.sent] == ["+442079460958"]


@pytest.mark.parametrize("number", ["nobody", "12", "+"])
async def test_what_is_no_number_starts_nothing(till: Till, number: str) -> None:
    intent_id = await till.intent()
    refusal = await refused(Invalid, till.link(intent_id, send_to=number))
    assert refusal.code == "phone_invalid"
    assert await till.rows(Attempt) == []


async def test_a_withheld_number_needs_one(till: Till) -> None:
    intent_id = await till.intent()
    (call,) = await till.rows(Call)
    await till.change(Call, call.call_id, number=None)
    assert (await refused(Invalid, till.link(intent_id))).code == "link_needs_number"
    assert await till.link(intent_id, send_to="+442079460958")


async def test_where_links_are_not_set_up_none_is_sent(database_url: str, sessions: Sessions) -> None:
    till = Till(database_url, sessions, link=None)
    await till.open()
    assert (await refused(Invalid, till.link())).code == "route_unknown"
    assert await till.rows(Attempt) == []


async def test_the_same_press_is_one_link(till: Till) -> None:
    intent_id = await till.intent()
    new = wire.NewAttempt(key="0123456789abcdef", route="link")
    for _ in range(2):
        await payments.start_attempt(till.hub, till.who, intent_id, new)
    await till.work()
    assert (len(await till.rows(PaymentLink)), len(till.pages.made), len(till.texts.sent)) == (1, 1, 1)


@pytest.mark.allow_log("payment page not made")
@pytest.mark.parametrize("where", ["open", "open_answer"])
async def test_a_lost_answer_is_asked_for_again_with_the_same_key_and_body(till: Till, where: str) -> None:
    till.pages.fails[where] = OutcomeUnknown("time-out")
    attempt_id = await till.link()
    assert (await till.link_of(attempt_id)).state is LinkState.OPENING
    assert await till.holding() == [True]
    await till.due()
    await till.work()
    assert (await till.link_of(attempt_id)).state is LinkState.OPEN
    assert {one[1] for one in till.pages.asked if one[0] == "open"} == {f"{attempt_id}:charge"}
    assert len(till.pages.made) == 1


@pytest.mark.allow_log("payment page not made")
async def test_a_page_that_is_refused_frees_the_debt(till: Till) -> None:
    till.pages.fails["open"] = Rejected("no")
    attempt = await till.attempt(await till.link())
    assert (attempt.state, attempt.not_sent_reason) == (
        AttemptState.NOT_SENT,
        "The payment page could not be made.",
    )
    assert await till.holding() == [False]
    assert till.texts.sent == []


@pytest.mark.allow_log("payment page not made")
async def test_a_page_that_is_never_answered_is_given_up_for_nobody_has_its_address(till: Till) -> None:
    till.pages.fails["open_answer"] = OutcomeUnknown("time-out")
    attempt_id = await till.link()
    for _ in range(links.MAX_TRIES - 1):
        assert await till.holding() == [True]
        till.pages.fails["open_answer"] = OutcomeUnknown("time-out")
        await till.due()
        await till.work()
    assert (await till.attempt(attempt_id)).state is AttemptState.NOT_SENT
    assert till.texts.sent == []


@pytest.mark.allow_log("link not sent")
async def test_a_text_whose_answer_was_lost_is_sent_again_with_the_same_link(till: Till) -> None:
    till.texts.fails["send_answer"] = OutcomeUnknown("time-out")
    attempt_id = await till.link()
    assert (await till.link_of(attempt_id)).problem
    await till.due()
    await till.work()
    assert len(till.texts.sent) == 2
    assert len({one.body for one in till.texts.sent}) == 1
    assert (await till.link_of(attempt_id)).problem is None


@pytest.mark.allow_log("link not sent")
async def test_a_text_that_is_never_answered_may_have_arrived(till: Till) -> None:
    till.texts.fails["send_answer"] = OutcomeUnknown("time-out")
    attempt_id = await till.link()
    for _ in range(links.MAX_TRIES - 1):
        till.texts.fails["send_answer"] = OutcomeUnknown("time-out")
        await till.due()
        await till.work()
    problem = (await till.link_of(attempt_id)).problem
    assert problem == "The text service gave no clear answer. The link may have arrived."


@pytest.mark.allow_log("link not sent")
async def test_a_number_that_is_refused_is_told_and_the_link_can_be_expired(till: Till) -> None:
    till.texts.fails["send"] = Rejected("landline")
    attempt_id = await till.link()
    link = await till.link_of(attempt_id)
    assert (link.state, link.sent_at, link.problem) == (
        LinkState.OPEN,
        None,
        "The text service did not take it.",
    )
    await links.cancel(till.hub, till.who, attempt_id)
    await till.work()
    assert (await till.attempt(attempt_id)).state is AttemptState.NOT_SENT


async def test_a_text_is_told_as_delivered(till: Till) -> None:
    attempt_id = await till.link()
    await till.told(MessageEvidence("texts", "1", "SM-1", delivered=True), target=attempt_id)
    assert (await till.link_of(attempt_id)).delivered_at


@pytest.mark.parametrize("delivered", [True, False])
async def test_what_became_of_a_text_may_be_told_before_the_reply(till: Till, delivered: bool) -> None:
    async def told() -> None:
        (attempt,) = await till.rows(Attempt)
        early = MessageEvidence("texts", "1", "SM-1", delivered=delivered)
        await till.told(early, target=attempt.attempt_id, work=False)

    till.texts.meanwhile["send_answer"] = told
    link = await till.link_of(await till.link())
    assert (bool(link.delivered_at), bool(link.problem), bool(link.sent_at)) == (
        delivered,
        not delivered,
        True,
    )


@pytest.mark.allow_log("webhook for a link that is not ours")
async def test_a_word_about_no_link_of_ours_is_dropped(till: Till) -> None:
    keypad = await till.start(await till.intent())
    for target in (keypad, "pa_nobody", ""):
        await till.told(MessageEvidence("texts", f"1{target}", "SM-9", delivered=False), target=target)
    assert await till.rows(PaymentLink) == []


async def test_a_text_that_did_not_arrive_is_told_and_can_be_sent_again(till: Till) -> None:
    attempt_id = await till.link()
    await till.told(MessageEvidence("texts", "1", "SM-1", delivered=False), target=attempt_id)
    assert (await till.link_of(attempt_id)).problem == "The text did not reach the phone."
    await link_messages.resend(till.hub, till.who, attempt_id, new_ulid())
    await till.work()
    link = await till.link_of(attempt_id)
    assert (link.problem, link.delivered_at, len(till.texts.sent)) == (None, None, 2)
    await till.told(MessageEvidence("texts", "3", "SM-1", delivered=False), target=attempt_id)
    assert (await till.link_of(attempt_id)).problem is None


async def test_only_an_open_link_is_sent_again(till: Till) -> None:
    attempt_id = await till.link()
    till.pages.end(attempt_id, APPROVED)
    await links.look(till.hub, attempt_id, 0)
    await refused(Conflict, link_messages.resend(till.hub, till.who, attempt_id, new_ulid()))
    keypad = await till.start(await till.intent(invoice="8", minor=5000))
    await refused(Conflict, link_messages.resend(till.hub, till.who, keypad, new_ulid()))
