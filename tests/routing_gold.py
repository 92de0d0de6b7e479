"""Requests with the plans that they should get, written compactly: ``speak(read_text(a1))``.

One line each: ``world | attachments | request | gold``. Gold has one expression for each answer,
in any order, separated by ``;``. ``-`` is an abstention; a closing ``!`` says that a part must be
left unmet. `` // `` stands between golds that are equally good. What an open-ended expert is asked
about a file is not compared word for word: ``chat(a1)`` is any question about the first one.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from herd_graph.plans import AllOf, Binding, FromInput, FromStep, Item, Plan, Value
from herd_graph.store import MemoryStore
from herd_graph.tasks import Task
from herd_graph.types import ArtifactRef, Kind

_MIMES = {
    "audio": "audio/wav",
    "image": "image/png",
    "text": "text/plain",
    "any": "application/octet-stream",
    "table": "text/csv",
    "video": "video/mp4",
}
_KINDS = {"any": Kind.DOCUMENT}


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request and its gold."""

    world: str
    task: Task
    gold: str


def attachments(spec: str) -> dict[str, ArtifactRef | list[ArtifactRef]]:
    """Return attachments for ``"audio:call.wav image:box.png"``."""
    made: dict[str, ArtifactRef | list[ArtifactRef]] = {}
    for number, each in enumerate(spec.split(), start=1):
        kind, _, name = each.partition(":")
        made[f"a{number}"] = ArtifactRef(
            id=f"{number:064x}",
            kind=_KINDS.get(kind, Kind(kind) if kind != "any" else Kind.DOCUMENT),
            mime=_MIMES[kind],
            size=1000,
            name=name,
        )
    return made


def load(name: str) -> list[Request]:
    """Read one of the lists in ``tests/routing``."""
    found: list[Request] = []
    for line in (Path(__file__).parent / "routing" / name).read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        world, files, text, gold = (each.strip() for each in line.split("|", 3))
        task = Task(text=text.replace("\\n", "\n"), attachments=attachments(files))
        found.append(Request(world=world, task=task, gold=gold))
    return found


def render(plan: Plan) -> str:
    """Return a plan as gold is written: one expression for each answer, sorted."""
    if plan.abstained:
        return "-"
    # Two asks that one step meets are one expression.
    shown = sorted({_expression(each.source, plan) for each in plan.asks})
    return " ; ".join(shown) + (" !" if plan.unmet else "")


def matches(plan: Plan, gold: str) -> bool:
    """Say whether a plan is one of those that a gold allows."""
    got = loose(render(plan))
    return any(got == loose(normal(each.strip())) for each in gold.split(" // "))


class _Questions(ast.NodeTransformer):
    """Leaves out the question where something to look at goes with it."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        held = [each for each in node.args if not isinstance(each, ast.Constant)]
        asked = isinstance(node.func, ast.Name) and node.func.id == "chat"
        return ast.Call(func=node.func, args=held, keywords=[]) if asked and held else node


def loose(expressions: str) -> str:
    """Return answers without the questions that go with files."""
    bare, unmet = expressions.removesuffix("!").strip(), expressions.endswith("!")
    found: list[str] = []
    for each in bare.split(" ; "):
        try:
            tree = _Questions().visit(ast.parse(each.strip(), mode="eval"))
        except SyntaxError:  # "-", or an item of a list
            found.append(each.strip())
        else:
            found.append(ast.unparse(tree))
    return " ; ".join(sorted(found)) + (" !" if unmet else "")


def normal(gold: str) -> str:
    """Return gold with its answers sorted."""
    bare = gold.removesuffix("!").strip()
    return " ; ".join(sorted(each.strip() for each in bare.split(" ; "))) + (
        " !" if gold.endswith("!") else ""
    )


def _expression(binding: Binding, plan: Plan, item: str = "") -> str:
    if isinstance(binding, FromInput):
        return binding.input
    if isinstance(binding, Value):
        value = binding.value
        simple = isinstance(value, str) and value.isalpha() and len(value) < 9 and value.islower()
        return str(value) if simple else repr(value)
    if isinstance(binding, Item):
        return f"each {item}"
    if isinstance(binding, AllOf):
        return "[" + ", ".join(_expression(each, plan) for each in binding.all) + "]"
    assert isinstance(binding, FromStep)
    step = plan.step(binding.step)
    over = _expression(step.foreach, plan) if step.foreach is not None else ""
    inside = ", ".join(_expression(each, plan, over) for each in step.inputs.values())
    name = (step.expert or "").partition("@")[0]
    return f"{name}({inside})" + (f".{binding.output}" if binding.output else "")


STORE = MemoryStore()
