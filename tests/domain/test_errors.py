"""Errors have words for people, all of them."""

import re
from string import Formatter

import pytest

from agentdesk.domain import errors
from agentdesk.domain.error_words import TEXT


@pytest.mark.parametrize("code", TEXT)
def test_every_error_says_it_in_sentences(code: str) -> None:
    names = {name for _, name, _, _ in Formatter().parse(TEXT[code]) if name}
    error = errors.AgentDeskError(code, **dict.fromkeys(names, "so"))
    assert str(error) == error.text
    assert re.search(r"[.)]$", error.text)
    assert "{" not in error.text


def test_every_kind_of_error_has_its_own_answer() -> None:
    kinds = errors.AgentDeskError.__subclasses__()
    statuses = [kind.status for kind in kinds]
    assert len(set(statuses)) == len(kinds) == 7
    assert all(400 <= status < 600 for status in statuses)
