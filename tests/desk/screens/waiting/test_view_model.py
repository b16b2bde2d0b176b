"""Between calls: who rings, what is open, what went wrong."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.waiting.view_model import (
    WaitingViewModel,
    work_badge,
    work_detail,
    work_title,
)
from agentdesk.desk.session import Session
from agentdesk.domain.errors import Conflict, Unavailable
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.events import CallChanged
from agentdesk.wire.payments import PaymentIntent
from tests.desk import promise_samples, samples, stop_samples
from tests.desk.fake_hub import FakeHub

Enter = Callable[[], None]
BACK = "Refund 7Q4M-K2ZD: £50.00 did not go back: the card is closed. The customer is still owed it."
NOT_MINE = Conflict("call_not_yours", agent="Tom Ellis")


@pytest.fixture
def model(session: Session) -> WaitingViewModel:
    return WaitingViewModel(session)


def test_nothing_rings_and_no_day_is_known_at_first(model: WaitingViewModel) -> None:
    assert (model.ringing, model.day) == ([], None)
    model.answer()
    assert not model.answer_call.is_running


def test_the_call_that_rings_longest_is_answered(
    model: WaitingViewModel, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    younger = samples.ringing(call_id="call_9", started_at=samples.NOW)
    hub.calls = {
        "call_9": younger,
        "call_1": samples.ringing(started_at=samples.NOW - timedelta(seconds=30)),
    }
    enter()
    hub.push(CallChanged(call=younger))
    qtbot.waitUntil(lambda: [one.call_id for one in model.ringing] == ["call_1", "call_9"])
    model.answer()
    qtbot.waitUntil(lambda: model.session.call is not None)
    assert ("answer", ("call_1",)) in hub.asked
    assert [one.call_id for one in model.ringing] == ["call_9"]


def test_a_colleague_was_faster_and_it_is_forgotten_with_the_next_call(
    model: WaitingViewModel, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.calls["call_1"] = samples.ringing()
    enter()
    hub.fail("answer", NOT_MINE)
    with qtbot.waitSignal(model.failed):
        model.answer()
    assert model.error.text.startswith("Tom Ellis has this call.")
    model.answer()
    assert model.error is None


def test_what_failed_behind_the_screen_is_told_until_the_hub_answers(
    model: WaitingViewModel, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    enter()
    hub.fail("current_calls", Unavailable("hub_unreachable"))
    hub.push(None)
    qtbot.waitUntil(lambda: model.error is not None)
    hub.push(None)
    qtbot.waitUntil(lambda: model.error is None)


def test_opening_work_shows_the_payment(model: WaitingViewModel, enter: Enter) -> None:
    enter()
    payment = samples.payment(samples.unknown())
    model.open(payment)
    assert model.session.payment == payment


def parked(words: str, kind: WriteBackKind = WriteBackKind.RECEIPT) -> PaymentIntent:
    """An approved payment whose receipt could not be sent, or that could not be written down elsewhere."""
    owed = samples.write_back(kind, WriteBackState.PARKED, words)
    return samples.payment(samples.approved(), write_backs=[owed])


@pytest.mark.parametrize(
    ("payment", "badge", "title", "detail"),
    [
        (
            samples.payment(samples.unknown()),
            "unknown",
            "Amara Okafor, 01JD-7Q4M",
            "Sent 10:43:29, next check 10:48:39",
        ),
        (
            samples.payment(samples.attempt(AttemptState.PENDING, sent_at=samples.at(10, 43, 29))),
            "pending",
            "Amara Okafor, 01JD-7Q4M",
            "Sent 10:43:29",
        ),
        (
            samples.payment(samples.attempt()),
            "capturing",
            "Amara Okafor, 01JD-7Q4M",
            "Not sent yet",
        ),
        (
            samples.payment(samples.linked()),
            "link",
            "Amara Okafor, 01JD-7Q4M",
            "Link sent to •••• 958, open until 11:44. Nothing is paid yet.",
        ),
        (
            samples.payment(samples.attempt(AttemptState.SENDING, sent_at=samples.at(10, 43, 29))),
            "sending",
            "Amara Okafor, 01JD-7Q4M",
            "Sent 10:43:29",
        ),
        (samples.payment(), "draft", "Amara Okafor, 01JD-7Q4M", "Not started"),
        (
            parked("The email address does not exist"),
            "parked",
            "Receipt for Amara Okafor, 01JD-7Q4M",
            "The email address does not exist",
        ),
        (
            parked("October is closed", WriteBackKind.ACCOUNTS),
            "posting",
            "Accounts entry for Amara Okafor, 01JD-7Q4M",
            "October is closed",
        ),
        (
            samples.payment(samples.approved()),
            "queued",
            "Amara Okafor, 01JD-7Q4M",
            "Sent 10:43:29",
        ),
        (
            samples.payment(
                samples.attempt(AttemptState.NOT_SENT, decision=stop_samples.decision(AttemptState.NOT_SENT))
            ),
            "not_sent",
            "Amara Okafor, 01JD-7Q4M",
            "Ruth Adeyemi and Tom Ellis decided it at 10:58. Tell the caller",
        ),
        (
            samples.payment(samples.approved(alarm=BACK, alarm_open=True)),
            "approved",
            "Amara Okafor, 01JD-7Q4M",
            f"{BACK} A supervisor has to look.",
        ),
        (
            samples.payment(samples.approved(late_success=True, alarm_open=True)),
            "approved",
            "Amara Okafor, 01JD-7Q4M",
            "Approved after all; it had been told as not charged. A supervisor has to look.",
        ),
        (
            samples.payment(samples.approved(), refund_request=promise_samples.refund_request()),
            "asked",
            "Refund for Amara Okafor, 01JD-7Q4M",
            "Priya Nair asked to refund £123.36. A supervisor has to decide; nothing was sent.",
        ),
    ],
)
def test_open_work_says_what_it_is_and_where_it_stands(
    payment: PaymentIntent, badge: str, title: str, detail: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_utc(monkeypatch)
    assert (work_badge(payment), work_title(payment), work_detail(payment, samples.NOW)) == (
        badge,
        title,
        detail,
    )


def test_what_was_sent_another_day_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    in_utc(monkeypatch)
    detail = work_detail(samples.payment(samples.unknown()), samples.NOW + timedelta(days=1))
    assert detail.startswith("Sent 10:43:29 on 21 Nov, next check 10:48:39 on 21 Nov")


def test_where_no_check_is_planned_nobody_is_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    in_utc(monkeypatch)
    check = samples.unknown().check.model_copy(update={"next_at": None})
    payment = samples.payment(samples.unknown(check=check))
    assert work_detail(payment, samples.NOW) == "Sent 10:43:29, we keep asking"


def in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show times as the samples give them."""
    import time

    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
