"""agentdesk doctor: say in plain words what on this machine would stop the program."""

import json as json_module
from typing import Annotated

import typer


def doctor(
    json: Annotated[bool, typer.Option("--json", help="Answer in JSON, for scripts.")] = False,
) -> None:
    """Check this machine: Python, Qt, settings, database, port, key store, disk and clock.

    Exits with 0 when everything needed is there (warnings included), with 1 when something is not.
    """
    from agentdesk.cli import checks

    findings = []
    for check in checks.ALL:
        finding = checks.run(check)
        findings.append(finding)
        if not json:
            typer.echo(f"{finding.state:>7}  {finding.name:<10} {finding.words}")
    if json:
        typer.echo(json_module.dumps([finding.as_dict() for finding in findings], indent=2))
    raise typer.Exit(any(finding.state == "failed" for finding in findings))
