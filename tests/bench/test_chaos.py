"""The harness as a whole: a short run is well, and a planted bug makes one fail.

The everyday suite has one run of each; they say nothing of speed, so that a busy machine does not fail them.
"""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bench.chaos.hub import BUGS
from bench.chaos.run import run
from bench.chaos.world import Options

from agentdesk.cli.demo.world import passing_home

pytestmark = [pytest.mark.timeout(500), pytest.mark.allow_log(".")]  # all that goes wrong is logged

_SHORT = Options(seed=20261122, seconds=20, kills=6, faults=100, agents=6, replicas=3, workers=1)
#: Little but the few things that show the bugs: no luck is needed.
_QUIET = Options(
    **{"seed": 7, "seconds": 6, "kills": 0, "faults": 0, "crashes": 0, "restarts": 0, "dies": 0},
    **{"agents": 4, "replicas": 2, "workers": 1, "customers": 40, "webhooks": 0},
    links=0.0,
    saves=0.0,
    plans=0.0,
    settle_s=20,
)
_LOST, _APPROVED = "mastercard-answer-lost", "visa-approves"
#: The bugs of one run, what shows them, and words of the breach that names each. Those that make somebody say
#: "not charged" or "not refunded" have a run of their own. (A token is taken once: another key is refused.)
SHOWN = [
    (
        "changes-the-key,owes-outside",
        {"cards": f"{_LOST},{_APPROVED}", "refunds": 1.0, "charges": 8},
        ["was charged and is not_sent here", "ledger as []"],
    ),
    (
        "says-not-charged,says-not-refunded",
        {"cards": f"{_LOST},{_APPROVED}", "refunds": 1.0, "charges": 8},
        ["an agent was told not_sent", "went out and is not_sent here"],
    ),
    (
        "takes-a-third-card,says-let-go,hides-unknowns",
        {"cards": f"{_APPROVED},{_LOST}", "splits": 0.6, "saves": 0.6, "charges": 16},
        ["3 cards of split", "is gone here and still kept at the processor", "not on the supervisors' list"],
    ),
    (
        "forgets-a-pause,pays-what-a-plan-takes",
        {"cards": "visa-asks-holder-later", "saves": 1.0, "plans": 0.7, "customers": 12, "charges": 12},
        ["went on after", "was started for what"],
    ),
]


def _run(options: Options, folder: Path) -> dict[str, Any]:
    report = asyncio.run(run(options, folder))
    assert report["did"]["submits"], report
    return report


def _found(options: Options) -> list[str]:
    with passing_home() as folder:
        breaches: list[str] = _run(options, folder)["breaches"]
    return breaches


def test_a_short_run_breaks_no_law() -> None:
    assert _found(_SHORT) == []


@pytest.mark.parametrize(("bugs", "shown_by", "words"), SHOWN)
def test_planted_bugs_are_found(bugs: str, shown_by: dict[str, Any], words: list[str]) -> None:
    breaches = _found(replace(_QUIET, plant=bugs, **shown_by))
    for wanted in words:
        assert any(wanted in breach for breach in breaches), (wanted, breaches)


def test_every_bug_that_can_be_planted_is_shown() -> None:
    assert sorted(bug for bugs, _, _ in SHOWN for bug in bugs.split(",")) == sorted(BUGS)


@pytest.mark.chaos
def test_without_a_bug_the_same_run_is_well() -> None:
    assert _found(replace(_QUIET, cards=f"{_LOST},{_APPROVED}", charges=4)) == []


@pytest.mark.chaos
def test_a_real_ledger_behind_a_bad_line_is_well() -> None:
    options = Options(seed=20261123, seconds=30, kills=6, faults=60, agents=4, replicas=2, ledger="tryton")
    assert _found(options) == []
