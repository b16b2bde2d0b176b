"""The payment log's view model: pages, freshness, one payment, replay and receipts."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QModelIndex
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payments.columns import (
    outcome_of,
    short_name,
    time_words,
    write_back_words,
)
from agentdesk.desk.screens.payments.view_model import PaymentsViewModel, evidence, parked
from agentdesk.desk.session import Session
from agentdesk.domain.errors import Conflict, Unavailable
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.people import Role
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.payment_log import PaymentLogPage
from agentdesk.wire.people import Colleague
from tests.desk import log_samples, samples
from tests.desk.fake_hub import FakeHub


@pytest.fixture
def model(session: Session, hub: FakeHub, enter: Callable[[], None], qtbot: QtBot) -> PaymentsViewModel:
    """Return the log of a signed-in supervisor, its first page loaded and the second one known."""
    hub.person = samples.person(Role.SUPERVISOR)
    hub.colleagues = [Colleague(user_id="usr_1", name="Priya Nair")]
    hub.log = log_samples.log_page()
    hub.pages["more"] = PaymentLogPage(rows=[log_samples.log_row(LAST)], cursor=None, totals=None)
    hub.details = {log_samples.story().payment.intent_id: log_samples.story()}
    enter()
    model = PaymentsViewModel(session)
    model.start()
    qtbot.waitUntil(lambda: model.table.rowCount() > 0 and bool(model.agents))
    return model


LAST = "08:00:00 0LST Last-One Priya-Nair keypad visa 4242 100 approved ddd"


def asked(hub: FakeHub) -> list[dict[str, object]]:
    """Return the parameters of each page asked for."""
    return [args[0] for name, args in hub.asked if name == "payment_log"]


def open_second(model: PaymentsViewModel, qtbot: QtBot) -> None:
    """Open Amara's payment and wait for its story."""
    model.open(model.table.row(1))
    qtbot.waitUntil(lambda: model.detail is not None)


def test_pages_follow_each_other_by_cursor(model: PaymentsViewModel, hub: FakeHub, qtbot: QtBot) -> None:
    first = model.table.rowCount()
    model.table.fetchMore(QModelIndex())
    qtbot.waitUntil(lambda: model.table.rowCount() == first + 1)
    assert [one["cursor"] for one in asked(hub)] == [None, "more"]
    assert model.totals == log_samples.log_page().totals


def test_other_filters_drop_the_page_that_is_under_way(
    model: PaymentsViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    held = hub.hold("payment_log")
    model.table.fetchMore(QModelIndex())
    qtbot.waitUntil(lambda: len(asked(hub)) == 2)
    model.show(state=AttemptState.DECLINED)
    qtbot.waitUntil(lambda: len(asked(hub)) == 3)
    assert (model.table.rowCount(), model.totals) == (0, None)
    hub.log = PaymentLogPage(
        rows=[log_samples.log_row(LAST)], cursor=None, totals=log_samples.log_page().totals
    )
    held.set()
    qtbot.waitUntil(lambda: not model.table.is_waiting)
    assert [row.short_reference for row in map(model.table.row, range(model.table.rowCount()))] == [
        "01JD-0LST"
    ]
    assert asked(hub)[-1]["state"] == "declined"


def test_the_same_filters_again_ask_nothing(model: PaymentsViewModel, hub: FakeHub) -> None:
    model.show(agent=None)
    model.clear()
    assert len(asked(hub)) == 1


def test_a_failed_page_says_why_and_is_tried_again(
    model: PaymentsViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.fail("payment_log", Unavailable("hub_unreachable"))
    model.table.fetchMore(QModelIndex())
    qtbot.waitUntil(lambda: model.table.has_failed)
    assert model.error is not None and model.error.code == "hub_unreachable"
    before = model.table.rowCount()
    model.table.again()
    qtbot.waitUntil(lambda: model.table.rowCount() == before + 1)
    assert model.error is None


def test_what_failed_is_tried_again_by_searching_again_and_with_a_new_connection(
    model: PaymentsViewModel, hub: FakeHub, session: Session, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: session.connection.state == "live")
    hub.fail("payment_log", Unavailable("hub_unreachable"))
    model.show(words="01JD-7Q4M")
    qtbot.waitUntil(lambda: model.table.has_failed)
    model.show(words="01JD-7Q4M")
    qtbot.waitUntil(lambda: model.table.rowCount() > 0)
    hub.fail("payment_log", Unavailable("hub_unreachable"))
    model.show(words="7Q4M")
    qtbot.waitUntil(lambda: model.table.has_failed)
    hub.hang_up(Unavailable("hub_unreachable"))
    qtbot.waitUntil(lambda: model.table.rowCount() > 0)
    assert asked(hub)[-1]["q"] == "7Q4M"


def test_only_old_totals_are_refreshed_by_themselves(
    model: PaymentsViewModel, hub: FakeHub, session: Session, qtbot: QtBot
) -> None:
    qtbot.waitUntil(lambda: session.connection.state == "live")
    model.refresh_if_old()
    assert len(asked(hub)) == 1
    session.clock.set_by(samples.at(10, 44, 32))
    newest = log_samples.log_row("10:44:30 NEW1 New-One Priya-Nair keypad visa 4242 100 approved ddd")
    hub.log = hub.log.model_copy(update={"rows": [newest, *hub.log.rows[:-1]]})
    model.refresh_if_old()
    model.refresh_if_old()
    before = model.table.rowCount()
    qtbot.waitUntil(lambda: model.table.rowCount() == before + 1)
    assert (len(asked(hub)), model.table.row(0)) == (2, newest)


def test_a_payment_shows_its_story_and_steps_to_the_next(
    model: PaymentsViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    open_second(model, qtbot)
    assert model.has_receipt and model.was_receipted
    above, below = model.step(-1), model.step(1)
    assert above == model.table.row(0) and below == model.table.row(2)
    hub.take(samples.payment(intent_id=model.table.row(0).intent_id))
    model.open(model.table.row(0))
    assert (model.detail, model.step(-1)) == (None, None)
    qtbot.waitUntil(lambda: model.detail is not None)


def test_the_story_of_another_payment_is_dropped(
    model: PaymentsViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    held = hub.hold("payment")
    model.open(model.table.row(1))
    qtbot.waitUntil(lambda: hub.count("payment") == 1)
    model.close()
    held.set()
    qtbot.waitUntil(lambda: not model.load_detail.is_running)
    assert (model.row, model.detail) == (None, None)


def test_a_story_that_does_not_come_says_so(model: PaymentsViewModel, hub: FakeHub, qtbot: QtBot) -> None:
    hub.fail("payment", Unavailable("hub_unreachable"))
    model.open(model.table.row(1))
    qtbot.waitUntil(lambda: model.detail_error is not None)


def test_a_replay_shows_in_the_row_and_in_the_story(
    model: PaymentsViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    stuck = log_samples.story(
        samples.write_back(WriteBackKind.ACCOUNTS, WriteBackState.PARKED, "Period closed")
    )
    intent_id = stuck.payment.intent_id
    hub.details[intent_id] = stuck
    open_second(model, qtbot)
    assert (parked(model.detail), model.may_replay) == (1, True)
    assert model.table.row(1).write_backs == [WriteBackState.PARKED, None, None]
    hub.details[intent_id] = log_samples.story(
        samples.write_back(WriteBackKind.ACCOUNTS, WriteBackState.QUEUED)
    )
    hub.take(hub.details[intent_id].payment)
    model.replay.start("wb_accounts")
    qtbot.waitUntil(lambda: parked(model.detail) == 0)
    assert model.table.row(1).write_backs == [WriteBackState.QUEUED, None, None]


def test_a_refused_replay_says_why(model: PaymentsViewModel, hub: FakeHub, qtbot: QtBot) -> None:
    open_second(model, qtbot)
    hub.fail("replay_write_back", Conflict("step_not_possible", state="done"))
    model.replay.start("wb_accounts")
    qtbot.waitUntil(lambda: model.action_error is not None)
    assert model.detail is not None


def test_a_receipt_goes_to_the_address_and_comes_as_a_file(
    model: PaymentsViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    open_second(model, qtbot)
    hub.take(log_samples.story().payment)
    model.send_receipt.start("amara@example.com")
    qtbot.waitUntil(lambda: not model.send_receipt.is_running)
    sent = next(args for name, args in hub.asked if name == "send_receipt")
    assert (sent[0], sent[1].email) == (log_samples.story().payment.intent_id, "amara@example.com")
    with qtbot.waitSignal(model.receipt_came) as came:
        model.get_receipt()
    assert came.args == [b"%PDF-1.4", "01JD-7Q4M"]


def test_a_receipt_is_mailed_again_for_each_press_and_not_for_one_that_is_tried_again(
    model: PaymentsViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    open_second(model, qtbot)
    hub.take(log_samples.story().payment)
    hub.fail("send_receipt", Unavailable("hub_unreachable"))  # it may have been kept
    for count in (1, 2, 3):
        model.send_receipt.start("amara@example.com")
        qtbot.waitUntil(
            lambda count=count: hub.count("send_receipt") == count and not model.send_receipt.is_running
        )
    first, again, next_press = [args[1].key for name, args in hub.asked if name == "send_receipt"]
    assert first
    assert first == again != next_press


def test_names_that_do_not_come_are_asked_for_at_the_next_refresh(
    session: Session, hub: FakeHub, enter: Callable[[], None], qtbot: QtBot
) -> None:
    hub.fail("agents", Unavailable("hub_unreachable"))
    hub.colleagues = [Colleague(user_id="usr_1", name="Priya Nair")]
    enter()
    model = PaymentsViewModel(session)
    model.start()
    qtbot.waitUntil(lambda: hub.count("agents") == 1 and not model.load_agents.is_running)
    model.refresh()
    qtbot.waitUntil(lambda: bool(model.agents))
    model.show(agent="usr_1")
    assert model.agent_name() == "Priya Nair"


def test_evidence_is_what_secured_the_card_and_what_others_told() -> None:
    proofs = evidence(log_samples.story())
    assert [(one.statement, one.source) for one in proofs] == [
        ("Recorder said paused before digit one", "6.0 s before"),
        ("Tones masked by the provider", ""),
        ("Card entry closed", ""),
        ("Recorder on again", ""),
        ("Approved, code 019283", "Stripe reply"),
        ("The same answer again", "Stripe webhook"),
    ]
    assert all(one.at for one in proofs)


def test_what_nobody_told_is_not_proven() -> None:
    story = log_samples.story()
    capture = samples.capture(recorder_resumed_at=None)
    payment = samples.payment(samples.attempt(AttemptState.UNKNOWN, capture=capture))
    proofs = {one.statement: one.at for one in evidence(story.model_copy(update={"payment": payment}))}
    assert proofs["Recorder on again"] is None
    assert proofs["Tones masked by the provider"] is not None


def test_cells_read_as_people_say_them() -> None:
    row = log_samples.log_row("10:18:26 7P8K Owen-Price Aisha-Khan keypad visa 4242 5840 approved pd-")
    assert write_back_words(row) == "Accounts parked, Customer record done, Receipt none"
    assert (short_name("Aisha Khan"), short_name("Cher")) == ("A. Khan", "Cher")
    assert outcome_of(row).word == "Paid, posting"
    posted = row.model_copy(update={"write_backs": [WriteBackState.DONE, *row.write_backs[1:]]})
    assert outcome_of(posted).word == "Approved"
    local = row.created_at.astimezone()
    assert time_words(row.created_at, local.date()) == f"{local:%H:%M:%S}"
    assert time_words(row.created_at, local.date().replace(day=28)) == f"21 Nov {local:%H:%M}"
