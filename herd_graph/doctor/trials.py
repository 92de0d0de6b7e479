"""Try an expert on its own examples: does it load, answer, and keep to its ports?"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from herd_graph.artifacts.base import human_size
from herd_graph.cards import NOT_STATED, ExpertCard, Port
from herd_graph.errors import HerdError
from herd_graph.plans import FromInput, Step, Value
from herd_graph.types import JSON, ArtifactRef, JSONObject, Kind, RunId, StepId

if TYPE_CHECKING:
    from herd_graph.artifacts import Artifact
    from herd_graph.experts import Expert
    from herd_graph.herd import Herd

_MOST_EXAMPLES = 3
_MEDIA = frozenset({Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.TABLE, Kind.DOCUMENT})
_OFF_BY = 4.0
"""How far a measured latency or size may be from what the card says before it is worth a word."""


@dataclass(frozen=True, kw_only=True)
class Attempted:
    """One example, and what came of it."""

    example: str
    status: Literal["ok", "failed", "not tried"]
    detail: str = ""
    routed: bool = False
    """Whether the router itself chose the expert for this example."""
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What was found out about one expert."""

    expert: str
    attempts: tuple[Attempted, ...] = ()
    load_seconds: float = 0.0
    memory_bytes: int | None = None
    """What the process grew by; None where nobody says, or where another process does the work."""
    advice: tuple[str, ...] = field(default=())

    @property
    def failed(self) -> bool:
        """Whether a call failed."""
        return any(each.status == "failed" for each in self.attempts)

    @property
    def status(self) -> str:
        """``ok``, ``failed``, or ``not tried`` when no example could be called."""
        if self.failed:
            return "failed"
        return "ok" if any(each.status == "ok" for each in self.attempts) else "not tried"

    def dump(self) -> JSONObject:
        """Return it as JSON."""
        return cast("JSONObject", {"status": self.status, **asdict(self)})

    def __str__(self) -> str:
        facts: list[str] = []
        if any(each.status != "not tried" for each in self.attempts):
            facts.append(f"ready in {self.load_seconds:.2f} s")
        if self.memory_bytes:
            facts.append(f"{human_size(self.memory_bytes)} of memory")
        lines = [f"{self.expert}: {self.status}" + (f" ({', '.join(facts)})" if facts else "")]
        for each in self.attempts:
            took = f" ({each.seconds:.2f} s)" if each.status == "ok" else ""
            lines.append(f"  {each.status}: {each.example!r}{took}")
            if each.detail:
                lines.append(f"    {each.detail}")
        lines += [f"  advice: {each}" for each in self.advice]
        return "\n".join(lines)


async def try_expert(expert: Expert, herd: Herd) -> Trial:
    """Call an expert on its examples, and hold what comes back against its card.

    Nothing is called that a person would have to approve or pay for.
    """
    card = expert.card
    refusal = ""
    if card.approve:
        refusal = "it has side effects and is only called with a person's approval"
    elif card.locality == "remote" or card.cost_usd > 0:
        refusal = "it sends data away or costs money"
    if refusal:
        skipped = Attempted(example="", status="not tried", detail=refusal)
        return Trial(expert=card.id, attempts=(skipped,), advice=tuple(_advice(card, (), None)))
    from herd_graph.doctor.machine import resident_memory

    before, attempts, ready = resident_memory(), list[Attempted](), 0.0
    for number, example in enumerate(card.examples[:_MOST_EXAMPLES] or (card.description,)):
        made, waited = await _try_example(expert, herd, example, listed=bool(card.examples))
        attempts.append(made)
        ready = waited if number == 0 else ready
    after = resident_memory()
    grown = None if card.isolate or before is None or after is None else max(0, after - before)
    return Trial(
        expert=card.id,
        attempts=tuple(attempts),
        load_seconds=ready,
        memory_bytes=grown,
        advice=tuple(_advice(card, attempts, grown)),
    )


async def _try_example(
    expert: Expert, herd: Herd, example: str, *, listed: bool
) -> tuple[Attempted, float]:
    """Return what came of one example, and the seconds spent on loading and queueing."""
    from herd_graph.calling import Call
    from herd_graph.coordination.checks import check_outputs

    card = expert.card
    samples = _samples(card)
    routed, inputs = False, dict[str, ArtifactRef | list[ArtifactRef]]()
    if listed:
        bound = await _by_routing(card, example, samples, herd)
        routed, inputs = bound is not None, bound or {}
    if not routed:
        bound = _by_type(card, example, samples, herd)
        if isinstance(bound, str):
            return Attempted(example=example, status="not tried", detail=bound), 0.0
        inputs = bound
    began = time.monotonic()
    try:
        result = await herd.engine.caller.call(
            Call(expert=expert, inputs=inputs, run=RunId("check"), step=StepId("s1"))
        )
        verdicts = await check_outputs(card, result.outputs, herd.store)
    except HerdError as error:
        return Attempted(example=example, status="failed", detail=str(error), routed=routed), 0.0
    waited = max(0.0, time.monotonic() - began - result.seconds)
    broken = [each.reason for each in verdicts if each.level == "fail"]
    if broken:
        detail = " ".join(broken)
        return Attempted(example=example, status="failed", detail=detail, routed=routed), waited
    made = Attempted(
        example=example,
        status="ok",
        detail=_shown(result.outputs, herd),
        routed=routed,
        seconds=result.seconds,
    )
    return made, waited


def _shown(outputs: Mapping[str, ArtifactRef | list[ArtifactRef]], herd: Herd) -> str:
    from herd_graph.artifacts import load

    words: list[str] = []
    for name, given in outputs.items():
        refs = given if isinstance(given, list) else [given]
        said = "; ".join(load(ref, herd.store).summary for ref in refs[:3])
        words.append(f"{name}: {said[:160]}")
    return ", ".join(words)


async def _by_routing(
    card: ExpertCard, example: str, samples: Sequence[Artifact], herd: Herd
) -> dict[str, ArtifactRef | list[ArtifactRef]] | None:
    """Bind an example as the router does; None when it does not choose this expert for it."""
    from herd_graph.binding import literal

    try:
        route = await herd.aplan(example, *samples)
    except HerdError:
        return None
    refs = {f"a{place}": each.put(herd.store) for place, each in enumerate(samples, start=1)}
    for step in route.plan.steps:
        if step.expert != card.id or step.foreach is not None:
            continue
        if not all(isinstance(each, FromInput | Value) for each in step.inputs.values()):
            continue
        if _unbound(card, step):
            continue
        return {
            name: refs[binding.input]
            if isinstance(binding, FromInput)
            else literal(cast("Value", binding).value, herd.store, card.input(name))
            for name, binding in step.inputs.items()
        }
    return None


def _unbound(card: ExpertCard, step: Step) -> list[str]:
    return [port.name for port in card.inputs if port.required and port.name not in step.inputs]


def _by_type(
    card: ExpertCard, example: str, samples: Sequence[Artifact], herd: Herd
) -> dict[str, ArtifactRef | list[ArtifactRef]] | str:
    """Bind every required port to something of its type; return what cannot be bound as text."""
    from herd_graph.binding import literal

    bound: dict[str, ArtifactRef | list[ArtifactRef]] = {}
    for port in card.inputs:
        if not port.required:
            continue
        sample = next((each for each in samples if _takes(port, each)), None)
        if sample is not None and not set(port.kinds) & {Kind.TEXT, Kind.DATA}:
            ref = sample.put(herd.store)
            bound[port.name] = [ref] if port.many else ref
            continue
        value = _stand_in(port, example)
        if value is None:
            return f"nothing at hand fits its input {str(port)!r}"
        bound[port.name] = literal([value] if port.many else value, herd.store, port)
    return bound


def _stand_in(port: Port, example: str) -> JSON:
    if port.default is not None:
        return port.default
    if port.choices:
        return port.choices[0]
    if set(port.kinds) & {Kind.TEXT, Kind.ANY} or port.scalar == "string":
        return example
    return {"number": 1.5, "integer": 1, "boolean": True}.get(port.scalar or "")


def _takes(port: Port, artifact: Artifact) -> bool:
    return bool({artifact.kind, Kind.ANY} & set(port.kinds)) and port.takes_mime(artifact.mime)


def _samples(card: ExpertCard) -> list[Artifact]:
    """Return one sample file for each kind of file that the expert needs."""
    found: list[Artifact] = []
    for port in card.inputs:
        wanted = [kind for kind in port.kinds if kind in _MEDIA]
        if not port.required or (not wanted and Kind.ANY not in port.kinds):
            continue
        sample = next((each for each in _sample_files() if _takes(port, each)), None)
        if sample is not None and sample not in found:
            found.append(sample)
    return found


def _sample_files() -> list[Artifact]:
    from herd_graph._bundled import folder
    from herd_graph.artifacts.attach import attach
    from herd_graph.config import Config

    samples: list[Artifact] = []
    place: Path = folder("graphs") / "samples"
    for path in sorted(place.iterdir()) if place.is_dir() else ():
        try:
            samples.append(attach(path, Config()))
        except HerdError:
            continue  # a note about the samples, or not meant to be attached
    return samples


def _advice(card: ExpertCard, attempts: Sequence[Attempted], grown: int | None) -> list[str]:
    """Say what would make the card better: discovery and budgets go by it."""
    advice: list[str] = []
    if len(card.examples) < 2:
        advice.append("its card has fewer than two examples; discovery finds it by them")
    if card.licence == NOT_STATED:
        advice.append("its card states no licence")
    missed = [each.example for each in attempts if each.status != "not tried" and not each.routed]
    if missed and card.examples:
        advice.append(f"the router does not choose it for its own example {missed[0]!r}")
    took = [each.seconds for each in attempts if each.status == "ok"]
    if took and card.latency_s is None:
        advice.append(f"its card states no latency; a call took {min(took):.2f} s here")
    elif took and card.latency_s and _differs(max(min(took), 0.05), max(card.latency_s, 0.05)):
        advice.append(f"its card says {card.latency_s:g} s a call; it took {min(took):.2f} s here")
    if grown and card.memory_bytes and grown > _OFF_BY * card.memory_bytes:
        said = human_size(card.memory_bytes)
        advice.append(f"its card says {said} of memory; it took {human_size(grown)} here")
    return advice


def _differs(one: float, other: float) -> bool:
    return max(one, other) > _OFF_BY * min(one, other)
