"""Texts for people: each can be said in every language, and every language says each."""

import ast
import re
import string
from pathlib import Path

import pytest

from tests import catalogue
from tests.rules.tree import ROOT

SOURCES = sorted((ROOT / "src" / "agentdesk").rglob("*.py"))
TEXTS = {(one.id, one.context) for one in catalogue.texts() if one.id}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_nothing_hides_the_translator_and_nothing_is_filled_in_before_it(path: Path) -> None:
    tree = ast.parse(path.read_text())
    hidden = [one.lineno for one in ast.walk(tree) if _binds_underscore(one) and _translates(one)]
    filled = [
        one.lineno
        for one in ast.walk(tree)
        if isinstance(one, ast.Call)
        and getattr(one.func, "id", "") in ("_", "N_", "ngettext", "pgettext")
        and any(not isinstance(part, ast.Constant | ast.Name) for part in one.args)
        and any(isinstance(part, ast.JoinedStr) for part in one.args)
    ]
    assert (hidden, filled) == ([], [])


def test_a_placeholder_says_what_it_stands_for() -> None:
    """A translator sees no code: a name of what was done to a text, or another thing's name, misleads."""
    lying = {"lower", "upper", "capitalize", "strip", "self", "str"}
    named = {name: text for text, _context in TEXTS for one in _forms(text) for name in _parts(one)[0]}
    assert {name: text for name, text in named.items() if name in lying} == {}


def test_an_apostrophe_is_round() -> None:
    said = [one for language in catalogue.TRANSLATED for one in catalogue.read(language)]
    shown = [text for text, _context in TEXTS] + [one.string for one in said]
    assert [one for text in shown for one in _forms(text) if re.search(r"\w'\w", one)] == []


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT / "src")))
def test_what_a_lamp_says_is_translated(path: Path) -> None:
    plain = [
        one.lineno
        for one in ast.walk(ast.parse(path.read_text()))
        if isinstance(one, ast.Call) and getattr(one.func, "id", "") == "Health" and len(one.args) > 1
        if isinstance(one.args[1], ast.JoinedStr | ast.Constant)
    ]
    assert plain == []


@pytest.mark.parametrize("language", catalogue.TRANSLATED)
def test_a_language_says_every_text(language: str) -> None:
    said = {(one.id, one.context): one for one in catalogue.read(language) if one.id}
    assert sorted(map(str, TEXTS - said.keys())) == [], "run python -m tests.catalogue and translate"
    assert sorted(map(str, said.keys() - TEXTS)) == [], "run python -m tests.catalogue"
    silent = [str(one.id) for one in said.values() if not all(_forms(one.string)) or one.fuzzy]
    assert silent == []


@pytest.mark.parametrize("language", catalogue.TRANSLATED)
def test_a_translation_has_the_placeholders_and_marks_of_its_text(language: str) -> None:
    wrong = [
        f"{message.id}: {form}"
        for message in catalogue.read(language)
        if message.id
        for form in _forms(message.string)
        if _parts(form) not in [_parts(one) for one in _forms(message.id)]
    ]
    assert wrong == []


@pytest.mark.parametrize("language", catalogue.TRANSLATED)
def test_a_translation_names_keys_as_the_caps_do(language: str) -> None:
    said = {one.id: one.string for one in catalogue.read(language) if one.id}
    others = [key for key in ("Ctrl", "Shift", "Enter") if said[key] != key]
    english = re.compile(rf"\b(?:{'|'.join(others)})\b")
    wrong = [text for forms in said.values() for text in _forms(forms) if english.search(text)]
    assert wrong == []


@pytest.mark.parametrize("language", catalogue.TRANSLATED)
def test_what_the_program_reads_is_what_translators_wrote(language: str) -> None:
    built = (catalogue.LOCALES / language / "agentdesk.mo").read_bytes()
    assert built == catalogue.compiled(catalogue.read(language)), "run python -m tests.catalogue"


def _forms(text: object) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (str(text),)


def _parts(text: str) -> tuple[list[str], int, str, str]:
    """What must not change: placeholders, bold marks, the space before and after."""
    names = sorted({name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name})
    edges = re.match(r"(\s*).*?(\s*)\Z", text, re.DOTALL)
    assert edges is not None
    return names, text.count("**"), edges[1], edges[2]


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
