"""``herd experts``: who is present, what each one says of itself, and whether it works."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from herd_graph.cli.failures import DONE, FAILED
from herd_graph.cli.options import JsonOption, QuietOption, command

if TYPE_CHECKING:
    from herd_graph.cards import ExpertCard
    from herd_graph.types import Kind

app = typer.Typer(
    no_args_is_help=True,
    help="List, show, find and check experts. Example: herd experts find 'read text in a photo'",
)

TakesOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KIND", help="What it must take: text, image, audio …", show_default=False
    ),
]
GivesOption = Annotated[
    str | None, typer.Option(metavar="KIND", help="What it must give.", show_default=False)
]


@command(app, "list")
def list_experts(
    every: Annotated[
        bool, typer.Option("--all", help="Every version, not the latest alone.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List the experts that are present.

    Example: herd experts list --json
    """
    from herd_graph.cli.output import emit_columns, emit_json
    from herd_graph.cli.session import open_herd

    with open_herd() as herd:
        snapshot = herd.registry.snapshot()
        cards = snapshot.cards if every else snapshot.latest
    if as_json:
        emit_json([_public(card) for card in cards])
        return
    emit_columns(
        ("expert", "takes", "gives", "where", "licence", "description"),
        [
            (
                card.id,
                ", ".join(port.type_name for port in card.inputs if port.required) or "-",
                ", ".join(port.type_name for port in card.outputs),
                card.locality,
                card.weights_licence or card.licence,
                card.description,
            )
            for card in cards
        ],
    )


@command(app, "show")
def show_expert(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name, or name@version.")],
    as_json: JsonOption = False,
) -> None:
    """Show everything that an expert says of itself.

    Example: herd experts show transcribe
    """
    from herd_graph.cli.output import emit, emit_json
    from herd_graph.cli.session import open_herd

    with open_herd() as herd:
        card = herd.registry.find(name).card
    if as_json:
        emit_json(_public(card))
    else:
        emit(_described(card))


@command(app, "find")
def find_experts(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="What you need, in words.")],
    takes: TakesOption = None,
    gives: GivesOption = None,
    count: Annotated[int, typer.Option("--count", "-k", min=1, help="How many at most.")] = 10,
    start: Annotated[
        list[str] | None,
        typer.Option(
            "--from",
            metavar="KIND",
            help="What you have: only experts on a way from it to --gives; repeatable.",
            show_default=False,
        ),
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="How many steps a way --from may have.")] = 3,
    local: Annotated[
        bool, typer.Option("--local", help="Only experts that send nothing away.")
    ] = False,
    licences: Annotated[
        list[str] | None,
        typer.Option(
            "--licence",
            metavar="NAME",
            help="Only experts with these licences, such as MIT; repeatable.",
            show_default=False,
        ),
    ] = None,
    most_usd: Annotated[
        float | None,
        typer.Option(
            "--max-cost",
            metavar="USD",
            min=0,
            help="The most that a call may cost.",
            show_default=False,
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find experts by meaning, by what they take and give, and by what they lead to.

    Example: herd experts find "what is being said" --takes audio --gives text

    Example: herd experts find "a spoken summary" --from image --gives audio --steps 3
    """
    from herd_graph.cli.output import emit_columns, emit_json, say
    from herd_graph.cli.session import open_herd

    kinds = tuple(_kind(each) for each in takes or [])
    given = _kind(gives) if gives is not None else None
    with open_herd() as herd:
        hits = herd.find(
            query,
            takes=kinds,
            gives=given,
            k=count,
            start=None if start is None else [_kind(each) for each in start],
            steps=steps,
            local=local,
            licences=licences,
            most_usd=most_usd,
        )
        found = [(hit, herd.registry.find(hit.card).card) for hit in hits]
    if as_json:
        emit_json([{**asdict(hit), **_public(card)} for hit, card in found])
        return
    if not found:
        say("No expert fits. See who is there: herd experts list.")
        return
    emit_columns(
        ("expert", "score", "description"),
        [(card.id, f"{hit.score:.3f}", card.description) for hit, card in found],
    )


@command(app, "docs")
def document_experts(as_json: JsonOption = False) -> None:
    """Write a page on the experts that are present, as Markdown: limits, licences, latency, memory.

    Example: herd experts docs > experts.md
    """
    from herd_graph.cli.catalogue import catalogue
    from herd_graph.cli.output import emit, emit_json
    from herd_graph.cli.session import open_herd

    with open_herd() as herd:
        cards = herd.registry.snapshot().latest
    if as_json:
        emit_json({"markdown": catalogue(cards)})
    else:
        emit(catalogue(cards))


@command(app, "check")
def check_experts(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Experts to check; all without a name."),
    ] = None,
    discover: Annotated[
        bool,
        typer.Option(
            "--discover", help="Call nothing; say who would be chosen for its examples instead."
        ),
    ] = False,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Call experts with their own examples, and report what is wrong with them.

    Each one is loaded and called on sample files and on the requests that its card names as
    examples. Reported are errors, outputs that its ports do not allow, the latency of the first and
    a later call, and the memory that it took. Exit code 1 when an expert fails.

    With --discover nothing is called: for each example it says how the expert ranks when that
    example is taken out of its card, which rival comes nearest and by what, what the router chooses,
    and what to change in the card. Exit code 1 when an expert is chosen for none of its examples.

    Example: herd experts check transcribe
    """
    from herd_graph.cli.output import emit, emit_json, say
    from herd_graph.cli.session import open_herd, run_until_done
    from herd_graph.doctor.standing import Standing, stand
    from herd_graph.doctor.trials import Trial, try_expert

    found: list[Trial | Standing] = []
    with open_herd() as herd:
        chosen = [herd.registry.find(name) for name in names or []]
        chosen = chosen or [herd.registry.find(card.id) for card in herd.registry.snapshot().latest]
        for expert in chosen:
            if not quiet:
                say(f"checking {expert.card.id} …", style="dim")
            work = stand(expert, herd) if discover else try_expert(expert, herd)
            found.append(run_until_done(work))
    if as_json:
        emit_json([each.dump() for each in found])
    else:
        emit("\n\n".join(str(each) for each in found))
    raise typer.Exit(FAILED if any(each.failed for each in found) else DONE)


def _kind(text: str) -> Kind:
    from herd_graph.errors import suggest
    from herd_graph.types import Kind

    try:
        return Kind(text.strip().lower())
    except ValueError:
        listed = suggest(text, [kind.value for kind in Kind], what="There are")
        raise typer.BadParameter(f"{text!r} is no kind of payload. {listed}") from None


def _public(card: ExpertCard) -> dict[str, Any]:
    return {"id": card.id, "signature": card.signature, **card.model_dump(mode="json")}


def _described(card: ExpertCard) -> str:
    from herd_graph.artifacts.base import human_size
    from herd_graph.cli.output import dollars, seconds

    facts = {
        "tags": ", ".join(card.tags),
        "where": "on this machine" if card.locality == "local" else "data leaves this machine",
        "licence": card.licence,
        "weights": card.weights_licence,
        "cost": dollars(card.cost_usd) or "none",
        "latency": seconds(card.latency_s) if card.latency_s is not None else "not measured",
        "memory": human_size(card.memory_bytes) if card.memory_bytes else "",
        "at once": f"{card.concurrency} calls" if card.concurrency else "",
        "timeout": seconds(card.timeout_s) if card.timeout_s else "",
        "approval": "a person is asked before each call" if card.approve else "",
        "isolated": "each call runs in a process of its own" if card.isolate else "",
        "notes": card.notes,
        "caution": card.caution,
    }
    lines = [card.signature, card.description, ""]
    lines += [f"{name + ':':<10}{value}" for name, value in facts.items() if value]
    for title, ports in (("takes", card.inputs), ("gives", card.outputs)):
        lines += ["", f"{title}:"]
        lines += [
            f"  {port}" + (f"  {port.description}" if port.description else "") for port in ports
        ]
    if card.examples:
        lines += ["", "examples:", *(f"  {each}" for each in card.examples)]
    return "\n".join(lines)
