"""python -m bench.chaos: one run, its counts as a table and as JSON; exits with 1 on any breach."""

import argparse
import asyncio
import json
import logging
import secrets
import sys
import tempfile
from dataclasses import fields
from pathlib import Path

import structlog

from bench.chaos.hub import BUGS
from bench.chaos.run import run
from bench.chaos.world import STAND_IN, TRYTON, Options

_CHOICES = {"ledger": [STAND_IN, TRYTON]}
_HELP = {
    "seed": "repeats the choices of agents, callers and saboteur; the instants remain the machine's",
    "seconds": "how long agents take calls; else as long as the kills and faults take",
    "kills": "kill -9 of replicas and workers",
    "faults": "faults of the network and of the vendors",
    "ledger": "what the hubs post to; tryton is a real one",
    "plant": f"bugs to plant in the hubs, between commas: {', '.join(sorted(BUGS))}",
    "crashes": "kill -9 of one of the database's processes, which takes down all",
    "restarts": "of the whole database",
    "dies": "how likely each failpoint kills its process",
    "cards": "the sandbox's names of cards, between commas: one for the callers of each agent; else a mix",
    "charges": "agents go on until the processor has as many, within bounds",
    "refunds": "how many of the payments a supervisor gives back, all or in parts",
    "links": "how many of the payments go by a link, which is paid, expired, or both at once",
    "splits": "how many of the debts are paid with two cards, and a third one is tried",
    "on_account": "how many of the payments are of no invoice",
    "saves": "how many callers agree to have their card saved, and how many pay with one that is",
    "plans": "how many callers paid before and call for a payment plan",
    "webhooks": "0: the processor's never come",
    "keys": "1: every key pressed is reported, which is most of a payment's work; 0: whole fields",
    "speed": "of the sandbox",
    "settle_s": "how long to wait for the last payment afterwards",
}


def main() -> int:
    """Run once and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    for one in fields(Options):
        name, default = f"--{one.name.replace('_', '-')}", None if one.name == "seed" else one.default
        if one.name in _CHOICES:
            parser.add_argument(name, choices=_CHOICES[one.name], default=default, help=_HELP[one.name])
        else:
            parser.add_argument(
                name,
                type=int if default is None else type(default),
                default=default,
                help=_HELP.get(one.name),
            )
    parser.add_argument("--json", type=Path, help="where the report goes")
    parser.add_argument("--keep", type=Path, help="a folder for databases and logs; else a passing one")
    told = vars(parser.parse_args())
    report_to, keep = told.pop("json"), told.pop("keep")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    told["seed"] = secrets.randbits(31) if told["seed"] is None else told["seed"]
    options = Options(**told)
    print(f"seed {options.seed}", flush=True)
    return _report(options, keep, report_to)


def _report(options: Options, keep: Path | None, report_to: Path | None) -> int:
    with tempfile.TemporaryDirectory(prefix="agentdesk-chaos-", ignore_cleanup_errors=True) as name:
        folder = keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)  # started by root, the database runs under an account of its own
        report = asyncio.run(run(options, folder))
    if report_to:
        report_to.write_text(json.dumps(report, indent=1))
    for what, value in report.items():
        if what not in ("options", "breaches"):
            print(f"{what:<22} {json.dumps(value) if isinstance(value, dict) else value}")
    for breach in report["breaches"]:
        print(f"BREACH  {breach}")
    print(f"{len(report['breaches'])} breaches, seed {options.seed}")
    return 1 if report["breaches"] else 0


if __name__ == "__main__":
    sys.exit(main())
