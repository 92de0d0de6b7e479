"""``herd feedback``: say how good a run was."""

from __future__ import annotations

from typing import Annotated

import typer

from herd_graph.cli.options import JsonOption


def feedback(
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="A run's id, the beginning of one, or 'last'.")
    ],
    score: Annotated[
        str, typer.Argument(metavar="SCORE", help="From 0 to 1, a percentage, good or bad.")
    ],
    step: Annotated[
        str | None,
        typer.Option(metavar="STEP", help="One step alone, such as s2.", show_default=False),
    ] = None,
    comment: Annotated[str, typer.Option(metavar="TEXT", help="Why.", show_default=False)] = "",
    as_json: JsonOption = False,
) -> None:
    """Score a run. Training learns from it, and the bandit that routed the run does at once.

    Example: herd feedback last good --comment "every word right"
    """
    from herd_graph.cli.output import emit, emit_json
    from herd_graph.cli.session import open_herd
    from herd_graph.routing.feedback import Feedback, give, parse_score, teach

    value = parse_score(score)
    with open_herd() as herd:
        found = herd.get(run)
        if step is not None:
            found.plan.step(step)
        said = Feedback(score=value, step=step or "", comment=comment)
        row = give(herd.runs, found.id, said)
        learnt = [] if found.trace is None else teach(found.trace, said)
    if as_json:
        emit_json({"run": row.id, **said.model_dump(mode="json"), "learnt": learnt})
        return
    what = f"step {step} of run {row.id}" if step else f"run {row.id}"
    emit("\n".join([f"{what} scored {value:g}", *learnt]))
