"""The command line on real models: ask, ask again, look back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from herd_graph._bundled import folder
from herd_graph._bundled.tools import missing

SAMPLES = folder("graphs") / "samples"
TASK = "Transcribe the voice note and translate it into Portuguese, and read the text on the sign aloud"

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"models are missing: {missing()}")


def herd(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "herd_graph.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        cwd=folder,
        env=dict(os.environ),
        timeout=300,
    )


@pytest.mark.slow
def test_ask_ask_again_and_look_back(tmp_path: Path) -> None:
    files = ["-a", str(SAMPLES / "voice_note.ogg"), "-a", str(SAMPLES / "sign.png")]

    first, again = (herd("run", TASK, *files, "--out", "out", folder=tmp_path) for _ in range(2))
    planned = herd("plan", TASK, *files, "--json", folder=tmp_path)
    why = herd("why", "last", folder=tmp_path)
    shown = herd("runs", "show", "last", "--json", folder=tmp_path)
    listed = herd("runs", "list", "--json", folder=tmp_path)

    # The answer is right, complete, and says where it comes from.
    assert first.returncode == 0, first.stderr
    assert "chairs" in first.stdout
    assert "cadeiras" in first.stdout
    assert "voice_note.ogg" in first.stdout
    assert "saved as out/" in first.stdout
    (spoken,) = (tmp_path / "out").iterdir()
    assert spoken.read_bytes().startswith(b"RIFF")

    # Asked again, it prints the same, and saves nothing twice.
    assert again.stdout == first.stdout

    # The plan says so beforehand, in the form that programs rely on.
    steps = {step["id"]: step for step in json.loads(planned.stdout)["plan"]["steps"]}
    by_expert = {step["expert"]: step for step in steps.values()}
    heard = by_expert["transcribe@1"]
    assert heard["inputs"] == {"recording": {"input": "a1"}}
    assert by_expert["translate@1"]["inputs"] == {
        "text": {"step": heard["id"]},
        "to": {"value": "pt"},
    }
    assert by_expert["read_text@1"]["inputs"] == {"picture": {"input": "a2"}}

    # Looking back explains it.
    assert "transcribe@1" in why.stdout
    assert json.loads(shown.stdout)["status"] == "done"
    assert [row["status"] for row in json.loads(listed.stdout)] == ["done", "done"]


def test_what_nobody_can_do_is_said_plainly(tmp_path: Path) -> None:
    done = herd("plan", "Book me a flight to Rome", "--json", folder=tmp_path)

    plan = json.loads(done.stdout)["plan"]
    assert (done.returncode, plan["steps"]) == (3, [])
    assert plan["reason"]
