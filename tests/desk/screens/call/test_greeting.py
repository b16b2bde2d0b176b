"""The first words of a call: a greeting, then the check, then what to pay; nothing of the account before."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from agentdesk.desk.draft import Draft
from agentdesk.desk.screens.call.check_view import right_words
from agentdesk.desk.screens.call.steps import Step
from agentdesk.desk.screens.call.view_model import CallViewModel
from agentdesk.desk.session import Session
from agentdesk.desk.window import Window
from agentdesk.domain.call import CallState, CheckResult
from agentdesk.domain.link import LinkState
from agentdesk.domain.money import Money
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.calls import NewCallerCheck
from agentdesk.wire.payments import Attempt
from tests.desk import caller_samples, samples, stop_samples
from tests.desk.fake_hub import FakeHub

Begin = Callable[..., None]
DRAFT = Draft(Money(12336, "GBP"), ["NW-20931", "NW-21407"])
#: What must not be said to somebody who may be anybody.
SECRETS = ("£", "NW-", "Amara", "Okafor", "closed", "paid at")


def _ended(result: CheckResult) -> object:
    new = NewCallerCheck(customer_id="cus_1", result=result, passed=["post_code"])
    return caller_samples.checked(new)


def _tells(model: CallViewModel) -> list[str]:
    """Return what the words give away, also the quoted ones of the hints."""
    quoted = [what for _, what in model.script.hints if "“" in what]
    return [one for one in SECRETS if any(one in words for words in (model.script.say, *quoted))]


@pytest.fixture
def checking(hub: FakeHub) -> None:
    """Let the queue ask for two of three."""
    hub.lamps = caller_samples.with_check(hub.lamps)


def test_a_caller_known_by_number_is_greeted_before_anything_else(
    model: CallViewModel, on_call: Begin
) -> None:
    on_call()
    model.session.set_draft(DRAFT, chosen=False)
    assert model.step is Step.GREET
    assert "**Priya** at Northwind Energy" in model.script.say
    assert (_tells(model), model.note) == ([], "Billing, step 1 of 5")
    model.go_on()
    assert model.step is Step.WHAT_TO_PAY
    assert "£123.36" in model.script.say


def test_who_was_asked_for_a_name_is_not_greeted_twice(model: CallViewModel, on_call: Begin) -> None:
    on_call(matches=[samples.match(1), samples.match(2)])
    assert model.step is Step.LOOKING


def test_choosing_what_is_paid_is_past_the_greeting(
    model: CallViewModel, session: Session, on_call: Begin, qtbot: QtBot
) -> None:
    on_call()
    session.set_draft(DRAFT, chosen=False)
    session.set_draft(Draft(Money(6126, "GBP"), ["NW-21888"]))
    assert "£61.26" in model.script.say
    session.take_call(samples.call(call_id="call_2", started_at=samples.NOW))
    session.take_call(samples.call(state=CallState.ENDED))
    qtbot.waitUntil(lambda: session.call is not None and session.call.call_id == "call_2")
    session.set_draft(DRAFT, chosen=False)
    assert model.step is Step.GREET


def test_an_account_that_is_read_again_is_not_past_the_greeting(
    model: CallViewModel, session: Session, on_call: Begin
) -> None:
    on_call()
    session.set_draft(DRAFT, chosen=False)
    session.set_draft(Draft(Money(6126, "GBP"), ["NW-21407"]), chosen=False)
    assert (model.step, _tells(model)) == (Step.GREET, [])


@pytest.mark.usefixtures("checking")
def test_while_the_check_is_open_nothing_of_the_account_is_said(
    model: CallViewModel, session: Session, on_call: Begin, qtbot: QtBot
) -> None:
    on_call()
    session.set_draft(DRAFT, chosen=False)
    assert (model.step, _tells(model)) == (Step.GREET, [])
    model.go_on()
    assert (model.step, _tells(model)) == (Step.VERIFY, [])
    assert "**Post code**, **Date of birth**" in model.script.say
    model.check.tick("birth_date")
    assert model.script.say.endswith("Please tell me: **Post code**.")
    model.check.tick("post_code")
    qtbot.waitUntil(lambda: model.step is Step.WHAT_TO_PAY)
    assert "£123.36" in model.script.say


@pytest.mark.usefixtures("checking")
def test_a_tick_is_past_the_greeting(model: CallViewModel, on_call: Begin) -> None:
    on_call()
    model.check.tick("post_code")
    assert model.step is Step.VERIFY


@pytest.mark.usefixtures("checking")
def test_a_closed_account_and_an_earlier_payment_are_told_to_the_proven_only(
    model: CallViewModel, session: Session, on_call: Begin, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.customers["cus_1"] = samples.customer(closed=True)
    on_call()
    qtbot.waitUntil(lambda: session.customer is not None)
    model.check.tick("post_code")
    assert (model.step, _tells(model)) == (Step.VERIFY, [])
    stopped = hub.take(samples.payment(stop=stop_samples.stop()))
    session.take_payment(stopped)
    assert (model.step, _tells(model)) == (Step.VERIFY, [])


@pytest.mark.parametrize(
    ("attempt", "step"),
    [
        (None, Step.UNPROVEN),
        (samples.linked(), Step.UNPROVEN_LINK),
        (samples.linked(link=samples.link(problem="The text did not arrive.")), Step.UNPROVEN_LINK_LOST),
        (samples.linked(link=samples.link(state=LinkState.OPENING)), Step.LINK_MAKING),
        (samples.linked(link=samples.link(state=LinkState.CLOSING)), Step.LINK_CLOSING),
        (samples.linked(AttemptState.APPROVED), Step.UNPROVEN_PAID),
    ],
)
@pytest.mark.usefixtures("checking")
def test_who_could_not_prove_it_is_told_nothing(
    model: CallViewModel, on_call: Begin, attempt: Attempt | None, step: Step
) -> None:
    on_call(attempt, caller_check=_ended(CheckResult.FAILED))
    if attempt is None:
        model.session.set_draft(DRAFT, chosen=False)
    assert (model.step, _tells(model)) == (step, [])


@pytest.mark.usefixtures("checking")
def test_without_links_nothing_is_promised_to_who_is_not_proven(
    model: CallViewModel, on_call: Begin, hub: FakeHub
) -> None:
    hub.lamps = caller_samples.without_links(hub.lamps)
    on_call(caller_check=_ended(CheckResult.FAILED))
    assert model.step is Step.UNPROVEN_NO_LINK
    assert "link" not in model.script.say


def test_the_next_words_come_by_key_and_only_after_the_greeting(
    window: Window, hub: FakeHub, enter: Callable[[], None], qtbot: QtBot
) -> None:
    hub.calls["call_1"] = samples.call()
    enter()
    shell = window.shell
    assert shell
    model = shell.call._model
    qtbot.waitUntil(lambda: shell.call._next.isVisible() and model.session.draft is not None)
    qtbot.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: model.step is Step.WHAT_TO_PAY)
    assert not shell.call._next.isVisible()
    assert "Alt W" not in [key.key for key in shell.keys.now()]


def test_the_check_says_how_many_are_right_and_how_many_are_needed(
    window: Window, hub: FakeHub, enter: Callable[[], None], qtbot: QtBot
) -> None:
    hub.lamps = caller_samples.with_check(hub.lamps)
    hub.calls["call_1"] = samples.call()
    enter()
    assert window.shell
    check = window.shell.call.check
    qtbot.waitUntil(check.isVisible)
    assert check._head.right.text() == right_words(0, 2) == "0 right, 2 needed"
    check._model.tick("post_code")
    qtbot.waitUntil(lambda: check._head.right.text() == "1 right, 2 needed")
