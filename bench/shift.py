"""python -m bench.shift: a shift at the real window by real keys; facts about it as one JSON line."""

import argparse
import asyncio
import gc
import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import psutil
import qasync
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from tests.desk import samples
from tests.desk.payment_stages import declined_attempt

from agentdesk import log
from agentdesk.desk.collecting import collect_on_qt, leave_screens_out
from agentdesk.desk.command import Tasks
from agentdesk.desk.hub_client import HubClient
from agentdesk.desk.screens.payment.place import Place
from agentdesk.desk.screens.payment.view import PaymentView
from agentdesk.desk.session import Session
from agentdesk.desk.settings import Settings
from agentdesk.desk.theme import theme
from agentdesk.desk.times import Clock
from agentdesk.desk.widgets.button import Chip
from agentdesk.desk.widgets.focus import follow_focus
from agentdesk.desk.widgets.invoice_table import InvoiceTable
from agentdesk.desk.window import Window
from agentdesk.domain.capture import CardField
from agentdesk.domain.write_back import WriteBackKind, WriteBackState
from agentdesk.wire.people import SignIn
from bench.loop_watch import LoopWatch, Warned
from bench.shift_hub import LENGTHS, ShiftHub

_WITHIN_S = 20.0
_TABS_MOST = 60
_MB = 2**20


@dataclass
class Shift:
    """Plays one call after another; each step waits until the desk shows what it should.

    `pace_s` passes after each: a person is slower, but what a step started has been drawn by then.
    """

    window: Window
    hub: ShiftHub
    watch: LoopWatch
    pace_s: float
    keys: int = 0
    turns: dict[int, str] = field(
        default_factory=lambda: {2: "choose", 4: "declined", 6: "unknown", 8: "hung up", 9: "unknown"}
    )

    async def sign_in(self) -> None:
        """Be signed in as an agent, in a window that has the keyboard."""
        self.window.show()
        await self._activate()
        await self.window.session.sign_in(SignIn(username="priya.nair", password="only-a-sample"))
        await self._until(lambda: self.window.session.day is not None)

    async def take(self, turn: int) -> None:
        """Take one call with its payment, from the ring to the end of the wrap-up."""
        kind = self.turns.get(turn % 10, "approved")
        await self._answer()
        if kind == "choose":
            await self._choose_more()
        await self._charge()
        if kind == "declined":
            await self._hear("declined", declined_attempt(), Place.DECLINED)
            await self._charge()
        if kind in ("unknown", "hung up"):
            await self._hear("unknown", samples.unknown(), Place.CHECKING)
        if kind == "hung up":
            await self._finish_while_checking()
        else:
            await self._hear("approved", samples.approved(), Place.APPROVED)
            await self._write_back()
            await self._press("finish", Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await self._until(lambda: self.window.session.call is None)

    async def _answer(self) -> None:
        session = self.window.session
        await self._tell("ring", self.hub.ring, lambda: session.ringing)
        await self._press("answer", Qt.Key.Key_Return)
        await self._until(lambda: self._place is Place.CHOOSE and not session.load_customer.is_running)

    async def _choose_more(self) -> None:
        table = self._view.findChild(InvoiceTable)
        assert table is not None, "there is something to pay"
        await self._tab(lambda at: table.isAncestorOf(at) and not at.isChecked())
        await self._press("choose", Qt.Key.Key_Space)

    async def _charge(self) -> None:
        started = self.hub.tries
        await self._press("take", Qt.Key.Key_F4)
        await self._until(lambda: self.hub.tries > started and self._place is Place.SECURING)
        await self._tell("secured", self.hub.secure, lambda: self._place is Place.CAPTURE)
        for card_field, length in LENGTHS.items():
            await self._press("ask", Qt.Key.Key_F8)
            await self._until(lambda: self._model.live_field and not self._model.field_command.is_running)
            for digit in range(1, length + 1):
                await self._key(card_field, digit)
        await self._press("submit", Qt.Key.Key_F10)
        await self._until(lambda: self._place is Place.SENDING and not self._model.submit_command.is_running)

    async def _key(self, card_field: CardField, digit: int) -> None:
        last = digit == LENGTHS[card_field]
        await self._tell("field in" if last else "digit", lambda: self.hub.key(card_field, digit))

    async def _hear(self, what: str, attempt: Any, place: Place) -> None:
        await self._tell(what, lambda: self.hub.end(attempt), lambda: self._place is place)

    async def _write_back(self) -> None:
        done, queued = WriteBackState.DONE, WriteBackState.QUEUED
        for count in range(len(WriteBackKind) + 1):
            states = [done if i < count else queued for i in range(len(WriteBackKind))]
            backs = [samples.write_back(*one) for one in zip(WriteBackKind, states, strict=True)]
            await self._tell("write-back", partial(self.hub.write, *backs))
        await self._tell("account read again", self.hub.renew_customer)

    async def _finish_while_checking(self) -> None:
        session = self.window.session
        await self._tell("hung up", self.hub.hang_up_caller, lambda: not self._model.session.line_is_open)
        await self._tab(lambda at: isinstance(at, Chip) and at.text() == "Query")
        await self._press("reason", Qt.Key.Key_Space)
        await self._press("finish", Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        await self._until(lambda: session.call is None)

    @property
    def _view(self) -> PaymentView:
        assert self.window.shell is not None, "somebody is signed in"
        view = self.window.shell.centre["payment"]
        assert isinstance(view, PaymentView)
        return view

    @property
    def _model(self) -> Any:
        return self._view._model

    @property
    def _place(self) -> Place:
        place: Place = self._model.place
        return place

    async def _activate(self) -> None:
        while not self.window.isActiveWindow():
            self.window.activateWindow()
            await asyncio.sleep(self.pace_s)

    async def _tab(self, found: Callable[[Any], bool]) -> None:
        for _ in range(_TABS_MOST):
            if found(self.window.focusWidget()):
                return
            await self._press("tab", Qt.Key.Key_Tab)
        raise RuntimeError("Tab does not get there")

    async def _press(
        self, step: str, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        self.watch.begin(step)
        self.keys += 1
        QTest.keyClick(self.window.focusWidget() or self.window, key, modifier)
        await asyncio.sleep(self.pace_s)

    async def _tell(
        self, step: str, tell: Callable[[], None], shown: Callable[[], object] = lambda: True
    ) -> None:
        self.watch.begin(step)
        tell()
        await asyncio.sleep(self.pace_s)
        await self._until(shown)

    async def _until(self, shown: Callable[[], object]) -> None:
        deadline = time.monotonic() + _WITHIN_S
        while not shown():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not seen within {_WITHIN_S:.0f} s; the region shows {self._place}")
            await asyncio.sleep(self.pace_s)


async def play(app: QApplication, options: argparse.Namespace, folder: str) -> dict[str, Any]:
    """Play the shift; return what was seen."""
    theme.start(app, "light")
    follower = follow_focus(app)  # lives as long as this coroutine
    tasks, hub, watch, warned = Tasks(), ShiftHub(), LoopWatch(), Warned()
    warned.install()
    store = QSettings(f"{folder}/desk.ini", QSettings.Format.IniFormat)
    window = Window(Session(cast("HubClient", hub), tasks, Clock()), Settings(store))
    leave_screens_out(window.session)
    shift = Shift(window, hub, watch, options.pace_ms / 1000)
    await shift.sign_in()
    memory = []
    for turn in range(options.payments):
        if turn == options.first:
            memory.append(_memory())
            watch.start()
        await shift.take(turn)
    watch.stop()
    memory.append(_memory())
    await tasks.cancel_all()
    window.close()
    del follower
    return _facts(shift, memory, warned)


def _facts(shift: Shift, memory: list[float], warned: Warned) -> dict[str, Any]:
    watch = shift.watch
    return {
        "memory_mb": memory,
        "late_ms": {share: watch.late.at(share) for share in (0.5, 0.99, 0.999, 1.0)},
        "busy_ms": {share: watch.busy.at(share) for share in (0.99, 0.999, 1.0)},
        "ticks": watch.late.count,
        "over": watch.late.over(16),
        "steps": {
            name: {"count": one.count, "median": one.at(0.5), "longest": one.at(1.0), "over": one.over(16)}
            for name, one in watch.steps.items()
        },
        "keys": shift.keys,
        "warned": warned.said,
    }


def _memory() -> float:
    gc.collect()  # the desk does so each second by itself
    held: int = psutil.Process().memory_info().rss
    return held / _MB


def arguments() -> argparse.ArgumentParser:
    """Return what can be chosen."""
    parser = argparse.ArgumentParser(prog="python -m bench.shift", description=__doc__)
    parser.add_argument("--payments", type=int, default=200, help="calls with a payment")
    parser.add_argument("--first", type=int, default=20, help="after so many the memory is first looked at")
    parser.add_argument("--pace-ms", type=float, default=10, help="between two steps")
    return parser


def main() -> None:
    """Be the program."""
    os.environ["QT_QPA_PLATFORM"], os.environ["TZ"] = "offscreen", "UTC"
    time.tzset()
    log.setup(json=False, level="WARNING")
    options = arguments().parse_args()
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    collector = collect_on_qt(app)
    with tempfile.TemporaryDirectory() as folder, qasync.QEventLoop(app) as loop:
        asyncio.set_event_loop(loop)
        facts = loop.run_until_complete(play(app, options, folder))
    collector.stop()
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
