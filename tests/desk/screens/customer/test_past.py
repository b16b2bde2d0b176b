"""What happened before, by kind; what is due next; and when what is known has grown old."""

from datetime import date

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.customer.kinds import KINDS, Filter
from agentdesk.desk.screens.customer.view_model import CustomerViewModel, Place
from agentdesk.domain.call import CallState
from agentdesk.domain.errors import Unavailable
from agentdesk.wire.customers import HistoryKind
from agentdesk.wire.events import CallChanged
from tests.desk import samples
from tests.desk.fake_hub import FakeHub


@pytest.fixture
def past(model: CustomerViewModel, on_call, qtbot: QtBot) -> CustomerViewModel:
    on_call()
    qtbot.waitUntil(lambda: model.history is not None)
    return model


def test_the_first_lines_show_and_older_ones_on_demand(past: CustomerViewModel) -> None:
    assert (len(past.history_rows), past.has_older) == (6, True)
    past.show_older()
    assert (len(past.history_rows), past.has_older) == (8, False)


def test_a_low_window_shows_fewer(past: CustomerViewModel) -> None:
    past.set_low(True)
    assert len(past.history_rows) == 3
    past.set_low(False)
    assert len(past.history_rows) == 6


@pytest.mark.parametrize(
    ("chosen", "kinds"),
    [
        (Filter.PAYMENTS, {HistoryKind.PAYMENT, HistoryKind.RETURNED}),
        (Filter.INVOICES, {HistoryKind.INVOICE}),
        (Filter.CALLS, {HistoryKind.CALL}),
        (Filter.NOTES, {HistoryKind.NOTE}),
    ],
)
def test_filters(chosen: Filter, kinds: set[HistoryKind], past: CustomerViewModel) -> None:
    past.set_filter(chosen)
    assert {row.kind for row in past.history_rows} == kinds
    past.set_filter(Filter.ALL)
    assert len(past.history_rows) == 6


def test_every_kind_of_line_has_one_filter_of_its_own() -> None:
    chosen = [kind for one in Filter if one is not Filter.ALL for kind in KINDS[one]]
    assert sorted(chosen) == sorted(HistoryKind)
    assert KINDS[Filter.ALL] == set(HistoryKind)


def test_only_kinds_that_there_are_can_be_chosen_one_after_another(
    past: CustomerViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    known = [Filter.ALL, Filter.PAYMENTS, Filter.INVOICES, Filter.CALLS, Filter.NOTES]
    assert past.filters == known
    seen = []
    for _ in known:
        seen.append(past.filter)
        past.next_filter()
    assert (seen, past.filter) == (known, Filter.ALL)
    past.set_filter(Filter.NOTES)
    hub.histories["cus_1"] = samples.history().model_copy(update={"rows": samples.history().rows[:2]})
    past.load_history()
    qtbot.waitUntil(lambda: past.filter is Filter.ALL)


def test_the_newest_note_is_known_whatever_came_after_it(past: CustomerViewModel) -> None:
    assert past.newest_note.title == "Note: prefers calls after 10:00"


# --- when


@pytest.mark.parametrize(
    ("items", "due"),
    [
        ([("2026-11-11", 6210), ("2026-11-24", 6126), ("2026-12-08", 6126)], ("2026-11-24", 6126)),
        ([("2026-11-21", 100), ("2026-11-21", 200), ("2026-11-30", 400)], ("2026-11-21", 300)),
        ([("2026-11-20", 6210)], None),
        ([], None),
    ],
)
def test_what_is_due_next_is_of_one_day_and_not_overdue(
    items: list[tuple[str, int]],
    due: tuple[str, int] | None,
    model: CustomerViewModel,
    hub: FakeHub,
    on_call,
    qtbot: QtBot,
) -> None:
    open_items = [
        samples.open_item(number, "Gas", date.fromisoformat(day), minor)
        for number, (day, minor) in enumerate(items)
    ]
    hub.customers["cus_1"] = samples.customer(open_items=open_items)
    on_call()
    qtbot.waitUntil(lambda: model.place is Place.CUSTOMER)
    wanted = due and (date.fromisoformat(due[0]), samples.gbp(due[1]).money)
    assert model.next_due == wanted


def test_what_was_paid_here_already_is_not_due_next(
    model: CustomerViewModel, hub: FakeHub, on_call, qtbot: QtBot
) -> None:
    paid = {"posting": samples.gbp(6126), "outstanding": samples.gbp(0)}
    items = [samples.open_item(1, "Gas", date(2026, 11, 24), 6126, **paid)]
    hub.customers["cus_1"] = samples.customer(open_items=items)
    on_call()
    qtbot.waitUntil(lambda: model.place is Place.CUSTOMER)
    assert model.next_due is None


def test_a_balance_grows_old_by_itself_and_is_fresh_again_when_read(
    model: CustomerViewModel, hub: FakeHub, on_call, qtbot: QtBot
) -> None:
    on_call()
    qtbot.waitUntil(lambda: model.place is Place.CUSTOMER)
    clock = model.session.clock
    clock.set_by(samples.at(10, 50, 59))
    clock.ticked.emit(clock.now())
    assert not model.is_old
    clock.set_by(samples.at(10, 51))  # ten minutes after it was read
    with qtbot.waitSignal(model.changed):
        clock.ticked.emit(clock.now())
    assert model.is_old
    hub.customers["cus_1"] = samples.customer(account_as_of=samples.at(10, 51))
    model.refresh()
    qtbot.waitUntil(lambda: not model.is_old)


def test_a_history_that_fails_leaves_the_customer(
    model: CustomerViewModel, on_call, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.fail("history", Unavailable("customer_records_unavailable"))
    on_call()
    qtbot.waitUntil(lambda: model.history_error is not None)
    assert (model.place, model.history) == (Place.CUSTOMER, None)
    model.load_history()
    assert model.history_error is None
    qtbot.waitUntil(lambda: model.history is not None)


def test_the_next_customer_does_not_inherit_the_past(
    past: CustomerViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    past.set_filter(Filter.CALLS)
    hub.hold("customer")
    hub.push(CallChanged(call=samples.call(state=CallState.ENDED)))
    hub.push(CallChanged(call=samples.call(call_id="call_2", customer_id="cus_2")))
    qtbot.waitUntil(lambda: past.session.customer_id == "cus_2")
    assert (past.history, past.filter) == (None, Filter.ALL)
