"""The judge itself: its closing line counts what happened, and a failure is never called good."""

import subprocess
import sys
from pathlib import Path

from tests.rules.tree import ROOT

SAMPLE = """
import pytest

@pytest.fixture
def breaks_afterwards():
    yield
    raise RuntimeError

def test_good(): pass
def test_bad(): assert False
def test_good_then_bad(breaks_afterwards): pass
def test_left_out(): pytest.skip("told to")
"""


def _check(*args: str) -> tuple[int, str]:
    answer = subprocess.run(
        [sys.executable, "-m", "tests.check", "-p", "no:cacheprovider", *args],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.returncode, answer.stdout.splitlines()[-1]


def test_the_closing_line_counts_passed_failed_and_skipped(tmp_path: Path) -> None:
    sample = tmp_path / "test_sample.py"
    sample.write_text(SAMPLE)
    assert _check(str(sample)) == (1, "1 passed, 2 failed, 1 skipped")


def test_nothing_failed_is_a_success(tmp_path: Path) -> None:
    sample = tmp_path / "test_sample.py"
    sample.write_text("def test_good(): pass")
    assert _check(str(sample)) == (0, "1 passed, 0 failed")


def test_a_suite_that_could_not_run_has_failed() -> None:
    assert _check("tests/nowhere.py") == (1, "0 passed, 1 failed")
