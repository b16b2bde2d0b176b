"""The sign-in screen by keyboard and in its states."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from agentdesk.desk.widgets.notices import Banner
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.desk.window import Window
from agentdesk.domain.errors import AgentDeskError, NotSignedIn, TooMany, Unavailable
from agentdesk.wire.readiness import LampState, Part
from tests.desk import samples
from tests.desk.day_stages import not_ready
from tests.desk.fake_hub import FakeHub
from tests.desk.walk import focused, press


def test_enter_signs_in_from_the_keyboard_alone(window: Window, hub: FakeHub, qtbot: QtBot) -> None:
    qtbot.keyClicks(focused(), "priya.nair")
    qtbot.keyClick(focused(), Qt.Key.Key_Tab)
    qtbot.keyClicks(focused(), "a sample")
    qtbot.keyClick(focused(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.shell is not None)


def test_tab_goes_in_the_order_of_reading(window: Window, qtbot: QtBot) -> None:
    seen: list[QWidget] = [focused()]
    for _ in range(2):
        qtbot.keyClick(focused(), Qt.Key.Key_Tab)
        seen.append(focused())
    assert [part.accessibleName() or part.text() for part in seen] == ["User name", "Password", "Sign in"]


def test_a_wrong_password_is_shown_and_marked_to_be_typed_over(
    window: Window, hub: FakeHub, qtbot: QtBot
) -> None:
    view = window.sign_in
    hub.fail("sign_in", NotSignedIn("sign_in_failed"))
    view._user.set_text("priya.nair")
    view._password.set_text("wrong")
    view._enter.click()
    qtbot.waitUntil(lambda: "not right" in view._problem.text())
    assert view._password.edit.selectedText() != ""


def test_slowed_down_the_button_says_how_long(window: Window, hub: FakeHub, qtbot: QtBot) -> None:
    view = window.sign_in
    hub.fail("sign_in", TooMany("sign_in_slow_down", seconds=60))
    view._user.set_text("priya.nair")
    view._password.set_text("wrong")
    view._enter.click()
    qtbot.waitUntil(lambda: not view._enter.isEnabled())
    assert "Try again in 60 s." in view._enter.toolTip()


def test_a_hub_that_does_not_answer_has_a_banner(window: Window, hub: FakeHub, qtbot: QtBot) -> None:
    view = window.sign_in
    qtbot.waitUntil(lambda: view._model.readiness is not None)
    hub.fail("needs_set_up", Unavailable("hub_unreachable"), always=True)
    view._model.look.start()
    qtbot.waitUntil(
        lambda: any(
            "hub.northwind.example does not answer" in one.accessibleName()
            for one in view.findChildren(Banner)
        )
    )


def test_a_short_password_for_the_first_administrator_is_refused_here(
    window: Window, hub: FakeHub, qtbot: QtBot
) -> None:
    view = window.sign_in
    hub.new = True
    qtbot.waitUntil(lambda: not view._model.look.is_running)
    view._model.look.start()
    qtbot.waitUntil(view._named.isVisible)
    view._user.set_text("ruth")
    view._password.set_text("too short")
    view._enter.click()
    assert "12 characters" in view._password.edit.accessibleDescription()
    assert hub.count("set_up") == 0


def test_what_is_down_is_told_in_the_hubs_words_in_full(window: Window, hub: FakeHub, qtbot: QtBot) -> None:
    words = "The recorder did not acknowledge the pause within 5 s; its address answers, its key is refused."
    lamps = [
        lamp.model_copy(update={"detail": words, "state": LampState.DOWN})
        if lamp.part is Part.RECORDER
        else lamp
        for lamp in samples.readiness().lamps
    ]
    hub.lamps = samples.readiness().model_copy(update={"lamps": lamps})
    view = window.sign_in
    view._model.look.restart()
    qtbot.waitUntil(lambda: any(one.text() == words for one in view.findChildren(Paragraph)))
    told = next(one for one in view.findChildren(Paragraph) if one.text() == words)
    qtbot.waitUntil(lambda: told.height() >= told.heightForWidth(told.width()))


def test_an_error_of_the_hub_is_told_in_its_words(window: Window, hub: FakeHub, qtbot: QtBot) -> None:
    view = window.sign_in
    qtbot.waitUntil(lambda: view._model.readiness is not None)
    error = AgentDeskError("internal", incident="1a2b")
    hub.fail("needs_set_up", error, always=True)
    view._model.look.restart()
    qtbot.waitUntil(
        lambda: any("answers with an error" in one.accessibleName() for one in view.findChildren(Banner))
    )
    assert error.text in [one.text() for one in view.findChildren(Paragraph)]


def test_before_the_shift_every_lamp_shows_and_one_key_looks_again(
    window: Window, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.lamps = not_ready()
    view = window.sign_in
    view._model.look.restart()
    qtbot.waitUntil(lambda: "Clock: 34 s behind" in names(view))
    assert {"Hub: Ready", "Phone line: Ready", "Accounts: Slow", "Version: Older"} <= set(names(view))
    hub.lamps = samples.readiness()
    press(window, "Ctrl+L")
    qtbot.waitUntil(lambda: "Accounts: Ready" in names(view))
    assert ("readiness", ("fresh",)) in hub.asked
    assert names(view).count("Clock: Ready") == 1


def test_before_the_shift_one_key_copies_the_diagnosis(window: Window, hub: FakeHub, qtbot: QtBot) -> None:
    hub.fail("needs_set_up", Unavailable("hub_unreachable"), always=True)
    view = window.sign_in
    view._model.look.restart()
    qtbot.waitUntil(lambda: "Hub: Down" in names(view))
    press(window, "Ctrl+I")
    assert "Hub: down: It does not answer" in QGuiApplication.clipboard().text()


def names(view: QWidget) -> list[str]:
    """Return the accessible names of what shows."""
    return [one.accessibleName() for one in view.findChildren(QWidget) if one.isVisible()]
