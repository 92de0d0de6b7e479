"""Read what a person asks for from the command line, stdin and files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from typer import BadParameter

if TYPE_CHECKING:
    from herd_graph.artifacts import Artifact
    from herd_graph.plans import Plan


def read_task(task: str | None) -> str:
    """Return the request: as it was typed, or from stdin for ``-`` and for a pipe."""
    if task is not None and task != "-":
        text = task
    elif task is None and (sys.stdin is None or sys.stdin.isatty()):  # pyright: ignore[reportUnnecessaryComparison]
        raise BadParameter("there is no TASK. Say what you want, in quotes: herd run 'TASK'.")
    else:
        text = _read_stdin()
    if not text.strip():
        raise BadParameter("the TASK is empty. Say what you want, in quotes: herd run 'TASK'.")
    return text.strip()


def _read_stdin() -> str:
    from herd_graph.artifacts.base import decode_text
    from herd_graph.config import Limits

    most = Limits().request_chars
    content = sys.stdin.buffer.read(4 * most + 4)
    if len(content) > 4 * most:
        raise BadParameter(
            f"stdin holds more than {4 * most} bytes, and a request has at most {most} characters. "
            "Write a short request, and attach the text as a file: -a FILE."
        )
    return decode_text(content, "stdin")


def read_attachments(paths: Sequence[Path]) -> list[Artifact]:
    """Return the attached files, checked. Raises the error of the first that cannot be used."""
    from herd_graph.artifacts.attach import attach
    from herd_graph.errors import ArtifactError

    made: list[Artifact] = []
    for path in paths:
        if str(path) == "-":
            raise BadParameter(
                "-a takes files, and '-' is none. Save what you pipe in a file, or pipe the "
                "request itself: herd run - -a FILE."
            )
        try:
            made.append(attach(path))
        except ArtifactError as error:
            if "." in path.name or path.exists():
                raise
            raise type(error)(
                f"{error} If it is a word of the request: put the whole request in quotes."
            ) from None
    return made


def read_plan(path: Path) -> Plan:
    """Return the plan in a JSON file. Raises ``PlanMalformed``."""
    from herd_graph.errors import PlanMalformed
    from herd_graph.plans import Plan

    try:
        content = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise PlanMalformed(
            f"The plan {str(path)!r} cannot be read: {error.strerror or error}. Expected a JSON "
            "file, as herd plan --json writes it."
        ) from error
    return Plan.parse(content)
