"""The one program and the list of its commands."""

from typing import Annotated

import typer

import agentdesk
from agentdesk.cli import admin, call, desk, doctor, hub, sandbox
from agentdesk.cli.demo.command import demo

app = typer.Typer(
    help="Take card payments on phone calls without card data reaching the agent, the desktop or our server.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # the pretty ones print local variables
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("demo")(demo)
app.command("hub")(hub.hub)
app.command("desk")(desk.desk)
app.command("call")(call.call)
app.command("sandbox")(sandbox.sandbox)
app.command("doctor")(doctor.doctor)
app.add_typer(admin.app, name="admin")


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(agentdesk.__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say the version and stop."),
    ] = False,
) -> None: ...
