"""The wrap-up screen by keyboard."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from agentdesk.desk import times
from agentdesk.desk.screens.wrap_up.view import AfterCall, WrapUpView
from agentdesk.desk.theme import theme
from agentdesk.desk.widgets.badge import Badge
from agentdesk.desk.window import Window
from agentdesk.domain.call import DISPOSITIONS, CallState
from agentdesk.domain.errors import Invalid
from agentdesk.wire.payments import Attempt
from agentdesk.wire.readiness import DispositionInfo, QueueInfo
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.screens.payments.test_view import words
from tests.desk.walk import SCREENS, focused, press

Enter = Callable[[], None]


def test_a_reason_a_note_and_ctrl_enter(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> None:
    SCREENS["wrap_up"](hub)
    enter()
    view = window.shell.current_centre
    assert not view._finish.isEnabled()
    view.take_focus()
    assert focused().text() == "Bill paid in full"
    qtbot.keyClick(focused(), Qt.Key.Key_Space)
    for _ in range(5):
        qtbot.keyClick(focused(), Qt.Key.Key_Tab)
    assert focused().accessibleName() == "Note"
    qtbot.keyClicks(focused(), "likes mornings")
    press(window, "Ctrl+Return")
    qtbot.waitUntil(lambda: window.session.call is None)
    [sent] = [args[1] for name, args in hub.asked if name == "wrap_up"]
    assert (sent.disposition, sent.note) == ("bill_paid", "likes mornings")
    assert window.shell.current_centre is window.shell.centre["waiting"]


def test_what_the_hub_says_against_it_stays_in_sight(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    SCREENS["wrap_up"](hub)
    enter()
    view = window.shell.current_centre
    hub.fail("wrap_up", Invalid("reason_unknown", reason="query"))
    view._model.choose("query")
    press(window, "Ctrl+Return")
    qtbot.waitUntil(lambda: any("not a reason of this queue" in words for words, _ in said))
    window.session.readiness_changed.emit(window.session.readiness)
    assert view.form._error.isVisible()


def test_many_reasons_go_on_in_the_next_line(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    theme.set_text_scale(1.3)
    hub.lamps = hub.lamps.model_copy(update={"queues": [samples.queue("", DISPOSITIONS)]})
    SCREENS["wrap_up"](hub)
    enter()
    window.resize(1280, 720)
    view = window.shell.current_centre
    chips = view.form._buttons.values()
    qtbot.waitUntil(lambda: len({chip.y() for chip in chips}) > 1)
    for chip in chips:
        assert chip.mapTo(view, chip.rect().bottomRight()).x() < view.width()
    last = max(chip.mapTo(view, chip.rect().bottomRight()).y() for chip in chips)
    assert view.form.note.mapTo(view, view.form.note.rect().topLeft()).y() > last


def test_over_its_time_it_warns_once_and_goes_on(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    hub.lamps = hub.lamps.model_copy(update={"wrap_up_s": 120})
    hub.calls["call_1"] = samples.call(state=CallState.WRAP_UP, line_ended_at=samples.at(10, 39, 30))
    enter()
    over = "02:12 since the call ended, more than the 2 min for it."
    assert over in words(window.shell.current_centre)
    window.session.clock.ticked.emit(samples.NOW)
    assert len([line for line, _ in said if over in line]) == 1
    assert window.session.call is not None


def test_within_its_time_it_only_counts(
    window: Window, hub: FakeHub, enter: Enter, said: list[tuple[str, bool]]
) -> None:
    hub.lamps = hub.lamps.model_copy(update={"wrap_up_s": 120})
    SCREENS["wrap_up"](hub)
    enter()
    assert "00:00 since the call ended, of the 2 min for it" in words(window.shell.current_centre)
    assert not [line for line, _ in said if "since the call ended" in line]


def test_a_missing_note_is_said_beside_the_reason(window: Window, hub: FakeHub, enter: Enter) -> None:
    told = [DispositionInfo(code="complaint", words="Complaint", note_required=True)]
    hub.lamps = hub.lamps.model_copy(update={"queues": [QueueInfo(queue="", dispositions=told)]})
    SCREENS["wrap_up"](hub)
    enter()
    view = window.shell.current_centre
    view._model.choose("complaint")
    assert "Note is required" in words(view)
    assert not view._finish.isEnabled()
    view.form.note.set_text("Wants a call back")
    assert "Note is required" not in words(view)
    assert view._finish.isEnabled()


def test_a_form_made_when_the_call_has_ended_opens_no_window(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    SCREENS["wrap_up"](hub)
    enter()
    model = window.shell.current_centre._model
    assert model.after_call_s is not None
    assert not AfterCall(model).isVisible()  # without a parent it would be a window, and take the keyboard
    assert window.shell.current_centre.findChild(AfterCall).isVisible()


def wrapping_up(hub: FakeHub, window: Window, enter: Enter, *attempts: Attempt) -> WrapUpView:
    """Go to the end of a call that has a payment with these tries."""
    payment = hub.take(samples.payment(*attempts))
    hub.calls["call_1"] = samples.call(payment_intent_ids=[payment.intent_id])
    enter()
    window.session.wrap_up(True)
    return window.shell.current_centre


def badges(view: WrapUpView) -> list[str]:
    """Return the words of the badges that show."""
    return [badge.text() for badge in view.findChildren(Badge) if badge.isVisible()]


def test_an_unknown_payment_is_never_no_payment(window: Window, hub: FakeHub, enter: Enter) -> None:
    view = wrapping_up(hub, window, enter, samples.unknown())
    shown = words(view)
    assert "No payment" not in shown
    assert "£123.36" in shown
    assert badges(view) == ["Unknown"]
    assert "do not take it again" in shown


def test_an_open_link_is_said_with_its_end(window: Window, hub: FakeHub, enter: Enter) -> None:
    view = wrapping_up(hub, window, enter, samples.linked())
    until = times.minute(samples.link().expires_at)
    assert badges(view) == ["Link open"]
    assert f"open until {until}. Nothing is paid yet." in words(view)


def test_what_becomes_of_it_meanwhile_shows_and_is_spoken_once(
    window: Window, hub: FakeHub, enter: Enter, said: list[tuple[str, bool]]
) -> None:
    view = wrapping_up(hub, window, enter, samples.unknown())
    view.form.note.set_text("Told to wait")
    for version in (2, 3):
        window.session.take_payment(samples.payment(samples.approved(), version=version))
    assert "Approved, code 019283." in words(view)
    assert badges(view) == ["Approved"]
    assert len([line for line, _ in said if line.startswith("£123.36: Approved")]) == 1
    assert view.form.note.text() == "Told to wait"


def test_without_a_payment_it_says_so(window: Window, hub: FakeHub, enter: Enter) -> None:
    SCREENS["wrap_up"](hub)
    enter()
    assert "No payment on this call" in words(window.shell.current_centre)
