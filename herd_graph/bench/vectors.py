"""Vectors of a benchmark's texts, kept on disk: a small model needs minutes for thousands of them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from herd_graph.config import home
from herd_graph.discovery.embedders import Embedder, Vectors


def remembered(texts: Sequence[str], embedder: Embedder, folder: Path | None = None) -> Vectors:
    """Return a vector for each text, from HERD's home where they were made before.

    Args:
        texts: What to embed.
        embedder: What makes vectors.
        folder: Where they are kept: ``cache/vectors`` in HERD's home by default.
    """
    import numpy as np

    kept = folder or home() / "cache" / "vectors"
    key = hashlib.sha256("\0".join([embedder.name, *texts]).encode()).hexdigest()[:16]
    path = kept / f"{key}.npy"
    if path.exists():
        try:
            found = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError):
            found = None  # cut short by a full disk: made again
        if found is not None and found.shape == (len(texts), embedder.dimensions):
            return found
    made = embedder.embed(texts)
    kept.mkdir(parents=True, exist_ok=True)
    aside = kept / f".{key}.{os.getpid()}.npy"
    np.save(aside, made, allow_pickle=False)
    aside.replace(path)
    return made


__all__ = ("remembered",)
