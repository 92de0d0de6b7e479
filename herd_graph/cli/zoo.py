"""``herd zoo``: experts inside one local model, trained, added, routed among and merged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from herd_graph.cli.options import JsonOption, QuietOption, command
from herd_graph.cli.zoo_options import (
    POSTERIOR,
    AbstainOption,
    BaseOption,
    GateOption,
    GateStepsOption,
    GeneralOption,
    LengthOption,
    TopOption,
    ZooOption,
)
from herd_graph.cli.zoo_parts import (
    Bar,
    example_options,
    folder_of,
    holds_words,
    kind_of,
    leave_out,
    long_enough,
    perplexity_of,
    public_facts,
    read_files,
    some_adapter,
    stacked,
    texts_of,
)

app = typer.Typer(
    no_args_is_help=True,
    help="Adapters on one local model. Example: herd zoo train german letters/*.txt",
)


@command(app, "taxonomy")
def taxonomy(
    match: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORD|AXIS=VALUE",
            help="Only what matches, such as input_granularity=step or lora; repeatable.",
            show_default=False,
        ),
    ] = None,
    here: Annotated[bool, typer.Option("--here", help="Only what runs here.")] = False,
    related: Annotated[
        bool, typer.Option("--related", help="Fields, tools and applications instead.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Print the survey's methods with their places, what realises them here, and when to use them.

    Example: herd zoo taxonomy --match selection=sparse --match lora
    """
    from herd_graph.cli.output import emit_columns, emit_json, say
    from herd_graph.routing.taxonomy import AXES
    from herd_graph.zoo.catalogue import NEIGHBOURS, find

    if related:
        rows = [
            each for each in NEIGHBOURS if holds_words(f"{each.name} {each.use_when}", match or [])
        ]
        if as_json:
            emit_json([dict(vars(each)) for each in rows])
        else:
            columns = ("what", "kind", "use it when", "here")
            emit_columns(columns, [(n.name, n.kind, n.use_when, n.instead or "-") for n in rows])
        return
    found = [each for each in find(tuple(match or ())) if each.runs_here or not here]
    if as_json:
        emit_json(
            [
                {
                    "method": each.name,
                    "arxiv": each.arxiv,
                    "taxonomy": each.taxonomy.model_dump(mode="json"),
                    "realised_by": each.realised_by,
                    "use_when": each.use_when,
                    "origin": each.origin,
                }
                for each in found
            ]
        )
        return
    emit_columns(
        ("method", "here", "use it when", *(axis.replace("_", " ") for axis in AXES)),
        [
            (
                each.name,
                each.realised_by or "-",
                each.use_when or "-",
                *(str(value) for _, value in each.taxonomy),
            )
            for each in found
        ],
    )
    if not found:
        say("No method matches. See them all: herd zoo taxonomy.")


@command(app, "train")
def train(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the adapter is called.")],
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Texts to learn from, UTF-8.")
    ],
    zoo: ZooOption = None,
    base: BaseOption = "",
    kind: Annotated[str, typer.Option(metavar="KIND", help="lora, ia3 or bottleneck.")] = "lora",
    rank: Annotated[int, typer.Option(min=1, help="Of a LoRA, or a bottleneck's width.")] = 8,
    targets: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LAYER",
            help="Ends of the layers' names, such as q_proj; repeatable.",
            show_default=False,
        ),
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="Steps of training.")] = 36,
    batch: Annotated[int, typer.Option(min=1, help="Rows in each step.")] = 4,
    length: LengthOption = 128,
    rate: Annotated[float, typer.Option(help="The learning rate.")] = 3e-3,
    gate_steps: GateStepsOption = 15,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 0,
    description: Annotated[
        str, typer.Option(metavar="TEXT", help="What it is good at.", show_default=False)
    ] = "",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Train an adapter NAME on texts, with its gates; a training that broke off goes on.

    The base stays as it is. SmolLM2 takes a second or two for each step on one core.

    Example: herd zoo train german letters.txt manual.txt --steps 36
    """
    from herd_graph.cli.output import emit, emit_json
    from herd_graph.zoo.training import Recipe

    folder = folder_of(zoo)
    texts = texts_of(files)
    model = folder.open_base(base)
    options: dict[str, Any] = {"targets": tuple(targets)} if targets else {}
    recipe = Recipe(
        kind=kind_of(kind), rank=rank, steps=steps, batch=batch, rate=rate, seed=seed, **options
    )
    with Bar(f"training {name}", steps, quiet=quiet) as bar:
        adapter = folder.learn(
            model,
            name,
            texts,
            recipe,
            gate_steps=gate_steps,
            length=length,
            description=description,
            told=bar.told,
        )
    if as_json:
        emit_json(public_facts(adapter))
    else:
        facts = adapter.facts
        emit(
            f"{name}: {adapter.parameters:,} parameters, loss {facts['first_loss']} -> "
            f"{facts['last_loss']} in {facts['steps']} steps"
        )


@command(app, "add")
def add(
    source: Annotated[Path, typer.Argument(metavar="FOLDER", help="An adapter: ours or peft's.")],
    name: Annotated[
        str, typer.Option(metavar="NAME", help="Another name.", show_default=False)
    ] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Upgrade one of that name.")] = False,
    texts: Annotated[
        list[Path] | None,
        typer.Option(
            "--texts",
            metavar="FILE",
            help="Texts that it is for, UTF-8: gates other than arrow and spectral learn from them; "
            "repeatable.",
            show_default=False,
        ),
    ] = None,
    gate_steps: GateStepsOption = 15,
    length: LengthOption = 128,
    zoo: ZooOption = None,
    base: BaseOption = "",
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Add an adapter from a folder, once it is known to fit the zoo's base.

    Example: herd zoo add ./my-peft-adapter --name legal --texts contracts.txt
    """
    from herd_graph.cli.output import emit, emit_json
    from herd_graph.zoo.folder import chunks, with_gates

    folder = folder_of(zoo)
    given = texts_of(texts or [])
    model = folder.open_base(base)
    held = folder.open(model, refused=leave_out)
    adapter = held.add(source, name=name or None, replace=replace)
    if given:
        rows = chunks(model, given, length)
        with Bar(f"gates of {adapter.name}", gate_steps, quiet=quiet) as bar:
            adapter = with_gates(model, adapter, rows, gate_steps=gate_steps, told=bar.told)
    folder.note_base(model)
    folder.write(adapter)
    if as_json:
        emit_json(public_facts(adapter))
    else:
        emit(f"{adapter.name}: {adapter.parameters:,} parameters, version {adapter.version}")


@command(app, "drop")
def drop(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The adapter.")],
    zoo: ZooOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove an adapter from the zoo and from the disk. The others are not touched.

    Example: herd zoo drop german
    """
    from herd_graph.cli.output import emit, emit_json

    folder_of(zoo).drop(name)
    if as_json:
        emit_json({"dropped": name})
    else:
        emit(f"dropped {name}")


@command(app, "list")
def list_adapters(zoo: ZooOption = None, as_json: JsonOption = False) -> None:
    """List the adapters, what they are made of, and which gates know them.

    Example: herd zoo list --json
    """
    from herd_graph.cli.output import emit_columns, emit_json, say
    from herd_graph.errors import HerdError

    folder = folder_of(zoo)
    damaged: dict[str, str] = {}
    found: list[Any] = []
    for name in folder.names:
        try:
            found.append(folder.read(name))
        except HerdError as error:
            damaged[name] = str(error)
            leave_out(name, error)
    if as_json:
        adapters = [public_facts(each) for each in found]
        emit_json({"base": folder.base, "adapters": adapters, "damaged": damaged})
        return
    emit_columns(
        ("adapter", "version", "kinds", "parameters", "MB", "gates", "description"),
        [
            (
                each.name,
                str(each.version),
                ", ".join(each.kinds),
                f"{each.parameters:,}",
                f"{each.bytes / 1e6:.1f}",
                ", ".join(each.keys) or "-",
                each.description or "-",
            )
            for each in found
        ],
    )
    if not found and not damaged:
        say("The zoo is empty. Train one: herd zoo train NAME FILE…")


@command(app, "route")
def route(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What is to be routed, in quotes.")],
    gate: GateOption = "arrow",
    top_k: TopOption = 2,
    abstain: AbstainOption = 0.0,
    general: GeneralOption = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Draw it as a page.", show_default=False),
    ] = None,
    zoo: ZooOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which adapter takes which token of TEXT.

    Example: herd zoo route "Der Hund schläft. The dog sleeps." --gate phatgoose
    """
    from herd_graph.cli.output import emit, emit_columns, emit_json
    from herd_graph.zoo.evidence import Evidence
    from herd_graph.zoo.folder import route_named

    folder = folder_of(zoo)
    some_adapter(folder, gate)
    held = folder.open(folder.open_base(), refused=leave_out)
    named = example_options(held.base, abstain, general)
    scored = held.score([text], use=route_named(held, gate, top_k=top_k, **named), record=True)[0]
    parts = [
        {name: round(float(mass[at]), 4) for name, mass in scored.mass.items() if mass[at] > 0}
        for at in range(len(scored.logprobs))
    ]
    tokens = [held.base.decode([each]) for each in scored.ids[:-1]]
    found = Evidence(tokens=tokens, parts=parts, route=gate)
    if html is not None:
        html.write_text(f"<!doctype html><meta charset=utf-8>{found.html()}", encoding="utf-8")
    if as_json:
        emit_json({**found.public(), "perplexity": scored.perplexity})
        return
    rows = zip(tokens, found.leaders, parts, strict=True)
    emit_columns(
        ("token", "adapter", "share"),
        [(repr(token)[1:-1], by, f"{part.get(by, 1.0):.2f}") for token, by, part in rows],
    )
    emit("  ".join(f"{name} {share:.0%}" for name, share in found.shares.items()))


@command(app, "eval")
def evaluate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Texts to predict, UTF-8.")],
    gates: Annotated[
        list[str] | None,
        typer.Option(
            "--gate",
            metavar="ROUTE",
            help="What to compare besides base and every adapter; repeatable.",
            show_default=False,
        ),
    ] = None,
    top_k: TopOption = 2,
    abstain: AbstainOption = 0.0,
    general: GeneralOption = None,
    length: LengthOption = 128,
    rows: Annotated[int, typer.Option(min=1, help="Rows of each file at most.")] = 24,
    zoo: ZooOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare base, adapters and gates: the perplexity of each on each file, and their speed.

    The posterior ensemble of base and adapters stands beside them: its members are scored anyway. It
    runs them all for each token, and its speed is what that takes.

    Example: herd zoo eval german.txt french.txt --gate arrow --gate cluster
    """
    import time

    from herd_graph.cli.output import emit_columns, emit_json
    from herd_graph.zoo.folder import chunks, route_named
    from herd_graph.zoo.posterior import DECAY, mix

    folder = folder_of(zoo)
    held = folder.open(folder.open_base(), refused=leave_out)
    parts = {
        str(path): long_enough(path, chunks(held.base, [text], length)[:rows])
        for path, text in read_files(files)
    }
    named = example_options(held.base, abstain, general)
    members = ["base", *held.names]
    names = [*members, *(gates or [])]
    logs: dict[str, dict[str, list[Any]]] = {}
    seconds: dict[str, float] = {}
    with Bar("scoring", len(names) * len(parts), quiet=quiet) as bar:
        for name in names:
            use = route_named(held, name, top_k=top_k, **named)
            logs[name] = {}
            began = time.perf_counter()
            for file, ids in parts.items():
                logs[name][file] = [each.logprobs for each in held.score(ids, use=use)]
                bar.told(bar.done + 1, 0.0)
            seconds[name] = time.perf_counter() - began
    if len(members) > 1 and POSTERIOR not in logs:
        logs[POSTERIOR] = {
            file: [
                mix(stacked([logs[name][file][at] for name in members]), decay=DECAY).logprobs
                for at in range(len(ids))
            ]
            for file, ids in parts.items()
        }
        seconds[POSTERIOR] = sum(seconds[name] for name in members)
    tokens = sum(len(row) for ids in parts.values() for row in ids)
    speeds = {name: round(tokens / max(each, 1e-9), 1) for name, each in seconds.items()}
    table = {
        name: {file: perplexity_of(found) for file, found in row.items()}
        for name, row in logs.items()
    }
    if as_json:
        emit_json({n: {**row, "tokens_per_second": speeds[n]} for n, row in table.items()})
        return
    emit_columns(
        ("route", *(Path(file).name for file in parts), "tokens/s"),
        [
            (name, *(f"{row[file]:.2f}" for file in parts), f"{speeds[name]:.0f}")
            for name, row in table.items()
        ],
    )


@command(app, "merge")
def merge(
    names: Annotated[list[str], typer.Argument(metavar="NAME…", help="The adapters.")],
    to: Annotated[str, typer.Option("--to", metavar="NAME", help="What the result is called.")],
    method: Annotated[
        str, typer.Option(metavar="METHOD", help="average, arithmetic, ties or dare.")
    ] = "average",
    rank: Annotated[
        int, typer.Option(min=0, help="Cut the result to this rank; 0 keeps it exact.")
    ] = 0,
    peft: Annotated[
        Path | None,
        typer.Option("--peft", metavar="FOLDER", help="Write it for peft too.", show_default=False),
    ] = None,
    zoo: ZooOption = None,
    as_json: JsonOption = False,
) -> None:
    """Merge adapters into one: the matrices are added up, never their factors apart.

    Example: herd zoo merge german dutch --to germanic --method ties --rank 16
    """
    from herd_graph.cli.output import emit, emit_json
    from herd_graph.errors import ExpertExists
    from herd_graph.zoo import merging
    from herd_graph.zoo.files import export_peft

    folder = folder_of(zoo)
    if to in folder.names:
        raise ExpertExists(
            f"Adapter {to!r} is in the zoo already. Expected a new name. Drop it first: herd zoo "
            f"drop {to}"
        )
    merged = merging.merge(method, [folder.read(name) for name in names], to)
    error = 0.0
    if rank:
        cut = merging.truncate(merged, rank)
        merged, error = cut.adapter, cut.error
    folder.write(merged)
    if peft is not None:
        export_peft(merged, peft, base_name=folder.base)
    if as_json:
        emit_json({**public_facts(merged), "truncation_error": error})
    else:
        lost = f", of which cutting the rank lost {error:.1%}" if rank else ", exactly"
        emit(f"{to}: {method} of {', '.join(names)}{lost}")
