"""Scratch folders: they go with their process, however that ends."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

Scratch: Any = import_module("herd_graph._bundled.tools.scratch").Scratch

OWNER = """
import sys
from herd_graph._bundled.tools.scratch import Scratch
folder = Scratch("speak")
(folder.path / "one.wav").write_bytes(b"x")
print(folder.path, flush=True)
sys.stdin.read()
"""


def test_a_folder_outlives_a_killed_owner_only_until_the_next_one(herd_home: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with owner:
        assert owner.stdout is not None
        theirs = Path(owner.stdout.readline().strip())

        ours = Scratch("speak")
        assert theirs.is_dir()  # its owner lives
        ours.close()
        assert not ours.path.exists()

        owner.kill()
        owner.wait()
    assert theirs.is_dir()
    Scratch("speak").close()
    assert list((herd_home / "scratch").iterdir()) == []
