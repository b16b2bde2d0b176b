"""The customer region: what shows, what is said, what stays while somebody types."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.customer.kinds import FILTERS
from agentdesk.desk.screens.customer.preferred import Preferred
from agentdesk.desk.screens.customer.view import CustomerView
from agentdesk.desk.screens.payment.actions import actions
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.badge import Badge
from agentdesk.desk.widgets.button import Chip
from agentdesk.desk.widgets.notices import Banner, Loading, PartError, Toast
from agentdesk.desk.widgets.text import Paragraph, Text
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Conflict, Unavailable
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.customers import HistoryKind
from agentdesk.wire.events import CallChanged, CustomerChanged, PaymentChanged
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.walk import SCREENS, focused, press

Enter = Callable[[], None]
Said = list[tuple[str, bool]]


@pytest.fixture
def connected(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> CustomerView:
    """Return the region with Amara and her history in it."""
    SCREENS["connected"](hub)
    enter()
    view = window.shell.customer
    qtbot.waitUntil(lambda: view._model.history is not None)
    return view


def words(widget: QWidget) -> list[str]:
    """Return every word that shows."""
    parts = [one for one in widget.findChildren(QWidget) if isinstance(one, Text | Paragraph)]
    return [one.text() for one in parts if one.isVisible()]


def buttons(widget: QWidget) -> list[str]:
    """Return the name of each button that shows, in the order of the layout."""
    found = [one for one in widget.findChildren(QAbstractButton) if one.isVisible()]
    return [one.accessibleName() or one.text() for one in found]


def test_amara_is_shown(connected: CustomerView) -> None:
    shown = words(connected)
    assert {"Amara Okafor", "Account NE 204 118", "£184.62", "3 open invoices", "Prefers English"} <= set(
        shown
    )
    assert "As of" in " ".join(shown)


def test_who_calls_is_announced(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: Said) -> None:
    SCREENS["connected"](hub)
    enter()
    line = ("Customer Amara Okafor, balance £184.62, £62.10 of it overdue", False)
    qtbot.waitUntil(lambda: line in said)
    hub.push(CustomerChanged(customer_id="cus_1"))
    qtbot.waitUntil(lambda: hub.count("customer") == 2)
    assert said.count(line) == 1


def test_a_balance_that_is_a_copy_is_announced_with_its_age(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: Said
) -> None:
    SCREENS["connected"](hub)
    hub.customers["cus_1"] = samples.customer(stale=["accounts"], account_as_of=samples.at(10, 27))
    enter()
    line = ("Customer Amara Okafor, balance £184.62, read 14 min ago", False)
    qtbot.waitUntil(lambda: line in said)


def test_what_is_paid_and_not_posted_is_told_with_the_balance(
    window: Window, hub: FakeHub, enter: Enter, said: Said
) -> None:
    SCREENS["connected"](hub)
    first, *others = samples.customer().open_items
    paid = samples.posting(first)
    hub.customers["cus_1"] = samples.customer(open_items=[paid, *others])
    enter()
    shown = words(window.shell.customer)
    assert "£62.10 of it is paid, being posted" in shown
    badges = [one.text() for one in window.shell.customer.findChildren(Badge) if one.isVisible()]
    assert "Paid, posting" in badges
    assert not any("overdue" in one for one in badges)
    line = "Customer Amara Okafor, balance £184.62, £62.10 of it is paid, being posted"
    assert (line, False) in said


def test_what_is_paid_on_account_and_not_posted_is_told_with_the_balance(
    window: Window, hub: FakeHub, enter: Enter, said: Said
) -> None:
    SCREENS["connected"](hub)
    hub.customers["cus_1"] = samples.customer(posting_on_account=samples.gbp(5000))
    enter()
    shown = words(window.shell.customer)
    assert "3 open invoices" in shown
    assert "£50.00 on account is paid, being posted" in shown
    badges = [one.text() for one in window.shell.customer.findChildren(Badge) if one.isVisible()]
    assert "Paid, posting" in badges
    line = "balance £184.62, £62.10 of it overdue, £50.00 on account is paid, being posted"
    assert (f"Customer Amara Okafor, {line}", False) in said


@pytest.mark.parametrize(
    ("state", "shown"), [(WriteBackState.PARKED, "Paid, posting"), (WriteBackState.DONE, "£123.36 paid")]
)
def test_own_payment_is_shown_as_posting_until_the_accounts_have_it(
    state: WriteBackState, shown: str, window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    SCREENS["connected"](hub)
    hub.customers["cus_1"] = samples.customer(account_as_of=samples.at(10, 44))
    enter()

    def badges() -> set[str]:
        return {one.text() for one in window.shell.customer.findChildren(Badge) if one.isVisible()}

    owed = [samples.write_back(WriteBackKind.ACCOUNTS, state)]
    hub.push(PaymentChanged(payment=samples.payment(samples.approved(), write_backs=owed)))
    qtbot.waitUntil(lambda: badges() & {"Paid, posting", "£123.36 paid"} == {shown})


def test_several_are_announced_and_none_is_marked(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: Said
) -> None:
    SCREENS["several"](hub)
    enter()
    assert ("2 customers have this number. Nobody is chosen yet.", False) in said
    assert buttons(window.shell.customer) == ["Amara Okafor", "Amara Okafor"]
    assert not any(one.isChecked() for one in window.shell.customer.findChildren(QAbstractButton))


@pytest.mark.parametrize(
    ("exact", "told"),
    [(False, "One customer has a number like this"), (True, "One customer has this number")],
)
def test_one_who_may_be_the_caller_is_counted_as_one(
    exact: bool, told: str, window: Window, hub: FakeHub, enter: Enter, said: Said
) -> None:
    hub.calls["call_1"] = samples.call(customer_id=None, matches=[samples.match(exact=exact)])
    enter()
    assert told in words(window.shell.customer)
    assert (f"{told}. Nobody is chosen yet.", False) in said


def test_a_choice_the_hub_refuses_is_shown_where_it_was_made(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    SCREENS["several"](hub)
    enter()
    view = window.shell.customer
    hub.fail("link_customer", Conflict("call_over"))
    view._model.choose("cus_1")
    qtbot.waitUntil(lambda: any("The call has ended" in one for one in words(view)))


def test_with_a_payment_the_customer_stays_and_it_is_said(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    SCREENS["capturing"](hub)
    enter()
    view = window.shell.customer
    qtbot.waitUntil(lambda: view._model.session.customer is not None)
    assert not view._change.isEnabled()
    press(window, "Ctrl+F")
    assert not view._model.searching
    [toast] = window.findChildren(Toast)
    assert toast.accessibleDescription() == "A payment of this call is for this customer."


def test_old_copies_say_how_old(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    old = samples.at(10, 27)
    hub.customers["cus_1"] = samples.customer(
        stale=["customer_records", "accounts"], record_as_of=old, account_as_of=old
    )
    SCREENS["connected"](hub)
    enter()
    view = window.shell.customer
    qtbot.waitUntil(lambda: len(view.findChildren(Banner)) == 1)
    banner = view.findChildren(Banner)[0]
    assert "14 min old" in banner.accessibleName()
    assert "do not answer. You may take payments" in banner.accessibleDescription()


@pytest.mark.parametrize(
    ("stale", "title"), [([], "The balance is not known"), (["customer_records"], "Copy")]
)
def test_a_balance_that_was_never_read_promises_nothing(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, stale: list[str], title: str
) -> None:
    never = {"balance": None, "overdue": None, "credit": None, "account_as_of": None, "open_items": []}
    hub.customers["cus_1"] = samples.customer(stale=[*stale, "accounts"], **never)
    SCREENS["connected"](hub)
    enter()
    view = window.shell.customer
    qtbot.waitUntil(lambda: len(view.findChildren(Banner)) == 1)
    banner = view.findChildren(Banner)[0]
    assert banner.accessibleName().startswith(title)
    assert banner.accessibleDescription().endswith("was never read. Nothing can be taken yet.")
    assert "Not known" in words(view)
    assert not [one for one in words(view) if "open invoice" in one]
    assert actions(window.shell.centre["payment"]._model).main.words == "Take"


def test_what_is_due_and_was_paid_stands_under_the_balance(connected: CustomerView, qtbot: QtBot) -> None:
    names = [one.accessibleName() for one in connected.findChildren(QWidget)]
    assert {"Next due: £61.26, 24 Nov, in 3 days", "Last paid: £58.40, 8 Oct"} <= set(names)
    assert "Note of 19 Sept: prefers calls after 10:00" in words(connected)


def test_a_customer_without_a_payment_on_record_who_owes_nothing_is_said_to_be_so(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.customers["cus_1"] = samples.customer(open_items=[], last_paid=None)
    SCREENS["connected"](hub)
    enter()
    view = window.shell.customer
    names = {one.accessibleName() for one in view.findChildren(QWidget)}
    assert {"Next due: Nothing", "Last paid: None on record"} <= names


def test_a_balance_read_long_ago_turns_amber_and_one_key_reads_it(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.customers["cus_1"] = samples.customer(account_as_of=samples.at(10, 27))
    SCREENS["connected"](hub)
    enter()
    view, clock = window.shell.customer, window.session.clock
    titles = [one.accessibleName() for one in view.findChildren(Banner)]
    assert titles[0].startswith("Read 14 min ago")
    assert "14 min old" in [one.accessibleName() for one in view.findChildren(Badge)]
    clock.set_by(samples.at(10, 44))
    clock.ticked.emit(clock.now())
    assert "17 min old" in [one.accessibleName() for one in view.findChildren(Badge)]
    assert [one.accessibleName() for one in view.findChildren(Banner)] == ["Read 17 min ago"]
    hub.customers["cus_1"] = samples.customer(account_as_of=samples.at(10, 44))
    press(window, "Ctrl+B")
    qtbot.waitUntil(lambda: not [one for one in view.findChildren(Banner) if one.isVisible()])
    assert ("customer", ("cus_1", True)) in hub.asked


def test_a_balance_that_cannot_be_read_again_says_so_where_it_stands(
    connected: CustomerView, window: Window, hub: FakeHub, qtbot: QtBot, said: Said
) -> None:
    gone = Unavailable("hub_unreachable")
    hub.fail("customer", gone)
    go = hub.hold("customer")
    press(window, "Ctrl+B")
    qtbot.waitUntil(lambda: "Reading the balance" in buttons(connected))
    go.set()
    qtbot.waitUntil(lambda: len(_errors(connected)) == 1)
    assert gone.text.startswith(_errors(connected)[0])
    assert said.count((gone.text, True)) == 1
    assert "Read the balance again" in buttons(connected)
    assert "£184.62" in words(connected)
    press(window, "Ctrl+B")
    qtbot.waitUntil(lambda: ("Balance £184.62, £62.10 of it overdue, as of 10:41", False) in said)
    assert _errors(connected) == []


def _errors(view: CustomerView) -> list[str]:
    return [one.accessibleName() for one in view.findChildren(Banner) if one.isVisible()]


def test_one_key_goes_through_the_kinds_of_the_past(
    connected: CustomerView, window: Window, qtbot: QtBot, said: Said
) -> None:
    shown = [one for one in buttons(connected) if one in FILTERS.values()]
    assert shown == ["All", "Payments", "Invoices", "Calls", "Notes"]
    press(window, "Ctrl+H")
    assert ("History: Payments, 3 lines", False) in said
    assert "As of 10:41" in words(connected._history)


def test_shapes_show_while_loading_and_slowness_is_told(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    view = window.shell.customer
    go = hub.hold("customer")
    hub.push(CallChanged(call=samples.call()))
    qtbot.waitUntil(lambda: len(view.findChildren(Loading)) == 1)
    loading = view.findChildren(Loading)[0]
    qtbot.waitUntil(loading.isVisible)
    loading.failed.emit()  # as after eight seconds
    assert [one.accessibleName() for one in view.findChildren(PartError)] == ["The customer is slow to come"]
    go.set()
    qtbot.waitUntil(lambda: "Amara Okafor" in words(view))


def test_a_customer_that_did_not_load_can_be_asked_for_again(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    view = window.shell.customer
    hub.fail("customer", Unavailable("hub_unreachable"))
    hub.push(CallChanged(call=samples.call()))
    qtbot.waitUntil(lambda: len(view.findChildren(PartError)) == 1)
    view.findChildren(PartError)[0].retry.emit()
    qtbot.waitUntil(lambda: "Amara Okafor" in words(view))


def test_a_history_that_fails_is_told_in_its_part(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.fail("history", Unavailable("customer_records_unavailable"))
    SCREENS["connected"](hub)
    enter()
    view = window.shell.customer
    qtbot.waitUntil(lambda: len(view.findChildren(PartError)) == 1)
    assert "Amara Okafor" in words(view)
    view.findChildren(PartError)[0].retry.emit()
    qtbot.waitUntil(lambda: view._model.history is not None)
    assert view.findChildren(PartError) == []


def test_tab_goes_in_the_order_of_reading(connected: CustomerView, qtbot: QtBot) -> None:
    connected.take_focus()
    seen = []
    for _ in range(10):
        seen.append(focused().accessibleName() or focused().text())
        qtbot.keyClick(focused(), Qt.Key.Key_Tab)
    preferred = ["Prefers Card by keypad", "Prefers Secure link"]
    later = ["Read the balance again", "All", "Payments", "Invoices", "Calls", "Notes", "Show older"]
    assert seen == ["Change", *preferred, *later]


def test_a_large_text_leaves_the_account_whole(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    theme.set_text_scale(1.15)
    SCREENS["connected"](hub)
    enter()
    window.resize(1280, 720)
    view = window.shell.customer
    qtbot.waitUntil(lambda: "Account NE 204 118" in words(view))
    account = next(one for one in view.findChildren(Paragraph) if one.text() == "Account NE 204 118")
    qtbot.waitUntil(lambda: account.heightForWidth(account.width()) == theme.line_height("body"))


def test_the_balance_says_whether_the_payment_is_in_it(
    connected: CustomerView, hub: FakeHub, qtbot: QtBot
) -> None:
    waiting = samples.write_back(WriteBackKind.ACCOUNTS, WriteBackState.QUEUED)
    payment = samples.payment(samples.approved(), write_backs=[waiting])
    hub.push(PaymentChanged(payment=payment))
    qtbot.waitUntil(lambda: "3 open invoices, before this payment" in words(connected))
    hub.customers["cus_1"] = samples.customer(account_as_of=samples.at(10, 44))
    hub.push(CustomerChanged(customer_id="cus_1"))
    posted = [samples.write_back(WriteBackKind.ACCOUNTS)]
    hub.push(PaymentChanged(payment=payment.model_copy(update={"write_backs": posted, "version": 2})))
    qtbot.waitUntil(lambda: "3 open invoices, after this payment" in words(connected))


def test_what_to_do_about_an_unknown_number_is_said_once(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: Said
) -> None:
    told = "Nobody has this number. Search by name, number, account, post code or invoice."
    hub.calls["call_1"] = samples.call(customer_id=None, matches=[], match_problem=told)
    enter()
    view = window.shell.customer
    qtbot.waitUntil(lambda: told in words(view))
    assert " ".join(words(view)).count("post code") == 1
    assert (told, False) in said


def test_an_amount_stands_once_in_a_line(connected: CustomerView, hub: FakeHub) -> None:
    line = samples.line(HistoryKind.PAYMENT, samples.at(9, 0), "Card payment £58.40", "", 5840)
    entry = connected._history._entry(line)
    assert (entry.title, entry.right) == ("Card payment", "£58.40")


def test_a_way_that_the_firm_does_not_take_is_no_preference_but_one_that_was_noted_shows(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    off = {"off_reason": "Saved cards are switched off here.", "allowed": False}
    keypad, link, *_more = hub.lamps.routes
    routes = [keypad.model_copy(update={"off_reason": "The keypad service does not answer."})]
    routes += [link.model_copy(update=off), link.model_copy(update=off | {"route": "saved"})]
    hub.lamps = hub.lamps.model_copy(update={"routes": routes})
    hub.customers["cus_1"] = samples.customer(preferred_route="link")
    SCREENS["connected"](hub)
    enter()
    qtbot.waitUntil(lambda: bool(window.shell.customer.findChildren(Preferred)))
    (part,) = window.shell.customer.findChildren(Preferred)
    chips = [(one.text(), one.isChecked()) for one in part.findChildren(Chip)]
    assert chips == [("Keypad", False), ("Link", True)]
