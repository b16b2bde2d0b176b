"""What the demo's firm wants of its callers."""

import pytest

from agentdesk.cli.demo.world import _POLICY, QUEUE
from agentdesk.hub.settings import load


def test_only_callers_of_one_queue_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _POLICY.items():
        monkeypatch.setenv(f"AGENTDESK_{name}", value)
    settings = load().settings
    check = settings.check_of("Moving home")
    assert check is not None
    assert (len(check.items), check.must_pass, check.required) == (3, 2, True)
    assert settings.check_of(QUEUE) is None  # a payment of a caller who just rings costs no key more
