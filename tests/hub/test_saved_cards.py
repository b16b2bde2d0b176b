"""Saved cards: the consent, what is kept of it, and letting go."""

import asyncio

import httpx
import pytest
from sqlalchemy import text

from agentdesk.adapters.base import Misconfigured, OutcomeUnknown, Rejected
from agentdesk.domain.card import CardSummary
from agentdesk.domain.errors import Conflict, NotFound
from agentdesk.domain.payment import AttemptEvent
from agentdesk.domain.saved_card import SavedCardState
from agentdesk.hub import captures, saved_card_jobs, saved_cards
from agentdesk.hub.db import tables
from agentdesk.hub.db.saved_cards import SavedCard
from agentdesk.hub.jobs import sweeps
from agentdesk.hub.policies import SavedCards
from tests.hub.savers import WORDING, actions, agreed, approved, cards, kept, keyed, second, the_row
from tests.hub.till import Till, refused, with_settings

pytestmark = pytest.mark.anyio


# ---------------------------------------------------------------- the consent
async def test_with_consent_the_card_of_an_approved_payment_is_kept(till: Till) -> None:
    attempt_id = await approved(till)
    charge = till.bank.asked[-1][1]
    assert (charge.keep, charge.token.customer) == (True, None)
    assert not till.keeper.asked, "the payment waits for nothing of it"
    await till.work()
    (card,) = await cards(till)
    assert (card.label, card.off_reason, card.agreed_by) == ("Visa ending 4242, 08/28", None, "Priya Nair")
    row = await the_row(till)
    assert (row.token, row.customer_ref, row.live) == (f"pm_{attempt_id}", "cus-1", False)
    assert (row.wording, row.words, row.agreed_by) == (WORDING, SavedCards().words, "usr_1")
    consent = (await till.attempt(attempt_id)).consent
    assert consent and (consent.state, consent.by) == (SavedCardState.KEPT, "Priya Nair")


async def test_who_agreed_when_and_to_which_words_is_in_the_audit_chain(till: Till) -> None:
    await approved(till)
    await till.work()
    assert await actions(till.hub) == ["card.agree done", "card.keep done"]
    said = next(one for one in await till.rows(tables.AuditEntry) if one.action == "card.agree")
    assert (said.user_id, said.detail["wording"]) == ("usr_1", WORDING)
    assert said.detail["words"] == saved_cards.digest(SavedCards().words)
    (note,) = [one for one in till.records.logged.values() if one.subject == "Card saved"]
    assert "Visa ending 4242, 08/28" in note.body
    assert f"Priya Nair, wording {WORDING}" in note.body


async def test_without_consent_nothing_is_kept_and_nothing_is_asked(till: Till) -> None:
    await till.paid()
    await till.work()
    assert not till.bank.asked[-1][1].keep
    assert not till.keeper.asked
    assert await till.rows(SavedCard) == []


async def test_a_consent_is_given_once_and_can_be_taken_back_and_given_again(till: Till) -> None:
    attempt_id = await agreed(till)
    await saved_cards.agree(till.hub, till.who, attempt_id, WORDING)
    await saved_cards.take_back(till.hub, till.who, attempt_id)
    await saved_cards.take_back(till.hub, till.who, attempt_id)
    assert (await the_row(till)).state == SavedCardState.NOT_KEPT
    await saved_cards.agree(till.hub, till.who, attempt_id, WORDING)
    assert (await the_row(till)).state == SavedCardState.AGREED
    assert await actions(till.hub) == ["card.agree done", "card.withdraw done", "card.agree done"]


async def test_a_consent_that_was_taken_back_keeps_nothing(till: Till) -> None:
    attempt_id = await agreed(till)
    await saved_cards.take_back(till.hub, till.who, attempt_id)
    await till.submit(attempt_id)
    assert await till.token(attempt_id)
    await till.charge(attempt_id)
    await till.work()
    assert not till.bank.asked[-1][1].keep
    assert not till.keeper.asked
    assert await cards(till) == []


async def test_where_nobody_agreed_there_is_nothing_to_take_back(till: Till) -> None:
    await saved_cards.take_back(till.hub, till.who, await keyed(till))
    assert await till.rows(SavedCard) == []


async def test_other_words_than_the_firms_are_no_consent(till: Till) -> None:
    attempt_id = await keyed(till)
    error = await refused(Conflict, saved_cards.agree(till.hub, till.who, attempt_id, "2019-01"))
    assert error.code == "consent_changed"


async def test_after_it_was_submitted_it_is_too_late(till: Till) -> None:
    attempt_id = await till.submitted()
    error = await refused(Conflict, saved_cards.agree(till.hub, till.who, attempt_id, WORDING))
    assert error.code == "consent_too_late"
    assert await till.rows(SavedCard) == []


async def test_a_link_has_no_card_to_agree_about(till: Till) -> None:
    attempt_id = await till.link()
    error = await refused(Conflict, saved_cards.agree(till.hub, till.who, attempt_id, WORDING))
    assert error.code == "step_not_possible"


@pytest.mark.allow_log("late success|not executed")
@pytest.mark.parametrize("outcome", [AttemptEvent.DECLINED, AttemptEvent.REFUSED])
async def test_the_consent_ends_with_a_payment_that_took_nothing(till: Till, outcome: AttemptEvent) -> None:
    attempt_id = await agreed(till)
    await till.submit(attempt_id)
    assert await till.token(attempt_id)
    till.bank.answer = outcome
    await till.charge(attempt_id)
    await till.learn(attempt_id, AttemptEvent.APPROVED)  # late: they were told that nothing was taken
    await till.work()
    assert (await the_row(till)).state == SavedCardState.NOT_KEPT
    assert not till.keeper.asked


async def test_the_consent_ends_with_a_cancelled_card_entry(till: Till) -> None:
    attempt_id = await agreed(till)
    await captures.cancel(till.hub, till.who, attempt_id)
    consent = (await till.attempt(attempt_id)).consent
    assert consent and (consent.state, consent.why) == (SavedCardState.NOT_KEPT, "The payment was not taken.")


async def test_what_was_unknown_and_found_approved_is_kept(till: Till) -> None:
    attempt_id = await agreed(till)
    await till.submit(attempt_id)
    assert await till.token(attempt_id)
    till.bank.answer = AttemptEvent.NO_ANSWER
    await till.charge(attempt_id)
    assert (await the_row(till)).state == SavedCardState.AGREED
    await till.learn(attempt_id, AttemptEvent.APPROVED)
    await till.work()
    assert len(await cards(till)) == 1


# ---------------------------------------------------------------- keeping, and what goes wrong
@pytest.mark.allow_log("card not kept")
@pytest.mark.parametrize("step", ["token_of", "open_customer", "keep", "keep_answer"])
@pytest.mark.parametrize("error", [OutcomeUnknown(), Misconfigured()])
async def test_silence_is_asked_again_under_the_same_keys_and_never_charges(
    till: Till, step: str, error: Exception
) -> None:
    await approved(till)
    till.keeper.fails = {step: error}
    await till.work()
    assert (await the_row(till)).state == SavedCardState.KEEPING
    assert await cards(till) == [], "it is not offered before it is kept"
    await till.due()
    await till.work()
    assert len(await cards(till)) == 1
    assert len(till.keeper.customers) == 1
    assert len({one[2] for one in till.keeper.asked if one[0] == "keep"}) == 1
    assert len([one for one in till.bank.asked if one[0] == "charge"]) == 1


@pytest.mark.allow_log("card not kept")
@pytest.mark.parametrize("step", ["token_of", "keep"])
async def test_a_processor_that_will_not_keep_it_is_told(till: Till, step: str) -> None:
    attempt_id = await approved(till)
    till.keeper.fails = {step: Rejected("no")}
    await till.work()
    row = await the_row(till)
    assert (row.state, row.token, row.exp_year) == (SavedCardState.NOT_KEPT, None, None)
    consent = (await till.attempt(attempt_id)).consent
    assert consent and consent.why == "The payment provider did not keep it."
    assert (await till.show(attempt_id)).state == "approved"
    assert "The card was not saved" in await till.titles(attempt_id)


@pytest.mark.allow_log("forgotten")
async def test_a_job_that_was_forgotten_is_followed_again(till: Till) -> None:
    await approved(till)
    async with till.hub.sessions.begin() as session:
        await session.execute(text("delete from procrastinate_jobs where task_name = 'hub:keep_card'"))
    await sweeps.sweep(till.hub)
    await till.work()
    (card,) = await cards(till)
    await saved_cards.withdraw(till.hub, till.who, card.card_id)
    async with till.hub.sessions.begin() as session:
        await session.execute(text("delete from procrastinate_jobs where task_name = 'hub:let_card_go'"))
    await sweeps.sweep(till.hub)
    await till.work()
    assert (await the_row(till)).state == SavedCardState.GONE


async def test_the_job_twice_keeps_one_card(till: Till) -> None:
    card = await kept(till)
    asked = len(till.keeper.asked)
    await saved_card_jobs.keep(till.hub, card.card_id, 0)
    assert len(till.keeper.asked) == asked
    assert len(await cards(till)) == 1


async def test_the_next_card_is_kept_for_the_same_customer_of_the_processor(till: Till) -> None:
    await kept(till)
    till.keeper.card = CardSummary("mastercard", "8210", 1, 2030)
    await approved(till, await second(till))
    await till.work()
    assert [one.label for one in await cards(till)] == [
        "Mastercard ending 8210, 01/30",
        "Visa ending 4242, 08/28",
    ]
    assert {one.customer_ref for one in await till.rows(SavedCard)} == {"cus-1"}
    assert [one[0] for one in till.keeper.asked].count("open_customer") == 1


async def test_the_same_card_kept_again_takes_the_place_of_the_first(till: Till) -> None:
    first = await kept(till)
    await approved(till, await second(till))
    await till.work()
    (card,) = await cards(till)
    assert card.card_id != first.card_id
    gone = await till.row(SavedCard, first.card_id)
    assert (gone.state, gone.why) == (SavedCardState.GONE, "The same card was saved again.")
    assert len(till.keeper.kept) == 1


# ---------------------------------------------------------------- letting go
async def test_a_withdrawn_card_is_gone_from_the_list_at_once_and_then_at_the_processor(till: Till) -> None:
    card = await kept(till)
    await saved_cards.withdraw(till.hub, till.who, card.card_id)
    assert await cards(till) == []
    assert till.keeper.kept
    await till.work()
    assert not till.keeper.kept
    row = await the_row(till)
    assert (row.state, row.exp_month, row.withdrawn_by) == (SavedCardState.GONE, None, "usr_1")
    assert (await actions(till.hub))[-1] == "card.withdraw done"
    notes = {one.subject: one.body for one in till.records.logged.values()}
    assert notes["Saved card removed"] == "Visa ending 4242, 08/28. The customer withdrew it."


async def test_withdrawing_twice_is_once(till: Till) -> None:
    card = await kept(till)
    for _ in range(2):
        await saved_cards.withdraw(till.hub, till.who, card.card_id)
        await till.work()
    assert (await actions(till.hub)).count("card.withdraw done") == 1
    assert [one[0] for one in till.keeper.asked].count("let_go") == 1


async def test_a_card_nobody_knows_cannot_be_withdrawn(till: Till) -> None:
    error = await refused(NotFound, saved_cards.withdraw(till.hub, till.who, "card_none"))
    assert error.code == "saved_card_unknown"


@pytest.mark.allow_log("card not let go")
@pytest.mark.parametrize("step", ["let_go", "let_go_answer"])
async def test_letting_go_is_asked_until_the_processor_confirms(till: Till, step: str) -> None:
    card = await kept(till)
    await saved_cards.withdraw(till.hub, till.who, card.card_id)
    till.keeper.fails = {step: OutcomeUnknown()}
    await till.work()
    assert (await the_row(till)).state == SavedCardState.LETTING_GO
    await till.due()
    await till.work()
    assert (await the_row(till)).state == SavedCardState.GONE
    assert not till.keeper.kept


@pytest.mark.parametrize("step", ["token_of", "open_customer", "keep", "keep_answer"])
async def test_withdrawn_while_it_is_being_kept_it_is_let_go(till: Till, step: str) -> None:
    attempt_id = await approved(till)

    async def take_back() -> None:
        await saved_cards.take_back(till.hub, till.who, attempt_id)

    till.keeper.meanwhile = {step: take_back}
    await till.work()
    assert not till.keeper.kept
    assert (await the_row(till)).state == SavedCardState.GONE
    assert await cards(till) == []


@pytest.mark.allow_log("card not kept")
async def test_attached_after_it_was_let_go_it_is_let_go_again(till: Till) -> None:
    """The process that had it attached died before it could say so; another had let it go meanwhile."""
    attempt_id = await approved(till)

    async def taken_back_and_let_go() -> None:
        await saved_cards.take_back(till.hub, till.who, attempt_id)
        await saved_card_jobs.let_go(till.hub, (await the_row(till)).card_id, 0)

    till.keeper.meanwhile = {"keep": taken_back_and_let_go}
    till.keeper.fails = {"keep_answer": OutcomeUnknown()}
    await saved_card_jobs.keep(till.hub, (await the_row(till)).card_id, 0)
    assert till.keeper.kept, "it arrived late"
    await till.due()
    await till.work()
    assert not till.keeper.kept
    assert (await the_row(till)).state == SavedCardState.GONE


async def test_attached_while_letting_go_waits_for_its_answer_it_is_let_go_again(till: Till) -> None:
    attempt_id = await approved(till)
    card_id = (await the_row(till)).card_id
    asked, learned = asyncio.Event(), asyncio.Event()

    async def taken_back_and_asked() -> None:
        await saved_cards.take_back(till.hub, till.who, attempt_id)
        at_once.create_task(saved_card_jobs.let_go(till.hub, card_id, 0))
        await asked.wait()

    async def slow_answer() -> None:
        asked.set()
        await learned.wait()

    till.keeper.meanwhile = {"keep": taken_back_and_asked, "let_go_answer": slow_answer}
    async with asyncio.TaskGroup() as at_once:
        await saved_card_jobs.keep(till.hub, card_id, 0)
        learned.set()
    assert till.keeper.kept, "it arrived after it was looked for"
    assert (await the_row(till)).state == SavedCardState.LETTING_GO
    await till.work()
    assert not till.keeper.kept
    assert (await the_row(till)).state == SavedCardState.GONE


# ---------------------------------------------------------------- by the routes
async def test_nobody_agrees_for_what_is_not_theirs(admin_client: httpx.AsyncClient) -> None:
    nobodys = await admin_client.put("/v1/attempts/pa_1/consent", json={"wording": WORDING})
    assert nobodys.status_code == 404
    assert (await admin_client.delete("/v1/attempts/pa_1/consent")).status_code == 404
    assert (await admin_client.delete("/v1/saved-cards/card_1")).status_code == 404


# ---------------------------------------------------------------- test and real money
def moved(till: Till) -> None:
    """Let the hub take real money from now on; what is in its tables was taken in test mode."""
    till.keeper.kept, till.keeper.live = {}, True  # the other key sees none of it
    with_settings(till, test_mode=False)


@pytest.mark.allow_log("a saved card is of the other mode")
async def test_a_card_of_the_other_mode_is_not_taken_for_let_go(till: Till) -> None:
    card = await kept(till)
    await saved_cards.withdraw(till.hub, till.who, card.card_id)
    moved(till)
    await till.work()
    assert (await the_row(till)).state == SavedCardState.LETTING_GO
    assert "let_go" not in [what for what, *_ in till.keeper.asked]
    assert [one["tries"] for one in await till.jobs("let_card_go")] == [1]


async def test_a_card_of_the_other_mode_is_not_taken_for_gone(till: Till) -> None:
    card = await kept(till)
    moved(till)
    await saved_card_jobs.look(till.hub, card.card_id)
    assert (await the_row(till)).state == SavedCardState.KEPT


@pytest.mark.allow_log("a saved card is of the other mode")
async def test_a_card_of_the_other_mode_waits_to_be_kept(till: Till) -> None:
    await approved(till)
    moved(till)
    await till.work()
    assert (await the_row(till)).state == SavedCardState.KEEPING
    assert till.keeper.asked == []
    assert [one["tries"] for one in await till.jobs("keep_card")] == [1]
