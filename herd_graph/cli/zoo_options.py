"""Options that several commands of ``herd zoo`` have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ZooOption = Annotated[
    Path | None,
    typer.Option(
        "--zoo", metavar="FOLDER", help="The zoo; by default HERD_HOME/zoo.", show_default=False
    ),
]
BaseOption = Annotated[
    str,
    typer.Option(
        metavar="MODEL",
        help="smollm2, a .gguf file, or a folder with a saved causal model; by default the zoo's.",
        show_default=False,
    ),
]
GateOption = Annotated[
    str,
    typer.Option(
        metavar="ROUTE",
        help="phatgoose, arrow, spectral, activation, rnd, cluster, retrieval, an adapter, or base.",
    ),
]
POSTERIOR = "posterior"
TopOption = Annotated[
    int, typer.Option("--top-k", min=1, help="How many adapters a token may go through.")
]

LengthOption = Annotated[int, typer.Option(min=8, help="Tokens in each row.")]
GateStepsOption = Annotated[
    int, typer.Option(min=0, help="Steps of training a PHATGOOSE gate; 0 for none.")
]
AbstainOption = Annotated[
    float,
    typer.Option(
        "--abstain",
        metavar="SHARE",
        min=0.0,
        max=1.0,
        help="rnd, cluster, retrieval: leave to the base what is stranger than all but this share of an "
        "adapter's own texts.",
    ),
]
GeneralOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--general",
        metavar="FILE",
        help="rnd, cluster, retrieval: text of many kinds, to whiten embeddings by; repeatable.",
        show_default=False,
    ),
]
