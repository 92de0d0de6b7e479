"""``herd train``: learn from requests whose plans are known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from herd_graph.cli.options import JsonOption, QuietOption, command

if TYPE_CHECKING:
    from herd_graph.herd import Herd
    from herd_graph.runs import Run

app = typer.Typer(
    no_args_is_help=True, help="Train a router. Example: herd train router --from runs"
)


_MIDDLE = 0.5


@command(app, "router")
def router(
    source: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="runs|FILE",
            help="Your own runs that went well, or a file of requests with their plans.",
        ),
    ] = "runs",
    to: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Where to save it; what --router learned uses, by default.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Train the learned router, and say how good it is on requests that it has not seen.

    Use it with --router learned, or --router learned:FOLDER. It takes at least 20 requests; a few
    hundred are worth having.

    Example: herd train router --from approved.jsonl --to ./router
    """
    from dataclasses import asdict

    from herd_graph.bench.router_training import from_file, from_runs, train_router
    from herd_graph.cli.output import emit, emit_json, say
    from herd_graph.cli.session import open_herd
    from herd_graph.discovery.embedders import default_embedder
    from herd_graph.routing.learned.planner import default_folder
    from herd_graph.routing.learned.saving import save

    with open_herd() as herd:
        experts = herd.registry.snapshot()
        lessons = (
            from_runs(_good_runs(herd)) if source == "runs" else from_file(Path(source), experts)
        )
        model, outcome = train_router(
            lessons,
            experts,
            default_embedder(),
            herd.store,
            (lambda _: None) if quiet else (lambda line: say(line, style="dim")),
        )
        folder = save(model, to or default_folder())
    if as_json:
        emit_json({"saved": str(folder), **asdict(outcome)})
        return
    spec = "learned" if to is None else f"learned:{folder}"
    emit("\n".join([*outcome.lines(), f"saved in {folder}; use it with --router {spec}"]))


def _good_runs(herd: Herd) -> list[Run]:
    """Return runs that are done and that nobody scored below the middle."""
    from herd_graph.routing.feedback import of

    rows = herd.runs.list(limit=100_000, status="done")
    # Where a run was scored more than once, what was said last counts.
    kept = [row for row in rows if all(each.score >= _MIDDLE for each in of(row)[-1:])]
    return [herd.get(row.id) for row in kept]
