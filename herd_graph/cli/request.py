"""Read what a person asks for from the command line, stdin and files."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from typer import BadParameter

if TYPE_CHECKING:
    from herd_graph.artifacts import Artifact
    from herd_graph.cards import Port
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
            made.append(_piped())
            continue
        try:
            made.append(attach(path))
        except ArtifactError as error:
            if "." in path.name or path.exists():
                raise
            raise type(error)(
                f"{error} If it is a word of the request: put the whole request in quotes."
            ) from None
    return made


def _piped() -> Artifact:
    from herd_graph.artifacts.attach import attach_bytes
    from herd_graph.config import Limits

    if not has_stdin():
        raise BadParameter(
            "-a - attaches what is piped in, and nothing is. Pipe a file into it: "
            "cat letter.txt | herd run 'TASK' -a -."
        )
    most = max(Limits().text_bytes, Limits().image_bytes, Limits().audio_bytes)
    content = sys.stdin.buffer.read(most + 1)
    if len(content) > most:
        raise BadParameter(f"stdin holds more than {most:,} bytes. Save it in a file: -a FILE.")
    return attach_bytes(content, name="stdin")


def has_stdin() -> bool:
    """Say whether stdin is there and no terminal."""
    return sys.stdin is not None and not sys.stdin.isatty()  # pyright: ignore[reportUnnecessaryComparison]


def mention_unread_stdin() -> None:
    """Say so when something was piped in that nobody reads: it was meant for something."""
    from herd_graph.cli.output import say

    if has_stdin() and _stdin_holds_something():
        say("What is piped in is not read. Attach it with: -a -", "yellow")


def _stdin_holds_something() -> bool:
    """Look without waiting: a pipe that nobody ever writes to is common, and no mistake."""
    import os
    import select
    import stat

    try:
        descriptor = sys.stdin.fileno()
        kind = os.fstat(descriptor)
        if stat.S_ISREG(kind.st_mode):
            return kind.st_size > os.lseek(descriptor, 0, os.SEEK_CUR)
        if not stat.S_ISFIFO(kind.st_mode):
            return False
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return any(events & select.POLLIN for _, events in poll.poll(0))
    except (OSError, ValueError, AttributeError):  # closed, or a system without poll
        return False


def read_inputs(plan: Plan, given: Sequence[str]) -> dict[str, Any]:
    """Return the values of ``--input NAME=VALUE`` as the plan's inputs take them.

    ``@FILE`` is the file, for any kind; media are files anyway. Data is JSON, and a list port takes
    a JSON list or the option several times. Raises ``BadParameter``.
    """
    from herd_graph.errors import suggest

    found: dict[str, Any] = {}
    for each in given:
        name, sign, value = each.partition("=")
        port = plan.inputs.get(name)
        if not sign or port is None:
            known = suggest(name, plan.inputs, what="Inputs of the plan")
            raise BadParameter(f"--input {each!r} is no NAME=VALUE of an input. {known}")
        read = _input(port, value)
        found[name] = [*found.get(name, []), *_listed(read)] if port.many else read
    return found


def _listed(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _input(port: Port, value: str) -> Any:
    from herd_graph.types import Kind

    if value.startswith("@"):
        return read_attachments([Path(value[1:])])[0]
    if port.kind is Kind.TEXT:
        return value
    if port.kind in {Kind.DATA, Kind.ANY}:
        try:
            return json.loads(value)
        except ValueError:
            if port.scalar in {"number", "integer", "boolean"}:
                raise BadParameter(
                    f"--input {port.name}={value!r} is no {port.scalar}. Expected JSON: 1.5, true …"
                ) from None
            return value  # a word: JSON's quotes are a shell's trouble
    return read_attachments([Path(value)])[0]


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
