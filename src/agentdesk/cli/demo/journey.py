"""The journey: the real desk driven by keys, a scripted caller, and every effect read back."""

import asyncio
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from rich.console import Console

from agentdesk.cli.demo import evidence, screen
from agentdesk.cli.demo.call import call
from agentdesk.cli.demo.world import AGENT, PASSWORD, SUPERVISOR, World
from agentdesk.desk.window import Window
from agentdesk.domain.capture import CaptureState, CardField
from agentdesk.domain.ids import call_reference
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.write_back import WriteBackState
from agentdesk.wire.captures import FieldState
from agentdesk.wire.payments import PaymentIntent

CALLER = "+442079460958"
ACCOUNT = "NE 204 118"
CARD = "visa-approves"
_KEYED = (CardField.NUMBER, CardField.EXPIRY, CardField.SECURITY_CODE)
_PATIENCE_S = 60.0


class NotSeen(Exception):
    """Something the journey claims was not seen where it must be."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done, what was verified, and where that was read."""

    step: str
    verified: str
    read_back_from: str
    picture: str
    seconds: float


@dataclass
class Journey:
    """Plays one payment from signing in to the payment log."""

    world: World
    window: Window
    out: Path
    console: Console
    steps: list[Step] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    _owed: Decimal = Decimal()
    _in_transit: Decimal = Decimal()

    async def play(self) -> None:
        """Play every step. Raises NotSeen at the first that did not happen."""
        await self.sign_in()
        call_ref = await self.answer()
        await self.look_at_customer()
        await self.secure(call_ref)
        await self.collect(call_ref)
        payment = await self.charge()
        await self.read_back(payment)
        await self.wrap_up()
        await self.find_in_log(payment)

    def report(self, failures: list[str]) -> None:
        """Write report.json beside the pictures."""
        told = {"passed": not failures, "failures": failures, "steps": [asdict(one) for one in self.steps]}
        (self.out / "report.json").write_text(json.dumps(told, indent=2))

    # --- steps

    async def sign_in(self, person: tuple[str, str, str, int | None] = AGENT) -> None:
        """Sign in by keyboard."""
        await self.until(lambda: self.window.sign_in is not None, "the sign-in screen")
        await self._seen("sign in", "every lamp is ready", "hub GET /v1/readiness", self._all_ready)
        await self._type_credentials(person[0])
        await self.press("Return")
        await self._seen(
            f"signed in as {person[1]}",
            "the hub knows the person",
            "hub GET /v1/me",
            lambda: self.session.person is not None and self.session.person.name == person[1],
        )

    async def _type_credentials(self, username: str) -> None:
        focused = QApplication.focusWidget()
        if isinstance(focused, QLineEdit) and focused.echoMode() is QLineEdit.EchoMode.Password:
            await self.press("Backtab")  # a name is there already: go back to it
        await self.press("Ctrl+A")
        QTest.keyClicks(QApplication.focusWidget(), username)
        await self.press("Tab")
        QTest.keyClicks(QApplication.focusWidget(), PASSWORD)

    async def answer(self, caller: str = CALLER) -> str:
        """Let a caller ring and take the call; return its id at the phone network."""
        call_ref = await asyncio.to_thread(self.world.ring, caller)
        await self.until(lambda: self.session.ringing and self.session.ringing[0].customer_id, "the call")
        await self.picture("a call rings")
        await self.press("Return")
        await self._seen(
            "call answered",
            "the phone network has connected it",
            "sandbox, the call",
            lambda: self._network(call_ref)["status"] == "in-progress",
        )
        return call_ref

    async def look_at_customer(self) -> None:
        """See the customer with the balance the ledger has."""
        await self.until(lambda: self.session.customer is not None, "the customer")
        customer = self.session.customer
        assert customer is not None
        assert customer.balance is not None
        self._owed = owed = await asyncio.to_thread(evidence.balance, self.world, ACCOUNT)
        self._in_transit = await asyncio.to_thread(evidence.in_transit, self.world)
        await self._seen(
            "customer on screen",
            f"{customer.name} owes {customer.balance}, as the ledger says",
            "Tryton party.receivable",
            lambda: customer.balance is not None and customer.balance.money.to_decimal() == owed,
            shown=(customer.name, str(customer.balance)),
        )

    async def secure(self, call_ref: str) -> None:
        """Take the proposed payment: the line is secured."""
        await self.press("F4")
        await self.until(lambda: self.capture() is CaptureState.COLLECTING, "the secured line")
        await self._seen(
            "line secured",
            "the recorder says it is paused",
            "sandbox, the recorder",
            lambda: evidence.recorder(self.world, call_ref) == "paused",
            shown=("Secured at", "recorder is paused"),
        )

    async def collect(self, call_ref: str, card: str = CARD, fields: Sequence[CardField] = _KEYED) -> None:
        """Ask for each field; the caller keys it from the card of this name."""
        for card_field in fields:
            await self.press("F8")
            await self.until(lambda f=card_field: self._field(f) is FieldState.LIVE, f"{card_field} asked")
            keying = asyncio.to_thread(self._key, call_ref, card)
            await asyncio.gather(
                keying, self.picture(f"the caller keys the {card_field.replace('_', ' ')}", after_s=0.35)
            )
            await self.until(lambda f=card_field: self._field(f) is FieldState.DONE, f"{card_field} in")
        await self._seen(
            "all fields in",
            "the agent heard flat tones only",
            "sandbox, the agent's ear",
            lambda: _only_flat(evidence.heard_by_agent(self.world, call_ref)),
        )

    async def charge(self) -> PaymentIntent:
        """Submit, and see exactly one charge more than before."""
        before = await asyncio.to_thread(evidence.charges, self.world)
        await self.press("F10")
        await self.until(lambda: self.state() is AttemptState.APPROVED, "the approval")
        now: PaymentIntent = self.session.payment
        expected = (now.attempts[-1].attempt_id, now.amount.minor)
        await self._seen(
            "approved",
            f"exactly one charge more, of {now.amount}",
            "Stripe face, all charges",
            lambda: evidence.charges(self.world)[len(before) :] == [expected],
            shown=(f"Approved {now.amount}", "ending"),
        )
        return now

    async def read_back(self, payment: PaymentIntent) -> None:
        """See invoice, ledger, note and receipt where they belong."""

        def all_written() -> bool:
            owed = self.session.payments[payment.intent_id].write_backs
            return bool(owed) and all(one.state is WriteBackState.DONE for one in owed)

        await self.until(all_written, "the write-backs")
        paid = [part.number for part in payment.allocations]
        await self._seen(
            "written back",
            f"{' and '.join(paid)} paid",
            "Tryton account.invoice",
            lambda: set(evidence.invoice_states(self.world, paid).values()) == {"paid"},
            shown=("Posted to", "Note added", "Email sent"),
        )
        await self._check_ledger(payment)
        await self._check(
            "note",
            "the payment is noted in the customer record",
            "Tryton ir.note",
            lambda: len(evidence.notes(self.world, payment.reference)) == 1,
        )
        await self._check(
            "receipt",
            "the receipt has arrived",
            "sandbox, the inbox",
            lambda: len(evidence.receipts(self.world, payment.short_reference)) == 1,
        )
        await self._save_receipt(payment)

    async def _check_ledger(self, payment: PaymentIntent) -> None:
        moved = payment.amount.money.to_decimal()
        await self._check(
            "ledger",
            f"the customer owes {payment.amount} less, card payments in transit are {payment.amount} more",
            "Tryton party.receivable, account.move.line",
            lambda: (
                self._owed - evidence.balance(self.world, ACCOUNT) == moved
                and evidence.in_transit(self.world) - self._in_transit == moved
                and not evidence.ledger_difference(self.world)
            ),
        )

    async def _save_receipt(self, payment: PaymentIntent) -> None:
        token = await asyncio.to_thread(self.world.sign_in, AGENT)
        url = f"{self.world.hub.url}/v1/payment-intents/{payment.intent_id}/receipt.pdf"
        (self.out / "receipt.pdf").write_bytes(await asyncio.to_thread(call, "GET", url, token=token))

    async def wrap_up(self) -> None:
        """Finish the call with the prepared note."""
        current = self.session.call
        assert current is not None
        reference = call_reference(current.call_id)
        await self.press("Ctrl+Return")
        await self.until(lambda: self.session.call is None, "the end of the call")
        await self._seen(
            "call finished",
            "the call is noted in the customer record",
            "Tryton ir.note",
            lambda: len(evidence.notes(self.world, reference)) == 1,
        )

    async def find_in_log(self, payment: PaymentIntent) -> None:
        """Sign in as the supervisor and find the payment."""
        await self.press("F12")
        await self.until(QApplication.activePopupWidget, "the menu with signing out")
        await self.press("S")
        await self.until(lambda: self.window.sign_in is not None, "the sign-in screen")
        await self.sign_in(SUPERVISOR)
        await self.press("F3")
        QTest.keyClicks(QApplication.focusWidget(), payment.short_reference)
        await self.press("Return")
        token = await asyncio.to_thread(self.world.sign_in, SUPERVISOR)
        url = f"{self.world.hub.url}/v1/payments?q={payment.short_reference}"
        await self._seen(
            "found in the payment log",
            f"{payment.short_reference} is approved for {payment.amount}",
            "hub GET /v1/payments",
            lambda: [row["state"] for row in call("GET", url, token=token)["rows"]] == ["approved"],
            shown=(payment.short_reference, str(payment.amount), "Approved"),
        )

    # --- seeing

    def _all_ready(self) -> bool:
        lamps = call("GET", f"{self.world.hub.url}/v1/readiness")["lamps"]
        return bool(lamps) and all(lamp["state"] == "ready" for lamp in lamps)

    @property
    def session(self):  # type: ignore[no-untyped-def]
        """The desk's shared state."""
        return self.window.session

    def _network(self, call_ref: str) -> dict[str, str]:
        return dict(call("GET", f"{self.world.sandbox.url}/_sim/calls/{call_ref}"))

    def _key(self, call_ref: str, card: str) -> None:
        wish = {"card": card, "field": "auto", "gap_ms": 60}
        call("POST", f"{self.world.sandbox.url}/_sim/calls/{call_ref}/key-card", wish)

    def state(self) -> AttemptState | None:
        """The shown payment's state."""
        return self.session.payment.state if self.session.payment else None

    def capture(self) -> CaptureState | None:
        """The shown payment's card session."""
        payment = self.session.payment
        if not payment or not payment.attempts or not payment.attempts[-1].capture:
            return None
        return payment.attempts[-1].capture.state

    def _field(self, wanted: CardField) -> FieldState | None:
        payment = self.session.payment
        capture = payment.attempts[-1].capture if payment and payment.attempts else None
        return next((f.state for f in capture.fields if f.field is wanted), None) if capture else None

    async def press(self, keys: str) -> None:
        """Press a key where the focus is, as a person does."""
        await asyncio.sleep(0.15)  # what was waited for is drawn, and the focus is where it belongs
        target: QWidget = QApplication.activePopupWidget() or QApplication.focusWidget() or self.window
        held, _, key = keys.rpartition("+")
        held_keys = {"Ctrl": Qt.KeyboardModifier.ControlModifier, "Alt": Qt.KeyboardModifier.AltModifier}
        modifier = held_keys.get(held, Qt.KeyboardModifier.NoModifier)
        QTest.keyClick(target, getattr(Qt.Key, f"Key_{key}"), modifier)

    async def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait until the desk shows it. Raises NotSeen."""
        deadline = time.monotonic() + _PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                await self.picture(f"not seen {what}")
                raise NotSeen(f"{what} was not seen within {_PATIENCE_S:.0f} s")
            await asyncio.sleep(0.05)

    async def _check(self, step: str, verified: str, where: str, condition: Callable[[], object]) -> None:
        """Read back, without a picture; conditions call out and run off the loop."""
        await self._hold(verified, where, condition)
        self._tell(step, verified, where, "")

    async def _seen(
        self,
        step: str,
        verified: str,
        where: str,
        condition: Callable[[], object],
        *,
        shown: tuple[str, ...] = (),
    ) -> None:
        """Read back, and see these words on the screen."""
        await self._hold(verified, where, condition)
        for wanted in shown:
            await self.until(lambda wanted=wanted: wanted in screen.words(self.window), f"“{wanted}”")
        self._tell(step, verified, where, await self.picture(step))

    async def _hold(self, verified: str, where: str, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not await asyncio.to_thread(condition):
            if time.monotonic() > deadline:
                raise NotSeen(f"{verified}: not so, says {where}")
            await asyncio.sleep(0.1)

    def _tell(self, title: str, verified: str, where: str, picture: str) -> None:
        seconds = round(time.monotonic() - self.started, 1)
        self.steps.append(Step(title, verified, where, picture, seconds))
        self.console.print(
            f"[green]✓[/] {title:24} {verified} [dim]({where})[/]", highlight=False, soft_wrap=True
        )

    async def picture(self, step: str, after_s: float = 0.4) -> str:
        """Save what the window shows; return the file's name."""
        await asyncio.sleep(after_s)  # the screen has settled
        number = len(list(self.out.glob("*.png"))) + 1
        name = f"{number:02}-{re.sub(r'[^a-z]+', '-', step.lower()).strip('-')}.png"
        self.window.grab().save(str(self.out / name))
        return name


def _only_flat(heard: list[dict[str, object]]) -> bool:
    """Whether keys were pressed and none of them reached the agent as itself."""
    sounds = {one["sound"] for one in heard}
    return "flat-tone" in sounds and "tone" not in sounds
