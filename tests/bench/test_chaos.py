"""The harness as a whole: a short run is well, and a planted bug makes one fail."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from bench.chaos.hub import BUGS
from bench.chaos.run import run
from bench.chaos.world import Options

from agentdesk.cli.demo.world import passing_home

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.timeout(300),
    pytest.mark.allow_log("."),
]  # all that goes wrong is logged

#: Little but the one thing that shows each bug.
_QUIET = Options(
    seed=7, seconds=12, kills=0, faults=0, crashes=0, agents=3, replicas=1, customers=20, dies=0, settle_s=40
)
_LOST = replace(_QUIET, card="mastercard-answer-lost")
#: What shows each bug, and words of the breach that names it.
SHOWN = {
    "changes-the-key": (_LOST, "pa_"),
    "says-not-charged": (_LOST, "told"),
    "owes-outside": (replace(_QUIET, card="visa-approves"), "is in the ledger as []"),
}


def _run(options: Options, folder: Path) -> list[str]:
    report = asyncio.run(run(options, folder))
    assert report["did"]["submits"], report
    breaches: list[str] = report["breaches"]
    return breaches


def test_a_short_run_breaks_no_law() -> None:
    with passing_home() as folder:
        assert _run(Options(seed=20261121), folder) == []


@pytest.mark.parametrize("bug", sorted(BUGS))
def test_a_planted_bug_is_found(bug: str) -> None:
    options, words = SHOWN[bug]
    with passing_home() as folder:
        breaches = _run(replace(options, plant=bug), folder)
    assert any(words in breach for breach in breaches), breaches
