"""The program in other words than English, each time in a process of its own: texts are read once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.timeout(1200)
@pytest.mark.parametrize(("language", "walk"), [("qps", "pseudo"), ("qpr", "growth"), ("de", "growth")])
def test_screens_in_other_words(language: str, walk: str) -> None:
    """Nothing is left in English, and nothing is cut where texts grow or run leftwards."""
    path = Path(__file__).with_name(f"{walk}_walk.py")
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)]
    env = os.environ | {"AGENTDESK_LANGUAGE": language}
    env.pop("PYTEST_XDIST_WORKER", None)
    done = subprocess.run(run, env=env, capture_output=True, text=True, timeout=1100, check=False)
    assert done.returncode == 0, done.stdout[-5000:]
