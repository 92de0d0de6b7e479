"""``herd new``: a project to begin with."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from herd_graph.cli.options import JsonOption


def new(
    name: Annotated[
        Path,
        typer.Argument(
            metavar="NAME", help="The project's name, or a new folder's path.", show_default=False
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Make a project: an expert, a prompt, a workflow, and a test that passes at once.

    The folder must be new or empty. The commands that come next are printed: run the test, offer
    the experts to every herd of this environment, and ask them something.

    Example: herd new my-experts
    """
    from herd_graph.cli.output import emit, emit_json
    from herd_graph.scaffold import new_project

    made = new_project(name)
    after = [
        f"cd {shlex.quote(str(made.folder))} && python -m pytest",
        "python -m pip install -e .",
        'herd run "Which to-dos are open?" -a note.txt',
    ]
    if as_json:
        emit_json(
            {
                "folder": str(made.folder),
                "package": made.package,
                "files": list(made.files),
                "next": after,
            }
        )
        return
    emit(f"{made.folder}:")
    emit("\n".join(f"  {each}" for each in made.files))
    emit("\nNext:\n" + "\n".join(f"  {each}" for each in after))
