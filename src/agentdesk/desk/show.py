"""Many changes make one show: what one step of a task changes shows once, when the step is over."""

from collections.abc import Callable
from types import TracebackType
from weakref import WeakMethod

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid


class Show(QObject):
    """Shows its owner as it is now: at once, or once at the end where changes belong together.

    With `only_seen` an owner that is hidden is left as it is; it calls `run` when it appears.
    """

    def __init__(self, show: Callable[[], object], owner: QObject, *, only_seen: bool = False) -> None:
        super().__init__(owner)
        self._show = WeakMethod(show)  # the owner holds this
        self._only_seen, self._is_due = only_seen, False

    def ask(self) -> None:
        """Show what may have changed."""
        self._is_due = True
        together.ask(self)

    def run(self) -> None:
        """Show what was asked for, if there is still something to show it."""
        if self._is_due and isValid(self) and not self._is_unseen() and (show := self._show()) is not None:
            self._is_due = False
            show()

    def _is_unseen(self) -> bool:
        owner = self.parent()
        return self._only_seen and isinstance(owner, QWidget) and not owner.isVisible()


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
