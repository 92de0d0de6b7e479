"""``herd debug``: step through a run at a prompt, from a script, full screen, or in a browser."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from herd_graph.cli.options import (
    AttachOption,
    BudgetOption,
    FilesArgument,
    JsonOption,
    RouterOption,
    TaskArgument,
)
from herd_graph.cli.pages import OpenOption, PortOption

if TYPE_CHECKING:
    from herd_graph.debug.session import DebugSession
    from herd_graph.debug.web.desk import Desk
    from herd_graph.types import JSONObject


def debug(
    task: TaskArgument = None,
    files: FilesArgument = None,
    attach: AttachOption = None,
    breaks: Annotated[
        list[str] | None,
        typer.Option(
            "--break",
            "-b",
            metavar="WHERE",
            help="Stop at a step, an expert, a kind, or a condition: 'score < 0.6'. Repeatable.",
            show_default=False,
        ),
    ] = None,
    commands: Annotated[
        list[str] | None,
        typer.Option(
            "--command",
            "-c",
            metavar="LINE",
            help="Carry this out in place of the prompt; repeat it for several.",
            show_default=False,
        ),
    ] = None,
    web: Annotated[
        bool,
        typer.Option("--web", help="Show a page in the browser; TASK may be asked for there."),
    ] = False,
    tui: Annotated[
        bool, typer.Option("--tui", help="Take the whole terminal in place of the prompt.")
    ] = False,
    port: PortOption = 0,
    opens: OpenOption = False,
    budget: BudgetOption = None,
    router: RouterOption = None,
    as_json: JsonOption = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Do not print the answer at the end of the run.")
    ] = False,
) -> None:
    """Step through a run: breakpoints, edits, another expert for a step, forks.

    The commands have pdb's names; type help at the prompt. Exit code 1: a command of a script
    could not be carried out.

    Example: herd debug "Read the sign aloud" -a sign.png --break speak
    """
    from herd_graph.budgets import Budget
    from herd_graph.cli.files import produced
    from herd_graph.cli.output import emit, results
    from herd_graph.cli.pages import show_page
    from herd_graph.cli.request import read_attachments, read_task
    from herd_graph.cli.run import answered
    from herd_graph.cli.session import open_herd, run_until_done
    from herd_graph.debug.commands import Commands
    from herd_graph.debug.repl import converse, scripted, typed
    from herd_graph.extras import need

    if web:
        asked = read_task(task) if task is not None else ""
        given = read_attachments([*(attach or []), *(files or [])])
        limits = None if budget is None else Budget.parse(budget)
        with open_herd(router=router) as herd:

            async def opened(desk: Desk) -> str:
                if not asked:
                    return ""
                made = herd.debug(asked, *given, breaks=breaks or [], budget=limits)
                return f"#/run/{(await desk.add(made)).session.run}"

            run_until_done(show_page(herd, opened, port=port, opens=opens, as_json=as_json))
        return
    if tui and (as_json or commands or not sys.stdin.isatty()):
        raise typer.BadParameter("--tui needs a terminal, and neither --json nor --command.")
    what = read_task(task) if task is not None or sys.stdin.isatty() else ""
    if not what:
        raise typer.BadParameter("a TASK is missing: stdin is for the debugger's commands.")
    attachments = read_attachments([*(attach or []), *(files or [])])
    if tui:
        need("textual", "debug")  # before experts are loaded
    with open_herd(router=router) as herd:
        session = herd.debug(
            what,
            *attachments,
            breaks=breaks or [],
            budget=None if budget is None else Budget.parse(budget),
        )

        if tui:
            from herd_graph.debug.tui import show

            run_until_done(show(session), lambda: session.run)
            return

        def write(text: str) -> None:
            if not as_json:
                emit(text)
                results().flush()

        def tell(outcome: JSONObject) -> None:
            if as_json:
                results().write(f"{json.dumps(outcome, ensure_ascii=False)}\n")
                results().flush()

        async def answer(over: DebugSession) -> str:
            run = await over.result()
            return answered(run, produced(run.answer.artifacts, herd.store, None))

        async def talk() -> bool:
            async with session:
                if commands:
                    lines = scripted(commands, echo=not as_json)
                elif sys.stdin.isatty():
                    lines = typed(Commands(session).complete)
                else:
                    lines = scripted(sys.stdin, echo=not as_json)
                return await converse(
                    session, lines, write, tell, None if as_json or quiet else answer
                )

        ok = run_until_done(talk(), lambda: session.run)
    if not ok and (commands or not sys.stdin.isatty()):
        raise typer.Exit(1)
