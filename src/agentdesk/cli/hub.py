"""agentdesk hub: the service that desks talk to."""

import asyncio
import logging
from pathlib import Path
from typing import Annotated

import typer


def hub(
    *,
    config: Annotated[
        Path | None, typer.Option(help="A TOML file of settings; else AGENTDESK_CONFIG.")
    ] = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="The port to listen on. 0 means any free port.")
    ] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Where the embedded database lives.")] = None,
    show_settings: Annotated[
        bool, typer.Option("--show-settings", help="Show every setting and where it comes from, then stop.")
    ] = False,
    worker_only: Annotated[bool, typer.Option("--worker-only", help="Run the jobs, serve nothing.")] = False,
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Serve, leave the jobs to others.")] = False,
    log_json: Annotated[bool, typer.Option("--log-json", help="Write the log as JSON lines.")] = False,
) -> None:
    """Run the hub: bring the database up to date, serve desks and webhooks, run the jobs.

    Prints one JSON line with its URL when ready; stops on Ctrl-C or SIGTERM.
    """
    from agentdesk import i18n, log
    from agentdesk.adapters.base import Misconfigured
    from agentdesk.hub.db.database import Unreachable
    from agentdesk.hub.db.embedded import EmbeddedError
    from agentdesk.hub.settings import SettingsError, load

    if worker_only and no_worker:
        raise typer.BadParameter("--worker-only and --no-worker leave nothing to run")
    log.setup(json=log_json)
    for name in ("alembic", "procrastinate"):
        logging.getLogger(name).setLevel("WARNING")
    try:
        loaded = load(config, host=host, port=port, data_dir=data_dir)
        if show_settings:
            _show(loaded.lines())
            return
        i18n.use(loaded.settings.language)
        from agentdesk.hub import serve  # its texts are read as it is imported

        running = (
            serve.work(loaded.settings)
            if worker_only
            else serve.serve(loaded.settings, with_worker=not no_worker)
        )
        good = asyncio.run(running)
    except (SettingsError, Misconfigured, Unreachable, EmbeddedError, OSError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(0 if good else 1)


def _show(lines: list[tuple[str, str, str]]) -> None:
    name_width = max(len(name) for name, _, _ in lines)
    value_width = min(50, max(len(value) for _, value, _ in lines))
    for name, value, source in lines:
        typer.echo(f"{name:<{name_width}}  {value:<{value_width}}  {source}")
