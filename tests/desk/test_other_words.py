"""The program in other words than English, each time in a process of its own: texts are read once."""

import os
import subprocess
import sys
from pathlib import Path

WALK = Path(__file__).with_name("pseudo_walk.py")


def test_no_screen_shows_a_text_that_is_not_translated() -> None:
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(WALK)]
    env = os.environ | {"AGENTDESK_LANGUAGE": "qps"}
    env.pop("PYTEST_XDIST_WORKER", None)
    done = subprocess.run(run, env=env, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout[-5000:]
