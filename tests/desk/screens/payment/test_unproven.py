"""A caller who is not proven: what the hub would refuse is off here, with its reason, and said beforehand."""

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.call.view_model import CallViewModel
from agentdesk.desk.screens.payment.actions import actions
from agentdesk.desk.screens.payment.choose import checks
from agentdesk.desk.screens.payment.link_form import LinkForm
from agentdesk.desk.screens.payment.view import PaymentView
from agentdesk.desk.screens.payment.view_model import PaymentViewModel, Place
from agentdesk.domain.call import CheckResult
from agentdesk.domain.link import LinkWay
from agentdesk.wire.calls import CallerCheck, NewCallerCheck
from agentdesk.wire.events import CallChanged, ReadinessChanged
from tests.desk import caller_samples, samples
from tests.desk.screens.payment.acting import ActingHub
from tests.desk.screens.payment.playing import attempts, sent
from tests.desk.walk import press

FIRST = "Do the caller check first: 2 right answers are needed"


def _ended(result: CheckResult) -> CallerCheck:
    return caller_samples.checked(
        NewCallerCheck(customer_id="cus_1", result=result, passed=["post_code", "birth_date"])
    )


def _asking(hub: ActingHub, *, required: bool = True) -> None:
    """Let every queue check its callers."""
    hub.lamps = caller_samples.with_check(hub.lamps, caller_samples.check_policy(required=required))


def _tell(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot, result: CheckResult | None, **changes
) -> None:
    """Let the check end so, and the call be otherwise as given."""
    call = samples.call(caller_check=_ended(result) if result else None, **changes)
    hub.calls["call_1"] = call
    hub.push(CallChanged(call=call))
    qtbot.waitUntil(lambda: model.session.call == call)


@pytest.fixture
def hub(hub: ActingHub) -> ActingHub:
    """Let the queue want a check before a card is taken, and links go every way."""
    routes = [
        one.model_copy(update={"ways": [way.model_copy(update={"off_reason": None}) for way in one.ways]})
        for one in hub.lamps.routes
    ]
    hub.lamps = hub.lamps.model_copy(update={"routes": routes})
    _asking(hub)
    return hub


# ---------------------------------------------------------------- a check that is required
def test_before_a_required_check_the_card_is_off_and_says_why(
    model: PaymentViewModel, hub: ActingHub
) -> None:
    offered = actions(model)
    assert (offered.main.key, offered.main.off, offered.reason) == ("F4", FIRST, FIRST)
    assert {one.route: one.off_reason for one in model.form.routes} == {"keypad": FIRST + ".", "link": None}
    model.take()
    assert not model.start_payment.is_running
    assert hub.count("create_payment") == 0


def test_it_may_send_a_link_to_the_file_meanwhile(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    assert actions(model).keyed["F7"].off == ""
    model.link.ask()
    model.link.send()
    sent(model, qtbot)
    assert [(one.route, one.send_to) for one in attempts(hub)] == [("link", None)]


def test_once_it_is_passed_the_card_is_taken(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    _tell(model, hub, qtbot, CheckResult.PASSED)
    assert (actions(model).main.words, actions(model).main.off) == ("Take £123.36", "")
    assert model.form.chosen_route.route == "keypad"


def test_a_check_that_is_not_required_lets_the_card_in(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _asking(hub, required=False)
    hub.push(ReadinessChanged(readiness=hub.lamps))
    qtbot.waitUntil(lambda: actions(model).main.off == "")
    assert ("open", "Caller is not verified yet", "not needed here") in checks(model)


def test_a_try_after_one_that_took_nothing_waits_for_the_check_too(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    assert model.form.why_no_card == FIRST


# ---------------------------------------------------------------- what is said of it
@pytest.mark.parametrize(
    ("result", "row"),
    [
        (None, ("open", "Caller is not verified yet", "needed for a card")),
        (CheckResult.PASSED, ("ok", "Caller is verified", "by you at 10:40")),
        (
            CheckResult.FAILED,
            ("failed", "Caller is not verified: only a link to the details on file", "by you at 10:40"),
        ),
    ],
)
def test_the_list_says_whether_the_caller_is_verified(
    model: PaymentViewModel,
    hub: ActingHub,
    qtbot: QtBot,
    result: CheckResult | None,
    row: tuple[str, str, str],
) -> None:
    _tell(model, hub, qtbot, result)
    assert checks(model)[1] == row


def test_where_nobody_is_checked_nothing_is_said_of_it(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    hub.lamps = samples.readiness()
    hub.push(ReadinessChanged(readiness=hub.lamps))
    qtbot.waitUntil(lambda: actions(model).main.off == "")
    assert not [words for _, words, _ in checks(model) if "erified" in words]


# ---------------------------------------------------------------- one that was not passed
def test_only_what_is_on_file_is_offered(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    _tell(model, hub, qtbot, CheckResult.FAILED)
    offered = actions(model)
    assert (offered.main.key, offered.keyed["F4"].off[:27]) == ("F7", "The caller did not pass the")
    model.link.ask()
    assert {one.way: one.off for one in model.link.ways} == {
        LinkWay.TEXT: "",
        LinkWay.EMAIL: "",
        LinkWay.QR: "The caller is not verified: only to the details on file",
    }
    model.link.type_number("+44 7700 900999")
    model.link.type_address("else@example.org")
    assert model.link.to_whom.to(LinkWay.TEXT) is None  # the caller's own, which is on file
    assert model.link.to_whom.to(LinkWay.EMAIL) == "amara.okafor@example.com"


def test_from_a_strange_number_it_goes_to_the_first_on_file(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _tell(model, hub, qtbot, CheckResult.FAILED, number="+447700900999")
    model.link.ask()
    assert "To +44 20 7946 0958, on file" in [one.detail for one in model.link.ways]
    model.link.send()
    sent(model, qtbot)
    assert [one.send_to for one in attempts(hub)] == ["+442079460958"]


def test_without_anything_on_file_no_link_is_left(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    model.session.customer = model.session.customer.model_copy(update={"phones": [], "email": None})
    _tell(model, hub, qtbot, CheckResult.FAILED)
    model.link.ask()
    assert [one.off for one in model.link.ways][:2] == ["No number is on file", "No address is on file"]
    assert model.link.why_not_send
    model.link.send()
    assert hub.count("start_attempt") == 0


def test_the_form_has_no_field_to_type_where_only_the_file_counts(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    _tell(view._model, hub, qtbot, CheckResult.FAILED)
    press(view.window(), "F7")
    body = view._body
    assert isinstance(body, LinkForm)
    qtbot.waitUntil(body.isVisible)
    assert not any(line.isVisible() for line in (body.number, body.address))


# ---------------------------------------------------------------- a withheld number
def test_the_numbers_on_file_are_offered_for_a_withheld_one(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    model = view._model
    _tell(model, hub, qtbot, CheckResult.PASSED, number=None)
    model.form.choose_route("link")
    press(view.window(), "F7")
    body = view._body
    assert isinstance(body, LinkForm)
    model.link.choose(LinkWay.TEXT)
    assert model.link.why_not_send == "Type the number to text"
    (chip,) = body._chips.values()
    assert chip.text() == "+44 20 7946 0958"
    chip.click()
    assert (body.number.text(), chip.isChecked(), model.link.why_not_send) == ("+44 20 7946 0958", True, "")
    model.link.send()
    sent(model, qtbot)
    assert [one.send_to for one in attempts(hub)] == ["+442079460958"]


# ---------------------------------------------------------------- after the caller has hung up
def test_a_link_still_goes_to_a_caller_who_dropped_before_the_first_try(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    model, window = view._model, view.window()
    _tell(model, hub, qtbot, CheckResult.PASSED)
    over = samples.call(
        state="wrap_up", line_ended_at=samples.at(10, 41), caller_check=_ended(CheckResult.PASSED)
    )
    hub.push(CallChanged(call=over))
    qtbot.waitUntil(lambda: not view.isVisible())
    call = window.shell.call._model
    assert ("They wanted to pay", "Press F7 and send them a link for it.") in (call.script.hints)
    press(window, "F7")
    qtbot.waitUntil(lambda: view.isVisible() and model.place is Place.LINK_FORM)
    press(window, "F7")
    sent(model, qtbot)
    assert [(one.route, one.send_to) for one in attempts(hub)] == [("link", None)]


def test_back_from_that_link_shows_the_form_without_a_card_and_no_payment_wraps_up(
    view: PaymentView, hub: ActingHub, qtbot: QtBot
) -> None:
    model, window = view._model, view.window()
    _tell(model, hub, qtbot, CheckResult.PASSED)
    hub.push(CallChanged(call=samples.call(state="wrap_up", line_ended_at=samples.at(10, 41))))
    qtbot.waitUntil(lambda: not view.isVisible())
    press(window, "F7")
    qtbot.waitUntil(view.isVisible)
    model.link.back()
    assert (model.place, actions(model).main.key) == (Place.CHOOSE, "F7")
    assert actions(model).keyed["F4"].off == "The call has ended"
    model.leave()
    qtbot.waitUntil(lambda: not view.isVisible())


def test_where_links_are_off_the_script_does_not_speak_of_f7(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    _tell(model, hub, qtbot, CheckResult.PASSED)
    hub.push(CallChanged(call=samples.call(state="wrap_up", line_ended_at=samples.at(10, 41))))
    qtbot.waitUntil(lambda: not model.session.line_is_open)
    able = CallViewModel(model.session, lambda: not model.link.why_not)
    assert "F7" in str(able.script)
    off = [one.model_copy(update={"off_reason": "Off."}) for one in hub.lamps.routes]
    hub.push(ReadinessChanged(readiness=hub.lamps.model_copy(update={"routes": off})))
    qtbot.waitUntil(lambda: model.link.why_not == "Off")
    assert "F7" not in str(able.script)
