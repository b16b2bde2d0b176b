"""Looking for a customer by hand: what is said, what was typed stays, what goes wrong is shown there."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.customer.view import CustomerView
from agentdesk.domain.errors import Conflict
from agentdesk.wire.events import CustomerChanged
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.screens.customer.test_view import buttons, connected, words
from tests.desk.walk import focused

__all__ = ["connected"]


def type_search(view: CustomerView, text: str, qtbot: QtBot) -> None:
    """Type into the search, and ask without waiting for the pause after typing."""
    view._search._field.set_text(text)
    view._search._ask()
    qtbot.waitUntil(lambda: not view._model.search_command.is_running)


def test_the_search_says_what_can_be_searched_for(connected: CustomerView) -> None:
    connected.find()
    field = connected._search._field.edit
    assert field.placeholderText() == "Name, number, account, invoice"
    by = "By name, telephone number, account, post code, email or invoice number."
    assert by in words(connected)  # the whole of it, also where the field is narrow


def test_a_refused_choice_in_the_search_keeps_what_was_typed(
    connected: CustomerView, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.found = [samples.match(2, "Chidi Okafar")]
    connected.find()
    type_search(connected, "oka", qtbot)
    hub.fail("link_customer", Conflict("call_over"))
    connected._model.choose("cus_2")
    qtbot.waitUntil(lambda: any("The call has ended" in one for one in words(connected)))
    assert connected._search._field.text() == "oka"


def test_a_refused_choice_in_a_second_search_is_shown_there(
    connected: CustomerView, hub: FakeHub, qtbot: QtBot
) -> None:
    connected.find()
    with qtbot.waitSignal(connected._search.destroyed):
        connected._model.leave_search()
    connected.find()
    hub.fail("link_customer", Conflict("call_over"))
    connected._model.choose("cus_2")
    qtbot.waitUntil(lambda: any("The call has ended" in one for one in words(connected)))


@pytest.mark.parametrize(
    ("text", "found", "more", "line"),
    [
        ("o", 0, False, "Type two letters or more."),
        ("oka", 0, False, "Nobody found. Try the account number or the post code."),
        ("oka", 2, True, "There are more. Type more of the name."),
    ],
)
def test_what_a_search_says(
    text: str, found: int, more: bool, line: str, connected: CustomerView, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.found, hub.found_more = [samples.match(i) for i in range(found)], more
    connected.find()
    type_search(connected, text, qtbot)
    qtbot.waitUntil(lambda: line in words(connected))
    assert buttons(connected).count("Amara Okafor") == found


def test_a_card_number_typed_into_the_search_is_gone(
    connected: CustomerView, hub: FakeHub, qtbot: QtBot
) -> None:
    connected.find()
    qtbot.keyClicks(focused(), " ".join(["4242"] * 4))
    assert "looked like a card number" in focused().accessibleDescription()
    assert "4242 4242" not in connected._search._field.text()
    assert hub.count("search_customers") == 0


def test_the_search_stays_while_the_customer_is_read_again(
    connected: CustomerView, hub: FakeHub, qtbot: QtBot
) -> None:
    connected.find()
    connected._search._field.set_text("ok")
    hub.customers["cus_1"] = samples.customer(balance=samples.gbp(1))
    hub.push(CustomerChanged(customer_id="cus_1"))
    qtbot.waitUntil(lambda: connected._model.session.customer.balance == samples.gbp(1))
    assert connected._search._field.text() == "ok"


def test_down_goes_from_the_field_to_what_was_found(
    connected: CustomerView, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.found = [samples.match(2, "Chidi Okafar")]
    connected.find()
    type_search(connected, "oka", qtbot)
    qtbot.keyClick(focused(), Qt.Key.Key_Down)
    assert focused().accessibleName() == "Chidi Okafar"
    qtbot.keyClick(focused(), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not connected._model.searching)


def test_nobody_can_be_chosen_again(connected: CustomerView, hub: FakeHub, qtbot: QtBot) -> None:
    connected.find()
    next(one for one in connected.findChildren(QAbstractButton) if one.text() == "Choose nobody").click()
    qtbot.waitUntil(lambda: connected._model.session.customer_id is None)
