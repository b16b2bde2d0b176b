"""Shipped files are found, and nothing else is."""

import pytest

from agentdesk.assets import asset, root


def test_a_shipped_file_and_folder_are_found() -> None:
    assert asset("theme/tokens.toml").is_file()
    assert asset("fonts").is_dir()


@pytest.mark.parametrize("name", ["../pyproject.toml", "theme/../../pyproject.toml", "/etc/hostname"])
def test_a_name_that_leaves_the_folder_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="inside"):
        asset(name)


def test_a_file_that_is_not_shipped_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"theme/none\.toml"):
        asset("theme/none.toml")


def test_fonts_ship_with_their_licence() -> None:
    assert "SIL OPEN FONT LICENSE" in (root() / "fonts" / "OFL.txt").read_text(encoding="utf-8")
