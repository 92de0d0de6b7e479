"""A folder for what is unpacked while the page is open, and the end of those that were left behind.

A process that ends as it should drops its folder itself. One that is killed cannot: the next one
does, for recordings may be large.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from herd_graph.recording.store import process_lives, process_token

_PREFIX = "herd-debug-"
_OWNER = "owner"
"""A file that names the process."""


def scratch_folder() -> Path:
    """Make a folder of this process, and drop those whose process is gone."""
    _sweep(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    (folder / _OWNER).write_text(process_token())
    return folder


def _sweep(among: Path) -> None:
    for each in among.glob(f"{_PREFIX}*"):
        # What cannot be read is somebody else's, or another process drops it at this moment.
        with contextlib.suppress(OSError, ValueError):
            if _is_left_behind(each):
                shutil.rmtree(each, ignore_errors=True)


def _is_left_behind(folder: Path) -> bool:
    """Say whether a folder is one of ours, and its process gone; one that names none may be new."""
    mine = not folder.is_symlink() and folder.stat().st_uid == os.getuid()
    owner = folder / _OWNER
    token = owner.read_text() if mine and owner.is_file() else ""
    return bool(token) and not process_lives(token)


__all__ = ("scratch_folder",)
