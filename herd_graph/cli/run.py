"""``herd run`` and ``herd resume``: ask something, or go on with what was interrupted."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from herd_graph.cli.failures import DONE, exit_code_for
from herd_graph.cli.options import (
    ApproveOption,
    AttachOption,
    BudgetOption,
    ChecksOption,
    FilesArgument,
    InputOption,
    JsonOption,
    OutOption,
    QuietOption,
    RouterOption,
    RunArgument,
    TaskArgument,
)

if TYPE_CHECKING:
    from herd_graph.cli.files import Produced
    from herd_graph.herd import Herd
    from herd_graph.runs import Run


def run(
    task: TaskArgument = None,
    files: FilesArgument = None,
    attach: AttachOption = None,
    as_json: JsonOption = False,
    budget: BudgetOption = None,
    record: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Record every call into FILE.", show_default=False),
    ] = None,
    metadata: Annotated[
        bool,
        typer.Option(
            "--metadata", help="With --record: leave out all that was said and given as well."
        ),
    ] = False,
    out: OutOption = None,
    thread: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Go on with a conversation: earlier turns can be referred to.",
            show_default=False,
        ),
    ] = None,
    plan: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Run this plan (JSON, as herd plan --json writes it) in place of a TASK.",
            show_default=False,
        ),
    ] = None,
    inputs: InputOption = None,
    memory: Annotated[
        str | None,
        typer.Option(
            metavar="SIZE",
            help="The most that loaded models may hold, such as '2 GiB'.",
            show_default=False,
        ),
    ] = None,
    router: RouterOption = None,
    checks: ChecksOption = None,
    approve: ApproveOption = None,
    quiet: QuietOption = False,
) -> None:
    """Answer a TASK about the attached files.

    The answer goes to stdout, progress and the run's id to stderr. Exit code 0: done; 1: failed;
    2: wrong usage, attachment or plan; 3: a partial answer, or none.

    Example: herd run "Transcribe the note and translate it into Portuguese" -a note.wav
    """
    from herd_graph.budgets import Budget
    from herd_graph.cli.approvals import approver
    from herd_graph.cli.progress import follow
    from herd_graph.cli.request import (
        mention_unread_stdin,
        read_attachments,
        read_inputs,
        read_plan,
        read_task,
    )
    from herd_graph.cli.session import open_herd, run_until_done
    from herd_graph.plans import Plan

    if plan is not None and task is not None:
        raise typer.BadParameter("a TASK and --plan exclude each other. Attach files with -a.")
    if plan is None and inputs:
        raise typer.BadParameter("--input is for the inputs of a --plan. Attach files with -a.")
    if metadata and record is None:
        raise typer.BadParameter("--metadata says what --record writes. Add --record FILE.")
    what = read_task(task) if plan is None else read_plan(plan)
    attachments = read_attachments([*(attach or []), *(files or [])])
    named = read_inputs(what, inputs or []) if isinstance(what, Plan) else {}
    if not quiet:
        mention_unread_stdin()
    limits = Budget.parse(budget) if budget is not None else None
    with open_herd(memory=memory, router=router, checks=checks) as herd:
        with follow(herd.store, quiet=quiet) as progress:
            made = run_until_done(
                herd.arun(
                    what,
                    *attachments,
                    thread=thread,
                    budget=limits,
                    approve=approver(progress, answer=approve),
                    on_event=progress,
                    record=record,
                    contents="metadata" if metadata else None,
                    **named,
                ),
                lambda: progress.board.run,
            )
        deliver(made, herd, out, as_json=as_json, quiet=quiet)


def resume(
    run: RunArgument,
    as_json: JsonOption = False,
    budget: BudgetOption = None,
    out: OutOption = None,
    approve: ApproveOption = None,
    quiet: QuietOption = False,
) -> None:
    """Go on with a run that was interrupted, killed, out of budget, or waits for approval.

    What is finished is not done again. A run that another process works on is refused.

    Example: herd resume last --budget seconds=120
    """
    from herd_graph.budgets import Budget
    from herd_graph.cli.approvals import approver
    from herd_graph.cli.output import say
    from herd_graph.cli.progress import follow
    from herd_graph.cli.session import open_herd, run_until_done

    limits = Budget.parse(budget) if budget is not None else None
    with open_herd() as herd:
        run_id = herd.runs.get(run).id
        done, steps = herd.runs.progress([run_id]).get(run_id, (0, 0))
        if steps and not quiet:
            say(f"{done} of {steps} steps are finished and kept", style="dim")
        with follow(herd.store, quiet=quiet) as progress:
            made = run_until_done(
                herd.aresume(
                    run_id,
                    budget=limits,
                    approve=approver(progress, answer=approve),
                    on_event=progress,
                ),
                lambda: run_id,
            )
        deliver(made, herd, out, as_json=as_json, quiet=quiet)


def deliver(run: Run, herd: Herd, out: Path | None, *, as_json: bool, quiet: bool) -> None:
    """Write the answer to stdout, what belongs to this very run to stderr, and exit.

    Ids and times stay off stdout, so that the same question prints the same again.
    """
    from herd_graph.cli.files import produced
    from herd_graph.cli.output import emit, emit_json
    from herd_graph.routing.courtesies import owes_nothing

    files = produced(run.answer.artifacts, herd.store, out)
    if as_json:
        shown: dict[str, Any] = {**run.dump(), "files": [each.dump() for each in files]}
        emit_json(shown)
    else:
        emit(answered(run, files))
    _close(run, quiet=quiet)
    had = run.status == "abstained" and owes_nothing(run.task)  # "thanks!" has had its answer
    raise typer.Exit(DONE if had else exit_code_for(run.status))


def answered(run: Run, files: Sequence[Produced]) -> str:
    """Return an answer in words, and the files that belong to it."""
    text = str(run.answer)
    if files:
        text += "\n\nFiles:\n" + "\n".join(f"- {each.name}: {each}" for each in files)
    return text


def _close(run: Run, *, quiet: bool) -> None:
    from herd_graph.cli.output import dollars, say, seconds

    for warning in run.warnings:
        say(f"Warning: {warning}", style="yellow")
    if run.status == "waiting":
        say(f"It waits for approval. Go on with: herd resume {run.id} --yes (or --no)", "yellow")
    if run.status == "abstained" and not quiet:
        absent = len(import_module("herd_graph._bundled.tools").missing())
        if absent:
            say(f"{absent} experts of HERD's own are not installed. How to get them: herd doctor")
    if not quiet:
        facts = ", ".join(filter(None, (run.status, seconds(run.seconds), dollars(run.usd))))
        say(f"run {run.id}: {facts}. Why: herd why {run.id}", style="dim")


def interrupted(run_id: str) -> None:
    """Say how to go on after Ctrl-C."""
    from herd_graph.cli.output import say

    if run_id:
        say(f"Interrupted. What is finished is kept. Go on with: herd resume {run_id}", "yellow")
    else:
        say("Interrupted before anything ran.", "yellow")
