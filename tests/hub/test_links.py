"""Payment links: one debt for link and keypad, what is lost on the way, and who wins."""

from datetime import timedelta

import pytest

from agentdesk.adapters.base import (
    NotSent,
    OutcomeUnknown,
    Rejected,
)
from agentdesk.domain.errors import Conflict, NotFound
from agentdesk.domain.ids import new_ulid, now
from agentdesk.domain.link import LinkState
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptEvent, AttemptState
from agentdesk.domain.people import Role
from agentdesk.hub import calls, captures, links, outcomes, payments
from agentdesk.hub.db.query import lock_attempt
from agentdesk.hub.db.tables import Attempt, AuditEntry, Call, PaymentLink, WriteBack
from agentdesk.wire import payments as wire
from agentdesk.wire.calls import WrapUp
from tests.hub.till import Till, refused

pytestmark = pytest.mark.anyio
APPROVED, CLOSED, PENDING = AttemptEvent.APPROVED, AttemptEvent.CLOSED, AttemptEvent.PENDING


# ---------------------------------------------------------------- one debt
async def test_while_a_link_is_open_no_card_can_be_keyed_for_its_debt(till: Till) -> None:
    intent_id = await till.intent()
    attempt_id = await till.link(intent_id)
    assert (await refused(Conflict, till.start(intent_id))).code == "step_not_possible"
    other = await till.intent()
    await refused(Conflict, till.start(other))
    await refused(Conflict, till.link(other))
    assert len(await till.rows(Attempt)) == 1
    assert (await till.attempt(attempt_id)).state is AttemptState.OPEN


async def test_while_a_card_is_keyed_or_charged_no_link_can_be_sent(till: Till) -> None:
    intent_id = await till.intent()
    attempt_id = await till.start(intent_id)
    await refused(Conflict, till.link(intent_id))
    await till.key_card(attempt_id)
    await till.submit(attempt_id)
    await till.token(attempt_id)
    for event in (None, AttemptEvent.NO_ANSWER):
        if event:
            await till.learn(attempt_id, event)
        await refused(Conflict, till.link(intent_id))
    assert till.pages.asked == []


async def test_steps_of_the_keypad_are_refused_for_a_link(till: Till) -> None:
    attempt_id = await till.link()
    for step in (
        till.submit(attempt_id),
        captures.cancel(till.hub, till.who, attempt_id),
    ):
        await refused(Conflict, step)


async def test_the_caller_hangs_up_and_gets_a_link_under_the_same_debt(till: Till) -> None:
    intent_id = await till.intent()
    keypad = await till.start(intent_id)
    (call,) = await till.rows(Call)
    await till.hang_up(call.call_id)
    await till.work()
    assert (await till.attempt(keypad)).state is AttemptState.NOT_SENT
    attempt_id = await till.link(intent_id)
    await calls.wrap_up(till.hub, till.who, call.call_id, WrapUp(disposition="call_dropped"))
    till.pages.end(attempt_id, APPROVED)
    await till.told(till.pages.ended[f"cs-{attempt_id}"])
    shown = await till.show(attempt_id)
    assert (shown.state, [one.state for one in shown.attempts]) == (
        AttemptState.APPROVED,
        [AttemptState.NOT_SENT, AttemptState.APPROVED],
    )
    assert len(till.ledger.booked) == 1


# ---------------------------------------------------------------- how it ended
async def test_a_paid_link_is_approved_owed_and_says_how_it_was_paid(till: Till) -> None:
    attempt_id = await till.link()
    await till.told(till.pages.end(attempt_id, APPROVED))
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.authorization_code, attempt.late_success) == (
        AttemptState.APPROVED,
        "L1N2K3",
        False,
    )
    assert (await till.link_of(attempt_id)).state is LinkState.CLOSED
    assert [one.state for one in await till.rows(WriteBack)] == ["done", "done"]
    (noted,) = till.records.logged.values()
    assert "on a secure link" in noted.body
    (row,) = await till.rows(PaymentLink)
    assert row.url is None


async def test_what_the_webhook_says_is_only_a_reason_to_look(till: Till) -> None:
    """A refused card, a bank's question, an old message: the page is open, so the debt stays held."""
    attempt_id = await till.link()
    for event in (AttemptEvent.DECLINED, PENDING, CLOSED, APPROVED):
        await till.told(till.bank.says(event, attempt_id, seen_via="webhook"))
    assert (await till.attempt(attempt_id)).state is AttemptState.OPEN
    assert await till.holding() == [True]
    assert sum(one[0] == "find" for one in till.pages.asked) == 4


async def test_a_lost_message_is_found_by_the_regular_look(till: Till) -> None:
    attempt_id = await till.link()
    (job,) = await till.jobs("look_at_link")
    assert job["at"] > now() + timedelta(seconds=links.LOOK_EVERY_S - 5)
    await till.due()
    await till.work()
    assert len(await till.jobs("look_at_link")) == 1  # still open: looked at again
    till.pages.end(attempt_id, APPROVED)
    await till.due()
    await till.work()
    assert (await till.attempt(attempt_id)).state is AttemptState.APPROVED
    assert await till.jobs("look_at_link") == []


async def test_a_look_that_runs_twice_is_followed_by_one(till: Till) -> None:
    attempt_id = await till.link()
    for _ in range(3):
        await links.look(till.hub, attempt_id, 1)
        await links.look(till.hub, attempt_id, 0)
    assert len(await till.jobs("look_at_link")) == 2  # the one of the opening, and one more


@pytest.mark.allow_log("look at a link failed")
async def test_a_provider_that_does_not_answer_leaves_it_open_and_is_asked_again(till: Till) -> None:
    attempt_id = await till.link()
    till.pages.fails["find"] = NotSent("down")
    await till.due()
    await till.work()
    assert (await till.attempt(attempt_id)).state is AttemptState.OPEN
    assert len(await till.jobs("look_at_link")) == 1


async def test_an_expired_link_frees_the_debt_and_the_keypad_works(till: Till) -> None:
    intent_id = await till.intent()
    attempt_id = await till.link(intent_id)
    await till.told(till.pages.end(attempt_id, CLOSED))
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.not_sent_reason) == (
        AttemptState.NOT_SENT,
        "The link expired before it was paid.",
    )
    assert await till.start(intent_id)


async def test_what_a_bank_thinks_over_holds_the_debt_and_is_followed(till: Till) -> None:
    intent_id = await till.intent()
    attempt_id = await till.link(intent_id)
    await till.told(till.pages.end(attempt_id, PENDING))
    assert (await till.attempt(attempt_id)).state is AttemptState.PENDING
    await refused(Conflict, till.start(intent_id))
    till.bank.known = [till.bank.says(APPROVED, attempt_id, Money(12336, "GBP"), seen_via="lookup")]
    await till.due()
    await till.work()
    assert (await till.attempt(attempt_id)).state is AttemptState.APPROVED


@pytest.mark.allow_log("late success")
async def test_a_success_after_expiry_wins_and_is_flagged(till: Till) -> None:
    attempt_id = await till.link()
    await links.cancel(till.hub, till.who, attempt_id)
    await till.work()
    assert (await till.attempt(attempt_id)).state is AttemptState.NOT_SENT
    await till.told(till.pages.end(attempt_id, APPROVED))
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.late_success) == (AttemptState.APPROVED, True)


@pytest.mark.parametrize("has_page", [True, False])
@pytest.mark.allow_log("late success|look at a link failed")
async def test_word_that_a_closed_page_was_paid_is_not_lost_with_one_look(till: Till, has_page: bool) -> None:
    attempt_id = await till.link()
    await links.cancel(till.hub, till.who, attempt_id)
    await till.work()
    if not has_page:  # it was given up after six lost answers, and is there all the same
        await till.change(PaymentLink, attempt_id, session_id=None)
    till.pages.fails["find"] = NotSent("down")
    paid = till.pages.end(attempt_id, APPROVED, seen_via="webhook")
    await till.told(paid)
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.late_success) == (AttemptState.APPROVED, True)
    await till.due()
    await till.work()
    assert await till.jobs("look_at_link") == []
    assert len(till.ledger.booked) == 1


@pytest.mark.allow_log("look at a link failed|evidence differs")
async def test_other_news_of_a_closed_page_is_looked_for_until_the_provider_answers(till: Till) -> None:
    attempt_id = await till.link()
    await links.cancel(till.hub, till.who, attempt_id)
    await till.work()
    await till.due()
    await till.work()  # and the regular look is over
    thinks = till.pages.end(attempt_id, PENDING, seen_via="webhook")
    for tries in range(3):
        till.pages.fails["find"] = NotSent("down")
        if tries:
            await till.due()
            await till.work()
        else:
            await till.told(thinks)
        assert (await till.attempt(attempt_id)).state is AttemptState.NOT_SENT
        assert [one.get("tries") for one in await till.jobs("look_at_link")] == [tries + 1]
    await till.due()
    await till.work()
    assert (await till.attempt(attempt_id)).state is AttemptState.PENDING
    till.pages.fails["find"] = NotSent("down")
    await links.look(till.hub, attempt_id, 0)
    assert await till.jobs("look_at_link") == []  # the processor is asked by now


@pytest.mark.allow_log("evidence differs")
async def test_another_amount_is_an_alarm_and_frees_nothing(till: Till) -> None:
    attempt_id = await till.link()
    await till.told(till.pages.end(attempt_id, APPROVED, amount=Money(1, "GBP")))
    attempt = await till.attempt(attempt_id)
    assert (
        attempt.state is AttemptState.UNKNOWN
    )  # its page is over: it is asked about, and a person may decide
    assert attempt.alarm
    assert attempt.check
    assert await till.holding() == [True]
    assert (await till.row(Attempt, attempt_id)).provider_ids == {"payment_intent": f"pi_{attempt_id}"}


# ---------------------------------------------------------------- closing
async def test_an_expired_link_is_over_only_when_the_provider_confirms(till: Till) -> None:
    intent_id = await till.intent()
    attempt_id = await till.link(intent_id)
    await payments.cancel(till.hub, till.who, attempt_id)
    assert (await till.link_of(attempt_id)).state is LinkState.CLOSING
    assert (await till.attempt(attempt_id)).state is AttemptState.OPEN
    await refused(Conflict, till.start(intent_id))
    await till.work()
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.not_sent_reason) == (AttemptState.NOT_SENT, "You expired the link.")
    assert [one.action for one in await till.rows(AuditEntry)][-1] == "link.cancel"
    await payments.cancel(till.hub, till.who, attempt_id)  # the press came twice
    assert await till.start(intent_id)


async def test_a_supervisor_expires_the_link_of_an_agent_and_nobody_elses_card_session(till: Till) -> None:
    sam, other = await till.colleague(Role.SUPERVISOR), await till.colleague()
    attempt_id = await till.link()
    keypad = await till.start(await till.intent(minor=5000, invoice="8"))
    async with till.hub.sessions() as session:
        assert await payments.of_attempt(session, sam, attempt_id)
        for who, mine in ((sam, keypad), (other, attempt_id), (other, keypad)):
            await refused(NotFound, payments.of_attempt(session, who, mine))
    await payments.cancel(till.hub, sam, attempt_id)
    await till.work()
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.not_sent_reason) == (AttemptState.NOT_SENT, "Sam expired the link.")
    last = (await till.rows(AuditEntry))[-1]
    assert (last.user_id, last.action) == (sam.user_id, "link.cancel")


@pytest.mark.allow_log("link not closed")
async def test_a_link_that_cannot_be_reached_goes_on_holding_the_debt(till: Till) -> None:
    attempt_id = await till.link()
    till.pages.fails["expire"] = OutcomeUnknown("time-out")
    await payments.cancel(till.hub, till.who, attempt_id)
    await till.work()
    assert await till.holding() == [True]
    await till.due()
    await till.work()
    assert await till.holding() == [False]


@pytest.mark.parametrize("closing", [True, False])
@pytest.mark.allow_log("link not closed|look at a link failed")
async def test_a_page_that_the_provider_does_not_know_is_asked_about_until_nobody_can_pay_on_it(
    till: Till, closing: bool
) -> None:
    attempt_id = await till.link()
    if closing:
        await payments.cancel(till.hub, till.who, attempt_id)
    for over in (False, True):
        what = "expire" if closing else "find"
        till.pages.fails[what] = Rejected("no such checkout session")
        if over:
            ended = now() - links.OVER_AFTER
            await till.change(PaymentLink, attempt_id, expires_at=ended)
        await till.due()
        await till.work()
        assert what not in till.pages.fails  # it was asked
        assert await till.holding() == [True]
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, (await till.link_of(attempt_id)).state) == (
        AttemptState.UNKNOWN,
        LinkState.CLOSED,
    )
    assert (await till.row(Attempt, attempt_id)).sent_at == attempt.started_at  # asked for from then on
    assert len(await till.jobs("ask_processor")) == 1
    await till.due()
    await till.work()
    assert await till.jobs("close_link") == await till.jobs("look_at_link") == []


async def test_a_link_that_is_paid_while_we_close_it_is_paid(till: Till) -> None:
    attempt_id = await till.link()
    await payments.cancel(till.hub, till.who, attempt_id)
    till.pages.end(attempt_id, APPROVED)
    await till.work()
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.late_success, attempt.not_sent_reason) == (
        AttemptState.APPROVED,
        False,
        None,
    )
    await refused(Conflict, payments.cancel(till.hub, till.who, attempt_id))


@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.allow_log("payment page not made")
async def test_a_link_given_up_while_it_is_made_is_closed_and_never_texted(
    till: Till, answered: bool
) -> None:
    async def give_up() -> None:
        (attempt,) = await till.rows(Attempt)
        await payments.cancel(till.hub, till.who, attempt.attempt_id)

    till.pages.meanwhile["open"] = give_up
    if not answered:
        till.pages.fails["open_answer"] = OutcomeUnknown("time-out")
    attempt_id = await till.link()
    if not answered:
        assert await till.holding() == [True]
        await till.due()
        await till.work()
    assert till.texts.sent == []
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.not_sent_reason) == (AttemptState.NOT_SENT, "You expired the link.")
    assert ("expire", f"cs-{attempt_id}") in till.pages.asked


@pytest.mark.allow_log("late success")
async def test_a_late_success_of_the_keypad_closes_the_link(till: Till) -> None:
    """The keypad's charge was told as not sent, the customer got a link, and then the charge turns up."""
    keypad = await till.sending()
    await till.learn(keypad, AttemptEvent.REFUSED)
    intent_id = (await till.show(keypad)).intent_id
    attempt_id = await till.link(intent_id)
    await till.learn(keypad, APPROVED)
    assert (await till.link_of(attempt_id)).state is LinkState.CLOSING
    await till.work()
    attempt = await till.attempt(attempt_id)
    assert (attempt.state, attempt.not_sent_reason) == (
        AttemptState.NOT_SENT,
        "It was paid another way.",
    )
    assert (await till.show(keypad)).state is AttemptState.APPROVED


@pytest.mark.allow_log("late success")
async def test_a_late_success_beside_the_start_of_a_link_keeps_it_from_the_customer(till: Till) -> None:
    """Neither sees the other: the link is not there to be closed, and the debt is not paid yet."""
    keypad = await till.sending()
    await till.learn(keypad, AttemptEvent.REFUSED)
    other = await till.intent()
    async with till.hub.sessions.begin() as session:
        late = till.bank.says(APPROVED, keypad, Money(12336, "GBP"))
        await outcomes.apply(till.hub, session, await lock_attempt(session, keypad), late)
        await session.flush()
        new = wire.NewAttempt(key=new_ulid(), route="link")
        shown = await payments.start_attempt(till.hub, till.who, other, new)
    await till.work()
    assert till.texts.sent == []
    attempt = await till.attempt(shown.attempts[-1].attempt_id)
    assert (attempt.state, attempt.not_sent_reason) == (AttemptState.NOT_SENT, "It was paid another way.")


async def test_a_page_whose_bank_said_no_in_the_end_frees_the_debt(till: Till) -> None:
    intent_id = await till.intent()
    attempt_id = await till.link(intent_id)
    await till.told(till.pages.end(attempt_id, AttemptEvent.DECLINED))
    assert (await till.attempt(attempt_id)).state is AttemptState.DECLINED
    assert await till.start(intent_id)


async def test_wrap_up_is_not_held_up_by_an_open_link(till: Till) -> None:
    attempt_id = await till.link()
    (call,) = await till.rows(Call)
    done = await calls.wrap_up(till.hub, till.who, call.call_id, WrapUp(disposition="call_dropped"))
    assert done.state == "ended"
    assert (await till.attempt(attempt_id)).state is AttemptState.OPEN
