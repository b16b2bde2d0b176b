"""Asynchronous actions of the desk: tasks that are never lost, and one action at a time behind a button."""

import asyncio
import sys
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from agentdesk.desk.show import together
from agentdesk.domain.errors import AgentDeskError
from agentdesk.i18n import _


class Tasks:
    """Holds every running task: asyncio keeps weak references only.

    What a task raises goes to sys.excepthook, as it does for a plain slot.
    """

    def __init__(self) -> None:
        self._live: set[asyncio.Task[Any]] = set()

    def start(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run the coroutine on the loop that runs now."""
        task = asyncio.get_running_loop().create_task(_in_steps(coroutine))
        self._live.add(task)
        task.add_done_callback(self._done)
        task.add_done_callback(lambda _: coroutine.close())  # it may have been cancelled before it began
        return task

    async def cancel_all(self) -> None:
        """Cancel what runs and wait until it has ended."""
        live = list(self._live)
        for task in live:
            task.cancel()
        await asyncio.gather(*live, return_exceptions=True)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._live.discard(task)
        if not task.cancelled() and (error := task.exception()):
            sys.excepthook(type(error), error, error.__traceback__)


async def _in_steps(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return await _Steps(coroutine)


class _Steps:
    """Runs a coroutine so that what each of its steps changes shows once."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, Any, Any]:
        step, value = self._coroutine.send, None
        while True:
            with together:
                try:
                    waits_for = step(value)
                except StopIteration as end:
                    return end.value
            try:
                step, value = self._coroutine.send, (yield waits_for)
            except BaseException as error:
                step, value = self._coroutine.throw, error


class _Flight:
    # a plain object: when owner and command are collected together, Qt finds a command without its methods
    def __init__(self) -> None:
        self.task: asyncio.Task[Any] | None = None

    def cancel(self) -> None:
        if self.task is not None:
            self.task.cancel()


class Command(QObject):
    """One asynchronous action: single flight, cancelled when its owner is destroyed.

    After `start`: `running(True)`, then `done(result)` or `failed(AgentDeskError)`, then `running(False)`.
    """

    running = Signal(bool)
    done = Signal(object)
    failed = Signal(object)

    def __init__(self, tasks: Tasks, action: Callable[..., Awaitable[Any]], owner: QObject) -> None:
        super().__init__(owner)
        self._tasks, self._action = tasks, action
        self._flight = _Flight()
        owner.destroyed.connect(self._flight.cancel)

    @property
    def is_running(self) -> bool:
        """Whether an answer is being waited for."""
        return self._flight.task is not None

    def start(self, *args: Any) -> bool:
        """Begin, unless it runs already; say whether it began."""
        if self._flight.task is not None:
            return False
        self._flight.task = self._tasks.start(self._run(*args))
        self.running.emit(True)
        return True

    def restart(self, *args: Any) -> None:
        """Begin again with the newest wish; the answer to the one before is dropped."""
        self.cancel()
        self._flight.task = None
        self.start(*args)

    def cancel(self) -> None:
        """Stop waiting for the answer; nothing is emitted for it any more but `running(False)`."""
        self._flight.cancel()

    async def _run(self, *args: Any) -> None:
        try:
            outcome, signal = await self._action(*args), self.done
        except AgentDeskError as error:
            outcome, signal = error, self.failed
        except Exception as error:
            incident = uuid.uuid4().hex[:8]
            error.add_note(_("incident {incident}").format(incident=incident))
            self._end(AgentDeskError("internal", incident=incident), self.failed)
            raise
        except asyncio.CancelledError:
            self._end(None, None)
            raise
        self._end(outcome, signal)

    def _end(self, outcome: object, signal: Any) -> None:
        if self._flight.task is not asyncio.current_task():
            return  # started over
        self._flight.task = None
        if not isValid(self):
            return
        if signal is not None:
            signal.emit(outcome)
        if isValid(self):
            self.running.emit(False)
