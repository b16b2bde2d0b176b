"""A session that ends by itself says so while there is time, and says it once more shortly before."""

from collections.abc import Callable
from datetime import timedelta

from agentdesk.desk.session_end import SessionEnd
from agentdesk.desk.window import Window
from tests.desk import samples
from tests.desk.fake_hub import FakeHub

START = "You are signed out at"


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
