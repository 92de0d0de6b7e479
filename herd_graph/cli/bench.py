"""``herd bench``: measure routers on data of your own, beside what is simpler and what is best."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from herd_graph.cli.options import JsonOption, QuietOption, command

app = typer.Typer(
    no_args_is_help=True,
    help="Measure planning and routing on data. Example: herd bench planning FOLDER",
)


@command(app, "planning")
def planning(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="A folder in TaskBench form: tool_desc.json, train.jsonl, test.jsonl if there is one.",
        ),
    ],
    no_training: Annotated[
        bool, typer.Option("--no-training", help="Measure what works from descriptions alone.")
    ] = False,
    unseen_tools: Annotated[
        float,
        typer.Option(
            metavar="SHARE", help="Hold this share of the tools out of training, such as 0.2."
        ),
    ] = 0.0,
    seed: Annotated[
        int, typer.Option(min=0, metavar="N", help="Draws the tools that are held out.")
    ] = 1,
    folds: Annotated[
        int, typer.Option(min=2, help="Parts of the cross-validation, where there is no test part.")
    ] = 5,
    limit: Annotated[
        int, typer.Option(min=0, metavar="N", help="The first N requests alone; 0 for all.")
    ] = 0,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Planners whose name holds this; repeatable."),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare planners on requests with wanted plans: which tools, which links, how fast.

    Trains on train.jsonl and tests on test.jsonl; without a test part it cross-validates. Prints the
    published measures and strict ones, in which a missing prediction counts 0.

    Example: herd bench planning data/ultratool --unseen-tools 0.2
    """
    from herd_graph.bench.planning import run
    from herd_graph.cli.output import emit, emit_json, say

    report = run(
        folder,
        training=not no_training,
        unseen=unseen_tools,
        seed=seed,
        folds=folds,
        limit=limit,
        only=tuple(only or ()),
        say=(lambda _: None) if quiet else (lambda line: say(line, style="dim")),
    )
    if as_json:
        emit_json(report.to_json())
    else:
        emit("\n".join(report.lines()))


@command(app, "discovery")
def discovery(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="Query,Tool in a CSV with a *tools.json; model cards in a *.jsonl. Either is enough.",
        ),
    ],
    cards: Annotated[
        list[int] | None,
        typer.Option(
            metavar="N", min=1, help="Size of a catalogue to search; repeatable. [1000, 10000]"
        ),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure whether the right card is found, how fast, and how soon a new one is there.

    Compares discovery with the plain embedding, BM25 and TF-IDF on requests for tools, and times
    searches in catalogues that are put together from the texts of real model cards.

    Example: herd bench discovery data/discovery --cards 10000 --cards 100000
    """
    from herd_graph.bench.discovery import run
    from herd_graph.cli.output import emit, emit_json, say

    report = run(
        folder,
        sizes=tuple(cards or (1000, 10_000)),
        say=(lambda _: None) if quiet else (lambda line: say(line, style="dim")),
    )
    if as_json:
        emit_json(report.to_json())
    else:
        emit("\n".join(report.lines()))
