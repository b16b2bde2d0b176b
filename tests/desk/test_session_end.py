"""A session that ends by itself says so while there is time, and says it once more shortly before."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from agentdesk.desk.renewing import RenewDrawer
from agentdesk.desk.session_end import SessionEnd
from agentdesk.desk.widgets.notices import Banner
from agentdesk.desk.window import Window
from agentdesk.domain.errors import NotSignedIn
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.screens.payments.test_view import words
from tests.desk.walk import press

START = "You will be signed out at"


def test_it_is_said_a_quarter_of_an_hour_before_and_again_shortly_before(
    window: Window, hub: FakeHub, enter: Callable[[], None], said: list[tuple[str, bool]]
) -> None:
    until = samples.NOW + timedelta(minutes=20)
    hub.person = samples.person().model_copy(update={"signed_in_until": until})
    enter()
    clock, warning = window.session.clock, window.shell.findChild(SessionEnd)

    def told_after(minutes: float) -> tuple[int, bool]:
        clock.set_by(samples.NOW + timedelta(minutes=minutes))
        clock.ticked.emit(clock.now())
        loud = [interrupts for words, interrupts in said if words.startswith(START)]
        assert all(loud)
        return len(loud), warning.isVisible()

    assert [told_after(minutes) for minutes in (4, 5.1, 6, 17, 18.1, 19)] == [
        *((0, False), (1, True), (1, True), (1, True), (2, True), (2, True))
    ]


def test_who_signed_in_for_as_long_as_they_like_is_not_warned(
    window: Window, enter: Callable[[], None]
) -> None:
    enter()
    window.session.clock.ticked.emit(samples.NOW)
    assert not window.shell.findChild(SessionEnd).isVisible()


@pytest.fixture
def on_call(window: Window, hub: FakeHub, enter: Callable[[], None]) -> Window:
    """Return the window ten minutes before the session ends, at the end of a call with a note typed."""
    ends(hub)
    hub.calls["call_1"] = samples.call()
    enter()
    window.session.wrap_up(True)
    window.shell.current_centre.form.note.set_text("Wants a plan")
    return window


def ends(hub: FakeHub, minutes: float = 10) -> None:
    """Let the session end so many minutes from now."""
    until = samples.NOW + timedelta(minutes=minutes)
    hub.person = samples.person().model_copy(update={"signed_in_until": until})


def test_one_key_and_the_password_go_on_in_place(on_call: Window, hub: FakeHub, qtbot: QtBot) -> None:
    shell, warning = on_call.shell, on_call.shell.findChild(SessionEnd)
    assert warning.isVisible()
    press(on_call, "Ctrl+Shift+L")
    (drawer,) = on_call.findChildren(RenewDrawer)
    assert on_call.focusWidget() is drawer.password.edit
    drawer.password.set_text("a sample")
    qtbot.keyClick(drawer.password.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not warning.isVisible())
    [(who,)] = [args for name, args in hub.asked if name == "renew"]
    assert (who.username, who.password) == ("priya.nair", "a sample")
    assert on_call.shell is shell  # nothing was built anew
    assert shell.current_centre.form.note.text() == "Wants a plan"
    assert on_call.session.call is not None


def test_the_drawer_covers_nothing_but_what_lies_between_the_bars(on_call: Window, qtbot: QtBot) -> None:
    warning, bar = on_call.shell.findChild(SessionEnd), on_call.shell.top_bar
    press(on_call, "Ctrl+Shift+L")
    (drawer,) = on_call.findChildren(RenewDrawer)
    scrim = drawer.parentWidget()

    def covered() -> tuple[int, int]:
        top = scrim.mapTo(on_call, QPoint(0, 0)).y()
        return top, top + scrim.height()

    def room() -> tuple[int, int]:
        bars = (bar, on_call.shell.status_bar)
        top, bottom = (one.mapTo(on_call, QPoint(0, 0)).y() for one in bars)
        return top + bar.height(), bottom

    assert warning.height() > 0
    qtbot.waitUntil(lambda: covered() == room())
    warning.hide()
    qtbot.waitUntil(lambda: covered() == room() and room()[0] == bar.height())


def test_a_wrong_password_is_said_and_the_session_goes_on(
    on_call: Window, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.fail("renew", NotSignedIn("sign_in_failed"))
    press(on_call, "Ctrl+Shift+L")
    (drawer,) = on_call.findChildren(RenewDrawer)
    drawer.password.set_text("wrong")
    drawer.password.accepted.emit()
    qtbot.waitUntil(lambda: NotSignedIn("sign_in_failed").text.split(".")[0] in words(drawer))
    assert on_call.session.person is not None


def test_put_off_once_it_is_asked_again_and_works(on_call: Window, hub: FakeHub, qtbot: QtBot) -> None:
    press(on_call, "Ctrl+Shift+L")
    qtbot.keyClick(on_call.focusWidget(), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not on_call.findChildren(RenewDrawer))
    press(on_call, "Ctrl+Shift+L")
    (drawer,) = on_call.findChildren(RenewDrawer)
    drawer.password.set_text("a sample")
    drawer.password.accepted.emit()
    qtbot.waitUntil(lambda: not on_call.findChildren(RenewDrawer))
    assert len([1 for name, _ in hub.asked if name == "renew"]) == 1


def test_over_its_end_the_call_goes_on_and_it_is_said(
    on_call: Window, hub: FakeHub, said: list[tuple[str, bool]]
) -> None:
    clock = on_call.session.clock
    clock.set_by(samples.NOW + timedelta(minutes=11))
    clock.ticked.emit(clock.now())
    assert [line for line, _ in said if "; this call goes on" in line]
    assert on_call.session.call is not None


@pytest.mark.parametrize(("minutes", "why"), [(-1, "Your session ended at"), (300, "The session was ended")])
def test_the_sign_in_page_says_why_and_the_note_is_there_again(
    on_call: Window, hub: FakeHub, enter: Callable[[], None], minutes: float, why: str
) -> None:
    session = on_call.session
    session.person = session.person.model_copy(
        update={"signed_in_until": samples.NOW + timedelta(minutes=minutes)}
    )
    session.client.signed_out()
    banners = [one.accessibleName() for one in on_call.sign_in.findChildren(Banner)]
    assert "You were signed out" in banners
    assert why in words(on_call.sign_in)
    enter()
    session.wrap_up(True)
    assert on_call.shell.current_centre.form.note.text() == "Wants a plan"


def test_nobody_else_gets_the_note(on_call: Window, hub: FakeHub, enter: Callable[[], None]) -> None:
    on_call.session.client.signed_out()
    hub.person = samples.person().model_copy(update={"user_id": "usr_9"})
    hub.calls["call_1"] = samples.call(agent="usr_9")
    enter()
    on_call.session.wrap_up(True)
    assert on_call.shell.current_centre.form.note.text() == ""


def test_who_signs_out_is_not_told_that_they_were(on_call: Window, qtbot: QtBot) -> None:
    on_call._sign_out.start()
    qtbot.waitUntil(lambda: on_call.sign_in is not None)
    assert "You were signed out" not in words(on_call.sign_in)
