"""Folders for files that pass between processes, which nobody needs once their process is gone.

A process that is killed cannot tidy up. So each folder is locked for as long as its owner lives
(the lock goes with the process, however it ends), and whoever makes a new one removes those that
nobody holds.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from herd_graph.config import home


class Scratch:
    """A folder under ``HERD_HOME/scratch``, removed by ``close`` or by the next process."""

    def __init__(self, purpose: str) -> None:
        parent = home() / "scratch"
        parent.mkdir(parents=True, exist_ok=True)
        sweep(parent)
        self.path, self._lock = _made(parent, purpose)

    def close(self) -> None:
        """Remove the folder; harmless when it was done before."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def _made(parent: Path, purpose: str) -> tuple[Path, int]:
    while True:
        path = Path(tempfile.mkdtemp(prefix=f"{purpose}-", dir=parent))
        try:
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue  # swept by another process before it was locked
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        if path.is_dir():
            return path, lock
        os.close(lock)


def sweep(parent: Path) -> None:
    """Remove the folders whose owners are gone."""
    for folder in parent.iterdir():
        with contextlib.suppress(OSError):  # held by its owner, or another process swept it
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)
