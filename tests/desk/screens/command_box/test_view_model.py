"""The command box: what fits, what is asked, what is refused."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.command_box.view import split
from agentdesk.desk.screens.command_box.view_model import (
    DO,
    GO,
    Action,
    CommandBoxViewModel,
    Opening,
    fits,
    marks,
)
from agentdesk.desk.screens.customer.view_model import CustomerViewModel
from agentdesk.desk.session import Session
from agentdesk.domain.errors import Unavailable
from agentdesk.domain.people import Role
from tests.desk import log_samples, samples
from tests.desk.fake_hub import FakeHub

Enter = Callable[[], None]


def box(session: Session, *actions: Action, looked: list[str] | None = None) -> CommandBoxViewModel:
    looked = [] if looked is None else looked
    opening = Opening(session.open_payment, looked.append, lambda: "")
    return CommandBoxViewModel(session, CustomerViewModel(session), opening, actions)


def titles(model: CommandBoxViewModel) -> list[str]:
    return [line.title for line in model.lines]


def test_before_anything_is_typed_every_action_shows_what_can_be_done_first(session: Session) -> None:
    off = Action("Send link", print, key="F7", why_off="No mobile number")
    model = box(session, Action("Payments", print, GO), off, Action("Take £12.00", print, key="F4"))
    assert titles(model) == ["Take £12.00", "Send link", "Payments"]
    assert model.lines[1].why_off == "No mobile number"


def test_words_fit_in_any_order(session: Session) -> None:
    model = box(session, Action("Send a link", print), Action("Sign out", print))
    model.type("link se")
    assert titles(model) == ["Send a link"]


def test_customers_come_from_the_hub_and_choosing_one_links_the_call(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.found = [samples.match(2, "Chidi Okafar")]
    hub.customers["cus_2"] = samples.customer().model_copy(update={"customer_id": "cus_2"})
    hub.histories["cus_2"] = samples.history()
    hub.calls["call_1"] = samples.call(customer_id=None)
    enter()
    model = box(session, Action("Take payment", print, DO))
    model.type("oka")
    model.find()
    qtbot.waitUntil(lambda: titles(model) == ["Chidi Okafar"])
    model.lines[0].run()
    qtbot.waitUntil(lambda: session.customer_id == "cus_2")


def test_who_is_on_this_call_is_marked_and_not_chosen_again(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.found = [samples.match(1)]
    hub.calls["call_1"] = samples.call()
    enter()
    model = box(session)
    model.type("oka")
    model.find()
    qtbot.waitUntil(lambda: bool(model.lines))
    assert model.lines[0].badge == "on_call"
    model.lines[0].run()
    assert hub.count("link_customer") == 0


def test_another_customer_is_off_once_a_payment_was_started(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.found = [samples.match(2, "Chidi Okafar")]
    payment = hub.take(samples.payment(samples.attempt()))
    hub.calls["call_1"] = samples.call(payment_intent_ids=[payment.intent_id])
    enter()
    model = box(session)
    model.type("chidi")
    model.find()
    qtbot.waitUntil(lambda: bool(model.lines))
    assert model.lines[0].why_off == "A payment of this call is for this customer"


@pytest.mark.parametrize("text", ["o", " ".join(["4242"] * 4), ""])
def test_what_is_too_short_or_looks_like_a_card_is_not_sent(
    text: str, session: Session, hub: FakeHub, enter: Enter
) -> None:
    enter()
    model = box(session)
    model.type(text)
    model.find()
    assert hub.count("search_customers") == 0
    assert not model.is_asking


def test_a_hub_that_does_not_answer_is_told_and_actions_stay(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    hub.fail("search_customers", Unavailable("customer_records_unavailable"))
    model = box(session, Action("Take payment", print))
    model.type("take")
    model.find()
    qtbot.waitUntil(lambda: bool(model.error))
    assert titles(model) == ["Take payment"]


def test_a_supervisor_finds_a_payment_of_the_log_and_looks_at_it(
    session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.person = samples.person(Role.SUPERVISOR)
    hub.log = log_samples.log_page()
    row = hub.log.rows[0]
    enter()
    model = box(session, looked=(looked := []))
    model.type(row.short_reference)
    model.find()
    qtbot.waitUntil(lambda: row.short_reference in titles(model))
    next(line for line in model.lines if line.title == row.short_reference).run()
    assert (looked, session.payment) == ([row.intent_id], None)


@given(st.text(max_size=12), st.text(max_size=30))
def test_the_parts_of_a_title_are_the_title(text: str, title: str) -> None:
    places = marks(text, title)
    assert "".join(part for part, _ in split(title, places)) == title
    if fits(text, title) and text.split() and title == title.casefold() == title.upper().casefold():
        assert any(marked for _, marked in split(title, places))
