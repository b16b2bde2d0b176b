"""What ended after its call: told wherever the agent is, listed until a key puts it away."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from agentdesk.desk.ended import EndedBanner
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Conflict
from agentdesk.domain.payment import AttemptState
from agentdesk.wire.payments import PaymentIntent
from tests.desk import promise_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.screens.payments.test_view import words
from tests.desk.walk import focused, press

Enter = Callable[[], None]
Said = list[tuple[str, bool]]


def expired(**changes: object) -> PaymentIntent:
    why = "The link expired before it was paid."
    return samples.payment(samples.linked(AttemptState.NOT_SENT, not_sent_reason=why), **changes)


def listed(hub: FakeHub, *payments: PaymentIntent) -> None:
    """Let the hub list what ended."""
    hub.day = hub.day.model_copy(update={"ended": list(payments)})


def two_ended(window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot) -> EndedBanner:
    """Let two payments of before end on another call, and return what says so."""
    hub.calls["call_1"] = samples.call()
    enter()
    paid = samples.payment(samples.approved(), intent_id="pay_8", customer_name="Peter Osei")
    listed(hub, expired(intent_id="pay_9"), paid)
    window.session.load_day.restart()
    banner = window.shell.findChild(EndedBanner)
    qtbot.waitUntil(banner.isVisible)
    return banner


def test_it_says_what_became_of_it_and_what_to_do(window: Window, hub: FakeHub, enter: Enter) -> None:
    listed(hub, expired())
    enter()
    shown = words(window.shell.current_centre)
    assert "The link expired before it was paid. Nothing was charged." in shown
    assert "It is still owed: ring the customer back, or send a new link." in shown


@pytest.mark.parametrize(
    ("payment", "elsewhere", "to_do"),
    [
        (expired(), True, "Another payment took money for it, or may have: look at what is owed"),
        (expired(allocations=[]), False, "It was for the account: nothing is owed by it."),
        (samples.payment(samples.approved()), False, "Ring the customer back if you said you would."),
        (samples.payment(samples.linked(AttemptState.APPROVED)), False, "Nothing is left to do."),
        (samples.payment(samples.linked(AttemptState.APPROVED)), True, "Another payment took money for it"),
        (
            samples.payment(samples.approved(late_success=True, alarm_open=True)),
            False,
            "A supervisor looks at it",
        ),
    ],
)
def test_what_to_do_goes_by_what_became_of_the_debt(
    payment: PaymentIntent, elsewhere: bool, to_do: str, window: Window, hub: FakeHub, enter: Enter
) -> None:
    listed(hub, payment)
    hub.day = hub.day.model_copy(update={"taken_elsewhere": [payment.intent_id] if elsewhere else []})
    enter()
    shown = words(window.shell.current_centre)
    assert to_do in shown
    others = {
        "It is still owed",
        "Nothing is left",
        "Ring the customer",
        "A supervisor looks",
        "Another payment",
    }
    assert [one for one in others if one in shown and not to_do.startswith(one)] == []


def test_a_key_puts_the_first_away_and_then_the_next(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    listed(hub, expired(), samples.payment(samples.approved(), intent_id="pay_2"))
    enter()
    for left in (1, 0):
        press(window, "Ctrl+D")
        qtbot.waitUntil(lambda left=left: len(window.session.day.ended) == left)
    assert [args for name, args in hub.asked if name == "put_away"] == [
        (expired().intent_id, AttemptState.NOT_SENT),
        ("pay_2", AttemptState.APPROVED),
    ]
    assert "Ended after the call" not in words(window.shell.current_centre)


def test_each_can_be_put_away_by_its_own_button(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    listed(hub, expired(), samples.payment(samples.approved(), intent_id="pay_2", customer_name="Peter Osei"))
    enter()
    window.shell.current_centre.take_focus()
    for _ in range(20):
        if focused().accessibleName() == "Put away Peter Osei, 01JD-7Q4M":
            break
        qtbot.keyClick(focused(), Qt.Key.Key_Tab)
    qtbot.keyClick(focused(), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: [one.intent_id for one in window.session.day.ended] == [expired().intent_id])


def test_what_became_another_meanwhile_is_said_and_stays(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    listed(hub, expired())
    enter()
    hub.fail("put_away", Conflict("step_not_possible", state="approved"))
    listed(hub, samples.payment(samples.approved()))
    press(window, "Ctrl+D")
    qtbot.waitUntil(lambda: "Approved, code 019283." in words(window.shell.current_centre))


def test_it_is_spoken_once_when_it_happens_and_not_when_signing_in(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: Said
) -> None:
    listed(hub, expired())
    enter()
    spoken = "£123.36 of Peter Osei: Approved. Approved, code 019283. Ring the customer back if you said"
    listed(hub, expired(), samples.payment(samples.approved(), intent_id="pay_2", customer_name="Peter Osei"))
    for _ in range(2):
        with qtbot.waitSignal(window.session.day_changed):
            window.session.load_day.restart()
    assert len([line for line, loud in said if line.startswith(spoken) and not loud]) == 1
    assert not [line for line, _ in said if "link expired" in line]


def test_on_another_call_it_shows_over_the_payment(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    hub.calls["call_1"] = samples.call()
    enter()
    banner = window.shell.findChild(EndedBanner)
    assert not banner.isVisible()
    listed(hub, expired(intent_id="pay_9"))
    window.session.load_day.restart()
    qtbot.waitUntil(banner.isVisible)
    assert banner.accessibleName() == "£123.36 of Amara Okafor: Not sent"
    banner.pressed.emit()
    assert not banner.isVisible()
    assert len(window.session.day.ended) == 1


def test_two_that_end_at_once_are_said_one_after_the_other(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: Said
) -> None:
    banner = two_ended(window, hub, enter, qtbot)
    assert banner.accessibleName() == "£123.36 of Amara Okafor: Not sent"
    assert len([line for line, _ in said if line.startswith("£123.36 of ")]) == 2
    banner.pressed.emit()
    assert (banner.isVisible(), banner.accessibleName()) == (True, "£123.36 of Peter Osei: Approved")
    banner.pressed.emit()
    assert not banner.isVisible()


def answered(*, allow: bool) -> PaymentIntent:
    """Return a payment of Peter's of which Ruth has decided a refund."""
    said = {"decided_by": "Ruth Adeyemi", "decided_at": samples.at(10, 52), "why": "Seen the two bills"}
    asked = promise_samples.refund_request(allowed=allow, **said)
    return samples.payment(
        samples.approved(), intent_id="pay_8", customer_name="Peter Osei", refund_request=asked
    )


@pytest.mark.parametrize(
    ("allow", "said"),
    [
        (True, "Ruth Adeyemi allowed the refund of £123.36: Seen the two bills. It was sent; open it to see"),
        (False, "Ruth Adeyemi refused the refund of £123.36: Seen the two bills. Nothing was sent: tell the"),
    ],
)
def test_who_asked_for_a_refund_reads_what_was_said_until_they_put_it_away(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, *, allow: bool, said: str
) -> None:
    hub.day = hub.day.model_copy(update={"ended": [expired()], "answered": [answered(allow=allow)]})
    enter()
    assert said in words(window.shell.current_centre)
    press(window, "Ctrl+D")  # what ended goes first
    qtbot.waitUntil(lambda: window.session.day.ended == [])
    assert said in words(window.shell.current_centre)
    press(window, "Ctrl+D")
    qtbot.waitUntil(lambda: window.session.day.answered == [])
    qtbot.waitUntil(lambda: said not in words(window.shell.current_centre))
    assert ("put_answer_away", ("rr_1",)) in hub.asked


def test_an_answer_that_comes_on_a_call_is_said_there(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot, said: Said
) -> None:
    hub.calls["call_1"] = samples.call()
    enter()
    banner = window.shell.findChild(EndedBanner)
    hub.day = hub.day.model_copy(update={"answered": [answered(allow=False)]})
    window.session.load_day.restart()
    qtbot.waitUntil(banner.isVisible)
    assert banner.accessibleName() == "Refund of £123.36 for Peter Osei: Not allowed"
    assert any("Nothing was sent: tell the customer." in line for line, _ in said)


def test_what_was_put_away_is_said_no_longer(
    window: Window, hub: FakeHub, enter: Enter, qtbot: QtBot
) -> None:
    banner = two_ended(window, hub, enter, qtbot)
    listed(hub, *window.session.day.ended[1:])
    window.session.load_day.restart()
    qtbot.waitUntil(lambda: banner.accessibleName() == "£123.36 of Peter Osei: Approved")
    assert banner.isVisible()
