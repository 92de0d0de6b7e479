"""``herd replay``, ``diff``, ``blame``, ``export``: what a recorded run is good for."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from herd_graph.cli.options import JsonOption, OutOption, RunArgument

if TYPE_CHECKING:
    from herd_graph.herd import Herd
    from herd_graph.runs import Run

RecordingArgument = Annotated[
    str, typer.Argument(metavar="RUN|FILE", help="A run's id, 'last', or a *.herdrun file.")
]


def replay(
    recording: RecordingArgument,
    live: Annotated[
        list[str] | None,
        typer.Option(metavar="STEP", help="Call this step for real. Repeatable."),
    ] = None,
    swap: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STEP=EXPERT",
            help="Have a step done by another expert, for real, and what depends on it.",
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option("--from", metavar="STEP", help="Call everything from this step on for real."),
    ] = None,
    as_json: JsonOption = False,
    out: OutOption = None,
) -> None:
    """Run a recording again without calling any expert.

    A call that the recording does not hold fails, and says what the nearest one differs in.

    Example: herd replay last --swap s2=transcribe_fast
    """
    from herd_graph.cli.run import deliver
    from herd_graph.cli.session import open_herd, run_until_done

    swaps: dict[str, str] = {}
    for each in swap or []:
        step, sign, expert = each.partition("=")
        if not sign or not step or not expert:
            raise typer.BadParameter(f"{each!r} is no swap. Expected STEP=EXPERT.")
        swaps[step] = expert
    with open_herd() as herd, _recorded(herd, recording) as path:
        run = run_until_done(herd.areplay(path, live=live or (), swaps=swaps, since=since or ""))
        deliver(run, herd, out, as_json=as_json, quiet=False)


def diff(
    left: Annotated[str, typer.Argument(metavar="A", help="A run, or a *.herdrun file.")],
    right: Annotated[str, typer.Argument(metavar="B", help="A run, or a *.herdrun file.")],
    as_json: JsonOption = False,
) -> None:
    """Compare two runs: plan, results by their kind, checks, cost and time.

    Exit code 0: nothing differs but time and cost; 1: something does.

    Example: herd diff last 20260131-094500-k7mq2z
    """
    from herd_graph.cli.output import emit, emit_json
    from herd_graph.cli.session import open_herd
    from herd_graph.comparing import compare

    with open_herd() as herd:
        found = compare(_run(herd, left), _run(herd, right))
    if as_json:
        emit_json(found.dump())
    else:
        emit(str(found))
    raise typer.Exit(0 if found.is_equal else 1)


def blame(
    run: RunArgument,
    words: Annotated[str, typer.Argument(metavar="WORDS", help="Words of the answer.")],
    as_json: JsonOption = False,
) -> None:
    """Say which step and which expert words of an answer come from.

    Example: herd blame last "19.00"
    """
    from herd_graph.cli.output import emit, emit_json
    from herd_graph.cli.session import open_herd
    from herd_graph.comparing import blame as find

    with open_herd() as herd:
        found = find(_run(herd, run), words)
    if as_json:
        emit_json(found.model_dump(mode="json"))
    else:
        emit(str(found))
    raise typer.Exit(0 if found.trail else 1)


def export(
    run: RunArgument,
    pytest: Annotated[
        Path | None,
        typer.Option("--pytest", metavar="DIR", help="Write the recording and a test there."),
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="Write the recording alone.")
    ] = None,
    metadata: Annotated[
        bool,
        typer.Option(
            "--metadata",
            help="Leave out all that was said and given; with --to. It replays nothing.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a run as one *.herdrun file, or as a test that replays it; secrets are left out.

    Example: herd export last --pytest tests/recorded
    """
    from herd_graph.cli.output import emit_json, say
    from herd_graph.cli.session import open_herd
    from herd_graph.replaying import export_test

    if (pytest is None) == (to is None):
        raise typer.BadParameter("give --pytest DIR or --to FILE.")
    if metadata and to is None:
        raise typer.BadParameter("--metadata replays nothing: give --to FILE with it.")
    with open_herd() as herd:
        made = _run(herd, run)
        path = to if to is not None else (pytest or Path()) / f"{made.id}.herdrun"
        made.save(path, contents="metadata" if metadata else "full")
    written = [path] if pytest is None else [path, export_test(path)]
    if as_json:
        emit_json([str(each) for each in written])
    else:
        say("\n".join(f"Wrote {each}." for each in written))


@contextmanager
def _recorded(herd: Herd, name: str) -> Generator[Path]:
    """Yield the path of a recording; a run's own is written to a file that is gone afterwards."""
    given = Path(name)
    if given.suffix == ".herdrun" or given.is_file():
        yield given
        return
    with TemporaryDirectory(prefix="herd-replay-") as folder:
        yield herd.get(name).save(Path(folder) / "run.herdrun")


def _run(herd: Herd, name: str) -> Run:
    """Return a run by its id, or what a recording replays to."""
    path = Path(name)
    return herd.replay(path) if path.suffix == ".herdrun" or path.is_file() else herd.get(name)
