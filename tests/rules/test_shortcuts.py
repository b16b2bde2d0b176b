"""Every key of the desk means one thing at a time: two that fire together would both do nothing."""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.rules.tree import SOURCE, modules

DESK = SOURCE / "desk"
#: Regions that are on screen whatever stands in the middle.
ALWAYS_THERE = ("desk/shell.py", "desk/screens/customer/", "desk/screens/call/")
NOT_SCREENS = ("desk/widgets/", "desk/component_sheet.py", "desk/keys.py")


@dataclass(frozen=True)
class Binding:
    """A key that fires: where, for which widget, which key, and what it does as written in the source."""

    path: str
    owner: str
    key: str
    does: str


def bindings(trees: dict[str, ast.Module]) -> list[Binding]:
    """Return every key registered with a handler, and every button's own key."""
    return [
        binding
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for binding in _binding(path, node)
    ]


def _binding(path: str, call: ast.Call) -> Iterator[Binding]:
    function = ast.unparse(call.func)
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    if function.endswith("keys.add"):
        owner, name, key, *handler = map(ast.unparse, call.args)
        does = handler[0] if handler else ast.unparse(named["handler"]) if "handler" in named else ""
        if does:
            yield Binding(path, owner, ast.literal_eval(key), f"{name} {does}")
    elif function in {"Button", "IconButton"} and "key" in named and "fires" not in named:
        key = named["key"]
        if isinstance(key, ast.Constant) and key.value:
            yield Binding(path, ast.unparse(call), key.value, ast.unparse(call))


def clashes(found: list[Binding]) -> list[str]:
    """Return the keys that could fire for two widgets that are on screen together."""
    everywhere = [one for one in found if any(part in one.path for part in ALWAYS_THERE)]
    twice = Counter(one.key for one in everywhere)
    clash = [
        f"{key}: twice among the regions that are always there" for key, count in twice.items() if count > 1
    ]
    middle = [one for one in found if one not in everywhere]
    clash += [
        f"{one.key}: {one.path} and a region that is always there" for one in middle if one.key in twice
    ]
    same = Counter((one.path, one.owner, one.key) for one in middle)
    return clash + [
        f"{key}: twice on {owner} in {path}" for (path, owner, key), count in same.items() if count > 1
    ]


def _ours() -> list[Binding]:
    screens = {
        path: tree for path, tree in modules(DESK).items() if not any(part in path for part in NOT_SCREENS)
    }
    return bindings(screens)


def test_no_key_means_two_things_at_once() -> None:
    assert clashes(_ours()) == []


def test_every_key_is_one_that_qt_knows() -> None:
    from PySide6.QtCore import Qt

    from agentdesk.desk.widgets.key_cap import key_sequence

    found = _ours()
    assert len(found) >= 5
    for binding in found:
        sequence = key_sequence(binding.key)
        assert sequence.count() == 1, binding
        assert sequence[0].key() != Qt.Key.Key_unknown, binding


def test_escape_never_cancels_money() -> None:
    assert [one for one in _ours() if one.key == "Esc" and "cancel" in one.does.lower()] == []


@pytest.mark.parametrize(
    "sources",
    [
        {"desk/shell.py": "self.keys.add(self, 'Find', 'F6', f)\nself.keys.add(self.b, 'Next', 'F6', g)"},
        {
            "desk/shell.py": "self.keys.add(self, 'Find', 'F6', f)",
            "desk/screens/waiting/view.py": "Button('x', key='F6')",
        },
        {"desk/screens/waiting/view.py": "keys.add(self, 'Send', 'F7', f)\nkeys.add(self, 'Link', 'F7', g)"},
    ],
    ids=["always there", "middle and always there", "same widget"],
)
def test_the_rule_sees_a_clash(sources: dict[str, str]) -> None:
    assert len(clashes(bindings({path: ast.parse(text) for path, text in sources.items()}))) == 1


def test_a_key_that_is_only_shown_does_not_clash() -> None:
    shown = "Button('Finish', key='F4', fires=False)\nkeys.add(self, 'Enter', 'F4')"
    source = f"keys.add(self, 'Finish', 'F4', f)\n{shown}"
    assert clashes(bindings({"desk/screens/wrap_up/view.py": ast.parse(source)})) == []
