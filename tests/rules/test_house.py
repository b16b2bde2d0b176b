"""House style that a machine can judge: sizes, names, words, and what the desk may not call."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.rules.tree import ROOT, SOURCE, files, modules, name, texts

LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 40
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "service", "services", "misc"}
UNFINISHED = re.compile(r"\b(?:T[O]DO|F[I]XME|X[X]X|H[A]CK)\b|Not[I]mplementedError")
BLOCKS_QT = re.compile(r"\.exec\(|asyncSlot|asyncClose|processEvents|QThread\b|time\.sleep")
SLEEPS = re.compile(r"\b(?:time|asyncio|anyio)\.sleep\((?!0\))|qtbot\.wait\(")  # sleep(0) lets others run
MAY_SLEEP = {"tests/until.py", "tests/desk/staging.py"}  # polls up to a deadline; poses for pictures
HTTPX = {"src/agentdesk/adapters/http.py", "src/agentdesk/desk/hub_http.py"}
#: Names of package registries, and folders of one particular machine; written so as not to find themselves.
NOT_HERE = re.compile(r"p[y]pi|python[h]osted|n[p]mjs|deb[.]debian|/r[o]ot/|/w[o]rk/|/h[o]me/", re.IGNORECASE)

CODE = [path for path in files() if path.suffix == ".py"]


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function's body; docstring, arguments and functions inside it do not count."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    inner = sum(_lines(node) for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return sum(map(_lines, body)) - inner


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_files_are_short() -> None:
    long = {
        name(path): lines for path in CODE if (lines := len(path.read_text().splitlines())) > LINES_OF_A_FILE
    }
    assert long == {}


def test_the_changes_of_the_database_stand_in_one_line() -> None:
    folder = SOURCE / "hub" / "db" / "migrations" / "versions"
    said = "\n".join(path.read_text() for path in folder.glob("[0-9]*.py"))
    for each in (r'^revision = "(\d+)"', r'^down_revision = "(\d+)"'):
        numbers = re.findall(each, said, re.MULTILINE)
        assert len(numbers) == len(set(numbers)), "two follow the same one: renumber the newer"


def test_functions_are_short() -> None:
    long = {
        f"{path}:{function.lineno} {function.name}": _length(function)
        for path, tree in modules(ROOT).items()
        for function in _functions(tree)
        if _length(function) > LINES_OF_A_FUNCTION and "/migrations/versions/" not in path  # lists of columns
    }
    assert long == {}


def test_modules_are_named_for_what_they_do() -> None:
    assert [name(path) for path in CODE if VAGUE & {*path.relative_to(ROOT).parts, path.stem}] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [path for path, tree in modules(ROOT).items() if not ast.get_docstring(tree)]
    assert [path for path in silent if not (path.startswith("tests/") and path.endswith("__init__.py"))] == []


def test_nothing_is_left_unfinished() -> None:
    assert _lines_with(UNFINISHED, texts()) == []


def test_the_desk_never_blocks_qt_or_runs_a_slot_twice() -> None:
    desk = {path: text for path, text in texts().items() if path.startswith("src/agentdesk/desk/")}
    assert _lines_with(BLOCKS_QT, desk) == []


def test_tests_wait_for_something_and_never_sleep() -> None:
    tests = {
        path: text for path, text in texts().items() if path.startswith("tests/") and path not in MAY_SLEEP
    }
    assert _lines_with(SLEEPS, tests) == []


def test_httpx_is_imported_in_two_files() -> None:
    users = {path for path, tree in modules(SOURCE).items() if "httpx" in _imports(tree)}
    assert {path for path in users if "/sandbox/" not in path} <= HTTPX


def test_no_file_names_a_package_registry_or_a_folder_of_one_machine() -> None:
    assert _lines_with(NOT_HERE, texts()) == []


@pytest.mark.parametrize("line", ["dialog.exec()", "@asyncSlot()", "app.processEvents()"])
def test_the_rule_sees_what_blocks_qt(line: str) -> None:
    assert _lines_with(BLOCKS_QT, {"planted": f"\n{line}"}) == [f"planted:2: {line}"]


def test_the_rule_sees_a_long_function() -> None:
    planted = "def long():\n    'Say.'\n" + "    x = 1\n" * 41
    assert [_length(function) for function in _functions(ast.parse(planted))] == [41]


def _imports(tree: ast.Module) -> set[str]:
    nodes = list(ast.walk(tree))
    plain = {
        alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names
    }
    return plain | {(node.module or "").split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}


def _lines_with(pattern: re.Pattern[str], read: dict[str, str]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()}"
        for path, text in read.items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
