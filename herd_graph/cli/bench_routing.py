"""``herd bench routing``: routers among experts of one job, on a quality matrix."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from herd_graph.cli.options import JsonOption, QuietOption


def routing(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A quality matrix: .csv or .csv.gz with task, prompt, q:NAME and c:NAME.",
        ),
    ],
    folds: Annotated[int, typer.Option(min=2, help="Parts of the cross-validation.")] = 5,
    limit: Annotated[
        int, typer.Option(min=0, metavar="N", help="The first N prompts alone; 0 for all.")
    ] = 0,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Routers whose name holds this; repeatable."),
    ] = None,
    test_split: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Measure on this split, by what the others teach; no folds."
        ),
    ] = "",
    curves: Annotated[
        bool, typer.Option(help="Measure newcomers, drift and the parts of a decision's time too.")
    ] = True,
    peers: Annotated[
        bool, typer.Option(help="Run other projects' routers too, where they are installed.")
    ] = True,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare routers on prompts that every expert was scored on: quality, cost, calibration, speed.

    Each prompt is decided by what was learnt from the other folds. Beside the routers stand the best
    single expert, the cheapest, a random one, the same mix of experts drawn at random (shuffle), the
    best expert of each task and the best of each prompt (oracle).

    Example: herd bench routing matrix.csv.gz --json
    """
    from herd_graph.bench.routing import run
    from herd_graph.cli.output import emit, emit_json, say

    report = run(
        file,
        folds=folds,
        limit=limit,
        test_split=test_split,
        only=tuple(only or ()),
        curves=curves,
        peers=peers,
        say=(lambda _: None) if quiet else (lambda line: say(line, style="dim")),
    )
    if as_json:
        emit_json(report.to_json())
    else:
        emit("\n".join(report.lines()))
