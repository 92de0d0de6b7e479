"""Experts as a page: what each is for, where it ends, what it takes, and under which licence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from herd_graph.cards import ExpertCard, Port


def catalogue(cards: Sequence[ExpertCard]) -> str:
    """Return Markdown: a table of all experts, then a section on each.

    Nothing in it depends on this machine: it is what the cards say, in the order of their names.
    """
    cards = sorted(cards, key=lambda card: card.name)
    lines = [
        "| expert | for | takes | gives | a call | memory |",
        "|---|---|---|---|---|---|",
        *(_row(card) for card in cards),
    ]
    for card in cards:
        lines += ["", *_section(card)]
    return "\n".join(lines) + "\n"


def _row(card: ExpertCard) -> str:
    cells = (
        f"[`{card.name}`](#{card.name})",
        card.description.partition("\n")[0],
        _types([port for port in card.inputs if port.required]),
        _types(card.outputs),
        _latency(card),
        _memory(card),
    )
    return f"| {' | '.join(_cell(each) for each in cells)} |"


def _types(ports: Sequence[Port]) -> str:
    return ", ".join(port.type_name for port in ports) or "-"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", r"\|")


def _latency(card: ExpertCard) -> str:
    return "" if card.latency_s is None else f"{card.latency_s:g} s"


def _memory(card: ExpertCard) -> str:
    return f"{round(card.memory_bytes / (1 << 20))} MiB" if card.memory_bytes else ""


def _section(card: ExpertCard) -> list[str]:
    lines = [f"## {card.name}", "", card.description, "", "```", _signature(card), "```"]
    described = [port for port in card.inputs if port.description]
    if described:
        lines += ["", *(f"- `{port.name}`: {port.description}" for port in described)]
    if card.examples:
        lines += [
            "",
            "Ask for it like this: " + "; ".join(f"*{each}*" for each in card.examples) + ".",
        ]
    if card.notes:
        lines += ["", f"**Limits.** {card.notes}"]
    if card.caution:
        lines += ["", f"Every answer that it had a part in says: {card.caution}."]
    facts = [
        ("licence", card.licence),
        ("weights", card.weights_licence),
        ("a call", _latency(card)),
        ("memory", _memory(card)),
        ("cost", f"up to ${card.cost_usd:g} a call" if card.cost_usd else ""),
        ("where", "data leaves this machine" if card.locality == "remote" else ""),
        ("approval", "a person is asked before each call" if card.approve else ""),
        ("isolated", "each call in a process of its own" if card.isolate else ""),
    ]
    return [*lines, "", *(f"- {name}: {value}" for name, value in facts if value)]


def _signature(card: ExpertCard) -> str:
    return card.signature if len(card.signature) <= 110 else card.signature.replace(", ", ",\n    ")
