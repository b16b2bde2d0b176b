"""Texts for people: each can be said in every language."""

import ast
from pathlib import Path

import pytest

from tests.rules.tree import ROOT

SOURCES = sorted((ROOT / "src" / "agentdesk").rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_nothing_hides_the_translator_and_nothing_is_filled_in_before_it(path: Path) -> None:
    tree = ast.parse(path.read_text())
    hidden = [one.lineno for one in ast.walk(tree) if _binds_underscore(one) and _translates(one)]
    filled = [
        one.lineno
        for one in ast.walk(tree)
        if isinstance(one, ast.Call)
        and getattr(one.func, "id", "") in ("_", "N_", "ngettext")
        and any(not isinstance(part, ast.Constant | ast.Name) for part in one.args)
        and any(isinstance(part, ast.JoinedStr) for part in one.args)
    ]
    assert (hidden, filled) == ([], [])


def _translates(scope: ast.AST) -> bool:
    return any(isinstance(one, ast.Call) and getattr(one.func, "id", "") == "_" for one in ast.walk(scope))


def _binds_underscore(scope: ast.AST) -> bool:
    if isinstance(scope, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
        return any(_is_underscore(one) for part in scope.generators for one in ast.walk(part.target))
    if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        given = [*scope.args.args, *scope.args.kwonlyargs]
        return any(one.arg == "_" for one in given) or (
            not isinstance(scope, ast.Lambda) and any(_is_underscore(one) for one in ast.walk(scope))
        )
    return False


def _is_underscore(one: ast.AST) -> bool:
    return isinstance(one, ast.Name) and one.id == "_" and isinstance(one.ctx, ast.Store)
