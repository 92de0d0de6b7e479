"""``herd train quality``: learn from a matrix which expert is best for which request."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from herd_graph.cli.options import JsonOption, QuietOption


def train_quality(
    matrix: Annotated[
        Path, typer.Argument(metavar="MATRIX", help="What herd collect wrote: .csv or .csv.gz.")
    ],
    to: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="Where to save it; what --router quality uses, by default.",
            show_default=False,
        ),
    ] = None,
    join: Annotated[
        str | None,
        typer.Option(
            metavar="EXPERT",
            help="Let this newcomer into the router that is there, by its scores in MATRIX.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Train a quality router, or let a newcomer into one by 50 to 100 scored requests.

    Use it with --router quality, or --router quality:FOLDER. What each expert counts when results
    are fused is written beside it, into weights.json of HERD_HOME.

    Example: herd train quality asr.csv.gz --to ./asr-router
    """
    from herd_graph.bench.vectors import remembered
    from herd_graph.cli.output import emit, emit_json, say
    from herd_graph.config import home
    from herd_graph.coordination.weights import NAME, Weights, measure
    from herd_graph.discovery.embedders import default_embedder
    from herd_graph.routing.matrices import load
    from herd_graph.routing.quality.model import QualityModel
    from herd_graph.routing.quality.training import train

    folder = to or home() / "routers" / "quality"
    scored = load(matrix)
    embedder = default_embedder()

    def tell(line: str) -> None:
        if not quiet:
            say(line, style="dim")

    tell(f"vectors of {len(scored)} requests")
    vectors = remembered(scored.prompts, embedder)
    if join is not None:
        model = QualityModel.load(folder, embedder).join(join, scored, vectors)
    else:
        model = train(scored, vectors, embedder=embedder.name, say=tell)
        weights = home() / NAME
        (Weights.load(weights) or Weights()).plus(measure(scored)).save(weights)
    model.save(folder)
    facts = {
        "saved": str(folder),
        "experts": list(model.names),
        "best_single": model.best_single,
        "margin": model.margin,
        **model.figures,
    }
    if as_json:
        emit_json(facts)
        return
    if join is not None:
        emit(f"{join} joined the router in {folder}")
        return
    spec = "quality" if to is None else f"quality:{folder}"
    emit(
        f"on requests that a part had not seen: routed {model.figures['routed']:.4f}, best single "
        f"({model.best_single}) {model.figures['best_single']:.4f}\n"
        f"saved in {folder}; use it with --router {spec}"
    )
