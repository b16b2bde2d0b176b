"""The form of a new payment, and one press being one payment."""

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payment.actions import actions
from agentdesk.desk.screens.payment.choose import ChooseBody, checks
from agentdesk.desk.screens.payment.view import PaymentView
from agentdesk.desk.screens.payment.view_model import PaymentViewModel, Place
from agentdesk.domain.errors import Conflict, Unavailable
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.captures import FieldState
from agentdesk.wire.events import CustomerChanged
from tests.desk import samples
from tests.desk.screens.payment.acting import ActingHub
from tests.desk.screens.payment.playing import attempts, intents, lose, take, tell
from tests.desk.screens.payments.test_view import words

DONE, LIVE, READY, WAITING = FieldState.DONE, FieldState.LIVE, FieldState.READY, FieldState.WAITING
FAILED = FieldState.FAILED


# ---------------------------------------------------------------- the form
def test_form_chooses_what_is_due_and_tells_the_script(model: PaymentViewModel) -> None:
    choice = model.form.choice
    assert model.place is Place.CHOOSE
    assert (choice.numbers, str(choice.amount), str(choice.left_open)) == (
        ["NW-20931", "NW-21407"],
        "£123.36",
        "£61.26",
    )
    assert (str(model.session.draft.amount), model.session.draft.invoices) == ("£123.36", choice.numbers)
    assert actions(model).main.words == "Take £123.36"
    assert actions(model).reason == "2 invoices"


def test_typed_amount_is_sent_as_parts_oldest_first(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    model.form.type_amount(Money(7000, "GBP"))
    take(model, hub, qtbot)
    parts = [(part.invoice_id, part.amount.minor) for part in intents(hub)[0].allocations]
    assert parts == [("inv_20931", 6210), ("inv_21407", 790)]


def test_what_is_on_file_and_no_address_is_no_receipt(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    assert model.form.receipt_email == "amara.okafor@example.com"
    model.session.customer = samples.customer(email="by post")
    model.form.fill()
    take(model, hub, qtbot)
    assert intents(hub)[0].receipt_email is None


@pytest.mark.parametrize(
    ("minor", "why"),
    [
        (None, "Choose an invoice or type an amount"),
        (20000, "More than can be paid"),
        (0, "Choose an invoice"),
    ],
)
def test_amount_that_cannot_be_taken_says_why_and_starts_nothing(
    model: PaymentViewModel, hub: ActingHub, minor: int | None, why: str
) -> None:
    model.form.type_amount(Money(minor, "GBP") if minor is not None else None)
    assert model.form.why_not.startswith(why)
    model.take()
    assert not model.start_payment.is_running


def test_amount_over_the_limit_is_refused_here(model: PaymentViewModel) -> None:
    model.session.person = model.session.person.model_copy(update={"limit": samples.gbp(10000)})
    model.form.fill()
    assert model.form.why_not == "Over your limit of £100.00"
    assert "over your limit of £100.00" in model.form.choice.problem.text


def test_closed_account_takes_nothing(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    hub.customers["cus_1"] = samples.customer(closed=True)
    hub.push(CustomerChanged(customer_id="cus_1"))
    qtbot.waitUntil(lambda: model.form.why_not == "The account is closed")
    assert (model.form.choice.chosen, model.session.draft) == ([], None)
    assert checks(model) == [("failed", "The account is closed", "read 10:41")]
    body = ChooseBody(model)
    qtbot.addWidget(body)
    assert not body.what.amount.isEnabled()
    assert (body.what.amount.edit.text(), body.what.error.isVisibleTo(body)) == ("", False)
    assert (body.what.what.text(), body.what.table.chosen()) == ("Nothing can be taken", [])
    assert not any(row.isEnabled() for row in body.what.table._rows)


def test_held_and_posting_invoices_cannot_be_chosen(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    first, second, third = samples.customer().open_items
    hub.customers["cus_1"] = samples.customer(
        open_items=[
            first.model_copy(update={"held_by": "01JD-7Q47"}),
            samples.posting(second),
            third,
        ]
    )
    hub.push(CustomerChanged(customer_id="cus_1"))
    qtbot.waitUntil(lambda: len(model.form.choice.payable) == 1)
    assert model.form.choice.chosen == []  # what was ticked is held now; nothing else is ticked for the agent
    model.form.tick(["inv_20931", "inv_21888"])
    assert model.form.choice.chosen == ["inv_21888"]


def test_the_rest_of_an_invoice_is_payable_while_a_part_of_it_is_posted(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    first, *others = samples.customer().open_items
    hub.customers["cus_1"] = samples.customer(open_items=[samples.posting(first, 2000), *others])
    hub.push(CustomerChanged(customer_id="cus_1"))
    qtbot.waitUntil(lambda: model.form.choice.items[0].posting is not None)
    model.form.tick([first.invoice_id])
    assert model.form.choice.amount == samples.gbp(4210).money
    body = ChooseBody(model)
    qtbot.addWidget(body)
    paid, left = body.what.lines[:2]
    assert (str(paid.amount), paid.badge, paid.held) == (
        "£20.00",
        "posting",
        "£20.00 was paid here and is not yet in the accounts; nobody needs to pay it again.",
    )
    assert (str(left.amount), left.held, left.key) == ("£42.10", "", first.invoice_id)
    assert body.what.table.chosen() == [first.invoice_id]
    body.what.table._head.setChecked(True)
    body.what.table._choose_all()
    assert body.what.table.chosen() == [item.invoice_id for item in (first, *others)]


def test_nothing_starts_while_the_connection_is_lost(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    lose(model, hub, qtbot)
    assert model.form.why_not == "Connection lost"
    model.take()
    assert hub.count("create_payment") == 0


def test_a_way_to_pay_that_is_off_says_why(model: PaymentViewModel) -> None:
    lamps = model.session.readiness
    off = lamps.routes[0].model_copy(update={"off_reason": "The recorder does not answer."})
    model.session.readiness = lamps.model_copy(update={"routes": [off]})
    assert model.form.why_not == "The recorder does not answer"


# ---------------------------------------------------------------- one press, one key
def test_two_presses_start_one_payment(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    held = hub.hold("create_payment")
    model.take()
    model.take()
    assert actions(model).main.busy == "Securing"
    held.set()
    qtbot.waitUntil(lambda: model.place is Place.CAPTURE)
    assert (hub.count("create_payment"), hub.count("start_attempt")) == (1, 1)


def test_silence_keeps_both_keys(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    for method in ("create_payment", "start_attempt"):
        hub.fail(method, Unavailable("hub_unreachable"))
        model.take()
        qtbot.waitUntil(lambda: model.error is not None and not model.start_payment.is_running)
    take(model, hub, qtbot)
    assert len({new.key for new in intents(hub)}) == 1
    assert len(attempts(hub)) == 2
    assert len({new.key for new in attempts(hub)}) == 1


def test_a_changed_form_is_another_payment(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    hub.fail("start_attempt", Unavailable("hub_unreachable"))
    model.take()
    qtbot.waitUntil(lambda: model.error is not None and not model.start_payment.is_running)
    model.form.tick(["inv_21888"])
    assert model.error is None
    take(model, hub, qtbot)
    assert len({new.key for new in intents(hub)}) == 2


def test_a_newer_account_that_changes_the_amount_is_told_until_the_agent_chooses(
    view: PaymentView, hub: ActingHub, qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    left = [one for one in samples.customer().open_items if one.number != "NW-20931"]
    hub.customers["cus_1"] = samples.customer(open_items=left)
    hub.push(CustomerChanged(customer_id="cus_1"))
    told = "The amount is £61.26 now. The account was read again; £123.36 was chosen."
    qtbot.waitUntil(lambda: (told, True) in said)
    assert "The amount is £61.26 now" in words(view)
    view._model.form.tick(["inv_21888"])
    assert "was chosen" not in words(view)


def test_what_is_held_for_a_while_is_chosen_again_when_it_is_free(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    form, free = view._model.form, samples.customer()
    held = [one.model_copy(update={"held_by": "01JD-7Q47"}) for one in free.open_items]
    hub.customers["cus_1"] = samples.customer(open_items=held)
    hub.push(CustomerChanged(customer_id="cus_1"))
    qtbot.waitUntil(lambda: "What was chosen cannot be paid now" in words(view))
    hub.customers["cus_1"] = free
    hub.push(CustomerChanged(customer_id="cus_1"))
    qtbot.waitUntil(lambda: str(form.amount) == "£123.36")
    assert form.moved_from is None
    assert "was chosen" not in words(view)


def test_what_is_due_after_ones_own_payment_follows_the_account_without_a_word(
    view: PaymentView, hub: ActingHub, qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    model = view._model
    model.form.fill(reading=True)
    left = [one for one in samples.customer().open_items if one.number == "NW-21888"]
    hub.customers["cus_1"] = samples.customer(open_items=left)
    hub.push(CustomerChanged(customer_id="cus_1"))
    qtbot.waitUntil(lambda: len(model.form.choice.items) == 1)
    assert model.form.moved_from is None
    assert not [one for one, _ in said if "was chosen" in one]


def test_a_refusal_renews_the_key_and_reads_the_account_again(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    refusal = Conflict("already_being_paid", reference="01JD-7Q47", amount="£61.26", at="10:44 UTC")
    hub.fail("start_attempt", refusal)
    before = hub.count("customer")
    model.take()
    qtbot.waitUntil(lambda: hub.count("customer") == before + 1)
    assert "Already being paid" in model.error.text
    assert model.place is Place.CHOOSE
    take(model, hub, qtbot)
    assert len({new.key for new in attempts(hub)}) == 2


def test_already_paid_stays_in_words_until_the_next_press(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    hub.fail("create_payment", Conflict("already_paid", reference="01JD-7Q47"))
    model.take()
    qtbot.waitUntil(lambda: model.error is not None and not model.session.load_customer.is_running)
    assert model.error.text.startswith("Already paid by payment 01JD-7Q47")


def test_next_attempt_has_a_new_key(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.DECLINED)
    model.again()
    model.again()
    qtbot.waitUntil(lambda: model.place is Place.CAPTURE)
    assert len({new.key for new in attempts(hub)}) == len(attempts(hub)) == 2
    assert hub.count("create_payment") == 1


def test_second_payment_on_a_call_is_a_new_intent(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    tell(model, hub, qtbot, AttemptState.APPROVED)
    assert model.place is Place.APPROVED
    model.in_call.another()
    assert model.place is Place.CHOOSE
    model.form.tick(["inv_21888"])
    model.take()
    qtbot.waitUntil(lambda: hub.count("start_attempt") == 2)
    assert len({new.key for new in intents(hub)}) == 2


def test_where_nothing_is_chosen_nobody_is_told_of_a_wrong_amount(
    model: PaymentViewModel, qtbot: QtBot
) -> None:
    body = ChooseBody(model)
    qtbot.addWidget(body)
    assert body.what.amount.edit.text() == "123.36"
    body.what.table.set_lines(body.what.lines, ())
    body.what.table.changed.emit()
    assert (body.what.amount.edit.text(), body.what.error.isVisibleTo(body)) == ("", False)
    assert model.form.why_not == "Choose an invoice or type an amount"
