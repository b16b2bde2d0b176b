"""A refund that waits for a supervisor: what is shown, who may say what, and that it is said once."""

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payments.refund_panel import RefundForm
from agentdesk.desk.screens.payments.refund_request import RequestRow, story
from agentdesk.desk.screens.payments.view import PaymentsView
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.inputs import LineEdit
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Invalid, NotAllowed
from agentdesk.wire.refunds import RefundDecision
from agentdesk.wire.work import WorkKind
from tests.desk import log_samples, promise_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.screens.payments.test_view import enter, open_second, press, supervisor, words

__all__ = ["supervisor"]  # a fixture


def asks(hub: FakeHub, **changes: Any) -> None:
    """Let somebody have asked for a refund of Amara's payment."""
    detail = log_samples.refunded_story()
    asked = {"refund_request": promise_samples.refund_request(**changes)}
    detail = detail.model_copy(update={"payment": detail.payment.model_copy(update=asked)})
    hub.details[detail.payment.intent_id] = detail
    hub.take(detail.payment)


def opened(window: Window, hub: FakeHub, qtbot: QtBot) -> PaymentsView:
    """Return the page with the refunds of Amara's payment open."""
    view = enter(window, qtbot)
    open_second(view, qtbot)
    view.drawer.show_part(WorkKind.REFUND)
    return view


def presses(view: PaymentsView) -> list[str]:
    """Return the presses of the wish."""
    row = view.drawer.findChild(RequestRow)
    return [one.accessibleName() for one in row.findChildren(Button)] if row else []


def said(hub: FakeHub) -> list[tuple[str, RefundDecision]]:
    """Return what the hub was told of requests."""
    return [args for name, args in hub.asked if name == "decide_refund"]  # type: ignore[misc]


@pytest.fixture
def other(supervisor: FakeHub) -> FakeHub:
    """Return the hub of a supervisor who did not ask."""
    supervisor.person = supervisor.person.model_copy(update={"user_id": "usr_9"})
    return supervisor


@pytest.mark.parametrize(("press_it", "allow", "go"), [("Allow the refund", True, "Allow and refund"),
                                                      ("Refuse the refund", False, "Refuse")])  # fmt: skip
def test_a_supervisor_decides_with_a_reason(
    window: Window, other: FakeHub, qtbot: QtBot, press_it: str, allow: bool, go: str
) -> None:
    asks(other)
    view = opened(window, other, qtbot)
    assert "Priya Nair: Billed twice" in words(view.drawer)
    assert presses(view) == ["Refuse the refund", "Allow the refund"]
    press(view.drawer, press_it)
    press(view.drawer, go)
    assert said(other) == []  # a reason first
    field = next(one for one in view.drawer.findChildren(LineEdit) if one.isVisible())
    field.set_text("Seen the two bills")
    press(view.drawer, go)
    qtbot.waitUntil(lambda: said(other) == [("rr_1", RefundDecision(allow=allow, why="Seen the two bills"))])


def test_who_asked_may_only_take_it_back(window: Window, supervisor: FakeHub, qtbot: QtBot) -> None:
    asks(supervisor, asked_by_id=supervisor.person.user_id)
    view = opened(window, supervisor, qtbot)
    assert presses(view) == ["Take it back…"]
    assert "Another supervisor has to decide" in words(view.drawer)
    press(view.drawer, "Take it back…")
    field = next(one for one in view.drawer.findChildren(LineEdit) if one.isVisible())
    field.set_text("Typed the wrong amount")
    press(view.drawer, "Take it back")
    qtbot.waitUntil(lambda: [word.allow for _, word in said(supervisor)] == [False])


@pytest.mark.parametrize(
    "error", [Invalid("refund_over_limit", amount="£123.36", limit="£50.00"), NotAllowed("not_your_own")]
)
def test_what_the_hub_says_against_it_stays_in_the_form(
    window: Window, other: FakeHub, qtbot: QtBot, error: Exception
) -> None:
    asks(other)
    other.fail("decide_refund", error)  # type: ignore[arg-type]
    view = opened(window, other, qtbot)
    press(view.drawer, "Allow the refund")
    field = next(one for one in view.drawer.findChildren(LineEdit) if one.isVisible())
    field.set_text("Seen the two bills")
    press(view.drawer, "Allow and refund")
    qtbot.waitUntil(lambda: error.text in words(view.drawer))  # type: ignore[attr-defined]
    assert field.text() == "Seen the two bills"


def test_while_one_waits_no_second_is_asked_for(window: Window, other: FakeHub, qtbot: QtBot) -> None:
    other.person = other.person.model_copy(update={"limit": samples.gbp(5000)})
    asks(other)
    view = opened(window, other, qtbot)
    press(view.drawer, "Refund")
    form = view.drawer.findChild(RefundForm)
    form.reason.set_text("Goodwill")
    assert form.problem() == "Priya Nair has asked for a refund already."
    form.amount.set_value(samples.gbp(5000).money)
    assert form.problem() == ""


def test_decided_it_tells_what_was_said_and_offers_nothing(
    window: Window, other: FakeHub, qtbot: QtBot
) -> None:
    done = {"decided_by": "Ruth Adeyemi", "decided_at": samples.at(10, 52), "why": "Seen the two bills"}
    asks(other, allowed=False, **done)
    view = opened(window, other, qtbot)
    assert presses(view) == []
    refused = promise_samples.refund_request(allowed=False, **done)
    assert story(refused, samples.NOW.date(), is_own=False).endswith("Seen the two bills. Nothing was sent.")
    allowed = promise_samples.refund_request(allowed=True, **done)
    assert "It was sent then" in story(allowed, samples.NOW.date(), is_own=False)
