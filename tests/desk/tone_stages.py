"""Pictures of card entry that does not go smoothly: the tone doctor, a refused card, closed in haste."""

from typing import Any

from agentdesk.desk.window import Window
from agentdesk.domain.capture import CaptureState, CardField, CloseCause, FieldProblem
from agentdesk.domain.payment import Advice, AttemptState, DeclineKind
from agentdesk.domain.tones import Remedy, Trouble
from agentdesk.wire.captures import FieldState, FindingOut
from agentdesk.wire.payments import DeclineOut, PaymentIntent
from tests.desk import samples
from tests.desk.fake_hub import FakeHub
from tests.desk.payment_stages import CODE, EXPIRY, NUMBER, declined_attempt, show, view
from tests.desk.samples import at
from tests.desk.staging import settle

WAITING = [samples.field(field, FieldState.WAITING) for field in (CardField.EXPIRY, CardField.SECURITY_CODE)]


def _number(state: FieldState = FieldState.FAILED, **changes: Any) -> PaymentIntent:
    """A payment whose number is being keyed, or has failed."""
    problem = FieldProblem.INVALID if state is FieldState.FAILED else None
    usual: dict[str, Any] = {"problem": problem, "length": 16, "tries": 1, "brand": "visa"}
    number = samples.field(CardField.NUMBER, state, **(usual | changes))
    return samples.payment(samples.attempt(capture=samples.capture(fields=[number, *WAITING]), card=None))


def _found(trouble: Trouble, remedy: Remedy, keys: int) -> FindingOut:
    return FindingOut(trouble=trouble, remedy=remedy, keys=keys, expected=16)


async def keys_lost(hub: FakeHub, window: Window) -> None:
    """One key did not arrive: ask slowly."""
    finding = _found(Trouble.TOO_FEW, Remedy.SLOWLY, 15)
    await show(hub, window, at(10, 42, 50), _number(finding=finding))


async def number_wrong(hub: FakeHub, window: Window) -> None:
    """The number was refused for the first time."""
    finding = _found(Trouble.WRONG, Remedy.AGAIN, 16)
    await show(hub, window, at(10, 42, 50), _number(finding=finding))


async def keying_slowly(hub: FakeHub, window: Window) -> None:
    """An Amex, key by key, and a digit was typed here."""
    live = {"asked_at": at(10, 42, 33), "deadline": at(10, 43, 52), "slow": True, "tries": 2}
    payment = _number(FieldState.LIVE, digits=7, length=15, **(live | {"brand": "amex"}))
    await show(hub, window, at(10, 42, 50), payment)
    view(window)._throw_digit_away()


async def field_hard(hub: FakeHub, window: Window) -> None:
    """Three bad tries: a link instead."""
    finding = _found(Trouble.WRONG, Remedy.OTHER_ROUTE, 16)
    await show(hub, window, at(10, 42, 50), _number(finding=finding, tries=3))


async def same_card(hub: FakeHub, window: Window) -> None:
    """The card looks like the one the bank has just refused."""
    before = declined_attempt(attempt_id="att_0", number=1, ended_at=at(10, 42, 1))
    ready = samples.capture(state=CaptureState.COLLECTED, fields=[NUMBER, EXPIRY, CODE], can_submit=True)
    now = samples.attempt(number=2, capture=ready)
    await show(hub, window, at(10, 43, 23), samples.payment(before, now))


async def same_card_confirm(hub: FakeHub, window: Window) -> None:
    """F10 asks once more."""
    await same_card(hub, window)
    view(window)._submit()
    await settle()


async def needs_link(hub: FakeHub, window: Window) -> None:
    """The bank wants the holder to confirm: a link by one key."""
    decline = DeclineOut(
        kind=DeclineKind.AUTHENTICATION_REQUIRED,
        advice=Advice.SEND_LINK,
        title="The bank wants the holder to confirm",
        say="Your bank wants you to confirm this yourself, and nothing was charged. "
        "Shall I send you a link, where you can do that?",
        retry_same_card=False,
    )
    await show(hub, window, at(10, 43, 49), samples.payment(declined_attempt(decline=decline)))


def seen_already() -> DeclineOut:
    """The no of a bank that had this payment before."""
    return DeclineOut(
        kind=DeclineKind.DUPLICATE,
        advice=Advice.STOP,
        title="The bank saw this payment already, stop",
        say="Your bank has seen this payment before, and nothing was charged now. Let me look whether it was "
        "paid already.",
        retry_same_card=False,
    )


async def declined_seen(hub: FakeHub, window: Window) -> None:
    """The bank had this payment before."""
    await show(hub, window, at(10, 43, 49), samples.payment(declined_attempt(decline=seen_already())))


def _closed(cause: CloseCause, reason: str, *, confirmed: bool) -> PaymentIntent:
    capture = samples.capture(
        state=CaptureState.CLOSED,
        fields=[NUMBER, *WAITING],
        close_cause=cause,
        closed_at=at(10, 43, 2),
        provider_closed_at=at(10, 43, 2) if confirmed else None,
        recorder_resumed_at=at(10, 43, 3),
    )
    ended = {"capture": capture, "not_sent_reason": reason, "ended_at": at(10, 43, 2)}
    return samples.payment(samples.attempt(AttemptState.NOT_SENT, **ended))


async def locked(hub: FakeHub, window: Window) -> None:
    """The screen was locked, and the provider has closed the session."""
    payment = _closed(CloseCause.SCREEN_LOCKED, "Your screen was locked.", confirmed=True)
    await show(hub, window, at(10, 43, 40), payment)


async def held_unconfirmed(hub: FakeHub, window: Window) -> None:
    """The caller was put on hold, and the provider has not answered yet."""
    payment = _closed(CloseCause.HELD, "The caller was put on hold.", confirmed=False)
    await show(hub, window, at(10, 43, 40), payment)


async def sign_out_confirm(hub: FakeHub, window: Window) -> None:
    """Signing out during card entry is asked about."""
    live = {"asked_at": at(10, 42, 33), "deadline": at(10, 43, 2)}
    await show(hub, window, at(10, 42, 50), _number(FieldState.LIVE, digits=7, **live))
    window.sign_out()


async def signed_out(hub: FakeHub, window: Window) -> None:
    """And said at the sign-in."""
    window._last_word = "You signed out. The card session is closed. Nothing was charged."
    window._show_person(None)
    await settle()


TONE_STAGES = (
    keys_lost, number_wrong, keying_slowly, field_hard, same_card, same_card_confirm, needs_link, locked,
    held_unconfirmed, declined_seen, sign_out_confirm, signed_out,
)  # fmt: skip
