"""Save and load a model of plans: arrays as safetensors, everything else as JSON. Nothing is pickled."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

from herd_graph.errors import ConfigError, ModelCorrupt, ModelMissing
from herd_graph.routing.learned.cards import CARD_EVIDENCE
from herd_graph.routing.learned.forests import Forest
from herd_graph.routing.learned.habits import Habits
from herd_graph.routing.learned.memory import EVIDENCE, Memory
from herd_graph.routing.learned.model import PlanModel
from herd_graph.routing.learned.nodes import Weighing
from herd_graph.routing.learned.order import Order, Past
from herd_graph.routing.learned.words import Rows

FORMAT = 1
ARRAYS, FACTS = "router.safetensors", "router.json"
_PARTS: dict[str, type] = {
    "rows": Rows,
    "memory": Memory,
    "known": Forest,
    "unknown": Forest,
    "past": Past,
    "order": Order,
    "habits": Habits,
}


def save(model: PlanModel, folder: Path) -> Path:
    """Write a model into a folder, which is made where it is missing; return the folder."""
    arrays: dict[str, Any] = {"sets": model.sets}
    if model.judgement is not None:
        arrays["judgement"] = model.judgement
    numbers: dict[str, Any] = {}
    parts = {
        "rows": model.memory.rows,
        "memory": model.memory,
        "known": model.weighing.known,
        "unknown": model.weighing.unknown,
        "past": model.order.past,
        "order": model.order,
        "habits": model.habits,
    }
    for name, part in parts.items():
        for each in fields(part):
            value = getattr(part, each.name)
            if isinstance(value, int | float):
                numbers[f"{name}.{each.name}"] = value
            elif hasattr(value, "dtype"):
                arrays[f"{name}.{each.name}"] = value
    content = _packed(arrays)
    facts = {
        "format": FORMAT,
        "router": "learned",
        "embedder": model.embedder,
        "registry": model.fingerprint,
        "tools": list(model.tools),
        "requests": len(model.memory.labels),
        "evidence": [*EVIDENCE, *CARD_EVIDENCE],
        "numbers": numbers,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The facts name the arrays by hash and come last: a torn save is noticed, never half used.
        _replace(folder / ARRAYS, content)
        _replace(folder / FACTS, json.dumps(facts, ensure_ascii=False, indent=1).encode())
    except OSError as error:
        raise ConfigError(
            f"The router cannot be saved in {str(folder)!r}: {error.strerror or error}. Expected a "
            "folder that can be written to. Name another one."
        ) from error
    return folder


def load(folder: Path) -> PlanModel:
    """Read a model.

    Raises:
        ModelMissing: There is none in the folder.
        ModelCorrupt: It is damaged, or of another version.
    """
    try:
        facts: dict[str, Any] = json.loads((folder / FACTS).read_bytes())
        content = (folder / ARRAYS).read_bytes()
    except FileNotFoundError as error:
        raise ModelMissing(
            f"There is no trained router in {str(folder)!r} ({Path(str(error.filename)).name} is "
            "missing). Expected what 'herd train router' writes. Train one, or name its folder."
        ) from error
    except ValueError as error:
        raise _corrupt(folder, f"{FACTS} is not JSON ({error})") from error
    if facts.get("format") != FORMAT or facts.get("evidence") != [*EVIDENCE, *CARD_EVIDENCE]:
        raise _corrupt(folder, "it was written by another version of HERD")
    if hashlib.sha256(content).hexdigest() != facts.get("sha256"):
        raise _corrupt(folder, f"{ARRAYS} is not the file that {FACTS} names")
    try:
        return _unpacked(facts, content)
    except (KeyError, TypeError, ValueError) as error:
        raise _corrupt(folder, f"something is missing in it ({error})") from error


def _unpacked(facts: dict[str, Any], content: bytes) -> PlanModel:
    safetensors: Any = import_module("safetensors.numpy")
    arrays: dict[str, Any] = safetensors.load(content)
    held = {**arrays, **facts["numbers"]}

    def part(name: str, **others: Any) -> Any:
        kind: Any = _PARTS[name]
        names = [each.name for each in fields(kind) if each.name not in others]
        return kind(**{each: held[f"{name}.{each}"] for each in names}, **others)

    return PlanModel(
        tools=tuple(facts["tools"]),
        embedder=facts["embedder"],
        memory=part("memory", rows=part("rows")),
        weighing=Weighing(known=part("known"), unknown=part("unknown")),
        sets=arrays["sets"],
        order=part("order", past=part("past")),
        habits=part("habits"),
        fingerprint=facts["registry"],
        judgement=arrays.get("judgement"),
    )


def _packed(arrays: dict[str, Any]) -> bytes:
    import numpy as np

    safetensors: Any = import_module("safetensors.numpy")
    return safetensors.save({name: np.ascontiguousarray(each) for name, each in arrays.items()})


def _replace(path: Path, content: bytes) -> None:
    aside = path.with_name(f".{path.name}.new")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def _corrupt(folder: Path, what: str) -> ModelCorrupt:
    return ModelCorrupt(
        f"The trained router in {str(folder)!r} cannot be used: {what}. Expected what 'herd train "
        "router' writes. Train it again."
    )
