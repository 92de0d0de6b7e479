"""A run that is recorded without what was said: by one call, or for all by the ``herd.toml``."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.recording.files import Recording

PLAN = Plan.parse(
    {
        "steps": [{"id": "s1", "expert": "shout", "inputs": {"text": {"input": "a1"}}}],
        "inputs": {"a1": {"name": "a1", "kind": "text"}},
    }
)
MINE = '''
from herd_graph import Text, expert

@expert
def shout(text: Text) -> Text:
    """Write a text in capital letters."""
    return Text(str(text).upper())
'''


def herd_of(folder: Path, record: str = "") -> Herd:
    said = f'[recording]\nrecord = "{record}"\n' if record else ""
    (folder / "mine.py").write_text(MINE)
    (folder / "herd.toml").write_text(
        f'[herd]\nembedded = false\nhome = "home"\n{said}[[experts]]\nref = "python:./mine.py:shout"\n'
    )
    return Herd.from_config(folder / "herd.toml", checkpoints="memory")


def everything(path: Path) -> str:
    with zipfile.ZipFile(path) as opened:
        held = {name: opened.read(name).decode("utf-8", "replace") for name in opened.namelist()}
    return json.dumps(held)


@pytest.mark.parametrize(
    ("record", "contents", "is_said"),
    [
        ("", None, True),
        ("", "metadata", False),
        ("metadata", None, False),
        ("metadata", "full", True),
    ],
)
def test_what_was_said_is_in_the_file_or_not(
    record: str, contents: str | None, is_said: bool, tmp_path: Path
):
    with herd_of(tmp_path, record) as herd:
        made = herd.run(PLAN, a1="marzipan", record=tmp_path / "a.herdrun", contents=contents)  # pyright: ignore[reportArgumentType]

    assert made.answer.text == "MARZIPAN"
    found = everything(tmp_path / "a.herdrun").lower()
    assert ("marzipan" in found) is is_said
    with Recording(tmp_path / "a.herdrun") as recording:
        assert [each.expert for each in recording.calls] == ["shout@1"]
