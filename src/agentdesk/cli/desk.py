"""agentdesk desk: the agent's program."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer


def desk(
    *,
    hub: Annotated[str, typer.Option(help="The hub's address; without it, the one used last.")] = "",
    user: Annotated[str | None, typer.Option(help="The name to sign in with.")] = None,
    theme: Annotated[str | None, typer.Option(help="light, dark, high_contrast or system.")] = None,
    language: Annotated[str | None, typer.Option(help="en, de, es or fr.")] = None,
    screenshot_dir: Annotated[
        Path | None, typer.Option(file_okay=False, help="Save a picture here each time something changes.")
    ] = None,
    log_json: Annotated[bool, typer.Option("--log-json", help="Write the log as JSON lines.")] = False,
) -> None:
    """Open the desk. Prints one JSON line when its window is there; ends when the window is closed.

    On Linux without a display it needs QT_QPA_PLATFORM=offscreen.
    """
    if sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"} & os.environ.keys():
        raise typer.BadParameter("there is no display; set QT_QPA_PLATFORM=offscreen to run without one")
    from agentdesk import i18n, log
    from agentdesk.desk.settings import THEMES, kept, system_language

    log.setup(json=log_json)
    if language is not None and language not in (*i18n.LANGUAGES, *i18n.PSEUDO):
        raise typer.BadParameter(f"one of {', '.join(i18n.LANGUAGES)}", param_hint="--language")
    # the environment's is for those who test, or who cannot pass an option
    i18n.use(language or os.environ.get("AGENTDESK_LANGUAGE") or kept().language or system_language())
    from agentdesk.desk.app import Options, run  # its texts are read as it is imported
    from agentdesk.desk.hub_http import check_url

    if theme is not None and theme not in THEMES:
        raise typer.BadParameter(f"one of {', '.join(THEMES)}", param_hint="--theme")
    try:
        address = check_url(hub or kept().hub)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--hub") from error
    raise typer.Exit(run(Options(address, user, theme, screenshot_dir)))
