"""Many changes make one show: what one step of a task changes shows once, when the step is over."""

from collections.abc import Callable
from types import TracebackType
from weakref import WeakMethod

from PySide6.QtCore import QObject
from shiboken6 import isValid


class Show(QObject):
    """Shows its owner as it is now: at once, or once at the end where changes belong together."""

    def __init__(self, show: Callable[[], object], owner: QObject) -> None:
        super().__init__(owner)
        self._show = WeakMethod(show)  # the owner holds this

    def ask(self) -> None:
        """Show what may have changed."""
        together.ask(self)

    def run(self) -> None:
        """Show, if there is still something to show it."""
        if isValid(self) and (show := self._show()) is not None:
            show()


class _Together:
    """Lets everything that changes in its block show once, when the outermost block ends."""

    def __init__(self) -> None:
        self._depth = 0
        self._due: list[Show] = []

    def ask(self, show: Show) -> None:
        if not self._depth:
            show.run()
        elif show not in self._due:
            self._due.append(show)

    def __enter__(self) -> None:
        self._depth += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            while self._depth == 1 and self._due:
                self._due.pop(0).run()
        finally:
            self._depth -= 1


together = _Together()
