"""Every error raised has words for people, and is given what its words need."""

import ast
import string
from collections.abc import Iterator

import pytest

from agentdesk.domain import errors
from agentdesk.domain.error_words import TEXT
from tests.rules.tree import modules

RAISABLE = {
    kind.__name__
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.AgentDeskError)
}


def _raised() -> Iterator[tuple[str, str, set[str] | None]]:
    """Yield place, code and names of the parameters (None: passed as a mapping) of each error made."""
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _called(node) in RAISABLE and node.args:
                code = node.args[0]
                if isinstance(code, ast.Constant):
                    names = {keyword.arg for keyword in node.keywords}
                    yield f"{path}:{node.lineno}", str(code.value), None if None in names else names  # type: ignore[arg-type]


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _needs(code: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(TEXT[code]) if field}


def test_every_error_raised_has_text() -> None:
    raised = list(_raised())
    assert [f"{place}: {code}" for place, code, _ in raised if code not in TEXT] == []


def test_every_text_is_said_somewhere() -> None:
    elsewhere = [tree for path, tree in modules().items() if path != "src/agentdesk/domain/error_words.py"]
    said = {
        node.value
        for tree in elsewhere
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(TEXT) - said == set()


def test_every_error_raised_is_given_what_its_text_needs() -> None:
    lacking = {
        f"{place}: {code}": needed
        for place, code, given in _raised()
        if given is not None and code in TEXT and (needed := _needs(code) - given)
    }
    assert lacking == {}


@pytest.mark.parametrize("code", TEXT)
def test_words_are_sentences_that_say_what_happened_and_what_to_do(code: str) -> None:
    words = errors.AgentDeskError(code, **dict.fromkeys(_needs(code), "x")).text
    assert words[0].isupper() or words.startswith("x")
    assert words.endswith(".")
    assert words.count(". ") >= 1
    assert not {"please", "simply", "error", "invalid"} & set(words.lower().replace(".", "").split())


def test_every_kind_of_error_has_a_status_of_its_own() -> None:
    statuses = [kind.status for kind in errors.AgentDeskError.__subclasses__()]
    assert len(statuses) == len(set(statuses))
