"""Signing in: wrong, too often, no hub, a new hub; what is sent and what is kept."""

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.sign_in.view_model import SignInViewModel
from agentdesk.desk.session import Session
from agentdesk.desk.settings import Settings
from agentdesk.domain.errors import Conflict, NotSignedIn, TooMany, Unavailable
from agentdesk.wire.people import SetUp, SignIn
from agentdesk.wire.readiness import LampState
from tests.desk import samples
from tests.desk.fake_hub import FakeHub


@pytest.fixture
def model(session: Session, settings: Settings) -> SignInViewModel:
    return SignInViewModel(session, settings)


def look(model: SignInViewModel, qtbot: QtBot) -> None:
    """Look at the hub once."""
    with qtbot.waitSignal(model.changed):
        model.look.start()


def test_who_signs_in_is_sent_and_only_the_name_is_kept(
    model: SignInViewModel, hub: FakeHub, settings: Settings, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(model.session.person_changed):
        model.submit(" priya.nair ", "a sample")
    sent = SignIn(username="priya.nair", password="a sample")
    assert next(asked for asked in hub.asked if asked[0] == "sign_in") == ("sign_in", (sent,))
    assert settings.username == "priya.nair"
    assert "a sample" not in str(vars(model)) + str(vars(settings))


@pytest.mark.parametrize(("name", "password"), [("", "a sample"), ("  ", "a sample"), ("priya.nair", "")])
def test_nothing_is_sent_without_both(name: str, password: str, model: SignInViewModel, hub: FakeHub) -> None:
    model.submit(name, password)
    assert not model.enter.is_running
    assert hub.count("sign_in") == 0


def test_a_wrong_password_is_said_until_the_next_try(
    model: SignInViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.fail("sign_in", NotSignedIn("sign_in_failed"))
    with qtbot.waitSignal(model.enter.failed):
        model.submit("priya.nair", "wrong")
    assert model.problem == "Name or password is not right. No payment was touched. Try again."
    model.submit("priya.nair", "right")
    assert model.problem == ""


def test_too_many_tries_count_down_and_nothing_is_sent_meanwhile(
    model: SignInViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.fail("sign_in", TooMany("sign_in_slow_down", seconds=1))
    with qtbot.waitSignal(model.enter.failed):
        model.submit("priya.nair", "wrong")
    assert "Try again in 1 s." in model.problem
    model.submit("priya.nair", "right")
    assert hub.count("sign_in") == 1
    qtbot.waitUntil(lambda: model.wait_s == 0)
    assert model.problem == ""
    with qtbot.waitSignal(model.session.person_changed):
        model.submit("priya.nair", "right")


def test_a_hub_that_does_not_answer_is_told_until_it_does(
    model: SignInViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.fail("needs_set_up", Unavailable("hub_unreachable"))
    look(model, qtbot)
    assert (model.hub_error.code, model.readiness) == ("hub_unreachable", None)
    look(model, qtbot)
    assert (model.hub_error, model.readiness) == (None, hub.lamps)


def test_what_was_seen_last_stays_when_the_hub_goes(
    model: SignInViewModel, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.lamps = samples.readiness(accounts=LampState.SLOW)
    look(model, qtbot)
    hub.fail("readiness", Unavailable("hub_unreachable"))
    look(model, qtbot)
    assert model.hub_error is not None
    assert model.readiness == hub.lamps


def test_a_new_hub_gets_its_first_administrator(model: SignInViewModel, hub: FakeHub, qtbot: QtBot) -> None:
    hub.new = True
    look(model, qtbot)
    assert model.needs_set_up
    with qtbot.waitSignal(model.session.person_changed):
        model.submit("ruth", "twelve letters", "Ruth Adeyemi")
    first = SetUp(username="ruth", name="Ruth Adeyemi", password="twelve letters")
    assert ("set_up", (first,)) in hub.asked


def test_somebody_else_was_first(model: SignInViewModel, hub: FakeHub, qtbot: QtBot) -> None:
    hub.new = True
    look(model, qtbot)
    hub.fail("set_up", Conflict("set_up_done"))
    with qtbot.waitSignal(model.enter.failed):
        model.submit("ruth", "twelve letters")
    assert "Sign in instead" in model.problem
    hub.new = False
    look(model, qtbot)
    assert not model.needs_set_up
