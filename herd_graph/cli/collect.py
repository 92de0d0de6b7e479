"""``herd collect``: run experts on a set of requests and write what each was worth and cost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from herd_graph.cli.options import JsonOption, QuietOption


def collect(
    requests: Annotated[
        Path,
        typer.Argument(
            metavar="REQUESTS",
            help='JSON lines: {"prompt": "…", "files": ["a.wav"], "expect": "…", "task": "…"}.',
        ),
    ],
    experts: Annotated[
        list[str] | None,
        typer.Option(
            "--expert",
            "-e",
            metavar="NAME",
            help="An expert to run; repeatable. One alone stands for all that do its job.",
        ),
    ] = None,
    score: Annotated[
        str,
        typer.Option(
            metavar="HOW",
            help="exact, contains, heard, wer, cer, words, number, check, or judge:EXPERT.",
        ),
    ] = "contains",
    to: Annotated[
        Path, typer.Option(metavar="FILE", help="The matrix to write: .csv or .csv.gz.")
    ] = Path("matrix.csv.gz"),
    limit: Annotated[
        int, typer.Option(min=0, metavar="N", help="The first N requests alone; 0 for all.")
    ] = 0,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Run every eligible expert on every request, and write a matrix of quality, cost and seconds.

    What the matrix holds already is not run again, so that a run that was stopped goes on. Train on
    it with: herd train quality FILE.

    Example: herd collect clips.jsonl --expert transcribe --score wer --to asr.csv.gz
    """
    from herd_graph.bench.collecting import Collection, read_requests
    from herd_graph.cli.output import emit, emit_columns, emit_json, say
    from herd_graph.cli.session import open_herd, run_until_done

    rows = read_requests(requests, limit=limit)
    with open_herd() as herd:
        work = Collection(
            caller=herd.engine.caller,
            store=herd.store,
            experts=herd.registry.snapshot(),
            names=tuple(experts or ()),
            score=score,
            say=(lambda _: None) if quiet else (lambda line: say(line, style="dim")),
        )
        matrix = run_until_done(work.run(rows, to))
    means = [
        {
            "expert": name,
            "quality": float(matrix.quality[:, at].mean()),
            "usd": float(matrix.cost[:, at].mean()),
            "seconds": None if matrix.seconds is None else float(matrix.seconds[:, at].mean()),
        }
        for at, name in enumerate(matrix.experts)
    ]
    if as_json:
        emit_json({"file": str(to), "requests": len(matrix), "experts": means})
        return
    emit_columns(
        ("expert", "quality", "USD/1k", "seconds"),
        [
            (
                str(each["expert"]),
                f"{each['quality']:.4f}",
                f"{float(each['usd'] or 0) * 1000:.3f}",
                f"{float(each['seconds'] or 0):.2f}",
            )
            for each in means
        ],
        right=frozenset({1, 2, 3}),
    )
    emit(f"{len(matrix)} requests written to {to}")
