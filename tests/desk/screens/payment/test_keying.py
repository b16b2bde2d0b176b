"""A card being keyed: what the doctor offers, a card refused before, digits typed on the desk."""

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from agentdesk.desk.screens.payment.actions import actions
from agentdesk.desk.screens.payment.view_model import PaymentViewModel, Place
from agentdesk.domain.capture import CloseCause, FieldProblem
from agentdesk.domain.errors import Unavailable
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.tones import Remedy, Trouble
from agentdesk.wire.captures import FieldState, FindingOut
from agentdesk.wire.events import PaymentChanged, ReadinessChanged
from agentdesk.wire.payments import CardOut
from tests.desk import samples
from tests.desk.payment_stages import declined_attempt
from tests.desk.screens.payment.acting import ActingHub, capture, closed, keyed, ready
from tests.desk.screens.payment.playing import asked, take, tell

LIVE, WAITING, FAILED = FieldState.LIVE, FieldState.WAITING, FieldState.FAILED


def test_what_the_doctor_says_is_offered(model: PaymentViewModel, hub: ActingHub, qtbot: QtBot) -> None:
    take(model, hub, qtbot)
    for remedy, slow, offered in (
        (Remedy.AGAIN, False, []),
        (Remedy.SLOWLY, False, ["slowly"]),
        (Remedy.OTHER_CARD, False, []),
        (Remedy.OTHER_ROUTE, False, ["link_instead"]),
        (Remedy.OTHER_ROUTE, True, ["link_instead"]),
    ):
        finding = FindingOut(trouble=Trouble.WRONG, remedy=remedy, keys=16, expected=16)
        bad = keyed(FAILED, WAITING, WAITING, problem=FieldProblem.INVALID, finding=finding, slow=slow)
        tell(model, hub, qtbot, AttemptState.OPEN, capture=bad)
        assert [press.name for press in actions(model).elsewhere] == offered
        assert model.keying.is_hard is bool(offered)


def test_without_links_it_goes_slowly_and_then_nothing_is_left(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    hub.push(
        ReadinessChanged(
            readiness=samples.readiness().model_copy(update={"routes": samples.readiness().routes[:1]})
        )
    )
    qtbot.waitUntil(lambda: not model.link.offered)
    for slow, offered in ((False, ["slowly"]), (True, [])):
        finding = FindingOut(trouble=Trouble.SILENT, remedy=Remedy.OTHER_ROUTE, keys=0, expected=16)
        bad = keyed(FAILED, WAITING, WAITING, finding=finding, slow=slow)
        tell(model, hub, qtbot, AttemptState.OPEN, capture=bad)
        assert [press.name for press in actions(model).elsewhere] == offered


@pytest.mark.parametrize(
    ("changes", "warned"),
    [
        ({}, True),
        ({"same_card": True}, False),  # a detail was wrong: the same card is what is wanted
        ({"card": CardOut(brand="visa", last4="0002")}, False),
        ({"card": CardOut(brand="mastercard", last4="4242")}, False),
        ({"card": None}, False),
    ],
)
def test_a_card_like_the_one_just_refused_is_noticed(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot, changes: dict[str, Any], warned: bool
) -> None:
    take(model, hub, qtbot)
    before = declined_attempt(**({"attempt_id": "att_0", "number": 1} | changes))
    payment = next(iter(hub.payments.values()))
    for entry, seen in ((capture(LIVE, WAITING, WAITING), False), (ready(), warned)):
        payment = hub.tell(payment, attempts=[before, samples.attempt(number=2, capture=entry)])
        qtbot.waitUntil(lambda at=payment.version: model.payment.version == at)
        assert (model.keying.refused_before is not None) is seen


def test_a_card_refused_in_another_payment_of_the_call_is_noticed(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    refused = declined_attempt(attempt_id="att_0")
    hub.push(PaymentChanged(payment=samples.payment(refused, created_at=samples.at(10, 38))))
    qtbot.waitUntil(lambda: model.place is Place.DECLINED)
    model.in_call.another()
    take(model, hub, qtbot)
    payment = hub.tell_attempt(samples.attempt(capture=ready()))
    qtbot.waitUntil(lambda: model.payment.version == payment.version)
    assert model.keying.refused_before == refused


def test_three_bad_entries_go_to_a_link_also_after_tries_that_sent_nothing(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    finding = FindingOut(trouble=Trouble.WRONG, remedy=Remedy.OTHER_ROUTE, keys=16, expected=16)
    over = {"capture": closed(close_cause=CloseCause.HELD)}
    before = [
        samples.attempt(AttemptState.NOT_SENT, attempt_id=f"att_{n}", number=n, **over) for n in (1, 2, 3)
    ]
    bad = samples.attempt(
        attempt_id="att_4", number=4, capture=keyed(FAILED, WAITING, WAITING, finding=finding)
    )
    payment = hub.tell(next(iter(hub.payments.values())), attempts=[*before, bad])
    qtbot.waitUntil(lambda: model.payment is not None and model.payment.version == payment.version)
    assert payment.attempts_left == 3
    model.keying.link_instead()
    qtbot.waitUntil(lambda: asked(hub, "cancel") == [("att_4", CloseCause.LINK)])
    ended = samples.attempt(
        AttemptState.NOT_SENT, attempt_id="att_4", number=4, capture=closed(close_cause=CloseCause.LINK)
    )
    hub.tell(payment, attempts=[*before, ended])
    qtbot.waitUntil(lambda: model.place is Place.LINK_FORM)


def test_a_link_follows_only_where_this_card_entry_was_closed_for_it(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    finding = FindingOut(trouble=Trouble.WRONG, remedy=Remedy.OTHER_ROUTE, keys=16, expected=16)
    tell(model, hub, qtbot, AttemptState.OPEN, capture=keyed(FAILED, WAITING, WAITING, finding=finding))
    model.keying.link_instead()
    qtbot.waitUntil(lambda: asked(hub, "cancel") == [("att_1", CloseCause.LINK)])
    over = closed(close_cause=CloseCause.HUNG_UP)  # the caller was faster
    tell(model, hub, qtbot, AttemptState.NOT_SENT, capture=over)
    assert model.place is Place.NOT_SENT


def test_typed_digits_are_told_once_for_each_try_of_a_field(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    model.keying.note_digits()
    take(model, hub, qtbot)
    for tries in (1, 2):
        tell(model, hub, qtbot, AttemptState.OPEN, capture=keyed(LIVE, WAITING, WAITING, tries=tries))
        for _ in range(3):
            model.keying.note_digits()
        qtbot.waitUntil(lambda: not model.keying._digits.is_running)
    assert asked(hub, "refuse_digits") == [("att_1",)] * 2


@pytest.mark.allow_log("could not be recorded")
def test_typed_digits_that_cannot_be_told_are_told_later_and_disturb_nobody(
    model: PaymentViewModel, hub: ActingHub, qtbot: QtBot
) -> None:
    take(model, hub, qtbot)
    hub.fail("refuse_digits", Unavailable("hub_unreachable"))
    model.keying.note_digits()
    qtbot.waitUntil(lambda: hub.count("refuse_digits") == 1 and not model.keying._digits.is_running)
    assert model.error is None
    model.keying.note_digits()
    qtbot.waitUntil(lambda: hub.count("refuse_digits") == 2)
