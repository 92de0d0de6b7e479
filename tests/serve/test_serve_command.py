"""``herd serve`` from the command line: keys, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from herd_graph.cli import main


def test_keys_are_made_listed_and_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve", "keys", "add", "alice", "--usd", "5", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert main(["serve", "keys", "list"]) == 0
    listed = capsys.readouterr().out
    assert main(["serve", "keys", "revoke", "alice"]) == 0
    assert main(["serve", "keys", "revoke", "alice"]) != 0
    assert main(["serve", "keys", "list", "--json"]) == 0
    [after] = json.loads(capsys.readouterr().out.partition("\n")[2])

    assert made["key"].startswith("hk-")
    assert made["limits"]["usd_per_day"] == 5
    assert "alice" in listed
    assert made["key"] not in listed
    assert after["revoked"] is not None


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--host", "0.0.0.0"], "herd serve keys add"),
        (["--key", "short"], "at least 16"),
        (["--keys-from", "nowhere.txt"], "nowhere.txt"),
        (["--fetch-network", "10.0.0.300"], "CIDR"),
        (["--alias", "gpt"], "NAME=MODEL"),
        (["--port", "99999"], "65535"),
    ],
)
def test_what_cannot_be_served_is_said_before_it_starts(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    code = main(["serve", "--port", "0", *arguments])

    assert code != 0
    assert told in " ".join(capsys.readouterr().err.split())


def test_keys_come_from_a_file(tmp_path: Path) -> None:
    from herd_graph.cli.serve import _keys_in

    path = tmp_path / "keys.txt"
    path.write_text("# of the team\nfirst-key-of-the-team # alice\n\nsecond-key-of-the-team\n")

    assert _keys_in(path) == ["first-key-of-the-team", "second-key-of-the-team"]
