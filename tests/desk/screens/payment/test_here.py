"""What F1 says of the payment region: words for every state, and no key that does nothing there."""

import re

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.command import Tasks
from agentdesk.desk.help_overlay import HelpOverlay
from agentdesk.desk.screens.payment.here import what_now
from agentdesk.desk.screens.payment.place import Place
from agentdesk.desk.widgets.text import Paragraph
from agentdesk.desk.window import Window
from tests.desk.fake_hub import FakeHub
from tests.desk.shots import STAGES
from tests.desk.walk import press

#: What is said to be so only where something is offered or allowed.
ONLY_WHERE = {
    "capturing": {"F2", "F3"},
    "link_open": {"F2"},
    "link_form": {"Ctrl 3"},
    "connected": {"Ctrl 3"},
    "stopped_unknown": {"F2"},
}
SHOWN = {
    "connected": Place.CHOOSE,
    "securing": Place.SECURING,
    "capturing": Place.CAPTURE,
    "checking": Place.CHECKING,
    "approved": Place.APPROVED,
    "declined": Place.DECLINED,
    "cancelled": Place.NOT_SENT,
    "hung_up": Place.NOT_SENT,
    "link_form": Place.LINK_FORM,
    "link_open": Place.LINK,
    "saved_form": Place.SAVED_FORM,
    "duplicate": Place.STOPPED,
    "stopped_link": Place.STOPPED,
}
KEY = re.compile(r"\b(?:F\d+|(?:Alt|Ctrl) [A-Z0-9])\b")


@pytest.mark.parametrize("place", Place)
def test_every_state_has_words_of_its_own(place: Place) -> None:
    words = {one: what_now(one, line_is_open=True) for one in Place}
    assert list(words.values()).count(words[place]) == 1
    assert what_now(place, line_is_open=False)


@pytest.mark.parametrize("name", SHOWN)
def test_f1_says_what_can_be_done_now_by_keys_that_mean_something(
    name: str, window: Window, hub: FakeHub, tasks: Tasks, qtbot: QtBot
) -> None:
    stage = next(one for one in STAGES if one.__name__ == name)
    staged = tasks.start(stage(hub, window))
    qtbot.waitUntil(staged.done)
    staged.result()
    words = what_now(SHOWN[name], line_is_open=window.session.line_is_open)
    known = {key.key for key in window.shell.keys.now()}
    assert set(KEY.findall(words)) - known <= ONLY_WHERE.get(name, set())
    press(window, "F1")
    overlay = window.findChild(HelpOverlay)
    assert words in [one.text() for one in overlay.findChildren(Paragraph)]
