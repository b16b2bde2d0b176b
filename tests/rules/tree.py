"""The files of the project, as the rules read them."""

import ast
import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "agentdesk"

_NOT_OURS = {".git", ".venv", ".tryton", ".var", "__pycache__", "dist", "build", "out", "node_modules"}


@cache
def files() -> tuple[Path, ...]:
    """Return every file that is tracked or new; where there is no git, every file that no run has made."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        listed = subprocess.run(
            [
                "git",
                "-c",
                f"safe.directory={ROOT}",
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        found = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        found = [path for path in ROOT.rglob("*") if not _NOT_OURS & set(path.relative_to(ROOT).parts)]
    return tuple(sorted(path for path in found if path.is_file()))


def name(path: Path) -> str:
    """Return the path inside the project."""
    return path.relative_to(ROOT).as_posix()


def texts() -> dict[str, str]:
    """Return the text of every file that is text, by its path inside the project."""
    return {name(path): text for path in files() if (text := _text(path)) is not None}


def modules(folder: Path = SOURCE) -> dict[str, ast.Module]:
    """Return the syntax tree of every module in `folder`, by its path inside the project."""
    mine = [path for path in files() if path.suffix == ".py" and path.is_relative_to(folder)]
    return {name(path): ast.parse(path.read_text(encoding="utf-8")) for path in mine}


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
