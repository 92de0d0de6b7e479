"""Random plans over one scripted expert, and what must come of them by arithmetic alone."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from herd_graph.artifacts import Artifact
from herd_graph.cards import Port
from herd_graph.contexts import ExpertContext
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.runs import Run
from herd_graph.steps import Patience
from herd_graph.store import MemoryStore
from herd_graph.testing import FakeRouter, ScriptedExpert, scripted
from herd_graph.types import Kind

PATIENCE = Patience(attempts=2, wait_s=0.25)
NOTHING = Plan(reason="There is nothing to do.")


@dataclass(frozen=True, kw_only=True)
class Node:
    """One step: what it needs, how long an attempt takes, how many attempts fail."""

    name: str
    needs: tuple[str, ...] = ()
    seconds: float = 1.0
    fails: int = 0


@dataclass(frozen=True)
class Dag:
    """Nodes, each after what it needs."""

    nodes: tuple[Node, ...]

    @property
    def plan(self) -> Plan:
        """The plan whose steps are the nodes."""
        return Plan.parse({"steps": [_step(node) for node in self.nodes]})

    def node(self, name: str) -> Node:
        """Return a node by name."""
        return next(node for node in self.nodes if node.name == name)

    def after(self, *names: str) -> set[str]:
        """Return what depends on any of these."""
        found = set(names)
        for node in self.nodes:
            if found.intersection(node.needs):
                found.add(node.name)
        return found - set(names)

    def texts(self, pinned: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return what each node gives; nothing for those that fail or are cut off."""
        texts: dict[str, str] = {}
        for node in self.nodes:
            if pinned and node.name in pinned:
                texts[node.name] = pinned[node.name]
            elif node.fails < PATIENCE.attempts and all(each in texts for each in node.needs):
                texts[node.name] = spell(node.name, [texts[each] for each in node.needs])
        return texts

    @property
    def statuses(self) -> dict[str, str]:
        """How each node ends."""
        done = self.texts()
        return {
            node.name: "done"
            if node.name in done
            else "failed"
            if all(each in done for each in node.needs)
            else "cancelled"
            for node in self.nodes
        }

    @property
    def critical_path(self) -> float:
        """The seconds of the longest chain of calls, repetitions and the waits before them."""
        ends: dict[str, float] = {}
        statuses = self.statuses
        for node in self.nodes:
            start = max((ends[each] for each in node.needs), default=0.0)
            tries = min(node.fails + 1, PATIENCE.attempts)
            took = node.seconds * tries + PATIENCE.wait_s * (tries - 1)
            ends[node.name] = start + (0.0 if statuses[node.name] == "cancelled" else took)
        return max(ends.values())

    @property
    def calls(self) -> Counter[str]:
        """How often each node calls its expert when nothing interrupts."""
        statuses = self.statuses
        return Counter(
            {
                node.name: min(node.fails + 1, PATIENCE.attempts)
                for node in self.nodes
                if statuses[node.name] != "cancelled"
            }
        )


def spell(name: str, parts: Sequence[str]) -> str:
    """Return a text that is the same only for the same name and the same parts in order."""
    joined = "|".join((name, *parts))
    return f"{name}-{hashlib.sha256(joined.encode()).hexdigest()[:10]}"


def _step(node: Node) -> dict[str, Any]:
    inputs: dict[str, Any] = {"name": {"value": node.name}}
    if node.needs:
        inputs["parts"] = {"all": [{"step": each} for each in node.needs]}
    return {"id": node.name, "expert": "work", "inputs": inputs}


@dataclass(kw_only=True)
class Crew:
    """The expert that plays a DAG, and who was called."""

    dag: Dag
    calls: Counter[str] = field(default_factory=Counter[str])
    order: list[str] = field(default_factory=list[str])

    @property
    def expert(self) -> ScriptedExpert:
        """An expert that takes the node's time, fails as often, and spells out its inputs."""
        return scripted(
            "work",
            [
                Port(name="name", kind=Kind.TEXT),
                Port(name="parts", kind=Kind.TEXT, many=True, required=False),
            ],
            Kind.TEXT,
            self._work,
        )

    async def _work(
        self, context: ExpertContext, name: Artifact, parts: Sequence[Artifact] = ()
    ) -> str:
        node = self.dag.node(str(name))
        self.calls[node.name] += 1
        self.order.append(node.name)
        await asyncio.sleep(node.seconds)
        if context.attempt <= node.fails:
            # A ValueError is the input's fault: it says nothing of the expert's health.
            raise ValueError(f"{node.name} breaks at attempt {context.attempt}")
        return spell(node.name, [str(each) for each in parts])


def herd_of(crew: Crew, **settings: Any) -> Herd:
    """Return a herd of that expert; in memory unless it is told otherwise."""
    settings.setdefault("checkpoints", "memory")
    settings.setdefault("store", MemoryStore())
    settings.setdefault("patience", PATIENCE)
    settings.setdefault("router", FakeRouter(NOTHING))
    return Herd(crew.expert, **settings)


def texts_of(run: Run) -> dict[str, str]:
    """Return what the steps of a run gave, by step."""
    return {
        step: str(run.output(step))
        for step, record in run.records.items()
        if record.status == "done"
    }


def statuses_of(run: Run) -> dict[str, str]:
    """Return how the steps of a run ended."""
    return {step: record.status for step, record in run.records.items()}


@st.composite
def dags(
    draw: st.DrawFn, *, most: int = 50, least: int = 1, failing: bool = False, parents: int = 3
) -> Dag:
    """Draw a DAG: chains, fans and diamonds, with durations that make orders of completion vary."""
    count = draw(st.integers(least, most))
    names = [f"n{index}" for index in range(count)]
    # Few distinct durations make ties, many make overtaking: both must not matter.
    steps = draw(st.sampled_from((1, 3, 20)))
    nodes: list[Node] = []
    for index, name in enumerate(names):
        chosen = draw(
            st.lists(st.integers(0, index - 1), max_size=parents, unique=True)
            if index
            else st.just(list[int]())
        )
        fails = draw(st.sampled_from((0, 0, 0, 0, 1, 2))) if failing else 0
        nodes.append(
            Node(
                name=name,
                needs=tuple(names[each] for each in chosen),
                seconds=draw(st.integers(0, steps)) / 8,  # sums of eighths are exact
                fails=fails,
            )
        )
    return Dag(tuple(nodes))
