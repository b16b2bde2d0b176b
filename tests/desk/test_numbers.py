"""Numbers as people read them."""

import pytest

from agentdesk import i18n
from agentdesk.desk.numbers import tenths


@pytest.mark.parametrize(
    ("code", "written"), [("en", "92.4"), ("de", "92,4"), ("es", "92,4"), ("fr", "92,4")]
)
def test_a_number_has_the_decimal_sign_of_its_language(code: str, written: str) -> None:
    with i18n.speaking(code):
        assert tenths(92.42) == written
