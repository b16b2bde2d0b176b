"""One debt over two cards, and several payments in one call."""

from typing import Any

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.call.steps import Step
from agentdesk.desk.screens.call.view_model import CallViewModel
from agentdesk.desk.screens.payment.actions import actions
from agentdesk.desk.screens.payment.choice import Pick
from agentdesk.desk.screens.payment.choose import checks
from agentdesk.desk.screens.payment.rest_body import RestToPay
from agentdesk.desk.screens.payment.view import PaymentView
from agentdesk.desk.screens.payment.view_model import PaymentViewModel, Place
from agentdesk.domain.errors import Conflict, Unavailable
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.policy import Policy
from agentdesk.wire.events import CustomerChanged
from agentdesk.wire.payments import PaymentIntent
from tests.desk import samples
from tests.desk.pay_stages import first_card, parts
from tests.desk.payment_stages import declined_attempt
from tests.desk.screens.payment.acting import ActingHub
from tests.desk.screens.payment.playing import attempts, gbp, hang_up, intents, rule, sent, take, what
from tests.desk.walk import press


def test_the_first_card_is_sent_with_all_that_both_pay(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    model.form.split(True)
    assert model.form.why_not == "Type what the first card pays"
    model.form.type_first(gbp(5000))
    assert (actions(model).main.words, actions(model).reason) == (
        "Take £50.00",
        "First of two cards, £73.36 on the second",
    )
    draft = model.session.draft
    assert (draft.amount, draft.whole) == (gbp(5000), gbp(12336))
    take(model, hub, qtbot)
    (new,) = intents(hub)
    assert (new.amount.minor, new.allocations, new.split_of) == (5000, [], None)
    assert [(part.invoice_id, part.amount.minor) for part in new.whole] == [
        ("inv_20931", 6210),
        ("inv_21407", 6126),
    ]


@pytest.mark.parametrize(
    ("policy", "minor", "short"),
    [
        ({}, 12336, "Nothing is left for the second card"),
        ({}, 20000, "Nothing is left for the second card"),
        ({"least": (gbp(100),)}, 99, "Under the least of £1.00"),
        ({"least": (gbp(100),)}, 12300, "Under the least of £1.00"),
        ({"most": (gbp(12000),)}, 5000, "Over the most of £120.00"),
    ],
)
def test_a_split_that_may_not_be_says_why(
    model: PaymentViewModel, hub: ActingHub, policy: dict[str, Any], minor: int, short: str
) -> None:
    model.form.split(True)
    model.form.choice.policy = Policy(**policy)
    model.form.type_first(gbp(minor))
    assert model.form.why_not == short
    model.take()
    assert hub.count("create_payment") == 0


def test_a_limit_is_not_got_round_with_two_cards(model: PaymentViewModel) -> None:
    model.form.split(True)
    model.form.type_first(gbp(5000))
    model.form.choice.limit = gbp(10000)
    assert model.form.why_not == "Over your limit of £100.00"


def test_where_no_split_is_allowed_none_is_offered(view: PaymentView) -> None:
    assert not what(view).split.start.isHidden()
    rule(view._model, split=False)
    assert what(view).split.start.isHidden()
    assert not view._pick_keys._split.listed
    view._model.form.split(True)
    assert not view._model.form.choice.is_split


def test_two_cards_are_chosen_by_keyboard_and_given_up_again(view: PaymentView) -> None:
    press(view, "Alt+S")
    first = what(view).split.first
    assert first.edit.hasFocus()
    QTest.keyClicks(first.edit, "50")
    assert what(view).split._second.text() == "Then £73.36 on a second card"
    QTest.keyClicks(first.edit, "000")
    assert "leaves nothing of £123.36 for the second card" in first.edit.accessibleDescription()
    what(view).split._one.click()
    assert actions(view._model).main.words == "Take £123.36"


def _first_approved(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> PaymentIntent:
    first = first_card()
    hub.tell(first)
    qtbot.waitUntil(lambda: model.place is Place.APPROVED)
    return first


def test_the_rest_is_offered_at_once_and_is_the_next_payment(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    model = view._model
    first = _first_approved(model, hub, qtbot)
    assert actions(model).main.words == "Take the rest, £73.36"
    press(view, "F4")
    assert isinstance(view._body.what, RestToPay)
    assert (model.form.why_not, model.form.amount, model.form.numbers) == (
        "",
        gbp(7336),
        ["NW-20931", "NW-21407"],
    )
    take(model, hub, qtbot)
    (new,) = intents(hub)
    assert (new.split_of, new.amount.minor, new.allocations, new.whole) == (first.intent_id, 7336, [], [])


def test_the_rest_is_inside_the_limit_and_nobody_is_told_to_type_an_amount(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    person = model.session.person
    assert person is not None
    model.session.person = person.model_copy(update={"limit": samples.gbp(12400)})
    _first_approved(model, hub, qtbot)
    hub.customers["cus_1"] = samples.customer(balance=samples.gbp(18462))
    model.in_call.another()
    qtbot.waitUntil(lambda: not model.session.load_customer.is_running)
    model.form.choice.choose(Pick.EVERYTHING)  # £184.62 is open, of which the rest is a part
    assert ("ok", "Inside your limit of £124.00", "yours") in checks(model)
    call = CallViewModel(model.session, lambda: False)
    assert (call.step, "£73.36" in call.script.say) == (Step.REST, True)
    assert "amount" not in str(call.script.hints)


def test_the_limit_is_for_both_cards_together(model: PaymentViewModel) -> None:
    person = model.session.person
    assert person is not None
    model.session.person = person.model_copy(update={"limit": samples.gbp(10000)})
    model.form.fill()
    model.form.split(True)
    model.form.type_first(gbp(5000))
    assert ("failed", "Over your limit of £100.00", "yours") in checks(model)


def test_when_the_caller_has_hung_up_the_rest_goes_by_a_link_and_not_by_a_card(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    model = view._model
    first = _first_approved(model, hub, qtbot)
    assert model.in_call.why_not_rest_by_link  # while the line is open a second card is offered
    hang_up(model, hub, qtbot)
    (offer,) = actions(model).left
    assert (offer.words, offer.key, offer.off) == ("Send a link for the rest, £73.36", "F7", "")
    assert actions(model).main.words == "Finish"
    press(view, "F7")
    assert (model.place, model.link.amount) == (Place.LINK_FORM, gbp(7336))
    model.link.back()
    assert isinstance(view._body.what, RestToPay)
    model.form.choose_route("keypad")
    off = {one.route: one.off_reason for one in model.form.routes}
    assert (off["keypad"], model.form.chosen_route.route) == ("The call has ended.", "link")
    assert actions(model).keyed["F4"].off == "The call has ended"
    press(view, "F7")
    press(view, "F7")
    sent(model, qtbot)
    (new,) = intents(hub)
    assert (new.split_of, new.amount.minor, new.whole) == (first.intent_id, 7336, [])
    assert [one.route for one in attempts(hub)] == ["link"]


def test_before_the_customer_is_read_the_rest_waits(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _first_approved(model, hub, qtbot)
    hang_up(model, hub, qtbot)
    customer, model.session.customer = model.session.customer, None
    assert model.in_call.why_not_rest_by_link == "What is owed is not known"
    model.session.customer = customer
    assert model.in_call.why_not_rest_by_link == ""


def test_where_no_links_are_sent_the_rest_stays_open(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _first_approved(model, hub, qtbot)
    hang_up(model, hub, qtbot)
    told = model.session.readiness
    routes = [one.model_copy(update={"off_reason": "Links are down."}) for one in told.routes]
    model.session._set_readiness(told.model_copy(update={"routes": routes}))
    assert model.in_call.why_not_rest_by_link == "Links are down"
    model.in_call.rest_by_link()
    assert model.place is Place.APPROVED


def test_the_rest_is_not_touched_by_an_account_that_is_read_again(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _first_approved(model, hub, qtbot)
    model.in_call.another()
    key = model.form.new_intent().key
    hub.customers["cus_1"] = samples.customer(open_items=samples.customer().open_items[1:])
    hub.push(CustomerChanged(customer_id="cus_1"))
    qtbot.waitUntil(lambda: len(model.form.choice.items) == 2)
    assert (model.form.new_intent().key, model.form.amount) == (key, gbp(7336))
    model.form.type_amount(gbp(1))
    model.form.choose(Pick.EVERYTHING)
    assert model.form.amount == gbp(7336)


def test_silence_at_the_second_card_keeps_its_key(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _first_approved(model, hub, qtbot)
    model.in_call.another()
    hub.fail("create_payment", Unavailable("hub_unreachable"))
    model.take()
    qtbot.waitUntil(lambda: model.error is not None and not model.start_payment.is_running)
    take(model, hub, qtbot)
    assert len({new.key for new in intents(hub)}) == 1


def test_a_second_card_that_comes_too_late_says_so(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _first_approved(model, hub, qtbot)
    model.in_call.another()
    refusal = Conflict("split_differs", reference="01JD-7Q4M", left=gbp(0), amount=gbp(7336))
    hub.fail("create_payment", refusal)
    model.take()
    qtbot.waitUntil(lambda: model.error is not None)
    assert "£0.00 is left for the second card, not £73.36" in model.error.text
    assert model.form.rest is None  # and something else can be chosen


@pytest.mark.parametrize("state", [AttemptState.UNKNOWN, AttemptState.DECLINED])
def test_no_rest_is_offered_before_the_first_card_has_paid(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot, state: AttemptState
) -> None:
    made = samples.unknown() if state is AttemptState.UNKNOWN else declined_attempt()
    hub.tell(first_card().model_copy(update={"attempts": [made], "state": state}))
    qtbot.waitUntil(lambda: model.payment is not None)
    assert model.in_call.rest is None


def test_nothing_is_left_once_the_second_card_has_paid(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    first = _first_approved(model, hub, qtbot)
    second = samples.payment(
        samples.approved(attempt_id="att_2"),
        intent_id="pay_2",
        created_at=samples.at(10, 45),
        amount=samples.gbp(7336),
        allocations=parts(NW_20931=1210, NW_21407=6126),
        whole=first.whole,
        split_of=first.intent_id,
    )
    hub.tell(second)
    qtbot.waitUntil(lambda: model.payment is not None and model.payment.intent_id == "pay_2")
    model.in_call.show(first.intent_id)
    assert (model.payment.intent_id, model.in_call.rest) == (first.intent_id, None)
    assert actions(model).left[0].words == "Take another payment"


# ---------------------------------------------------------------- several payments in a call
def _gas(**changes: Any) -> PaymentIntent:
    usual = {
        "intent_id": "pay_2",
        "amount": samples.gbp(6126),
        "allocations": parts(NW_21888=6126),
        "created_at": samples.at(10, 42, 1),
    }
    return samples.payment(declined_attempt(attempt_id="att_2"), **(usual | changes))


def test_the_payments_of_the_call_are_listed_and_switched_by_key(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    model = view._model
    assert view._list.isHidden()
    first = _first_approved(model, hub, qtbot)
    assert view._list.isHidden()  # there is nothing to choose between
    hub.tell(_gas())
    qtbot.waitUntil(lambda: model.place is Place.DECLINED)
    assert [chip.accessibleName() for chip in view._list.chips] == [
        "1. £50.00 approved",
        "2. £61.26 declined",
    ]
    press(view, "Ctrl+PgUp")
    assert (model.payment.intent_id, model.place) == (first.intent_id, Place.APPROVED)
    press(view, "Ctrl+PgDown")
    assert model.payment.intent_id == "pay_2"
    view._list.chips[0].click()
    assert model.payment.intent_id == first.intent_id
    assert view._list.chips[0].isChecked()


def test_the_next_payment_starts_by_one_key_and_the_last_one_can_be_looked_at(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    model = view._model
    hub.tell(_gas())
    qtbot.waitUntil(lambda: model.place is Place.DECLINED)
    press(view, "F3")
    assert model.place is Place.CHOOSE
    assert [chip.accessibleName() for chip in view._list.chips] == ["1. £61.26 declined", "New payment"]
    model.form.tick(["inv_20931"])
    press(view, "Ctrl+PgUp")
    assert model.place is Place.DECLINED
    press(view, "Ctrl+PgDown")
    assert (model.place, model.form.amount) == (Place.CHOOSE, gbp(6210))  # what was chosen is kept
    take(model, hub, qtbot)
    assert intents(hub)[0].allocations[0].invoice_id == "inv_20931"


def test_another_payment_can_follow_one_that_was_looked_at(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    first = _first_approved(model, hub, qtbot)
    hub.tell(_gas())
    qtbot.waitUntil(lambda: model.place is Place.DECLINED)
    model.in_call.show(first.intent_id)
    model.in_call.another()
    assert model.form.rest is not None  # the older one's rest
    take(model, hub, qtbot)
    assert model.payment.intent_id.startswith("pi_")  # and what shows is the newest


def test_nobody_looks_away_from_a_live_card_entry(view: PaymentView, hub: ActingHub, qtbot: QtBot) -> None:
    model = view._model
    first = _first_approved(model, hub, qtbot)
    live = _gas(attempts=[samples.attempt(attempt_id="att_2")], state=AttemptState.OPEN)
    hub.tell(live)
    qtbot.waitUntil(lambda: model.place is Place.CAPTURE)
    assert model.in_call.why_not_switch == "Card entry is live"
    model.in_call.show(first.intent_id)
    assert model.place is Place.CAPTURE
    assert [chip.isEnabled() for chip in view._list.chips] == [False, True]
    assert view._list.chips[0].accessibleDescription() == "Card entry is live"


def test_the_note_at_the_end_tells_of_every_payment_of_the_call(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    first = _first_approved(model, hub, qtbot)
    assert model.wrap_up.disposition == "part_payment"
    second = samples.payment(
        samples.approved(attempt_id="att_2"),
        intent_id="pay_2",
        created_at=samples.at(10, 45),
        amount=samples.gbp(13462),
        allocations=parts(NW_20931=1210, NW_21407=6126, NW_21888=6126),
        whole=first.whole,
        split_of=first.intent_id,
    )
    hub.tell(second)
    qtbot.waitUntil(lambda: model.payment.intent_id == "pay_2")
    assert model.wrap_up.note.count("approved") == 2
    assert "Took £50.00" in model.wrap_up.note
    assert "Took £134.62" in model.wrap_up.note
    assert model.wrap_up.disposition == "bill_paid"
