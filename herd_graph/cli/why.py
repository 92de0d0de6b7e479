"""``herd why``: how a run came about, from the request to the answer."""

from __future__ import annotations

from typing import Annotated

import typer

from herd_graph.cli.options import JsonOption, RunArgument


def why(
    run: RunArgument = "last",
    step: Annotated[
        str | None,
        typer.Argument(
            metavar="STEP", help="One step: s1, or s1[3] for an item.", show_default=False
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Explain a run: which experts were considered, what was chosen and why, what each step did.

    Example: herd why last s2
    """
    from herd_graph.cli.output import emit, emit_json
    from herd_graph.cli.session import open_herd

    with open_herd() as herd:
        explained = herd.get(run).why(step)
        if as_json:
            emit_json(explained.dump())
        else:
            emit(str(explained))
