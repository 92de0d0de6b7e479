"""Requests with the plans that a fair judge accepts, written compactly, and how a plan is compared.

    {"id": "c1", "files": ["audio:call.wav"], "wordings": ["…", "…"],
     "gold": ["speak(translate(transcribe(a1), pt)) ; find_entities(transcribe(a1))"]}

How a gold is written stands in ``routing.golds``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from herd_graph.cards import ExpertCard, Port
from herd_graph.errors import ConfigError
from herd_graph.plans import (
    AllOf,
    Binding,
    Condition,
    FirstOf,
    FromInput,
    FromStep,
    Item,
    Plan,
    Step,
    Value,
)
from herd_graph.registry import Snapshot
from herd_graph.routing.golds import Tree, Wanted, expression, read_gold
from herd_graph.routing.parameters import role
from herd_graph.tasks import Task
from herd_graph.types import JSON, ArtifactRef, Kind

_MIMES = {
    "audio": "audio/wav",
    "image": "image/png",
    "text": "text/plain",
    "table": "text/csv",
    "video": "video/mp4",
    "any": "application/pdf",
}
_BY_SUFFIX = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".json": "application/json",
    ".zip": "application/zip",
    ".jpg": "image/jpeg",
    ".mp3": "audio/mpeg",
}
_WORD = re.compile(r"\w+")
_LISTED = 3
"""How many things a list has that an earlier turn is said to have made."""


@dataclass(frozen=True, kw_only=True)
class Compound:
    """One request in several wordings."""

    id: str
    files: tuple[str, ...]
    wordings: tuple[str, ...]
    gold: tuple[str, ...]
    shapes: tuple[str, ...] = ()
    steps: int = 0
    history: tuple[Mapping[str, Any], ...] = ()
    check: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def impossible(self) -> bool:
        """Whether abstaining is the only right answer."""
        return all(each.strip() == "-" for each in self.gold)

    def task(self, wording: str) -> Task:
        """Return the task of one wording, with stand-ins for its files."""
        return Task(text=wording, attachments={**_attachments(self.files, 0)})

    def turns(self, experts: Snapshot) -> tuple[tuple[Mapping[str, JSON], ...], dict[str, str]]:
        """Return the earlier turns as a thread remembers them, and the names of what they made."""
        turns: list[Mapping[str, JSON]] = []
        names: dict[str, str] = {}
        for number, turn in enumerate(self.history, start=1):
            files = _attachments(cast("list[str]", turn.get("files") or []), 1000 * number)
            parts: list[JSON] = []
            golds = str(turn.get("gold") or "").removesuffix("!").split(" ; ")
            for place, gold in enumerate(golds, start=1):
                part, refs = _made(gold.strip(), str(turn.get("task")), experts, number, place)
                if part is not None:
                    files_used = sorted(set(re.findall(r"\ba\d+\b", gold)) & files.keys())
                    part["sources"] = [{"inputs": [files[f].name for f in files_used]}]
                    parts.append(part)
                    names |= {ref.id: f"h{number}.{place}" for ref in refs}
            names |= {ref.id: f"h{number}.{name}" for name, ref in files.items()}
            listed: JSON = {name: ref.model_dump(mode="json") for name, ref in files.items()}
            turns.append({"task": str(turn.get("task")), "attachments": listed, "parts": parts})
        return tuple(turns), names


def load(path: Path) -> list[Compound]:
    """Read a set. Raises ``ConfigError`` with the line that cannot be read."""
    found: list[Compound] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row: dict[str, Any] = json.loads(line)
            item = Compound(
                id=row["id"],
                files=tuple(row.get("files") or ()),
                wordings=tuple(row["wordings"]),
                gold=tuple(row["gold"]),
                shapes=tuple(row.get("shapes") or ()),
                steps=int(row.get("steps") or 0),
                history=tuple(row.get("history") or ()),
                check=row.get("check") or {},
            )
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(
                f"Line {number} of {str(path)!r} cannot be read: {type(error).__name__}: {error}. "
                "Expected an object with id, files, wordings and gold. Correct the line."
            ) from None
        found.append(item)
    return found


def answers(
    plan: Plan, experts: Snapshot, names: Mapping[str, str], *, defaults: bool = False
) -> tuple[Tree, ...]:
    """Return what a plan answers, an expression for each thing asked, in the form of a gold.

    Args:
        plan: The plan.
        experts: Those that it is made of.
        names: What golds call the inputs whose names in the plan are others.
        defaults: Keep values that an expert would take anyway; a gold may have them or not.
    """
    read = _Rendering(plan, experts, names, defaults=defaults)
    return tuple(dict.fromkeys(read.answer(each.source) for each in plan.asks))


def agrees(plan: Plan, wanted: Wanted, got: Sequence[Tree]) -> bool:
    """Say whether a plan is the wanted one: the same answers, and unmet only where it should be."""
    if plan.abstained or wanted.abstains:
        return plan.abstained and wanted.abstains
    if bool(plan.unmet) != wanted.partly or len(got) != len(wanted.parts):
        return False
    left = list(got)
    for part in wanted.parts:
        match = next((each for each in left if same(each, part)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def nodes(parts: Iterable[Tree]) -> list[str]:
    """Return the experts of some expressions, one for each different call."""
    return [call[1] for call in dict.fromkeys(each for part in parts for each in _calls(part))]


def links(parts: Iterable[Tree]) -> list[tuple[str, str]]:
    """Return who passes something on to whom, once for each different pair of calls."""
    found: dict[tuple[Tree, Tree], None] = {}
    for part in parts:
        for call in _calls(part):
            for inner in _direct(call[4:]):
                found[inner, call] = None
    return [(source[1], target[1]) for source, target in found]


def same(got: Any, want: Any) -> bool:
    """Say whether two expressions are one, where free text is compared loosely or not at all."""
    if not isinstance(got, tuple) or not isinstance(want, tuple):
        return got == want
    one, two = cast("Tree", got), cast("Tree", want)
    if {one[0], two[0]} <= {"value", "choice"}:
        return _alike(one[1], two[1])
    if one[:1] != two[:1] or one[0] != "call":
        return len(one) == len(two) and all(same(a, b) for a, b in zip(one, two, strict=True))
    if one[1:4] != two[1:4]:
        return False
    open_ended = one[1] in OPEN
    mine, theirs = _arguments(one, open_ended), _arguments(two, open_ended)
    return len(mine) == len(theirs) and all(same(a, b) for a, b in zip(mine, theirs, strict=True))


OPEN = frozenset({"chat", "query_table", "search_text", "draw_chart", "convert_units", "finance"})
"""Experts that take a question or a wish: its words are the person's, not the plan's."""


def _arguments(call: Tree, open_ended: bool) -> list[Any]:
    """Return a call's arguments, without the free text of an open-ended expert."""
    if not open_ended:
        return list(call[4:])
    return [each for each in call[4:] if each[0] != "value" or not isinstance(each[1], str)]


def _alike(one: Any, two: Any) -> bool:
    if not isinstance(one, str) or not isinstance(two, str):
        return one == two
    first, second = (set(_WORD.findall(each.lower())) for each in (one, two))
    if first == second:
        return True
    return len(first & second) / max(1, len(first | second)) >= 0.6


def _calls(tree: Any) -> Iterator[Tree]:
    if isinstance(tree, tuple):
        branch = cast("Tree", tree)
        for each in branch:
            yield from _calls(each)
        if branch and branch[0] == "call":
            yield branch


def _direct(arguments: Iterable[Any]) -> Iterator[Tree]:
    for each in arguments:
        if isinstance(each, tuple):
            branch = cast("Tree", each)
            if branch and branch[0] == "call":
                yield branch
            else:
                yield from _direct(branch)


class _Rendering:
    """Writes a plan's answers as expressions."""

    def __init__(
        self, plan: Plan, experts: Snapshot, names: Mapping[str, str], *, defaults: bool
    ) -> None:
        self.plan, self.experts, self.names, self.defaults = plan, experts, names, defaults

    def answer(self, binding: Binding) -> Tree:
        tree = self.tree(binding, None)
        step = self.plan.step(binding.step) if isinstance(binding, FromStep) else None
        if step is not None and step.when:
            return ("if", tree, *(self._test(each, step) for each in step.when))
        return tree

    def tree(self, binding: Binding, step: Step | None) -> Tree:
        if isinstance(binding, FromInput):
            return ("input", self.names.get(binding.input, binding.input))
        if isinstance(binding, Value):
            value = binding.value
            return ("value", value if not isinstance(value, list | dict) else json.dumps(value))
        if isinstance(binding, Item):
            assert step is not None
            assert step.foreach is not None
            return self.tree(step.foreach, None)
        if isinstance(binding, AllOf):
            held = tuple(self.tree(each, step) for each in binding.all)
            return held[0] if len(held) == 1 else ("list", *held)
        if isinstance(binding, FirstOf):
            return ("first", *(self.tree(each, step) for each in binding.first))
        made = self.plan.step(binding.step)
        name = (made.expert or "").partition("@")[0]
        card = self.experts.find(name).card
        output = binding.output or ""
        if output == card.outputs[0].name:
            output = ""
        held = [
            self._argument(made.inputs[port.name], bool(port.choices), made)
            for port in card.inputs
            if port.name in made.inputs
            and not (_is_default(name, port.default, made.inputs[port.name]) and not self.defaults)
            and not _is_wish(port, card, made.inputs[port.name])
            and not _is_beside(port, made.inputs[port.name])
        ]
        return ("call", name, output, made.foreach is not None, *held)

    def _argument(self, binding: Binding, chosen: bool, step: Step) -> Tree:
        tree = self.tree(binding, step)
        return ("choice", tree[1]) if chosen and tree[0] == "value" else tree

    def _test(self, condition: Condition, step: Step) -> Tree:
        return ("test", self.tree(condition.left, step), condition.op, ("value", condition.right))


_ASSUMED: dict[str, str] = {"calculate": "sum"}
"""A choice that a gold leaves out: adding up is what calculating on a receipt means."""


def _is_wish(port: Port, card: ExpertCard, binding: Binding) -> bool:
    """Say whether an optional input just repeats the person's words, which golds leave out."""
    words = isinstance(binding, Value) and isinstance(binding.value, str)
    return words and not port.required and role(port, card) == "instruction"


def _is_beside(port: Port, binding: Binding) -> bool:
    """Say whether an optional input only holds what else is attached, which golds leave out."""
    return port.many and not port.required and isinstance(binding, AllOf)


def _is_default(expert: str, default: JSON, binding: Binding) -> bool:
    if not isinstance(binding, Value) or binding.value is None:
        return False
    return binding.value == default or binding.value == _ASSUMED.get(expert)


def _attachments(files: Iterable[str], base: int) -> dict[str, ArtifactRef]:
    made: dict[str, ArtifactRef] = {}
    for number, each in enumerate(files, start=1):
        kind, _, name = each.partition(":")
        mime = _BY_SUFFIX.get(Path(name).suffix.lower(), _MIMES[kind])
        if kind == "any" and Path(name).suffix.lower() not in {".pdf", ".zip"}:
            mime = "application/octet-stream"
        made[f"a{number}"] = ArtifactRef(
            id=f"{base + number:064x}",
            kind=Kind.DOCUMENT if kind == "any" else Kind(kind),
            mime=mime,
            size=1000,
            name=name,
        )
    return made


def _made(
    gold: str, task: str, experts: Snapshot, turn: int, place: int
) -> tuple[dict[str, JSON] | None, list[ArtifactRef]]:
    """Return what an earlier turn's answer left behind: several artifacts, where it is a list."""
    try:
        tree = expression(gold)
    except (SyntaxError, ValueError):
        return None, []
    while tree[0] == "if":
        tree = tree[1]
    if tree[0] != "call" or not experts.knows(tree[1]):
        return None, []
    card: ExpertCard = experts.find(tree[1]).card
    port = card.output(tree[2] or None) or card.outputs[0]
    mime = _MIMES.get(port.kind.value, "application/json")
    several = port.many or bool(tree[3])
    refs = [
        ArtifactRef(id=f"{turn:032x}{place:016x}{n:016x}", kind=port.kind, mime=mime, size=100)
        for n in range(_LISTED if several else 1)
    ]
    part: dict[str, JSON] = {
        "ask": task,
        "status": "done",
        "expert": card.id,
        "text": "",
        "artifacts": [ref.model_dump(mode="json") for ref in refs],
    }
    return part, refs


def named(
    route_attachments: Mapping[str, ArtifactRef | list[ArtifactRef]], names: Mapping[str, str]
) -> dict[str, str]:
    """Return the gold's names of what a route binds of earlier turns, by the plan's own names."""
    found: dict[str, str] = {}
    for name, value in route_attachments.items():
        ref = value[0] if isinstance(value, list) else value
        found[name] = names.get(ref.id, name)
    return found


__all__ = (
    "OPEN",
    "Compound",
    "Tree",
    "Wanted",
    "agrees",
    "answers",
    "links",
    "load",
    "named",
    "nodes",
    "read_gold",
    "same",
)
