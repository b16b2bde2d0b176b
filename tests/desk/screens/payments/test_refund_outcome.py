"""A refund nobody can tell of: who may say what became of it, by what they saw, and that it is said once."""

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payments.refund_outcome import GaveEdit, OutcomePresses
from agentdesk.desk.screens.payments.view import PaymentsView
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.inputs import LineEdit
from agentdesk.desk.window import Window
from agentdesk.domain.errors import Conflict
from agentdesk.domain.refund import RefundState
from agentdesk.wire.payments import CheckOut
from agentdesk.wire.work import RefundOutcome, WorkKind
from tests.desk import log_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.screens.payments.test_view import enter, open_second, press, supervisor, words

__all__ = ["supervisor"]  # a fixture


def unknown(
    hub: FakeHub, *, person_from_minute: int = 5, state: RefundState = RefundState.UNKNOWN, **more: object
) -> str:
    """Let a refund of Amara's payment be unknown, and return its id."""
    person_from = samples.at(10, person_from_minute)
    check = CheckOut(since=samples.at(10, 0), asked=6, next_at=None, person_from=person_from)
    refund = log_samples.refund(state, check=check, **more)
    detail = log_samples.refunded_story(refund)
    hub.details[detail.payment.intent_id] = detail
    hub.take(detail.payment)
    return refund.refund_id


def opened(window: Window, qtbot: QtBot) -> PaymentsView:
    """Return the page with the refunds of Amara's payment open."""
    view = enter(window, qtbot)
    open_second(view, qtbot)
    view.drawer.show_part(WorkKind.REFUND)
    return view


def fill(view: PaymentsView, *texts: str) -> None:
    """Type into the form's lines, from the top."""
    fields = [one for one in view.drawer.findChildren(LineEdit) if one.isVisible()]
    for field, text in zip(fields, texts, strict=True):
        field.set_text(text)


def said(hub: FakeHub) -> list[tuple[str, RefundOutcome]]:
    """Return what the hub was told."""
    return [args for name, args in hub.asked if name == "settle_refund"]  # type: ignore[misc]


def test_that_it_went_back_needs_the_reference_and_is_said_once(
    window: Window, supervisor: FakeHub, qtbot: QtBot
) -> None:
    refund_id = unknown(supervisor)
    view = opened(window, qtbot)
    press(view.drawer, "It went back…")
    press(view.drawer, "Record it")
    assert said(supervisor) == []  # the lines first
    fill(view, "re_8K2", "On its page, done", "The customer waits")
    supervisor.fail("settle_refund", Conflict("decision_differs", reference="re_8K2"))
    press(view.drawer, "Record it")
    qtbot.waitUntil(lambda: "under re_8K2" in words(view.drawer))
    press(view.drawer, "Record it")
    qtbot.waitUntil(lambda: len(said(supervisor)) == 2)
    (one, first), (_, again) = said(supervisor)
    assert (one, first.outcome, first.reference) == (refund_id, RefundState.DONE, "re_8K2")
    assert first.gave is None  # what was asked for
    assert first.key == again.key


def test_that_it_never_went_back_says_that_a_second_has_to_confirm(
    window: Window, supervisor: FakeHub, qtbot: QtBot
) -> None:
    unknown(supervisor)
    view = opened(window, qtbot)
    press(view.drawer, "It never went back…")
    assert "a second supervisor confirms it" in words(view.drawer)
    fill(view, "Nothing on its page", "The customer waits")
    press(view.drawer, "Record it")
    qtbot.waitUntil(lambda: [one.outcome for _, one in said(supervisor)] == [RefundState.NOT_SENT])


@pytest.mark.parametrize("state", [RefundState.UNKNOWN, RefundState.PENDING])
def test_what_the_provider_shows_instead_is_typed_and_says_what_follows(
    window: Window, supervisor: FakeHub, qtbot: QtBot, state: RefundState
) -> None:
    unknown(supervisor, state=state, alarm="The provider says £40.00, this refund is £50.00.")
    view = opened(window, qtbot)
    offered = [one.words() for one in view.drawer.findChild(OutcomePresses).findChildren(Button)]
    assert ("It never went back…" in offered) == (state is RefundState.UNKNOWN)
    press(view.drawer, "It went back…")
    gave = view.drawer.findChild(GaveEdit)
    gave.amount.edit.clear()
    fill(view, "re_8K2", "£40.00 on its page, done", "The customer waits")
    press(view.drawer, "Record it")
    assert "Type the amount that went back." in words(view.drawer)
    for amount, follows in (("60", "£10.00 too much went back"), ("40", "£10.00 can still be refunded")):
        gave.amount.edit.clear()
        qtbot.keyClicks(gave.amount.edit, amount)
        assert follows in words(view.drawer)
    press(view.drawer, "Record it")
    qtbot.waitUntil(lambda: [one.gave for _, one in said(supervisor)] == [samples.gbp(4000)])


@pytest.mark.parametrize("may", [True, False])
def test_nothing_is_offered_too_early_or_to_who_may_not(
    window: Window, supervisor: FakeHub, qtbot: QtBot, may: bool
) -> None:
    unknown(supervisor, person_from_minute=59 if may else 5)
    if not may:
        left = [one for one in supervisor.person.permissions if one != "decide_outcome"]
        supervisor.person = supervisor.person.model_copy(update={"permissions": left})
    assert opened(window, qtbot).drawer.findChild(OutcomePresses) is None
