"""agentdesk demo: the whole product on this machine, with a real ledger and a pretend phone network."""

import asyncio
import contextlib
import json
import os
import sys
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from agentdesk.cli.demo.world import World
    from agentdesk.desk.window import Window


THEMES = ("light", "dark", "high_contrast")


def demo(
    *,
    auto: Annotated[
        bool, typer.Option("--auto", help="Play one payment without a display and prove each effect.")
    ] = False,
    out: Annotated[
        Path, typer.Option(file_okay=False, help="Pictures, receipt and report.json of --auto.")
    ] = Path("out"),
    reset: Annotated[bool, typer.Option("--reset", help="Start from clean customer records.")] = False,
    theme: Annotated[str, typer.Option(help="light, dark or high_contrast.")] = "light",
) -> None:
    """Try Agent Desk: agent's window, caller's phone, real customer records and accounts, pretend banks.

    With a display the agent's window and the caller's phone open, with a call ringing. Without one, or
    with --auto, a scripted caller pays, every effect is read back, and the exit code says whether all held.
    """
    if theme not in THEMES:
        raise typer.BadParameter(f"one of {', '.join(THEMES)}", param_hint="--theme")
    playing = auto or not _has_display()
    if playing and reset:
        raise typer.BadParameter("--auto always starts from clean records", param_hint="--reset")
    from agentdesk.cli.demo.programs import NotReady
    from agentdesk.cli.demo.tryton import TrytonFailed

    try:
        code = _play(out, theme) if playing else _open(theme, reset=reset)
    except (NotReady, TrytonFailed) as error:
        typer.echo(f"The demo could not start. No payment was touched.\n{error}", err=True)
        code = 1
    raise typer.Exit(code)


def _has_display() -> bool:
    return sys.platform != "linux" or bool({"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys())


def _play(out: Path, theme: str) -> int:
    """Play the journey in a world of its own; return the exit code."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from agentdesk.cli.demo.world import passing_home, world

    _log_to(out)
    console = Console()
    with passing_home() as folder:
        os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
        with _bars(console) as bars, world(folder, bars) as made:
            bars.stop()
            _say_ready(made)
            return _journey(made, out, theme, console)


def _journey(made: "World", out: Path, theme: str, console: Console) -> int:
    from agentdesk.cli.demo.journey import Journey, NotSeen
    from agentdesk.desk.app import Options, run

    failures = ["The journey did not come to its end."]

    async def beside(window: "Window") -> None:
        journey = Journey(made, window, out, console)
        try:
            await journey.play()
            failures.clear()
        except NotSeen as error:
            failures[:] = [str(error)]
        except Exception as error:  # a fault of the journey's own is a failed run too
            failures[:] = [f"{type(error).__name__}: {error}"]
            raise
        finally:
            failures.extend(_errors(out / "desk.log", made.folder / "hub.log", made.folder / "sandbox.log"))
            journey.report(failures)
            window.closed.emit()

    run(Options(made.hub.url, theme=theme, beside=beside))
    for failure in failures:
        console.print(f"[red]✗[/] {failure}", soft_wrap=True)
    if not failures:
        console.print(f"All of it held. Pictures, receipt.pdf and report.json are in {out}.")
    return 1 if failures else 0


def _errors(*logs: Path) -> list[str]:
    """Return what the programs logged as an error; in a good run there is none."""
    return [
        f"{log.stem} logged: {line}"
        for log in logs
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
        if "[error" in line or "[critical" in line
    ]


def _open(theme: str, *, reset: bool) -> int:
    """Open the agent's window, signed in, and the caller's phone; return when the window is closed."""
    from agentdesk.cli.demo import tryton
    from agentdesk.cli.demo.world import AGENT, PASSWORD, home, world
    from agentdesk.desk.app import Options, run
    from agentdesk.wire.people import SignIn

    console = Console()
    folder = home()
    with _bars(console) as bars:
        if reset:
            _forget(folder)
            tryton.reset(bars, folder / "tryton")
        with world(folder, bars) as made:
            bars.stop()
            _say_ready(made)
            _log_to(folder)

            async def beside(window: "Window") -> None:
                await window.session.sign_in(SignIn(username=AGENT[0], password=PASSWORD))
                call_ref = await asyncio.to_thread(made.ring, "+442079460958")
                phone = f"{made.sandbox.url}/phone/{call_ref}"
                console.print(f"The caller's phone: {phone}\nClose the agent's window to end the demo.")
                await asyncio.to_thread(webbrowser.open, phone)

            return run(Options(made.hub.url, user=AGENT[0], theme=theme, beside=beside))


def _say_ready(made: "World") -> None:
    """Print the one line that scripts wait for."""
    urls = {"hub": made.hub.url, "sandbox": made.sandbox.url, "ledger": made.ledger.url}
    pages = {"phone": f"{made.sandbox.url}/phone", "inbox": f"{made.sandbox.url}/inbox"}
    print(json.dumps({"name": "demo", "pid": os.getpid(), **urls, **pages}), flush=True)


def _forget(folder: Path) -> None:
    """Drop what the hub knows: it speaks of customers that are about to be made anew."""
    import shutil

    shutil.rmtree(folder / "hub", ignore_errors=True)


def _log_to(folder: Path) -> None:
    """Keep the desk's own log out of what is printed."""
    from agentdesk import log

    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("[0-9][0-9]-*.png"):
        old.unlink()
    log.setup(json=False, stream=(folder / "desk.log").open("w", encoding="utf-8"))


class Bars:
    """A progress bar for each stage of the bring-up; called with stage, done and of how many."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, object] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Show how far a stage is."""
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=total)
        self._progress.update(self._tasks[stage], completed=done, total=total)  # type: ignore[arg-type]

    def stop(self) -> None:
        """Leave the bars as they are: everything runs."""
        self._progress.stop()


@contextlib.contextmanager
def _bars(console: Console) -> Iterator[Bars]:
    columns = (TextColumn("{task.description:28}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        yield Bars(progress)
