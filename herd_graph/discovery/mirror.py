"""The mirror: every stored vector in one file beside one list of what the rows are.

It answers queries without Chroma, whose import alone takes longer than routing. The list names the
file of vectors by the hash of its content and is replaced in one rename, so that two processes that
write at once leave one consistent pair behind, and a torn or damaged pair is noticed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import json
import secrets
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from herd_graph.discovery.embedders import Vectors

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class CardRows:
    """The vectors of one card, and the texts that they stand for."""

    fingerprint: str
    texts: tuple[tuple[str, str], ...]
    """What each row is (description, tags, example) and its text."""
    vectors: Vectors


class Mirror:
    """The file pair in ``folder`` for the vectors of one embedder."""

    def __init__(self, folder: Path, embedder: str, dimensions: int) -> None:
        self.folder = folder
        self._embedder = embedder
        self._dimensions = dimensions
        self._list = folder / f"{embedder}.json"

    def load(self) -> dict[str, CardRows] | None:
        """Return the rows by card id; None where the files are missing or damaged."""
        import numpy as np

        try:
            data: dict[str, Any] = json.loads(self._list.read_bytes())
            if data["format"] != FORMAT or data["embedder"] != self._embedder:
                return None
            content = (self.folder / str(data["vectors"])).read_bytes()
            if hashlib.sha256(content).hexdigest()[:16] not in str(data["vectors"]):
                return None
            vectors = np.load(io.BytesIO(content), allow_pickle=False)
            if vectors.shape[1:] != (self._dimensions,) or not np.isfinite(vectors).all():
                return None
            loaded: dict[str, CardRows] = {}
            start = 0
            for card, entry in cast("dict[str, dict[str, Any]]", data["cards"]).items():
                texts = tuple((str(what), str(text)) for what, text in entry["texts"])
                loaded[card] = CardRows(
                    fingerprint=str(entry["fingerprint"]),
                    texts=texts,
                    vectors=vectors[start : start + len(texts)],
                )
                start += len(texts)
            return loaded if start == len(vectors) else None
        except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
            return None

    def save(self, cards: Mapping[str, CardRows]) -> None:
        """Replace the files. Called under ``locked``."""
        import numpy as np

        kept = dict(sorted(cards.items()))
        stacked = (
            np.concatenate([each.vectors for each in kept.values()])
            if kept
            else np.zeros((0, self._dimensions), dtype=np.float32)
        )
        buffer = io.BytesIO()
        np.save(buffer, stacked.astype(np.float32), allow_pickle=False)
        content = buffer.getvalue()
        name = f"{self._embedder}-{hashlib.sha256(content).hexdigest()[:16]}.npy"
        _replace(self.folder / name, content)
        listed = {
            "format": FORMAT,
            "embedder": self._embedder,
            "vectors": name,
            "cards": {
                card: {"fingerprint": rows.fingerprint, "texts": rows.texts}
                for card, rows in kept.items()
            },
        }
        _replace(self._list, json.dumps(listed, ensure_ascii=False).encode())
        for old in self.folder.glob(f"{self._embedder}-*.npy"):
            if old.name != name:
                old.unlink(missing_ok=True)

    @contextlib.contextmanager
    def locked(self) -> Generator[None]:
        """Keep other processes from writing meanwhile; released by the system if this one dies."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(handle, fcntl.LOCK_UN)


def _replace(path: Path, content: bytes) -> None:
    aside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
