"""``herd eval``: hold a router against a user's own regression set."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from herd_graph.cli.failures import DONE, FAILED
from herd_graph.cli.options import JsonOption, QuietOption


def evaluate(
    requests: Annotated[
        Path,
        typer.Argument(
            metavar="REQUESTS",
            help='JSON lines: {"id", "wordings", "files", "gold"} or {"task", "files", "experts"}.',
        ),
    ],
    router: Annotated[
        str | None, typer.Option("--router", metavar="NAME", help="Who writes the plans.")
    ] = None,
    least: Annotated[
        float,
        typer.Option(min=0, max=1, metavar="SHARE", help="Fail below this share of right plans."),
    ] = 1.0,
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="An earlier --json output: fail on requests that were right then and are not now.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Plan every request of a set and say which plans are not as wanted. Nothing is run.

    Exit code 0 when enough are right (and none became wrong, with --baseline), 1 otherwise: for CI,
    before and after an expert is added.

    Example: herd eval regression.jsonl --least 0.9
    """
    from herd_graph.bench.evaluating import evaluate as measure
    from herd_graph.bench.evaluating import worsened
    from herd_graph.cli.output import emit, emit_json, say
    from herd_graph.cli.session import open_herd, run_until_done

    with open_herd(router=router) as herd:
        work = measure(herd, requests, say=(lambda _: None) if quiet else _dim)
        outcome = run_until_done(work)
    lost = worsened(outcome, baseline) if baseline is not None else ()
    if as_json:
        emit_json({**outcome.to_json(), "worsened": list(lost)})
    else:
        emit("\n".join(outcome.lines()))
        for each in lost:
            say(f"{each} was right before, and is not now", "red")
    raise typer.Exit(DONE if outcome.share >= least and not lost else FAILED)


def _dim(line: str) -> None:
    from herd_graph.cli.output import say

    say(line, style="dim")
