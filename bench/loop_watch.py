"""How late the Qt loop is while the desk works, what it was doing then, and whatever warns meanwhile."""

import logging
import math
import sys
import time
import warnings
from collections import Counter
from types import TracebackType
from typing import Any

from PySide6.QtCore import QMessageLogContext, Qt, QTimer, QtMsgType, qInstallMessageHandler

EACH_MS = 2
#: What the offscreen platform says of every window: it has no desktop to put it on.
_OF_THE_PLATFORM = "This plugin does not support"
_LEVELS = {QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO}


class Spread:
    """Durations in ms, to a tenth, in memory that does not grow with their number."""

    def __init__(self) -> None:
        self._tenths: Counter[int] = Counter()

    def add(self, ms: float) -> None:
        """Take one more."""
        self._tenths[max(0, round(ms * 10))] += 1

    def at(self, share: float) -> float:
        """Return the least duration that this share of them does not exceed; 0 where there is none."""
        left = math.ceil(self._tenths.total() * share)
        for tenths in sorted(self._tenths):
            left -= self._tenths[tenths]
            if left <= 0:
                return tenths / 10
        return 0.0

    def over(self, ms: float) -> int:
        """Return how many are longer."""
        return sum(count for tenths, count in self._tenths.items() if tenths > ms * 10)

    @property
    def count(self) -> int:
        """How many there are."""
        return self._tenths.total()


class LoopWatch:
    """A timer that should come each EACH_MS, and how much later it comes: `late`, by the clock.

    `busy` is the processor time of this thread between two ticks, which other programs do not lengthen;
    `steps` has the longest of that for each thing that was done.
    """

    def __init__(self) -> None:
        self.late, self.busy = Spread(), Spread()
        self.steps: dict[str, Spread] = {}
        self._doing, self._longest = "", 0.0
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._at, self._spent = 0.0, 0.0

    def start(self) -> None:
        """Watch from now on, forgetting what was."""
        self.late, self.busy, self.steps = Spread(), Spread(), {}
        self._doing, self._longest = "", 0.0
        self._at, self._spent = time.perf_counter(), time.thread_time()
        self._timer.start(EACH_MS)

    def stop(self) -> None:
        """Watch no more."""
        self._timer.stop()
        self.begin("")

    def begin(self, step: str) -> None:
        """Say what is done from now on."""
        if self._doing:
            self.steps.setdefault(self._doing, Spread()).add(self._longest)
        self._doing, self._longest = step, 0.0

    def _tick(self) -> None:
        at, spent = time.perf_counter(), time.thread_time()
        busy = (spent - self._spent) * 1000
        self.late.add(max(0.0, (at - self._at) * 1000 - EACH_MS))
        self.busy.add(busy)
        self._longest = max(self._longest, busy)
        self._at, self._spent = time.perf_counter(), time.thread_time()


class Warned(logging.Handler):
    """Every warning and error of this process: logged, Qt's, Python's, and what nobody caught."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def install(self) -> Any:
        """Listen from now on, after logging was set up; return what heard Qt's messages before."""
        logging.getLogger().addHandler(self)
        logging.captureWarnings(True)
        warnings.simplefilter("always")
        sys.excepthook = _hear_error
        sys.unraisablehook = lambda lost: _hear_error(lost.exc_type, lost.exc_value, lost.exc_traceback)
        return qInstallMessageHandler(_hear_qt)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.said.append(f"{record.name}: {record.getMessage()}")


def _hear_qt(kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
    if not text.startswith(_OF_THE_PLATFORM):
        logging.getLogger("qt").log(_LEVELS.get(kind, logging.WARNING), "%s", text)


def _hear_error(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    logging.getLogger("uncaught").error("%s", error, exc_info=error)
