"""Leaving a desk where a card is being keyed: closed by the hub, told only when it is so."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.leaving import session_words
from agentdesk.desk.session import ConnectionState
from agentdesk.desk.widgets.notices import Banner
from agentdesk.desk.window import Window
from agentdesk.domain.capture import CaptureState, CloseCause
from agentdesk.domain.errors import Conflict, Unavailable
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.events import CallChanged, PaymentChanged
from agentdesk.wire.payments import Attempt, PaymentIntent
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.test_shell import wait_for_button
from tests.desk.walk import SCREENS

Enter = Callable[[], None]
CONFIRMED = "The card session is closed."


@pytest.fixture
def keyed(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> PaymentIntent:
    """Return the payment whose card is being keyed in the window."""
    SCREENS["capturing"](hub)
    enter()
    qtbot.waitUntil(lambda: window.session.live_attempt is not None)
    return next(iter(hub.payments.values()))


def closed(cause: CloseCause, *, confirmed: bool = True) -> Attempt:
    capture = samples.capture(
        state=CaptureState.CLOSED,
        close_cause=cause,
        provider_closed_at=samples.at(10, 43, 2) if confirmed else None,
    )
    reason = "Your screen was locked."
    return samples.attempt(AttemptState.NOT_SENT, capture=capture, not_sent_reason=reason)


def tell(hub: FakeHub, payment: PaymentIntent, attempt: Attempt) -> None:
    newer = {"attempts": [attempt], "state": attempt.state, "version": payment.version + 1}
    hub.push(PaymentChanged(payment=hub.take(payment.model_copy(update=newer))))


def lose(window: Window, hub: FakeHub, qtbot: QtBot) -> None:
    """Let the hub be out of reach until `events` fails no more."""
    hub.fail("events", Unavailable("hub_unreachable"), always=True)
    hub.hang_up(Unavailable("hub_unreachable"))
    qtbot.waitUntil(lambda: window.session.connection.state is ConnectionState.LOST)


def cancels(hub: FakeHub) -> list[tuple[object, ...]]:
    return [args for name, args in hub.asked if name == "cancel"]


@pytest.mark.parametrize(
    ("signal", "cause"), [("locked", CloseCause.SCREEN_LOCKED), ("slept", CloseCause.ASLEEP)]
)
def test_a_locked_screen_and_sleep_close_card_entry_and_nobody_is_asked(
    window: Window,
    hub: FakeHub,
    keyed: PaymentIntent,
    qtbot: QtBot,
    said: list[tuple[str, bool]],
    signal: str,
    cause: CloseCause,
) -> None:
    getattr(window.away, signal).emit()
    getattr(window.away, signal).emit()
    qtbot.waitUntil(lambda: cancels(hub) == [("att_1", cause)])
    tell(hub, keyed, closed(cause))
    words = f"Your screen was locked. {CONFIRMED} Nothing was charged."
    qtbot.waitUntil(lambda: (words, True) in said)
    assert window.isVisible()
    assert not window.shell._closed.isVisible()  # the payment itself shows it


def test_the_hub_is_told_again_and_again_that_card_entry_shows_here(
    window: Window, hub: FakeHub, keyed: PaymentIntent, qtbot: QtBot
) -> None:
    clock = window.session.clock

    def told_at(seconds: int) -> int:
        clock.ticked.emit(samples.NOW + timedelta(seconds=seconds))
        return len(hub.watched)

    qtbot.waitUntil(lambda: told_at(0) == 1)
    told_at(19)
    qtbot.waitUntil(lambda: told_at(20) == 2)
    tell(hub, keyed, closed(CloseCause.AGENT))
    qtbot.waitUntil(lambda: window.session.live_attempt is None)
    told_at(60)
    window.shell._note_refusal.start()  # it would come after it
    qtbot.waitUntil(lambda: hub.count("note_refusal") == 1)
    assert hub.watched == ["att_1", "att_1"]


def test_away_from_a_desk_without_card_entry_does_nothing(window: Window, hub: FakeHub, enter: Enter) -> None:
    enter()
    window.away.locked.emit()
    assert cancels(hub) == []


def test_signing_out_asks_closes_and_says_so_at_the_sign_in(
    window: Window, hub: FakeHub, keyed: PaymentIntent, qtbot: QtBot
) -> None:
    window.sign_out()
    assert window.shell.current_centre.action_bar.is_asking()
    wait_for_button(window, qtbot, "Cancel and sign out").click()
    qtbot.waitUntil(lambda: cancels(hub) == [("att_1", CloseCause.SIGNED_OUT)])
    assert hub.count("sign_out") == 0
    tell(hub, keyed, closed(CloseCause.SIGNED_OUT))
    qtbot.waitUntil(lambda: window.sign_in is not None)
    told = [one.accessibleDescription() for one in window.sign_in.findChildren(Banner)]
    assert any(CONFIRMED in one and "Nothing was charged" in one for one in told)


def test_closed_is_not_said_before_the_provider_has_said_it(
    window: Window, hub: FakeHub, keyed: PaymentIntent, qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    window.away.locked.emit()
    tell(hub, keyed, closed(CloseCause.SCREEN_LOCKED, confirmed=False))
    qtbot.waitUntil(lambda: any("has not confirmed" in words for words, _ in said))
    assert not any(CONFIRMED in words for words, _ in said)


def test_a_transferred_call_leaves_word_where_its_payment_no_longer_shows(
    window: Window, hub: FakeHub, keyed: PaymentIntent, qtbot: QtBot
) -> None:
    hub.push(CallChanged(call=samples.call(agent="usr_9")))
    qtbot.waitUntil(lambda: window.session.call is None)
    tell(hub, keyed, closed(CloseCause.TRANSFERRED))
    qtbot.waitUntil(window.shell._closed.isVisible)
    assert CONFIRMED in window.shell._closed.accessibleDescription()
    window.shell._closed.pressed.emit()
    assert not window.shell._closed.isVisible()


def test_what_could_not_be_told_is_told_once_the_hub_answers(
    window: Window, hub: FakeHub, keyed: PaymentIntent, qtbot: QtBot
) -> None:
    lose(window, hub, qtbot)
    window.away.locked.emit()
    assert cancels(hub) == []
    hub.fail("events", None)
    qtbot.waitUntil(lambda: cancels(hub) == [("att_1", CloseCause.SCREEN_LOCKED)])


def test_closing_without_a_connection_is_told_and_asked_again_once_it_can_be_done(
    window: Window, hub: FakeHub, keyed: PaymentIntent, qtbot: QtBot
) -> None:
    lose(window, hub, qtbot)
    window.close()
    wait_for_button(window, qtbot, "Cancel and close").click()
    told = window.shell._closed
    qtbot.waitUntil(told.isVisible)
    assert told.accessibleName() == "Card entry is not closed"
    assert "closed as soon as it does" in told.accessibleDescription()
    hub.fail("events", None)
    qtbot.waitUntil(lambda: cancels(hub) == [("att_1", CloseCause.DESK_CLOSED)])
    tell(hub, keyed, closed(CloseCause.DESK_CLOSED))
    bar = window.shell.current_centre.action_bar
    qtbot.waitUntil(bar.is_asking)
    assert window.isVisible()  # the call goes on
    assert not told.isVisible()
    with qtbot.waitSignal(window.closed):
        wait_for_button(window, qtbot, "Close").click()


def test_what_the_hub_refuses_is_not_asked_again_and_the_desk_stays(
    window: Window, hub: FakeHub, keyed: PaymentIntent, qtbot: QtBot, said: list[tuple[str, bool]]
) -> None:
    refused = Conflict("step_not_possible", state="sending")
    hub.fail("cancel", refused)
    window.close()
    wait_for_button(window, qtbot, "Cancel and close").click()
    qtbot.waitUntil(lambda: (refused.text, True) in said)
    assert window.shell._closed.accessibleDescription() == refused.text
    assert window.shell._closed.isVisible()
    tell(hub, keyed, samples.approved())
    qtbot.waitUntil(lambda: window.session.live_attempt is None)
    assert not window.shell._closed.isVisible()  # it is true no more
    assert window.isVisible()
    assert len(cancels(hub)) == 1


def test_the_words_of_a_session(dressed: object) -> None:
    assert session_words(closed(CloseCause.HELD)) == CONFIRMED
    assert "has not confirmed" in session_words(closed(CloseCause.HELD, confirmed=False))
    never = samples.attempt(AttemptState.NOT_SENT, capture=samples.capture(secured_at=None))
    assert session_words(never) == ""  # it was never secured: nothing is known to have been open
