"""One call of one expert, through a whole herd: planned, run, recorded, answered."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image as pil

from herd_graph import Audio, Herd, Plan, Run
from herd_graph.testing import scripted
from herd_graph.types import Kind


def ask(herd: Herd, name: str, /, **inputs: Any) -> Run:
    """Run a plan with one step that calls ``name`` with these inputs."""
    return herd.run(one_step(herd, name, *inputs), **inputs)


def one_step(herd: Herd, name: str, /, *inputs: str, **step: Any) -> Plan:
    """Return a plan with one step, whose inputs are the plan's."""
    card = herd.registry.find(name).card
    ports = {port.name: port.model_dump(mode="json") for port in card.inputs}
    return Plan.parse(
        {
            "inputs": {each: ports[each] for each in inputs},
            "steps": [
                {
                    "id": "s1",
                    "expert": card.id,
                    "inputs": {each: {"input": each} for each in inputs},
                    **step,
                }
            ],
        }
    )


def with_fallback(herd: Herd) -> Plan:
    """Return a plan that asks ``gpt``, and another expert where it cannot."""
    herd.add(scripted("other", {"message": Kind.TEXT}, script=["from the other"]))
    return one_step(herd, "gpt", "message", fallbacks=["other@1"])


def png(width: int = 4, height: int = 4, colour: tuple[int, int, int] = (200, 30, 30)) -> bytes:
    """Return a picture of one colour."""
    buffer = io.BytesIO()
    pil.new("RGB", (width, height), colour).save(buffer, "PNG")
    return buffer.getvalue()


def wav(seconds: float = 0.1, rate: int = 16_000) -> bytes:
    """Return a tone."""
    times = np.arange(int(seconds * rate)) / rate
    return Audio.from_samples(0.3 * np.sin(2 * np.pi * 440 * times), rate).bytes()
