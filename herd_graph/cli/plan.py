"""``herd plan``: what would be done, without doing it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from herd_graph.cli.failures import DONE, PARTIAL
from herd_graph.cli.options import (
    AttachOption,
    FilesArgument,
    JsonOption,
    RouterOption,
    TaskArgument,
)


def plan(
    task: TaskArgument = None,
    files: FilesArgument = None,
    attach: AttachOption = None,
    as_json: JsonOption = False,
    mermaid: Annotated[
        bool, typer.Option("--mermaid", help="Write the plan as a Mermaid flowchart.")
    ] = False,
    svg: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Draw the plan into an SVG file.", show_default=False),
    ] = None,
    router: RouterOption = None,
) -> None:
    """Show the plan for a TASK, and run nothing.

    Save it with --json, edit it, and run it with: herd run --plan FILE. Exit code 0 when every
    part of the request is planned, 3 when a part (or all of it) is not.

    Example: herd plan "Read the sign and translate it" -a sign.png --mermaid
    """
    from herd_graph.cli.output import emit, emit_json, say
    from herd_graph.cli.request import read_attachments, read_task
    from herd_graph.cli.session import open_herd, run_until_done

    if as_json and mermaid:
        raise typer.BadParameter("--json and --mermaid exclude each other.")
    request = read_task(task)
    attachments = read_attachments([*(attach or []), *(files or [])])
    with open_herd(router=router) as herd:
        route = run_until_done(herd.aplan(request, *attachments))
    made = route.plan
    if svg is not None:
        _write_svg(svg, made.to_svg())
        say(f"drawn into {svg}", style="dim")
    if as_json:
        shown: dict[str, Any] = {"plan": made.public()}
        if made.abstained or made.reason:
            shown["reason"] = made.reason
            shown["plan"].setdefault("reason", made.reason)
        full = made.dump()
        shown["answers"] = full.get("answers", [])
        shown["unmet"] = list(made.unmet)
        shown["inputs"] = full.get("inputs", {})
        shown["trace"] = route.trace.model_dump(mode="json")
        emit_json(shown)
    elif mermaid:
        emit(made.to_mermaid())
    else:
        lines = [str(made)]
        lines += [f"not planned: {each}" for each in made.unmet]
        if made.reason and not made.abstained and not made.unmet:  # each says why
            lines.append(made.reason)
        emit("\n".join(lines))
    raise typer.Exit(PARTIAL if made.abstained or made.unmet else DONE)


def _write_svg(path: Path, drawing: str) -> None:
    from herd_graph.errors import ConfigError

    try:
        path.write_text(drawing, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{str(path)!r} cannot be written: {error.strerror or error}. Expected a path for the "
            "SVG file. Name another with --svg."
        ) from error
