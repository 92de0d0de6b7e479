"""Builders for checks: what an expert was given, and what it gave."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from herd_graph.artifacts import Artifact, Audio
from herd_graph.cards import ExpertCard, Port
from herd_graph.coordination.checks.base import CheckInput
from herd_graph.store import MemoryStore
from herd_graph.types import Kind

STORE = MemoryStore()


def _kept(value: Any) -> Any:
    if isinstance(value, list):
        return [each.put(STORE) for each in cast("list[Artifact]", value)]
    return value.put(STORE) if isinstance(value, Artifact) else value


def card(
    name: str, takes: dict[str, Any], gives: dict[str, Any], tags: tuple[str, ...] = (), **more: Any
) -> ExpertCard:
    return ExpertCard(
        name=name,
        description=more.pop("description", f"Does what {name.replace('_', ' ')} does."),
        tags=tags,
        inputs=tuple(port(each, value) for each, value in takes.items()),
        outputs=tuple(port(each, value) for each, value in gives.items()),
        **more,
    )


def port(name: str, value: Any) -> Port:
    if isinstance(value, Port):
        return value
    first: Any = cast("list[Any]", value)[0] if isinstance(value, list) else value
    kind = first.kind if isinstance(first, Artifact) else Kind.ANY
    return Port(name=name, kind=kind, many=isinstance(value, list))


def result(
    given: dict[str, Any],
    made: dict[str, Any],
    *,
    name: str = "work",
    tags: tuple[str, ...] = (),
    ports: dict[str, Port] | None = None,
    description: str = "",
    **more: Any,
) -> CheckInput:
    """Return a result as a check gets it; the ports are read from the payloads."""
    known = ports or {}
    said = {"description": description} if description else {}
    return CheckInput(
        card=card(
            name,
            {each: known.get(each, value) for each, value in given.items()},
            {each: known.get(each, value) for each, value in made.items()},
            tags,
            **said,
        ),
        inputs={each: _kept(value) for each, value in given.items()},
        outputs={each: _kept(value) for each, value in made.items()},
        store=STORE,
        **more,
    )


TO = Port(name="to", kind=Kind.DATA, json_schema={"enum": ["pt", "en"]})
"""The port of a translator."""


def voice(seconds: float, *, rate: int = 16_000) -> Audio:
    """Return something that sounds as speech does, in bursts."""
    time = np.arange(int(seconds * rate)) / rate
    bursts = (np.sin(2 * np.pi * 3.3 * time) > -0.55).astype(np.float64)
    return Audio.from_samples(0.4 * bursts * np.sin(2 * np.pi * 180 * time), rate)
