"""Options and arguments that several commands share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

Command = TypeVar("Command", bound=Callable[..., None])


def command(app: typer.Typer, name: str | None = None) -> Callable[[Command], Command]:
    """Register a command, with its docstring as help.

    The docstring's paragraphs are unwrapped first: typer would keep its line breaks and wrap the
    lines again.
    """

    def register(function: Command) -> Command:
        paragraphs = inspect.cleandoc(function.__doc__ or "").split("\n\n")
        unwrapped = "\n\n".join(" ".join(each.split("\n")) for each in paragraphs)
        app.command(name, help=unwrapped)(function)
        return function

    return register


TaskArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="TASK",
        help="What you want, in quotes. '-', or nothing while something is piped in, reads stdin.",
        show_default=False,
    ),
]
FilesArgument = Annotated[
    list[Path] | None,
    typer.Argument(metavar="FILE", help="More files to attach.", show_default=False),
]
AttachOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--attach",
        "-a",
        metavar="FILE",
        help="Attach a file, or - for what is piped in; repeat it for several. Plans call them a1, "
        "a2 … in order.",
        show_default=False,
    ),
]
InputOption = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        "-i",
        metavar="NAME=VALUE",
        help="An input of --plan: text, JSON, or @FILE; repeat it for several.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write JSON to stdout.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
BudgetOption = Annotated[
    str | None,
    typer.Option(
        metavar="LIMITS",
        help="Hard limits: usd=0.1,seconds=30,calls=20; any of them.",
        show_default=False,
    ),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="DIR",
        help="Save produced files (audio, images, tables) here; nothing is overwritten.",
        show_default=False,
    ),
]
ApproveOption = Annotated[
    bool | None,
    typer.Option(
        "--yes/--no",
        help="Answer every request for approval; without it you are asked on the terminal.",
        show_default=False,
    ),
]
RouterOption = Annotated[
    str | None,
    typer.Option(
        "--router",
        metavar="NAME",
        help="Who writes the plan: 'semantic', or a plugin's router; NAME:ARGUMENT gives it more.",
        show_default=False,
    ),
]
ChecksOption = Annotated[
    str | None,
    typer.Option(
        "--checks",
        metavar="LEVEL",
        help="How much of what experts give is checked: off, default, or thorough, which takes "
        "about as long again.",
        show_default=False,
    ),
]
RunArgument = Annotated[
    str,
    typer.Argument(
        metavar="RUN", help="A run's id, a unique beginning of it, or 'last'.", show_default=False
    ),
]
