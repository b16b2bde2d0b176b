"""Find a file that ships with the program, in a checkout or in an installed wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "_resources"
_CHECKOUT = _PACKAGE.parents[1] / "resources"


def root() -> Path:
    """Return the folder of shipped files."""
    return _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT


def asset(name: str) -> Path:
    """Return the path of a shipped file or folder, such as `theme/tokens.toml`.

    Raises ValueError for a name that leaves the folder and FileNotFoundError for one that is not shipped.
    """
    base = root().resolve()
    path = (base / name).resolve()
    if not path.is_relative_to(base):
        raise ValueError("a shipped file lies inside the resources folder")
    if not path.exists():
        raise FileNotFoundError(f"not shipped: {name}")
    return path
