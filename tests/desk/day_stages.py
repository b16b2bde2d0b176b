"""Pictures of the start of a shift where something is not ready."""

from datetime import timedelta

from agentdesk.desk.window import Window
from agentdesk.wire.customers import HistoryKind
from agentdesk.wire.readiness import LampState, Readiness
from tests.desk import promise_samples, samples
from tests.desk.fake_hub import FakeHub
from tests.desk.staging import enter, settle


def not_ready() -> Readiness:
    """The recorder down, the accounts slow, this computer's clock 34 s behind, this program older."""
    lamps = samples.readiness(recorder=LampState.DOWN, accounts=LampState.SLOW)
    slow = {"recorder": "Does not answer", "accounts": "Answered in 4.2 s"}
    told = [one.model_copy(update={"detail": slow.get(one.part, one.detail)}) for one in lamps.lamps]
    later = {"now": samples.NOW + timedelta(seconds=34), "version": "0.2.0", "lamps": told}
    return lamps.model_copy(update=later)


async def sign_in_not_ready(hub: FakeHub, window: Window) -> None:
    """Four things are not ready before the shift."""
    hub.lamps = not_ready()
    window.sign_in._model.look.start()
    await settle()


async def waiting_not_ready(hub: FakeHub, window: Window) -> None:
    """Between calls: one payment open, and four things not ready."""
    hub.day, hub.lamps = samples.day(samples.payment(samples.unknown())), not_ready()
    await enter(window)


async def readiness_drawer(hub: FakeHub, window: Window) -> None:
    """F11 on a call: every lamp."""
    hub.calls["call_1"], hub.lamps = samples.call(), not_ready()
    await enter(window)
    window.shell.readiness.open()
    await settle(0.4)


async def old_balance(hub: FakeHub, window: Window) -> None:
    """The balance was read 14 minutes ago, and everything ever happened to this customer."""
    read = {"account_as_of": samples.at(10, 27), "record_as_of": samples.at(10, 27)}
    hub.customers["cus_1"] = samples.customer(**read)
    kind, past = HistoryKind, samples.history()
    more = [
        samples.line(kind.PROMISE, samples.at(9, 12), "Promise to pay by 4 December", "Open", 6126),
        samples.line(kind.REFUND, samples.at(9, 1), "Refund, billed twice", "by Ruth Adeyemi", -2500),
    ]
    rows = sorted([*past.rows, *more], key=lambda row: row.at, reverse=True)
    hub.histories["cus_1"] = past.model_copy(update={"rows": rows})
    hub.calls["call_1"] = samples.call()
    await enter(window)


async def search_empty(hub: FakeHub, window: Window) -> None:
    """Ctrl F before anything is typed: what can be searched for."""
    hub.calls["call_1"] = samples.call(customer_id=None, matches=[], number=None)
    await enter(window)
    window.shell.find_customer()
    await settle()


async def waiting_line_down(hub: FakeHub, window: Window) -> None:
    """The phone line is down: calls do not come up by themselves."""
    hub.lamps = samples.readiness(call_line=LampState.DOWN)
    await enter(window)


async def by_hand(hub: FakeHub, window: Window) -> None:
    """A call is told by hand."""
    await waiting_line_down(hub, window)
    window.shell._by_hand._model.open()
    await settle(0.4)


async def connected_by_hand(hub: FakeHub, window: Window) -> None:
    """A call told by hand: no card can be keyed, a link or a promise can be taken."""
    hub.lamps = samples.readiness(call_line=LampState.DOWN)
    hub.calls["call_1"] = samples.call(has_line=False, recording=False)
    await enter(window)


async def session_ends(hub: FakeHub, window: Window) -> None:
    """The session ends in twelve minutes, during a call."""
    until = {"signed_in_until": samples.NOW + timedelta(minutes=12)}
    hub.person = hub.person.model_copy(update=until)
    hub.calls["call_1"] = samples.call()
    await enter(window)


async def waiting_refunds(hub: FakeHub, window: Window) -> None:
    """A refund that was asked for and refused, one that waits, and one that did not go back."""
    said = {"decided_by": "Ruth Adeyemi", "decided_at": samples.at(10, 52), "why": "It was billed once"}
    refused = promise_samples.refund_request(allowed=False, **said)
    waits = promise_samples.refund_request(request_id="rr_2", amount=samples.gbp(8000))
    back = "Refund 7Q4M-K2ZD: £50.00 did not go back: the card is closed. The customer is still owed it."
    osei = {"intent_id": "pay_2", "customer_name": "Peter Osei", "short_reference": "01JD-7Q0H"}
    hub.day = samples.day(
        samples.payment(samples.approved(alarm=back, alarm_open=True), **osei),
        samples.payment(samples.approved(), intent_id="pay_3", refund_request=waits),
    ).model_copy(update={"answered": [samples.payment(samples.approved(), refund_request=refused)]})
    await enter(window)


DAY_STAGES = (
    waiting_refunds,
    sign_in_not_ready, waiting_not_ready, readiness_drawer, old_balance, search_empty, session_ends,
    waiting_line_down, by_hand, connected_by_hand,
)  # fmt: skip
