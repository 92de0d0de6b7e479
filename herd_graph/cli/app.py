"""The commands, put together, and the one place that turns errors into exit codes."""

from __future__ import annotations

import io
import os
import sys
from typing import Annotated

import typer

from herd_graph.cli import (
    bench,
    bench_routing,
    doctor,
    experts,
    new,
    plan,
    routers,
    runs,
    serve,
    train,
    train_quality,
    view,
    why,
    zoo,
)
from herd_graph.cli import chat as talking
from herd_graph.cli import collect as collecting
from herd_graph.cli import debug as debugging
from herd_graph.cli import evaluate as evaluating
from herd_graph.cli import feedback as scoring
from herd_graph.cli import mcp as mcp_door
from herd_graph.cli import replay as replays
from herd_graph.cli import run as running
from herd_graph.cli.failures import Interrupted, report
from herd_graph.cli.options import command
from herd_graph.cli.output import finish, results

app = typer.Typer(
    name="herd",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for each in (running.run, talking.chat, plan.plan, why.why, running.resume, new.new):
    command(app)(each)
command(app)(doctor.doctor)
command(app)(mcp_door.mcp)
for each in (debugging.debug, replays.replay, replays.diff, replays.blame, replays.export):
    command(app)(each)
command(app)(view.view)
app.add_typer(experts.app, name="experts")
app.add_typer(runs.app, name="runs")
app.add_typer(bench.app, name="bench")
app.add_typer(routers.app, name="routers")
for each in (collecting.collect, scoring.feedback):
    command(app)(each)
command(app, "eval")(evaluating.evaluate)
command(bench.app, "routing")(bench_routing.routing)
command(train.app, "quality")(train_quality.train_quality)
app.add_typer(train.app, name="train")
app.add_typer(serve.app, name="serve")
app.add_typer(zoo.app, name="zoo")


def _show_version(wanted: bool) -> None:
    if wanted:
        import herd_graph

        results().write(f"herd {herd_graph.__version__}\n")
        raise typer.Exit


@app.callback(
    help="""Independent experts, one answer: ask about pictures, recordings and texts.

A request is routed into a typed plan over the experts that are present, run, checked and put \
together. Everything runs on this machine unless an expert's card says otherwise.

Start with: herd run "What does the sign say?" -a sign.png"""
)
def herd(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error, and all warnings.")
    ] = False,
) -> None:
    """Hold the options that every command has; both are taken care of elsewhere."""
    del version, debug


def run(arguments: list[str]) -> int:
    """Run one command line and return its exit code; errors are told, never raised."""
    debug = _flag(arguments, "--debug") or bool(os.environ.get("HERD_DEBUG"))
    as_json = _flag(arguments, "--json")
    rest = [each for each in arguments if each != "--debug"]
    _calm(debug=debug)
    try:
        outcome = app(args=rest, prog_name="herd", standalone_mode=False)
        code = outcome if isinstance(outcome, int) else 0
    except Interrupted as stopped:
        running.interrupted(stopped.run_id)
        code = stopped.exit_code
    except KeyboardInterrupt:
        running.interrupted("")
        code = 130
    except BrokenPipeError:
        code = 1
    except Exception as error:
        code = report(error, as_json=as_json, debug=debug)
    return finish() or code


def _flag(arguments: list[str], name: str) -> bool:
    """Say whether a flag is given anywhere before ``--``."""
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return name in arguments[:end]


def _calm(*, debug: bool) -> None:
    """Keep libraries from writing over the progress view; ``--debug`` lets them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a Chinese name on a Latin-1 terminal
            stream.reconfigure(errors="replace")
    if debug:
        return
    import warnings

    warnings.simplefilter("ignore")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("ORT_LOGGING_LEVEL", "3")
