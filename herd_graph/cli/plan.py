"""``herd plan``: what would be done, without doing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from herd_graph.cli.failures import DONE, PARTIAL
from herd_graph.cli.options import (
    AttachOption,
    FilesArgument,
    InputOption,
    JsonOption,
    RouterOption,
    TaskArgument,
)

if TYPE_CHECKING:
    from herd_graph.artifacts import Artifact
    from herd_graph.herd import Herd
    from herd_graph.plans import Plan
    from herd_graph.routing.base import Route


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
    saved: Annotated[
        Path | None,
        typer.Option(
            "--plan",
            metavar="FILE",
            help="Check and show this plan (JSON) in place of one for a TASK.",
            show_default=False,
        ),
    ] = None,
    inputs: InputOption = None,
    router: RouterOption = None,
) -> None:
    """Show the plan for a TASK, and run nothing.

    Save it with --json, edit it, check it with --plan FILE, and run it with: herd run --plan FILE.
    Exit code 0 when every part of the request is planned, 3 when a part (or all of it) is not, 2
    when a plan of your own has problems.

    Example: herd plan "Read the sign and translate it" -a sign.png --mermaid
    """
    from herd_graph.cli.output import emit, emit_json, say
    from herd_graph.cli.request import (
        mention_unread_stdin,
        read_attachments,
        read_inputs,
        read_plan,
        read_task,
    )
    from herd_graph.cli.session import open_herd, run_until_done

    if as_json and mermaid:
        raise typer.BadParameter("--json and --mermaid exclude each other.")
    if saved is not None and task is not None:
        raise typer.BadParameter("a TASK and --plan exclude each other. Attach files with -a.")
    if saved is None and inputs:
        raise typer.BadParameter("--input is for the inputs of a --plan. Attach files with -a.")
    own = None if saved is None else read_plan(saved)
    request = read_task(task) if own is None else ""
    attachments = read_attachments([*(attach or []), *(files or [])])
    mention_unread_stdin()
    with open_herd(router=router) as herd:
        if own is None:
            work = herd.aplan(request, *attachments)
        else:
            work = _checked(own, herd, attachments, read_inputs(own, inputs or []))
        route = run_until_done(work)
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


async def _checked(
    own: Plan, herd: Herd, attachments: Sequence[Artifact], named: Mapping[str, Any]
) -> Route:
    """Hold a plan against the experts that are there, and what is given against its inputs."""
    from herd_graph.checking import validate
    from herd_graph.routing.base import Route, RouteTrace

    given = None
    if attachments or named:
        given = (await herd._bind(own, tuple(attachments), named, "")).inputs
    validate(own, herd.registry.snapshot(), given)
    return Route(plan=own, trace=RouteTrace(router=own.author or "a person", request=""))


def _write_svg(path: Path, drawing: str) -> None:
    from herd_graph.errors import ConfigError

    try:
        path.write_text(drawing, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"{str(path)!r} cannot be written: {error.strerror or error}. Expected a path for the "
            "SVG file. Name another with --svg."
        ) from error
