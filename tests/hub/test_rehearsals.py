"""Rehearsals: where they are possible, who rings, how they begin, go on and are left, who sees them."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from psycopg.errors import RestrictViolation
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from agentdesk.adapters.base import NotSent, OutcomeUnknown
from agentdesk.adapters.records import Match
from agentdesk.domain.errors import Conflict, NotFound, Unavailable
from agentdesk.domain.exercises import ExerciseCode
from agentdesk.domain.ids import now
from agentdesk.domain.link import LinkWay
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.people import Role
from agentdesk.hub import auth, calls, readiness, rehearsals
from agentdesk.hub.caller_policy import CallerCheck
from agentdesk.hub.db import tables
from agentdesk.hub.db.rehearsals import Rehearsal
from agentdesk.hub.settings import Link, Settings, SettingsError, load
from agentdesk.wire.calls import WrapUp
from agentdesk.wire.model import Amount
from tests.hub import planners
from tests.hub.outside import Records
from tests.hub.players import Players, finish, goes_on, off, put_through, rehearsing, started, wish
from tests.hub.till import Till, refused, with_settings

pytestmark = pytest.mark.anyio

E = ExerciseCode
OWED = 12336  # on the bill that the ledger has due with the other one; the lower number comes first


@pytest.fixture
def players(till: Till) -> Players:
    """Give who plays callers for the till."""
    return rehearsing(till)


# ---------------------------------------------------------------- where
async def test_a_hub_without_somebody_to_play_says_so(till: Till) -> None:
    assert not (await rehearsals.listing(till.hub, till.who)).here
    error = await refused(Conflict, rehearsals.start(till.hub, till.who, wish()))
    assert error.code == "rehearsal_not_here"


def test_a_live_hub_cannot_be_given_one() -> None:
    with pytest.raises(SettingsError, match="test mode"):
        load(rehearsal="sandbox", test_mode=False)
    assert Settings(rehearsal="sandbox").test_mode


async def test_not_while_a_call_is_there(till: Till, players: Players) -> None:
    await till.call()
    error = await refused(Conflict, rehearsals.start(till.hub, till.who, wish()))
    assert (error.code, players.placed) == ("rehearsal_busy", [])


# ---------------------------------------------------------------- who rings
async def test_somebody_rings_who_owes_something(till: Till, players: Players) -> None:
    made, call_id = await started(till)
    assert (made.cast.name, made.cast.account, made.cast.number) == ("Amara Okafor", "40012345", "INV-7")
    assert (made.cast.amount.minor, made.line, made.score) == (OWED, 0, None)
    (placed,) = players.placed
    assert (placed.key, placed.number, placed.agent) == (made.rehearsal_id, Records.number, "priya")
    assert placed.queue == "Drill"
    current = await goes_on(till)
    assert current is not None
    assert current.call_id == call_id
    log = [row for row in await till.rows(tables.AuditEntry) if row.action == "rehearsal.start"]
    assert [(row.subject, row.detail) for row in log] == [(made.rehearsal_id, {"exercise": "plain"})]


async def test_the_number_is_withheld_where_that_is_the_exercise(till: Till, players: Players) -> None:
    await rehearsals.start(till.hub, till.who, wish(E.WITHHELD))
    assert players.placed[0].number is None


async def test_the_wrong_account_is_somebody_elses(till: Till, players: Players) -> None:
    await _no_customer(till, E.WRONG_ACCOUNT)  # one alone cannot be two
    other = Match("cus_2", "Peter Osei", "40099999", "Leeds", exact=True)
    two = {
        Records.number: till.records.amara,
        "+441614960199": replace(
            till.records.amara, customer_id="cus_2", name="Peter Osei", account="40099999"
        ),
    }
    till.records.find_by_phone = lambda number: _answer(  # type: ignore[method-assign]
        [other if two[number].customer_id == "cus_2" else till.records.matches[0]]
    )
    till.records.record = lambda one: _answer(  # type: ignore[method-assign]
        next(known for known in two.values() if known.customer_id == one)
    )
    players.known = list(two)
    made = await rehearsals.start(till.hub, till.who, wish(E.WRONG_ACCOUNT))
    assert {made.cast.name, made.cast.other} == {"Amara Okafor", "Peter Osei"}
    assert two[str(players.placed[-1].number)].name == made.cast.other


async def _answer(value: object) -> object:
    return value


async def test_a_part_leaves_a_rest_and_a_day(till: Till, players: Players) -> None:
    made = await rehearsals.start(till.hub, till.who, wish(E.PART_PAYMENT))
    assert made.cast.amount.minor == 6100
    assert made.cast.rest == Amount(minor=OWED - 6100, currency="GBP")
    assert made.cast.rest_on == now().date() + timedelta(days=14)


@pytest.mark.parametrize("why", ["nobody known", "nobody owes", "paid just now", "closed", "over the limit"])
async def test_nobody_rings_whom_the_guards_would_stop(till: Till, players: Players, why: str) -> None:
    if why == "nobody known":
        players.known = ["+441614960999"]
    elif why == "nobody owes":
        till.ledger.open = {}
    elif why == "closed":
        till.records.amara = replace(till.records.amara, closed=True)
    elif why == "over the limit":
        till.who = replace(till.who, limit=Amount(minor=100, currency="GBP"))
    else:
        attempt_id = await till.paid()
        await _over(till, (await till.show(attempt_id)).call_id)
    await _no_customer(till)


async def test_nobody_rings_about_a_bill_that_a_payment_plan_takes(till: Till, players: Players) -> None:
    await planners.made(till)  # of all that is owed
    for call in await till.rows(tables.Call):
        await till.hang_up(call.call_id)
        await _over(till, call.call_id)
    for row in await till.rows(tables.PaymentIntent):
        await till.change(tables.PaymentIntent, row.intent_id, created_at=now() - timedelta(hours=1))
    await _no_customer(till)
    till.ledger.open["10"] = 3000
    made = await rehearsals.start(till.hub, till.who, wish())
    assert made.cast.number == "INV-10"


async def test_who_is_played_has_no_answers_and_is_asked_none(till: Till, players: Players) -> None:
    check = CallerCheck(items={"post_code": "Post code"}, must_pass=1, required=True)
    with_settings(till, caller_check=check)
    _, call_id = await started(till)
    assert (await till.attempt(await till.paid(call_id=call_id))).state is AttemptState.APPROVED
    told = {
        one.queue: one.caller_check is not None
        for one in readiness.Board(till.hub.settings, {}).show().queues
    }
    assert told == {"": True, "Drill": False}
    with_settings(till, caller_checks={"Drill": check})  # a firm that practises that, too
    assert till.hub.settings.check_of("Drill") == check


async def _no_customer(till: Till, exercise: E = E.PLAIN) -> None:
    error = await refused(Conflict, rehearsals.start(till.hub, till.who, wish(exercise)))
    assert (error.code, await till.rows(Rehearsal)) == ("rehearsal_no_customer", [])


async def _over(till: Till, call_id: str) -> None:
    await calls.wrap_up(till.hub, till.who, call_id, WrapUp(disposition="enquiry"))


async def test_records_that_do_not_answer_start_nothing(till: Till, players: Players) -> None:
    till.records.fails["find_by_phone"] = NotSent("down")
    error = await refused(Unavailable, rehearsals.start(till.hub, till.who, wish()))
    assert (error.code, await till.rows(Rehearsal)) == ("rehearsal_unavailable", [])


async def test_what_this_person_or_hub_cannot_do_isoff(till: Till, players: Players) -> None:
    assert await off(till, E.PLAIN) is None
    assert await off(till, E.LARGE_REFUND) == "rehearsal_needs_limit"
    settings = till.hub.settings
    by_mail = Link(ways=[LinkWay.EMAIL])  # who rings says "text me"
    till.hub = replace(till.hub, settings=settings.model_copy(update={"link": by_mail}))
    assert await off(till, E.BAD_LINE) == "rehearsal_needs_routes"
    assert await off(till, E.PLAIN) is None
    rules = settings.amounts.model_copy(update={"parts": False})
    till.hub = replace(till.hub, settings=settings.model_copy(update={"link": None, "amounts": rules}))
    assert await off(till, E.BANK_CONFIRMS) == "rehearsal_needs_routes"
    assert await off(till, E.PART_PAYMENT) == "rehearsal_needs_parts"
    error = await refused(Conflict, rehearsals.start(till.hub, till.who, wish(E.BANK_CONFIRMS)))
    assert error.code == "rehearsal_needs_routes"


# ---------------------------------------------------------------- once
async def test_a_press_that_comes_twice_places_one_caller(till: Till, players: Players) -> None:
    press = wish()
    made = [await rehearsals.start(till.hub, till.who, press) for _ in range(2)]
    assert made[0].rehearsal_id == made[1].rehearsal_id
    assert len(players.placed) == 1


@pytest.mark.allow_log("no caller was placed")
async def test_it_is_written_down_before_anybody_is_asked_and_the_same_press_asks_again(
    till: Till, players: Players
) -> None:
    press, players.fails = wish(), OutcomeUnknown("no answer")
    error = await refused(Unavailable, rehearsals.start(till.hub, till.who, press))
    assert error.code == "rehearsal_unavailable"
    (row,) = await till.rows(Rehearsal)
    assert (row.call_ref, row.ended_at) == (None, None)
    await rehearsals.start(till.hub, till.who, press)
    assert {one.key for one in players.placed} == {row.rehearsal_id}


@pytest.mark.allow_log("no caller was placed")
async def test_a_caller_who_comes_though_nobody_heard_it_is_the_rehearsals(
    till: Till, players: Players
) -> None:
    players.fails = OutcomeUnknown("the answer was lost")
    await refused(Unavailable, rehearsals.start(till.hub, till.who, wish()))
    awaited = await goes_on(till)
    assert awaited is not None
    assert awaited.call_id is None
    call_id = await put_through(till, awaited)
    current = await goes_on(till)
    assert current is not None
    assert current.call_id == call_id
    assert (await finish(till, call_id))["nothing_typed"]


async def test_the_next_one_leaves_what_was_never_finished(till: Till, players: Players) -> None:
    first = await rehearsals.start(till.hub, till.who, wish())  # its call never comes
    second = await rehearsals.start(till.hub, till.who, wish(E.LOST_ANSWER))
    rows = {row.rehearsal_id: row for row in await till.rows(Rehearsal)}
    assert (rows[first.rehearsal_id].ended_at is None, rows[first.rehearsal_id].score) == (False, None)
    current = await goes_on(till)
    assert current is not None
    assert current.rehearsal_id == second.rehearsal_id


async def test_the_database_lets_one_go_on_and_no_score_change(till: Till, players: Players) -> None:
    _, call_id = await started(till)
    await finish(till, call_id)
    with pytest.raises(DBAPIError) as changed:
        async with till.hub.sessions.begin() as session:
            await session.execute(update(Rehearsal).values(score=[{"rule": "paid", "passed": True}]))
    assert isinstance(changed.value.orig, RestrictViolation)
    await rehearsals.start(till.hub, till.who, wish())
    with pytest.raises(DBAPIError):
        async with till.hub.sessions.begin() as session:
            await session.execute(update(Rehearsal).values(ended_at=None))


async def test_leaving_hangs_up_and_scores_nothing(till: Till, players: Players) -> None:
    made, call_id = await started(till)
    left = await rehearsals.leave(till.hub, till.who, made.rehearsal_id)
    await rehearsals.leave(till.hub, till.who, made.rehearsal_id)
    assert (left.ended_at is None, players.hung_up) == (False, [f"CA-{made.rehearsal_id}"])
    await _over(till, call_id)
    listed = await rehearsals.listing(till.hub, till.who)
    assert (listed.current, [one.last for one in listed.exercises if one.last]) == (None, [])
    stranger = await till.colleague()
    await refused(NotFound, rehearsals.leave(till.hub, stranger, made.rehearsal_id))


async def test_left_while_the_caller_is_being_placed_they_hang_up(till: Till, players: Players) -> None:
    async def leave() -> None:
        current = await goes_on(till)
        assert current is not None
        await rehearsals.leave(till.hub, till.who, current.rehearsal_id)

    players.meanwhile = leave
    made = await rehearsals.start(till.hub, till.who, wish())
    assert (made.ended_at is None, players.hung_up) == (False, [f"CA-{made.rehearsal_id}"])


@pytest.mark.allow_log("no caller was placed")
async def test_a_caller_of_one_that_was_left_is_not_kept_by_the_next(till: Till, players: Players) -> None:
    async def leave_and_start_another() -> None:
        first = await goes_on(till)
        assert first is not None
        await rehearsals.leave(till.hub, till.who, first.rehearsal_id)
        players.fails = OutcomeUnknown("the answer was lost")
        await refused(Unavailable, rehearsals.start(till.hub, till.who, wish()))
        await put_through(till, first)  # who it is, nobody can know yet

    players.meanwhile = leave_and_start_another
    first = await rehearsals.start(till.hub, till.who, wish())
    refs = {row.rehearsal_id: row.call_ref for row in await till.rows(Rehearsal)}
    assert refs.pop(first.rehearsal_id) == f"CA-{first.rehearsal_id}"
    assert list(refs.values()) == [None]
    assert players.hung_up == [f"CA-{first.rehearsal_id}"]


@pytest.mark.allow_log("was not hung up")
async def test_leaving_works_where_the_sandbox_is_gone(till: Till, players: Players) -> None:
    made, _ = await started(till)
    players.fails = NotSent("down")
    assert (await rehearsals.leave(till.hub, till.who, made.rehearsal_id)).ended_at


# ---------------------------------------------------------------- who sees what
async def test_trainers_see_everybodys_results_and_agents_do_not(
    till: Till, players: Players, hub_app: FastAPI, hub_client: httpx.AsyncClient
) -> None:
    _, call_id = await started(till)
    await finish(till, call_id)
    supervisor, agent = [await _token(till, hub_app, role) for role in (Role.SUPERVISOR, Role.AGENT)]
    seen = await hub_client.get("/v1/rehearsals/results", headers=supervisor)
    assert [(one["person"], one["exercise"]) for one in seen.json()] == [("Priya Nair", "plain")]
    assert (await hub_client.get("/v1/rehearsals/results", headers=agent)).status_code == 403
    mine = (await hub_client.get("/v1/rehearsals", headers=agent)).json()
    assert (mine["here"], mine["current"], len(mine["exercises"])) == (False, None, len(E))


async def _token(till: Till, app: FastAPI, role: Role) -> dict[str, str]:
    who = await till.colleague(role)
    async with till.hub.sessions.begin() as session:
        user = await session.get_one(tables.User, who.user_id)
        token, _ = await auth.open_session(app.state.hub, session, user, "127.0.0.1")
    return {"Authorization": f"Bearer {token}"}


async def test_two_people_rehearse_at_once(till: Till, players: Players) -> None:
    other = await till.colleague()
    await started(till)
    error = await refused(Conflict, rehearsals.start(till.hub, other, wish()))
    assert error.code == "rehearsal_no_customer"  # the one customer there is rings somebody
    assert (await rehearsals.listing(till.hub, other)).current is None


async def test_two_people_who_begin_at_once_do_not_draw_the_same_caller(till: Till, players: Players) -> None:
    other = await till.colleague()

    async def was_faster() -> None:
        await rehearsals.start(till.hub, other, wish())

    till.records.meanwhile["find_by_phone"] = was_faster
    error = await refused(Conflict, rehearsals.start(till.hub, till.who, wish()))
    assert error.code == "rehearsal_no_customer"
    assert [row.user_id for row in await till.rows(Rehearsal)] == [other.user_id]
