"""``herd runs``: what was asked before."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Annotated

import typer

from herd_graph.cli.options import JsonOption, RunArgument, command

if TYPE_CHECKING:
    from herd_graph.plans import Step
    from herd_graph.runs import Run

app = typer.Typer(
    no_args_is_help=True, help="List, show and delete runs. Example: herd runs list --limit 5"
)


@command(app, "list")
def list_runs(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many at most.")] = 20,
    status: Annotated[
        str | None,
        typer.Option(help="Only runs that are: done, partial, failed, abstained, waiting …"),
    ] = None,
    thread: Annotated[str | None, typer.Option(help="Only runs of this conversation.")] = None,
    expert: Annotated[str | None, typer.Option(help="Only runs that used this expert.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List runs, the newest first.

    Example: herd runs list --status failed
    """
    from herd_graph.cli.output import dollars, emit_columns, emit_json, say, seconds
    from herd_graph.cli.session import open_run_store

    _check_status(status)
    with open_run_store() as store:
        rows = store.list(limit=limit, status=status, thread=thread, expert=expert)
        steps = store.progress([row.id for row in rows])
    if as_json:
        emit_json(
            [
                {
                    **row.model_dump(mode="json", exclude={"details"}),
                    "steps_done": steps.get(row.id, (0, 0))[0],
                    "steps": steps.get(row.id, (0, 0))[1],
                }
                for row in rows
            ]
        )
        return
    if not rows:
        say("There are no such runs. Start one: herd run 'TASK'.")
        return
    emit_columns(
        ("run", "started", "status", "steps", "time", "cost", "task"),
        [
            (
                row.id,
                _when(row.started),
                row.status,
                "{}/{}".format(*steps[row.id]) if row.id in steps else "",
                seconds(row.seconds),
                dollars(row.usd),
                row.task,
            )
            for row in rows
        ],
        right=frozenset({3, 4, 5}),
    )


@command(app, "show")
def show_run(run: RunArgument = "last", as_json: JsonOption = False) -> None:
    """Show a run: the request, its plan, how each step went, and the answer.

    Example: herd runs show last --json
    """
    from herd_graph.cli.output import emit, emit_json
    from herd_graph.cli.session import open_herd

    with open_herd() as herd:
        found = herd.get(run)
        if as_json:
            emit_json(
                {**found.dump(), "events": [e.model_dump(mode="json") for e in found.events()]}
            )
            return
        emit(_described(found))


@command(app, "prune")
def prune_runs(
    keep: Annotated[
        int | None, typer.Option(min=0, help="Keep this many of the newest.", show_default=False)
    ] = None,
    older_than: Annotated[
        str | None,
        typer.Option(metavar="AGE", help="Delete what is older: 12h, 30d, 8w.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Delete old runs with their events and checkpoints. Runs that are going on stay.

    Example: herd runs prune --older-than 30d
    """
    from herd_graph.cli.output import emit, emit_json
    from herd_graph.cli.session import open_run_store

    if keep is None and older_than is None:
        raise typer.BadParameter("say what may go: --keep 100, --older-than 30d, or both.")
    before = None if older_than is None else time.time() - _age(older_than)
    with open_run_store() as store:
        count = store.prune(keep=keep, before=before)
        if count:
            store.compact()
    if as_json:
        emit_json({"deleted": count})
    else:
        emit(f"{count} run{'' if count == 1 else 's'} deleted")


def _check_status(status: str | None) -> None:
    from typing import get_args

    from herd_graph.errors import suggest
    from herd_graph.types import RunStatus

    known = get_args(RunStatus)
    if status is not None and status not in known:
        raise typer.BadParameter(
            f"{status!r} is no status of a run. {suggest(status, known, what='There are')}"
        )


def _age(text: str) -> float:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhdw])", text.strip())
    if found is None:
        raise typer.BadParameter(
            f"{text!r} is no age. Expected a number and s, m, h, d or w: 12h, 30d, 8w."
        )
    unit = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}[found[2]]
    return float(found[1]) * unit


def _when(started: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(started))


def _described(run: Run) -> str:
    from herd_graph.cli.output import dollars, seconds

    facts = [run.status, _when(run.started), seconds(run.seconds), dollars(run.usd)]
    blocks = [f"run {run.id} (thread {run.thread}): {', '.join(filter(None, facts))}", run.task]
    if run.plan.steps:
        blocks.append("\n".join(_step_line(run, step) for step in run.plan.steps))
    answer = str(run.answer)
    if answer:
        blocks.append(answer)
    return "\n\n".join(blocks)


def _step_line(run: Run, step: Step) -> str:
    from herd_graph.cli.output import dollars, seconds
    from herd_graph.plans import Plan

    drawn = str(Plan(steps=(step,)))
    record = run.records.get(step.id)
    if record is None:
        return f"{drawn}  not run"
    facts = ", ".join(filter(None, (record.status, seconds(record.seconds), dollars(record.usd))))
    return f"{drawn}  {facts}" + (f": {record.error}" if record.error else "")
