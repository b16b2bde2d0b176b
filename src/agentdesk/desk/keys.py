"""Every key of the desk in one list: what fires, what is shown as `Keys now`, what F1 explains."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from agentdesk.desk.widgets.key_cap import key_sequence

#: Of the keys that mean one thing on every screen.
_ICONS = {
    "Ctrl Enter": "check",
    "Ctrl F": "magnifying-glass",
    "Enter": "phone-call",
    "F1": "info",
    "F12": "user",
    "F4": "lock-key",
    "F6": "arrow-right",
    "F7": "link-simple",
    "F8": "dots-nine",
    "F9": "arrow-counter-clockwise",
    "F10": "paper-plane-tilt",
    "Shift F6": "arrow-left",
}


class Key(QObject):
    """One key: works while its owner is visible and it is on."""

    changed = Signal()

    def __init__(
        self,
        owner: QWidget,
        name: str,
        key: str,
        handler: Callable[[], object] | None,
        minor: bool,
        takes: bool,
    ) -> None:
        super().__init__(owner)
        self.owner, self.name, self.key = owner, name, key
        self.handler = handler
        self.on, self.why_off, self.listed = True, "", True
        self.minor = minor
        """Whether only F1 lists it, not the short list `Keys now`."""
        self.action: QAction | None = None
        if handler is not None and takes:
            self.action = QAction(name, self)
            self.action.setShortcut(key_sequence(key))
            self.action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            self.action.setAutoRepeat(False)  # a key held too long does not press what comes next
            self.action.triggered.connect(handler)
            owner.addAction(self.action)

    def set_on(self, name: str | None = None) -> None:
        """Let the key work, under another name where its meaning has changed."""
        self._set(name or self.name, True, "", True)

    def set_off(self, why: str, name: str | None = None) -> None:
        """Let the key do nothing, and say why."""
        self._set(name or self.name, False, why, True)

    def set_on_unless(self, why: str, name: str | None = None) -> None:
        """Let the key work, or say why it does not."""
        self._set(name or self.name, not why, why, True)

    def hide(self) -> None:
        """Let the key do nothing and take it out of the lists: it has no meaning now."""
        self._set(self.name, False, "", False)

    @property
    def icon(self) -> str:
        """What stands beside its name in a list."""
        return _ICONS.get(self.key, "keyboard")

    def run(self) -> None:
        """Do what the key does, if it still can be done: found by its name, not pressed."""
        if self.handler is not None and self.on and self.owner.isVisible():
            self.handler()

    def _set(self, name: str, on: bool, why: str, listed: bool) -> None:
        if (name, on, why, listed) == (self.name, self.on, self.why_off, self.listed):
            return
        self.name, self.on, self.why_off, self.listed = name, on, why, listed
        if self.action is not None:
            self.action.setEnabled(on)
        self.changed.emit()


class Keys(QObject):
    """All keys, in the order of the lists."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._all: list[Key] = []

    def add(
        self,
        owner: QWidget,
        name: str,
        key: str,
        handler: Callable[[], object] | None = None,
        *,
        minor: bool = False,
        takes: bool = True,
    ) -> Key:
        """Register a key that works while `owner` is visible.

        Write keys as people read them: `F4`, `Ctrl Enter`. Without `takes` the focused part takes the key by
        itself, and the handler is for who finds the action by its name; without a handler it is only listed.
        """
        one = Key(owner, name, key, handler, minor, takes)
        one.changed.connect(self.changed)
        one.destroyed.connect(lambda: self._all.remove(one))
        self._all.append(one)
        return one

    def press(self, key: str) -> None:
        """Do what a key stands for that the focused part would take, and that has come to none."""
        for one in self.now():
            if one.key == key and one.action is None:
                one.run()

    def now(self) -> list[Key]:
        """Return the keys that mean something on what is visible now; those that are off say why."""
        return [key for key in self._all if key.listed and key.owner.isVisible()]
