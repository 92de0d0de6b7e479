"""A quality router on disk: arrays as safetensors, the rest as JSON. Nothing is ever unpickled."""

from __future__ import annotations

import json
import os
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from herd_graph.errors import ConfigError
from herd_graph.routing.costs import CostLines
from herd_graph.routing.quality.forest import Forest
from herd_graph.routing.quality.kinds import Kinds
from herd_graph.routing.quality.model import QualityModel
from herd_graph.routing.quality.newcomers import Newcomer
from herd_graph.routing.quality.reading import Reading

FORM = 1
ARRAYS, SETTINGS = "router.safetensors", "router.json"
_READING = ("centre", "axes", "rarity", "topics")
_FOREST = ("roots", "features", "limits", "left", "right", "values")
_KINDS = ("words", "dense", "bias", "centre", "scale")
_OWN = ("weights", "mean", "by_kind", "vectors", "scored", "sure")
_NEW = ("weights", "covariance", "centre")


def save(model: QualityModel, folder: Path) -> None:
    """Write a model into a folder; each file is replaced whole."""
    import numpy as np

    tensors: Any = import_module("safetensors.numpy")
    arrays: dict[str, Any] = {name: getattr(model, name) for name in _OWN}
    arrays |= {f"reading.{name}": getattr(model.reading, name) for name in _READING}
    arrays |= {f"forest.{name}": value for name, value in model.forest.arrays().items()}
    if model.kinds is not None:
        arrays |= {f"kinds.{name}": getattr(model.kinds, name) for name in _KINDS}
    if model.factors is not None:
        arrays["factors"] = model.factors
    arrays["costs.usd"] = model.costs.usd_lines
    if model.costs.second_lines is not None:
        arrays["costs.seconds"] = model.costs.second_lines
    for number, each in enumerate(model.newcomers):
        arrays |= {f"new.{number}.{name}": getattr(each, name) for name in _NEW}
    settings = {
        "kind": "quality",
        "form": FORM,
        "experts": model.experts,
        "embedder": model.embedder,
        "fingerprint": model.fingerprint,
        "kinds": None if model.kinds is None else model.kinds.names,
        "prompts": model.prompts,
        "usual": model.usual,
        "margin": model.margin,
        "depth": model.forest.depth,
        "feature_names": model.feature_names,
        "newcomers": [
            {"name": e.name, "anchors": e.anchors, "usd": e.usd} for e in model.newcomers
        ],
        "figures": model.figures,
    }
    folder.mkdir(parents=True, exist_ok=True)
    solid = {name: np.ascontiguousarray(value) for name, value in arrays.items()}
    _replace(folder / ARRAYS, tensors.save(solid))
    _replace(folder / SETTINGS, json.dumps(settings, ensure_ascii=False, indent=1).encode())


def load(folder: Path) -> QualityModel:
    """Read a model from its folder.

    Raises:
        ConfigError: It is not there, damaged, or of another form.
    """
    tensors: Any = import_module("safetensors.numpy")
    try:
        settings = cast("dict[str, Any]", json.loads((folder / SETTINGS).read_text("utf-8")))
        arrays: dict[str, Any] = tensors.load((folder / ARRAYS).read_bytes())
        found = {"kind": settings.get("kind"), "form": settings.get("form")}
        if found == {"kind": "quality", "form": FORM}:
            return _made(settings, arrays)
    except Exception as error:
        raise ConfigError(
            f"The quality router in {str(folder)!r} cannot be read: {type(error).__name__}: {error}. "
            f"Expected {SETTINGS} and {ARRAYS}, as training wrote them. Train it: herd train quality."
        ) from error
    raise ConfigError(
        f"The router in {str(folder)!r} is of kind {found['kind']!r} and form {found['form']!r}. "
        f"Expected kind 'quality' and form {FORM}. Train it anew: herd train quality."
    )


def _made(settings: dict[str, Any], arrays: dict[str, Any]) -> QualityModel:
    kinds = None
    if settings["kinds"] is not None:
        parts = {name: arrays[f"kinds.{name}"] for name in _KINDS}
        kinds = Kinds(names=tuple(settings["kinds"]), **parts)
    return QualityModel(
        experts=tuple(settings["experts"]),
        embedder=settings["embedder"],
        fingerprint=settings["fingerprint"],
        reading=Reading(
            **{name: arrays[f"reading.{name}"] for name in _READING},
            extra=len(settings["feature_names"]),
        ),
        forest=Forest(
            **{name: arrays[f"forest.{name}"] for name in _FOREST}, depth=int(settings["depth"])
        ),
        kinds=kinds,
        factors=arrays.get("factors"),
        costs=CostLines(usd_lines=arrays["costs.usd"], second_lines=arrays.get("costs.seconds")),
        prompts=tuple(settings["prompts"]),
        usual=float(settings["usual"]),
        margin=float(settings["margin"]),
        feature_names=tuple(settings["feature_names"]),
        newcomers=tuple(
            Newcomer(**each, **{name: arrays[f"new.{number}.{name}"] for name in _NEW})
            for number, each in enumerate(settings["newcomers"])
        ),
        figures=settings["figures"],
        **{name: arrays[name] for name in _OWN},
    )


def _replace(path: Path, content: bytes) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_bytes(content)
    aside.replace(path)


__all__ = ("load", "save")
