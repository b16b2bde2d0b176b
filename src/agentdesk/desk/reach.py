"""What can be pressed on the screen now, by its words: what the command box finds beside the keys."""

from collections.abc import Iterator
from functools import partial

from PySide6.QtWidgets import QAbstractButton, QScrollArea, QWidget

from agentdesk.desk.keys import Key
from agentdesk.desk.screens.command_box.view_model import HERE, Action
from agentdesk.desk.widgets.button import Button
from agentdesk.desk.widgets.drawer import scrims
from agentdesk.desk.widgets.focus import showing
from agentdesk.desk.widgets.overlay import Overlay


def by_key(keys: list[Key]) -> list[Action]:
    """Return what has a key, once where two do the same, the minor ones last; one that is off says why."""
    found: dict[str, Action] = {}
    for key in sorted(keys, key=lambda key: key.minor):
        if key.handler and (key.on or key.why_off):
            one = Action(key.name, key.run, key=key.key, why_off=key.why_off, icon=key.icon)
            found.setdefault(key.name, one)
    return list(found.values())


def by_words(page: QWidget, keyed: list[Action]) -> list[Action]:
    """Return what shows on a page, or in what floats over it, and has no key of its own."""
    known = {one.key for one in keyed} | {one.title for one in keyed}
    return [_action(page, press) for press in _presses(page) if not known & {_key(press), _name(press)}]


def _action(page: QWidget, press: QAbstractButton) -> Action:
    name, where = _name(press), _where(press)
    why = "" if press.isEnabled() else press.accessibleDescription() or press.toolTip()
    return Action(name, partial(_press, page, name, where), HERE, why_off=why, icon="cursor", detail=where)


def _press(page: QWidget, name: str, where: str) -> None:
    """Press what has these words by now: a screen makes its parts again all the time."""
    for press in _presses(page):
        if (_name(press), _where(press)) == (name, where):
            press.click()
            return


def _presses(page: QWidget) -> Iterator[QAbstractButton]:
    over = [one for one in scrims(page.window()) if not one.findChild(Overlay)]
    for part in showing(over[-1] if over else page):
        if isinstance(part, QAbstractButton) and _name(part):
            yield part


def _name(press: QAbstractButton) -> str:
    return press.accessibleName()


def _key(press: QAbstractButton) -> str:
    """Return the key it shows; a chip and a line to tick off say theirs as what is told of them."""
    return (press.key() if isinstance(press, Button) else "") or press.accessibleDescription()


def _where(press: QAbstractButton) -> str:
    """Return the name of what holds it."""
    holder = press.parentWidget()
    while holder is not None and (isinstance(holder, QScrollArea) or not holder.accessibleName()):
        holder = holder.parentWidget()
    return holder.accessibleName() if holder else ""
