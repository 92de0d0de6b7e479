"""A project to begin with: an expert, a prompt, a workflow, and a test of all three.

The files lie in ``project/`` as they will lie in the new folder; ``[[package]]`` and ``[[project]]``
are filled in, also in paths. ``.tmpl`` keeps tools from taking them for this package's own code.
"""

from __future__ import annotations

import keyword
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PurePosixPath

from herd_graph.errors import ConfigError

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
_TAKEN = frozenset({"herd", "herd_graph", "test", "tests"})
_LONGEST = 60
_TEMPLATE = ".tmpl"


@dataclass(frozen=True, kw_only=True)
class Project:
    """What was made."""

    folder: Path
    package: str
    """The name that Python imports."""
    files: tuple[str, ...]
    """Paths inside the folder."""


def new_project(folder: Path) -> Project:
    """Write a project that passes its own test, all of it or nothing.

    Args:
        folder: Where; missing or empty. Its last part names the project.

    Raises:
        ConfigError: The name cannot name a Python package, the folder holds something, or it
            cannot be written.
    """
    project = Path(os.path.abspath(folder)).name  # noqa: PTH100 (`resolve` would follow links)
    package = _package(project)
    _vacant(folder)
    written: list[str] = []
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".herd-new-", dir=folder.parent) as made:
            place = Path(made) / project
            for path, text in _filled(project, package):
                target = place / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
                written.append(str(path))
            _put(place, folder)
    except OSError as error:
        raise ConfigError(
            f"The project {str(folder)!r} cannot be written: {error.strerror or error}. Expected a "
            "place where folders can be made. Choose another."
        ) from error
    return Project(folder=folder, package=package, files=tuple(sorted(written)))


def _put(made: Path, folder: Path) -> None:
    """Move the finished project to its place; an empty folder that is there keeps its own rights."""
    if not folder.is_dir():
        made.rename(folder)
        return
    for each in sorted(made.iterdir()):
        shutil.move(str(each), folder / each.name)


def _package(project: str) -> str:
    """Return the name of the Python package, where the project's name can be one."""
    if len(project) > _LONGEST or not _NAME.fullmatch(project):
        lowered = re.sub(r"[^a-z0-9]+", "-", project.lower()).strip("-0123456789")[:_LONGEST]
        near = lowered.rstrip("-")
        raise ConfigError(
            f"{project!r} cannot name a project. Expected at most {_LONGEST} characters: lower-case "
            "letters and digits, beginning with a letter, with single '-' or '_' between words. "
            + (f"Try {near!r}." if near and _NAME.fullmatch(near) else "Try 'my-experts'.")
        )
    package = project.replace("-", "_")
    if keyword.iskeyword(package) or keyword.issoftkeyword(package):
        why = "is a word of the Python language"
    elif package in _TAKEN or package in sys.stdlib_module_names:
        why = "is the name of a module that Python or HERD needs"
    elif _is_installed(package):
        why = "is the name of an installed package, which yours would hide"
    else:
        return package
    raise ConfigError(
        f"{project!r} {why}. Expected a name that nothing else has. Try {f'my-{project}'!r}."
    )


def _is_installed(package: str) -> bool:
    """Say whether an import would find something else. A bare folder does not count."""
    try:
        found = find_spec(package)
    except (ImportError, ValueError):
        return False
    return found is not None and found.origin is not None


def _vacant(folder: Path) -> None:
    """Check that nothing is overwritten."""
    try:
        inside = sorted(each.name for each in folder.iterdir())
    except FileNotFoundError:
        if folder.is_symlink():
            raise ConfigError(
                f"{str(folder)!r} is a link that leads nowhere. Expected a new or empty folder. "
                "Choose another name."
            ) from None
        return
    except NotADirectoryError:
        raise ConfigError(
            f"{str(folder)!r} lies at a file. Expected a new or empty folder. Choose another name."
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{str(folder)!r} cannot be looked into: {error.strerror or error}. Expected a new or "
            "empty folder. Choose another name."
        ) from error
    if inside:
        listed = ", ".join(repr(each) for each in inside[:3]) + (" …" if inside[3:] else "")
        raise ConfigError(
            f"The folder {str(folder)!r} is not empty: it holds {listed}. Expected a new or empty "
            "one, so that nothing is overwritten. Choose another name."
        )


def _filled(project: str, package: str) -> Iterator[tuple[PurePosixPath, str]]:
    templates = Path(__file__).parent / "project"

    def fill(text: str) -> str:
        return text.replace("[[package]]", package).replace("[[project]]", project)

    for path in sorted(templates.rglob(f"*{_TEMPLATE}")):
        inside = fill(path.relative_to(templates).as_posix()).removesuffix(_TEMPLATE)
        yield PurePosixPath(inside), fill(path.read_text(encoding="utf-8"))
