"""Free disk and memory."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from herd_graph.artifacts.base import human_size
from herd_graph.config import GIB, MIB, Config
from herd_graph.doctor.findings import Finding


def disk(config: Config) -> Iterable[Finding]:
    """Check the free space where runs and artifacts are kept."""
    folder = config.home
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    detail = f"{human_size(free)} free at {folder}"
    if free < 200 * MIB:
        fix = "Free some space, or move HERD_HOME: runs cannot be written when the disk is full."
        yield Finding(name="disk", level="fail", detail=detail, fix=fix)
    elif free < 2 * GIB:
        fix = "Delete old runs: herd runs prune --older-than 30d"
        yield Finding(name="disk", level="warn", detail=detail, fix=fix)
    else:
        yield Finding(name="disk", level="ok", detail=detail)


def memory(config: Config) -> Iterable[Finding]:
    """Check the memory that is available; the embedded models take about 1 GB together."""
    del config
    free = available_memory()
    cores = os.cpu_count() or 1
    if free is None:
        yield Finding(name="memory", level="ok", detail=f"not known on this system; {cores} cores")
    elif free < GIB:
        yield Finding(
            name="memory",
            level="warn",
            detail=f"{human_size(free)} available, {cores} cores",
            fix="Cap what models may hold: herd run --memory '500 MiB' …",
        )
    else:
        yield Finding(
            name="memory", level="ok", detail=f"{human_size(free)} available, {cores} cores"
        )


def available_memory() -> int | None:
    """Return the bytes that can still be used, within the limit of a container; None if unknown."""
    free = _meminfo("MemAvailable")
    limit, used = _number("/sys/fs/cgroup/memory.max"), _number("/sys/fs/cgroup/memory.current")
    if limit is not None and used is not None:
        left = max(0, limit - used + (_cgroup_cache() or 0))
        return left if free is None else min(free, left)
    return free


def resident_memory() -> int | None:
    """Return the bytes of this process that are in memory; None where nobody says."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def _meminfo(name: str) -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        key, _, rest = line.partition(":")
        if key == name:
            return int(rest.split()[0]) * 1024
    return None


def _number(path: str) -> int | None:
    try:
        return int(Path(path).read_text())
    except (OSError, ValueError):
        return None  # no control groups here, or no limit ("max")


def _cgroup_cache() -> int | None:
    try:
        lines = Path("/sys/fs/cgroup/memory.stat").read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith("inactive_file "):
            return int(line.split()[1])
    return None
