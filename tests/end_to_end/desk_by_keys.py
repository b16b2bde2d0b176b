"""A person at the real desk: what the keyboard reaches, what is read there, and what outside systems hold."""

import asyncio
from collections.abc import Callable, Coroutine
from decimal import Decimal
from typing import Any

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from agentdesk.cli.demo import evidence, screen
from agentdesk.cli.demo.journey import Journey
from agentdesk.domain.write_back import WriteBackState
from agentdesk.wire.payments import PaymentIntent
from tests.end_to_end.desk_by_hand import Line, Person, Taking

Play = Callable[[Coroutine[Any, Any, None]], None]


def focused() -> str:
    """Return the name of what has the keyboard."""
    widget = QApplication.focusWidget()
    return widget.accessibleName() if widget else ""


async def tab_to(journey: Journey, name: str) -> None:
    """Press Tab until the control of this name has the keyboard; a name may end in `…`."""
    start, passed = name.removesuffix("…"), list[str]()
    for _ in range(60):
        if focused() == name or (start != name and focused().startswith(start)):
            return
        passed.append(focused())
        await journey.press("Tab")
    raise AssertionError(f"Tab does not reach {name}, only {passed}")


async def push(journey: Journey, name: str) -> None:
    """Tab to a button and press it."""
    await tab_to(journey, name)
    await journey.press("Space")


def type_in(text: str) -> None:
    """Type where the keyboard is."""
    QTest.keyClicks(QApplication.focusWidget(), text)


async def type_over(journey: Journey, text: str) -> None:
    """Replace what stands in the field that has the keyboard."""
    await journey.press("Ctrl+A")
    type_in(text)


async def reads(journey: Journey, *wanted: str) -> None:
    """Wait until the screen says each of these."""
    for one in wanted:
        await journey.until(lambda one=one: one in screen.words(journey.window), f"“{one}”")


async def answered(journey: Journey, caller: str) -> str:
    """Let a caller ring, take the call and wait for the customer; return its id at the phone network."""
    call_ref = await journey.answer(caller)
    await journey.until(lambda: journey.session.customer is not None, "the customer")
    return call_ref


async def finish(journey: Journey) -> None:
    """Finish the call with what was filled in."""
    await journey.press("Ctrl+Return")
    await journey.until(lambda: journey.session.call is None, "the end of the call")


async def open_page(journey: Journey, name: str) -> None:
    """Go to a page by its name."""
    await journey.press("Ctrl+K")
    await journey.until(lambda: focused() == "Find or do anything", "the command box")
    type_in(name)
    await journey.press("Return")


async def is_booked(journey: Journey, payment: PaymentIntent) -> None:
    """Wait until the ledger has the invoices settled, and the customer record one note of the payment.

    Not until they are `paid`: an invoice that several payments have paid Tryton leaves to an accountant.
    """
    numbers = [part.number for part in payment.allocations]
    wanted = [["number", "in", numbers]]

    def booked() -> bool:
        rows = evidence.search(journey.world, "account.invoice", wanted, ["amount_to_pay"])
        nothing_left = [row["amount_to_pay"] for row in rows] == [Decimal()] * len(numbers)
        return nothing_left and len(evidence.notes(journey.world, payment.reference)) == 1

    await journey._hold(f"nothing left of {numbers}, and noted once", "Tryton", booked)

    def told() -> bool:
        owed = journey.session.payments[payment.intent_id].write_backs
        return bool(owed) and all(one.state is WriteBackState.DONE for one in owed)

    await journey.until(told, "the write-backs on the desk")


def beside(journey: Journey, call_ref: str, person: Person) -> Taking:
    """Return the payment that shows as its agent, signed in beside the desk, can ask for it."""
    shown = journey.session.payment
    assert shown is not None
    return Taking(Line(person, shown.call_id, call_ref), shown.intent_id)


async def paid_by_link(taking: Taking, card: str = "visa-approves") -> None:
    """Let the customer pay on the page that the link on their phone leads to."""

    def pay() -> str:
        return taking.pay_link(taking.texted_link(), card)

    assert await asyncio.to_thread(pay) == "paid"
