"""Try an expert on its own examples: does it load, answer, and keep to its ports?"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Literal, cast

from herd_graph.artifacts.base import human_size
from herd_graph.cards import NOT_STATED, ExpertCard
from herd_graph.doctor.made_files import made_files
from herd_graph.doctor.stand_ins import bind_example, sample_files
from herd_graph.errors import HerdError
from herd_graph.types import ArtifactRef, JSONObject, RunId, StepId

if TYPE_CHECKING:
    from herd_graph.artifacts import Artifact
    from herd_graph.experts import Expert
    from herd_graph.herd import Herd

_MOST_EXAMPLES = 3
_OFF_BY = 4.0
"""How many times what the card says a latency or a size may be before it is worth a word."""


@dataclass(frozen=True, kw_only=True)
class Attempted:
    """One example, and what came of it."""

    example: str
    status: Literal["ok", "failed", "not tried"]
    detail: str = ""
    routed: bool = False
    """Whether the router chooses the expert for this example."""
    own: bool = False
    """Whether the example says everything: no sample file stood in for the real one."""
    violation: bool = False
    """Whether what failed is a port: an output that is not what the card promises."""
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
        made, waited = await _try_example(expert, herd, example)
        attempts.append(made)
        ready = waited if number == 0 else ready
    after = resident_memory()
    grown = None if card.isolate or before is None or after is None else max(0, after - before)
    return Trial(
        expert=card.id,
        attempts=_fair(attempts),
        load_seconds=ready,
        memory_bytes=grown,
        advice=tuple(_advice(card, attempts, grown)),
    )


async def _try_example(expert: Expert, herd: Herd, example: str) -> tuple[Attempted, float]:
    """Return what came of one example, and the seconds spent on loading and queueing.

    An expert may want another file than the first of its kind: English, and not Portuguese; a
    melody, and not a voice. Where no sample of ours is taken, one that is made up may be.
    """
    samples, made = sample_files(), made_files()
    tried: tuple[Attempted, float] | None = None
    for files in (samples, [*made, *samples]):
        found = await _try_on(expert, herd, example, files)
        if found[0].status == "ok" or found[0].own or found[0].violation:
            return found
        tried = tried or found
    assert tried is not None
    return tried


async def _try_on(
    expert: Expert, herd: Herd, example: str, files: Sequence[Artifact]
) -> tuple[Attempted, float]:
    from herd_graph.calling import Call
    from herd_graph.coordination.checks import check_outputs

    card = expert.card
    bound = await bind_example(card, example, herd, files)
    if isinstance(bound, str):
        return Attempted(example=example, status="not tried", detail=bound), 0.0
    outcome = partial(Attempted, example=example, routed=bound.routed, own=bound.own)
    began = time.monotonic()
    try:
        result = await herd.engine.caller.call(
            Call(expert=expert, inputs=bound.inputs, run=RunId("check"), step=StepId("s1"))
        )
        verdicts = await check_outputs(card, result.outputs, herd.store)
    except HerdError as error:
        return outcome(status="failed", detail=str(error)), 0.0
    waited = max(0.0, time.monotonic() - began - result.seconds)
    broken = " ".join(each.reason for each in verdicts if each.level == "fail")
    if broken:
        return outcome(status="failed", detail=broken, violation=True), waited
    shown = _shown(result.outputs, herd)
    return outcome(status="ok", detail=shown, seconds=result.seconds), waited


def _fair(attempts: Sequence[Attempted]) -> tuple[Attempted, ...]:
    """Excuse an expert that works from having refused a sample file: it may want another."""
    works = any(each.status == "ok" for each in attempts)
    return tuple(
        replace(each, status="not tried", detail=f"it does not take the sample file: {each.detail}")
        if works and each.status == "failed" and not each.own and not each.violation
        else each
        for each in attempts
    )


def _shown(outputs: Mapping[str, ArtifactRef | list[ArtifactRef]], herd: Herd) -> str:
    from herd_graph.artifacts import load

    words: list[str] = []
    for name, given in outputs.items():
        refs = given if isinstance(given, list) else [given]
        said = "; ".join(load(ref, herd.store).summary for ref in refs[:3]) or "(nothing)"
        words.append(f"{name}: {said[:160]}")
    return ", ".join(words)


def _advice(card: ExpertCard, attempts: Sequence[Attempted], grown: int | None) -> list[str]:
    """Say what would make the card better: discovery and budgets go by it."""
    advice: list[str] = []
    if len(card.examples) < 2:
        advice.append("its card has fewer than two examples; discovery finds it by them")
    if card.licence == NOT_STATED:
        advice.append("its card states no licence")
    missed = [each.example for each in attempts if not each.routed]
    if missed and card.examples:
        advice.append(f"the router does not choose it for its own example {missed[0]!r}")
    took = [each.seconds for each in attempts if each.status == "ok"]
    if took and card.latency_s is None:
        advice.append(f"its card states no latency; a call took {min(took):.2f} s here")
    elif took and card.latency_s and min(took) > _OFF_BY * max(card.latency_s, 0.05):
        advice.append(f"its card says {card.latency_s:g} s a call; it took {min(took):.2f} s here")
    if grown and card.memory_bytes and grown > _OFF_BY * card.memory_bytes:
        said = human_size(card.memory_bytes)
        advice.append(f"its card says {said} of memory; it took {human_size(grown)} here")
    return advice
