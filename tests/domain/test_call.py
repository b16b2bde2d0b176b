"""Calls and how they end."""

from agentdesk.domain.call import DISPOSITIONS, CallState


def test_dispositions_have_codes_and_words() -> None:
    assert all(code == code.lower() and " " not in code and words for code, words in DISPOSITIONS.items())
    assert len(set(DISPOSITIONS.values())) == len(DISPOSITIONS)


def test_a_call_that_is_over_has_a_state_of_its_own() -> None:
    assert CallState.ENDED is not CallState.WRAP_UP
