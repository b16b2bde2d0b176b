"""Callers who key by themselves: a whole field from a card, or every field as it is asked."""

import asyncio

from agentdesk.sandbox import cards
from agentdesk.sandbox.calls import Autopilot, Call
from agentdesk.sandbox.clock import Clock
from agentdesk.sandbox.pay_fields import CODE, EXPIRY, NUMBER, POSTCODE
from agentdesk.sandbox.tasks import Tasks
from agentdesk.sandbox.telephony import Telephony, WrongState

POSTCODE_DIGITS = "1234"
PAUSE_BEFORE_KEYING_S = 0.15
HANGS_UP_AFTER_S = 1.0


class ScriptedCaller:
    """Keys for callers, with a gap between the keys."""

    def __init__(self, telephony: Telephony, clock: Clock, tasks: Tasks) -> None:
        self._telephony = telephony
        self._clock = clock
        self._tasks = tasks

    def asked(self, call: Call) -> None:
        """Hear that a field is asked; a caller on autopilot begins to key it."""
        if call.autopilot:
            self._tasks.start(self._obey(call, call.autopilot))

    def autopilot(self, call: Call, pilot: Autopilot) -> None:
        """Put cards in the caller's hand and let them key whatever is asked, now and later."""
        call.autopilot = pilot
        if call.secured:
            self.asked(call)

    def gave_card(self, call: Call) -> None:
        """Hear that the card in hand went to the bank; the next one is taken, or the line goes dead."""
        if call.autopilot:
            call.autopilot.next_card()
            if call.autopilot.hangs_up == "charging":
                self._tasks.start(self._hang_up_soon(call))

    async def key_field(
        self, call: Call, card: cards.TestCard, field: str, gap_ms: int, *, slip: str = ""
    ) -> None:
        """Key what the card says for a field ("auto": the one asked now); end it with # where needed."""
        asked = call.session.asked if call.session else ""
        field = asked if field == "auto" else field
        if not field:
            raise WrongState("no card field is asked now")
        await self.keys(call, slipped(_digits(card, field), slip), gap_ms)

    async def keys(self, call: Call, digits: str, gap_ms: int) -> None:
        """Press keys one after the other; stop when the field they began in is no longer asked."""
        began_at = call.session.asked_at if call.session else None
        for place, key in enumerate(digits):
            if place:
                await asyncio.sleep(gap_ms / 1000)
            await self._telephony.until_not_quiet(call)
            if began_at and (not call.session or call.session.asked_at != began_at):
                return
            self._telephony.key(call, key)

    async def _obey(self, call: Call, pilot: Autopilot) -> None:
        began_at = call.session.asked_at if call.session else None
        await self._clock.sleep(PAUSE_BEFORE_KEYING_S)
        await self._telephony.until_not_quiet(call)
        still_asked = call.session and call.session.asked and call.session.asked_at == began_at
        if still_asked and call.autopilot is pilot and call.caller.status == "in-progress":
            await self._key_as(call, pilot)

    async def _key_as(self, call: Call, pilot: Autopilot) -> None:
        number = call.session is not None and call.session.asked == NUMBER
        leaves = number and pilot.hangs_up == "keying"
        slip = "half" if leaves else pilot.slips.pop(0) if number and pilot.slips else ""
        await self.key_field(call, cards.by_name(pilot.card), "auto", pilot.gap_ms, slip=slip)
        if leaves:
            self._telephony.hang_up(call)

    async def _hang_up_soon(self, call: Call) -> None:
        await self._clock.sleep(HANGS_UP_AFTER_S)
        self._telephony.hang_up(call)


def slipped(digits: str, slip: str) -> str:
    """Return what arrives of the digits of a field where something goes wrong; # says that it is over."""
    wrong = str((int(digits[-1]) + 1) % 10) if digits[-1].isdigit() else digits[-1]
    return {
        "wrong": digits[:-1] + wrong,
        "lost": digits[:-1] + "#",
        "extra": digits + digits[-1] + "#",
        "half": digits[: len(digits) // 2],
        "nothing": "",
    }.get(slip, digits)


def _digits(card: cards.TestCard, field: str) -> str:
    return {NUMBER: card.number, EXPIRY: card.expiry, CODE: card.cvc, POSTCODE: POSTCODE_DIGITS + "#"}[field]
