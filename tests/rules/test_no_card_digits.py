"""No tracked file holds digits that could be a card number, but the sandbox's list and proofs of refusal."""

import re

import pytest

from tests.rules.tree import texts

_RUN = re.compile(r"(?<![0-9A-Za-z])[2-6](?:[ -]?\d){12,18}(?![0-9A-Za-z])")

#: The sandbox's list, and tests that prove a number is refused.
LISTED = {
    "src/agentdesk/sandbox/cards.py",
    "tests/adapters/tryton/test_client.py",
    "tests/test_log.py",
    "tests/rules/test_no_card_digits.py",
    "tests/sandbox/test_pay_page.py",
    "tests/end_to_end/test_take_a_payment.py",
}


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def card_numbers(text: str) -> list[str]:
    """Return the lines of `text` that hold something like a card number, numbers masked."""
    found = [run for run in _RUN.finditer(text) if _luhn(re.sub(r"\D", "", run[0]))]
    return [f"line {text.count(chr(10), 0, run.start()) + 1}: ...{run[0][-4:]}" for run in found]


def test_no_tracked_file_holds_a_card_number() -> None:
    read = texts()
    assert len(read) > 50
    assert {
        path: found for path, text in read.items() if path not in LISTED and (found := card_numbers(text))
    } == {}


def test_every_listed_file_needs_to_be_listed() -> None:
    read = texts()
    assert sorted(path for path in LISTED if path in read and not card_numbers(read[path])) == []


@pytest.mark.parametrize("text", ["4242424242424242", "card 4242-4242-4242-4242.", "'3782 822463 10005'"])
def test_the_rule_sees_a_card_number(text: str) -> None:
    assert len(card_numbers(text)) == 1


@pytest.mark.parametrize("text", ["4242424242424241", "+447700900123", "a4242424242424242", "1764000000000"])
def test_the_rule_leaves_other_digits_alone(text: str) -> None:
    assert card_numbers(text) == []
