"""What ``herd train router`` does: read requests with their plans, train, judge, and say how good it is.

Three forms are read: compound requests with golds (``benchmarks/compound``), rows in TaskBench form
whose tools are experts that are here, and runs of the user's own that went well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from herd_graph.bench import compound
from herd_graph.discovery import CapabilityIndex
from herd_graph.discovery.embedders import Embedder
from herd_graph.errors import ConfigError
from herd_graph.plans import FromStep, Plan
from herd_graph.registry import Snapshot
from herd_graph.routing import taskbench
from herd_graph.routing.base import Route, Situation
from herd_graph.routing.learned import judging
from herd_graph.routing.learned.model import PlanModel
from herd_graph.routing.learned.planner import LearnedPlanner, as_tool, kinds_of
from herd_graph.routing.learned.training import train
from herd_graph.routing.taskbench import Sample
from herd_graph.store import ArtifactStore
from herd_graph.tasks import Task
from herd_graph.types import JSON

if TYPE_CHECKING:
    from herd_graph.runs import Run

PARTS = 3
"""Judging needs plans by models that have not seen the request: as many models are made for it."""
MOST_JUDGED = 600
Right = Callable[[Route], bool]


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """One request whose plan is known."""

    sample: Sample
    task: Task
    group: str
    """What is of one group is never in training and in the test at once: wordings of one request."""
    right: Right
    history: tuple[Mapping[str, JSON], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How good the router was on requests that it had not seen."""

    requests: int
    judged: int
    right: float
    """The share of plans that were right."""
    right_without: float
    """The share that the semantic planner alone had right."""
    brier: float
    """The mean squared error of the confidence: 0.25 is what a coin knows."""
    abstained_rightly: float | None
    abstained_wrongly: float | None
    experts: tuple[str, ...] = field(default=())
    """Experts that no request needed: they are handled by their cards."""

    def lines(self) -> list[str]:
        """Return what people read."""
        made = [
            f"trained on {self.requests} requests; on {self.judged} that it had not seen:",
            f"  right plans      {self.right:.1%} (the semantic planner alone: {self.right_without:.1%})",
            f"  Brier score      {self.brier:.3f}",
        ]
        if self.abstained_rightly is not None:
            made.append(f"  abstained rightly {self.abstained_rightly:.1%}")
        if self.abstained_wrongly is not None:
            made.append(f"  abstained wrongly {self.abstained_wrongly:.1%}")
        if self.experts:
            made.append(f"  not in training: {', '.join(self.experts[:12])}")
        return made


def from_file(path: Path, experts: Snapshot) -> list[Lesson]:
    """Read requests with their plans from a file.

    Raises:
        ConfigError: It is missing, empty, or in no form that is known.
    """
    try:
        lines = [each for each in path.read_text(encoding="utf-8").splitlines() if each.strip()]
        first: Any = json.loads(lines[0]) if lines else None
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{str(path)!r} cannot be read: {error}. Expected a JSON object a line, with requests "
            "and their plans. Name another file, or 'runs' for your own runs."
        ) from error
    if isinstance(first, dict) and "wordings" in first:
        return _compound(path, experts)
    if isinstance(first, dict) and ({"user_request", "task_nodes"} & set(first)):  # pyright: ignore[reportUnknownArgumentType]
        known = [card.name for card in experts.latest]
        return [_plain(each) for each in taskbench.samples(path, known)]
    raise ConfigError(
        f"{str(path)!r} is in no known form. Expected lines with 'wordings' and 'gold', or with "
        "'user_request' and 'task_nodes'. Bring it into one of these."
    )


def from_runs(runs: Sequence[Run]) -> list[Lesson]:
    """Take runs that went well: what was asked, what was attached, and the plan."""
    lessons: list[Lesson] = []
    for run in runs:
        if not run.plan.steps or run.plan.unmet:
            continue
        tools, links = _shape(run.plan)
        sample = Sample(
            id=run.id, request=run.task, tools=tools, links=links, answers=_answering(run.plan)
        )
        lessons.append(
            Lesson(
                sample=sample,
                task=Task(text=run.task, attachments=dict(run.inputs)),
                group=" ".join(run.task.lower().split()),
                right=_same_shape(sample),
            )
        )
    return lessons


def _compound(path: Path, experts: Snapshot) -> list[Lesson]:
    lessons: list[Lesson] = []
    for item in compound.load(path):
        golds = [compound.read_gold(each) for each in item.gold]
        tools = tuple(dict.fromkeys(compound.nodes(golds[0].parts)))
        links = tuple(dict.fromkeys(compound.links(golds[0].parts)))
        roots = tuple(dict.fromkeys(root for each in golds[0].parts for root in _root(each)))
        history, names = item.turns(experts)
        for number, wording in enumerate(item.wordings):
            sample = Sample(
                id=f"{item.id}.{number}", request=wording, tools=tools, links=links, answers=roots
            )
            lessons.append(
                Lesson(
                    sample=sample,
                    task=item.task(wording),
                    group=item.id,
                    right=_as_gold(golds, experts, names),
                    history=history,
                )
            )
    return lessons


def _root(tree: compound.Tree) -> list[str]:
    """Return the expert whose result an expression is."""
    while tree and tree[0] == "if":
        tree = tree[1]
    return [str(tree[1])] if tree and tree[0] == "call" else []


def _as_gold(
    golds: Sequence[compound.Wanted], experts: Snapshot, names: Mapping[str, str]
) -> Right:
    def right(route: Route) -> bool:
        named = compound.named(route.attachments, names)
        got = compound.answers(route.plan, experts, named)
        return any(compound.agrees(route.plan, each, got) for each in golds)

    return right


def _plain(sample: Sample) -> Lesson:
    return Lesson(
        sample=sample,
        task=Task(text=sample.request),
        group=" ".join(sample.request.lower().split()),
        right=_same_shape(sample),
    )


def _same_shape(sample: Sample) -> Right:
    """Say whether a plan has the same experts, passing on to each other in the same way."""

    def right(route: Route) -> bool:
        tools, links = _shape(route.plan)
        return sorted(tools) == sorted(sample.tools) and sorted(links) == sorted(sample.links)

    return right


def _answering(plan: Plan) -> tuple[str, ...]:
    names = {each.id: str(each.expert).partition("@")[0] for each in plan.steps}
    sources = [each.source for each in plan.asks]
    return tuple(names[each.step] for each in sources if isinstance(each, FromStep))


def _shape(plan: Plan) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    names = {each.id: str(each.expert).partition("@")[0] for each in plan.steps}
    links = [
        (names[binding.step], names[step.id])
        for step in plan.steps
        for binding in step.bindings
        if isinstance(binding, FromStep) and binding.step in names
    ]
    return tuple(names.values()), tuple(dict.fromkeys(links))


def train_router(
    lessons: Sequence[Lesson],
    experts: Snapshot,
    embedder: Embedder,
    store: ArtifactStore,
    say: Callable[[str], None] = lambda _: None,
) -> tuple[PlanModel, Outcome]:
    """Train a router, and measure it on requests that it has not seen.

    Args:
        lessons: Requests whose plans are known.
        experts: Those that are here now; the model is made for them.
        embedder: What the capability index uses.
        store: Where artifacts are.
        say: Where progress goes.

    Raises:
        ConfigError: There is too little to learn from.
        MissingExtra: scikit-learn is not installed.
    """
    import numpy as np

    index = CapabilityIndex.in_memory(embedder)
    index.sync(experts)
    rows: list[list[list[float]]] = []
    right: list[list[bool]] = []
    abstains: list[list[bool]] = []
    wanted: list[bool] = []
    part = _parts(lessons)
    chosen = np.random.default_rng(5).permutation(len(lessons))[:MOST_JUDGED]
    for number in range(PARTS):
        others = [each for each, at in zip(lessons, part, strict=True) if at != number]
        planner = LearnedPlanner(model=_trained(others, experts, embedder, lambda _: None))
        for place in sorted(int(k) for k in chosen if part[int(k)] == number):
            lesson = lessons[place]
            situation = Situation(experts=experts, index=index, store=store, history=lesson.history)
            guess, routes = planner.consider(lesson.task, situation)
            rows.append([judging.features(each, guess) for each in routes])
            right.append([lesson.right(each) for each in routes])
            abstains.append([each.plan.abstained for each in routes])
            wanted.append(bool(lesson.sample.tools))
        say(f"judged part {number + 1} of {PARTS}")
    weights = judging.fit([f for each in rows for f in each], [r for each in right for r in each])
    model = _trained(lessons, experts, embedder, say)
    model = replace(model, judgement=weights, fingerprint=experts.fingerprint)
    seen = {tool for each in lessons for tool in each.sample.tools}
    unseen = tuple(sorted(card.name for card in experts.latest if card.name not in seen))
    return model, replace(_outcome(len(lessons), rows, right, abstains, wanted), experts=unseen)


def _parts(lessons: Sequence[Lesson]) -> list[int]:
    import numpy as np

    names = sorted({each.group for each in lessons})
    drawn = np.random.default_rng(3).permutation(len(names))
    of = {name: int(place) % PARTS for name, place in zip(names, drawn, strict=True)}
    return [of[each.group] for each in lessons]


def _trained(
    lessons: Sequence[Lesson],
    experts: Snapshot,
    embedder: Embedder,
    say: Callable[[str], None],
) -> PlanModel:
    return train(
        [each.sample for each in lessons],
        [as_tool(card) for card in experts.latest],
        embedder,
        kinds={each.sample.id: kinds_of(each.task) for each in lessons},
        groups=[each.group for each in lessons],
        say=say,
    )


def _outcome(
    requests: int,
    rows: Sequence[Sequence[Sequence[float]]],
    right: Sequence[Sequence[bool]],
    abstains: Sequence[Sequence[bool]],
    wanted: Sequence[bool],
) -> Outcome:
    """Judge each half with weights of the other: what is judged never taught how to."""
    import numpy as np

    half = np.arange(len(rows)) % 2
    chance: list[float] = []
    hit: list[bool] = []
    first: list[bool] = []
    abstained: list[tuple[bool, bool]] = []
    for side in (0, 1):
        other = [k for k in range(len(rows)) if half[k] != side]
        weights = judging.fit(
            [f for k in other for f in rows[k]], [r for k in other for r in right[k]]
        )
        for k in (k for k in range(len(rows)) if half[k] == side):
            odds = np.array(rows[k]) @ weights
            best = int(odds.argmax())
            chance.append(float(1 / (1 + np.exp(-odds[best]))))
            hit.append(right[k][best])
            first.append(right[k][0])
            abstained.append((abstains[k][best], wanted[k]))
    nothing = [did for did, want in abstained if not want]
    something = [did for did, want in abstained if want]
    return Outcome(
        requests=requests,
        judged=len(rows),
        right=float(np.mean(hit)) if hit else 0.0,
        right_without=float(np.mean(first)) if first else 0.0,
        brier=float(np.mean((np.array(chance) - np.array(hit)) ** 2)) if hit else 0.0,
        abstained_rightly=float(np.mean(nothing)) if nothing else None,
        abstained_wrongly=float(np.mean(something)) if something else None,
    )
