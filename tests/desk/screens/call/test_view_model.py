"""The call region: which words are due in which state, timers, what is recorded and heard."""

import time
from collections.abc import Callable
from string import Formatter

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.draft import Draft
from agentdesk.desk.screens.call.scripts import SCRIPTS
from agentdesk.desk.screens.call.stages import stage
from agentdesk.desk.screens.call.steps import Step
from agentdesk.desk.screens.call.view_model import CallViewModel
from agentdesk.desk.session import Session
from agentdesk.domain.call import CallState
from agentdesk.domain.capture import CaptureState, CardField
from agentdesk.domain.errors import Unavailable
from agentdesk.domain.money import Money
from agentdesk.domain.payment import Advice, AttemptState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.captures import FieldState
from agentdesk.wire.payments import Attempt, CardOut
from agentdesk.wire.readiness import LampState
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.payment_stages import declined_attempt, try_later

Enter = Callable[[], None]
DONE, LIVE, WAITING = FieldState.DONE, FieldState.LIVE, FieldState.WAITING
_ORDER = (CardField.NUMBER, CardField.EXPIRY, CardField.SECURITY_CODE)


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show times as the samples give them."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def collecting(*states: FieldState, **changes: object) -> Attempt:
    """A card session whose fields are in these states; changes go to the first."""
    fields = [samples.field(field, state) for field, state in zip(_ORDER, states, strict=True)]
    fields[0] = fields[0].model_copy(update=changes)
    return samples.attempt(capture=samples.capture(fields=fields))


SECURING = samples.attempt(capture=samples.capture(state=CaptureState.SECURING, secured_at=None))
READY = samples.attempt(capture=samples.capture(can_submit=True))
SUBMITTED = samples.attempt(capture=samples.capture(state=CaptureState.TOKENISING))
NOT_SECURED = samples.attempt(AttemptState.NOT_SENT, capture=samples.capture(secured_at=None))
CLOSED = samples.capture(state=CaptureState.CLOSED, recorder_resumed_at=samples.at(10, 43, 32))
STARTING = samples.capture(state=CaptureState.CLOSED)


@pytest.mark.parametrize(
    ("attempt", "step"),
    [
        (None, Step.GREET),
        (SECURING, Step.SECURING),
        (collecting(LIVE, WAITING, WAITING), Step.NUMBER),
        (collecting(DONE, LIVE, WAITING), Step.EXPIRY),
        (collecting(DONE, DONE, LIVE), Step.SECURITY_CODE),
        (READY, Step.READY),
        (SUBMITTED, Step.SENDING),
        (samples.attempt(capture=samples.capture(state=CaptureState.SPENT)), Step.SENDING),
        (samples.attempt(capture=samples.capture(state=CaptureState.CANCELLING)), Step.CANCELLING),
        (samples.attempt(capture=samples.capture(state=CaptureState.CLOSED)), Step.CANCELLING),
        (samples.attempt(AttemptState.SENDING), Step.SENDING),
        (samples.attempt(AttemptState.PENDING), Step.CHECKING),
        (samples.unknown(), Step.CHECKING),
        (samples.approved(), Step.APPROVED),
        (samples.attempt(AttemptState.DECLINED), Step.DECLINED),
        (declined_attempt(decline=try_later()), Step.TRY_LATER),
        (samples.attempt(AttemptState.NOT_SENT), Step.NOT_SENT),
        (NOT_SECURED, Step.NOT_SECURED),
        (
            declined_attempt(decline=declined_attempt().decline.model_copy(update={"advice": Advice.STOP})),
            Step.BANK_SAW_IT,
        ),
    ],
)
def test_each_state_of_a_payment_has_its_words(
    attempt: Attempt | None, step: Step, model: CallViewModel, on_call
) -> None:
    on_call(attempt)
    assert model.step is step
    assert model.note == f"Billing, step {stage(step)} of 5"


def test_before_a_call_there_is_nothing_to_say(model: CallViewModel, enter: Enter) -> None:
    enter()
    assert (model.step, model.script.say, model.note) == (Step.RINGING, "", "Available")


@pytest.mark.parametrize(
    ("changes", "attempt", "step"),
    [
        ({"customer_id": None}, None, Step.IDENTIFY),
        ({"state": CallState.WRAP_UP}, None, Step.WRAP_UP),
        ({"state": CallState.WRAP_UP, "customer_id": None}, None, Step.WRAP_UP),
        ({"state": CallState.WRAP_UP}, samples.unknown(), Step.HUNG_UP_CHECKING),
        ({"state": CallState.WRAP_UP}, samples.attempt(AttemptState.PENDING), Step.HUNG_UP_CHECKING),
        ({"state": CallState.WRAP_UP}, samples.attempt(AttemptState.SENDING), Step.HUNG_UP_CHECKING),
        ({"state": CallState.WRAP_UP}, SUBMITTED, Step.HUNG_UP_CHECKING),
        ({"state": CallState.WRAP_UP}, samples.linked(), Step.HUNG_UP_LINK),
        ({}, samples.linked(), Step.LINK),
        ({}, samples.unknown(alarm="The amount differs.", alarm_open=True), Step.ANSWER_DIFFERS),
        ({}, samples.linked(AttemptState.NOT_SENT), Step.NOT_SENT),
        ({"state": CallState.WRAP_UP}, samples.attempt(), Step.HUNG_UP),
        ({"state": CallState.WRAP_UP}, samples.attempt(AttemptState.NOT_SENT), Step.HUNG_UP),
        ({"state": CallState.WRAP_UP}, samples.attempt(AttemptState.DECLINED), Step.HUNG_UP),
        ({"state": CallState.WRAP_UP}, samples.approved(), Step.APPROVED),
    ],
)
def test_each_state_of_a_call_has_its_words(
    changes: dict[str, object], attempt: Attempt | None, step: Step, model: CallViewModel, on_call
) -> None:
    on_call(attempt, **changes)
    assert model.step is step


def test_the_words_name_who_and_how_much(model: CallViewModel, on_call, qtbot: QtBot) -> None:
    on_call()
    model.go_on()
    with qtbot.waitSignal(model.changed):
        model.session.set_draft(Draft(Money(12336, "GBP"), ["NW-20931", "NW-21407"]), chosen=False)
    assert "That is **£123.36** for NW-20931 and NW-21407." in model.script.say


def test_the_greeting_names_agent_and_business(model: CallViewModel, on_call) -> None:
    on_call(customer_id=None)
    assert "**Priya** at Northwind Energy" in model.script.say


def test_an_outcome_names_amount_and_reference(model: CallViewModel, on_call) -> None:
    on_call(samples.approved())
    assert "That has gone through: **£123.36**. Is there" in model.script.say
    assert model.script.hints[0][1] == "Read 01JD-7Q4M."


def test_from_submitting_on_the_caller_is_asked_to_hold(
    session: Session, model: CallViewModel, on_call: Callable[..., None]
) -> None:
    on_call(READY)
    assert model.step is Step.READY
    session.set_submitted(READY.attempt_id, True)
    assert model.step is Step.SENDING
    session.set_submitted(READY.attempt_id, False)  # the hub refused it
    assert model.step is Step.READY


def test_while_another_payment_is_prepared_the_words_are_about_it(
    session: Session, model: CallViewModel, on_call: Callable[..., None]
) -> None:
    on_call(samples.approved())
    assert model.step is Step.APPROVED
    session.take_another()
    assert model.step is Step.LOOKING
    session.set_draft(Draft(Money(6126, "GBP"), ["NW-21888"]))
    assert "£61.26** for NW-21888" in model.script.say


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ([], "**£123.36**. Is there"),
        ([WriteBackState.DONE], "**£123.36**. The receipt was sent to your email. Is there"),
        ([WriteBackState.QUEUED], "**£123.36**. The receipt will come to your email. Is there"),
        ([WriteBackState.PARKED], "**£123.36**. The receipt has not gone out yet. Is there"),
        ([WriteBackState.PARKED, WriteBackState.DONE], "The receipt was sent to your email."),
    ],
)
def test_the_receipt_is_told_as_it_stands(
    states: list[WriteBackState],
    words: str,
    model: CallViewModel,
    session: Session,
    enter: Enter,
    hub: FakeHub,
) -> None:
    owed = [
        samples.write_back(WriteBackKind.ACCOUNTS),
        *(samples.write_back(WriteBackKind.RECEIPT, state) for state in states),
    ]
    payment = hub.take(samples.payment(samples.approved(), write_backs=owed))
    hub.calls["call_1"] = samples.call(payment_intent_ids=[payment.intent_id])
    enter()
    assert words in model.script.say


def test_a_closed_account_is_promised_nothing(
    model: CallViewModel, on_call, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.customers["cus_1"] = samples.customer(closed=True)
    on_call()
    qtbot.waitUntil(lambda: model.session.customer is not None)
    model.go_on()
    assert model.step is Step.ACCOUNT_CLOSED
    assert "cannot take a payment" in model.script.say


@pytest.mark.parametrize("last", [AttemptState.DECLINED, AttemptState.NOT_SENT])
def test_where_all_attempts_are_used_no_further_one_is_offered(
    last: AttemptState, model: CallViewModel, hub: FakeHub, enter: Enter
) -> None:
    states = enumerate([*[AttemptState.DECLINED] * 3, last], 1)
    tries = [samples.attempt(state, attempt_id=f"att_{number}", number=number) for number, state in states]
    payment = hub.take(samples.payment(*tries))
    hub.calls["call_1"] = samples.call(payment_intent_ids=[payment.intent_id])
    enter()
    assert model.step is Step.NO_MORE
    assert "F4" not in str(model.script)


def test_the_attempt_that_tells_the_payments_state_has_the_word(
    model: CallViewModel, hub: FakeHub, enter: Enter
) -> None:
    """The first was approved late, after a second try was cancelled."""
    payment = hub.take(samples.payment(samples.approved(), samples.attempt(AttemptState.NOT_SENT, number=2)))
    hub.calls["call_1"] = samples.call(payment_intent_ids=[payment.intent_id])
    enter()
    assert model.step is Step.APPROVED


@pytest.mark.parametrize(
    ("brand", "where"), [("amex", "four digits on the front"), ("visa", "three digits on the back")]
)
def test_the_security_code_is_where_the_card_has_it(
    brand: str, where: str, model: CallViewModel, on_call
) -> None:
    card = CardOut(brand=brand, last4="0005")
    on_call(collecting(DONE, DONE, LIVE).model_copy(update={"card": card}))
    assert where in model.script.say


@pytest.mark.parametrize("step", Step)
def test_no_script_promises_an_email_or_knows_the_banks_reasons(step: Step) -> None:
    words = str(SCRIPTS[step])
    assert "We tell them" not in words
    assert "They can tell you" not in words


@pytest.mark.parametrize("step", Step)
def test_every_script_asks_only_for_what_is_filled_in(step: Step, model: CallViewModel) -> None:
    script = SCRIPTS[step]
    texts = [script.say, *(what for _, what in script.hints)]
    asked = {field for text in texts for _, field, _, _ in Formatter().parse(text) if field}
    assert asked <= model._words().keys()


# --- time


@pytest.mark.parametrize(
    ("changes", "title", "timer"),
    [
        ({}, "Call in progress", "04:12"),
        ({"answered_at": None}, "Call in progress", "04:22"),
        ({"state": CallState.HELD}, "On hold, call time", "04:12"),
        (
            {"state": CallState.WRAP_UP, "line_ended_at": samples.at(10, 40, 30)},
            "Call ended after",
            "03:00",
        ),
        ({"answered_at": samples.at(8, 41, 41)}, "Call in progress", "2:00:01"),
    ],
)
def test_the_timer_counts_what_the_title_says(
    changes: dict[str, object], title: str, timer: str, model: CallViewModel, on_call
) -> None:
    on_call(**changes)
    assert (model.title, model.timer) == (title, timer)


def test_waiting_is_counted_too(model: CallViewModel, enter: Enter) -> None:
    enter()
    assert (model.title, model.timer, model.number) == ("Waiting for a call", "00:00", "")


@pytest.mark.parametrize(
    ("changes", "where", "number"),
    [
        ({}, "Inbound, Billing queue", "+44 20 7946 0958"),
        ({"queue": None, "number": None}, "Inbound", "Number withheld"),
    ],
)
def test_where_the_call_comes_from(
    changes: dict[str, object], where: str, number: str, model: CallViewModel, on_call
) -> None:
    on_call(**changes)
    assert (model.where, model.number) == (where, number)


# --- what is recorded and heard

HEARD = ("Tones", "idle", "heard, not masked")


@pytest.mark.parametrize(
    ("attempt", "changes", "lines"),
    [
        (None, {}, [("Recording", "recording", "on"), HEARD]),
        (
            None,
            {"recording": False, "has_line": False},
            [("Recording", "idle", "not known"), ("Tones", "idle", "not known")],
        ),
        (None, {"recording": False}, [("Recording", "down", "off, did not start again"), HEARD]),
        (
            samples.attempt(AttemptState.NOT_SENT, capture=STARTING),
            {},
            [("Recording", "slow", "starting again"), HEARD],
        ),
        (
            samples.attempt(),
            {},
            [
                ("Tones masked", "secured", "since 10:42:07"),
                ("Recording paused", "secured", "since 10:42:06"),
            ],
        ),
        (SECURING, {}, [("Recording", "recording", "on"), HEARD]),
        (
            samples.attempt(AttemptState.NOT_SENT, capture=CLOSED),
            {},
            [("Recording", "recording", "on since 10:43:32"), HEARD],
        ),
        (samples.approved(), {}, [("Recording", "recording", "on since 10:43:32"), HEARD]),
        (
            None,
            {"state": CallState.WRAP_UP},
            [("Recording", "idle", "ended"), ("Tones", "idle", "line is closed")],
        ),
    ],
)
def test_recording_and_tones(
    attempt: Attempt | None,
    changes: dict[str, object],
    lines: list[tuple[str, str, str]],
    model: CallViewModel,
    on_call,
) -> None:
    on_call(attempt, **changes)
    assert model.lines == lines


NOT_KNOWN = [("Recording", "idle", "not known"), ("Tones", "idle", "not known")]


@pytest.mark.parametrize(
    ("attempt", "step"),
    [
        (None, Step.GREET),
        (collecting(LIVE, WAITING, WAITING), Step.OUT_OF_SIGHT),
        (samples.attempt(AttemptState.SENDING), Step.OUT_OF_SIGHT),
        (samples.unknown(), Step.CHECKING),
        (samples.approved(), Step.APPROVED),
    ],
)
def test_without_a_connection_nothing_is_said_to_be_masked(
    attempt: Attempt | None, step: Step, model: CallViewModel, on_call, hub: FakeHub, qtbot: QtBot
) -> None:
    on_call(attempt)
    with qtbot.waitSignal(model.session.connection_changed):
        hub.fail("events", Unavailable("hub_unreachable"), always=True)
        hub.hang_up(Unavailable("hub_unreachable"))
    assert model.lines == NOT_KNOWN
    assert model.step is step
    assert "safe now" not in model.script.say
    with qtbot.waitSignal(model.changed):
        hub.fail("events", None)
    qtbot.waitUntil(lambda: model.lines != NOT_KNOWN)


def test_before_a_call_the_lamps_that_matter_show(model: CallViewModel, hub: FakeHub, enter: Enter) -> None:
    assert model.lines[0] == ("Phone line", "idle", "not known")
    hub.lamps = samples.readiness(recorder=LampState.DOWN)
    enter()
    assert model.lines == [
        ("Phone line", "ready", "ready"),
        ("Recorder", "down", "down"),
        ("Keypad", "ready", "ready"),
    ]


def test_another_call_of_mine_is_told_quietly(model: CallViewModel, on_call, hub: FakeHub) -> None:
    hub.calls["call_0"] = samples.call(call_id="call_0", started_at=samples.at(10, 30))
    on_call()
    assert model.lines[-1] == ("Another call of yours", "idle", "waits")
