"""What is still being written down is asked for again: unsaid, not too often, and only with a connection."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from agentdesk.desk.following import EACH, Following
from agentdesk.desk.session import Connection, ConnectionState, Session
from agentdesk.domain.errors import Unavailable
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.refund import RefundState
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.payments import PaymentDetail, PaymentIntent
from tests.desk import log_samples, samples
from tests.desk.fake_hub import FakeHub

Enter = Callable[[], None]


def payment(state: WriteBackState = WriteBackState.QUEUED, **changes: object) -> PaymentIntent:
    written = [samples.write_back(WriteBackKind.RECEIPT, state)]
    return samples.payment(samples.approved(), write_backs=written, **({"intent_id": "pay_1"} | changes))


def later(session: Session, gone: timedelta) -> None:
    """Let it be so long after the samples' time."""
    session.clock.set_by(samples.NOW + gone)
    session.clock.ticked.emit(session.clock.now())


class Onlooker(QObject):
    """Has one payment open, and notes what comes of it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.payment: PaymentIntent | None = payment()
        self.heard: list[PaymentDetail] = []
        self.following = Following(session, lambda: self.payment, self)
        self.following.came.connect(self.heard.append)


@pytest.fixture
def onlooker(session: Session, hub: FakeHub, enter: Enter, qtbot: QtBot) -> Onlooker:
    enter()
    qtbot.waitUntil(lambda: session.connection.state is ConnectionState.LIVE)
    hub.payments["pay_1"] = payment(WriteBackState.DONE)
    return Onlooker(session)


def idle(onlooker: Onlooker) -> bool:
    return not onlooker.following._load.is_running


def test_it_is_asked_for_each_five_seconds_while_it_waits(
    onlooker: Onlooker, session: Session, hub: FakeHub, qtbot: QtBot
) -> None:
    for seconds, count in ((4, 0), (5, 1), (9, 1), (10, 2)):
        later(session, timedelta(seconds=seconds))
        qtbot.waitUntil(lambda: idle(onlooker))
        assert hub.count("payment") == count
    assert [one.payment for one in onlooker.heard] == [payment(WriteBackState.DONE)] * 2
    onlooker.payment = payment(WriteBackState.DONE)
    later(session, EACH * 3)
    assert hub.count("payment") == 2


def test_what_a_colleague_is_taking_is_followed_to_its_end(
    onlooker: Onlooker, session: Session, hub: FakeHub, qtbot: QtBot
) -> None:
    onlooker.payment = samples.payment(samples.attempt(AttemptState.UNKNOWN), intent_id="pay_1")
    later(session, EACH)
    qtbot.waitUntil(lambda: [one.payment.state for one in onlooker.heard] == [AttemptState.APPROVED])


def test_what_a_refund_owes_counts_too(onlooker: Onlooker, session: Session) -> None:
    owed = [samples.write_back(WriteBackKind.ACCOUNTS, WriteBackState.QUEUED)]
    refund = log_samples.refund(RefundState.DONE, write_backs=owed)
    onlooker.payment = payment(WriteBackState.DONE, refunds=[refund])
    later(session, EACH)
    assert not idle(onlooker)


def test_without_a_connection_nothing_is_asked(onlooker: Onlooker, session: Session) -> None:
    session.connection = Connection(ConnectionState.LOST, samples.NOW)
    later(session, EACH)
    assert idle(onlooker)


def test_a_failure_is_unsaid_and_tried_again(
    onlooker: Onlooker, session: Session, hub: FakeHub, qtbot: QtBot
) -> None:
    hub.fail("payment", Unavailable("hub_unreachable"))
    for times in (1, 2):
        later(session, EACH * times)
        qtbot.waitUntil(lambda: idle(onlooker))
    assert len(onlooker.heard) == 1


@pytest.mark.parametrize(
    "meanwhile", [None, payment(intent_id="pay_2"), payment(version=payment().version + 1)]
)
def test_what_is_older_than_what_shows_is_dropped(
    meanwhile: PaymentIntent | None, onlooker: Onlooker, session: Session, hub: FakeHub, qtbot: QtBot
) -> None:
    held = hub.hold("payment")
    later(session, EACH)
    qtbot.waitUntil(lambda: hub.count("payment") == 1)
    onlooker.payment = meanwhile
    held.set()
    qtbot.waitUntil(lambda: idle(onlooker))
    assert onlooker.heard == []
