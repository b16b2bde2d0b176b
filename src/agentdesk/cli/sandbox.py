"""agentdesk sandbox: the pretend phone network, payment providers, card issuer and caller."""

import asyncio
from typing import Annotated

import typer

_PORT = "0 means any free port."


def sandbox(
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help=f"Providers, pages and script API. {_PORT}")
    ] = 0,
    frame_port: Annotated[
        int, typer.Option(min=0, max=65535, help=f"The pay page's card fields. {_PORT}")
    ] = 0,
    smtp_port: Annotated[int, typer.Option(min=0, max=65535, help=f"The mail inbox. {_PORT}")] = 0,
    seed: Annotated[
        int | None, typer.Option(help="The same seed gives the same identifiers, credentials and faults.")
    ] = None,
    speed: Annotated[
        float, typer.Option(min=0.1, help="How many times faster than real time to live.")
    ] = 1.0,
    log_json: Annotated[bool, typer.Option("--log-json", help="Write the log as JSON lines.")] = False,
) -> None:
    """Play the phone network, Twilio, Stripe, the card issuer and the caller, on this machine only.

    Listens on loopback, accepts the providers' published test cards and refuses every other number.
    Prints one JSON line with its URLs and credentials when ready; stops on Ctrl-C or SIGTERM.
    """
    from agentdesk import log
    from agentdesk.sandbox.app import serve
    from agentdesk.sandbox.settings import Settings

    log.setup(json=log_json)
    settings = Settings(speed=speed) if seed is None else Settings(seed=seed, speed=speed)
    try:
        asyncio.run(serve(settings, port=port, frame_port=frame_port, smtp_port=smtp_port))
    except OSError as error:
        typer.echo(f"The sandbox cannot listen: {error.strerror}. Choose other ports.", err=True)
        raise typer.Exit(1) from None
