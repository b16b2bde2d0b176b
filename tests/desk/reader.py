"""A screen reader's part: signs in and answers a call through AT-SPI alone, and prints what it was told.

Run by the system's own Python, which has the client library; prints one line of JSON.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402 the version is chosen first

_WITHIN_S = 60.0
_LOOK_EACH_MS = 100
_KINDS = ("object:state-changed:focused", "object:announcement")

heard: list[dict[str, Any]] = []


def main() -> None:
    """Walk through the screens and print them with the events that came."""
    screens: dict[str, list[dict[str, Any]]] = {}
    steps, until = _steps(screens), time.monotonic() + _WITHIN_S

    def go_on() -> bool:
        try:
            next(steps)
        except StopIteration:
            Atspi.event_quit()
            return False
        if time.monotonic() > until:
            print(f"still waiting; on screen: {_screen()}", file=sys.stderr)
            Atspi.event_quit()
            return False
        return True

    GLib.timeout_add(_LOOK_EACH_MS, go_on)
    Atspi.event_main()
    print(json.dumps({"screens": screens, "heard": heard}))


def _steps(screens: dict[str, list[dict[str, Any]]]) -> Iterator[None]:
    yield from _until(lambda: _find("push button", "Sign in"))
    listener = Atspi.EventListener.new(_hear)  # not before: Qt misses who comes while its bridge starts
    for kind in _KINDS:
        listener.register(kind)
    yield from _keep(screens, "sign in")
    password, user = _find("password text", "Password"), _find("text", "User name")
    while not heard:  # the desk learns a moment later that somebody listens
        password.get_component_iface().grab_focus()
        user.get_component_iface().grab_focus()
        yield
    for field, text in ((password, "a sample"), (user, "priya.nair")):
        field.get_component_iface().grab_focus()
        yield from _until(lambda field=field: heard[-1].get("name") == field.get_name())
        field.get_editable_text_iface().set_text_contents(text)
    _press("Sign in")
    yield from _until(lambda: _find("push button", "Answer"))
    yield from _keep(screens, "waiting")
    _press("Answer")
    yield from _until(lambda: any(one["kind"] == "announcement" and "Amara" in one["text"] for one in heard))
    yield from _until(lambda: _find("push button", "Take £123.36"))
    yield from _keep(screens, "call")


def _keep(screens: dict[str, list[dict[str, Any]]], name: str) -> Iterator[None]:
    while not (screen := _screen()):
        yield
    screens[name] = screen


def _until(true: Callable[[], object]) -> Iterator[None]:
    while not true():
        yield


def _press(name: str) -> None:
    _find("push button", name).get_action_iface().do_action(0)


def _hear(event: Any) -> None:
    if event.type.startswith("object:announcement"):
        heard.append({"kind": "announcement", "text": str(event.any_data)})
    elif event.detail1:
        with suppress(GLib.Error):  # it has gone again
            source = event.source
            heard.append({"kind": "focus", "name": source.get_name(), "role": source.get_role_name()})


def _find(role: str, name: str) -> Any:
    """Return the part of the desk that shows under this role and name, if there is one."""
    with suppress(GLib.Error):  # a part went while it was asked: the next look is whole
        return next((one for one in _parts() if (one.get_role_name(), one.get_name()) == (role, name)), None)
    return None


def _screen() -> list[dict[str, Any]]:
    """Return what shows and has a name; nothing where a part went while it was asked."""
    with suppress(GLib.Error):
        return [
            {
                "role": part.get_role_name(),
                "name": part.get_name(),
                "description": part.get_description(),
                "off": not part.get_state_set().contains(Atspi.StateType.ENABLED),
            }
            for part in _parts()
            if part.get_name()
        ]
    return []


def _parts() -> Iterator[Any]:
    desktop = Atspi.get_desktop(0)
    for i in range(desktop.get_child_count()):
        program = desktop.get_child_at_index(i)
        if program is not None and program.get_name() == "Agent Desk":
            yield from _showing(program)


def _showing(part: Any) -> Iterator[Any]:
    for i in range(part.get_child_count()):
        child = part.get_child_at_index(i)
        if child is not None and child.get_state_set().contains(Atspi.StateType.SHOWING):
            yield child
            yield from _showing(child)


if __name__ == "__main__":
    main()
