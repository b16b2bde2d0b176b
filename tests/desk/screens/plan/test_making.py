"""Making a payment plan: when it can be made, what is refused at once, that one press makes one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payment.view_model import PaymentViewModel
from agentdesk.desk.screens.plan.making import PlanMaking
from agentdesk.desk.screens.wrap_up.view_model import WrapUpViewModel
from agentdesk.desk.session import Connection, ConnectionState, Session
from agentdesk.domain.call import CallState
from agentdesk.domain.errors import Conflict, Unavailable
from agentdesk.domain.plan import Rhythm
from agentdesk.wire.events import CallChanged, CustomerChanged
from agentdesk.wire.plans import NewPlan
from agentdesk.wire.readiness import CallerCheckInfo
from tests.desk import card_samples, plan_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.plan_stages import allow

Enter = Callable[[], None]
#: Of which a part was paid and is still being posted.
HALF = samples.posting(samples.open_item(20931, "Electricity", date(2026, 11, 11), 6210), 3000)


@pytest.fixture
def model(session: Session, hub: FakeHub, enter: Enter) -> PlanMaking:
    """Give the form's model on a call with Amara, whose Visa is saved until 08/28."""
    allow(hub)
    hub.calls["call_1"] = samples.call()
    enter()
    wrap_up = WrapUpViewModel(session)
    payment = PaymentViewModel(session, wrap_up)
    made = PlanMaking(session, payment.form, wrap_up)
    payment.setParent(made)
    return made


def sent(hub: FakeHub) -> list[NewPlan]:
    """Return the plans the hub was given."""
    return [args[1] for name, args in hub.asked if name == "make_plan"]


def change(model: PlanMaking, **terms: object) -> None:
    """Agree on something else."""
    assert model.terms is not None
    model.put(replace(model.terms, **terms))  # type: ignore[arg-type]


def ready(model: PlanMaking) -> None:
    """Open the form and have the caller agree."""
    model.open()
    model.agree(True)


def test_it_opens_with_what_is_chosen_to_be_paid(model: PlanMaking) -> None:
    model.open()
    terms = model.terms
    assert terms is not None and terms.card is not None
    assert [one.number for one in terms.items] == ["NW-20931", "NW-21407"]
    assert (terms.total, terms.count, terms.rhythm) == (samples.gbp(12336).money, 3, Rhythm.MONTHLY)
    assert terms.first_on == date(2026, 12, 21)
    assert (terms.card.card_id, model.receipt) == ("card_1", "amara.okafor@example.com")
    assert model.problem == "Ask the caller first"


def test_one_press_makes_one_and_fills_in_the_wrap_up(model: PlanMaking, hub: FakeHub, qtbot: QtBot) -> None:
    ready(model)
    with qtbot.waitSignal(model.made):
        model.make()
        model.make()
    [new] = sent(hub)
    assert (new.call_id, new.saved_card, new.wording) == ("call_1", "card_1", "2026-11")
    assert new.invoices == ["inv_20931", "inv_21407"]
    assert (new.total, new.count, new.first_on) == (samples.gbp(12336), 3, date(2026, 12, 21))
    assert new.receipt_email == "amara.okafor@example.com"
    assert model.terms is None
    assert model._wrap_up.disposition == "payment_plan"
    assert model._wrap_up.note == (
        "Payment plan agreed: 0 of 3 paid, next £41.12 on Monday 21 December, Visa ending 4242, 08/28. "
        "Reference 019Z-Q7WB."
    )
    qtbot.waitUntil(lambda: model.session.customer.plan is not None)  # type: ignore[union-attr]
    assert model.why_not == "A plan stands already, 019Z-Q7WB"


def test_without_the_callers_yes_nothing_is_sent(model: PlanMaking, hub: FakeHub) -> None:
    model.open()
    model.make()
    assert hub.count("make_plan") == 0


@pytest.mark.parametrize(
    "terms",
    [{"count": 4}, {"first_on": date(2026, 12, 1)}, {"rhythm": Rhythm.WEEKLY}, {"items": ()}, {"card": None}],
)
def test_other_terms_need_another_yes_and_are_another_plan(
    terms: dict[str, object], model: PlanMaking
) -> None:
    ready(model)
    key = model._key
    change(model, **terms)
    assert not model.agreed
    assert model._key != key


def test_the_same_terms_put_again_keep_the_yes(model: PlanMaking) -> None:
    ready(model)
    change(model, count=3)
    assert model.agreed


@pytest.mark.parametrize(
    ("terms", "code", "words"),
    [
        ({"count": 1}, "plan_count", "A payment plan has 2 to 12 payments, not 1."),
        ({"count": 13}, "plan_count", "A payment plan has 2 to 12 payments, not 13."),
        ({"first_on": date(2026, 11, 21)}, "plan_starts_today", "21 November 2026 is not after today."),
        ({"first_on": date(2026, 11, 1)}, "plan_starts_today", "1 November 2026 is not after today."),
        ({"first_on": date(2027, 11, 1)}, "plan_too_long", "The last payment would be on 1 January 2028"),
        ({"count": 12, "items": "one"}, "plan_too_small", "Each payment would be £4.40, under £5.00."),
    ],
)
def test_what_the_rules_refuse_is_said_at_once(
    terms: dict[str, object], code: str, words: str, model: PlanMaking
) -> None:
    model.open()
    if terms.get("items") == "one":
        small = model.payable[0].model_copy(update={"outstanding": samples.gbp(5288)})
        terms = terms | {"items": (small,)}
    change(model, **terms)
    assert model.broken is not None and model.broken.code == code
    assert model.broken.text.startswith(words)
    assert model.problem == "Not by the rules here"
    model.agree(True)
    assert not model.agreed


def test_a_card_that_ends_too_soon_is_said_and_another_one_will_do(
    model: PlanMaking, hub: FakeHub, session: Session
) -> None:
    soon = card_samples.card(exp_month=1, exp_year=2027, label="Visa ending 4242, 01/27")
    later = card_samples.card(card_id="card_3")
    session._take_customer(samples.customer(saved_cards=[soon, later]))
    model.open()
    assert model.broken is not None
    assert model.broken.text.startswith("Visa ending 4242, 01/27 ends before the last payment on 21 February")
    change(model, card=later)
    assert model.broken is None


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        ({"items": ()}, "Choose an invoice"),
        ({"count": None}, "Type how many payments"),
        ({"count": 0}, "Type how many payments"),
        ({"first_on": None}, "Type the first day"),
        ({"first_on": date(9999, 12, 31)}, "Type the first day"),
    ],
)
def test_what_is_missing_is_asked_for(terms: dict[str, object], why: str, model: PlanMaking) -> None:
    model.open()
    change(model, **terms)
    assert model.problem == why
    assert model.broken is None


def test_the_usual_first_day_goes_along_with_the_rhythm_and_a_chosen_one_stays(model: PlanMaking) -> None:
    model.open()
    model.choose_rhythm(Rhythm.WEEKLY)
    assert model.terms is not None and model.terms.first_on == date(2026, 11, 28)
    model.choose_rhythm(Rhythm.FORTNIGHTLY)
    assert model.terms.first_on == date(2026, 12, 5)
    change(model, first_on=date(2026, 12, 1))
    model.choose_rhythm(Rhythm.MONTHLY)
    assert model.terms.first_on == date(2026, 12, 1)


def test_a_receipt_goes_to_an_address_or_nowhere(model: PlanMaking, hub: FakeHub, qtbot: QtBot) -> None:
    ready(model)
    model.type_receipt("amara@")
    assert model.problem == "That is not an email address"
    model.type_receipt("  ")
    assert model.agreed, "where a receipt goes is nothing the caller agreed to"
    with qtbot.waitSignal(model.made):
        model.make()
    assert sent(hub)[0].receipt_email is None


# ---------------------------------------------------------------- what did not work


def test_a_lost_answer_and_another_press_are_one_plan(
    model: PlanMaking, hub: FakeHub, session: Session, qtbot: QtBot
) -> None:
    hub.fail("make_plan", Unavailable("hub_unreachable"))
    ready(model)
    with qtbot.waitSignal(model.send.failed):
        model.make()
    assert model.error is not None and model.agreed
    hub.keep_plan(plan_samples.plan())  # it was made all the same, and the desk hears of it
    hub.push(CustomerChanged(customer_id="cus_1"))
    qtbot.waitUntil(lambda: session.customer.plan is not None)  # type: ignore[union-attr]
    assert model.problem == ""
    with qtbot.waitSignal(model.made):
        model.make()
    first, second = sent(hub)
    assert first == second
    assert model.terms is None


def test_a_refusal_stays_in_the_form_and_the_next_press_is_another_plan(
    model: PlanMaking, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.fail("make_plan", Conflict("call_held"))
    ready(model)
    with qtbot.waitSignal(model.send.failed):
        model.make()
    assert model.error is not None and model.error.code == "call_held"
    with qtbot.waitSignal(model.made):
        model.make()
    first, second = sent(hub)
    assert first.key != second.key


def test_other_words_to_read_out_need_another_yes(model: PlanMaking, session: Session) -> None:
    ready(model)
    key = model._key
    newer = plan_samples.RULES.model_copy(update={"wording": "2026-12", "words": "Do you agree to that?"})
    session._set_readiness(session.readiness.model_copy(update={"plans": newer}))  # type: ignore[union-attr]
    assert not model.agreed
    assert (model._wording, model._key != key) == ("2026-12", True)


def test_the_words_are_asked_for_again_where_the_hub_has_others(
    model: PlanMaking, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.fail("make_plan", Conflict("plan_wording"))
    hub.lamps = hub.lamps.model_copy(
        update={"plans": plan_samples.RULES.model_copy(update={"wording": "2026-12"})}
    )
    ready(model)
    with qtbot.waitSignal(model.send.failed):
        model.make()
    qtbot.waitUntil(lambda: model._wording == "2026-12")
    assert not model.agreed
    assert model.error is not None


def test_what_is_owed_now_is_another_plan(model: PlanMaking, session: Session) -> None:
    ready(model)
    less = samples.customer(saved_cards=card_samples.several("card_1"))
    items = [one.model_copy(update={"outstanding": samples.gbp(5000)}) for one in less.open_items]
    session._take_customer(less.model_copy(update={"open_items": items}))
    assert model.terms is not None
    assert model.terms.total == samples.gbp(10000).money
    assert not model.agreed


def test_a_card_that_goes_leaves_none(model: PlanMaking, session: Session) -> None:
    ready(model)
    session._take_customer(samples.customer(saved_cards=card_samples.several("card_2", "card_3")))
    assert model.terms is not None and model.terms.card is None
    assert model.problem == "Choose a card"


def test_another_customer_closes_the_form(model: PlanMaking, hub: FakeHub, qtbot: QtBot) -> None:
    hub.customers["cus_2"] = samples.customer(customer_id="cus_2")
    model.open()
    hub.push(CallChanged(call=samples.call(customer_id="cus_2")))
    qtbot.waitUntil(lambda: model.terms is None)


# ---------------------------------------------------------------- why none can be made


def test_where_plans_are_off_that_is_said(model: PlanMaking, session: Session) -> None:
    session._set_readiness(session.readiness.model_copy(update={"plans": None}))  # type: ignore[union-attr]
    assert model.why_not == "Payment plans are switched off here"
    model.open()
    assert model.terms is None


@pytest.mark.parametrize(
    ("customer", "why"),
    [
        ({"saved_cards": []}, "Save a card with a payment first"),
        ({"saved_cards": card_samples.several("card_2")}, "It expired 10/26"),
        ({"open_items": []}, "Nothing can be paid now"),
        ({"closed": True}, "Nothing can be paid now"),
        ({"open_items": [HALF]}, "Nothing can be paid now"),
        ({"plan": plan_samples.plan()}, "A plan stands already, 019Z-Q7WB"),
        ({"plan": plan_samples.paused()}, "A plan stands already, 019Z-Q7WB"),
    ],
)
def test_the_customer_may_be_the_reason(
    customer: dict[str, object], why: str, model: PlanMaking, session: Session
) -> None:
    usual = {"saved_cards": card_samples.several("card_1")}
    session._take_customer(samples.customer(**(usual | customer)))
    assert model.why_not == why


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ({"state": CallState.WRAP_UP, "line_ended_at": samples.NOW}, "The call has ended"),
        ({"state": CallState.HELD}, "The caller is on hold"),
    ],
)
def test_the_call_may_be_the_reason(
    call: dict[str, object], why: str, model: PlanMaking, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.push(CallChanged(call=samples.call(**call)))
    qtbot.waitUntil(lambda: model.why_not == why)


def test_without_a_connection_none_is_made(model: PlanMaking, session: Session) -> None:
    ready(model)
    session.connection = Connection(ConnectionState.LOST, samples.NOW)
    session.connection_changed.emit(session.connection)
    assert model.problem == "Connection lost"


def test_while_a_card_is_keyed_none_is_made(model: PlanMaking, session: Session) -> None:
    session.take_payment(samples.payment(samples.attempt()))
    assert model.why_not == "A card entry is open"


def test_a_caller_who_must_be_checked_first_is_said(model: PlanMaking, session: Session) -> None:
    check = CallerCheckInfo(required=True, must_pass=2, items=[])
    queue = samples.queue("", samples.DISPOSITIONS).model_copy(update={"caller_check": check})
    lamps = session.readiness.model_copy(update={"queues": [queue]})  # type: ignore[union-attr]
    session._set_readiness(lamps)
    assert model.why_not == "Do the caller check first: 2 right answers are needed"


def test_who_takes_no_payments_makes_no_plans(model: PlanMaking, session: Session) -> None:
    session.person = samples.person().model_copy(update={"permissions": []})
    assert model.why_not == "Your role does not take payments"


def test_without_a_call_none_is_made(session: Session, hub: FakeHub, enter: Enter) -> None:
    allow(hub)
    enter()
    wrap_up = WrapUpViewModel(session)
    payment = PaymentViewModel(session, wrap_up)
    assert PlanMaking(session, payment.form, wrap_up).why_not == "A plan is made on a call"
