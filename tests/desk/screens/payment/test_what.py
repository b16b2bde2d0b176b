"""What to pay: quick picks, the firm's rules in words, parts, on account, two cards, several payments."""

from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payment.actions import actions
from agentdesk.desk.screens.payment.choice import Pick
from agentdesk.desk.screens.payment.view import PaymentView
from agentdesk.desk.screens.payment.view_model import PaymentViewModel, Place
from agentdesk.desk.widgets.notices import Strip
from agentdesk.domain.errors import Invalid
from agentdesk.domain.policy import Lookup, Policy
from agentdesk.i18n import after_colon
from agentdesk.wire.events import CustomerChanged
from agentdesk.wire.model import Amount
from agentdesk.wire.readiness import AmountRules
from tests.desk import samples
from tests.desk.screens.payment.acting import ActingHub
from tests.desk.screens.payment.playing import gbp, intents, rule, take, what
from tests.desk.walk import press


# ---------------------------------------------------------------- quick picks
@pytest.mark.parametrize(
    ("pick", "numbers", "amount"),
    [
        (Pick.EVERYTHING, ["NW-20931", "NW-21407", "NW-21888"], 18462),
        (Pick.OVERDUE, ["NW-20931"], 6210),
        (Pick.CHOSEN, ["NW-20931", "NW-21407"], 12336),
        (Pick.OTHER, ["NW-20931", "NW-21407"], 12336),  # until another one is typed
    ],
)
def test_one_press_chooses_the_amount(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot, pick: Pick, numbers: list[str], amount: int
) -> None:
    model.form.choose(pick)
    assert (model.form.choice.pick, model.form.choice.numbers) == (pick, numbers)
    assert model.form.amount == model.session.draft.amount == gbp(amount)
    take(model, hub, qtbot)
    assert [part.invoice_id[4:] for part in intents(hub)[0].allocations] == [one[3:] for one in numbers]


def test_a_pick_that_is_not_possible_does_nothing_and_says_why(model: PaymentViewModel) -> None:
    rule(model, lookup=Lookup.FIXED)
    assert model.form.choice.why_not_pick(Pick.OTHER) == "The amount is what the invoices owe"
    model.form.choose(Pick.OTHER)
    model.form.choose(Pick.ON_ACCOUNT)
    assert (model.form.choice.pick, model.form.amount) == (Pick.CHOSEN, gbp(12336))


def test_nothing_overdue_is_said(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    hub.customers["cus_1"] = samples.customer(open_items=samples.customer().open_items[1:])
    hub.push(CustomerChanged(customer_id="cus_1"))
    qtbot.waitUntil(lambda: len(model.form.choice.payable) == 2)
    assert model.form.choice.why_not_pick(Pick.OVERDUE) == "Nothing is overdue"


def test_the_keys_pick_and_go_where_it_is_typed(view: PaymentView) -> None:
    press(view, "Alt+E")
    assert what(view).table.chosen() == ["inv_20931", "inv_21407", "inv_21888"]
    assert what(view).amount.edit.text() == "184.62"
    press(view, "Alt+O")
    assert (what(view).table.chosen(), what(view).amount.edit.text()) == (["inv_20931"], "62.10")
    press(view, "Alt+A")
    assert what(view).amount.edit.hasFocus()
    QTest.keyClicks(what(view).amount.edit, "20")
    assert actions(view._model).main.words == "Take £20.00"
    press(view, "Alt+C")
    assert view.focusWidget().accessibleName().startswith("Invoice NW-20931")
    QTest.keyClick(view.focusWidget(), Qt.Key.Key_Space)
    assert view._model.form.choice.chosen == []


def test_the_chip_in_use_is_in_and_one_that_is_off_says_why(view: PaymentView) -> None:
    chips = what(view).picks._chips
    assert [one for one, chip in chips.items() if chip.isChecked()] == [Pick.CHOSEN]
    chips[Pick.CHOSEN].click()  # pressed again it stays in
    assert chips[Pick.CHOSEN].isChecked()
    assert chips[Pick.EVERYTHING].accessibleName() == "Everything £184.62"
    assert Pick.ON_ACCOUNT not in chips
    rule(view._model, lookup=Lookup.FIXED)
    assert not what(view).picks._chips[Pick.OTHER].isEnabled()
    assert (
        what(view).picks._chips[Pick.OTHER].accessibleDescription() == "The amount is what the invoices owe"
    )
    assert not what(view).amount.isEnabled()


# ---------------------------------------------------------------- parts and rules
def test_what_each_invoice_gets_is_said(model: PaymentViewModel) -> None:
    assert model.form.choice.shares == ""
    model.form.type_amount(gbp(7000))
    assert model.form.choice.shares == "NW-20931 in full, NW-21407 £7.90 of £61.26"


@pytest.mark.parametrize(
    ("policy", "minor", "short", "says"),
    [
        ({"least": (gbp(100),)}, 99, "Under the least of £1.00", "£0.99 is under £1.00, the least"),
        ({"most": (gbp(5000),)}, 5001, "Over the most of £50.00", "£50.01 is over £50.00, the most"),
        (
            {"parts": False},
            7000,
            "NW-21407 is not paid in part here",
            "NW-21407 is not paid in part here: it is £61",
        ),
        ({"part_percent": 50}, 7000, "NW-21407 needs at least £30.63", "£7.90 is under £30.63"),
        ({}, 18463, "More than can be paid", "£184.63 is more than the £184.62 owed"),
    ],
)
def test_the_rules_refuse_early_with_the_words_of_the_hub(
    model: PaymentViewModel, hub: ActingHub, policy: dict[str, Any], minor: int, short: str, says: str
) -> None:
    rule(model, **policy)
    model.form.type_amount(gbp(minor))
    assert model.form.why_not == short
    assert says in model.form.choice.problem.text
    assert "Nothing was sent" in model.form.choice.problem.text
    model.take()
    assert hub.count("create_payment") == 0


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("0", "The amount is zero. Nothing was sent."),
        ("0.00", "The amount is zero. Nothing was sent."),
        ("€5", "This account is in GBP, not EUR. Nothing was sent. Use GBP."),
        ("1.234", "GBP has 2 decimal digits. Nothing was sent."),
        ("-5", "That is not an amount. Nothing was sent."),
        ("five", "That is not an amount. Nothing was sent."),
        ("2000.01", "is over your limit of £2,000.00"),
    ],
)
def test_what_is_typed_wrong_is_named(view: PaymentView, typed: str, says: str) -> None:
    edit = what(view).amount.edit
    edit.setText(typed)
    edit.textEdited.emit(typed)  # QTest types no €
    assert says in edit.accessibleDescription()
    assert not view._buttons["take"].isEnabled()


def test_rules_that_change_meanwhile_count_at_once(model: PaymentViewModel) -> None:
    told = model.session.readiness
    rules = AmountRules.of(Policy(most=(gbp(10000),)))
    model.session._set_readiness(told.model_copy(update={"amounts": rules}))
    assert model.form.why_not == "Over the most of £100.00"


def test_a_refusal_of_the_hub_is_shown_in_its_words(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    """The rules may have become stricter after they were told."""
    hub.fail("create_payment", Invalid("amount_over_most", amount=gbp(12336), most=gbp(10000)))
    model.take()
    qtbot.waitUntil(lambda: model.error is not None)
    assert model.error.text.startswith("£123.36 is over £100.00, the most that is taken at once.")
    assert model.place is Place.CHOOSE


# ---------------------------------------------------------------- on account
def test_an_amount_on_account_pays_no_invoice(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    rule(model, lookup=Lookup.OPTIONAL)
    model.form.choose(Pick.ON_ACCOUNT)
    assert (model.form.why_not, model.session.draft) == ("Type an amount", None)
    model.form.type_amount(gbp(2500))
    assert (model.form.choice.parts, actions(model).reason) == ([], "On account")
    take(model, hub, qtbot)
    (new,) = intents(hub)
    assert (new.on_account, new.allocations, new.amount.minor) == (True, [], 2500)


def test_ticking_an_invoice_ends_it(model: PaymentViewModel) -> None:
    rule(model, lookup=Lookup.OPTIONAL)
    model.form.choose(Pick.ON_ACCOUNT)
    model.form.type_amount(gbp(2500))
    model.form.tick(["inv_20931"])
    assert (model.form.choice.on_account, model.form.amount) == (False, gbp(6210))


def test_who_owes_nothing_can_pay_on_account(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    rule(view._model, lookup=Lookup.OPTIONAL)
    hub.customers["cus_1"] = samples.customer(open_items=[], balance=samples.gbp(0), overdue=None)
    view._model.session.load_customer.restart(True)
    qtbot.waitUntil(lambda: not view._model.form.choice.items)
    press(view, "Alt+N")
    QTest.keyClicks(what(view).amount.edit, "25")
    assert actions(view._model).main.words == "Take £25.00"
    assert actions(view._model).main.off == ""


# ---------------------------------------------------------------- another currency
def test_an_invoice_in_another_currency_is_shown_and_named_and_stops_no_other(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    owed = Amount(minor=30000, currency="EUR")
    euros = samples.open_item(9, "Export", date(2026, 11, 11), 30000, total=owed, outstanding=owed)
    hub.customers["cus_1"] = samples.customer(open_items=[*samples.customer().open_items, euros])
    hub.push(CustomerChanged(customer_id="cus_1"))
    qtbot.waitUntil(lambda: len(what(view).lines) == 4)
    press(view, "Alt+E")
    assert actions(view._model).main.words == "Take £184.62"
    why = "It is in EUR, this account in GBP: it cannot be paid here."
    (row,) = [row for row in what(view).table._rows if row.line.number == "NW-9"]
    assert (row.isEnabled(), row.accessibleDescription(), row.line.badge) == (False, why, "currency")
    assert f"NW-9: {after_colon(why)}" in [strip.accessibleName() for strip in what(view).findChildren(Strip)]
    press(view, "Alt+O")
    assert what(view).table.chosen() == ["inv_20931"]
