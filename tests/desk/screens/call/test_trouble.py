"""What to say where a card is not keyed smoothly, or its entry was closed."""

from collections.abc import Callable

import pytest

from agentdesk.desk.screens.call.steps import Step
from agentdesk.desk.screens.call.view_model import CallViewModel
from agentdesk.domain.capture import CaptureState, CloseCause
from agentdesk.domain.link import LinkState, LinkWay
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.tones import Remedy, Trouble
from agentdesk.wire.captures import FieldState, FindingOut
from agentdesk.wire.payments import Attempt
from tests.desk import caller_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.payment_stages import declined_attempt
from tests.desk.screens.call.test_view_model import collecting

LIVE, WAITING = FieldState.LIVE, FieldState.WAITING


def over(cause: CloseCause) -> Attempt:
    """A card entry that we closed."""
    capture = samples.capture(state=CaptureState.CLOSED, close_cause=cause)
    return samples.attempt(AttemptState.NOT_SENT, capture=capture)


def refused(trouble: Trouble, remedy: Remedy) -> Attempt:
    """A number that failed, with the doctor's word."""
    finding = FindingOut(trouble=trouble, remedy=remedy, keys=15, expected=16)
    return collecting(FieldState.FAILED, WAITING, WAITING, finding=finding, brand="amex")


@pytest.mark.parametrize(
    ("attempt", "step"),
    [
        (over(CloseCause.AGENT), Step.CANCELLED),
        (over(CloseCause.LINK), Step.CANCELLED),
        (over(CloseCause.HELD), Step.INTERRUPTED),
        (over(CloseCause.SCREEN_LOCKED), Step.INTERRUPTED),
        (refused(Trouble.WRONG, Remedy.AGAIN), Step.KEY_AGAIN),
        (refused(Trouble.SILENT, Remedy.AGAIN), Step.STILL_THERE),
        (refused(Trouble.CARD, Remedy.OTHER_CARD), Step.OTHER_BRAND),
        (refused(Trouble.TOO_FEW, Remedy.SLOWLY), Step.KEY_SLOWLY),
        (refused(Trouble.SILENT, Remedy.OTHER_ROUTE), Step.BY_LINK),
        (collecting(LIVE, WAITING, WAITING, slow=True), Step.KEYING_SLOWLY),
    ],
)
def test_each_trouble_has_its_words(
    attempt: Attempt, step: Step, model: CallViewModel, on_call: Callable[..., None]
) -> None:
    on_call(attempt)
    assert model.step is step
    assert model.script.say


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        (CloseCause.HELD, "“It is closed whenever I put a call on hold.”"),
        (CloseCause.TRANSFERRED, "“It is closed whenever a call is passed on.”"),
        (CloseCause.SCREEN_LOCKED, "“It is closed whenever I leave this screen.”"),
    ],
)
def test_who_asks_why_card_entry_was_closed_hears_what_happened(
    cause: CloseCause, why: str, model: CallViewModel, on_call: Callable[..., None]
) -> None:
    on_call(over(cause))
    assert ("They ask why", why) in model.script.hints


def test_words_name_the_field_and_the_brand(model: CallViewModel, on_call: Callable[..., None]) -> None:
    on_call(refused(Trouble.CARD, Remedy.OTHER_CARD))
    assert "Amex" in model.script.say


def of_link(**changes: object) -> Attempt:
    """A link that is open as far as its attempt goes."""
    return samples.linked(link=samples.link(**changes))


@pytest.mark.parametrize(
    ("attempt", "step"),
    [
        (of_link(state=LinkState.OPENING, sent_at=None, delivered_at=None), Step.LINK_MAKING),
        (of_link(sent_at=None, delivered_at=None), Step.LINK_MAKING),
        (of_link(way=LinkWay.QR, sent_to="", sent_at=None, delivered_at=None), Step.LINK_SHOWN),
        (of_link(delivered_at=None), Step.LINK),
        (of_link(delivered_at=None, problem="The text did not reach the phone."), Step.LINK_LOST),
        (of_link(way=LinkWay.EMAIL, problem="The mail server did not take it."), Step.LINK_LOST),
        (of_link(state=LinkState.CLOSING), Step.LINK_CLOSING),
        (of_link(state=LinkState.CLOSING, problem="The text did not reach the phone."), Step.LINK_CLOSING),
        (of_link(state=LinkState.CLOSED), Step.LINK_CLOSING),
    ],
)
def test_what_is_said_of_a_link_is_what_it_is(
    attempt: Attempt, step: Step, model: CallViewModel, on_call: Callable[..., None]
) -> None:
    on_call(attempt)
    assert model.step is step
    has_it = step in (Step.LINK, Step.LINK_SHOWN)
    assert ("I have sent" in model.script.say or "scan" in model.script.say) is has_it


def test_without_links_another_card_is_asked_for(
    model: CallViewModel, hub: FakeHub, on_call: Callable[..., None]
) -> None:
    hub.lamps = caller_samples.without_links(hub.lamps)
    on_call(refused(Trouble.SILENT, Remedy.OTHER_ROUTE))
    assert model.step is Step.OTHER_CARD


def test_a_card_like_the_one_just_refused_is_not_offered_to_be_charged(
    model: CallViewModel, hub: FakeHub, on_call: Callable[..., None]
) -> None:
    ready = samples.capture(can_submit=True)
    now = samples.attempt(number=2, capture=ready)
    payment = hub.take(samples.payment(declined_attempt(attempt_id="att_0", number=1), now))
    on_call(payment_intent_ids=[payment.intent_id])
    assert model.step is Step.SAME_CARD
