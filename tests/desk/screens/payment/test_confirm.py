"""A bank that wants the card holder to confirm: nothing was charged, and a link is one key away."""

from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.call.steps import Step
from agentdesk.desk.screens.call.view_model import CallViewModel
from agentdesk.desk.screens.payment.actions import actions
from agentdesk.desk.screens.payment.outcome import attempts_left, next_steps
from agentdesk.desk.screens.payment.view_model import PaymentViewModel, Place
from agentdesk.domain.link import LinkWay
from agentdesk.wire.events import ReadinessChanged
from tests.desk.link_stages import confirm_attempt
from tests.desk.payment_stages import declined_attempt
from tests.desk.screens.payment.acting import ActingHub
from tests.desk.screens.payment.playing import (
    attempts,
    forget_address,
    hang_up,
    intents,
    sent,
    take,
    withhold,
)


def _asked_to_confirm(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    take(model, hub, qtbot)
    newer = hub.tell_attempt(confirm_attempt(attempt_id="att_1"))
    qtbot.waitUntil(lambda: model.session.payments[newer.intent_id].version == newer.version)


def _steps(model: PaymentViewModel) -> dict[str, str]:
    """Return the next steps; to those that are refused, why."""
    assert model.attempt is not None
    return {one.key: one.detail if one.refused else "" for one in next_steps(model, model.attempt)}


def test_what_the_bank_wants_confirmed_goes_to_a_link_by_one_key(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _asked_to_confirm(model, hub, qtbot)
    main = actions(model).main
    assert main is not None
    assert (main.key, main.name, main.words) == ("F7", "send_now", "Send a link")
    assert actions(model).keyed["F4"].name == "again"
    same = "Not offered: by phone the bank asks again"
    assert _steps(model) == {"send_now": "", "link": "", "card": "", "same": same}
    assert actions(model).keyed["Alt L"].name == "link"
    model.link.send_now()
    sent(model, qtbot)
    assert len(intents(hub)) == 1  # one debt
    assert [(one.route, one.send_by, one.send_to) for one in attempts(hub)] == [
        ("keypad", LinkWay.TEXT, None),
        ("link", LinkWay.TEXT, None),
    ]


def test_where_nothing_is_known_the_key_asks(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    _asked_to_confirm(model, hub, qtbot)
    forget_address(model, hub, qtbot)
    assert model.payment is not None
    withhold(model, hub, qtbot, model.payment.intent_id)
    assert list(_steps(model)) == ["link", "card", "same"]
    assert "Alt L" not in actions(model).keyed, "F7 asks where it goes"
    model.link.send_now()
    assert model.place is Place.LINK_FORM
    assert len(attempts(hub)) == 1


def test_where_no_link_can_be_sent_another_card_is_offered(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _asked_to_confirm(model, hub, qtbot)
    keypad, link = hub.lamps.routes
    off = link.model_copy(update={"off_reason": "Payment links are not set up."})
    hub.push(ReadinessChanged(readiness=hub.lamps.model_copy(update={"routes": [keypad, off]})))
    qtbot.waitUntil(lambda: model.link.why_not == "Payment links are not set up")
    main = actions(model).main
    assert main is not None
    assert main.name == "again"
    assert _steps(model)["link"] == "Not offered: payment links are not set up"


def test_the_link_is_still_one_key_after_the_caller_hung_up(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _asked_to_confirm(model, hub, qtbot)
    hang_up(model, hub, qtbot)
    main = actions(model).main
    assert main is not None
    assert main.name == "send_now"
    assert actions(model).keyed["Ctrl Enter"].name == "finish"
    model.link.send_now()
    sent(model, qtbot)


def test_on_the_last_try_the_link_is_all_that_is_left(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _asked_to_confirm(model, hub, qtbot)
    no = [declined_attempt(attempt_id=f"att_{number}", number=number) for number in (1, 2)]
    assert model.payment is not None
    hub.tell(model.payment, attempts=[*no, confirm_attempt(attempt_id="att_3", number=3)])
    qtbot.waitUntil(lambda: model.payment is not None and len(model.payment.attempts) == 3)
    main = actions(model).main
    assert main is not None and model.payment is not None
    assert (main.key, main.off) == ("F7", "")
    assert _steps(model)["card"] == "Not offered: all attempts of this payment are used"
    assert attempts_left(model.payment) == "Only a link is left on this payment"
    call = CallViewModel(model.session, lambda: False)
    assert call.step is Step.CONFIRM_LAST
    assert "F4" not in str(call.script.hints)
    model.link.send_now()
    sent(model, qtbot)
    assert len(intents(hub)) == 1  # one debt
