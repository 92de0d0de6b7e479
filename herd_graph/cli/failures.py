"""What a person sees when something goes wrong: one block on stderr, and an exit code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from typer import BadParameter

from herd_graph.cli.output import emit_json, stderr_console

if TYPE_CHECKING:
    from herd_graph.types import RunStatus

DONE, FAILED, USAGE, PARTIAL, INTERRUPTED = 0, 1, 2, 3, 130

# typer carries click inside, or beside itself in older releases, and exports only this subclass.
UsageProblem: Any = next(each for each in BadParameter.__mro__ if each.__name__ == "ClickException")


class Interrupted(BaseException):
    """Ctrl-C or a signal ended the command, after what ran was cancelled."""

    def __init__(self, exit_code: int, run_id: str = "") -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code
        self.run_id = run_id


def exit_code_of(error: BaseException) -> int:
    """Return the exit code for an error: 2 where the request itself was wrong, else 1."""
    from herd_graph import errors

    if isinstance(error, UsageProblem):
        return USAGE
    if isinstance(error, errors.ArtifactNotFound):
        return FAILED  # the store lost it: nothing that the user typed
    wrong = (
        errors.ConfigError,
        errors.ArtifactError,
        errors.PlanError,
        errors.RegistryError,
        errors.RunNotFound,
    )
    return USAGE if isinstance(error, wrong) else FAILED


def exit_code_for(status: RunStatus) -> int:
    """Return the exit code for how a run ended."""
    if status == "done":
        return DONE
    return FAILED if status in {"failed", "running"} else PARTIAL


def report(error: BaseException, *, as_json: bool, debug: bool) -> int:
    """Tell about an error and return the exit code.

    Args:
        error: What was raised.
        as_json: Also write ``{"error": …, "type": …}`` to stdout, for programs.
        debug: Show the traceback.
    """
    from herd_graph.errors import HerdError, PlanInvalid

    code = exit_code_of(error)
    if isinstance(error, UsageProblem):
        title, message = "Wrong usage", _usage(error)
        if not message:
            return code  # nothing was asked, and the help has been shown
    elif isinstance(error, HerdError):
        title, message = type(error).__name__, str(error)
    else:
        title = "This is a bug in herd"
        message = f"{type(error).__name__}: {error}\nRun it again with --debug for the traceback."
    if as_json:
        name = "Usage" if isinstance(error, UsageProblem) else type(error).__name__
        shown: dict[str, Any] = {"error": message, "type": name, "exit_code": code}
        if isinstance(error, PlanInvalid):
            shown["problems"] = [str(problem) for problem in error.problems]
        emit_json(shown)
    if debug:
        import traceback

        traceback.print_exception(error, file=sys.stderr)
    block(title, message)
    return code


def _usage(error: Any) -> str:
    if not error.format_message():
        return ""
    context = getattr(error, "ctx", None)
    hint = f"\n{context.get_usage()}\nHelp: {context.command_path} --help" if context else ""
    # Without a parameter it is ours, and click would put "Invalid value:" before it.
    ours = isinstance(error, BadParameter) and error.param is None
    return f"{error.message if ours else error.format_message()}{hint}"


def block(title: str, message: str, style: str = "red") -> None:
    """Draw one block on stderr; plain lines where stderr is no terminal."""
    from rich.panel import Panel
    from rich.text import Text

    from herd_graph.artifacts.base import printable

    console = stderr_console()
    body = printable(message)
    if console.is_terminal and not console.is_dumb_terminal:
        panel = Panel(Text(body), title=Text(title), title_align="left", border_style=style)
        console.print(panel, width=min(console.width, 100))
    else:
        console.print(Text(f"{title}: {body}"), soft_wrap=True)
