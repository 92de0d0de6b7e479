"""Python, packages and plugins."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING

from herd_graph.config import Config
from herd_graph.doctor.findings import Finding

if TYPE_CHECKING:
    from packaging.requirements import Requirement

COMPROMISED_LITELLM = frozenset({"1.82.7", "1.82.8", "1.107.0"})
"""Releases that carried foreign code; whoever has one installed should rotate their keys."""


def python(config: Config) -> Iterable[Finding]:
    """Check the interpreter's version."""
    del config
    running = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info[:2] <= (3, 13):
        yield Finding(name="python", level="ok", detail=running)
    else:
        yield Finding(
            name="python",
            level="fail",
            detail=f"{running}; 3.11, 3.12 and 3.13 are supported",
            fix="Make a virtual environment with a supported Python.",
        )


def packages(config: Config) -> Iterable[Finding]:
    """Check every dependency of the base installation against what is installed."""
    del config
    from packaging.requirements import Requirement

    try:
        wanted = [Requirement(each) for each in requires("herd-graph") or []]
        own = version("herd-graph")
    except PackageNotFoundError:
        yield Finding(
            name="herd-graph",
            level="warn",
            detail="is imported from a folder and not installed",
            fix="Install it: pip install -e '.[local]'",
        )
        return
    wrong: list[str] = []
    base = [each for each in wanted if each.marker is None or each.marker.evaluate({"extra": ""})]
    for each in base:
        try:
            have = version(each.name)
        except PackageNotFoundError:
            wrong.append(f"{each.name} is missing")
            continue
        if not each.specifier.contains(have, prereleases=True):
            wrong.append(f"{each.name} {have} is not {each.specifier}")
    if wrong:
        yield Finding(
            name="packages",
            level="fail",
            detail="; ".join(wrong),
            fix="pip install --upgrade herd-graph",
        )
    else:
        yield Finding(
            name="packages", level="ok", detail=f"herd-graph {own}, {len(base)} dependencies"
        )
    yield from litellm_release()


def extras(config: Config) -> Iterable[Finding]:
    """Say which extras are installed, and how to get the others: none of them is missed."""
    del config
    from importlib.metadata import metadata

    from packaging.requirements import Requirement

    try:
        wanted = [Requirement(each) for each in requires("herd-graph") or []]
        names = metadata("herd-graph").get_all("Provides-Extra") or []
    except PackageNotFoundError:
        return
    for extra in sorted(map(str, names)):
        of_it = [each for each in wanted if each.marker and each.marker.evaluate({"extra": extra})]
        brought = [
            each for each in of_it if not (each.marker and each.marker.evaluate({"extra": ""}))
        ]
        yield _extra(extra, brought)


def _extra(extra: str, brought: list[Requirement]) -> Finding:
    absent: list[str] = []
    wrong: list[str] = []
    for each in brought:
        try:
            have = version(each.name)
        except PackageNotFoundError:
            absent.append(each.name)
            continue
        if not each.specifier.contains(have, prereleases=True):
            wrong.append(f"{each.name} {have} is not {each.specifier}")
    name, install = f"extra {extra}", f"pip install 'herd-graph[{extra}]'"
    if wrong:
        return Finding(name=name, level="warn", detail="; ".join(wrong), fix=f"{install} --upgrade")
    if not absent:
        return Finding(
            name=name,
            level="ok",
            detail=f"whole ({len(brought)} package{'' if len(brought) == 1 else 's'})",
        )
    what = "not installed; it brings" if len(absent) == len(brought) else "not whole; it lacks"
    listed = ", ".join(absent[:6]) + (f" and {len(absent) - 6} more" if len(absent) > 6 else "")
    return Finding(name=name, level="note", detail=f"{what} {listed}", fix=install)


def litellm_release(installed: str | None = None) -> Iterable[Finding]:
    """Check that litellm is none of the compromised releases."""
    try:
        have = installed or version("litellm")
    except PackageNotFoundError:
        return
    if have in COMPROMISED_LITELLM:
        yield Finding(
            name="litellm",
            level="fail",
            detail=f"{have} is a compromised release",
            fix="pip install --upgrade litellm, then rotate every key that this machine has seen.",
        )
    else:
        yield Finding(name="litellm", level="ok", detail=have)


def plugins(config: Config) -> Iterable[Finding]:
    """Check that every plugin can be loaded."""
    del config
    from importlib.metadata import entry_points

    from herd_graph.registry import Registry

    offered = list(entry_points(group="herd.experts"))
    if not offered:
        yield Finding(name="plugins", level="ok", detail="none installed")
        return
    registry = Registry()
    failed = registry.load_plugins()
    for name, reason in failed.items():
        distribution = (re.findall(r"\((.+)\)", name) or ["?"])[0]
        yield Finding(
            name="plugins",
            level="warn",
            detail=f"{name} could not be loaded: {reason}",
            fix=f"Update or remove it: pip install --upgrade {distribution}",
        )
    if len(failed) < len(offered):
        yield Finding(
            name="plugins",
            level="ok",
            detail=f"{len(offered) - len(failed)} with {len(registry)} experts",
        )
