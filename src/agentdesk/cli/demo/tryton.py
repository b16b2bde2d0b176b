"""Bring up Tryton, the demo's real customer records and ledger: environment, database, server.

Tryton is GPL and lives in an environment of its own; we only ever speak HTTP to it. The seed runs under
Tryton's own Python. Everything is kept in one home folder between runs.
"""

import hashlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path

import platformdirs

from agentdesk import assets

Progress = Callable[[str, int, int], None]  # stage, done, of how many

DATABASE = "tryton"
MODULES = ("account_invoice", "account_payment", "account_payment_clearing", "account_statement")
TEMPLATE_LASTS = timedelta(days=7)  # its dates are relative to the day it was made
READY_WITHIN_S = 60.0
SEED = (
    "tryton-requirements.txt",
    "seed_tryton.py",
    "tryton_setup.py",
    "tryton_people.py",
    "tryton_special.py",
    "tryton_ledger.py",
)


class TrytonFailed(Exception):
    """A step of the bring-up failed; the message ends with what the program printed last."""


@dataclass(frozen=True, slots=True)
class TrytonServer:
    """A running Tryton and how the hub gets in."""

    url: str
    database: str
    user: str
    password: str
    key: str
    pid: int
    data_dir: Path
    process: "subprocess.Popen[bytes]"

    def stop(self) -> None:
        """End the server and wait for it."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def home() -> Path:
    """Return where the environment and the databases are kept.

    `AGENTDESK_TRYTON_HOME`, else `.tryton` of a checkout, else the user's data folder.
    """
    if chosen := os.environ.get("AGENTDESK_TRYTON_HOME"):
        return Path(chosen)
    checkout = assets.root().parent
    if (checkout / "pyproject.toml").is_file():
        return checkout / ".tryton"
    return platformdirs.user_data_path("agentdesk") / "tryton"


def default_data_dir() -> Path:
    """Return the folder of the demo's own database."""
    return home() / "demo"


def ensure_environment(progress: Progress) -> Path:
    """Install Tryton by its locked requirements unless it is there; return its environment."""
    place, locked = home() / "venv", assets.asset("demo/tryton-requirements.txt")
    mark, wanted = place / "installed", hashlib.sha256(locked.read_bytes()).hexdigest()
    if mark.is_file() and mark.read_text() == wanted:
        return place
    progress("Tryton packages", 0, 1)
    own_pip = find_spec("pip") is None  # a distribution may have taken pip or ensurepip out of its Python
    venv.create(place, clear=True, with_pip=own_pip)
    python = _program(place, "python")
    pip = [python, "-m", "pip"] if own_pip else [sys.executable, "-m", "pip", "--python", python]
    quiet = ["--quiet", "--disable-pip-version-check", "--require-hashes"]
    _run([*pip, "install", *quiet, "-r", str(locked)], "installing Tryton")
    mark.write_text(wanted)
    progress("Tryton packages", 1, 1)
    return place


def ensure_template(progress: Progress) -> Path:
    """Make the seeded template database unless a fresh one is there; return its folder."""
    environment = ensure_environment(progress)
    place, wanted = home() / "template", _seed_digest()
    if _is_fresh(place, wanted):
        return place
    home().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home(), prefix="building-") as name:
        build = Path(name) / "template"
        build.mkdir()
        _make_template(environment, build, progress)
        _write(build / "made.json", {"digest": wanted, "day": _today().isoformat()})
        shutil.rmtree(place, ignore_errors=True)
        build.rename(place)
    return place


def ensure_database(progress: Progress, data_dir: Path | None = None) -> Path:
    """Give `data_dir` a database of its own unless it has one; return the folder."""
    place = data_dir or default_data_dir()
    if not (place / "access.json").is_file():
        reset(progress, place)
    return place


def reset(progress: Progress, data_dir: Path | None = None) -> Path:
    """Put a clean copy of the template into `data_dir`; no server may be running there."""
    place = data_dir or default_data_dir()
    template = ensure_template(progress)
    place.mkdir(parents=True, exist_ok=True)
    for left in (place / "access.json", *place.glob(f"{DATABASE}.sqlite*")):
        left.unlink(missing_ok=True)  # a left-over -wal would be replayed over the copy
    for name in (f"{DATABASE}.sqlite", "people.json", "access.json"):
        shutil.copy2(template / name, place / name)
    return place


def start(port: int = 0, data_dir: Path | None = None, *, session_timeout_s: int = 300) -> TrytonServer:
    """Start the server on loopback and wait until it answers; port 0 takes a free one.

    `session_timeout_s`: idle seconds after which Tryton wants a new sign-in before sensitive calls.
    """
    place = data_dir or default_data_dir()
    access = json.loads((place / "access.json").read_text())
    port = port or free_port()
    config = _write_config(place, port, session_timeout_s)
    command = [_program(home() / "venv", "trytond"), "-c", str(config), "-d", DATABASE]
    with (place / "server.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    server = TrytonServer(
        f"http://127.0.0.1:{port}", DATABASE, access["user"], access["password"], access["key"],
        process.pid, place, process,
    )  # fmt: skip
    _wait_until_ready(server)
    return server


def callers(data_dir: Path | None = None) -> list[dict[str, str | None]]:
    """Return who can ring: `code`, `name`, `phone` and `special` (what a customer is for, or None)."""
    listed = (data_dir or default_data_dir()) / "people.json"
    people: list[dict[str, str | None]] = json.loads(listed.read_text(encoding="utf-8"))
    return people


def _make_template(environment: Path, build: Path, progress: Progress) -> None:
    database, config = build / f"{DATABASE}.sqlite", _write_config(build, 0, 300, worker=True)
    database.touch()  # trytond-admin does not create it
    passfile = build / "passfile"
    _write(passfile, secrets.token_urlsafe(18))  # the administrator's password: nobody keeps it
    progress("Tryton modules", 0, 1)
    admin = [_program(environment, "trytond-admin"), "-c", str(config), "-d", DATABASE, "-u", "ir", "res"]
    email = ["--activate-dependencies", "--email", "admin@example.com"]
    _run([*admin, *MODULES, *email], "making the database", {"TRYTONPASSFILE": str(passfile)})
    passfile.unlink()
    progress("Tryton modules", 1, 1)
    _seed(environment, config, database, progress)
    config.unlink()


def _seed(environment: Path, config: Path, database: Path, progress: Progress) -> None:
    """Run the seed and pass its steps on."""
    # -O: Tryton's assertions over whole batches take half of the time
    script = [_program(environment, "python"), "-O", str(assets.asset("demo/seed_tryton.py"))]
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [*script, str(config), str(database), str(database.parent)],
            stdout=subprocess.PIPE, stderr=errors, text=True, env=_environment({}),
        )  # fmt: skip
        assert process.stdout
        with process.stdout as told:
            for line in told:
                step = json.loads(line)
                progress(f"Tryton {step['stage']}", step["done"], step["total"])
        if process.wait() != 0:
            errors.seek(0)
            raise TrytonFailed(f"seeding Tryton: {errors.read()[-2000:]}")


def _run(command: list[str], doing: str, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, env=_environment(environment or {}), check=False
    )
    if done.returncode != 0:
        raise TrytonFailed(f"{doing}: {(done.stderr or done.stdout)[-2000:]}")


def _environment(more: dict[str, str]) -> dict[str, str]:
    """Return our environment without what would steer Tryton's Python to our packages."""
    return {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "PYTHONHOME")} | more


def _program(environment: Path, name: str) -> str:
    return str(environment / ("Scripts" if os.name == "nt" else "bin") / name)


def _seed_digest() -> str:
    digest = hashlib.sha256()
    for name in SEED:
        digest.update(assets.asset(f"demo/{name}").read_bytes())
    return digest.hexdigest()


def _is_fresh(template: Path, digest: str) -> bool:
    if not (template / "made.json").is_file():
        return False
    made = json.loads((template / "made.json").read_text())
    return bool(made["digest"] == digest and _today() - date.fromisoformat(made["day"]) < TEMPLATE_LASTS)


def _today() -> date:
    return datetime.now().astimezone().date()


def _write_config(place: Path, port: int, session_timeout_s: int, *, worker: bool = False) -> Path:
    """Write the server's configuration; with `worker` it queues print jobs instead of doing them."""
    config = place / "trytond.conf"
    _write(
        config,
        f"[database]\nuri = sqlite://\npath = {place}\n"
        f"[web]\nlisten = 127.0.0.1:{port}\nroot =\n"
        f"[session]\ntimeout = {session_timeout_s}\nmax_attempt = 5\n"
        f"[bus]\nallow_subscribe = False\n"
        f"[queue]\nworker = {worker}\n",
    )
    return config


def _write(path: Path, content: object) -> None:
    """Write text, or JSON, that only its owner may read."""
    text = content if isinstance(content, str) else json.dumps(content)
    path.unlink(missing_ok=True)
    path.touch(0o600)
    path.write_text(text, encoding="utf-8")


def free_port() -> int:
    """Return a port that is free now, from those that nobody is given who asks for any: it stays free."""
    while True:
        port = 20_000 + secrets.randbelow(12_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def _wait_until_ready(server: TrytonServer) -> None:
    """Wait until the database answers to the hub's key, which also loads it."""
    request = urllib.request.Request(
        f"{server.url}/{server.database}/rest/model/party.party?s=1",
        headers={"Authorization": f"Bearer {server.key}"},
    )
    open_directly = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
    until = time.monotonic() + READY_WITHIN_S
    why = "in time"
    while time.monotonic() < until and server.process.poll() is None:
        try:
            with open_directly(request, timeout=READY_WITHIN_S):
                return
        except urllib.error.HTTPError as error:
            why = f"but with HTTP {error.code}"
            error.close()
            break
        except OSError:
            time.sleep(0.05)
    server.stop()
    log = (server.data_dir / "server.log").read_text(errors="replace")
    raise TrytonFailed(f"Tryton does not answer {why}: {log[-2000:]}")
