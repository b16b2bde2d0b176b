"""The figures of a measurement: percentiles, goals, a table with how to read it, JSON."""

import argparse
import asyncio
import json
import math
import os
import platform
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agentdesk import log
from agentdesk.cli.demo.world import passing_home


@dataclass(frozen=True)
class Figure:
    """One line of the table; `most` or `least` is the goal, neither: it is there to be known."""

    what: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        if self.most is None and self.least is None:
            return None
        return (self.most is None or self.value <= self.most) and (
            self.least is None or self.value >= self.least
        )

    def line(self) -> str:
        """Return it for the table."""
        goal = f"<= {self.most:g}" if self.most is not None else ""
        goal = f">= {self.least:g}" if self.least is not None else goal
        verdict = {None: "", True: "met", False: "MISSED"}[self.met]
        return f"{self.what:<58} {self.value:>10.3f} {self.unit:<5} {goal:<9} {verdict}".rstrip()


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least of the values that this share of them does not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]


def spread(what: str, seconds: Sequence[float]) -> list[Figure]:
    """Return median and p99 of durations, in ms."""
    return [Figure(f"{what}, p{p}", percentile(seconds, p / 100) * 1000, "ms") for p in (50, 99)]


Measure = Callable[[argparse.Namespace, Path], Coroutine[Any, Any, list[Figure]]]


def main(title: str, how: str, parser: argparse.ArgumentParser, measure: Measure) -> None:
    """Be the program: read the options, measure, print the table."""
    log.setup(json=False, level="WARNING")
    run(title, how, parser, measure)


def run(
    title: str, how: str, parser: argparse.ArgumentParser, measure: Measure, given: list[str] | None = None
) -> None:
    """Measure in a folder that is gone afterwards; print the table, write the JSON that was asked for."""
    parser.add_argument("--json", type=Path, help="where the figures go, too")
    options = parser.parse_args(given)
    began = datetime.now(UTC)
    with passing_home() as folder:
        figures = asyncio.run(measure(options, folder))
    took_s = (datetime.now(UTC) - began).total_seconds()
    print(f"{title}\n")
    print("\n".join(one.line() for one in figures))
    print(f"\n{how}\nTook {took_s:.0f} s on {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.")
    if options.json:
        told = {name: value for name, value in vars(options).items() if name != "json"}
        facts = {"options": told, "at": began.isoformat(), "took_s": took_s, "machine": platform.platform()}
        rows = [asdict(one) | {"met": one.met} for one in figures]
        options.json.write_text(json.dumps(facts | {"figures": rows}, indent=1))
