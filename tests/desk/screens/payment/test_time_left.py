"""What runs out while a card is keyed is said in time: the card entry itself, and the caller's next key."""

from datetime import timedelta

from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payment.view import PaymentView
from agentdesk.desk.widgets.notices import Banner
from agentdesk.domain.card import looks_like_pan
from agentdesk.wire.captures import CaptureOut, FieldState
from tests.desk import samples
from tests.desk.screens.payment.acting import ActingHub, capture, keyed, ready
from tests.desk.screens.payment.test_view import secured

Said = list[tuple[str, bool]]
LIVE, READY, WAITING = FieldState.LIVE, FieldState.READY, FieldState.WAITING
CLOSES = "Card entry closes by itself at"
KEY = "The caller has 10 s left for the next key"


def shows(view: PaymentView, hub: ActingHub, entry: CaptureOut, qtbot: QtBot) -> None:
    """Let the card entry stand so, and wait until it does on the desk."""
    hub.tell_attempt(samples.attempt(capture=entry))
    qtbot.waitUntil(lambda: view._model.capture == entry)


def passes(view: PaymentView, seconds: float) -> None:
    """Let time pass."""
    clock = view._model.session.clock
    clock.set_by(clock.now() + timedelta(seconds=seconds))
    clock.ticked.emit(clock.now())


def told(said: Said, start: str) -> Said:
    return [one for one in said if one[0].startswith(start)]


def banners(view: PaymentView) -> list[str]:
    found = [one.accessibleName() for one in view.findChildren(Banner) if one.isVisible()]
    return [one for one in found if one.startswith(CLOSES)]


def test_card_entry_that_is_about_to_close_is_said_once_in_time_and_what_keeps_it_open(
    view: PaymentView, hub: ActingHub, qtbot: QtBot, said: Said
) -> None:
    secured(view, hub, qtbot)
    closes = view._model.session.clock.now() + timedelta(seconds=90)
    shows(view, hub, capture(READY, WAITING, WAITING, deadline=closes), qtbot)
    passes(view, 29)
    assert (told(said, CLOSES), banners(view)) == ([], [])
    for _second in range(3):
        passes(view, 1)
    ((words, loud),) = told(said, CLOSES)
    assert loud
    assert words.endswith("F8 asks for the next field and keeps it open.")
    assert not looks_like_pan(words)
    assert len(banners(view)) == 1
    later = view._model.session.clock.now() + timedelta(seconds=600)
    shows(view, hub, capture(READY, WAITING, WAITING, deadline=later), qtbot)
    qtbot.waitUntil(lambda: banners(view) == [])


def test_what_is_in_and_not_submitted_is_said_to_be_submitted(
    view: PaymentView, hub: ActingHub, qtbot: QtBot, said: Said
) -> None:
    secured(view, hub, qtbot)
    closes = view._model.session.clock.now() + timedelta(seconds=30)
    shows(view, hub, ready(deadline=closes), qtbot)
    qtbot.waitUntil(lambda: len(told(said, CLOSES)) == 1)
    assert "F10 submits." in told(said, CLOSES)[0][0]


def test_a_caller_who_stops_keying_is_said_to_have_little_time(
    view: PaymentView, hub: ActingHub, qtbot: QtBot, said: Said
) -> None:
    secured(view, hub, qtbot)
    now = view._model.session.clock.now()
    times = {"asked_at": now, "deadline": now + timedelta(seconds=25)}
    shows(view, hub, keyed(LIVE, WAITING, WAITING, digits=3, length=16, **times), qtbot)
    passes(view, 14)
    assert told(said, KEY) == []
    passes(view, 2)
    passes(view, 2)
    assert told(said, KEY) == [(KEY, False)]
    times["deadline"] = now + timedelta(seconds=40)
    shows(view, hub, keyed(LIVE, WAITING, WAITING, digits=4, length=16, **times), qtbot)
    passes(view, 14)
    assert len(told(said, KEY)) == 2, "another key, another silence"
