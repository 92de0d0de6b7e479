"""Earlier turns of a thread, as whoever plans is told of them."""

from __future__ import annotations

from collections.abc import Mapping

from routing_gold import STORE

from herd_graph.artifacts import Text
from herd_graph.types import JSON


def turn(task: str, expert: str, answer: str, of: str = "", **files: str) -> Mapping[str, JSON]:
    """Return a turn that answered in words, of something, with text files attached by their names."""
    ref = Text(answer).put(STORE).model_dump(mode="json")
    given: dict[str, JSON] = {
        f"a{number}": Text(text, name=f"{name}.txt").put(STORE).model_dump(mode="json")
        for number, (name, text) in enumerate(files.items(), start=1)
    }
    part: JSON = {
        "ask": task,
        "expert": expert,
        "status": "done",
        "text": answer,
        "artifacts": [ref],
        "sources": [{"step": "s1", "expert": expert, "inputs": [of] if of else []}],
    }
    return {"task": task, "attachments": given, "parts": [part]}
