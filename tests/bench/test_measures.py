"""Each measurement runs from end to end with a handful of payments, and gives sound figures."""

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from bench.figures import Figure, percentile

from agentdesk.cli.demo.world import passing_home
from bench import charge, desk, digits, figures, screen_pop, throughput

SMALL = [
    (charge, "--charges 2 --warm-up 1 --thinks 0.05".split(), "ratio, p50"),
    (
        throughput,
        "--payments 10 20 --taken 3 --warm-up 1 --at-once 2 --pgbench-s 1 --pgbench-scale 1".split(),
        "20 payments: CPU for each",
    ),
    (digits, "--desks 3 --captures 2 --keys-per-second 40 --seconds 1".split(), "digit to dot, p99"),
    (
        screen_pop,
        ["--pops", "0", "--slow-pops", "2", "--warm-up", "1"],
        "screen pop / find_by_phone, p50",
    ),
    (desk, "--payments 10 --first 2 --pace-ms 1 --openings 1".split(), "lateness of the loop, p99.9"),
]
#: What a run counts and hopes not to see.
HAPPENED = ("warnings", "digits whose own dot was not seen", "fields that timed out and were asked again")


@pytest.mark.bench
@pytest.mark.parametrize(("command", "options", "shows"), SMALL, ids=[one[0].__name__ for one in SMALL])
def test_a_small_run_gives_every_figure(command: Any, options: list[str], shows: str) -> None:
    with passing_home() as folder:
        found = asyncio.run(command.measure(command.arguments().parse_args(options), folder))
    assert any(shows in one.what and one.met is not None for one in found)
    assert all(one.value > 0 for one in found if one.what not in HAPPENED), found


def test_a_goal_is_met_or_missed_and_said() -> None:
    assert Figure("a ratio", 1.2, most=1.2).line().endswith("met")
    assert Figure("a ratio", 1.3, most=1.2).line().endswith("MISSED")
    assert Figure("a share", 0.02, least=0.01).met
    assert Figure("a share", 0.005, least=0.01).met is False
    assert Figure("a duration", 7.0, "ms").met is None


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_percentile_is_the_least_value_so_many_do_not_exceed(share: float, value: int) -> None:
    assert percentile(list(range(100, 0, -1)), share) == value


def test_figures_are_printed_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def measure(options: argparse.Namespace, _folder: Path) -> list[Figure]:
        return [Figure("a ratio", float(options.of), most=2)]

    parser = argparse.ArgumentParser()
    parser.add_argument("--of", type=int)
    figures.run("Ratio", "Read it so.", parser, measure, ["--of", "3", "--json", str(tmp_path / "out.json")])
    said, told = capsys.readouterr().out, json.loads((tmp_path / "out.json").read_text())
    assert "MISSED" in said
    assert "Read it so." in said
    assert (told["options"], told["figures"][0]["value"], told["figures"][0]["met"]) == (
        {"of": 3},
        3.0,
        False,
    )
