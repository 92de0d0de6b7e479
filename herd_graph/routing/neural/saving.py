"""Save and load a plan network: weights as safetensors, facts as JSON. Nothing is pickled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from herd_graph.errors import ConfigError, ModelCorrupt, ModelMissing
from herd_graph.routing.neural.network import Array, Decoder, Encoder

FORMAT = 1
WEIGHTS, FACTS = "network.safetensors", "network.json"
_ENCODER = "encoder."


@dataclass(frozen=True, kw_only=True)
class Network:
    """A plan network, ready to write plans."""

    symbols: tuple[str, ...]
    encoder: Encoder
    decoder: Decoder
    ports: Mapping[str, str]
    """For each expert that it was trained with, its signature then."""
    calibration: tuple[float, float]
    """Slope and offset that turn the logit of a plan's probability into that of being right."""
    facts: Mapping[str, Any]


def save(
    folder: Path, arrays: Mapping[str, Array], encoder: Mapping[str, Any], facts: Mapping[str, Any]
) -> Path:
    """Write a network into a folder, which is made where it is missing; return the folder.

    Args:
        folder: Where to.
        arrays: The decoder's weights, by name.
        encoder: What replaces the base model's initializers, by their names.
        facts: ``symbols``, ``heads``, ``base``, ``ports``, ``calibration`` and what people want to know.

    Raises:
        ConfigError: The folder cannot be written to.
    """
    import numpy as np

    numpy_files: Any = import_module("safetensors.numpy")
    held = {name: np.ascontiguousarray(each, dtype=np.float16) for name, each in arrays.items()}
    held |= {f"{_ENCODER}{name}": np.ascontiguousarray(each) for name, each in encoder.items()}
    content: bytes = numpy_files.save(held)
    told = {**facts, "format": FORMAT, "sha256": hashlib.sha256(content).hexdigest()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The facts name the weights by hash and come last: a torn save is noticed, never half used.
        (folder / WEIGHTS).write_bytes(content)
        (folder / FACTS).write_text(
            json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
    except OSError as error:
        raise ConfigError(
            f"The plan network cannot be saved in {str(folder)!r}: {error.strerror or error}. "
            "Expected a folder that can be written to. Name another one."
        ) from error
    return folder


def load(folder: Path) -> Network:
    """Read a network.

    Raises:
        ModelMissing: There is none in the folder.
        ModelCorrupt: It is damaged, or of another version.
    """
    import numpy as np

    numpy_files: Any = import_module("safetensors.numpy")
    try:
        said: Any = json.loads((folder / FACTS).read_bytes())
        content = (folder / WEIGHTS).read_bytes()
    except FileNotFoundError as error:
        raise ModelMissing(
            f"There is no plan network in {str(folder)!r} ({Path(str(error.filename)).name} is "
            "missing). Expected what 'make network' writes. Name its folder, or route by "
            "router='semantic'."
        ) from error
    except (OSError, ValueError) as error:
        raise _corrupt(folder, f"it cannot be read ({error})") from error
    if not isinstance(said, dict):
        raise _corrupt(folder, f"{FACTS} holds no JSON object")
    facts = cast("dict[str, Any]", said)
    if facts.get("format") != FORMAT:
        raise _corrupt(folder, "it was written by another version of HERD")
    if hashlib.sha256(content).hexdigest() != facts.get("sha256"):
        raise _corrupt(folder, f"{WEIGHTS} is not the file that {FACTS} names")
    try:
        arrays: dict[str, Any] = numpy_files.load(content)
        encoder = {
            name.removeprefix(_ENCODER): arrays.pop(name).tobytes()
            for name in list(arrays)
            if name.startswith(_ENCODER)
        }
        wide = {name: each.astype(np.float32) for name, each in arrays.items()}
        slope, offset = facts["calibration"]
        return Network(
            symbols=tuple(facts["symbols"]),
            encoder=Encoder(encoder, facts["base"]),
            decoder=Decoder(wide, int(facts["heads"])),
            ports=dict(facts["ports"]),
            calibration=(float(slope), float(offset)),
            facts={key: value for key, value in facts.items() if key != "symbols"},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _corrupt(folder, f"{type(error).__name__}: {error}") from error


def _corrupt(folder: Path, why: str) -> ModelCorrupt:
    return ModelCorrupt(
        f"The plan network in {str(folder)!r} cannot be used: {why}. Expected what 'make network' "
        "writes. Train it again, install herd-graph again, or route by router='semantic'."
    )


__all__ = ("FACTS", "WEIGHTS", "Network", "load", "save")
