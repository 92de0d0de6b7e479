"""``herd routers``: which routers there are, where they stand, and how they decide on one request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from herd_graph.cli.options import JsonOption, command

if TYPE_CHECKING:
    from herd_graph.routing.base import Route

app = typer.Typer(
    no_args_is_help=True,
    help="List, show and compare routers. Example: herd routers list",
)


@command(app, "list")
def list_routers(
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="AXIS=VALUE",
            help="Only those that stand there, such as routing_data=target; repeatable.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the routers that can be named with --router, with their place on the survey's nine axes.

    Example: herd routers list --where user_data=zero-shot
    """
    from herd_graph.cli.output import emit_columns, emit_json, say
    from herd_graph.routing.registry import routers
    from herd_graph.routing.taxonomy import AGGREGATORS, AXES, matching

    wanted = dict(_axis(each) for each in where or [])
    found = {name: _place(name) for name in routers()}
    places = {name: place for name, place in found.items() if place is not None}
    names = matching(places.items(), **wanted) if wanted else list(found)
    if as_json:
        emit_json(
            [
                {
                    "router": name,
                    "origin": routers()[name].origin,
                    "taxonomy": None
                    if found[name] is None
                    else places[name].model_dump(mode="json"),
                }
                for name in names
            ]
        )
        return
    rows = [(name, routers()[name].origin, *_axes(found[name])) for name in names]
    if not wanted:
        rows += [(f"({name})", "aggregator", *_axes(at)) for name, at in AGGREGATORS.items()]
    emit_columns(("router", "origin", *(each.replace("_", " ") for each in AXES)), rows)
    if not rows:
        say("No router stands there. See them all: herd routers list.")


@command(app, "show")
def show_router(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A router: semantic, or quality:FOLDER for a trained one."
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Show what a router is, where it stands, and what training measured, if it was trained.

    Example: herd routers show quality:./router
    """
    from herd_graph.cli.output import emit, emit_json
    from herd_graph.errors import ConfigError, suggest
    from herd_graph.routing.registry import routers

    bare, _, argument = name.partition(":")
    offers = routers()
    if bare not in offers:
        raise ConfigError(
            f"Router {bare!r} is not there. {suggest(bare, offers)} Correct the name."
        )
    place = _place(bare)
    shown: dict[str, Any] = {
        "router": bare,
        "origin": offers[bare].origin,
        "factory": offers[bare].point.value,
        "what": _summary(bare),
        "taxonomy": None if place is None else place.model_dump(mode="json"),
    }
    if bare == "quality" and argument:
        shown["trained"] = _trained(Path(argument))
    if as_json:
        emit_json(shown)
        return
    lines = [f"{bare} ({shown['origin']}): {shown['what']}", f"factory: {shown['factory']}"]
    axes: dict[str, str] = shown["taxonomy"] or {}
    trained: dict[str, Any] = shown.get("trained") or {}
    lines += [f"{axis.replace('_', ' ')}: {at}" for axis, at in axes.items()]
    for key, value in trained.items():
        told = ", ".join(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownArgumentType]
        lines.append(f"{key.replace('_', ' ')}: {told}")
    emit("\n".join(lines))


@command(app, "compare")
def compare_routers(
    task: Annotated[str, typer.Argument(metavar="TASK", help="What you want, in quotes.")],
    router: Annotated[
        list[str] | None,
        typer.Option("--router", metavar="NAME", help="A router to compare; repeatable."),
    ] = None,
    attach: Annotated[
        list[Path] | None,
        typer.Option("--attach", "-a", metavar="FILE", help="Attach a file.", show_default=False),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the plans of several routers for one TASK, side by side, and run nothing.

    Example: herd routers compare "translate the sign" -a sign.png --router semantic --router learned
    """
    import time

    from herd_graph.cli.output import emit, emit_json
    from herd_graph.cli.request import read_attachments
    from herd_graph.cli.session import open_herd, run_until_done
    from herd_graph.errors import HerdError
    from herd_graph.routing.registry import make_router

    attachments = read_attachments(attach or [])
    told: list[dict[str, Any]] = []
    with open_herd() as herd:
        run_until_done(herd.engine.sync_index())  # or the first router would pay for it
        for spec in router or ["semantic"]:
            started = time.perf_counter()
            try:
                herd.engine.router = make_router(spec)
                started = time.perf_counter()
                route = run_until_done(herd.aplan(task, *attachments))
            except HerdError as error:
                told.append({"router": spec, "error": str(error)})
                continue
            told.append(_compared(spec, route, time.perf_counter() - started))
    if as_json:
        emit_json(told)
        return
    plans = {each.get("plan") for each in told if "plan" in each}
    blocks = [_block(each) for each in told]
    if len(told) > 1 and len(plans) == 1:
        blocks.append("All routers that answered write the same plan.")
    emit("\n\n".join(blocks))


@command(app, "decisions")
def export_decisions(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to: .jsonl, or .parquet (needs duckdb).")
    ],
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, help="How many runs at most.")
    ] = 1000,
    as_json: JsonOption = False,
) -> None:
    """Export who was considered, chosen and scored in past runs: a line for each candidate.

    Example: herd routers decisions decisions.parquet
    """
    from herd_graph.cli.output import emit, emit_json
    from herd_graph.cli.session import open_herd
    from herd_graph.routing.decisions import decisions, write

    with open_herd() as herd:
        rows = herd.runs.list(limit=limit)
        traces = [(row, herd.get(row.id).trace) for row in rows]
        lines = [line for row, trace in traces if trace for line in decisions(row, trace)]
    write(lines, file)
    if as_json:
        emit_json({"file": str(file), "runs": len(traces), "candidates": len(lines)})
    else:
        emit(f"{len(lines)} candidates of {len(traces)} runs written to {file}")


def _axis(text: str) -> tuple[str, str]:
    from herd_graph.errors import suggest
    from herd_graph.routing.taxonomy import AXES

    axis, sign, value = text.partition("=")
    if not sign or axis not in AXES:
        raise typer.BadParameter(
            f"{text!r} is no AXIS=VALUE. {suggest(axis, AXES, what='The axes are')}"
        )
    return axis, value


def _place(name: str) -> Any:
    """Return a router's taxonomy; built-in ones are not imported for it."""
    from herd_graph.errors import HerdError
    from herd_graph.routing.registry import BUILT_IN, routers
    from herd_graph.routing.taxonomy import declared

    if name in BUILT_IN:
        return declared(None, name)
    try:
        return declared(routers()[name].load(), name)
    except HerdError:
        return None


def _axes(place: Any) -> list[str]:
    from herd_graph.routing.taxonomy import AXES

    return ["?"] * len(AXES) if place is None else [str(value) for _, value in place]


def _summary(name: str) -> str:
    import inspect

    from herd_graph.errors import HerdError
    from herd_graph.routing.registry import routers

    try:
        return (inspect.getdoc(routers()[name].load()) or "").partition("\n")[0]
    except HerdError as error:
        return f"cannot be loaded: {error}"


def _trained(folder: Path) -> dict[str, Any]:
    from herd_graph.routing.quality.model import QualityModel

    model = QualityModel.load(folder)
    return {
        "experts": list(model.experts),
        "newcomers": [f"{each.name} ({each.anchors} anchors)" for each in model.newcomers],
        "best_single": model.best_single,
        "margin": model.margin,
        "embedder": model.embedder,
        "registry": model.fingerprint,
        **{name: round(value, 4) for name, value in model.figures.items()},
    }


def _compared(spec: str, route: Route, seconds: float) -> dict[str, Any]:
    plan = route.plan
    return {
        "router": spec,
        "plan": str(plan) if plan.steps else f"(abstains) {plan.reason}",
        "steps": plan.public()["steps"],
        "unmet": list(plan.unmet),
        "confidence": route.trace.confidence,
        "seconds": round(seconds, 4),
        "usd": route.trace.usd,
    }


def _block(told: dict[str, Any]) -> str:
    if "error" in told:
        return f"{told['router']}: {told['error']}"
    facts = f"confidence {told['confidence']:.2f}, {told['seconds'] * 1000:.0f} ms"
    facts += f", ${told['usd']:.4f}" if told["usd"] else ""
    return "\n".join(
        [f"{told['router']} ({facts})", told["plan"], *(f"not planned: {e}" for e in told["unmet"])]
    )
