"""What a debugger unpacks is dropped, by the next one where it was killed itself."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from herd_graph.debug.web.scratch import scratch_folder

MAKES = """
from herd_graph.debug.web.scratch import scratch_folder
print(scratch_folder(), flush=True)
input()
"""


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def other(where: Path) -> tuple[subprocess.Popen[str], Path]:
    """Start a process that has a folder."""
    program = subprocess.Popen(
        [sys.executable, "-c", MAKES],
        env={**os.environ, "TMPDIR": str(where)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout is not None
    return program, Path(program.stdout.readline().strip())


def test_the_folder_of_a_process_that_was_killed_is_dropped_by_the_next_one(where: Path) -> None:
    program, folder = other(where)
    with program:
        try:
            (folder / "upload").write_bytes(b"large")
            mine = scratch_folder()

            assert folder.is_dir(), "its process lives"
        finally:
            program.kill()
    again = scratch_folder()

    assert not folder.exists()
    assert mine.is_dir()
    assert again.is_dir()


def test_what_names_no_process_and_what_only_points_there_is_left_alone(where: Path) -> None:
    unnamed, elsewhere = where / "herd-debug-new", where / "elsewhere"
    for each in (unnamed, elsewhere):
        each.mkdir()
    (elsewhere / "owner").write_text("nobody:1:1")
    (where / "herd-debug-link").symlink_to(elsewhere)
    (where / "herd-debug-file").write_text("no folder")

    scratch_folder()

    assert unnamed.is_dir()
    assert (where / "herd-debug-link").is_symlink()
    assert elsewhere.is_dir()
    assert (where / "herd-debug-file").is_file()
