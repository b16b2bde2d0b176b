"""A refused step says the payment's state in words, in the reader's language."""

import pytest

from agentdesk.domain.capture import CaptureState
from agentdesk.domain.errors import Conflict
from agentdesk.domain.link import LinkState
from agentdesk.domain.payment import AttemptState
from agentdesk.domain.write_back import WriteBackState
from agentdesk.i18n import speaking

STATES = sorted(
    {one.value for kind in (AttemptState, CaptureState, LinkState, WriteBackState) for one in kind}
)
#: These two are English words that people use of a payment.
WORDS_ALREADY = {"approved", "declined"}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("language", ["en", "de", "es", "fr"])
def test_no_code_of_a_state_is_read_by_people(state: str, language: str) -> None:
    refused = Conflict("step_not_possible", state=state)
    with speaking(language):
        said = refused.text
    assert refused.params["state"] == state  # programs read the code
    if language != "en" or state not in WORDS_ALREADY:
        assert not any(f"{before}{state}." in said for before in (": ", "is ", "está ", "est "))
        assert "_" not in said


def test_what_comes_in_words_stays() -> None:
    assert "the payment is out of attempts." in Conflict("step_not_possible", state="out of attempts").text
