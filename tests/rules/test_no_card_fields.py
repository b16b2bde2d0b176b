"""No class, argument, attribute or column outside the sandbox has a name that could hold card data."""

import ast
import itertools
import re
from collections.abc import Iterator

import pytest

from agentdesk.hub.db import tables
from tests.rules.tree import SOURCE, modules

FORBIDDEN = {
    "pan",
    "cvv",
    "cvv2",
    "cvc",
    "cvc2",
    "csc",
    "cid2",
    "track1",
    "track2",
    "pin",
    "pinblock",
    "magstripe",
}
FORBIDDEN_PAIRS = (
    ("card", "number"),
    ("security", "code"),
    ("track", "data"),
    ("card", "code"),
    ("pin", "block"),
)
COLUMN_MAKERS = {"Column", "mapped_column", "column", "add_column"}

#: A question about text, not a place that holds it. Constants (upper case) hold nothing either.
ALLOWED = {"looks_like_pan"}


def _words(name: str) -> list[str]:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().replace("-", "_").split("_")


def holds_card_data(name: str) -> bool:
    """Say whether a field of this name could hold a card number, a security code, a track or a PIN."""
    words = _words(name)
    return bool(FORBIDDEN & set(words)) or any(pair in FORBIDDEN_PAIRS for pair in itertools.pairwise(words))


def _names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr
        elif isinstance(node, ast.Call):
            yield from _columns(node)


def _columns(call: ast.Call) -> Iterator[tuple[int, str]]:
    function = call.func
    maker = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if maker in COLUMN_MAKERS:
        literals = [
            arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
        ]
        yield from ((call.lineno, text) for text in literals)


def _offences(trees: dict[str, ast.Module]) -> list[str]:
    return [
        f"{path}:{line}: {name}"
        for path, tree in trees.items()
        for line, name in _names(tree)
        if name not in ALLOWED and not name.isupper() and holds_card_data(name)
    ]


def test_no_name_outside_the_sandbox_could_hold_card_data() -> None:
    ours = {path: tree for path, tree in modules().items() if not path.startswith("src/agentdesk/sandbox/")}
    assert len(ours) > 20
    assert _offences(ours) == []


def test_no_table_in_the_database_could_hold_card_data() -> None:
    metadata = tables.Base.metadata
    columns = [
        f"{table.name}.{column.name}" for table in metadata.tables.values() for column in table.columns
    ]
    assert len(columns) > 20
    assert [column for column in columns if holds_card_data(column.replace(".", "_"))] == []


@pytest.mark.parametrize(
    "name", ["pan", "card_number", "cardNumber", "cvc", "PaymentCardNumber", "track2", "pin"]
)
def test_the_rule_sees_a_name_that_holds_card_data(name: str) -> None:
    planted = f"class Card:\n    {name}: str\n"
    assert _offences({"planted": ast.parse(planted)}) == [f"planted:2: {name}"]


@pytest.mark.parametrize("source", ["Column('card_number', Text)", "op.add_column('t', sa.Column('cvv'))"])
def test_the_rule_sees_a_column_that_holds_card_data(source: str) -> None:
    assert len(_offences({"planted": ast.parse(source)})) == 1


@pytest.mark.parametrize("name", ["last4", "pinned", "tracking", "spanish", "phone_number", "invoice_number"])
def test_the_rule_leaves_other_names_alone(name: str) -> None:
    assert not holds_card_data(name)


def test_the_sandbox_is_the_one_place_that_has_such_names() -> None:
    assert _offences(modules(SOURCE / "sandbox")) != []
