"""``herd runs``: what was asked before."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

import typer

from herd_graph.cli.options import JsonOption, RunArgument, command

if TYPE_CHECKING:
    from herd_graph.plans import Step
    from herd_graph.runs import Run
    from herd_graph.store import FolderStore

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
    since: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN",
            help="Only runs since: an age such as 12h or '30 days', or a date such as 2026-01-31.",
            show_default=False,
        ),
    ] = None,
    low_confidence: Annotated[
        bool,
        typer.Option(
            "--low-confidence", help="Only runs with a part of the answer that is not sure."
        ),
    ] = False,
    below: Annotated[
        float | None,
        typer.Option(
            metavar="N",
            min=0,
            max=1,
            help="What --low-confidence means: less than this; 0.5 by default.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List runs, the newest first.

    Example: herd runs list --since 7d --low-confidence
    """
    from herd_graph.cli.output import dollars, emit_columns, emit_json, say, seconds
    from herd_graph.cli.session import open_run_store

    _check_status(status)
    with open_run_store() as store:
        rows = store.list(
            limit=limit,
            status=status,
            thread=thread,
            expert=expert,
            since=None if since is None else _moment(since),
            below=(0.5 if below is None else below) if low_confidence or below else None,
        )
        steps = store.progress([row.id for row in rows])
    if as_json:
        emit_json(
            [
                {
                    **row.model_dump(mode="json", exclude={"details"}),
                    "confidence": row.confidence,
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
        ("run", "started", "status", "steps", "time", "cost", "sure", "task"),
        [
            (
                row.id,
                _when(row.started),
                row.status,
                "{}/{}".format(*steps[row.id]) if row.id in steps else "",
                seconds(row.seconds),
                dollars(row.usd),
                "" if row.confidence is None else f"{row.confidence:.2f}",
                row.task,
            )
            for row in rows
        ],
        right=frozenset({3, 4, 5, 6}),
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
        str | None,
        typer.Option(
            metavar="WHAT",
            help="Keep so many of the newest, so long, or so much: 100, '30 days', '2 GB'.",
            show_default=False,
        ),
    ] = None,
    older_than: Annotated[
        str | None,
        typer.Option(metavar="AGE", help="Delete what is older: 12h, 30d, 8w.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Delete old runs with their events and checkpoints, and payloads that no run refers to.

    Runs that are going on stay. Without options, what [recording] keep in herd.toml says is kept.

    Example: herd runs prune --keep "30 days, 2 GB"
    """
    from dataclasses import replace

    from herd_graph.artifacts.base import human_size
    from herd_graph.cli.output import emit, emit_json
    from herd_graph.cli.session import open_run_store
    from herd_graph.recording.retention import Keep, parse_age, prune

    said = keep if keep is not None or older_than is not None else _kept()
    wanted = Keep() if said is None else Keep.parse(said)
    if older_than is not None:
        seconds = parse_age(older_than)
        wanted = replace(wanted, seconds=min(seconds, wanted.seconds or seconds))
    with open_run_store() as store:
        done = prune(store, _payloads(), wanted)
    if as_json:
        emit_json({"deleted": done.runs, "payloads": done.payloads, "bytes": done.bytes})
        return
    freed = f", {done.payloads} payloads ({human_size(done.bytes)})" if done.payloads else ""
    emit(f"{done.runs} run{'' if done.runs == 1 else 's'} deleted{freed}")


def _kept() -> str:
    """Return what the configuration says is kept."""
    from herd_graph.settings import read

    said = read(None)
    found = "" if said is None else said.recording.keep
    if not found:
        raise typer.BadParameter(
            "say what may go: --keep 100, --keep '30 days', --older-than 30d, or [recording] keep "
            "in herd.toml."
        )
    return found


def _payloads() -> FolderStore | None:
    """Return the folder of payloads; None where they are elsewhere."""
    from herd_graph.settings import configured, read
    from herd_graph.store import FolderStore, open_store

    said = read(None)
    named = said.arguments().get("store") if said is not None else None
    found = open_store(configured().home / "artifacts" if named is None else named)
    return found if isinstance(found, FolderStore) else None


def _moment(text: str) -> float:
    """Return when a span of time began: an age, or a date. Raises ``BadParameter``."""
    from datetime import datetime

    from herd_graph.errors import ConfigError
    from herd_graph.recording.retention import parse_age

    try:
        return time.time() - parse_age(text)
    except ConfigError:
        pass
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no time. Expected an age such as 12h or '30 days', or a date such as "
            "2026-01-31 or 2026-01-31T09:30."
        ) from None


def _check_status(status: str | None) -> None:
    from typing import get_args

    from herd_graph.errors import suggest
    from herd_graph.types import RunStatus

    known = get_args(RunStatus)
    if status is not None and status not in known:
        raise typer.BadParameter(
            f"{status!r} is no status of a run. {suggest(status, known, what='There are')}"
        )


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
