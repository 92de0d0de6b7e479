"""Give an expert something to work on: its own example, as the router binds it, or sample files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from herd_graph.cards import ExpertCard, Port
from herd_graph.errors import HerdError
from herd_graph.plans import FromInput, Step, Value
from herd_graph.types import JSON, ArtifactRef, Kind

if TYPE_CHECKING:
    from herd_graph.artifacts import Artifact
    from herd_graph.herd import Herd

_MEDIA = frozenset({Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.TABLE, Kind.DOCUMENT})


@dataclass(frozen=True, kw_only=True)
class Bound:
    """Inputs for one call."""

    inputs: Mapping[str, ArtifactRef | list[ArtifactRef]]
    own: bool
    """Everything is said in the example itself: no sample file stands in for the real one."""
    routed: bool
    """Whether the router chooses the expert for the example."""


async def bind_example(
    card: ExpertCard, example: str, herd: Herd, files: Sequence[Artifact]
) -> Bound | str:
    """Return inputs for an example; what is missing in words, where nothing fits.

    The router is asked first: with nothing attached, then with sample files. Where it reaches the
    expert only behind other steps, or not at all, samples of the right type stand in.

    Args:
        card: The expert's.
        example: A request that its card names.
        herd: Who routes it, and keeps the files.
        files: What may stand in for what the example is about; the first of a kind is taken.
    """
    routed = False
    for attached in attachments(card, files):
        step = await _routed_step(card, example, attached, herd)
        if step is None:
            continue
        routed = True
        if _is_direct(card, step):
            inputs = _as_planned(card, step, attached, herd)
            own = all(isinstance(each, Value) for each in step.inputs.values())
            return Bound(inputs=inputs, own=own, routed=True)
    bound = _by_type(card, example, files, herd)
    return bound if isinstance(bound, str) else Bound(inputs=bound, own=False, routed=routed)


def attachments(card: ExpertCard, files: Sequence[Artifact]) -> list[list[Artifact]]:
    """Return what may be attached to an example: what its ports need, then one file of each kind."""
    needed: list[Artifact] = []
    for port in card.inputs:
        if port.required and set(port.kinds) & {*_MEDIA, Kind.ANY}:
            sample = next((each for each in files if _takes(port, each)), None)
            if sample is not None and sample not in needed:
                needed.append(sample)
    kinds = dict[Kind, "Artifact"]()
    for each in files:
        kinds.setdefault(each.kind, each)
    return [needed, *([each] for each in kinds.values() if [each] != needed)]


async def _routed_step(
    card: ExpertCard, example: str, attached: Sequence[Artifact], herd: Herd
) -> Step | None:
    try:
        route = await herd.aplan(example, *attached)
    except HerdError:
        return None
    return next((step for step in route.plan.steps if step.expert == card.id), None)


def _is_direct(card: ExpertCard, step: Step) -> bool:
    """Say whether the step can be called as it is, with no step before it."""
    there = all(port.name in step.inputs for port in card.inputs if port.required)
    plain = all(isinstance(each, FromInput | Value) for each in step.inputs.values())
    return there and plain and step.foreach is None


def _as_planned(
    card: ExpertCard, step: Step, attached: Sequence[Artifact], herd: Herd
) -> dict[str, ArtifactRef | list[ArtifactRef]]:
    from herd_graph.binding import literal

    refs = {f"a{place}": each.put(herd.store) for place, each in enumerate(attached, start=1)}
    return {
        name: refs[binding.input]
        if isinstance(binding, FromInput)
        else literal(cast("Value", binding).value, herd.store, card.input(name))
        for name, binding in step.inputs.items()
    }


def _by_type(
    card: ExpertCard, example: str, files: Sequence[Artifact], herd: Herd
) -> dict[str, ArtifactRef | list[ArtifactRef]] | str:
    from herd_graph.binding import literal

    bound: dict[str, ArtifactRef | list[ArtifactRef]] = {}
    for port in card.inputs:
        if not port.required:
            continue
        sample = next((each for each in files if _takes(port, each)), None)
        if sample is not None:
            ref = sample.put(herd.store)
            bound[port.name] = [ref] if port.many else ref
            continue
        value = _value(port, example)
        if value is None:
            return f"nothing at hand fits its input {str(port)!r}"
        bound[port.name] = literal([value] if port.many else value, herd.store, port)
    return bound


def _value(port: Port, example: str) -> JSON:
    if port.choices:
        return port.choices[0]
    if set(port.kinds) & {Kind.TEXT, Kind.ANY} or port.scalar == "string":
        return example
    return {"number": 1.5, "integer": 1, "boolean": True}.get(port.scalar or "")


def _takes(port: Port, artifact: Artifact) -> bool:
    if artifact.kind is Kind.DATA or port.choices:
        return False  # data of one schema seldom fits another
    return bool({artifact.kind, Kind.ANY} & set(port.kinds)) and port.takes_mime(artifact.mime)


def sample_files() -> list[Artifact]:
    """Return the files of ``graphs/samples``."""
    from herd_graph._bundled import folder
    from herd_graph.artifacts.attach import attach
    from herd_graph.config import Config

    samples: list[Artifact] = []
    place: Path = folder("graphs") / "samples"
    for path in sorted(place.iterdir()) if place.is_dir() else ():
        if path.suffix == ".py":
            continue  # what made the samples
        try:
            samples.append(attach(path, Config()))
        except HerdError:
            continue  # not meant to be attached
    return samples
