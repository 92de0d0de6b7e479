"""Settings, from arguments and the environment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from herd_graph.config import GIB, MIB, Config, home, parse_size
from herd_graph.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4 GiB", 4 * GIB),
        ("512mb", 512_000_000),
        ("1.5 MiB", MIB * 3 // 2),
        ("100", 100),
        (7, 7),
        ("1_000 b", 1000),
    ],
)
def test_sizes_are_read(text: str | int, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    "text", ["", "many", "4 XiB", "GiB", "-4 GiB", "inf gb", "nan b", "4 Gi B!"]
)
def test_what_is_no_size_says_what_is(text: str) -> None:
    with pytest.raises(ConfigError, match=r"is not a size.*'4 GiB'"):
        parse_size(text)


def test_the_home_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.setenv("HERD_HOME", "~/herd")
    assert home() == Path("/home/ann/herd")

    monkeypatch.delenv("HERD_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert home() == Path("/data/herd")

    monkeypatch.delenv("XDG_DATA_HOME")
    assert home() == Path("/home/ann/.local/share/herd")


def test_folders_are_separated_like_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Config.from_environment().folders == ()

    monkeypatch.setenv(
        "HERD_FOLDERS", os.pathsep.join([str(tmp_path / "a"), " ", f"{tmp_path}/b/.."])
    )

    assert Config.from_environment().folders == (tmp_path / "a", tmp_path)
