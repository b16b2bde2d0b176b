"""Paying with a saved card: offered, picked, read out, charged once, and every reason why not."""

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.call.steps import Step
from agentdesk.desk.screens.call.view_model import CallViewModel
from agentdesk.desk.screens.payment.actions import actions
from agentdesk.desk.screens.payment.closing import note
from agentdesk.desk.screens.payment.outcome import next_steps
from agentdesk.desk.screens.payment.stopping import StopState
from agentdesk.desk.screens.payment.view_model import PaymentViewModel, Place
from agentdesk.domain.call import CallState, CheckResult
from agentdesk.domain.errors import Conflict, Unavailable
from agentdesk.domain.payment import Advice, AttemptState, DeclineKind
from agentdesk.wire.calls import CallerCheck
from agentdesk.wire.events import CallChanged, PaymentChanged, ReadinessChanged
from agentdesk.wire.payments import DeclineOut
from agentdesk.wire.readiness import CallerCheckInfo, CheckItem
from tests.desk import card_samples, samples, stop_samples
from tests.desk.payment_stages import declined_attempt
from tests.desk.screens.payment.acting import ActingHub
from tests.desk.screens.payment.playing import asked, attempts, hang_up, intents, lose, take, tell


@pytest.fixture
def hub(hub: ActingHub) -> ActingHub:
    """Return a hub that saves cards, with two of Amara's; the second is out of date."""
    card_samples.allow(hub)
    hub.customers["cus_1"] = samples.customer(saved_cards=card_samples.several())
    return hub


def have(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot, *names: str) -> None:
    """Let these cards be Amara's."""
    saved = card_samples.several(*names) if names else []
    hub.customers["cus_1"] = samples.customer(saved_cards=saved)
    model.session.load_customer.restart(True)
    qtbot.waitUntil(
        lambda: model.session.customer is not None and model.session.customer.saved_cards == saved
    )


def told(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot, **changes: object) -> None:
    """Let the phone system tell the call again."""
    call = samples.call(**changes)
    hub.push(CallChanged(call=call))
    qtbot.waitUntil(lambda: model.session.call == call)


def charge(model: PaymentViewModel, qtbot: QtBot) -> None:
    model.saved.ask()
    model.saved.charge()
    qtbot.waitUntil(lambda: model.place is Place.SENDING and not model.saved.charge_command.is_running)


def why(model: PaymentViewModel) -> str | None:
    return next(one.off_reason for one in model.form.routes if one.route == "saved")


def test_it_is_offered_beside_keypad_and_link_with_the_card_by_name(model: PaymentViewModel) -> None:
    assert [one.route for one in model.form.routes] == ["keypad", "link", "saved"]
    saved = model.form.routes[-1]
    assert (saved.title, saved.detail, saved.off_reason) == ("Saved card", "Visa ending 4242, 08/28", None)
    assert model.form.card_route == "keypad"


def test_of_several_that_can_be_charged_it_says_how_many(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    have(model, hub, qtbot, "card_1", "card_2", "card_3")
    assert model.form.routes[-1].detail == "Visa ending 4242, 08/28, or 1 more"


def test_where_none_is_saved_nothing_is_spoken_of(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    have(model, hub, qtbot)
    assert [one.route for one in model.form.routes] == ["keypad", "link"]
    assert model.saved.why_not == "No card is saved for this customer"
    model.saved.ask()
    assert model.place is Place.CHOOSE


def test_it_is_read_out_before_it_is_charged_once(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    call = CallViewModel(model.session, lambda: False)
    model.form.choose_route("saved")
    main = actions(model).main
    assert main is not None
    assert (main.name, main.key, main.words) == ("saved", "F4", "Use the saved card for £123.36")
    model.saved.ask()
    assert model.place is Place.SAVED_FORM
    assert call.step is Step.SAVED_CARD
    assert "from your **saved Visa ending 4242**" in call.script.say
    assert "08/28" not in call.script.say
    main = actions(model).main
    assert main is not None
    assert (main.name, main.key, main.words) == ("charge", "F10", "Charge £123.36")
    assert attempts(hub) == []
    model.saved.charge()
    model.saved.charge()
    qtbot.waitUntil(lambda: model.place is Place.SENDING)
    (intent,), (attempt,) = intents(hub), attempts(hub)
    assert str(intent.amount) == "£123.36"
    assert (attempt.route, attempt.saved_card) == ("saved", "card_1")
    assert call.step is Step.SENDING


def test_going_back_charges_nothing_and_the_script_goes_back(model: PaymentViewModel, hub: ActingHub) -> None:
    call = CallViewModel(model.session, lambda: False)
    model.saved.ask()
    model.saved.back()
    assert (model.place, call.step) == (Place.CHOOSE, Step.WHAT_TO_PAY)
    assert intents(hub) == []


def test_another_card_is_picked(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    have(model, hub, qtbot, "card_1", "card_2", "card_3")
    model.saved.ask()
    model.saved.pick("card_2")  # out of date: the first stays
    assert model.saved.option is not None
    assert model.saved.option.card_id == "card_1"
    model.saved.pick("card_3")
    model.saved.charge()
    qtbot.waitUntil(lambda: model.place is Place.SENDING)
    assert attempts(hub)[0].saved_card == "card_3"


def test_approved_is_approved_and_the_note_says_how(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    charge(model, qtbot)
    tell(model, hub, qtbot, AttemptState.APPROVED, route="saved", capture=None)
    assert model.place is Place.APPROVED
    assert model.payment is not None and model.attempt is not None
    assert note(model.payment, model.attempt).startswith("Took £123.36 by saved card for NW-20931")


def test_a_refusal_of_the_hub_leaves_the_form_and_says_why(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    card = {"card": "Visa ending 4242, 08/28", "reason": "it is kept at another payment provider."}
    hub.fail("start_attempt", Conflict("saved_card_off", **card))
    model.saved.ask()
    model.saved.charge()
    qtbot.waitUntil(lambda: model.error is not None)
    assert model.place is Place.SAVED_FORM
    first = attempts(hub)[0].key
    charge(model, qtbot)
    assert attempts(hub)[1].key != first, "the hub said no: this press is another decision"


def test_silence_is_tried_again_with_the_same_key(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    hub.fail("start_attempt", Unavailable("hub_unreachable"))
    model.saved.ask()
    model.saved.charge()
    qtbot.waitUntil(lambda: model.error is not None)
    charge(model, qtbot)
    assert len({one.key for one in attempts(hub)}) == 1
    assert len(intents(hub)) == 1


def test_a_like_payment_stops_it_and_going_on_charges_the_card(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    hub.stop = stop_samples.stop()
    model.saved.ask()
    model.saved.charge()
    qtbot.waitUntil(lambda: model.place is Place.STOPPED and not model.saved.charge_command.is_running)
    assert model.stopping.by_saved_card
    hub.stop = None
    payment = next(iter(hub.payments.values()))
    allowed = stop_samples.stop(
        asked_at=samples.NOW, decided_at=samples.NOW, decided_by="Ruth", allowed=True, reason="Two bills"
    )
    hub.tell(payment, stop=allowed)
    qtbot.waitUntil(lambda: model.stopping.state is StopState.ALLOWED)
    main = actions(model).main
    assert main is not None
    assert (main.name, main.key, main.words) == ("go_on", "F10", "Charge £123.36")
    model.stopping.go_on()
    qtbot.waitUntil(lambda: model.place is Place.SENDING)
    assert (attempts(hub)[-1].route, attempts(hub)[-1].saved_card) == ("saved", "card_1")


# ---------------------------------------------------------------- the bank's no
def refusal(advice: Advice = Advice.OTHER_CARD) -> DeclineOut:
    return DeclineOut(
        kind=DeclineKind.CALL_ISSUER, advice=advice, title="Refused", say="No.", retry_same_card=False
    )


def decline(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot, advice: Advice = Advice.OTHER_CARD
) -> None:
    charge(model, qtbot)
    changes = {"route": "saved", "capture": None, "card": samples.VISA, "decline": refusal(advice)}
    tell(model, hub, qtbot, AttemptState.DECLINED, **changes)


def test_a_card_that_was_just_refused_is_not_offered_again(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    decline(model, hub, qtbot)
    assert why(model) == "Visa ending 4242, 08/28: the bank has just refused it on this call."
    assert "F2" not in actions(model).keyed
    assert model.attempt is not None
    (step,) = [one for one in next_steps(model, model.attempt) if one.key == "saved"]
    assert step.refused
    model.again()
    qtbot.waitUntil(lambda: len(attempts(hub)) == 2)
    assert attempts(hub)[1].route == "keypad"


def test_after_one_was_refused_the_other_is_offered_by_one_key(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    have(model, hub, qtbot, "card_1", "card_3")
    decline(model, hub, qtbot)
    assert actions(model).keyed["F2"].name == "saved"
    model.saved.ask()
    assert model.place is Place.SAVED_FORM
    assert [one.off for one in model.saved.options] == ["The bank has just refused it on this call", ""]
    model.saved.charge()
    qtbot.waitUntil(lambda: len(attempts(hub)) == 2)
    assert attempts(hub)[1].saved_card == "card_3"
    assert len(intents(hub)) == 1


def test_a_card_keyed_and_refused_is_not_offered_as_a_saved_one(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    hub.tell_attempt(declined_attempt(attempt_id="att_1", card=samples.VISA))
    qtbot.waitUntil(lambda: model.place is Place.DECLINED)
    assert model.saved.why_not.endswith("the bank has just refused it on this call")


def test_a_bank_that_wants_its_holder_leads_to_a_link_by_one_key(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    decline(model, hub, qtbot, Advice.SEND_LINK)
    main = actions(model).main
    assert main is not None
    assert (main.name, main.key) == ("send_now", "F7")


def test_not_sent_says_what_to_say_and_nothing_of_the_line(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    charge(model, qtbot)
    reason = "The payment provider did not take the request."
    changes = {"route": "saved", "capture": None, "not_sent_reason": reason}
    tell(model, hub, qtbot, AttemptState.NOT_SENT, **changes)
    assert model.place is Place.NOT_SENT
    assert CallViewModel(model.session, lambda: False).step is Step.NOT_SENT


def test_unknown_locks_everything(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    charge(model, qtbot)
    tell(model, hub, qtbot, AttemptState.UNKNOWN, route="saved", capture=None)
    assert model.place is Place.CHECKING
    assert model.saved.why_not == "This payment is not over"


# ---------------------------------------------------------------- why not
def test_a_card_that_is_out_of_date_is_greyed_with_the_reason(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    have(model, hub, qtbot, "card_2")
    assert why(model) == "Mastercard ending 5100, 10/26: it expired 10/26."
    assert model.form.chosen_route is not None
    assert model.form.chosen_route.route == "keypad"


def test_a_way_that_is_off_says_so(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    off = card_samples.ROUTE.model_copy(update={"off_reason": "Saved cards are switched off here."})
    routes = [one for one in hub.lamps.routes if one.route != "saved"]
    hub.lamps = hub.lamps.model_copy(update={"routes": [*routes, off]})
    hub.push(ReadinessChanged(readiness=hub.lamps))
    qtbot.waitUntil(lambda: why(model) == "Saved cards are switched off here." or bool(model.saved.why_not))
    assert model.saved.why_not


CHECK = CallerCheckInfo(items=[CheckItem(code="post_code", words="Post code")], must_pass=1, required=False)


def must_check(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot, **rules: object) -> None:
    card_samples.allow(hub, **rules)
    queues = [samples.queue("", samples.DISPOSITIONS).model_copy(update={"caller_check": CHECK})]
    hub.lamps = hub.lamps.model_copy(update={"queues": queues})
    hub.push(ReadinessChanged(readiness=hub.lamps))
    qtbot.waitUntil(lambda: model.session.readiness is not None and model.session.readiness.queues == queues)


def checked(result: CheckResult) -> CallerCheck:
    return CallerCheck(result=result, passed=[], by="Priya Nair", at=samples.NOW)


def test_where_the_queue_checks_callers_the_check_comes_first(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    must_check(model, hub, qtbot)
    assert (why(model) or "").endswith("do the caller check first.")
    told(model, hub, qtbot, caller_check=checked(CheckResult.PASSED))
    assert why(model) is None


def test_where_the_firm_does_without_it_a_failed_check_still_counts(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    must_check(model, hub, qtbot, only_checked=False)
    assert why(model) is None
    told(model, hub, qtbot, caller_check=checked(CheckResult.FAILED))
    assert (why(model) or "").startswith("The caller did not pass")


def test_a_call_that_is_not_on_our_line_can_pay_with_it(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    told(model, hub, qtbot, has_line=False)
    assert (model.form.card_route, why(model), model.saved.why_not) == ("", None, "")


def test_a_caller_on_hold_or_gone_is_charged_nothing(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    model.saved.ask()
    told(model, hub, qtbot, state=CallState.HELD)
    assert model.saved.why_not == "The caller is on hold"
    assert model.place is Place.CHOOSE
    model.saved.charge()
    hang_up(model, hub, qtbot)
    assert model.saved.why_not == "The call has ended"
    assert attempts(hub) == []


def test_without_a_connection_nothing_is_charged(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    model.saved.ask()
    lose(model, hub, qtbot)
    model.saved.charge()
    assert attempts(hub) == []
    assert model.saved.why_not == "Connection lost"


def test_another_call_begins_without_the_form(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    charge(model, qtbot)
    payment = next(iter(hub.payments.values()))
    done = payment.model_copy(
        update={"attempts": [samples.approved(route="saved")], "state": AttemptState.APPROVED, "version": 9}
    )
    hub.push(PaymentChanged(payment=done))
    qtbot.waitUntil(lambda: model.place is Place.APPROVED)
    model.in_call.another()
    qtbot.waitUntil(lambda: model.payment is None)
    assert model.place is Place.CHOOSE
    assert asked(hub, "withdraw_card") == []
