"""Who the call is about: found, chosen, searched, changed; and what is said where it cannot be known."""

from collections.abc import Callable
from datetime import datetime

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.customer.view_model import CustomerViewModel, Place
from agentdesk.desk.session import Session
from agentdesk.domain.errors import Conflict, Unavailable
from agentdesk.domain.money import total
from agentdesk.domain.payment import NO_CHARGE, AttemptState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.events import CallChanged, PaymentChanged
from tests.desk import samples
from tests.desk.fake_hub import FakeHub

Enter = Callable[[], None]
CARD_LIKE = " ".join(["4242"] * 4)


SEARCH_BY = "Search by name, number, account, post code or invoice."


# --- who


def test_between_calls_there_is_nobody(model: CustomerViewModel, enter: Enter) -> None:
    enter()
    assert (model.place, model.why_nobody, model.matches) == (Place.NOBODY, "", [])


def test_one_match_is_shown_with_its_history(model: CustomerViewModel, on_call, qtbot: QtBot) -> None:
    on_call()
    qtbot.waitUntil(lambda: model.history is not None)
    assert model.place is Place.CUSTOMER
    assert model.matched_by_number


def test_of_several_nobody_is_chosen_beforehand(
    model: CustomerViewModel, on_call, hub: FakeHub, qtbot: QtBot
) -> None:
    on_call(customer_id=None, matches=[samples.match(1), samples.match(2)])
    assert model.place is Place.SEVERAL
    assert model.session.customer_id is None
    assert hub.count("customer") == 0
    model.choose("cus_1")
    qtbot.waitUntil(lambda: model.place is Place.CUSTOMER)
    assert ("link_customer", ("call_1", "cus_1")) in hub.asked


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, f"No customer has this number. {SEARCH_BY}"),
        (
            {"number": None},
            f"The caller’s number is withheld. {SEARCH_BY}",
        ),
        ({"match_problem": "Customer records do not answer."}, "Customer records do not answer."),
    ],
)
def test_why_nobody_was_found(
    changes: dict[str, object], words: str, model: CustomerViewModel, on_call
) -> None:
    on_call(**({"customer_id": None, "matches": []} | changes))
    assert (model.place, model.why_nobody) == (Place.UNKNOWN, words)


def test_a_customer_who_was_searched_for_is_not_said_to_match(
    model: CustomerViewModel, on_call, hub: FakeHub, qtbot: QtBot
) -> None:
    on_call(customer_id=None, matches=[])
    model.start_search()
    model.choose("cus_1")
    qtbot.waitUntil(lambda: model.place is Place.CUSTOMER)
    assert not model.matched_by_number


# --- changing


def test_before_a_payment_the_customer_can_be_taken_off(
    model: CustomerViewModel, on_call, hub: FakeHub, qtbot: QtBot
) -> None:
    on_call()
    assert (model.why_fixed, model.may_unlink) == ("", True)
    model.start_search()
    model.choose(None)
    qtbot.waitUntil(lambda: model.place is Place.SEVERAL)
    assert ("link_customer", ("call_1", None)) in hub.asked
    assert not model.may_unlink


@pytest.mark.parametrize("state", [one for one in AttemptState if one not in NO_CHARGE])
def test_while_money_may_move_or_did_the_customer_stays(
    model: CustomerViewModel, on_call, hub: FakeHub, qtbot: QtBot, state: AttemptState
) -> None:
    on_call()
    hub.push(PaymentChanged(payment=samples.payment(samples.attempt(state))))
    qtbot.waitUntil(lambda: model.why_fixed != "")
    assert not model.may_unlink


def test_the_wrong_account_is_left_after_a_payment_that_took_nothing(
    model: CustomerViewModel, on_call, hub: FakeHub, qtbot: QtBot
) -> None:
    tried = hub.take(samples.payment(samples.attempt(AttemptState.NOT_SENT)))
    on_call(payment_intent_ids=[tried.intent_id])
    qtbot.waitUntil(lambda: model.session.payment is not None)
    assert (model.why_fixed, model.may_unlink) == ("", True)


def test_a_choice_the_hub_refuses_is_told(
    model: CustomerViewModel, on_call, hub: FakeHub, qtbot: QtBot
) -> None:
    on_call(customer_id=None, matches=[samples.match(1), samples.match(2)])
    hub.fail("link_customer", Conflict("call_over"))
    model.choose("cus_2")
    qtbot.waitUntil(lambda: model.choose_error is not None)
    assert model.place is Place.SEVERAL
    model.choose("cus_1")
    assert model.choose_error is None


# --- searching


def search(model: CustomerViewModel, text: str, qtbot: QtBot) -> None:
    """Search, and wait for what comes of it."""
    with qtbot.waitSignal(model.results_changed):
        model.search(text)


def test_words_find_customers(model: CustomerViewModel, enter: Enter, hub: FakeHub, qtbot: QtBot) -> None:
    enter()
    hub.found = [samples.match(2, "Chidi Okafar", exact=False)]
    model.start_search()
    assert model.place is Place.SEARCH
    search(model, "  oka ", qtbot)
    assert ("search_customers", ("oka",)) in hub.asked
    assert [one.name for one in model.results.rows] == ["Chidi Okafar"]


@pytest.mark.parametrize(("text", "short"), [("", False), ("  ", False), ("o", True), (" o ", True)])
def test_too_little_is_not_sent(
    text: str, short: bool, model: CustomerViewModel, enter: Enter, hub: FakeHub, qtbot: QtBot
) -> None:
    enter()
    model.start_search()
    search(model, text, qtbot)
    assert (model.too_short, model.results) == (short, None)
    assert hub.count("search_customers") == 0


def test_what_looks_like_a_card_number_is_refused_and_not_sent(
    model: CustomerViewModel, enter: Enter, hub: FakeHub, qtbot: QtBot
) -> None:
    enter()
    model.start_search()
    search(model, CARD_LIKE, qtbot)
    assert model.search_error.code == "card_number_refused"
    assert hub.count("search_customers") == 0
    search(model, "oka", qtbot)
    assert model.search_error is None


def test_a_search_that_fails_is_told(
    model: CustomerViewModel, enter: Enter, hub: FakeHub, qtbot: QtBot
) -> None:
    enter()
    hub.fail("search_customers", Unavailable("customer_records_unavailable"))
    search(model, "oka", qtbot)
    assert (model.results, model.search_error.code) == (None, "customer_records_unavailable")


def test_only_the_newest_search_counts(
    model: CustomerViewModel, enter: Enter, hub: FakeHub, qtbot: QtBot
) -> None:
    enter()
    go = hub.hold("search_customers")
    model.search("ok")
    qtbot.waitUntil(lambda: hub.count("search_customers") == 1)
    heard: list[bool] = []
    model.results_changed.connect(lambda: heard.append(True))
    model.search("oka")
    go.set()
    qtbot.waitUntil(lambda: not model.search_command.is_running)
    assert heard == [True]


def test_leaving_the_search_goes_back(model: CustomerViewModel, on_call, qtbot: QtBot) -> None:
    on_call()
    qtbot.waitUntil(lambda: model.place is Place.CUSTOMER)
    model.start_search()
    model.leave_search()
    assert model.place is Place.CUSTOMER


# --- loading


def test_loading_failing_and_loading_again(
    model: CustomerViewModel, enter: Enter, hub: FakeHub, qtbot: QtBot
) -> None:
    enter()
    hub.fail("customer", Unavailable("hub_unreachable"))
    go = hub.hold("customer")
    hub.push(CallChanged(call=samples.call()))
    qtbot.waitUntil(lambda: model.place is Place.LOADING)
    go.set()
    qtbot.waitUntil(lambda: model.place is Place.FAILED)
    model.session.load_customer.restart()
    qtbot.waitUntil(lambda: model.place is Place.CUSTOMER)


def test_reading_again_asks_the_outside_systems(
    model: CustomerViewModel, on_call, hub: FakeHub, qtbot: QtBot
) -> None:
    on_call()
    qtbot.waitUntil(lambda: model.place is Place.CUSTOMER)
    model.refresh()
    qtbot.waitUntil(lambda: ("customer", ("cus_1", True)) in hub.asked)


def test_what_was_paid_on_this_call_is_known(
    model: CustomerViewModel, on_call, hub: FakeHub, qtbot: QtBot
) -> None:
    on_call()
    qtbot.waitUntil(lambda: model.place is Place.CUSTOMER)
    assert model.paid_now is None
    hub.push(PaymentChanged(payment=samples.payment(samples.approved())))
    qtbot.waitUntil(lambda: str(model.paid_now) == "£123.36")


@pytest.mark.parametrize(
    ("state", "read_at", "is_in"),
    [
        (WriteBackState.QUEUED, samples.at(10, 44), False),
        (WriteBackState.PARKED, samples.at(10, 44), False),
        (WriteBackState.DONE, samples.at(10, 43), False),
        (WriteBackState.DONE, samples.at(10, 44), True),
    ],
)
def test_the_balance_is_that_after_the_payment_only_once_it_was_posted_and_read(
    state: WriteBackState,
    read_at: datetime,
    is_in: bool,
    model: CustomerViewModel,
    on_call,
    hub: FakeHub,
    qtbot: QtBot,
) -> None:
    hub.customers["cus_1"] = samples.customer(account_as_of=read_at)
    on_call()
    qtbot.waitUntil(lambda: model.place is Place.CUSTOMER)
    assert not model.paid_is_in
    owed = [
        samples.write_back(WriteBackKind.ACCOUNTS, state),
        samples.write_back(WriteBackKind.CUSTOMER_RECORD),
    ]
    hub.push(PaymentChanged(payment=samples.payment(samples.approved(), write_backs=owed)))
    qtbot.waitUntil(lambda: model.paid_now is not None)
    assert model.paid_is_in is is_in


@pytest.mark.parametrize("state", [AttemptState.SENDING, AttemptState.PENDING, AttemptState.UNKNOWN])
def test_what_may_have_been_charged_counts_as_being_checked(
    state: AttemptState, model: CustomerViewModel, hub: FakeHub, on_call, qtbot: QtBot
) -> None:
    on_call()
    qtbot.waitUntil(lambda: model.place is Place.CUSTOMER)
    assert model.being_checked is None
    hub.push(PaymentChanged(payment=samples.payment(samples.attempt(state))))
    qtbot.waitUntil(lambda: str(model.being_checked) == "£123.36")
    hub.push(PaymentChanged(payment=samples.payment(samples.approved(), version=9)))
    qtbot.waitUntil(lambda: model.being_checked is None)


def test_what_a_payment_of_another_desk_holds_is_told(
    model: CustomerViewModel, hub: FakeHub, on_call, qtbot: QtBot
) -> None:
    first, second, third = samples.customer().open_items
    items = [
        first.model_copy(update={"held_by": "01JD-7Q47"}),
        second.model_copy(update={"held_by": "01JD-7Q4M"}),
        third,
    ]
    hub.customers["cus_1"] = samples.customer(open_items=items)
    on_call()
    qtbot.waitUntil(lambda: model.place is Place.CUSTOMER)
    assert model.held_elsewhere == total([one.outstanding.money for one in (first, second)], "GBP")
    hub.push(PaymentChanged(payment=samples.payment(samples.attempt())))  # 01JD-7Q4M, taken here
    qtbot.waitUntil(lambda: model.held_elsewhere == first.outstanding.money)


# --- the way to pay they prefer


def test_the_way_they_prefer_is_noted_read_again_and_forgotten(
    model: CustomerViewModel, on_call, hub: FakeHub, session: Session, qtbot: QtBot
) -> None:
    on_call()
    model.prefer("link")
    qtbot.waitUntil(lambda: session.customer is not None and session.customer.preferred_route == "link")
    model.prefer("link")
    qtbot.waitUntil(lambda: session.customer is not None and session.customer.preferred_route is None)
    assert [args for name, args in hub.asked if name == "prefer"] == [("cus_1", "link"), ("cus_1", None)]


def test_a_preference_that_is_not_kept_is_said(
    model: CustomerViewModel, on_call, hub: FakeHub, qtbot: QtBot
) -> None:
    on_call()
    hub.fail("prefer", Unavailable("customer_records_unavailable"))
    model.prefer("link")
    qtbot.waitUntil(lambda: model.prefer_error is not None)
