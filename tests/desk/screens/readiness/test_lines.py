"""What each lamp says: state, word, reason, and what one key does about it."""

from datetime import timedelta

import pytest
from PySide6.QtWidgets import QApplication

import agentdesk
from agentdesk.desk.screens.readiness.lines import NAMES, Line, Remedy, diagnosis, lines, summary, troubled
from agentdesk.desk.times import Clock
from agentdesk.domain.errors import AgentDeskError, Unavailable
from agentdesk.wire.readiness import LampState, Part, Readiness
from tests.desk import samples


@pytest.fixture
def clock(qapp: QApplication) -> Clock:
    return Clock(lambda: samples.NOW)


def line(name: str, shown: list[Line]) -> Line:
    """Return the line of a name."""
    return next(one for one in shown if one.name == name)


def hub_of(version: str) -> Readiness:
    return samples.readiness().model_copy(update={"version": version})


def test_all_is_well_and_nothing_is_to_be_done(clock: Clock) -> None:
    shown = lines(samples.readiness(), None, clock)
    names = [
        *("Hub", "Card payments", "Keypad entry", "Customer records", "Accounts"),
        *("Call recorder", "Phone line", "Clock", "Version"),
    ]
    assert [one.name for one in shown] == names
    assert {(one.state, one.word, one.reason, one.remedy) for one in shown} == {("ready", "Ready", "", None)}
    assert troubled(shown) == []
    assert summary(shown) == "Everything is ready"


@pytest.mark.parametrize("part", Part)
def test_each_lamp_that_is_down_has_a_reason_and_a_key(part: Part, clock: Clock) -> None:
    shown = lines(samples.readiness(**{part.value: LampState.DOWN}), None, clock)
    (wrong,) = troubled(shown)
    assert (wrong.name, wrong.state, wrong.remedy) == (NAMES[part], "down", Remedy.LOOK)
    assert wrong.word.startswith("Down since ")
    assert wrong.reason.endswith(".")
    slow = troubled(lines(samples.readiness(**{part.value: LampState.SLOW}), None, clock))
    assert [(one.state, one.word, one.remedy) for one in slow] == [("slow", "Slow", Remedy.LOOK)]
    assert slow[0].reason != wrong.reason


def test_what_was_not_asked_yet_is_neither_ready_nor_down(clock: Clock) -> None:
    shown = lines(samples.readiness(payments=LampState.NOT_ASKED), None, clock)
    (waits,) = troubled(shown)
    assert (waits.name, waits.state, waits.word, waits.remedy) == (
        "Card payments",
        "not_asked",
        "Not asked yet",
        Remedy.LOOK,
    )
    assert summary(shown) == "Card payments: not asked yet"


def test_what_the_hub_says_of_a_part_begins_like_a_sentence(clock: Clock) -> None:
    told = samples.readiness().lamps[0].model_copy(update={"detail": "answered in 0.3 s"})
    shown = lines(samples.readiness().model_copy(update={"lamps": [told]}), None, clock)
    assert line("Card payments", shown).detail == "Answered in 0.3 s"


@pytest.mark.parametrize("known", [True, False])
def test_without_the_hub_nothing_else_is_known(known: bool, clock: Clock) -> None:
    readiness = samples.readiness() if known else None
    shown = lines(readiness, Unavailable("hub_unreachable"), clock)
    (wrong,) = troubled(shown)
    assert (wrong.name, wrong.state, wrong.remedy) == ("Hub", "down", Remedy.LOOK)
    assert {one.word for one in shown if one is not wrong} == {"Not known"}


def test_a_hub_that_answers_with_an_error_is_for_it(clock: Clock) -> None:
    error = AgentDeskError("internal", incident="1a2b")
    hub = line("Hub", lines(None, error, clock))
    assert (hub.reason, hub.remedy) == (error.text, Remedy.COPY)


@pytest.mark.parametrize(
    ("seconds", "state", "word"),
    [
        (4, "ready", "Ready"),
        (-4, "ready", "Ready"),
        (34, "slow", "34 s behind"),
        (-34, "slow", "34 s ahead"),
        (3600, "down", "60 min behind"),
    ],
)
def test_the_clock_is_held_against_the_hubs(seconds: int, state: str, word: str, clock: Clock) -> None:
    clock.set_by(samples.NOW + timedelta(seconds=seconds))
    shown = line("Clock", lines(samples.readiness(), None, clock))
    assert (shown.state, shown.word) == (state, word)
    assert shown.remedy is (None if state == "ready" else Remedy.COPY)


def test_an_answer_that_took_long_does_not_make_the_clock_wrong(qapp: QApplication) -> None:
    here = [samples.NOW]
    clock = Clock(lambda: here[0])
    here[0] += timedelta(seconds=20)
    clock.set_by(samples.NOW + timedelta(seconds=10), asked_at=samples.NOW)
    assert clock.behind == timedelta(0)


@pytest.mark.parametrize(
    ("mine", "hub", "state", "word"),
    [
        ("1.4.0", "1.4.0", "ready", "Ready"),
        ("1.9.0", "1.10.0", "slow", "Older"),
        ("1.10.0", "1.9.0", "slow", "Newer"),
        ("1.9.0", "2.0.0", "down", "Does not fit"),
    ],
)
def test_the_version_is_held_against_the_hubs(
    mine: str, hub: str, state: str, word: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agentdesk, "__version__", mine)
    shown = line("Version", lines(hub_of(hub), None, clock))
    assert (shown.state, shown.word) == (state, word)


def test_it_gets_all_of_it_and_nothing_of_customers(clock: Clock) -> None:
    readiness = samples.readiness(recorder=LampState.DOWN)
    text = diagnosis("https://hub.example", readiness, lines(readiness, None, clock), clock)
    assert "https://hub.example, version" in text
    assert "test mode" in text
    assert "Call recorder: down since 10:27:00, checked 10:41:42: Pause was acknowledged in 0.2 s" in text
    assert "Clock: ready: 0 s from the hub’s" in text
    assert "Okafor" not in text


def test_a_hub_that_never_answered_can_be_told_of(clock: Clock) -> None:
    error = Unavailable("hub_unreachable")
    text = diagnosis("https://hub.example", None, lines(None, error, clock), clock)
    assert "Hub: https://hub.example, never answered" in text
    assert "Hub: down: It does not answer" in text
