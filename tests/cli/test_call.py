"""agentdesk call: what it refuses before a desk is asked."""

import pytest
from typer.testing import CliRunner

from agentdesk.cli.app import app


@pytest.mark.parametrize(
    "given", [[], ["--queue", "Billing"], ["agentdesk://call"], ["agentdesk://call?number="]]
)
def test_a_call_without_number_and_ref_is_refused(given: list[str]) -> None:
    answer = CliRunner().invoke(app, ["call", *given])
    assert (answer.exit_code, "a call needs its number or its ref" in answer.output) == (2, True)
